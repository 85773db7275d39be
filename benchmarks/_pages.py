# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands of a page of the documentation, so that they can be executed as they are."""

from __future__ import annotations

import pathlib
import re

__all__ = ("DOC", "commands")

DOC = pathlib.Path(__file__).resolve().parents[1] / "doc"
"""Folder of the pages."""
_PROGRAM = re.compile(r"(?:\w+=\S+ )*(?:export|pip|python|cpsky|pipetask|butler|bps|createdb|psql)\b")


def commands(page: str) -> list[str]:
    """Return the commands in the indented blocks of a page, without comments, continued lines in one."""
    text = (DOC / page).read_text(encoding="utf-8").replace("\\\n", " ")
    blocks = (line.strip() for line in text.splitlines() if line.startswith("    "))
    found = (re.sub(r"\s+#.*", "", line) for line in blocks if _PROGRAM.match(line))
    return [" ".join(line.split()) for line in found]
