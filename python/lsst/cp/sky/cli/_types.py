# SPDX-License-Identifier: GPL-3.0-or-later
"""Types of arguments that several commands take."""

from __future__ import annotations

import os
import pathlib
from typing import Any

import click

__all__ = ("FOLDER",)


class _Folder(click.Path):
    """A folder as the butler has it: variables of the environment and ``~`` in its name are expanded."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return super().convert(os.path.expanduser(os.path.expandvars(value)), param, ctx)


FOLDER = _Folder(path_type=pathlib.Path)
"""A folder that need not be there."""
