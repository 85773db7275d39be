"""Warping: identity, shifts, areas, edges, masks and bad input."""

import numpy as np
import pytest

from lsst.afw import math as afw_math
from lsst.afw.geom import makeTransform
from lsst.afw.image import ImageD, ImageF, MaskedImageF, MaskX
from lsst.geom import AffineTransform, Box2I, Extent2D, Extent2I, LinearTransform, Point2I
from lsst.pex.exceptions import InvalidParameterError

BOX = Box2I(Point2I(-4, 7), Extent2I(11, 8))
BILINEAR = afw_math.WarpingControl("bilinear")


def shift(dx, dy):
    return makeTransform(AffineTransform(Extent2D(dx, dy)))


@pytest.fixture
def source():
    rng = np.random.default_rng(9)
    image = MaskedImageF(BOX)
    image.image.array[:] = rng.normal(10, 1, (8, 11))
    image.mask.array[3, 5] = 4
    image.variance.array[:] = rng.uniform(1, 2, (8, 11))
    return image


def test_identity_keeps_all_but_the_last_row_and_column(source):
    dest = MaskedImageF(BOX)
    assert afw_math.warpImage(dest, source, shift(0, 0), BILINEAR) == 70
    inner = (slice(None, -1), slice(None, -1))
    for name in ("image", "mask", "variance"):
        old, new = (getattr(image, name).array for image in (source, dest))
        np.testing.assert_allclose(new[inner], old[inner], rtol=1e-6)
    for edge in ((-1, slice(None)), (slice(None), -1)):
        assert np.isnan(dest.image.array[edge]).all()
        assert np.isinf(dest.variance.array[edge]).all()
        assert (dest.mask.array[edge] == MaskX.getPlaneBitMask("NO_DATA")).all()


def test_shift_by_pixels_and_by_half(source):
    dest = ImageF(Box2I(Point2I(-1, 9), Extent2I(4, 3)))
    afw_math.warpImage(dest, source.image, shift(2, 1), BILINEAR)
    np.testing.assert_allclose(dest.array, source.image.array[1:4, 1:5], rtol=1e-6)
    afw_math.warpImage(dest, source.image, shift(1.5, 1), BILINEAR)
    mean = 0.5 * (source.image.array[1:4, 1:5] + source.image.array[1:4, 2:6])
    np.testing.assert_allclose(dest.array, mean, rtol=1e-6)


def test_flux_per_area_is_kept(source):
    double = makeTransform(AffineTransform(LinearTransform(np.diag([2.0, 3.0]))))
    flat = ImageF(np.full((8, 11), 12.0, dtype=np.float32))
    dest = ImageF(20, 20)
    afw_math.warpImage(dest, flat, double, BILINEAR)
    np.testing.assert_allclose(dest.array, 2.0, rtol=1e-6)


def test_mask_and_variance_of_the_neighbours(source):
    dest = MaskedImageF(Box2I(BOX.getMin(), Extent2I(9, 7)))
    afw_math.warpImage(dest, source, shift(-0.25, 0), BILINEAR)
    expected = 0.75**2 * source.variance.array[:7, :9] + 0.25**2 * source.variance.array[:7, 1:10]
    np.testing.assert_allclose(dest.variance.array, expected, rtol=1e-6)
    assert np.argwhere(dest.mask.array == 4).tolist() == [[3, 4], [3, 5]]


def test_nan_in_the_footprint(source):
    source.image.array[2, 2] = np.nan
    dest = ImageF(Box2I(BOX.getMin(), Extent2I(9, 6)))
    afw_math.warpImage(dest, source.image, shift(-0.5, -0.5), BILINEAR)
    assert np.argwhere(np.isnan(dest.array)).tolist() == [[1, 1], [1, 2], [2, 1], [2, 2]]


def test_source_smaller_than_the_kernel():
    dest = ImageF(3, 3)
    assert afw_math.warpImage(dest, ImageF(1, 5), shift(0, 0), BILINEAR, -1.0) == 0
    assert (dest.array == -1.0).all()


def test_bad_input(source):
    with pytest.raises(InvalidParameterError, match="share pixels"):
        afw_math.warpImage(source.image, source.image, shift(0, 0), BILINEAR)
    with pytest.raises(NotImplementedError, match="TransformPoint2ToPoint2"):
        afw_math.warpImage(ImageF(3, 3), source.image, object(), BILINEAR)
    with pytest.raises(NotImplementedError, match="'lanczos3' is not offered"):
        afw_math.makeWarpingKernel("lanczos3")
    with pytest.raises(InvalidParameterError, match="Unknown warping kernel 'cubic'"):
        afw_math.WarpingControl("cubic")
    with pytest.raises(NotImplementedError, match="interpLength = 10"):
        afw_math.WarpingControl("bilinear", "", 0, 10)
    with pytest.raises(TypeError, match="Cannot warp"):
        afw_math.warpImage(ImageF(3, 3), source, shift(0, 0), BILINEAR)


def test_control_is_set():
    control = afw_math.WarpingControl("bilinear")
    kernel = afw_math.makeWarpingKernel("bilinear")
    control.setWarpingKernel(kernel)
    assert control.getWarpingKernel() is kernel
    assert not control.hasMaskWarpingKernel()
    control.setMaskWarpingKernel(kernel)
    assert control.getMaskWarpingKernel() is kernel
    control.setMaskWarpingKernelName("")
    assert not control.hasMaskWarpingKernel()
    control.setMaskWarpingKernelName("bilinear")
    assert control.hasMaskWarpingKernel()
    control.setCacheSize(7)
    control.setGrowFullMask(3)
    control.setInterpLength(0)
    assert (control.getCacheSize(), control.getGrowFullMask(), control.getInterpLength()) == (7, 3, 0)
    with pytest.raises(NotImplementedError, match="'lanczos3' is not offered"):
        control.setWarpingKernelName("lanczos3")
    with pytest.raises(NotImplementedError, match="interpLength = 10 is not"):
        control.setInterpLength(10)
    with pytest.raises(NotImplementedError, match="Warping by a FixedKernel"):
        control.setMaskWarpingKernel(afw_math.FixedKernel(ImageD(3, 3)))
