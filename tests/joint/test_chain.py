"""The joint chain in memory, on small nights with a known truth."""

import dataclasses

import numpy as np
import pytest

from lsst.cp.sky.joint import (
    Bins,
    Grid,
    JointParameters,
    NoiseModel,
    Pixels,
    Placement,
    Site,
    judge_exposures,
    project_cells,
    run_chain,
    solve_joint,
    solve_medians,
)

SIDE = 256


def make_sites():
    grid = Grid((SIDE, SIDE), [(0, SIDE, 0, 120), (0, SIDE, 120, SIDE)])
    corners = [(-270.0, -128.0), (14.0, -128.0)]
    return [Site(grid, Placement(np.eye(2) / 300, np.array(c) / 300)) for c in corners]


class Night:
    """Pattern with an amplifier step, tilted skies, Poisson noise, and stars that move or do not."""

    def __init__(self, seed, exposures=5, stars=0, moves=True, gain=1.0):
        self.sites, self.exposures, self.gain = make_sites(), exposures, gain
        rng = np.random.default_rng(seed)
        row, column = np.mgrid[0:SIDE, 0:SIDE]
        self.pattern = [0.004 * np.sin(column / 20 + d) + 0.003 * (column >= 120) for d in range(2)]
        self.level = np.linspace(800, 1500, exposures)
        self.images = {}
        self.good = np.ones((SIDE, SIDE), dtype=bool)
        self.good[:, 77] = False
        places = rng.uniform(0, SIDE, (2, stars, 2))
        for e in range(exposures):
            for d, site in enumerate(self.sites):
                u, v = site.placement(column, row)
                image = self.level[e] * (1 + 0.01 * u - 0.01 * v * (e - 2)) * (1 + self.pattern[d])
                for x, y in places[d] if not moves else rng.uniform(0, SIDE, (stars, 2)):
                    image += 300 * np.exp(-0.5 * ((column - x) ** 2 + (row - y) ** 2) / 2**2)
                image = rng.poisson(image) + rng.normal(0, 5, image.shape)
                image[:, 77] = np.nan
                self.images[e, d] = (image / gain).astype(np.float32)

    def read(self, e, d):
        image = self.images.get((e, d))
        return None if image is None else Pixels(image, self.good)

    def run(self, **changes):
        noise = [NoiseModel.uniform(s.grid, 1 / self.gain, (5 / self.gain) ** 2) for s in self.sites]
        return run_chain(self.read, self.exposures, self.sites, noise, JointParameters(**changes))

    def error(self, product):
        """Error of each cell over the standard error that its variance states, and which cells are fine."""
        order = product.solution.order
        means = zip(self.sites, self.pattern, strict=True)
        truth = [s.grid.over_cells(s.grid.sum(p)) / s.grid.over_cells(s.grid.area) for s, p in means]
        truth, _ = project_cells(self.sites, truth, order)
        value, _ = project_cells(self.sites, [c.value for c in product.cells], order)
        fine = ~np.array([c.filled for c in product.cells])
        sigma = np.sqrt([c.variance for c in product.cells])
        return ((np.array(value) - truth) / sigma)[fine]


def rms(values):
    return np.sqrt(np.mean(np.square(values)))


@pytest.fixture(scope="module")
def plain():
    night = Night(1, stars=20)
    return night, night.run()


def test_the_error_is_what_the_variance_says(plain):
    night, product = plain
    assert rms(night.error(product)) < 1.25
    assert not product.warnings
    assert all(np.isfinite(c.value).all() for c in product.cells)
    np.testing.assert_allclose(product.solution.skies.level, night.level, rtol=0.01)


def test_objects_are_masked_and_nothing_else(plain):
    product = plain[1]
    fraction = np.mean([m.mean() for m in product.masks.values()])
    assert 0.02 < fraction < 0.3


def test_units_do_not_matter(plain):
    """Electrons or ADU: the same sky frame."""
    product = plain[1]
    again = Night(1, stars=20, gain=2.0).run()
    for one, other in zip(product.cells, again.cells, strict=True):
        np.testing.assert_allclose(one.value, other.value, atol=3e-5)
        np.testing.assert_allclose(one.variance, other.variance, rtol=0.02)


def test_missing_detectors():
    night = Night(2)
    del night.images[0, 1], night.images[3, 0]
    product = night.run()
    assert rms(night.error(product)) < 1.25
    assert product.bins[1].count[0].sum() == 0


def test_a_detector_that_is_brighter_than_the_others():
    """A piston is part of the pattern, whatever the order of the sky."""
    night = Night(3)
    for key in night.images:
        if key[1] == 1:
            night.images[key] *= 1.05
    night.pattern[1] = 1.05 * (1 + night.pattern[1]) - 1
    assert rms(night.error(night.run())) < 1.3


def test_a_single_exposure_is_its_own_pattern():
    night = Night(4, exposures=1)
    product = night.run()
    assert rms(night.error(product)) < 1.3
    assert product.recurrence == 1


def test_without_dithers_there_is_a_warning():
    product = Night(5, stars=60, moves=False).run()
    assert product.recurrence > 2
    assert any("dithers" in w for w in product.warnings)


@pytest.mark.parametrize("length", [9.0, 40.0])
def test_an_exposure_with_stray_light_is_rejected(length):
    night = Night(6, exposures=6)
    for d in range(2):
        night.images[2, d] += (60 * np.sin(np.arange(SIDE) / length)).astype(np.float32)
    skies = night.run().solution.skies
    assert skies.weight.tolist() == [1, 1, 0, 1, 1, 1]
    assert skies.reasons[2]
    assert not any(skies.reasons[e] for e in (0, 1, 3, 4, 5))


def test_enough_exposures_remain(plain):
    skies = plain[1].solution.skies
    bad = dataclasses.replace(skies, extra=np.full_like(skies.extra, 0.1))
    verdict = judge_exposures(bad, JointParameters().judge)
    assert verdict.weight.sum() == JointParameters().judge.min_exposures


def test_a_mask_that_runs_away_is_stopped():
    """A pattern that is all steps looks like objects everywhere as long as it is not known."""
    night = Night(7, stars=3)
    product = night.run(runaway=0.001)
    assert len([w for w in product.warnings if "ran away" in w]) > 0
    assert np.isfinite(product.cells[0].value).all()


def test_the_solve_streams():
    """Detectors are asked for one at a time, and the result does not depend on how."""
    night = Night(8)
    product = night.run()

    class Stream:
        def __init__(self, bins):
            self.bins, self.asked = bins, []

        def __len__(self):
            return len(self.bins)

        def __getitem__(self, d):
            one = self.bins[d]  # IndexError ends an iteration
            self.asked.append(d)
            return Bins(one.mean.copy(), one.count.copy(), one.variance.copy())

    parameters = JointParameters()
    stream = Stream(product.bins)
    first = solve_medians(night.sites, product.bins, parameters.solve)
    one = solve_joint(night.sites, product.bins, first, parameters.solve, parameters.judge)
    other = solve_joint(
        night.sites,
        stream,
        solve_medians(night.sites, stream, parameters.solve),
        parameters.solve,
        parameters.judge,
    )
    np.testing.assert_array_equal(one.pattern, other.pattern)
    np.testing.assert_array_equal(one.skies.coefficients, other.skies.coefficients)
    assert set(stream.asked) == {0, 1}
