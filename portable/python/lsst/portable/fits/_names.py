# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of files that choose an HDU, as CFITSIO understands them."""

from __future__ import annotations

import os
import re

from ._errors import FitsError

__all__ = ("split_name",)

_SECTION = re.compile(r"[-+*:\d\s]*[*:][-+*:\d\s]*(,[-+*:\d\s]+)*")

_CHOOSING = re.compile(
    r"(?P<path>.*?[^\s\[])\s*(?:\+(?P<number>\d{1,4})|(?P<brackets>(?:\[[^\[\]]*\]\s*)+))", re.DOTALL
)


def split_name(name: str) -> tuple[str, str | None]:
    """Split a name into the path of a file and its choice of an HDU.

    Parameters
    ----------
    name : `str`
        Name such as ``image.fits``, ``image.fits[1]``, ``image.fits[SCI,2]`` or ``image.fits+1``. The name of
        a file that exists is taken as it is.

    Returns
    -------
    path : `str`
        Path of the file.
    chosen : `str` or `None`
        What chooses the HDU.

    Raises
    ------
    FitsError
        Raised if the name asks for a part of an image or for any other filter of CFITSIO.
    """
    match = _CHOOSING.fullmatch(name)
    if match is None or os.path.exists(name):
        return name, None
    path, number, brackets = match.group("path", "number", "brackets")
    if number is not None:
        return path, number
    chosen = [part.strip() for part in re.findall(r"\[([^\[\]]*)\]", brackets)]
    if len(chosen) > 1 or _SECTION.fullmatch(chosen[0]):
        msg = (
            f"{name}: the name of a file can choose one HDU, by number or by EXTNAME; a part of an image is "
            "read with a box (bbox)."
        )
        raise FitsError(msg)
    return path, chosen[0]
