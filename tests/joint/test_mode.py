"""A second pattern, whose amplitude differs from exposure to exposure: found where there is one only."""

import numpy as np
import pytest

from lsst.cp.sky.joint import (
    Bins,
    Grid,
    JointParameters,
    ModeParameters,
    Placement,
    Site,
    project_pattern,
    solve_joint,
    solve_medians,
)

SIDE = 512
PARAMETERS = JointParameters()


class Night:
    """Bins of two detectors: skies that tilt, a pattern, and one more of some amplitude."""

    def __init__(self, seed, exposures=12, second=0.0, bad=0.0):
        rng = np.random.default_rng(seed)
        grid = Grid((SIDE, SIDE))
        self.sites = [Site(grid, Placement(np.eye(2) / 700, np.array([x / 700, -0.37]))) for x in (-540, 20)]
        self.amplitude = rng.permutation(np.linspace(-1.7, 1.7, exposures))
        self.amplitude /= np.sqrt(np.mean(self.amplitude**2))
        level = np.exp(0.3 * self.amplitude) * 1500
        row, column = (np.arange(n) for n in grid.shape)
        self.pattern = [0.004 * np.sin(column / 3 + d) + 0.002 * (row[:, None] > 15) for d in range(2)]
        self.second = [second * np.sin(row[:, None] / 1.5 + d) * np.ones(grid.shape) for d in range(2)]
        self.bins = []
        for d, site in enumerate(self.sites):
            u, v = (x.reshape(grid.shape) for x in site.plane)
            mean = []
            for z, one in zip(self.amplitude, level, strict=True):
                sky = one * (1 + 0.02 * u * z - 0.01 * v)
                mean.append(sky * (1 + self.pattern[d] + z * self.second[d]))
            mean = np.array(mean)
            count = np.broadcast_to(grid.area, mean.shape)
            noisy = mean + rng.normal(0, np.sqrt(mean / count))
            noisy[0] += rng.normal(0, bad * level[0], grid.shape)
            self.bins.append(Bins(noisy, count, mean))

    def solve(self, mode=PARAMETERS.mode):
        start = solve_medians(self.sites, self.bins, PARAMETERS.solve)
        return solve_joint(
            self.sites, self.bins, start, PARAMETERS.solve, PARAMETERS.judge, mode, PARAMETERS.pattern
        )

    def error(self, solution):
        truth, _ = project_pattern(self.sites, self.pattern, solution.order)
        return np.sqrt(np.mean(np.square(np.array(solution.pattern) - np.array(truth))))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_is_found_and_the_pattern_is_that_of_the_mean_exposure(seed):
    night = Night(seed, second=0.003)
    with_it, without = night.solve(), night.solve(ModeParameters(rounds=0))
    assert without.mode is None
    np.testing.assert_allclose(with_it.mode.amplitude, night.amplitude, atol=0.25)
    assert with_it.mode.amplitude.mean() == pytest.approx(0, abs=1e-12)
    found, truth = np.array(with_it.mode.pattern), np.array(night.second)
    assert np.corrcoef(found.ravel(), truth.ravel())[0, 1] > 0.9
    assert night.error(with_it) < 0.9 * night.error(without)
    assert with_it.order <= without.order


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("exposures", [10, 24])
def test_noise_is_none(seed, exposures):
    assert Night(seed, exposures).solve().mode is None


def test_a_bad_exposure_is_none():
    """It has a variance of its own, and nothing in common with others."""
    solution = Night(4, bad=0.003).solve()
    assert solution.skies.extra[0] > 0.002
    assert solution.mode is None


def test_few_exposures_have_none():
    night = Night(5, exposures=9, second=0.003)
    assert night.solve().mode is None
    assert night.solve(ModeParameters(least=9)).mode is not None
