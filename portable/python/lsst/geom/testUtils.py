# SPDX-License-Identifier: GPL-3.0-or-later
"""Assertions about angles, points, positions on the sphere and boxes.

As in the stack, importing `lsst.geom` makes them methods of `lsst.utils.tests.TestCase`. As functions they
take the test case as their first argument.
"""

from __future__ import annotations

import math
import unittest
from collections.abc import Sequence

import numpy as np

from lsst.utils.tests import inTestCase

from ._angle import Angle, arcseconds
from ._box import Box
from ._sphere_point import SpherePoint

__all__ = (
    "assertAnglesAlmostEqual",
    "assertBoxesAlmostEqual",
    "assertPairListsAlmostEqual",
    "assertPairsAlmostEqual",
    "assertSpherePointListsAlmostEqual",
    "assertSpherePointsAlmostEqual",
)

_TINY = 0.001 * arcseconds
"""Default tolerance on directions."""


@inTestCase
def assertAnglesAlmostEqual(
    testCase: unittest.TestCase,
    ang0: Angle,
    ang1: Angle,
    maxDiff: Angle = _TINY,
    ignoreWrap: bool = True,
    msg: str = "Angles differ",
) -> None:
    """Assert that two angles are nearly equal, or both NaN.

    Parameters
    ----------
    testCase : `unittest.TestCase`
        Test case that fails if they differ.
    ang0, ang1 : `Angle`
        The angles.
    maxDiff : `Angle`, optional
        Largest difference allowed.
    ignoreWrap : `bool`, optional
        Whether to treat angles a full circle apart as equal.
    msg : `str`, optional
        Beginning of the failure message.

    Raises
    ------
    AssertionError
        Raised if the angles differ by more than ``maxDiff``, or if only one of them is NaN.
    """
    unknown = [math.isnan(angle.asRadians()) for angle in (ang0, ang1)]
    if all(unknown):
        return
    if any(unknown):
        testCase.fail(f"ang{unknown.index(True)} is NaN")
    difference = ang1 - ang0
    if ignoreWrap:
        difference = difference.wrapCtr()
    if abs(difference) > maxDiff:
        testCase.fail(
            f"{msg}: measured difference {difference.asArcseconds()} arcsec > "
            f"max allowed {maxDiff.asArcseconds()} arcsec"
        )


@inTestCase
def assertPairsAlmostEqual(
    testCase: unittest.TestCase,
    pair0: Sequence[float],
    pair1: Sequence[float],
    maxDiff: float = 1e-7,
    msg: str = "Pairs differ",
) -> None:
    """Assert that two pairs of numbers, such as points, are close to each other; types are not compared.

    Parameters
    ----------
    testCase : `unittest.TestCase`
        Test case that fails if they differ.
    pair0, pair1 : pair of `float`
        The pairs: points, extents, or any sequences of two numbers.
    maxDiff : `float`, optional
        Largest distance allowed.
    msg : `str`, optional
        Beginning of the failure message.

    Raises
    ------
    AssertionError
        Raised if the pairs are farther apart than ``maxDiff``.
    RuntimeError
        Raised if one of them is not a pair.
    """
    for name, pair in (("pair0", pair0), ("pair1", pair1)):
        if len(pair) != 2:
            raise RuntimeError(f"len({name})={len(pair)} != 2")
    distance = math.hypot(float(pair1[0] - pair0[0]), float(pair1[1] - pair0[1]))
    if distance > maxDiff:
        testCase.fail(
            f"{msg}: measured radial distance = {distance} > maxDiff = {maxDiff}, "
            f"pair0=({pair0[0]!r}, {pair0[1]!r}), pair1=({pair1[0]!r}, {pair1[1]!r})"
        )


@inTestCase
def assertPairListsAlmostEqual(
    testCase: unittest.TestCase,
    list0: Sequence[Sequence[float]],
    list1: Sequence[Sequence[float]],
    maxDiff: float = 1e-7,
    msg: str | None = None,
) -> None:
    """Assert that the pairs of two lists are close to each other; types are not compared.

    Parameters
    ----------
    testCase : `unittest.TestCase`
        Test case that fails if they differ.
    list0, list1 : `list` of pair of `float`
        The pairs.
    maxDiff : `float`, optional
        Largest distance allowed between two pairs.
    msg : `str`, optional
        End of the failure message.

    Raises
    ------
    AssertionError
        Raised if corresponding pairs are farther apart than ``maxDiff``, or if the lists differ in length or
        hold anything other than pairs.
    """
    _check_lengths(testCase, list0, list1, msg)
    if any(len(pair) != 2 for pair in (*list0, *list1)):
        testCase.fail(f"Not all elements are pairs{_ending(msg)}")
    if not list0:
        return
    arrays = [np.array([(float(pair[0]), float(pair[1])) for pair in pairs]) for pairs in (list0, list1)]
    distances = np.hypot(*(arrays[0] - arrays[1]).T)
    bad = distances > maxDiff
    if bad.any():
        worst = int(np.argmax(distances))
        testCase.fail(
            f"PairLists differ in {bad.sum()} places; max separation is at {worst}: "
            f"{distances[worst]} > {maxDiff}{_ending(msg)}"
        )


@inTestCase
def assertSpherePointsAlmostEqual(
    testCase: unittest.TestCase, sp0: SpherePoint, sp1: SpherePoint, maxSep: Angle = _TINY, msg: str = ""
) -> None:
    """Assert that two positions on the sphere are close to each other.

    Parameters
    ----------
    testCase : `unittest.TestCase`
        Test case that fails if they differ.
    sp0, sp1 : `SpherePoint`
        The positions.
    maxSep : `Angle`, optional
        Largest separation allowed.
    msg : `str`, optional
        End of the failure message.

    Raises
    ------
    AssertionError
        Raised if the positions are farther apart than ``maxSep``. A position that is not finite matches any
        other, as in the stack.
    """
    separation = sp0.separation(sp1)
    if separation > maxSep:
        testCase.fail(
            f'Angular separation between {sp0} and {sp1} = {separation.asArcseconds()}" > '
            f'maxSep = {maxSep.asArcseconds()}"{_ending(msg)}'
        )


@inTestCase
def assertSpherePointListsAlmostEqual(
    testCase: unittest.TestCase,
    splist0: Sequence[SpherePoint],
    splist1: Sequence[SpherePoint],
    maxSep: Angle = _TINY,
    msg: str | None = None,
) -> None:
    """Assert that the positions of two lists are close to each other.

    Parameters
    ----------
    testCase : `unittest.TestCase`
        Test case that fails if they differ.
    splist0, splist1 : `list` of `SpherePoint`
        The positions.
    maxSep : `Angle`, optional
        Largest separation allowed between two positions.
    msg : `str`, optional
        End of the failure message.

    Raises
    ------
    AssertionError
        Raised if corresponding positions are farther apart than ``maxSep``, or if the lists differ in length.
    """
    _check_lengths(testCase, splist0, splist1, msg)
    separations = np.array(
        [sp0.separation(sp1).asArcseconds() for sp0, sp1 in zip(splist0, splist1, strict=True)]
    )
    bad = separations > maxSep.asArcseconds()
    if bad.any():
        worst = int(np.nanargmax(separations))
        testCase.fail(
            f"SpherePointLists differ in {bad.sum()} places; max separation is at {worst}: "
            f'{separations[worst]}" > {maxSep.asArcseconds()}"{_ending(msg)}'
        )


@inTestCase
def assertBoxesAlmostEqual(
    testCase: unittest.TestCase, box0: Box, box1: Box, maxDiff: float = 1e-7, msg: str = "Boxes differ"
) -> None:
    """Assert that the corners of two boxes are close to each other; types are not compared.

    Parameters
    ----------
    testCase : `unittest.TestCase`
        Test case that fails if they differ.
    box0, box1 : `Box2D` or `Box2I`
        The boxes.
    maxDiff : `float`, optional
        Largest distance allowed between their minima and between their maxima.
    msg : `str`, optional
        Beginning of the failure message.

    Raises
    ------
    AssertionError
        Raised if the minima or the maxima are farther apart than ``maxDiff``.
    """
    assertPairsAlmostEqual(testCase, box0.getMin(), box1.getMin(), maxDiff=maxDiff, msg=msg + ": min")
    assertPairsAlmostEqual(testCase, box0.getMax(), box1.getMax(), maxDiff=maxDiff, msg=msg + ": max")


def _check_lengths(testCase: unittest.TestCase, list0: Sequence, list1: Sequence, msg: str | None) -> None:
    if len(list0) != len(list1):
        testCase.fail(f"{len(list0)} != {len(list1)}{_ending(msg)}")


def _ending(msg: str | None) -> str:
    return f": {msg}" if msg else ""
