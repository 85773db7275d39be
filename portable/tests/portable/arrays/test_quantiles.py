# SPDX-License-Identifier: GPL-3.0-or-later
"""Quantiles of floats, of integers with ties, and of values with NaN among them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lsst.portable.arrays.quantiles import (
    _partition,
    float_quantiles,
    integer_median,
    integer_quartiles,
    median,
    quartiles,
)

VALUES = arrays(np.float64, st.integers(1, 60), elements=st.floats(-1e6, 1e6, width=32))


@settings(max_examples=50, deadline=None)
@given(VALUES)
def test_quantiles_agree_with_numpy(values):
    np.testing.assert_allclose(
        float_quantiles(values, (0.5, 0.25, 0.75)),
        np.quantile(values, (0.5, 0.25, 0.75)),
        rtol=1e-12,
        atol=1e-9,
    )


def tie_aware(values, fraction):
    """Quantile of integers by its definition."""
    ordered = np.sort(values)
    pivot = ordered[int(fraction * (len(values) - 1))]
    return pivot - 0.5 + (fraction * len(values) - np.sum(values < pivot)) / np.sum(values == pivot)


@settings(max_examples=50, deadline=None)
@given(arrays(np.int32, st.integers(2, 80), elements=st.integers(-20, 20)))
def test_integer_median_spreads_ties(values):
    assert integer_median(values) == tie_aware(values, 0.5)


def test_integer_quartiles_spread_ties():
    values = np.random.default_rng(5).integers(0, 1000, 501).astype(np.uint16)
    before = values.copy()
    _, low, high = integer_quartiles(values)
    assert low == tie_aware(values.astype(int), 0.25)
    assert high == tie_aware(values.astype(int), 0.75)
    np.testing.assert_array_equal(values, before)


def partition_one_by_one(work, first, last):
    """Hoare partition around a median of three, one exchange at a time."""
    candidates = (first + 1, first + (last - first) // 2, last - 1)
    a, b, c = candidates
    if work[a] < work[b]:
        chosen = b if work[b] < work[c] else (c if work[a] < work[c] else a)
    else:
        chosen = a if work[a] < work[c] else (c if work[b] < work[c] else b)
    work[first], work[chosen] = work[chosen], work[first]
    low, high = first + 1, last
    while True:
        while work[low] < work[first]:
            low += 1
        high -= 1
        while work[first] < work[high]:
            high -= 1
        if low >= high:
            return low
        work[low], work[high] = work[high], work[low]
        low += 1


@settings(max_examples=100, deadline=None)
@given(arrays(np.int32, st.integers(4, 120), elements=st.integers(-30, 30)))
def test_partition_at_once_is_the_partition_one_by_one(values):
    at_once, one_by_one = values.copy(), values.tolist()
    assert _partition(at_once, 0, len(values)) == partition_one_by_one(one_by_one, 0, len(values))
    assert at_once.tolist() == one_by_one


def test_integer_quartiles_of_hardly_any_values():
    assert integer_quartiles(np.array([7])) == (7.0, 7.0, 7.0)
    assert np.isnan(integer_quartiles(np.array([], dtype=int))).all()


def test_integer_quartiles_of_adverse_orders():
    ramp = np.arange(3000)
    organ_pipe = np.concatenate([ramp, ramp[::-1]])
    for values in (ramp, ramp[::-1], organ_pipe, np.zeros(500, dtype=int)):
        _, low, high = integer_quartiles(values)
        assert low <= high + 1e-3
        assert integer_median(values) == tie_aware(values, 0.5)


@settings(max_examples=100, deadline=None)
@given(
    arrays(np.float32, st.integers(4, 120), elements=st.integers(-30, 30)),
    st.lists(st.integers(0, 119), max_size=4),
)
def test_partition_with_nan_is_that_one_by_one(values, places):
    for place in places:
        values[place % len(values)] = np.nan
    at_once, one_by_one = values.copy(), values.tolist()
    assert _partition(at_once, 0, len(values)) == partition_one_by_one(one_by_one, 0, len(values))
    np.testing.assert_array_equal(at_once, one_by_one)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 300])
def test_quantiles_of_nothing_but_nan(size):
    values = np.full(size, np.nan, dtype=np.float32)
    assert np.isnan(median(values))
    assert np.isnan(quartiles(values)).all()


def test_quantiles_with_a_nan_leave_the_values_alone():
    values = np.random.default_rng(4).normal(10.0, 1.0, 1001).astype(np.float32)
    values[500] = np.nan
    before = values.copy()
    mid, low, high = quartiles(values)
    assert low < mid < high
    assert 9.5 < median(values) < 10.5
    np.testing.assert_array_equal(values, before)
