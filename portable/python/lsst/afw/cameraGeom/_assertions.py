# SPDX-License-Identifier: GPL-3.0-or-later
"""Assertions about cameras, detectors, amplifiers and their transforms.

Importing `lsst.afw.cameraGeom` makes them methods of `lsst.utils.tests.TestCase`. As functions they take the
test case as their first argument.
"""

from __future__ import annotations

import unittest
from collections.abc import Callable, Iterable

import numpy as np

from lsst.geom import Point2D
from lsst.geom.testUtils import assertPairsAlmostEqual
from lsst.utils.tests import inTestCase

from ._amplifier import Amplifier
from ._camera import BaseCollection, Camera
from ._detector import Detector, DetectorBuilder
from ._transform_map import TransformMap

__all__ = (
    "assertAmplifiersEqual",
    "assertCamerasEqual",
    "assertDetectorCollectionsEqual",
    "assertDetectorsEqual",
    "assertTransformMapsEqual",
    "compare2DFunctions",
)

_AMPLIFIER = (
    "Name",
    "BBox",
    "Gain",
    "ReadNoise",
    "Saturation",
    "SuspectLevel",
    "ReadoutCorner",
    "LinearityType",
    "LinearityThreshold",
    "LinearityMaximum",
    "LinearityUnits",
    "RawBBox",
    "RawDataBBox",
    "RawFlipX",
    "RawFlipY",
    "RawXYOffset",
    "RawHorizontalOverscanBBox",
    "RawVerticalOverscanBBox",
    "RawPrescanBBox",
)
_DETECTOR = ("Name", "Id", "Type", "PhysicalType", "Serial", "BBox", "Orientation", "PixelSize")


def _require_equal(testCase: unittest.TestCase, first: object, second: object, what: str) -> None:
    """Fail the test case unless two values are equal; NaN equals NaN."""
    if first != second and not (first != first and second != second):
        testCase.fail(f"{what} differ: {first!r} and {second!r}")


def _require_same(testCase: unittest.TestCase, names: Iterable[str], first: object, second: object) -> None:
    """Fail the test case unless the getters return the same values."""
    for name in names:
        getter = f"get{name}"
        _require_equal(
            testCase,
            getattr(first, getter)(),
            getattr(second, getter)(),
            f"{getter}() of {first!r} and another",
        )


@inTestCase
def compare2DFunctions(
    testCase: unittest.TestCase,
    func1: Callable[[Point2D], Point2D],
    func2: Callable[[Point2D], Point2D],
    minVal: float = -10,
    maxVal: float | None = None,
    nVal: int = 5,
) -> None:
    """Assert that two functions of a point have nearly the same values on a grid; NaN equals NaN.

    Parameters
    ----------
    testCase : `unittest.TestCase`
        Test case that fails if they differ.
    func1, func2 : callable
        Functions of one `lsst.geom.Point2D`.
    minVal, maxVal : `float`, optional
        Limits of the grid in x and y; ``maxVal`` defaults to ``-minVal``.
    nVal : `int`, optional
        Number of points along each axis.

    Raises
    ------
    AssertionError
        Raised if any value differs.
    """
    if maxVal is None:
        maxVal = -minVal
    steps = np.linspace(minVal, maxVal, nVal)
    for x in steps:
        for y in steps:
            point = Point2D(x, y)
            assertPairsAlmostEqual(testCase, func1(point), func2(point), msg=f"Functions of {point} differ")


@inTestCase
def assertTransformMapsEqual(
    testCase: unittest.TestCase, map1: TransformMap, map2: TransformMap, **kwds: float
) -> None:
    """Assert that two maps have the same coordinate systems, and equal transforms between them.

    Parameters
    ----------
    testCase : `unittest.TestCase`
        Test case that fails if they differ.
    map1, map2 : `TransformMap`
        The maps.
    **kwds
        Passed on to `compare2DFunctions`.

    Raises
    ------
    AssertionError
        Raised if they differ.
    """
    _require_equal(testCase, set(map1), set(map2), "The coordinate systems")
    # The transforms from and to the root suffice: all others go through it.
    root = next(iter(map1))
    for system in map1:
        for ends in ((root, system), (system, root)):
            compare2DFunctions(
                testCase,
                map1.getTransform(*ends).applyForward,
                map2.getTransform(*ends).applyForward,
                **kwds,
            )


@inTestCase
def assertAmplifiersEqual(testCase: unittest.TestCase, amp1: Amplifier, amp2: Amplifier) -> None:
    """Assert that two amplifiers agree in all their properties.

    Parameters
    ----------
    testCase : `unittest.TestCase`
        Test case that fails if they differ.
    amp1, amp2 : `Amplifier` or ``Amplifier.Builder``
        The amplifiers.

    Raises
    ------
    AssertionError
        Raised if any property differs; the message names the getter.
    """
    _require_same(testCase, _AMPLIFIER, amp1, amp2)
    np.testing.assert_array_equal(
        amp1.getLinearityCoeffs(), amp2.getLinearityCoeffs(), err_msg="getLinearityCoeffs() differs"
    )


@inTestCase
def assertDetectorsEqual(
    testCase: unittest.TestCase,
    detector1: Detector | DetectorBuilder,
    detector2: Detector | DetectorBuilder,
    *,
    compareTransforms: bool = True,
    **kwds: float,
) -> None:
    """Assert that two detectors are equal, including their amplifiers and transforms.

    Parameters
    ----------
    testCase : `unittest.TestCase`
        Test case that fails if they differ.
    detector1, detector2 : `Detector` or ``Detector.Builder``
        The detectors.
    compareTransforms : `bool`, optional
        Whether to compare the transforms, which builders do not have.
    **kwds
        Passed on to `compare2DFunctions`.

    Raises
    ------
    AssertionError
        Raised if they differ.
    """
    _require_same(testCase, _DETECTOR, detector1, detector2)
    _require_equal(testCase, detector1.hasCrosstalk(), detector2.hasCrosstalk(), "The existence of crosstalk")
    np.testing.assert_array_equal(
        detector1.getCrosstalk(), detector2.getCrosstalk(), err_msg="getCrosstalk() differs"
    )
    amplifiers1, amplifiers2 = detector1.getAmplifiers(), detector2.getAmplifiers()
    _require_equal(testCase, len(amplifiers1), len(amplifiers2), "The numbers of amplifiers")
    for amp1, amp2 in zip(amplifiers1, amplifiers2, strict=True):
        assertAmplifiersEqual(testCase, amp1, amp2)
    if compareTransforms and isinstance(detector1, Detector) and isinstance(detector2, Detector):
        assertTransformMapsEqual(testCase, detector1.getTransformMap(), detector2.getTransformMap(), **kwds)


@inTestCase
def assertDetectorCollectionsEqual(
    testCase: unittest.TestCase, collection1: BaseCollection, collection2: BaseCollection, **kwds: float
) -> None:
    """Assert that two collections have equal detectors.

    Parameters
    ----------
    testCase : `unittest.TestCase`
        Test case that fails if they differ.
    collection1, collection2 : `DetectorCollection` or `Camera`
        The collections.
    **kwds
        Passed on to `assertDetectorsEqual`.

    Raises
    ------
    AssertionError
        Raised if they differ.
    """
    _require_equal(
        testCase, list(collection1.getNameIter()), list(collection2.getNameIter()), "The names of detectors"
    )
    for detector1, detector2 in zip(collection1, collection2, strict=True):
        assertDetectorsEqual(testCase, detector1, detector2, **kwds)


@inTestCase
def assertCamerasEqual(testCase: unittest.TestCase, camera1: Camera, camera2: Camera, **kwds: float) -> None:
    """Assert that two cameras are equal.

    Parameters
    ----------
    testCase : `unittest.TestCase`
        Test case that fails if they differ.
    camera1, camera2 : `Camera`
        The cameras.
    **kwds
        Passed on to `compare2DFunctions`.

    Raises
    ------
    AssertionError
        Raised if they differ.
    """
    _require_same(testCase, ("Name", "PupilFactoryName"), camera1, camera2)
    assertTransformMapsEqual(testCase, camera1.getTransformMap(), camera2.getTransformMap(), **kwds)
    assertDetectorCollectionsEqual(testCase, camera1, camera2, compareTransforms=False, **kwds)
