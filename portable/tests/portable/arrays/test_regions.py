"""Thresholding, connection and growth of regions as arrays."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

from lsst.portable.arrays import regions

REGIONS = hnp.arrays(np.bool_, st.tuples(st.integers(1, 12), st.integers(1, 15)))


def test_above_threshold_is_inclusive_and_never_met_by_nan():
    values = np.array([[1.0, 2.0, np.nan, 3.0]])
    assert regions.above_threshold(values, 2.0).tolist() == [[False, True, False, True]]
    levels = np.array([[1.0, np.nan, 0.0, 4.0]])
    assert regions.above_threshold(values, levels).tolist() == [[True, False, False, False]]


def test_below_threshold_looks_for_the_negative():
    values = np.array([[-3.0, -2.0, 2.0, np.nan]])
    assert regions.above_threshold(values, 2.5, positive=False).tolist() == [[True, False, False, False]]


@settings(deadline=None)
@given(REGIONS)
def test_runs_hold_each_pixel_once(above):
    runs = regions.find_runs(above)
    painted = np.zeros(above.shape, dtype=int)
    for y, x0, x1 in zip(runs.y, runs.x0, runs.x1, strict=True):
        painted[y, x0 : x1 + 1] += 1
    np.testing.assert_array_equal(painted, above)


@settings(deadline=None)
@given(REGIONS)
def test_connected_runs_are_the_8_connected_regions(above):
    labels, count = ndimage.label(above, np.ones((3, 3)))
    runs = regions.find_runs(above)
    numbers, found = regions.connect_runs(runs)
    assert found == count
    # One to one: each of ours meets one of theirs and the other way round.
    assert len({*zip(numbers.tolist(), labels[runs.y, runs.x0].tolist(), strict=True)}) == count


@settings(deadline=None)
@given(REGIONS, st.integers(0, 6))
def test_grown_in_a_circle_is_within_a_distance(above, radius):
    grown = regions.grow(above, regions.circle_half_widths(radius))
    y, x = np.nonzero(above)
    yy, xx = np.indices(above.shape)
    near = ((yy[..., None] - y) ** 2 + (xx[..., None] - x) ** 2 <= radius**2).any(axis=-1)
    np.testing.assert_array_equal(grown, near)


def test_grown_in_a_diamond():
    above = np.zeros((5, 7), dtype=bool)
    above[2, 3] = True
    grown = regions.grow(above, regions.diamond_half_widths(2))
    assert grown.sum() == 13
    assert grown[2, 1:6].all()
    assert grown[0, 3]
    assert not grown[0, 2]


@settings(deadline=None)
@given(REGIONS, st.integers(2, 6))
def test_small_regions_are_dropped(above, min_pixels):
    labels, _ = ndimage.label(above, np.ones((3, 3)))
    sizes = np.bincount(labels.ravel())
    expected = above & (sizes[labels] >= min_pixels)
    np.testing.assert_array_equal(regions.select_regions(above, min_pixels), expected)


def test_regions_without_a_peak_are_dropped():
    above = np.array([[True, True, False, True], [False, False, False, True]])
    peak = np.array([[False, False, True, False], [False, False, False, True]])
    kept = regions.select_regions(above, 1, peak)
    np.testing.assert_array_equal(kept, [[False, False, False, True], [False, False, False, True]])


@pytest.mark.parametrize("shape", [(0, 5), (4, 6)])
def test_nothing_detected(shape):
    above = np.zeros(shape, dtype=bool)
    assert regions.connect_runs(regions.find_runs(above))[1] == 0
    assert not regions.grow(above, regions.circle_half_widths(3)).any()


@pytest.mark.parametrize("shape", [(1, 1), (5, 200), (200, 5), (150, 131)])
@pytest.mark.parametrize("share", [0.0, 0.001, 0.05, 0.7, 1.0])
@pytest.mark.parametrize("radius", [0, 1, 3, 12])
def test_compiled_growth_is_numpy(shape, share, radius):
    above = np.random.default_rng(7).random(shape) < share
    for half_widths in (regions.circle_half_widths(radius), regions.diamond_half_widths(radius)):
        expected = regions.grow(above, half_widths)
        np.testing.assert_array_equal(regions.grow(above, half_widths, compiled=True), expected)
        for rows in (slice(0, 1), slice(3, 70), slice(100, 150)):
            for compiled in (False, True):
                part = regions.grow(above, half_widths, rows, compiled=compiled)
                np.testing.assert_array_equal(part, expected[rows])
