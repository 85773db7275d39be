# SPDX-License-Identifier: GPL-3.0-or-later
"""Images moved by fractions of a pixel."""

import numpy as np
import pytest

from lsst.afw.image import ImageF, ImageI, MaskedImageF, MaskX
from lsst.afw.math import offsetImage
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pex.exceptions import InvalidParameterError, LengthError

BOX = Box2I(Point2I(7, -3), Extent2I(40, 30))


def star(x, y, sigma=3.0):
    """A Gaussian at a position given from the first pixel of the box."""
    rows, columns = np.mgrid[:30, :40]
    image = ImageF(BOX)
    image.array[:] = np.exp(-0.5 * ((columns - x) ** 2 + (rows - y) ** 2) / sigma**2)
    return image


@pytest.mark.parametrize(
    ("shift", "whole"),
    [
        ((0.0, 0.0), (0, 0)),
        ((0.3, -0.9), (0, 0)),
        ((0.999, 0.0), (0, 0)),
        ((1.0, -1.0), (1, -1)),
        ((-1.25, 0.5), (-1, 1)),
        ((12.4, -7.5), (12, -7)),
    ],
)
@pytest.mark.parametrize(("kernel", "limit"), [("lanczos5", 0.002), ("bilinear", 0.03), ("nearest", 0.2)])
def test_position_of_a_star(shift, whole, kernel, limit):
    moved = offsetImage(star(19.0, 14.0), *shift, kernel)
    assert moved.getXY0() == BOX.getMin() + Extent2I(*whole)
    expected = star(19.0 + shift[0] - whole[0], 14.0 + shift[1] - whole[1])
    inner = (slice(5, -5), slice(5, -5))
    assert abs(moved.array - expected.array)[inner].max() < limit


def test_constant_stays():
    for kind, value in ((ImageF, 200.0), (ImageI, 200)):
        for kernel in ("lanczos3", "bilinear", "nearest"):
            moved = offsetImage(kind(BOX, value), 0.5, -0.5, kernel)
            assert type(moved) is kind
            np.testing.assert_allclose(moved.array, 200, atol=1 if kind is ImageI else 1e-4)


def test_edge_is_copied_or_interpolated():
    image = MaskedImageF(BOX)
    image.image.array[:] = np.arange(40.0)
    image.variance.array[:] = 1.0
    edge = MaskX.getPlaneBitMask("EDGE")
    plain = offsetImage(image, 0.25, 0.0, "bilinear")
    assert (plain.image.array[:-1, 1] == 0.75).all()
    assert (plain.variance.array[:-1, 1] == 0.75**2 + 0.25**2).all()
    assert (plain.image.array[:, 0] == 0.0).all()
    assert (plain.mask.array[:, 0] & edge).all()
    assert (plain.mask.array[-1] & edge).all()
    assert not plain.mask.array[:-1, 1:].any()
    image.image.array[:] += 8.0
    buffered = offsetImage(image, 0.25, 0.0, "bilinear", buffer=2)
    assert (buffered.image.array[:, 0] == 0.75 * 8.0).all()
    assert not buffered.mask.array.any()
    assert buffered.getBBox() == BOX


def test_bad_input():
    with pytest.raises(InvalidParameterError, match="Unknown warping kernel 'cubic'"):
        offsetImage(ImageF(BOX), 0.5, 0.5, "cubic")
    with pytest.raises(LengthError, match=r"9 x 30 pixels is too small .* needs 10 x 10"):
        offsetImage(ImageF(9, 30), 0.5, 0.5)
    with pytest.raises(TypeError, match="image of offsetImage must be"):
        offsetImage(np.zeros((9, 9)), 0.5, 0.5)
