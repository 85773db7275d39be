# SPDX-License-Identifier: GPL-3.0-or-later
"""Our interface to the AST library; every call to starlink-pyast is in this module.

AST mappings are mutable objects (they can be inverted in place); all functions here leave their arguments
unchanged and return new mappings. Points are float64 arrays of shape ``(naxes, npoints)``.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

import numpy as np
from starlink import Ast

import lsst.pex.exceptions

from ._ast_text import check_mapping_text

__all__ = (
    "apply",
    "frame_set",
    "is_mapping",
    "jacobian",
    "linear_mapping",
    "mapping_from_text",
    "mapping_to_text",
    "plane_frame",
    "polynomial_1d",
    "polynomial_pair_1d",
    "radial_mapping",
    "reverse",
    "series",
    "simplify",
    "unit_mapping",
    "without_marks",
)

#: The value AST returns for a coordinate it cannot compute.
_AST_BAD = -np.finfo(np.float64).max

#: What AST raises. The message of an internal error may come from memory that has already been freed.
_GIVES_UP = (Ast.AstError, UnicodeDecodeError)

#: AST's mark of a mapping that cannot be simplified further.
_SIMPLIFIED = "IsSimp = 1"

#: How the stack inverts a radial polynomial: at most 30 Newton steps, to a relative 1e-8.
_ITERATIVE_INVERSE = "IterInv = 1\nNiterInv = 30\nTolInv = 1e-08\n"


@contextlib.contextmanager
def _named_errors(what: str) -> Iterator[None]:
    """Convert errors of AST to `lsst.pex.exceptions.RuntimeError`."""
    try:
        yield
    except _GIVES_UP as error:
        raise lsst.pex.exceptions.RuntimeError(f"AST cannot {what}: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    """Return the first line of AST's message, if there is one."""
    lines = [] if isinstance(error, UnicodeDecodeError) else str(error).splitlines()
    return lines[0] if lines else "it gives no reason"


class _LineSink:
    """Collects the lines that an AST channel writes."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def astsink(self, line: str) -> None:
        """Accept one line (pyast prescribes the name)."""
        self.lines.append(line)


def is_mapping(obj: object) -> bool:
    """Return whether an object is an AST mapping."""
    return isinstance(obj, Ast.Mapping)


def mapping_to_text(mapping: Ast.Mapping) -> str:
    """Return a mapping as text: AST's own dump without comments, one attribute per line, 17 digits.

    Parameters
    ----------
    mapping : `starlink.Ast.Mapping`
        Mapping to write.

    Returns
    -------
    text : `str`
        Lines that each end in a newline; reading them back restores every number exactly.
    """
    sink = _LineSink()
    Ast.Channel(None, sink, "Comment=0,Full=0").write(mapping)
    return "".join(f"{line}\n" for line in sink.lines)


def without_marks(text: str) -> str:
    """Remove AST's marks of simplified parts, which do not affect the mapping, from its text."""
    return "".join(line for line in text.splitlines(True) if line.strip() != _SIMPLIFIED)


def mapping_from_text(text: str) -> Ast.Mapping:
    """Make a mapping from AST's text dump.

    Parameters
    ----------
    text : `str`
        Text written by `mapping_to_text` or by the compiled stack.

    Returns
    -------
    mapping : `starlink.Ast.Mapping`
        The mapping.

    Raises
    ------
    ValueError
        Raised if the text is not an AST mapping, or its parts do not fit together.
    """
    check_mapping_text(text)
    try:
        mapping = Ast.Channel(text.splitlines()).read()
        if not is_mapping(mapping):
            raise ValueError(f"the text holds {type(mapping).__name__}, not an AST mapping: {text[:60]!r}")
        for forward, naxes in ((True, mapping.Nin), (False, mapping.Nout)):
            if mapping.TranForward if forward else mapping.TranInverse:
                mapping.tran(np.zeros((naxes, 1)), forward)
    except _GIVES_UP as error:
        raise ValueError(f"not the text of an AST mapping: {_reason(error)}") from error
    return mapping


def apply(mapping: Ast.Mapping, points: np.ndarray, forward: bool) -> np.ndarray:
    """Transform points in one call.

    Parameters
    ----------
    mapping : `starlink.Ast.Mapping`
        Mapping to apply.
    points : `numpy.ndarray`, (naxes, npoints)
        Input coordinates.
    forward : `bool`
        Whether to apply the forward rather than the inverse transform.

    Returns
    -------
    points : `numpy.ndarray`, (naxes, npoints)
        Output coordinates, NaN where the mapping is not defined.
    """
    if points.shape[1] == 0:
        return np.empty((mapping.Nout if forward else mapping.Nin, 0))
    with _named_errors("transform points"):
        result = np.asarray(mapping.tran(np.ascontiguousarray(points, dtype=np.float64), forward))
    bad = result == _AST_BAD
    if bad.any():
        result[bad] = np.nan
    return result


def jacobian(mapping: Ast.Mapping, point: Sequence[float]) -> np.ndarray:
    """Return the derivatives of the outputs (rows) with respect to the inputs (columns) at a point.

    AST differentiates analytically where it can and by differences otherwise; NaN where it fails.
    """
    with _named_errors("differentiate a mapping"):
        rates = [
            [mapping.rate(point, row + 1, column + 1) for column in range(mapping.Nin)]
            for row in range(mapping.Nout)
        ]
    matrix = np.array(rates, dtype=np.float64)
    matrix[matrix == _AST_BAD] = np.nan
    return matrix


def simplify(mapping: Ast.Mapping) -> Ast.Mapping:
    """Return an equivalent mapping with the fewest steps that AST can find."""
    with _named_errors("simplify a mapping"):
        return mapping.simplify()


def reverse(mapping: Ast.Mapping) -> Ast.Mapping:
    """Return a copy of a mapping with its directions swapped."""
    result = mapping.copy()
    result.invert()
    return result


def series(first: Ast.Mapping, second: Ast.Mapping) -> Ast.Mapping:
    """Return the mapping that applies one mapping, then another."""
    with _named_errors("join two mappings"):
        return Ast.CmpMap(first.copy(), second.copy(), True)


def unit_mapping(naxes: int) -> Ast.Mapping:
    """Return the identity mapping."""
    return Ast.UnitMap(naxes)


def linear_mapping(matrix: np.ndarray, offset: np.ndarray) -> Ast.Mapping:
    """Return ``y = matrix x + offset``, simplified: a window map if the axes do not mix.

    Notes
    -----
    The compiled stack's text dump of such a mapping does not carry AST's mark of simplification; it is
    removed here so that the dumps are equal.
    """
    mapping = simplify(Ast.CmpMap(Ast.MatrixMap(matrix), Ast.ShiftMap(offset), True))
    return mapping_from_text(without_marks(mapping_to_text(mapping)))


def polynomial_1d(coefficients: Sequence[float]) -> Ast.Mapping:
    """Return a polynomial of one variable without a constant term, with an iterative inverse.

    Parameters
    ----------
    coefficients : sequence of `float`
        Coefficients of powers 0, 1, ...; the coefficient of power 0 is taken to be zero.

    Returns
    -------
    mapping : `starlink.Ast.PolyMap`
        The polynomial.

    Notes
    -----
    Built from text, because AST's constructor drops zero terms that the compiled stack's files contain.
    """
    terms = [float(value) for value in coefficients[1:]]
    count = len(terms)
    lines = [f"MPF1 = {count}\nNCF1 = {count}\n"]
    lines += [f"CF{power} = {value:.17g}\n" for power, value in enumerate(terms, start=1)]
    lines += [f"PF{power} = {power}\n" for power in range(1, count + 1)]
    body = "".join(lines)
    return mapping_from_text(
        f"Begin PolyMap\nNin = 1\nIsA Mapping\n{body}{_ITERATIVE_INVERSE}End PolyMap\n",
    )


def polynomial_pair_1d(forward: Sequence[float], inverse: Sequence[float]) -> Ast.Mapping:
    """Return a polynomial of one variable whose inverse is a separate polynomial."""
    return Ast.TranMap(polynomial_1d(forward), reverse(polynomial_1d(inverse)))


def radial_mapping(mapping_1d: Ast.Mapping) -> Ast.Mapping:
    """Return a mapping that changes the distance from the origin of a plane and keeps directions.

    Parameters
    ----------
    mapping_1d : `starlink.Ast.Mapping`
        Mapping from old to new distance.

    Returns
    -------
    mapping : `starlink.Ast.Mapping`
        Mapping from two axes to two axes.

    Notes
    -----
    There is nothing to simplify here. The mapping is marked as simplified because the newest AST would
    otherwise rearrange it, unlike in the compiled stack's files.
    """
    to_polar = Ast.UnitNormMap([0.0, 0.0])
    scale_radius = Ast.CmpMap(Ast.UnitMap(2), mapping_1d, False)
    mapping = Ast.CmpMap(Ast.CmpMap(to_polar, scale_radius, True), reverse(to_polar), True)
    head, separator, body = mapping_to_text(mapping).partition(" IsA Mapping\n")
    return mapping_from_text(f"{head}    {_SIMPLIFIED}\n{separator}{body}")


def plane_frame(ident: str, unit: str, bounds: Sequence[tuple[float, float]] = ()) -> Ast.Frame:
    """Coordinates of a plane.

    Parameters
    ----------
    ident : `str`
        What the plane is known by.
    unit : `str`
        Unit of both axes.
    bounds : sequence of pairs of `float`, optional
        Lowest and highest coordinate along x and y.

    Returns
    -------
    frame : `starlink.Ast.Frame`
        The coordinates.
    """
    frame = Ast.Frame(2, f"Ident={ident}")
    for axis, label in ((1, "x"), (2, "y")):
        setattr(frame, f"Label_{axis}", label)
        setattr(frame, f"Unit_{axis}", unit)
    for axis, (bottom, top) in enumerate(bounds, start=1):
        setattr(frame, f"Bottom_{axis}", bottom)
        setattr(frame, f"Top_{axis}", top)
    return frame


def frame_set(base: Ast.Frame, members: Sequence[tuple[Ast.Mapping, Ast.Frame]]) -> Ast.FrameSet:
    """Frames with mappings between them.

    Parameters
    ----------
    base : `starlink.Ast.Frame`
        The frame that the others are derived from, the first, and the current one.
    members : sequence of pairs of `starlink.Ast.Mapping` and `starlink.Ast.Frame`
        The other frames, each with the mapping from the first.

    Returns
    -------
    frames : `starlink.Ast.FrameSet`
        All frames.
    """
    result = Ast.FrameSet(base)
    for mapping, frame in members:
        result.addframe(1, mapping, frame)
    result.Current = 1
    return result
