# SPDX-License-Identifier: GPL-3.0-or-later
"""What transforms with the same text share: the mapping of the AST library, and its text.

Every exposure of a camera carries the transforms of all its detectors, some 400 for LSSTCam, and they are the
same in all exposures. A process reads and writes each of them once.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from . import _ast
from ._ast_text import check_mapping_text

if TYPE_CHECKING:
    from starlink import Ast

__all__ = ("Content",)

_MOST_KEPT = 1024
"""Enough for two large cameras; a few MB."""


class Content:
    """A mapping and its text. Immutable, so that threads may share it.

    Parameters
    ----------
    mapping : `starlink.Ast.Mapping`
        The mapping, which belongs to this object from now on.
    """

    __slots__ = ("_readable", "_text", "mapping")

    def __init__(self, mapping: Ast.Mapping) -> None:
        self.mapping = mapping
        self._text: str | None = None
        self._readable = False

    @staticmethod
    @functools.lru_cache(maxsize=_MOST_KEPT)
    def read(text: str) -> Content:
        """Make the mapping of a text, or take it from the last ones that were read.

        Raises
        ------
        ValueError
            Raised if the text is not an AST mapping, or its parts do not fit together.
        """
        return Content(_ast.mapping_from_text(text))

    @property
    def text(self) -> str:
        """The mapping as AST writes it (`str`)."""
        if self._text is None:
            self._text = _ast.mapping_to_text(self.mapping)
        return self._text

    @property
    def readable_text(self) -> str:
        """The same, checked (`str`).

        Raises
        ------
        ValueError
            Raised if the text could not be read back.
        """
        if not self._readable:
            check_mapping_text(self.text)
            self._readable = True
        return self.text
