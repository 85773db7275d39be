"""The assertions that importing the package adds to test cases."""

import math
import re

import pytest

import lsst.utils.tests
from lsst.geom import (
    Angle,
    Box2D,
    Box2I,
    Extent2D,
    Extent2I,
    Point2D,
    Point2I,
    SpherePoint,
    arcseconds,
    degrees,
    testUtils,
)

HERE, NEAR, FAR = (SpherePoint(10.0, latitude, degrees) for latitude in (20.0, 20.0 + 1e-8, 21.0))


@pytest.fixture
def case():
    return lsst.utils.tests.TestCase()


def test_angles(case):
    case.assertAnglesAlmostEqual(10 * degrees, 370 * degrees)
    case.assertAnglesAlmostEqual(10 * degrees, 10 * degrees + 0.0009 * arcseconds)
    case.assertAnglesAlmostEqual(10 * degrees, 11 * degrees, maxDiff=1.1 * degrees)
    case.assertAnglesAlmostEqual(Angle(math.nan), Angle(math.nan))
    with pytest.raises(AssertionError, match=r"Angles differ: measured difference 0\.0011"):
        case.assertAnglesAlmostEqual(10 * degrees, 10 * degrees + 0.0011 * arcseconds)
    with pytest.raises(AssertionError, match=r"I say: measured difference (1296000|1295999)"):
        case.assertAnglesAlmostEqual(10 * degrees, 370 * degrees, ignoreWrap=False, msg="I say")
    for which in (0, 1):
        angles = [10 * degrees, 10 * degrees]
        angles[which] = Angle(math.nan)
        with pytest.raises(AssertionError, match=f"ang{which} is NaN"):
            case.assertAnglesAlmostEqual(*angles)


def test_pairs(case):
    case.assertPairsAlmostEqual(Point2D(1, 2), (1, 2 + 1e-8))
    case.assertPairsAlmostEqual(Extent2I(1, 2), Extent2D(1.3, 2.4), maxDiff=0.5 + 1e-12)
    with pytest.raises(AssertionError, match=r"Pairs differ: measured radial distance = 0\.4999"):
        case.assertPairsAlmostEqual((1, 2), (1.3, 2.4))
    with pytest.raises(RuntimeError, match=re.escape("len(pair1)=3 != 2")):
        case.assertPairsAlmostEqual((1, 2), (1, 2, 3))


def test_lists_of_pairs(case):
    points = [Point2D(1, 2), Point2D(3, 4)]
    case.assertPairListsAlmostEqual(points, [(1, 2), [3, 4]])
    case.assertPairListsAlmostEqual([], [])
    with pytest.raises(
        AssertionError, match=r"differ in 1 places; max separation is at 1: 5\.0 > 1e-07: I say"
    ):
        case.assertPairListsAlmostEqual(points, [(1, 2), (6, 8)], msg="I say")
    with pytest.raises(AssertionError):
        case.assertPairListsAlmostEqual(points, points[:1])
    with pytest.raises(AssertionError, match="pairs"):
        case.assertPairListsAlmostEqual([(1, 2, 3)], [(1, 2, 3)])


def test_positions(case):
    case.assertSpherePointsAlmostEqual(HERE, NEAR)
    case.assertSpherePointsAlmostEqual(HERE, FAR, maxSep=1.01 * degrees)
    with pytest.raises(
        AssertionError, match=r'Angular separation .* = 3(600|599)\.\d+" > maxSep = 0\.001.*: I say'
    ):
        case.assertSpherePointsAlmostEqual(HERE, FAR, msg="I say")
    case.assertSpherePointListsAlmostEqual([HERE, FAR], [NEAR, FAR])
    with pytest.raises(AssertionError, match="differ in 1 places; max separation is at 1: 3"):
        case.assertSpherePointListsAlmostEqual([HERE, FAR], [NEAR, NEAR])
    with pytest.raises(AssertionError):
        case.assertSpherePointListsAlmostEqual([HERE, FAR], [NEAR])


def test_boxes(case):
    pixels = Box2I(Point2I(1, 2), Extent2I(3, 4))
    plane = Box2D(Point2D(1, 2), Point2D(3, 5))
    case.assertBoxesAlmostEqual(pixels, plane)
    for wrong, what in (
        (Box2D(Point2D(1, 1), Point2D(3, 5)), "min"),
        (Box2D(Point2D(1, 2), Point2D(4, 5)), "max"),
    ):
        with pytest.raises(AssertionError, match=f"Boxes differ: {what}"):
            case.assertBoxesAlmostEqual(pixels, wrong)


@pytest.mark.parametrize("name", testUtils.__all__)
def test_all_are_methods_of_test_cases(name):
    assert getattr(lsst.utils.tests.TestCase, name) is getattr(testUtils, name)
