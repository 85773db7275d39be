"""Scale of a sky frame from samples."""

import numpy as np
import pytest

from lsst.portable.arrays.scale import solve_scale


def test_outliers_do_not_count():
    rng = np.random.default_rng(5)
    sky = rng.uniform(0.9, 1.1, 40)
    image = 321.0 * sky + rng.normal(0, 5.0, 40)
    image[[3, 17]] += 100.0
    image[8] = np.nan
    sky[9] = np.inf
    assert solve_scale(image, sky, 3, 3.0) == pytest.approx(321.0, abs=2.5)
    assert solve_scale(image, sky, 0, 3.0) > 324.0


def test_rejection_never_leaves_nothing():
    # The residuals of all three are beyond three times their own interquartile range.
    image, sky = np.array([6.0, 6.0, 6.0, -100.0]), np.array([1.0, 1.0, 1.0, 10.0])
    assert np.isfinite(solve_scale(image, sky, 5, 1e-6))


def test_result_is_a_python_float():
    assert type(solve_scale(np.array([2.0, 4.0]), np.array([1.0, 2.0]), 3, 3.0)) is float


@pytest.mark.parametrize("sky", [np.full(4, np.nan), np.zeros(4)])
def test_no_sample_is_an_error(sky):
    with pytest.raises(RuntimeError, match="Cannot solve for the scale of the sky frame: of 4 pairs"):
        solve_scale(np.ones(4), sky, 3, 3.0)
