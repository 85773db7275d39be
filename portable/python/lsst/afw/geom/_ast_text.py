# SPDX-License-Identifier: GPL-3.0-or-later
"""Validation of the text dump of an AST mapping before AST reads it.

AST trusts what it reads: a text that lacks part of a compound mapping crashes the process, and one that
claims a million axes keeps it busy forever. Damaged files contain such texts. This module parses the lines;
`_ast_classes` knows what objects of each class may contain.
"""

from __future__ import annotations

import functools
import re
from typing import NoReturn

from ._ast_classes import Node, find_fault, is_known, takes

__all__ = ("check_mapping_text",)

_LINE = re.compile(r" *(?:(Begin|End|IsA) ([A-Za-z]\w*)|([A-Za-z]\w*) =(?: (.*\S))?) *", re.ASCII)
_VALUE = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?|\"[^\"]*\"", re.ASCII)
_WHOLE = {
    re.compile(r"Invert|IsSimp|Fwd|Inv[AB]?|Series|IterInv", re.ASCII): 1,
    re.compile(r"Nin|Nout|Nconst", re.ASCII): 16,
    re.compile(r"MP[FI]\d+|P[FI]\d+|NiterInv", re.ASCII): 1000,
    re.compile(r"NC[FI]\d+", re.ASCII): 10_000,
}
"""Largest allowed values of counts and flags; no camera has more."""
_INDEX = re.compile(r"(In|Out)\d+", re.ASCII)
_INDEX_VALUE = re.compile(r"-?\d{1,3}", re.ASCII)

_LARGEST = 1e50
"""AST never finishes simplifying mappings with numbers near the limit of a double."""
_MOST_CHARACTERS = 1 << 20
"""The mappings of real cameras take some 16,000."""
_MOST_OBJECTS = 1000
_DEEPEST = 100
"""AST reads nested mappings recursively."""

_REAL = re.compile(
    r"^( *(?:(?:Sft|Scl|I?M|Ctr|Con|C[FI])\d+|Zoom|TolInv|PcdCn[01]|Disco) = )"
    r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?)$",
    re.ASCII | re.MULTILINE,
)
"""Lines with numbers that may have any value of sensible size: no check of a class looks at them."""
_LONGEST_FORM = 1 << 16
"""Longer texts are not remembered."""


def check_mapping_text(text: str) -> None:
    """Check that AST can read a text safely.

    Parameters
    ----------
    text : `str`
        Dump of a mapping: lines ``Begin``, ``End``, ``IsA`` with a class, ``name = value``, and ``name =``
        before an object that is part of another.

    Raises
    ------
    ValueError
        Raised if the text is too long, its lines do not have this form or do not nest, it contains an object
        of a class not used in camera transforms, or an object lacks the parts and numbers that its class
        needs.
    """
    if len(text) > _MOST_CHARACTERS:
        msg = f"the text of a mapping has {len(text)} characters; expected at most {_MOST_CHARACTERS}"
        raise ValueError(msg)
    # A camera has hundreds of mappings of a handful of forms, which differ in numbers only.
    form = _REAL.sub(r"\g<1>0", text)
    small = all(abs(float(value)) <= _LARGEST for _, value in _REAL.findall(text))
    if not (small and len(form) <= _LONGEST_FORM and _is_sound(form)):
        _check_lines(text)


@functools.lru_cache(maxsize=64)
def _is_sound(form: str) -> bool:
    """Return whether a text passes the check line by line."""
    try:
        _check_lines(form)
    except ValueError:
        return False
    return True


def _check_lines(text: str) -> None:
    """Check a text line by line; see `check_mapping_text`."""
    reader = _Reader()
    for number, line in enumerate(text.splitlines(), start=1):
        reader.take(number, line)
    if not reader.done:
        _fail(text.count("\n"), "", "is the last: the text has been cut off")


class _Reader:
    """The objects read so far."""

    def __init__(self) -> None:
        self.done = False
        self._open: list[Node] = []
        self._part: str | None = None
        self._count = 0

    def take(self, number: int, line: str) -> None:
        """Process the next line."""
        match = _LINE.fullmatch(line)
        if match is None or self.done or (self._part is not None and match[1] != "Begin"):
            _fail(number, line, "does not belong there")
        word, cls, name, value = match.groups()
        if word == "Begin":
            self._begin(number, line, cls)
        elif not self._open:
            _fail(number, line, "belongs to no object")
        elif word == "IsA":
            self._open[-1].classes.append(cls)
        elif word == "End":
            self._end(number, line, cls)
        elif not takes(self._open[-1], name):
            _fail(number, line, f"is nothing that a {self._open[-1].cls} has there")
        elif value is None:
            self._part = name
        else:
            _check_value(number, line, name, value)
            if name in self._open[-1].values:
                _fail(number, line, "gives a value again")
            self._open[-1].values[name] = value

    def _begin(self, number: int, line: str, cls: str) -> None:
        """Begin an object."""
        self._count += 1
        if (self._part is None) == bool(self._open) or len(self._open) >= _DEEPEST:
            _fail(number, line, "begins an object out of place")
        if self._count > _MOST_OBJECTS:
            _fail(number, line, f"begins one object too many; expected at most {_MOST_OBJECTS}")
        if not is_known(cls):
            _fail(number, line, "begins an object of a class that no transform of a camera is made of")
        node = Node(cls)
        if self._open and self._part is not None:
            if self._part in self._open[-1].parts:
                _fail(number, line, f"begins {self._part} again")
            self._open[-1].parts[self._part] = node
        self._open.append(node)
        self._part = None

    def _end(self, number: int, line: str, cls: str) -> None:
        """End the object begun last, and check it as a whole."""
        node = self._open.pop()
        if cls != node.cls:
            _fail(number, line, f"ends a {node.cls}")
        if (fault := find_fault(node)) is not None:
            _fail(number, line, f"ends {fault}")
        self.done = not self._open


def _check_value(number: int, line: str, name: str, value: str) -> None:
    """Check a value: a number, a quoted string, or for counts a whole number of sensible size."""
    if not _VALUE.fullmatch(value):
        _fail(number, line, "has no value that can be read")
    if value[0] != '"' and abs(float(value)) > _LARGEST:
        _fail(number, line, f"is beyond what a camera has ({_LARGEST:g})")
    if _INDEX.fullmatch(name) and not _INDEX_VALUE.fullmatch(value):
        _fail(number, line, "has to be a whole number")
    for names, most in _WHOLE.items():
        if names.fullmatch(name) and not (value.isdigit() and int(value) <= most):
            _fail(number, line, f"has to be a whole number from 0 to {most}")


def _fail(number: int, line: str, what: str) -> NoReturn:
    msg = f"line {number} of the text of a mapping ({line.strip()[:40]!r}) {what}"
    raise ValueError(msg)
