"""Numbers of the compiled stack: statistics, stacks, interpolation, backgrounds, approximations and
warping."""

import numpy as np
import pytest
from golden import golden_cases, load_golden

from lsst.afw import math as afw_math
from lsst.afw.geom import makeTransform
from lsst.afw.image import ImageD, ImageF, ImageI, ImageU, MaskedImageF, MaskX
from lsst.geom import AffineTransform, Box2I, Extent2D, Extent2I, LinearTransform, Point2I
from lsst.pex import exceptions

IMAGES = {"F": ImageF, "D": ImageD, "I": ImageI, "U": ImageU}


def cases(kind):
    return pytest.mark.parametrize("path", golden_cases(kind), ids=lambda path: path.stem)


def assert_close(actual, expected, rtol):
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape
    np.testing.assert_array_equal(np.isnan(actual), np.isnan(expected))
    np.testing.assert_allclose(actual, expected, rtol=rtol, atol=0)


def bits(params):
    return sum(1 << params["maskPlanes"][name] for name in params["andMaskPlanes"])


def masked_image(arrays, xy0=(0, 0)):
    height, width = arrays["in_image"].shape
    image = MaskedImageF(Box2I(Point2I(*xy0), Extent2I(width, height)))
    image.image.array[:] = arrays["in_image"]
    image.mask.array[:] = arrays["in_mask"]
    image.variance.array[:] = arrays["in_variance"]
    return image


def check_properties(statistics, params, arrays):
    results = [statistics.getResult(afw_math.Property[name]) for name in params["properties"]]
    assert_close([value for value, _ in results], arrays["out_value"], 1e-9)
    assert_close([error for _, error in results], arrays["out_error"], 1e-9)


def all_flags(params):
    flags = afw_math.ERRORS
    for name in params["properties"]:
        flags |= afw_math.stringToStatisticsProperty(name)
    return flags


@cases("statistics")
def test_statistics(path):
    params, arrays = load_golden(path)
    control = afw_math.StatisticsControl(
        params["numSigmaClip"], params["numIter"], params["andMask"], params["nanSafe"]
    )
    image = IMAGES[params["pixel"]](arrays["in_image"])
    if params["use_mask"]:
        statistics = afw_math.makeStatistics(image, MaskX(arrays["in_mask"]), all_flags(params), control)
    else:
        statistics = afw_math.makeStatistics(image, all_flags(params), control)
    check_properties(statistics, params, arrays)


@cases("statistics_masked")
def test_statistics_masked(path):
    params, arrays = load_golden(path)
    control = afw_math.StatisticsControl(params["numSigmaClip"], params["numIter"], bits(params))
    control.setWeighted(params["weighted"])
    control.setCalcErrorFromInputVariance(params["calcErrorFromInputVariance"])
    statistics = afw_math.makeStatistics(masked_image(arrays), all_flags(params), control)
    check_properties(statistics, params, arrays)
    assert statistics.getOrMask() == params["orMask"]


@cases("interpolate")
def test_interpolate(path):
    params, arrays = load_golden(path)
    style = afw_math.stringToInterpStyle(params["style"])
    if "raises" in params:
        with pytest.raises(getattr(exceptions, params["raises"]), match="needs at least"):
            afw_math.makeInterpolate(arrays["in_x"], arrays["in_y"], style)
        return
    function = afw_math.makeInterpolate(list(arrays["in_x"]), list(arrays["in_y"]), style)
    # Far extrapolations of splines cross zero; there the scale is that of the values.
    scale = np.nanmax(np.abs(arrays["out_yi"]), initial=0)
    result = function.interpolate(arrays["in_xi"])
    np.testing.assert_allclose(result, arrays["out_yi"], rtol=1e-9, atol=1e-13 * scale)
    assert function.interpolate(float(arrays["in_xi"][3])) == pytest.approx(arrays["out_yi"][3], nan_ok=True)


@cases("background")
def test_background(path):
    params, arrays = load_golden(path)
    control = afw_math.BackgroundControl(params["nx"], params["ny"], sctrl=None, prop=params["statistic"])
    control.getStatisticsControl().setAndMask(bits(params))
    background = afw_math.makeBackground(masked_image(arrays, params["xy0"]), control)
    stats = background.getStatsImage()
    assert_close(stats.image.array, arrays["out_stats_image"], 2e-6)
    np.testing.assert_array_equal(stats.mask.array, arrays["out_stats_mask"])
    assert_close(stats.variance.array, arrays["out_stats_variance"], 2e-6)
    for key, expected in params["images"].items():
        if "raises" in expected:
            with pytest.raises(getattr(exceptions, expected["raises"]), match="background cells"):
                background.getImageF(*key.split("-"))
            continue
        image = background.getImageF(*key.split("-"))
        assert_close(image.array, arrays[f"out_image_{key}"], 2e-6)
        assert image.array.dtype == np.float32
        assert list(image.getXY0()) == expected["xy0"]
        assert background.getAsUsedInterpStyle() == expected["asUsedInterpStyle"]
    if "subbox" in params:
        x, y, width, height = params["subbox"]
        box = Box2I(Point2I(x, y), Extent2I(width, height))
        options = [
            background.getImageF(box, style, "REDUCE_INTERP_ORDER").array
            for style in ("CONSTANT", "LINEAR", "NATURAL_SPLINE", "AKIMA_SPLINE")
        ]
        assert any(np.allclose(option, arrays["out_subimage"], rtol=2e-6, atol=0) for option in options)


@cases("approximate")
def test_approximate(path):
    params, arrays = load_golden(path)
    approximation = afw_math.ApproximateControl(
        afw_math.ApproximateControl.CHEBYSHEV, params["order"], params["order"], params["weighting"]
    )
    control = afw_math.BackgroundControl(params["nx"], params["ny"])
    control.getStatisticsControl().setAndMask(bits(params))
    background = afw_math.makeBackground(masked_image(arrays), control)
    assert_close(background.getApproximate(approximation).getImage().array, arrays["out_image"], 2e-6)
    control.setApproximateControl(approximation)
    assert_close(background.getImageF().array, arrays["out_image"], 2e-6)


@cases("stack")
def test_stack(path):
    params, arrays = load_golden(path)
    images = [
        masked_image({"in_image": image, "in_mask": mask, "in_variance": variance}, (3, -4))
        for image, mask, variance in zip(
            arrays["in_images"], arrays["in_masks"], arrays["in_variances"], strict=True
        )
    ]
    control = afw_math.StatisticsControl()
    control.setAndMask(bits(params))
    flag = afw_math.stringToStatisticsProperty(params["statistic"])
    weights = [[float(weight) for weight in arrays["in_weights"]]] if "in_weights" in arrays else []
    stacked = afw_math.statisticsStack(images, flag, control, *weights)
    assert_close(stacked.image.array, arrays["out_image"], 2e-6)
    np.testing.assert_array_equal(stacked.mask.array, arrays["out_mask"])
    assert_close(stacked.variance.array, arrays["out_variance"], 2e-6)
    assert stacked.getXY0() == Point2I(3, -4)


@cases("warp")
def test_warp(path):
    params, arrays = load_golden(path)
    xx_xy, yx_yy, offset = params["affine"]
    linear = LinearTransform(np.array([xx_xy, yx_yy]))
    transform = makeTransform(AffineTransform(linear, Extent2D(*offset)))
    height, width = arrays["in_dst_shape"]
    dest = ImageF(int(width), int(height))
    control = afw_math.WarpingControl(params["kernel"])
    good = afw_math.warpImage(dest, ImageF(arrays["in_image"]), transform, control)
    assert_close(dest.array, arrays["out_image"], 2e-6)
    assert good >= np.count_nonzero(np.isfinite(arrays["out_image"]))


@pytest.mark.parametrize(("name", "members"), [("background_one", 1), ("background_two", 2)])
def test_background_files(golden_dir, tmp_path, name, members):
    expected = np.load(golden_dir / "files" / "expected.npz")
    backgrounds = afw_math.BackgroundList.readFits(str(golden_dir / "files" / f"{name}.fits"))
    assert len(backgrounds) == members
    for index, member in enumerate(backgrounds):
        assert_close(member[0].getStatsImage().image.array, expected[f"{name}:stats{index}"], 0)
    assert_close(backgrounds.getImage().array, expected[f"{name}:read_image"], 2e-6)
    backgrounds.writeFits(tmp_path / "copy.fits")
    assert_same_file(golden_dir / "files" / f"{name}.fits", tmp_path / "copy.fits")


def assert_same_file(one, other):
    """Same HDUs: pixels, and cards in the same order with the same text but for mask planes that a test
    added."""
    fits = pytest.importorskip("astropy.io.fits")
    with fits.open(one) as a, fits.open(other) as b:
        assert len(a) == len(b)
        for old, new in zip(a, b, strict=True):
            np.testing.assert_array_equal(old.data, new.data)
            assert old.data.dtype == new.data.dtype
            old_cards = [(card.keyword, card.value) for card in old.header.cards if card.keyword != "COMMENT"]
            new_cards = [(card.keyword, card.value) for card in new.header.cards if card.keyword != "COMMENT"]
            planes = {keyword for keyword, _ in old_cards} | {f"MP_{plane}" for plane in ("GOLDEN_PLANE",)}
            new_cards = [card for card in new_cards if card[0] in planes or not card[0].startswith("MP_")]
            assert new_cards == old_cards
