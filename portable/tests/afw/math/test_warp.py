"""Warping: identity, shifts, areas, edges, masks and bad input."""

import numpy as np
import pytest

from lsst.afw import math as afw_math
from lsst.afw.geom import makeTransform
from lsst.afw.image import ImageD, ImageF, MaskedImageF, MaskX
from lsst.geom import AffineTransform, Box2I, Extent2D, Extent2I, LinearTransform, Point2I, degrees
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
    for control in (afw_math.WarpingControl("lanczos3"), afw_math.WarpingControl("bilinear", "nearest")):
        with pytest.raises(NotImplementedError, match=r"Warping by a (Lanczos|Nearest)WarpingKernel is not"):
            afw_math.warpImage(ImageF(3, 3), source.image, shift(0, 0), control)
    for name in ("cubic", "lanczos", "lanczos3.5", ""):
        with pytest.raises(InvalidParameterError, match=f"Unknown warping kernel {name!r}"):
            afw_math.WarpingControl(name)
    with pytest.raises(TypeError, match="Cannot warp"):
        afw_math.warpImage(ImageF(3, 3), source, shift(0, 0), BILINEAR)


def test_control_is_set():
    control = afw_math.WarpingControl("bilinear")
    kernel = afw_math.makeWarpingKernel("bilinear")
    control.setWarpingKernel(kernel)
    assert isinstance(control.getWarpingKernel(), afw_math.BilinearWarpingKernel)
    assert control.getWarpingKernel() is not kernel
    assert not control.hasMaskWarpingKernel()
    control.setMaskWarpingKernel(kernel)
    assert isinstance(control.getMaskWarpingKernel(), afw_math.BilinearWarpingKernel)
    control.setMaskWarpingKernelName("")
    assert not control.hasMaskWarpingKernel()
    control.setMaskWarpingKernelName("bilinear")
    assert control.hasMaskWarpingKernel()
    control.setCacheSize(7)
    control.setGrowFullMask(3)
    control.setInterpLength(10)
    assert (control.getCacheSize(), control.getGrowFullMask(), control.getInterpLength()) == (7, 3, 10)
    kernels = control.getWarpingKernel(), control.getMaskWarpingKernel()
    assert [each.getCacheSize() for each in kernels] == [7, 7]
    with pytest.raises(TypeError, match="maskWarpingKernel must be SeparableKernel, got FixedKernel"):
        control.setMaskWarpingKernel(afw_math.FixedKernel(ImageD(3, 3)))


def test_kernel_of_the_mask_is_not_larger():
    for name, mask_name in (("bilinear", "nearest"), ("lanczos3", "bilinear"), ("lanczos4", "lanczos3")):
        assert afw_math.WarpingControl(name, mask_name).hasMaskWarpingKernel()
    with pytest.raises(InvalidParameterError, match="smaller than that of the mask"):
        afw_math.WarpingControl("bilinear", "lanczos2")
    control = afw_math.WarpingControl("lanczos3", "lanczos3")
    with pytest.raises(InvalidParameterError, match="smaller than that of the mask"):
        control.setWarpingKernelName("lanczos2")
    with pytest.raises(InvalidParameterError, match="smaller than that of the mask"):
        control.setMaskWarpingKernelName("lanczos4")
    assert control.getWarpingKernel().getOrder() == control.getMaskWarpingKernel().getOrder() == 3


def test_positions_are_exact_whatever_the_distance_of_interpolation(source):
    turn = makeTransform(AffineTransform(LinearTransform.makeRotation(20 * degrees), Extent2D(3, 1)))
    images = []
    for length in (0, 5):
        images.append(ImageF(BOX))
        afw_math.warpImage(images[-1], source.image, turn, afw_math.WarpingControl("bilinear", "", 0, length))
    np.testing.assert_array_equal(images[0].array, images[1].array)
    assert np.isfinite(images[0].array).sum() > 10
