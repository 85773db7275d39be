"""Cells of a sky frame are made of bins that are known to different degrees."""

import numpy as np
import pytest

from lsst.cp.sky.joint import FrameParameters, Grid, make_cells

GRID = Grid((640, 640))


def cells_of(pattern, information, model):
    count = np.where(information > 0, GRID.area, 0)
    return make_cells(pattern, information, count, model, 1, GRID, FrameParameters())


def by_area(pattern):
    return GRID.over_cells(GRID.area * pattern) / GRID.over_cells(GRID.area)


@pytest.fixture
def uneven():
    rng = np.random.default_rng(1)
    information = 1e6 * np.where(rng.uniform(size=GRID.shape) < 0.4, 0.05, 1.0)
    truth = 0.003 * np.sin(np.arange(GRID.shape[1]) / 5) * np.ones(GRID.shape)
    return truth, information, truth + rng.normal(0, 1, GRID.shape) / np.sqrt(information)


def test_poorly_known_bins_count_for_little(uneven):
    truth, information, pattern = uneven
    cells = cells_of(pattern, information, truth)
    error, plain = cells.value - by_area(truth), by_area(pattern) - by_area(truth)
    assert np.std(error) < 0.6 * np.std(plain)
    assert np.mean(error**2 / cells.variance) == pytest.approx(1, abs=0.2)


def test_evenly_known_bins_count_by_area(uneven):
    truth, _, pattern = uneven
    cells = cells_of(pattern, np.full(GRID.shape, 1e6), truth)
    np.testing.assert_allclose(cells.value, by_area(pattern), rtol=0, atol=1e-15)


def test_the_model_is_not_trusted_where_bins_belie_it(uneven):
    """A step within each cell that the model does not have, and on one side few pixels."""
    truth, _, _ = uneven
    truth = truth + 0.05 * (np.arange(GRID.shape[1]) % 2)
    information = 1e6 * np.where(np.arange(GRID.shape[1]) % 2, 0.05, 1.0) * np.ones(GRID.shape)
    cells = cells_of(truth, information, np.zeros(GRID.shape))
    np.testing.assert_allclose(cells.value, by_area(truth), rtol=0, atol=0.1 * 0.025)  # of the step's mean


def test_unknown_bins_do_not_count(uneven):
    truth, information, pattern = uneven
    gap = np.zeros(GRID.shape, dtype=bool)
    gap[::2, ::2] = True
    gap[:2, :2] = True
    cells = cells_of(np.where(gap, np.nan, pattern), np.where(gap, 0, information), truth)
    assert np.isfinite(cells.value).all()
    assert np.argwhere(cells.empty).tolist() == [[0, 0]]
    assert np.isinf(cells.variance[0, 0])
    assert np.std((cells.value - by_area(truth))[~cells.empty]) < 2e-3
