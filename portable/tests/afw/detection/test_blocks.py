# SPDX-License-Identifier: GPL-3.0-or-later
"""Large images are searched, grown and marked in blocks of rows; the result is that of the whole image."""

import numpy as np
import pytest
from exposures import make_masked_image

from lsst.afw.detection import FootprintSet, Threshold
from lsst.afw.image import MaskX
from lsst.geom import Box2I, Extent2I
from lsst.portable import threads
from lsst.portable.arrays import search
from lsst.portable.arrays.packed import PackedFlags

SHAPES = [(1, 1), (3, 400), (400, 3), (151, 131), (700, 67)]
THRESHOLDS = [
    Threshold(2.0),
    Threshold(2.0, polarity=False),
    Threshold(1.2, Threshold.PIXEL_STDEV),
    Threshold(1.2, Threshold.PIXEL_STDEV, polarity=False, includeMultiplier=1.5),
    Threshold(1.5, Threshold.STDEV),
    Threshold(1.5, Threshold.VARIANCE, includeMultiplier=1.3),
]


@pytest.fixture(params=[1, 3], ids=["1 thread", "3 threads"])
def in_blocks(request, monkeypatch):
    """Make blocks of every image, and say how to do without."""
    monkeypatch.setattr(threads, "thread_count", lambda: request.param)
    for name, value in {"LARGE": 0, "_BLOCK": 1000, "_LEAST": 2000}.items():
        monkeypatch.setattr(threads, name, value)
    for name, value in {"_SEARCHED": 700, "_GROWN": 1000}.items():
        monkeypatch.setattr(search, name, value)
    return lambda: monkeypatch.setattr(threads, "LARGE", 1 << 60)


def make_image(shape):
    rng = np.random.default_rng(11)
    image = rng.normal(0, 1.5, shape)
    image[rng.random(shape) < 0.01] = np.nan
    variance = rng.uniform(0.5, 2, shape)
    variance[rng.random(shape) < 0.01] = -1.0
    return make_masked_image(image, variance=variance, xy0=(-7, 40))


def flags(footprints):
    return footprints._flags.rows(0, footprints.getRegion().getHeight())


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("threshold", THRESHOLDS, ids=repr)
@pytest.mark.parametrize("npixMin", [1, 3])
def test_search_in_blocks(in_blocks, shape, threshold, npixMin):
    image = make_image(shape)
    if shape == (1, 1):
        threshold = Threshold(-5.0)
    found = FootprintSet(image, threshold, "", npixMin)
    in_blocks()
    expected = FootprintSet(image, threshold, "", npixMin)
    assert len(found) == len(expected)
    np.testing.assert_array_equal(flags(found), flags(expected))
    assert npixMin > 1 or flags(found).any()


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("radius", [0, 1, 13])
@pytest.mark.parametrize("isotropic", [True, False])
def test_growth_in_blocks(in_blocks, shape, radius, isotropic):
    footprints = FootprintSet(make_image(shape), Threshold(4.0))
    grown = FootprintSet(footprints, radius, isotropic)
    in_blocks()
    np.testing.assert_array_equal(flags(grown), flags(FootprintSet(footprints, radius, isotropic)))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("shift", [(0, 0), (-3, -25), (5, 40), (-900, 0)])
def test_parts_of_other_boxes(in_blocks, shape, shift):
    image = make_image(shape)
    canvas = np.zeros((2000, 2000), dtype=bool)
    own = slice(1000, 1000 + shape[0]), slice(1000, 1000 + shape[1])
    other = slice(1000 + shift[1], 1060 + shift[1]), slice(1000 + shift[0], 1097 + shift[0])
    canvas[own] = image.image.array >= 1.0
    box = Box2I(image.getBBox().getMin() + Extent2I(*shift), Extent2I(97, 60))
    mask = MaskX(box)
    footprints = FootprintSet(image, Threshold(1.0))
    footprints.setMask(mask, "DETECTED")
    np.testing.assert_array_equal(mask.array != 0, canvas[other])
    footprints.setRegion(box)
    assert footprints.getRegion() == box
    np.testing.assert_array_equal(flags(footprints), canvas[other])
    # What was cut off does not come back.
    kept = np.zeros_like(canvas)
    kept[other] = canvas[other]
    footprints.setRegion(image.getBBox())
    np.testing.assert_array_equal(flags(footprints), kept[own])


def test_packed_flags():
    rng = np.random.default_rng(2)
    for shape in [(0, 5), (4, 0), (1, 1), (5, 8), (9, 17)]:
        packed = PackedFlags(shape)
        assert not packed.rows(0, shape[0]).any()
        whole = rng.random(shape) < 0.5
        for start in range(0, shape[0], 3):
            packed.set_rows(start, whole[start : start + 3])
        np.testing.assert_array_equal(packed.rows(0, shape[0]), whole)
        np.testing.assert_array_equal(packed.rows(1, 4), whole[1:4])
