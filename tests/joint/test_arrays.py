"""Properties of the joint chain's functions over arrays."""

import hypothesis.extra.numpy as arrays
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import example, given, settings
from scipy import ndimage

from lsst.cp.sky.joint import (
    Grid,
    NoiseModel,
    Placement,
    ProfileSums,
    Site,
    WingParameters,
    Wings,
    basis,
    cell_edges,
    classify_objects,
    fit_noise,
    mean_bins,
    median_bins,
    model_bins,
    model_pixels,
    pool_profiles,
    project_cells,
    project_pattern,
    recurrence_sums,
    terms,
)
from lsst.cp.sky.joint._distance import block_any, block_sum, distance_to, grow_mask, interior_radius, unblock
from lsst.cp.sky.joint._running import RunningMedian

few = settings(max_examples=25, deadline=None)


@st.composite
def grids(draw, most=150):
    shape = draw(st.tuples(st.integers(1, most), st.integers(1, most)))
    ends = [sorted(draw(st.sets(st.integers(1, n), max_size=3)) | {0, n}) for n in shape]
    boxes = [
        (y0, y1, x0, x1)
        for y0, y1 in zip(ends[0][:-1], ends[0][1:], strict=True)
        for x0, x1 in zip(ends[1][:-1], ends[1][1:], strict=True)
    ]
    return Grid(shape, boxes, draw(st.integers(1, 40)), draw(st.integers(1, 60))), boxes


@given(grids())
@few
def test_bins_end_where_cells_and_amplifiers_do(case):
    grid, boxes = case
    for axis, length, ends in zip(
        (grid.y, grid.x), grid.pixel_shape, ({b[0] for b in boxes}, {b[2] for b in boxes}), strict=True
    ):
        assert axis.edges[0] == 0
        assert axis.edges[-1] == length
        assert (axis.width > 0).all()
        assert set(axis.cells) <= set(axis.edges)
        assert ends <= set(axis.edges)
        assert (axis.edges[1:] <= axis.cells[axis.cell + 1]).all()
        assert (axis.edges[:-1] >= axis.cells[axis.cell]).all()
    assert grid.area.sum() == grid.pixel_shape[0] * grid.pixel_shape[1]
    assert grid.over_cells(grid.area).shape == grid.cells


@given(grids(), st.integers(0, 2**32))
@few
def test_pixels_keep_the_mean_of_every_bin(case, seed):
    grid, _ = case
    rng = np.random.default_rng(seed)
    values = rng.normal(size=grid.shape)
    pixels = grid.pixels(values)
    assert pixels.shape == grid.pixel_shape
    np.testing.assert_allclose(grid.mean(pixels), values, atol=2e-4 * max(1, np.abs(pixels).max()))
    first = rng.integers(0, grid.pixel_shape[0])
    np.testing.assert_allclose(grid.pixels(values, slice(first, None)), pixels[first:], atol=1e-5)


def test_no_amplifier_leaks_into_the_next():
    grid = Grid((64, 96), [(0, 64, 0, 40), (0, 64, 40, 96)])
    step = np.where(grid.x.centre < 40, 1.0, 2.0) * np.ones(grid.shape)
    np.testing.assert_allclose(
        grid.pixels(step), np.where(np.arange(96) < 40, 1, 2) * np.ones((64, 1)), rtol=1e-5
    )


def test_cells_are_those_of_the_background():
    assert cell_edges(4072, 32)[-1] == 4072
    assert len(cell_edges(4072, 32)) == 128
    assert len(cell_edges(10, 32)) == 2


@pytest.mark.parametrize("bad", [((0, 5), 16, 32), ((5, 5), 0, 32), ((5, 5), 16, -1)])
def test_a_grid_of_nothing_is_refused(bad):
    with pytest.raises(ValueError, match="positive sizes"):
        Grid(bad[0], (), bad[1], bad[2])


@given(grids(80), st.integers(0, 2**32))
@few
def test_medians_are_those_of_numpy(case, seed):
    grid, _ = case
    rng = np.random.default_rng(seed)
    image, good = rng.normal(size=grid.pixel_shape).astype(np.float32), rng.random(grid.pixel_shape) < 0.8
    image[~good] = np.inf
    median, count = median_bins(image, good, grid, 0.0)
    for j in range(grid.shape[0]):
        for i in range(grid.shape[1]):
            part = np.s_[grid.y.edges[j] : grid.y.edges[j + 1], grid.x.edges[i] : grid.x.edges[i + 1]]
            values = image[part][good[part]].astype(float)
            assert count[j, i] == len(values)
            assert median[j, i] == pytest.approx(np.median(values), abs=1e-7) if len(values) else True
            assert len(values) or np.isnan(median[j, i])


@given(grids(80), st.integers(0, 2**32))
@few
def test_masked_pixels_do_not_count(case, seed):
    grid, _ = case
    rng = np.random.default_rng(seed)
    residual, use = rng.normal(size=grid.pixel_shape).astype(np.float32), rng.random(grid.pixel_shape) < 0.5
    model = rng.normal(size=grid.shape)
    mean, count = mean_bins(residual, use, model, grid, 0.0)
    other = np.where(use, residual, np.nan)
    again, _ = mean_bins(other, use, model, grid, 0.0)
    np.testing.assert_array_equal(mean, again)
    assert count.sum() == use.sum()
    assert (np.isnan(mean) == (count == 0)).all()


@given(st.integers(0, 2), st.integers(0, 2**32))
@few
def test_what_is_left_is_orthogonal_to_the_sky(order, seed):
    rng = np.random.default_rng(seed)
    grid = Grid((96, 64), (), 16, 32)
    corners = ((-80.0, -100.0), (0.0, -100.0), (-80.0, 10.0), (0.0, 10.0))
    sites = [Site(grid, Placement(np.eye(2) / 140, np.array(c) / 140)) for c in corners]
    pattern = [0.01 * rng.normal(size=grid.shape) for _ in sites]
    pattern[1][0, 0] = np.nan
    rest, _ = project_pattern(sites, pattern, order)
    functions = np.concatenate([s.functions(order) for s in sites])
    flat = np.concatenate([r.ravel() for r in rest])
    area = np.tile(grid.area.ravel(), 4) * np.isfinite(flat)
    assert np.abs((functions * area[:, None]).T @ np.nan_to_num(flat)).max() < 1e-7 * area.sum()
    # A sky of that order in the pattern makes no difference, to second order.
    smooth = functions @ (3e-4 * rng.normal(size=terms(order)))
    parts = zip(pattern, np.split(smooth, 4), strict=True)
    tilted = [(1 + p) * (1 + g.reshape(p.shape)) - 1 for p, g in parts]
    again, _ = project_pattern(sites, tilted, order, rounds=6)
    np.testing.assert_allclose(np.nan_to_num(again), np.nan_to_num(rest), atol=5e-6)


def test_cells_lose_the_same():
    grid = Grid((64, 64), (), 16, 32)
    sites = [Site(grid, Placement(np.eye(2) / 50, np.array([-32, -32]) / 50))]
    rest, _ = project_cells(sites, [np.full(grid.cells, 0.1)], 0)
    np.testing.assert_allclose(rest[0], 0, atol=1e-12)


@given(st.integers(0, 8))
@few
def test_basis_has_all_terms_and_is_independent(order):
    rng = np.random.default_rng(order)
    functions = basis(rng.uniform(-1, 1, 500), rng.uniform(-1, 1, 500), order)
    assert functions.shape == (500, terms(order))
    assert np.linalg.matrix_rank(functions) == terms(order)


def test_model_in_bins_is_the_mean_of_the_model():
    grid = Grid((128, 96), [(0, 50, 0, 96), (50, 128, 0, 96)])
    site = Site(grid, Placement(np.eye(2) / 100, np.array([-0.4, -0.6])))
    rng = np.random.default_rng(1)
    pattern = ndimage.gaussian_filter(rng.normal(size=grid.shape), 1) * 0.02
    sky = np.array([1000.0, 20, -10, 5, 4, 3])
    mean = grid.mean(model_pixels(pattern, sky, site))
    np.testing.assert_allclose(model_bins(pattern, sky, site), mean, rtol=2e-4)


masks = arrays.arrays(bool, st.tuples(st.integers(1, 60), st.integers(1, 60)))


@given(masks, st.floats(0, 12))
@example(np.array([[True], [False]]), 3.0)  # fewer rows than the disc has
@few
def test_masks_grow_by_a_disc(mask, radius):
    expected = ndimage.distance_transform_edt(~mask) <= radius if mask.any() else mask
    np.testing.assert_array_equal(grow_mask(mask, radius), expected)


@given(masks)
@few
def test_distances_are_those_of_scipy(mask):
    near = distance_to(mask, 100.0)
    if mask.any():
        np.testing.assert_allclose(near, ndimage.distance_transform_edt(~mask), rtol=1e-6)
        if not mask.all():
            np.testing.assert_allclose(
                interior_radius(mask, 100.0), ndimage.distance_transform_edt(mask), rtol=1e-6
            )
    else:
        assert np.isinf(near).all()


def test_distances_do_not_depend_on_bands():
    rng = np.random.default_rng(2)
    mask = rng.random((1300, 40)) < 0.001
    near = distance_to(mask, 30)
    exact = ndimage.distance_transform_edt(~mask)
    np.testing.assert_allclose(near[exact <= 30], exact[exact <= 30], rtol=1e-6)
    assert (near[exact > 30] > 30).all()


@given(masks, st.integers(1, 5))
@few
def test_blocks_add_up(mask, factor):
    assert block_sum(mask.astype(np.float32), factor).sum() == mask.sum()
    np.testing.assert_array_equal(block_any(mask, factor), block_sum(mask.astype(int), factor) > 0)
    assert (unblock(block_any(mask, factor), factor, mask.shape) | ~mask).all()


@given(st.integers(1, 300), st.integers(0, 2**32))
@few
def test_running_medians(number, seed):
    values = np.random.default_rng(seed).normal(size=(3, number))
    running = RunningMedian(3, -6, 6)
    for part in np.array_split(values, 4, axis=1):
        running.add(part, np.ones(part.shape, dtype=bool))
    exact = np.sort(values, axis=1)
    low, high = exact[:, (number - 1) // 2], exact[:, number // 2]
    step = 12 / 4000
    assert ((running.median() >= low - step) & (running.median() <= high + step)).all()


@pytest.mark.parametrize(("gain", "read"), [(1.0, 5.0), (0.7, 12.0), (4.0, 3.0)])
def test_noise_is_measured_at_the_level_of_the_sky(gain, read):
    """Whatever the gain, whether or not the plane follows the pixels, and with bright objects in it."""
    rng = np.random.default_rng(5)
    grid = Grid((200, 200), [(0, 200, 0, 100), (0, 200, 100, 200)])
    sky = 900.0
    light = np.full((200, 200), sky)
    light[:40] += rng.exponential(3000, size=(40, 200))
    true = sky / gain + (read / gain) ** 2
    follows = light / gain + (read / gain) ** 2
    image = (light + rng.normal(size=light.shape) * np.sqrt(follows)).astype(np.float32)
    fallback = NoiseModel.uniform(grid, 99.0, 99.0)
    for plane in (follows, np.full(light.shape, true)):
        noise = fit_noise(image, plane, np.ones(light.shape, dtype=bool), grid, fallback)
        np.testing.assert_allclose(noise.variance(np.full(grid.shape, sky), grid), true, rtol=0.03)
    nothing = fit_noise(image, np.full(light.shape, np.nan), np.ones(light.shape, dtype=bool), grid, fallback)
    np.testing.assert_array_equal(nothing.slope, fallback.slope)


def test_wings_are_found_where_they_are():
    parameters = WingParameters()
    sums = ProfileSums.empty(parameters)
    sums.count[:] = 1e5
    edges = np.array(parameters.distances)
    sums.total[4] = np.where(edges[1:] <= 24, 0.5, 0.0) * 1e5
    radius = pool_profiles([sums], parameters).radius
    assert radius[4] == 24
    others = np.arange(len(radius)) != 4
    np.testing.assert_array_equal(radius[others], Wings.initial(parameters).radius[others])


def make_profiles(number, seed=8, pixels=1e4):
    """Rings of exposures that the model fits: wings up to 24 pixels around objects of class 4, and noise."""
    parameters = WingParameters()
    edges = np.array(parameters.distances)
    wing = np.zeros(ProfileSums.empty(parameters).total.shape)
    wing[4] = np.where(edges[1:] <= 24, 0.5, 0.0)
    rng = np.random.default_rng(seed)
    return [
        ProfileSums(
            wing * pixels + np.sqrt(pixels) * rng.normal(size=wing.shape), np.full(wing.shape, pixels)
        )
        for _ in range(number)
    ]


def spoil(profile, height=0.3):
    """Rings of an exposure with waves: bright close to what was taken for objects, and dark far out."""
    waves = height * np.cos(np.linspace(0, np.pi, profile.total.shape[1]))
    return ProfileSums(3 * (profile.total + waves * profile.count), 3 * profile.count)


@pytest.mark.parametrize("bad", [(7,), (0, 1, 2, 3), (2, 5, 8, 11)], ids=["one", "exposure", "detector"])
def test_bad_exposures_do_not_change_the_wings_of_others(bad):
    parameters = WingParameters()
    profiles = make_profiles(12)
    others = [one for i, one in enumerate(profiles) if i not in bad]
    spoilt = [spoil(one) if i in bad else one for i, one in enumerate(profiles)]
    wings = pool_profiles(spoilt, parameters)
    assert wings.left_out == bad
    np.testing.assert_array_equal(wings.radius, pool_profiles(others, parameters).radius)


@pytest.mark.parametrize("rings", [2, 13])
@pytest.mark.parametrize("pixels", [1e2, 1e4, 1e6])
def test_noise_leaves_out_no_exposure(pixels, rings):
    for seed in range(20):
        profiles = make_profiles(12, seed, pixels)
        for one in profiles:
            one.count[:, rings:] = 0
            one.count[rings:] = 0
        assert pool_profiles(profiles, WingParameters()).left_out == ()


def test_where_all_differ_none_is_left_out():
    """Deviations are measured against what is usual: in crowded fields that is more."""
    spoilt = [spoil(one, 0.3 + 0.05 * i) for i, one in enumerate(make_profiles(12))]
    assert pool_profiles(spoilt, WingParameters()).left_out == ()


def test_two_exposures_are_not_told_apart():
    good, bad = make_profiles(2)
    assert pool_profiles([good, spoil(bad)], WingParameters()).left_out == ()
    assert pool_profiles([], WingParameters()).left_out == ()


def test_what_mostly_bad_exposures_have_is_no_standard():
    """A good exposure with one object of a size that otherwise only waves have is not taken for a bad one."""
    bad = (0, 1, 2, 3)
    profiles = [spoil(one) if i in bad else one for i, one in enumerate(make_profiles(12))]
    for i, one in enumerate(profiles):
        one.total[6], one.count[6] = 10 * one.total[6], (i < 5) * 10 * one.count[6]
    assert pool_profiles(profiles, WingParameters()).left_out == bad


def test_objects_of_one_exposure_alone_have_its_wings():
    """A galaxy that is larger than anything else is masked as far out as it is seen, be it on its own."""
    parameters = WingParameters()
    edges = np.array(parameters.distances)
    profiles = make_profiles(12)
    for one in profiles:
        one.total[7], one.count[7] = 0, 0
    galaxy = spoil(profiles[3])
    galaxy.count[7] = 1e5
    galaxy.total[7] = np.where(edges[1:] <= 48, 0.5, 0.0) * 1e5
    profiles[3] = galaxy
    wings = pool_profiles(profiles, parameters)
    assert wings.left_out == (3,)
    assert wings.radius[7] == 48


def test_objects_are_sorted_by_inner_radius():
    at = np.mgrid[0:100, 0:200]
    objects = np.hypot(at[0] - 50, at[1] - 40) < 12.3
    objects |= np.hypot(at[0] - 50, at[1] - 120) < 3.4
    objects[50, 180] = True
    classes = classify_objects(objects, WingParameters())
    assert classes.number[50, 40] == 4
    assert classes.number[50, 120] == 1
    assert classes.number[50, 180] == -1
    assert classes.present() == [4, 1]


def test_recurrence_tells_static_from_random():
    rng = np.random.default_rng(3)
    random = [rng.random((300, 300)) < 0.05 for _ in range(4)]
    assert recurrence_sums(random).recurrence == pytest.approx(1, abs=0.1)
    assert recurrence_sums([random[0]] * 4).recurrence == pytest.approx(20, rel=0.1)
    assert recurrence_sums(random[:1]).recurrence == 1
    assert recurrence_sums([]).recurrence == 1
