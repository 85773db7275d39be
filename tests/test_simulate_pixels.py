"""The simulated pixels: smooth sky, known pattern, honest noise."""

import dataclasses

import numpy as np
import pytest

from lsst.cp.sky.simulate import (
    DefectConfig,
    NightConfig,
    PatternConfig,
    SkyConfig,
    SourceConfig,
    Stream,
    draw_pattern,
    draw_sky,
    random_stream,
    simulate_pixels,
)
from lsst.cp.sky.simulate._defects import saturate
from lsst.cp.sky.simulate._sources import SourceCatalog, add_sources, draw_sources

SHAPE = (190, 240)
FLAT_SKY = np.full(SHAPE, 900.0)
NO_PATTERN = np.zeros(SHAPE)


def test_sky_is_the_stated_quadratic():
    sky = draw_sky(SkyConfig(), 30.0, np.random.default_rng(1))
    x, y = np.array([3.0, -7.0, 0.0]), np.array([-11.0, 4.0, 0.0])
    u, v = x / 30, y / 30
    expected = sky.level * (
        1
        + sky.gradient[0] * u
        + sky.gradient[1] * v
        + sky.curvature[0] * u**2
        + sky.curvature[1] * u * v
        + sky.curvature[2] * v**2
    )
    np.testing.assert_allclose(sky(x, y), expected, rtol=1e-14)


def test_sky_stays_within_its_bounds_and_differs_between_exposures():
    config = SkyConfig()
    skies = [draw_sky(config, 30.0, random_stream(1, Stream.SKY, i)) for i in range(50)]
    levels = np.array([sky.level for sky in skies])
    assert len(set(levels)) == 50
    assert config.dark_level <= levels.min() < 1.5 * config.dark_level
    assert 0.7 * config.moonlit_level < levels.max() <= config.moonlit_level
    assert max(np.hypot(*sky.gradient) for sky in skies) <= config.gradient


def test_sky_needs_a_radius():
    with pytest.raises(ValueError, match=r"must be positive, got 0 mm"):
        draw_sky(SkyConfig(), 0, np.random.default_rng(1))


def test_pattern_holds_the_three_ingredients():
    amplifiers = [(slice(0, 190), slice(0, 120)), (slice(0, 190), slice(120, 240))]
    rng = np.random.default_rng
    only_steps = PatternConfig(response_rms=0, glow_peak=0)
    steps = draw_pattern(SHAPE, amplifiers, only_steps, rng(3))
    assert len(np.unique(steps)) == 2
    assert np.ptp(steps[:, :120]) == 0
    only_response = PatternConfig(amplifier_rms=0, glow_peak=0, response_rms=0.004)
    response = draw_pattern(SHAPE, amplifiers, only_response, rng(3))
    assert response.std() == pytest.approx(0.004, rel=1e-12)
    assert abs(response.mean()) < 1e-12
    only_glow = PatternConfig(amplifier_rms=0, response_rms=0, glow_peak=0.01)
    glow = draw_pattern(SHAPE, amplifiers, only_glow, rng(3))
    assert 0.007 < glow.max() <= 0.01
    row, column = np.unravel_index(glow.argmax(), SHAPE)
    assert row in (0, SHAPE[0] - 1) or column in (0, SHAPE[1] - 1)


def test_same_seed_same_pixels_whatever_the_order():
    night = NightConfig()
    keys = [(0, 0), (0, 1), (1, 0)]
    forwards = {key: simulate_pixels(FLAT_SKY, NO_PATTERN, night, key) for key in keys}
    backwards = {key: simulate_pixels(FLAT_SKY, NO_PATTERN, night, key) for key in reversed(keys)}
    for key in keys:
        np.testing.assert_array_equal(forwards[key].image, backwards[key].image)
    assert not np.array_equal(forwards[0, 0].image, forwards[0, 1].image, equal_nan=True)
    other = simulate_pixels(FLAT_SKY, NO_PATTERN, dataclasses.replace(night, seed=2), (0, 0))
    assert not np.array_equal(forwards[0, 0].image, other.image, equal_nan=True)


def test_noise_has_the_variance_of_the_variance_plane():
    night = dataclasses.replace(NightConfig(), defects=DefectConfig(cosmic_rays_per_megapixel=0))
    noisy = simulate_pixels(FLAT_SKY, NO_PATTERN, night, (0, 0))
    quiet = simulate_pixels(FLAT_SKY, NO_PATTERN, dataclasses.replace(night, noise=False), (0, 0))
    np.testing.assert_array_equal(noisy.variance, quiet.variance)
    good = ~(noisy.bad | noisy.dead)
    chi2 = (noisy.image[good] - quiet.image[good]) ** 2 / noisy.variance[good]
    # Mean of n unit chi-squares: 1 +- sqrt(2/n) = 0.007 here.
    assert abs(chi2.mean() - 1) < 0.03


def test_a_perfect_night_is_the_sky_times_the_pattern():
    pattern = 0.01 * np.random.default_rng(5).normal(size=SHAPE)
    pixels = simulate_pixels(FLAT_SKY, pattern, NightConfig().without_noise(), (0, 0))
    np.testing.assert_array_equal(pixels.image, (FLAT_SKY * (1 + pattern)).astype(np.float32))
    assert not (pixels.bad | pixels.dead | pixels.saturated | pixels.cosmic_rays).any()


def test_defects_are_marked_where_they_are():
    pixels = simulate_pixels(FLAT_SKY, NO_PATTERN, NightConfig(), (2, 1))
    assert np.isnan(pixels.image[pixels.dead]).all()
    assert np.isfinite(pixels.image[~pixels.dead]).all()
    assert len(np.flatnonzero(pixels.bad.any(axis=0))) == DefectConfig().bad_columns
    again = simulate_pixels(FLAT_SKY, NO_PATTERN, NightConfig(), (3, 1))
    np.testing.assert_array_equal(pixels.bad, again.bad)
    np.testing.assert_array_equal(pixels.dead, again.dead)
    assert not np.array_equal(pixels.cosmic_rays, again.cosmic_rays)


def test_counts_grow_by_the_stated_slope():
    config = SourceConfig(stars_per_megapixel=4e5, galaxies_per_megapixel=0)
    catalog = draw_sources((600, 600), config, np.random.default_rng(8))
    magnitude = config.zero_point - 2.5 * np.log10(catalog.flux)
    faint, bright = (np.sum((magnitude > m) & (magnitude < m + 1)) for m in (24, 20))
    # Four magnitudes at 0.2 dex: 6.3 times; the bright bin holds about 1e4 of 1.5e5 stars (1 %).
    assert faint / bright == pytest.approx(10**0.8, rel=0.05)
    assert magnitude.min() >= config.brightest
    assert magnitude.max() <= config.faintest


def test_a_source_gives_its_flux():
    image = np.zeros((401, 401))
    config = SourceConfig(fwhm=4.0, beta=3.0)
    one = SourceCatalog(*(np.array([value]) for value in (200.2, 199.6, 1e5, 0.0, 1.0, 0.0)))
    add_sources(image, one, config, floor=1e-4)
    assert image.sum() == pytest.approx(1e5, rel=2e-3)
    assert np.unravel_index(image.argmax(), image.shape) == (200, 200)
    half_maximum_area = np.sum(image > image.max() / 2)
    assert half_maximum_area == pytest.approx(np.pi * 2.0**2, rel=0.25)


def test_bleeding_keeps_the_charge():
    image = np.full((101, 7), 100.0)
    image[50, 3] = 5000.0
    saturated = saturate(image, 1000.0)
    assert image.sum() == pytest.approx(100.0 * (101 * 7 - 1) + 5000.0)
    assert image.max() == 1000.0
    assert saturated[:, 3].sum() in (5, 6)
    assert not np.delete(saturated, 3, axis=1).any()


def test_charge_leaves_at_the_edge():
    image = np.full((5, 1), 900.0)
    image[2, 0] = 1e6
    assert saturate(image, 1000.0).all()
    assert image.max() == 1000.0


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: NightConfig(exposures=0), "at least one exposure, got exposures=0"),
        (lambda: NightConfig(sky=SkyConfig(dark_level=-1.0)), "0 < dark_level"),
        (lambda: NightConfig(sky=SkyConfig(dark_level=2.0, moonlit_level=1.0)), r"got 2\.0 and 1\.0"),
    ],
)
def test_impossible_nights_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        wrong()
