# SPDX-License-Identifier: GPL-3.0-or-later
"""Backgrounds by rows have the pixels and the statistics of their images, to the bit."""

import itertools

import numpy as np
import pytest

from lsst.afw import math as afw_math
from lsst.afw.image import ImageF
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pex.exceptions import InvalidParameterError, LengthError, OutOfRangeError
from lsst.portable import threads
from lsst.portable.arrays.rows import image_rows

SHAPES = [(40, 31), (131, 97), (700, 211)]
STYLES = ["CONSTANT", "LINEAR", "NATURAL_SPLINE", "CUBIC_SPLINE_PERIODIC", "AKIMA_SPLINE"]


@pytest.fixture(params=["small", "1 thread", "3 threads"])
def size(request, monkeypatch):
    """Take images for small or for large, whatever their size."""
    number = 3 if request.param == "3 threads" else 1
    monkeypatch.setattr(threads, "thread_count", lambda: number)
    monkeypatch.setattr(threads, "LARGE", 1 << 60 if request.param == "small" else 0)
    monkeypatch.setattr(threads, "_BLOCK", 3000)


def make_background(shape, style="AKIMA_SPLINE", approximate=False, empty=()):
    box = Box2I(Point2I(5, -9), Extent2I(shape[1], shape[0]))
    image = ImageF(box)
    image.array[:] = np.random.default_rng(2).normal(1000, 10, shape)
    kind = afw_math.ApproximateControl.CHEBYSHEV if approximate else afw_math.ApproximateControl.UNKNOWN
    control = afw_math.BackgroundControl(
        style, 6, 7, "REDUCE_INTERP_ORDER", None, "MEAN", afw_math.ApproximateControl(kind, 3, 3, False)
    )
    background = afw_math.makeBackground(image, control)
    for place in empty:
        background.getStatsImage().image.array[place] = np.nan
    return background


def pixels(rows):
    """All rows, in parts of several sizes."""
    edges = sorted({0, 1, 17, 64, 100, 131, rows.shape[0]} & {*range(rows.shape[0] + 1)})
    return np.concatenate([rows.rows(start, stop) for start, stop in itertools.pairwise(edges)])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("empty", [(), [(2, 3)], [(slice(None), 0), (4, slice(2, None))], [...]], ids=str)
def test_rows_are_those_of_the_image(size, shape, style, empty):
    background = make_background(shape, style, empty=empty)
    expected = background.getImageF(style, "REDUCE_INTERP_ORDER").array
    rows = image_rows(background, style, "REDUCE_INTERP_ORDER")
    assert rows.shape == shape
    found = pixels(rows)
    if style == "CUBIC_SPLINE_PERIODIC":  # solves for all rows of a block at once
        np.testing.assert_allclose(found, expected, rtol=1e-6)
    else:
        np.testing.assert_array_equal(found, expected)
    assert found.dtype == np.float32


@pytest.mark.parametrize("shape", SHAPES)
def test_approximations_and_sums(size, shape):
    first, second = make_background(shape), make_background(shape, "LINEAR", approximate=True)
    rows = image_rows(second, "LINEAR", "REDUCE_INTERP_ORDER")
    np.testing.assert_array_equal(pixels(rows), second.getImageF("LINEAR", "REDUCE_INTERP_ORDER").array)
    total = afw_math.BackgroundList(first, second, first)
    np.testing.assert_array_equal(pixels(image_rows(total)), total.getImage().array)


@pytest.mark.parametrize("shape", SHAPES)
def test_images_gain_and_lose_it(size, shape):
    background = make_background(shape)
    image = ImageF(background.getImage(), True)
    image.array[:] = np.random.default_rng(3).normal(0, 100, shape)
    image.array[3, 4], image.array[5, 6] = np.nan, np.inf
    expected = ImageF(image, True)
    rows = image_rows(background)
    expected -= background.getImageF()
    rows.subtract_from(image.array)
    np.testing.assert_array_equal(image.array, expected.array)
    expected += background.getImageF()
    rows.add_to(image.array)
    np.testing.assert_array_equal(image.array, expected.array)
    with pytest.raises(LengthError, match="does not fit an image of"):
        rows.add_to(image.array[1:])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("empty", [(), [(slice(None), 0)], [...]], ids=str)
def test_mean_and_variance_are_those_of_the_image(size, shape, empty):
    background = make_background(shape, empty=empty)
    image = background.getImageF("AKIMA_SPLINE", "REDUCE_INTERP_ORDER")
    expected = afw_math.makeStatistics(image, afw_math.MEAN | afw_math.VARIANCE)
    found = image_rows(background, "AKIMA_SPLINE", "REDUCE_INTERP_ORDER").mean_and_variance()
    wanted = [expected.getValue(flag) for flag in (afw_math.MEAN, afw_math.VARIANCE)]
    np.testing.assert_array_equal(found, wanted)


def test_what_makes_no_image_makes_no_rows():
    background = make_background((40, 31), empty=[(slice(0, 4), 2)])
    for kind, style in (
        (OutOfRangeError, ("AKIMA_SPLINE", "THROW_EXCEPTION")),
        (InvalidParameterError, ("NO_SUCH_STYLE", "THROW_EXCEPTION")),
    ):
        with pytest.raises(kind) as expected:
            background.getImageF(*style)
        with pytest.raises(kind) as found:
            image_rows(background, *style)
        assert str(found.value) == str(expected.value)


def test_styles_used_are_remembered():
    background = make_background((40, 31))
    image_rows(background, "NATURAL_SPLINE", "REDUCE_INTERP_ORDER")
    assert background.getAsUsedInterpStyle() == afw_math.Interpolate.NATURAL_SPLINE
    assert background.getAsUsedUndersampleStyle() == afw_math.UndersampleStyle.REDUCE_INTERP_ORDER
