"""Raw amplifiers, their geometry, and the images of detectors that they are assembled to."""

import itertools

import numpy as np
import pytest

from lsst.afw.cameraGeom import (
    Amplifier,
    AmplifierGeometryComparison,
    AmplifierIsolator,
    Camera,
    ReadoutCorner,
    assembleAmplifierImage,
    assembleAmplifierRawImage,
    makeUpdatedDetector,
    rotateBBoxBy90,
)
from lsst.afw.image import ExposureF, ImageF, ImageI, MaskedImageF
from lsst.geom import Box2I, Extent2I, Point2I

WIDTH, HEIGHT, PRESCAN, OVERSCAN = 6, 4, 2, 3
RAW = Extent2I(PRESCAN + WIDTH + OVERSCAN, HEIGHT + 1)
DIFFERS = AmplifierGeometryComparison


def make_amplifier(number: int, flip_x: bool = False, flip_y: bool = False) -> Amplifier.Builder:
    """An amplifier in a raw image of its own, as the electronics deliver it."""
    builder = Amplifier.Builder()
    builder.setName(f"A{number}")
    builder.setBBox(Box2I(Point2I(number * WIDTH, 0), Extent2I(WIDTH, HEIGHT)))
    builder.setRawBBox(Box2I(Point2I(0, 0), RAW))
    builder.setRawPrescanBBox(Box2I(Point2I(0, 0), Extent2I(PRESCAN, HEIGHT)))
    builder.setRawDataBBox(Box2I(Point2I(PRESCAN, 0), Extent2I(WIDTH, HEIGHT)))
    builder.setRawHorizontalOverscanBBox(Box2I(Point2I(PRESCAN + WIDTH, 0), Extent2I(OVERSCAN, HEIGHT)))
    builder.setRawVerticalOverscanBBox(Box2I(Point2I(PRESCAN, HEIGHT), Extent2I(WIDTH, 1)))
    builder.setRawXYOffset(Extent2I(number * RAW.x, 0))
    builder.setRawFlipX(flip_x)
    builder.setRawFlipY(flip_y)
    builder.setReadoutCorner(ReadoutCorner.LL)
    return builder


@pytest.fixture
def detector():
    builder = Camera.Builder("Assembled")
    ccd = builder.add("D", 0)
    ccd.setBBox(Box2I(Point2I(0, 0), Extent2I(4 * WIDTH, HEIGHT)))
    for number, flips in enumerate(itertools.product((False, True), (False, True))):
        ccd.append(make_amplifier(number, *flips))
    return builder.finish()["D"]


def make_raw(number: int, kind: type = ImageF) -> ImageF:
    image = kind(Box2I(Point2I(0, 0), RAW))
    image.array[:] = np.arange(RAW.x * RAW.y).reshape(RAW.y, RAW.x) + 100 * number
    return image


def reversed_as(amplifier: Amplifier, array: np.ndarray) -> np.ndarray:
    return array[:: -1 if amplifier.getRawFlipY() else 1, :: -1 if amplifier.getRawFlipX() else 1]


def test_new_amplifiers_have_no_levels():
    amplifier = Amplifier.Builder()
    assert (amplifier.getSaturation(), amplifier.getSuspectLevel()) == (0.0, 0.0)


@pytest.mark.parametrize(("flip_x", "flip_y"), list(itertools.product((False, True), (False, True))))
def test_regions_move_with_the_pixels(flip_x, flip_y):
    raw = make_raw(0)
    before = make_amplifier(1, flip_x, flip_y).finish()
    after = before.rebuild().transform().finish()
    assembled = ImageF(after.getRawBBox())
    assembleAmplifierRawImage(assembled, raw, before)
    for name in ("Data", "HorizontalOverscan", "VerticalOverscan", "Prescan", ""):
        where, whence = (getattr(a, f"getRaw{name}BBox")() for a in (after, before))
        np.testing.assert_array_equal(assembled[where].array, reversed_as(before, raw[whence].array))
    assert (after.getRawFlipX(), after.getRawFlipY(), after.getRawXYOffset()) == (
        False,
        False,
        Extent2I(0, 0),
    )
    corners = {(False, False): "LL", (True, False): "LR", (True, True): "UR", (False, True): "UL"}
    assert after.getReadoutCorner().name == corners[flip_x, flip_y]
    back = after.rebuild().transform(outOffset=before.getRawXYOffset(), outFlipX=flip_x, outFlipY=flip_y)
    assert back.finish() == before


def test_comparison():
    amplifier = make_amplifier(1, True, False).finish()
    assert amplifier.compareGeometry(amplifier) is DIFFERS.EQUAL
    assembled = amplifier.rebuild().transform().finish()
    assert amplifier.compareGeometry(assembled) == DIFFERS.FLIPPED_X | DIFFERS.SHIFTED_X
    assert amplifier.compareGeometry(assembled, assembly=False) is DIFFERS.REGIONS_DIFFER
    assert amplifier.compareGeometry(assembled, assembly=False, regions=False) is DIFFERS.EQUAL
    moved = amplifier.rebuild()
    moved.setRawXYOffset(Extent2I(3, 4))
    moved.setRawFlipY(True)
    everything = DIFFERS.SHIFTED | DIFFERS.FLIPPED_Y
    assert amplifier.compareGeometry(moved) == everything | DIFFERS.REGIONS_DIFFER
    assert amplifier.compareGeometry(moved, regions=False) == everything
    assert everything & DIFFERS.ASSEMBLY_DIFFERS


@pytest.mark.parametrize("kind", [ImageF, ImageI])
def test_assembled_without_overscan(detector, kind):
    image = kind(detector.getBBox())
    for number, amplifier in enumerate(detector):
        raw = make_raw(number, kind)
        assembleAmplifierImage(image, raw, amplifier)
        expected = reversed_as(amplifier, raw[amplifier.getRawDataBBox()].array)
        np.testing.assert_array_equal(image[amplifier.getBBox()].array, expected)


def test_assembled_masked_images(detector):
    image = MaskedImageF(detector.getBBox())
    raw = MaskedImageF(make_raw(0))
    raw.mask.array[:] = make_raw(0).array
    raw.variance.array[:] = make_raw(1).array
    amplifier = detector["A3"]
    assembleAmplifierImage(image, raw, amplifier)
    for to, source in zip(image.getArrays(), raw[amplifier.getRawDataBBox()].getArrays(), strict=True):
        np.testing.assert_array_equal(to[:, 3 * WIDTH :], reversed_as(amplifier, source))
    with pytest.raises(RuntimeError, match="ImageF != MaskedImageF"):
        assembleAmplifierImage(ImageF(detector.getBBox()), raw, amplifier)


def test_detector_of_the_assembled_raw_image(detector):
    updated = makeUpdatedDetector(detector)
    assert [a.getRawBBox().minX for a in updated] == [n * RAW.x for n in range(4)]
    assert not any(a.getRawFlipX() or a.getRawFlipY() for a in updated)
    assert updated.getBBox() == detector.getBBox()


@pytest.mark.parametrize("trimmed", [True, False])
def test_single_amplifiers(detector, trimmed):
    assembled = makeUpdatedDetector(detector)
    box = detector.getBBox() if trimmed else Box2I(Point2I(0, 0), Extent2I(4 * RAW.x, RAW.y))
    exposure = ExposureF(box)
    exposure.image.array[:] = np.arange(box.area).reshape(box.height, box.width)
    exposure.setDetector(assembled)
    wanted = detector["A3"]
    part = AmplifierIsolator.apply(exposure, wanted)
    assert [a.getName() for a in part.getDetector()] == ["A3"]
    assert part.getDetector().getBBox() == wanted.getBBox()
    whence = wanted.getBBox() if trimmed else assembled["A3"].getRawBBox()
    np.testing.assert_array_equal(part.image.array, reversed_as(wanted, exposure[whence].image.array))
    place = wanted.getBBox() if trimmed else wanted.getRawBBox().shiftedBy(wanted.getRawXYOffset())
    assert part.getBBox() == place


def test_amplifiers_that_cannot_be_those_of_the_image(detector):
    other = detector["A0"].rebuild()
    other.setBBox(Box2I(Point2I(1, 0), Extent2I(WIDTH, HEIGHT)))
    with pytest.raises(ValueError, match="A0 should have the box"):
        AmplifierIsolator(other.finish(), detector.getBBox(), detector)
    other.setRawDataBBox(Box2I(Point2I(1, 0), Extent2I(WIDTH, HEIGHT)))
    with pytest.raises(ValueError, match="regions of amplifier A0"):
        AmplifierIsolator(other.finish(), Box2I(), detector)
    with pytest.raises(ValueError, match="no detector"):
        AmplifierIsolator.apply(ExposureF(3, 3), detector["A0"])


@pytest.mark.parametrize("turns", range(-1, 6))
@pytest.mark.parametrize("size", [(8, 6), (7, 5), (4, 4)])
def test_boxes_turn_with_their_grid(size, turns):
    grid = np.zeros((size[1], size[0]))
    box = Box2I(Point2I(1, 2), Extent2I(3, 2))
    grid[box.getSlices()] = 1
    turned = rotateBBoxBy90(box, turns, Extent2I(*size))
    # numpy turns counterclockwise for rows that run down, images have rows that run up
    y, x = np.nonzero(np.rot90(grid, -turns))
    assert turned == Box2I(Point2I(int(x.min()), int(y.min())), Point2I(int(x.max()), int(y.max())))


def test_grids_of_an_even_and_an_odd_side():
    """As the stack has it: a pixel off, to the right in one case and to the left in the other."""
    box = Box2I(Point2I(0, 0), Extent2I(7, 4))
    assert rotateBBoxBy90(box, 1, (7, 4)).getMin() == Point2I(1, 0)
    assert rotateBBoxBy90(box, 3, (7, 4)).getMin() == Point2I(0, -1)
    assert rotateBBoxBy90(box, 2, (7, 4)).getMin() == Point2I(0, 0)
