# SPDX-License-Identifier: GPL-3.0-or-later
"""A comparison finds what is not close enough, and nothing else."""

import golden
import numpy as np
import pytest
from agreement import Check, compare


@pytest.fixture
def check():
    return Check()


def test_float32_within_a_few_units_in_the_last_place(check):
    expected = np.array([[1.0, -2.0, np.nan, np.inf]], dtype=np.float32)
    check.floats("near", expected * np.float32(1 + 1e-6), expected)
    assert check.problems == []
    assert 5e-7 < check.float32 < 2e-6
    assert check.float64 is None
    assert (check.numbers, check.different) == (4, 2)
    check.floats("far", expected * np.float32(1 + 1e-5), expected)
    assert check.problems == ["far: relative difference 1e-05 > 2e-06"]


def test_float64_is_held_to_more(check):
    check.floats("value", 1 + 1e-8, np.float64(1.0))
    assert check.problems == ["value: relative difference 1e-08 > 1e-09"]


def test_difference_from_zero_is_never_close(check):
    check.floats("zero", np.array([1e-30]), np.array([0.0]))
    assert check.problems == ["zero: relative difference inf > 1e-09"]


def test_scale_of_what_cancels(check):
    check.floats("rest", np.array([2e-5], np.float32), np.array([1e-5], np.float32), scale=700.0)
    assert check.problems == []
    assert check.float32 == pytest.approx(1e-5 / 700, rel=1e-3)


@pytest.mark.parametrize(
    ("actual", "message"),
    [
        ([1.0, 2.0], r"x: shape \(2,\), not \(3,\)"),
        ([1.0, 2.0, 3.0], "x: NaN or infinite at other places"),
        ([np.nan, 2.0, np.nan], "x: NaN or infinite at other places"),
        ([1.0, 2.0, np.inf], "x: NaN or infinite at other places"),
    ],
)
def test_shape_and_nan_must_be_equal(check, actual, message):
    check.floats("x", np.array(actual), np.array([1.0, 2.0, np.nan]))
    (problem,) = check.problems
    with pytest.raises(AssertionError, match=message):
        raise AssertionError(problem)


def test_equal(check):
    mask = np.array([[1, 2], [3, 4]])
    check.equal("mask", mask.copy(), mask)
    check.equal("name", "R22_S11", "R22_S11")
    assert check.problems == []
    check.equal("mask", mask + [[0, 0], [1, 1]], mask)
    check.equal("mask", mask[0], mask)
    check.equal("name", "R22_S12", "R22_S11")
    assert check.problems == [
        "mask: 2 of 4 differ",
        "mask: shape (2,), not (2, 2)",
        "name: 'R22_S12', not 'R22_S11'",
    ]
    assert check.exact == 5


def footprint():
    mask = np.zeros((200, 300), dtype=np.int32)
    mask[40:90, 100:180] = 32
    return mask


def test_detection_masks_may_differ_at_edges(check):
    found = footprint()
    found[39, 120] = 32
    found[60, 179] = 0
    check.detection("mask", found, footprint())
    assert check.problems == []
    assert check.pixels == 2


def test_detection_masks_may_not_differ_elsewhere(check):
    found = footprint()
    found[10, 250] = 32
    check.detection("mask", found, footprint())
    assert check.problems == ["mask: pixel (250, 10) differs away from an edge"]


def test_detection_masks_may_not_differ_much(check):
    found = footprint()
    found[39, 100:107] = 32
    check.detection("mask", found, footprint())
    assert check.problems == ["mask: 7 of 60000 pixels differ"]


def test_exceptions_are_of_the_class_of_the_stack(check):
    check.raises("few", "ZeroDivisionError", lambda: 1 / 0)
    check.raises("few", "ArithmeticError", lambda: 1 / 0, derived=True)
    assert check.problems == []
    check.raises("few", "ArithmeticError", lambda: 1 / 0)
    check.raises("few", "OutOfRangeError", lambda: 1 / 0, derived=True)
    check.raises("few", "OutOfRangeError", lambda: 1)
    assert check.problems == [
        "few: raised ZeroDivisionError, not ArithmeticError",
        "few: raised ZeroDivisionError, not OutOfRangeError",
        "few: raised nothing, not OutOfRangeError",
    ]
    assert check.exceptions == 4


def test_wrong_numbers_are_found(tmp_path):
    """What the comparison of a case reads is what the stack has, not what we compute."""
    params, arrays = golden.load_golden(golden.golden_cases("smooth_array")[0])
    arrays["out_array"][3, 4] *= 1 + 1e-6
    golden.save_golden(tmp_path / "000.npz", params, arrays)
    assert compare("smooth_array", tmp_path / "000.npz").problems == [
        "array: relative difference 1e-06 > 1e-09"
    ]
