# SPDX-License-Identifier: GPL-3.0-or-later
"""A look at the text dump of an AST mapping before AST reads it.

AST trusts what it reads: a text that lacks a part of a compound mapping ends the process, one that claims a
million axes keeps it busy for ever. Damaged files have such texts.
"""

from __future__ import annotations

import dataclasses
import re
from typing import NoReturn

__all__ = ("check_mapping_text",)

_LINE = re.compile(r" *(?:(Begin|End|IsA) ([A-Za-z]\w*)|([A-Za-z]\w*) =(?: (.*\S))?) *", re.ASCII)
_PARTS = {"CmpMap": ("MapA", "MapB"), "TranMap": ("MapA", "MapB")}
_OF_MAPPINGS = re.compile(r"Nin|Nout|Invert|IsSimp|Fwd|Inv|Report|ID|Ident|UseDef", re.ASCII)
"""What every mapping has, before the line ``IsA Mapping``."""

_OWN = {
    "CmpMap": re.compile(r"Map[AB]|Inv[AB]|Series", re.ASCII),
    "TranMap": re.compile(r"Map[AB]|Inv[AB]", re.ASCII),
    "WinMap": re.compile(r"(Sft|Scl)\d+", re.ASCII),
    "ShiftMap": re.compile(r"Sft\d+", re.ASCII),
    "ZoomMap": re.compile(r"Zoom", re.ASCII),
    "UnitMap": re.compile(r"(?!)"),
    "MatrixMap": re.compile(r"I?M\d+|Form", re.ASCII),
    "PolyMap": re.compile(r"(MP|NC|C|P)[FI]\d+|IterInv|NiterInv|TolInv", re.ASCII),
}
"""What the classes that cameras are made of have, after that line."""

_FLAG = re.compile(r"Invert|IsSimp|Inv[AB]|Series|IterInv", re.ASCII)
_VALUE = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?|<bad>|\"[^\"]*\"", re.ASCII)
_COUNT = re.compile(r"N[a-z]*|[MN][A-Z]+\d+|P[FI]\d+", re.ASCII)
_MOST = 10_000
"""No axis, power or coefficient of a camera comes in greater numbers."""
_DEEPEST = 200
"""AST reads nested mappings by recursion."""


@dataclasses.dataclass
class _Object:
    """An object whose end has not come yet."""

    name: str
    values: dict[str, str] = dataclasses.field(default_factory=dict)
    parts: set[str] = dataclasses.field(default_factory=set)
    classes: list[str] = dataclasses.field(default_factory=list)

    def takes(self, name: str) -> bool:
        """Whether a value or part of this name may come next; what it has as a mapping comes first."""
        if self.name not in _OWN:
            return True
        known = _OWN[self.name] if "Mapping" in self.classes else _OF_MAPPINGS
        return known.fullmatch(name) is not None

    def axes(self) -> tuple[int, int]:
        """Numbers of input and output axes."""
        nin = int(self.values.get("Nin", 0))
        return nin, int(self.values.get("Nout", nin))

    def numbers(self, start: str) -> list[tuple[int, str]]:
        """Numbered values: those whose name is a letter code and a number."""
        return [
            (int(key[len(start) :]), value)
            for key, value in self.values.items()
            if key.startswith(start) and key[len(start) :].isdigit()
        ]


def check_mapping_text(text: str) -> None:
    """Make sure that AST can read a text without harm.

    Parameters
    ----------
    text : `str`
        Dump of a mapping: lines ``Begin``, ``End``, ``IsA`` with a class, ``name = value``, and ``name =``
        before an object that is part of another.

    Raises
    ------
    ValueError
        Raised if the lines are not of this form, do not nest, lack a part of a compound mapping, or count
        what a camera cannot have that many of.
    """
    open_objects: list[_Object] = []
    part: str | None = None
    done = False
    for number, line in enumerate(text.splitlines(), start=1):
        match = _LINE.fullmatch(line)
        if match is None or done or (part is not None and match[1] != "Begin"):
            _fail(number, line, "does not belong there")
        word, cls, name, value = match.groups()
        if word == "Begin":
            if (part is None) == bool(open_objects) or len(open_objects) >= _DEEPEST:
                _fail(number, line, "begins an object out of place")
            if open_objects and part is not None:
                open_objects[-1].parts.add(part)
            open_objects.append(_Object(cls))
            part = None
        elif not open_objects:
            _fail(number, line, "belongs to no object")
        elif word == "IsA":
            open_objects[-1].classes.append(cls)
        elif word == "End":
            _check_end(number, line, cls, open_objects.pop())
            done = not open_objects
        elif not open_objects[-1].takes(name):
            _fail(number, line, f"is nothing that a {open_objects[-1].name} has there")
        elif value is None:
            part = name
        else:
            _check_value(number, line, name, value)
            if name in open_objects[-1].values:
                _fail(number, line, "gives a value again")
            open_objects[-1].values[name] = value
    if not done:
        _fail(text.count("\n"), "", "is the last: the text has been cut off")


def _check_value(number: int, line: str, name: str, value: str) -> None:
    """Check a value: a number, or a text in quotes; a whole number of sensible size where it counts."""
    if not _VALUE.fullmatch(value):
        _fail(number, line, "has no value that can be read")
    most = 1 if _FLAG.fullmatch(name) else _MOST if _COUNT.fullmatch(name) else None
    if most is not None and not (value.isdigit() and int(value) <= most):
        _fail(number, line, f"has to be a whole number from 0 to {most}")


def _check_end(number: int, line: str, cls: str, found: _Object) -> None:
    """Check an object that has come to its end."""
    if cls != found.name:
        _fail(number, line, f"ends a {found.name}")
    if missing := [name for name in _PARTS.get(cls, ()) if name not in found.parts]:
        _fail(number, line, f"ends an object that lacks {' and '.join(missing)}")
    if found.classes.count("Mapping") != 1 or int(found.values.get("Nin", 0)) < 1:
        _fail(number, line, "ends an object that is not an AST mapping")
    if not _numbers_fit(found):
        _fail(number, line, f"ends a {cls} with a number for something that it does not have")


def _numbers_fit(found: _Object) -> bool:
    """Whether an object has all the axes and coefficients that it has numbers for: AST does not look."""
    nin, nout = found.axes()
    if found.name in ("WinMap", "ShiftMap"):
        return all(1 <= axis <= nin for start in ("Sft", "Scl") for axis, _ in found.numbers(start))
    if found.name == "MatrixMap":
        return all(element < nin * nout for start in ("M", "IM") for element, _ in found.numbers(start))
    return _powers_fit(found, "F", nin, nout) and _powers_fit(found, "I", nout, nin)


def _powers_fit(found: _Object, direction: str, axes: int, results: int) -> bool:
    """Whether the terms of a polynomial, and their powers, are as many as it says."""
    counts = found.numbers("NC" + direction)
    limits = dict(found.numbers("MP" + direction))
    terms = sum(int(count) for _, count in counts)
    if any(not 1 <= index <= results for index, _ in counts) or not all(1 <= key <= axes for key in limits):
        return False
    if any(not 1 <= index <= terms for index, _ in found.numbers("C" + direction)):
        return False
    return all(
        1 <= index <= terms * axes and int(power) <= int(limits.get((index - 1) % axes + 1, 0))
        for index, power in found.numbers("P" + direction)
    )


def _fail(number: int, line: str, what: str) -> NoReturn:
    msg = f"line {number} of the text of a mapping ({line.strip()[:40]!r}) {what}"
    raise ValueError(msg)
