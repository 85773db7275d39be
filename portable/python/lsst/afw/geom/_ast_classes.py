# SPDX-License-Identifier: GPL-3.0-or-later
"""The AST classes used in camera transforms, and what an object of each must contain.

All others are rejected: there are some fifty, and several crash the process if a part is missing.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable

__all__ = ("Node", "find_fault", "is_known", "takes")

_OF_MAPPINGS = re.compile(r"Nin|Nout|Invert|IsSimp|Fwd|Inv|ID|Ident|UseDef", re.ASCII)
"""Attributes that every mapping may have, before the line ``IsA Mapping``.

Report is not among them: AST would print every point that is transformed.
"""


@dataclasses.dataclass
class Node:
    """An object as described by its text.

    Attributes
    ----------
    cls : `str`
        Its class.
    values : `dict` [`str`, `str`]
        Values by name.
    parts : `dict` [`str`, `Node`]
        Objects that are part of it, by name.
    classes : `list` [`str`]
        Classes to which it claims to belong.
    """

    cls: str
    values: dict[str, str] = dataclasses.field(default_factory=dict)
    parts: dict[str, Node] = dataclasses.field(default_factory=dict)
    classes: list[str] = dataclasses.field(default_factory=list)

    def axes(self, *, inverted: bool = False) -> tuple[int, int]:
        """Return the numbers of input and output axes, as stored or swapped."""
        nin = int(self.values.get("Nin", 0))
        nout = int(self.values.get("Nout", nin))
        return (nout, nin) if inverted else (nin, nout)

    def numbered(self, start: str) -> dict[int, str]:
        """Return the numbered values, whose names are a letter code and a number."""
        return {
            int(key[len(start) :]): value
            for key, value in self.values.items()
            if key.startswith(start) and key[len(start) :].isdigit()
        }

    def flag(self, name: str) -> bool:
        """Return whether a flag is set."""
        return self.values.get(name, "0") == "1"


_UNKNOWN_NUMBER = "a number for something that it does not have"


def _same_axes(node: Node, *starts: str) -> str | None:
    """Check a mapping that preserves the number of axes and has values for some of them."""
    nin, nout = node.axes()
    if nin != nout:
        return f"{nin} axes that become {nout}"
    if any(not 1 <= axis <= nin for start in starts for axis in node.numbered(start)):
        return _UNKNOWN_NUMBER
    return None


def _matrix(node: Node) -> str | None:
    nin, nout = node.axes()
    sizes = {'"Full"': nin * nout, '"Diagonal"': min(nin, nout), '"Unit"': 0}
    form = node.values.get("Form", "")
    if form not in sizes:
        return f"the form {form or 'of nothing'}"
    for start in ("M", "IM"):
        given = node.numbered(start)
        if any(element >= sizes[form] for element in given):
            return _UNKNOWN_NUMBER
        if len(given) != sizes[form] and (given or start == "M"):
            return f"{len(given)} of {sizes[form]} elements"
    return None


def _unit_norm(node: Node) -> str | None:
    nin, nout = node.axes()
    if nout != nin + 1:
        return f"{nin} axes that become {nout}"
    return _UNKNOWN_NUMBER if any(not 1 <= axis <= nin for axis in node.numbered("Ctr")) else None


def _permutation(node: Node) -> str | None:
    nin, nout = node.axes()
    constants = int(node.values.get("Nconst", "0"))
    if set(node.numbered("Con")) != set(range(1, constants + 1)):
        return f"other constants than {constants}"
    for start, count, others in (("In", nin, nout), ("Out", nout, nin)):
        given = node.numbered(start)
        if any(not 1 <= axis <= count for axis in given):
            return _UNKNOWN_NUMBER
        # An axis that is not given is connected to the one of the same number.
        if any(not -constants <= int(given.get(axis, axis)) <= others for axis in range(1, count + 1)):
            return "an axis joined to one that does not exist"
    return None


def _fixed_axes(nin: int, nout: int) -> Callable[[Node], str | None]:
    """Return the check for a class with fixed numbers of axes."""

    def check(node: Node) -> str | None:
        return None if node.axes() == (nin, nout) else f"other axes than {nin} and {nout}"

    return check


def _polynomial(node: Node) -> str | None:
    nin, nout = node.axes()
    forward, inverse = _terms(node, "F", nin, nout), _terms(node, "I", nout, nin)
    if isinstance(forward, str) or isinstance(inverse, str):
        return forward if isinstance(forward, str) else str(inverse)
    if not forward and not inverse:
        return "no terms"
    if node.flag("IterInv") and (nin != nout or not forward):
        return "nothing that could be inverted by iteration"
    return None


def _terms(node: Node, direction: str, axes: int, results: int) -> int | str:
    """Count the terms of a polynomial in one direction, or say what is wrong with them."""
    counts = {index: int(count) for index, count in node.numbered("NC" + direction).items()}
    limits = {axis: int(power) for axis, power in node.numbered("MP" + direction).items()}
    coefficients, powers = node.numbered("C" + direction), node.numbered("P" + direction)
    terms = sum(counts.values())
    if any(not 1 <= index <= results for index in counts) or any(not 1 <= axis <= axes for axis in limits):
        return _UNKNOWN_NUMBER
    if any(not 1 <= index <= terms for index in coefficients):
        return _UNKNOWN_NUMBER
    for index, power in powers.items():
        if not 1 <= index <= terms * axes or int(power) > limits.get((index - 1) % axes + 1, 0):
            return _UNKNOWN_NUMBER
    if len(coefficients) != terms:
        return f"{len(coefficients)} coefficients for {terms} terms"
    return terms


def _compound(node: Node) -> str | None:
    (in_a, out_a), (in_b, out_b) = _axes_of_parts(node)
    if node.values.get("Series", "1") == "0":
        fits, axes = True, (in_a + in_b, out_a + out_b)
    else:
        fits, axes = out_a == in_b, (in_a, out_b)
    return None if fits and node.axes() == axes else "parts that do not fit"


def _one_way_each(node: Node) -> str | None:
    first, second = _axes_of_parts(node)
    return None if first == second == node.axes() else "parts that do not fit"


def _axes_of_parts(node: Node) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the axes of both parts, in the direction in which they are used."""
    first, second = (node.parts["Map" + x].axes(inverted=node.flag("Inv" + x)) for x in "AB")
    return first, second


@dataclasses.dataclass(frozen=True)
class _Kind:
    """The attributes of a class, after the line ``IsA Mapping``, and its check."""

    own: re.Pattern[str]
    check: Callable[[Node], str | None]
    parts: tuple[str, ...] = ()


def _kind(own: str, check: Callable[[Node], str | None], parts: tuple[str, ...] = ()) -> _Kind:
    return _Kind(re.compile(own, re.ASCII), check, parts)


_PARTS = ("MapA", "MapB")
_KINDS = {
    "CmpMap": _kind(r"Map[AB]|Inv[AB]|Series", _compound, _PARTS),
    "TranMap": _kind(r"Map[AB]|Inv[AB]", _one_way_each, _PARTS),
    "UnitMap": _kind(r"(?!)", _same_axes),
    "ShiftMap": _kind(r"Sft\d+", lambda node: _same_axes(node, "Sft")),
    "ZoomMap": _kind(r"Zoom", _same_axes),
    "WinMap": _kind(r"(Sft|Scl)\d+", lambda node: _same_axes(node, "Sft", "Scl")),
    "MatrixMap": _kind(r"I?M\d+|Form", _matrix),
    "PermMap": _kind(r"(In|Out|Con)\d+|Nconst", _permutation),
    "UnitNormMap": _kind(r"Ctr\d+", _unit_norm),
    "PcdMap": _kind(r"PcdCn[01]|Disco", _fixed_axes(2, 2)),
    "PolyMap": _kind(r"(MP|NC|C|P)[FI]\d+|IterInv|NiterInv|TolInv", _polynomial),
}


def is_known(cls: str) -> bool:
    """Return whether a transform may contain objects of a class."""
    return cls in _KINDS


def takes(node: Node, name: str) -> bool:
    """Return whether a value or part of this name may come next; attributes of a mapping come first."""
    known = _KINDS[node.cls].own if "Mapping" in node.classes else _OF_MAPPINGS
    return known.fullmatch(name) is not None


def find_fault(node: Node) -> str | None:
    """Describe what is wrong with a completely read object.

    Parameters
    ----------
    node : `Node`
        An object of a known class, whose parts have been checked.

    Returns
    -------
    fault : `str` or `None`
        `None` if AST may read it.
    """
    kind = _KINDS[node.cls]
    if missing := [name for name in kind.parts if name not in node.parts]:
        return f"an object that lacks {' and '.join(missing)}"
    if set(node.parts) != set(kind.parts):
        return "an object with parts that it does not have"
    nin, nout = node.axes()
    if node.classes != ["Mapping"] or nin < 1 or nout < 1:
        return "an object that is not an AST mapping"
    fault = kind.check(node)
    return None if fault is None else f"a {node.cls} with {fault}"
