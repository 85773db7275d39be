"""Polygons as arrays: random ones, against sums of areas and against points."""

import numpy as np
import pytest

from lsst.portable.arrays.polygons import combine, contains, coverage, overlap


def area(ring):
    x, y = (ring - ring[0]).T
    return -0.5 * float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum())


def closed(points):
    points = np.asarray(points, dtype=float)
    return np.concatenate([points, points[:1]])


def star(rng, whole):
    """A star around some centre, clockwise; with coordinates that are whole numbers, edges often coincide."""
    count = rng.integers(5, 12)
    angle = -(np.arange(count) + rng.uniform(0, 1, count)) * 2 * np.pi / count
    radius = rng.uniform(1, 5, len(angle))
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1) + rng.uniform(-2, 2, 2)
    if not whole:
        return closed(points)
    low = rng.integers(-4, 2, 2)
    (x, y), (w, h) = low, rng.integers(1, 5, 2)
    return closed([(x, y), (x, y + h), (x + w, y + h), (x + w, y)])


def pairs(whole):
    rng = np.random.default_rng(11)
    for _ in range(80):
        yield star(rng, whole), star(rng, whole), rng.uniform(-6, 6, (200, 2))


@pytest.mark.parametrize("whole", [False, True])
def test_areas_and_points(whole):
    met = 0
    for one, two, points in pairs(whole):
        in_one, in_two = contains(one, points), contains(two, points)
        for how, expected in (
            ("intersection", in_one & in_two),
            ("union", in_one | in_two),
            ("difference", in_one & ~in_two),
        ):
            # A hole is a ring of its own, inside another.
            inside = [contains(ring, points) for ring in combine(one, two, how)]
            np.testing.assert_array_equal(np.sum(inside, axis=0) % 2 if inside else 0 * in_one, expected)
        common = sum(map(area, combine(one, two, "intersection")))
        assert sum(map(area, combine(one, two, "union"))) == pytest.approx(area(one) + area(two) - common)
        assert sum(map(area, combine(one, two, "difference"))) == pytest.approx(area(one) - common)
        met += common > 0
        assert overlap(one, two) or common == 0
    assert 15 < met <= 80


def test_far_from_the_origin():
    one, two = (closed([(x, 0), (x, 9), (x + 9, 9), (x + 9, 0)]) + 1e5 / 3 for x in (0.0, 3.0))
    (ring,) = combine(one, two, "intersection")
    assert len(ring) == 5
    assert area(ring) == pytest.approx(54.0)


def test_parts_that_touch_are_apart():
    """Two triangles with one corner in common, in the middle of the edge of another."""
    bow = closed([(0, 0), (2, 2), (4, 0), (4, 4), (2, 2), (0, 4)])[::-1]
    rings = combine(bow, closed([(-1, -1), (-1, 5), (5, 5), (5, -1)]), "intersection")
    assert sorted(map(area, rings)) == [4.0, 4.0]


def test_coverage_is_the_area_within_each_pixel():
    rng = np.random.default_rng(3)
    for _ in range(8):
        ring = star(rng, False)
        covered = coverage(ring, -2, -1, (4, 5))
        for (row, column), part in np.ndenumerate(covered):
            x, y = column - 2, row - 1
            pixel = closed([(x - 0.5, y - 0.5), (x - 0.5, y + 0.5), (x + 0.5, y + 0.5), (x + 0.5, y - 0.5)])
            assert sum(map(area, combine(ring, pixel, "intersection"))) == pytest.approx(part, abs=1e-12)
        assert coverage(ring, -9, -9, (19, 19)).sum() == pytest.approx(area(ring))
