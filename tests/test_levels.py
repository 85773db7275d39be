"""Sky levels from superpixels."""

import numpy as np
import pytest

from lsst.cp.sky import _levels


def test_equal_weights_give_the_median():
    for size in (1, 2, 7, 8):
        values = np.random.default_rng(size).normal(700, 9, size)
        assert _levels.weighted_level(values, np.ones(size)).value == pytest.approx(np.median(values))


def test_integer_weights_are_repetitions():
    rng = np.random.default_rng(4)
    values, weights = rng.normal(size=(5, 6)), rng.integers(1, 9, (5, 6))
    expected = np.median(np.repeat(values.ravel(), weights.ravel()))
    assert _levels.weighted_level(values, weights).value == pytest.approx(expected)


def test_order_does_not_matter():
    rng = np.random.default_rng(5)
    values, weights, order = rng.normal(size=50), rng.uniform(1, 2, 50), rng.permutation(50)
    one, other = (
        _levels.weighted_level(values, weights),
        _levels.weighted_level(values[order], weights[order]),
    )
    assert one == pytest.approx(other)


@pytest.mark.parametrize("spread", [0.0, 0.9])
def test_uncertainty_is_the_scatter_of_the_level(spread):
    rng = np.random.default_rng(6)
    weights = rng.uniform(1 - spread, 1 + spread, 200)
    found = [_levels.weighted_level(rng.normal(700, 5, 200), weights) for _ in range(400)]
    scatter = np.std([level.value for level in found])
    assert np.mean([level.uncertainty for level in found]) == pytest.approx(scatter, rel=0.15)


def test_one_superpixel_has_no_uncertainty():
    level = _levels.weighted_level(np.array([700.0]), np.array([900.0]))
    assert level.value == 700
    assert np.isnan(level.uncertainty)


def test_the_stock_level_has_none():
    assert _levels.median_level(np.array([[1, 2], [4, 9]], np.float32)) == _levels.Level(3.0, None)
