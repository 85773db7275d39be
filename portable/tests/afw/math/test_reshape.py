"""Binning, flipping and turning of images, and names that are not offered."""

import numpy as np
import pytest

from lsst.afw import math as afw_math
from lsst.afw.image import ImageF, MaskedImageF
from lsst.geom import Point2I
from lsst.pex.exceptions import DomainError, InvalidParameterError


def make_image():
    image = MaskedImageF(5, 4)
    image.setXY0(Point2I(3, -2))
    image.image.array[:] = np.arange(20).reshape(4, 5)
    image.mask.array[0, 1] = 2
    image.variance.array[:] = 8.0
    return image


def test_binning():
    binned = afw_math.binImage(make_image(), 2)
    np.testing.assert_array_equal(binned.image.array, [[3, 5], [13, 15]])
    np.testing.assert_array_equal(binned.mask.array, [[2, 0], [0, 0]])
    np.testing.assert_array_equal(binned.variance.array, np.full((2, 2), 2.0))
    assert binned.getXY0() == Point2I(3, -2)
    assert afw_math.binImage(make_image().image, 5, 1).array.ravel().tolist() == [2, 7, 12, 17]
    with pytest.raises(DomainError, match="Binning must be positive"):
        afw_math.binImage(make_image(), 0)
    with pytest.raises(InvalidParameterError, match="MEAN only"):
        afw_math.binImage(make_image(), 2, 2, afw_math.MEDIAN)
    with pytest.raises(TypeError, match=r"either binX .* or binsize"):
        afw_math.binImage(make_image(), 2, binsize=2)


def test_binning_by_one_size():
    by_name = afw_math.binImage(make_image().image, binsize=2)
    np.testing.assert_array_equal(by_name.array, afw_math.binImage(make_image().image, 2, 2).array)


def test_flipping():
    image = make_image()
    np.testing.assert_array_equal(
        afw_math.flipImage(image, True, False).image.array, image.image.array[:, ::-1]
    )
    np.testing.assert_array_equal(afw_math.flipImage(image.mask, False, True).array, image.mask.array[::-1])
    for given in (image, image.image, image.mask):
        given.setXY0(3, -8)
        assert afw_math.flipImage(given, True, True).getBBox() == given.getBBox()
        assert afw_math.rotateImageBy90(given, 1).getXY0() == Point2I(0, 0)


def test_turning_is_counter_clockwise():
    image = ImageF(np.array([[1, 2], [3, 4], [5, 6]], dtype=np.float32))
    turned = afw_math.rotateImageBy90(image, 1)
    # The pixel at the lower right, 2, comes to the upper right; rows run up.
    np.testing.assert_array_equal(turned.array, [[5, 3, 1], [6, 4, 2]])
    np.testing.assert_array_equal(afw_math.rotateImageBy90(image, 4).array, image.array)


def test_names_that_are_not_offered():
    with pytest.raises(AttributeError, match=r"'GaussianProcess'.*not part of the slice"):
        _ = afw_math.GaussianProcess
