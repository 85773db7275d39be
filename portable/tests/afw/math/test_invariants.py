"""Properties that numbers over images have whatever the pixels are."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import lsst.afw.math as afwMath
from lsst.afw.geom import makeIdentityTransform
from lsst.afw.image import Mask, MaskedImageF
from lsst.geom import Box2I, Extent2I, Point2I

STATISTICS = (
    afwMath.NPOINT,
    afwMath.MEAN,
    afwMath.STDEV,
    afwMath.MEDIAN,
    afwMath.IQRANGE,
    afwMath.MEANCLIP,
    afwMath.STDEVCLIP,
    afwMath.MIN,
    afwMath.MAX,
)

SEEDS = st.integers(0, 2**32 - 1)
COEFFICIENTS = st.floats(-10, 10).map(lambda value: round(value, 3))


def noisy_image(seed, x0=0, y0=0, shape=(23, 31)):
    rng = np.random.default_rng(seed)
    image = MaskedImageF(Box2I(Point2I(x0, y0), Extent2I(shape[1], shape[0])))
    image.image.array[:] = rng.normal(100, 10, shape)
    image.variance.array[:] = rng.uniform(50, 150, shape)
    return image


@settings(deadline=None, max_examples=25)
@given(SEEDS, st.floats(0, 0.9))
def test_statistics_do_not_care_which_plane_masks_a_pixel(seed, fraction):
    rng = np.random.default_rng(seed)
    whole, split = noisy_image(seed), noisy_image(seed)
    bad = rng.random(whole.mask.array.shape) < fraction
    names = ["BAD", "SAT", "NO_DATA"]
    whole.mask.array[bad] = Mask.getPlaneBitMask("BAD")
    values = np.array([Mask.getPlaneBitMask(name) for name in names])
    split.mask.array[bad] = rng.choice(values, bad.sum())
    control = afwMath.StatisticsControl(3.0, 3, Mask.getPlaneBitMask(names))
    both = [afwMath.makeStatistics(one, sum(STATISTICS), control) for one in (whole, split)]
    for each in STATISTICS:
        np.testing.assert_equal(both[0].getValue(each), both[1].getValue(each))


@settings(deadline=None, max_examples=15)
@given(COEFFICIENTS, COEFFICIENTS, COEFFICIENTS, st.integers(-50, 50), st.integers(-50, 50))
def test_background_of_a_plane_is_the_plane(constant, slope_x, slope_y, x0, y0):
    image = noisy_image(0, x0, y0, (60, 80))
    y, x = np.mgrid[:60, :80]
    plane = constant + slope_x * x + slope_y * y
    image.image.array[:] = plane
    control = afwMath.BackgroundControl(8, 6, afwMath.StatisticsControl(), afwMath.MEAN)
    background = afwMath.makeBackground(image, control)
    for style in ("LINEAR", "NATURAL_SPLINE", "AKIMA_SPLINE"):
        # Outside of the outermost centres of cells all styles but LINEAR follow their own curve.
        inner = (slice(5, -5), slice(5, -5))
        result = background.getImageF(style)
        assert result.getBBox() == image.getBBox()
        scale = 1 + np.abs(plane).max()
        np.testing.assert_allclose(result.array[inner], plane[inner], rtol=0, atol=3e-6 * scale)


@settings(deadline=None, max_examples=15)
@given(SEEDS, st.integers(-30, 30), st.integers(-30, 30))
def test_warp_of_the_identity_is_the_image(seed, x0, y0):
    image = noisy_image(seed, x0, y0)
    image.mask.array[:] = np.random.default_rng(seed).integers(0, 8, image.mask.array.shape)
    warped = MaskedImageF(image.getBBox())
    afwMath.warpImage(warped, image, makeIdentityTransform(), afwMath.WarpingControl("bilinear"))
    inner = (slice(1, -1), slice(1, -1))
    np.testing.assert_allclose(warped.image.array[inner], image.image.array[inner], rtol=1e-6)
    np.testing.assert_allclose(warped.variance.array[inner], image.variance.array[inner], rtol=1e-6)
    np.testing.assert_array_equal(warped.mask.array[inner], image.mask.array[inner])
