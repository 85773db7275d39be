"""The figures by which sky frames are judged, on arrays with known answers."""

import math

import numpy as np
import pytest

from lsst.cp.sky.verify import _numbers as numbers


@pytest.fixture
def rng():
    return np.random.default_rng(11)


def test_clipped_leaves_outliers_out(rng):
    values = rng.normal(3.0, 2.0, 20_000)
    values[:200] = 1e3
    found = numbers.clipped(values)
    assert found.mean == pytest.approx(3.0, abs=0.05)
    assert found.rms == pytest.approx(2.0, rel=0.03)
    assert 0.01 <= found.fraction < 0.016
    assert found.total == pytest.approx(math.hypot(found.mean, found.rms))


def test_clipped_of_nothing():
    assert np.isnan(numbers.clipped(np.full(3, np.nan))).all()
    assert numbers.clipped(np.full(3, 2.0)) == (2.0, 0.0, 0.0)


def test_cell_sums_are_those_of_backgrounds():
    image = np.arange(35.0).reshape(5, 7)
    found = numbers.cell_sums(image, (2, 3))
    # Cells end before pixel ((i + 1) L + n // 2) // n: rows 3 and 5, columns 2, 5 and 7.
    rows, columns = [(0, 3), (3, 5)], [(0, 2), (2, 5), (5, 7)]
    np.testing.assert_array_equal(found, [[image[a:b, c:d].sum() for c, d in columns] for a, b in rows])


def test_photon_variance_of_cells(rng):
    good = rng.random((60, 60)) < 0.7
    noise = rng.normal(0, 30.0, (4000, 4, 4))
    variance = numbers.cell_photon_variance(np.full((4, 4), 900.0), np.ones((4, 4), bool), (1, 1), 1500.0)
    assert variance[0, 0] == pytest.approx((noise.mean(axis=(1, 2)) / 1500.0).var(), rel=0.1)
    good[:20, :20] = False
    found = numbers.cell_photon_variance(np.full((60, 60), 900.0), good, (3, 3), 1500.0)
    assert np.isnan(found[0, 0])
    assert found[1, 1] == pytest.approx(900.0 / (1500.0**2 * good[20:40, 20:40].sum()))


@pytest.mark.parametrize(("inputs", "used"), [(2, True), (5, True), (1, False), (5, False), (0, False)])
def test_residual_factor(rng, inputs, used):
    draws = rng.normal(size=(inputs + 1, 40_000))
    mean = (draws[:-1] if inputs else np.zeros((1, 40_000))).mean(axis=0)
    own = draws[0] if used else draws[-1]
    assert numbers.residual_factor(inputs, used) == pytest.approx((own - mean).std(), rel=0.02)


def test_residual_factor_of_the_only_one():
    assert math.isnan(numbers.residual_factor(1, True))


@pytest.mark.parametrize("others", [1, 2, 3, 4, 5, 9, 10])
def test_deviation_error(rng, others):
    draws = rng.normal(size=(others + 1, 100_000))
    spread = (draws[0] - np.median(draws[1:], axis=0)).std()
    errors = np.ones((others + 2, 1))
    errors[1] = np.nan  # of one that has no value
    (found,) = numbers.deviation_error(errors, 0)
    assert found == pytest.approx(spread, rel=0.04)


@pytest.mark.parametrize("others", [4, 5, 9, 10])
@pytest.mark.parametrize("number", [0, 1])
def test_deviation_error_under_skies_that_differ(rng, others, number):
    errors = np.where(np.arange(others + 1) % 2, 2.0, 1.0)[:, np.newaxis]
    draws = errors * rng.normal(size=(others + 1, 100_000))
    spread = (draws[number] - np.median(np.delete(draws, number, axis=0), axis=0)).std()
    (found,) = numbers.deviation_error(errors, number)
    assert found == pytest.approx(spread, rel=0.06)


def test_leave_one_out_of_a_plain_mean(rng):
    stack = np.arange(4.0)[:, None, None] + rng.normal(0, 0.1, (4, 5, 6))  # so even that nothing is clipped
    whole = stack.mean(axis=0)
    for i, pull in enumerate(numbers.leave_one_out(stack)):
        np.testing.assert_allclose(pull, whole - np.delete(stack, i, axis=0).mean(axis=0), atol=1e-12)
    assert np.isnan(numbers.leave_one_out(stack[:1])[0]).all()


def test_median_of_others(rng):
    stack = rng.normal(size=(5, 3, 3))
    stack[1:, 0, 0] = np.nan
    found = numbers.median_of_others(stack, 0)
    assert np.isnan(found[0, 0])
    np.testing.assert_allclose(found.ravel()[1:], np.median(stack[1:], axis=0).ravel()[1:])


@pytest.mark.parametrize("count", [2, 3, 6, 7])
def test_halves_give_the_noise_of_the_mean(rng, count):
    stack = 0.1 * np.sin(np.arange(120))[None, :, None] + rng.normal(0, 2.0, (count, 120, 120))
    found = numbers.split_half_noise(stack)
    expected = np.sqrt(4.0 / count)
    assert numbers.clipped(found).total == pytest.approx(expected, rel=0.04)
    ratio = numbers.clipped(found / numbers.error_of_mean(stack, np.full(stack.shape, 2.0))).total
    assert ratio == pytest.approx(1.0, rel=0.04)


def test_halves_where_cells_are_missing(rng):
    stack = rng.normal(size=(4, 2, 2))
    stack[::2, 0, 0] = np.nan
    found = numbers.split_half_noise(stack)
    assert np.isnan(found[0, 0])
    assert np.isfinite(found).sum() == 3
    assert np.isnan(numbers.split_half_noise(stack[:1])).all()


def test_clipped_mean_clips(rng):
    stack = rng.normal(size=(20, 4, 4))
    stack[3, 2, 2] = 1e4
    stack[:, 0, 0] = np.nan
    found = numbers.clipped_mean(stack)
    assert abs(found[2, 2]) < 1.5
    assert np.isnan(found[0, 0])
    np.testing.assert_allclose(numbers.clipped_mean(stack[:3, 1:, 1:]), stack[:3, 1:, 1:].mean(axis=0))


def test_amplifier_levels():
    cells = np.zeros((4, 8))
    cells[:, 6:] = 0.01
    boxes = [(0, 39, 0, 19), (0, 39, 20, 59), (0, 39, 60, 79), (0, 39, 200, 240)]
    np.testing.assert_allclose(numbers.amplifier_levels(cells, (40, 80), boxes), [0, 0, 0.01, np.nan])


def test_outlier_fraction():
    assert numbers.outlier_fraction(np.array([0.0, 6.0, -7.0, np.nan, 1.0])) == 0.5
    assert math.isnan(numbers.outlier_fraction(np.array([np.nan])))
