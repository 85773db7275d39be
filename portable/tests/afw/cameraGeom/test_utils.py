"""Images of amplifiers, detectors and whole cameras."""

import logging
import math

import matplotlib as mpl
import numpy as np
import pytest

from lsst.afw.cameraGeom import (
    FIELD_ANGLE,
    FOCAL_PLANE,
    PIXELS,
    Amplifier,
    Camera,
    Orientation,
    ReadoutCorner,
    utils,
)
from lsst.afw.geom import makeRadialTransform
from lsst.afw.image import ExposureF, ImageF, ImageU, MaskedImageF
from lsst.afw.math import rotateImageBy90
from lsst.geom import Angle, Box2I, Extent2D, Extent2I, Point2D, Point2I, degrees

SIZE = Extent2I(40, 24)
TURNS = (0, 90, 180, 270)
PIXEL = 0.01


def make_camera():
    """Detectors in a row, each turned by another number of quarters."""
    builder = Camera.Builder("Turned")
    builder.setTransformFromFocalPlaneTo(FIELD_ANGLE, makeRadialTransform([0.0, 0.01]))
    for number, turn in enumerate(TURNS):
        ccd = builder.add(f"D{number}", number)
        ccd.setBBox(Box2I(Point2I(0, 0), SIZE))
        ccd.setPixelSize(Extent2D(PIXEL, PIXEL))
        centre = Point2D((SIZE.x - 1) / 2, (SIZE.y - 1) / 2)
        ccd.setOrientation(Orientation(Point2D(0.5 * (number - 1.5), 0.1), centre, Angle(turn, degrees)))
        for half in range(2):
            amplifier = Amplifier.Builder()
            amplifier.setName(f"A{half}")
            amplifier.setGain(1.0 + half)
            data = Box2I(Point2I(half * SIZE.x // 2, 0), Extent2I(SIZE.x // 2, SIZE.y))
            amplifier.setBBox(data)
            amplifier.setRawDataBBox(data)
            amplifier.setRawBBox(data)
            amplifier.setReadoutCorner(ReadoutCorner.LR if half else ReadoutCorner.LL)
            ccd.append(amplifier)
    return builder.finish()


@pytest.fixture
def camera():
    return make_camera()


class Ramps:
    """A source of images whose pixels tell where on the focal plane they lie: x, mm."""

    isTrimmed = True
    background = math.nan

    def getCcdImage(self, det, imageFactory, binSize):
        image = imageFactory(det.getBBox())
        rows, columns = np.mgrid[: SIZE.y, : SIZE.x]
        points = np.array([columns.ravel(), rows.ravel()], dtype=float)
        x, y = det.getTransform(PIXELS, FOCAL_PLANE).getMapping().applyForward(points)
        image.array[:] = (x + 100 * y).reshape(rows.shape)
        return rotateImageBy90(image, det.getOrientation().getNQuarter()), det


def test_every_pixel_of_a_mosaic_lies_where_the_transforms_say(camera):
    image = utils.makeImageFromCamera(camera, imageSource=Ramps(), imageFactory=ImageF, bufferSize=3)
    y, x = np.nonzero(np.isfinite(image.array))
    assert len(x) == 4 * SIZE.x * SIZE.y
    box = camera.getFpBBox()
    left, bottom = (int(low // PIXEL) - 3 for low in (box.minX, box.minY))
    # mm of the centres of pixels of the mosaic, which is snapped to pixels
    expected = (x + left + 0.5) * PIXEL + 100 * (y + bottom + 0.5) * PIXEL
    difference = image.array[y, x] - expected
    assert np.ptp(difference - np.median(difference)) < 101 * PIXEL  # within a pixel, the same for all
    for detector in camera:
        (corner,) = utils.getCcdInCamBBoxList([detector], 1, Extent2D(PIXEL, PIXEL), Point2I(left, bottom))
        inside = image.subset(corner).array
        assert np.isfinite(inside).all()


@pytest.mark.parametrize("binning", [2, 4])
def test_binned_mosaics(camera, binning):
    image = utils.makeImageFromCamera(camera, imageFactory=ImageF, binSize=binning, bufferSize=2)
    assert np.isfinite(image.array).sum() == 4 * (SIZE.x // binning) * (SIZE.y // binning)
    whole = utils.getCameraImageBBox(camera.getFpBBox(), Extent2D(PIXEL, PIXEL), 2 * binning)
    assert tuple(image.getDimensions()) == tuple(math.ceil(side / binning) for side in whole.getDimensions())


def test_mosaic_of_some_detectors(camera):
    image = utils.makeImageFromCamera(camera, ["D1", "D2"], imageFactory=ImageF, imageSource=Ramps())
    assert np.isfinite(image.array).sum() == 2 * SIZE.x * SIZE.y
    assert utils.makeImageFromCamera(camera).array.dtype == np.uint16  # beside detectors 0


def test_what_does_not_fit_is_left_out(camera, caplog):
    class Wrong(Ramps):
        def getCcdImage(self, det, imageFactory, binSize):
            if det.getId() == 1:
                return imageFactory(5, 5), det
            return (None, det) if det.getId() == 2 else super().getCcdImage(det, imageFactory, binSize)

    with caplog.at_level(logging.ERROR):
        image = utils.makeImageFromCamera(camera, imageSource=Wrong(), imageFactory=ImageF)
    assert np.isfinite(image.array).sum() == 2 * SIZE.x * SIZE.y
    assert [record.getMessage() for record in caplog.records if "Unable to fit" in record.message]
    assert 'detector "D1"' in caplog.text
    Wrong.isTrimmed = False
    with pytest.raises(ValueError, match="overscan"):
        utils.makeImageFromCamera(camera, imageSource=Wrong())


def test_pixels_of_different_sizes():
    builder = make_camera().rebuild()
    builder["D3"].setPixelSize(Extent2D(0.02, 0.02))
    with pytest.raises(RuntimeError, match="different pixel scales"):
        utils.makeImageFromCamera(builder.finish())


@pytest.mark.parametrize("corner", list(ReadoutCorner))
def test_images_of_amplifiers(camera, corner):
    builder = camera[0]["A1"].rebuild()
    builder.setReadoutCorner(corner)
    image = utils.makeImageFromAmp(builder.finish(), markSize=3)
    assert isinstance(image, ImageU)
    array = image.array[:: -1 if corner.name[0] == "U" else 1, :: -1 if corner.name[1] == "R" else 1]
    assert (array[:4, :4] == 0).all()
    assert (array == 0).sum() == 16
    assert array.max() == 200  # 100 for each unit of gain
    assert utils.makeImageFromAmp(builder.finish(), imValue=7, markValue=9).array.max() == 9


def test_images_of_detectors(camera):
    image = utils.makeImageFromCcd(camera[0], rcMarkSize=2)
    assert image.getBBox() == camera[0].getBBox()
    assert (image.array[5, 5], image.array[5, 25]) == (100, 200)
    assert (image.array[0, 0], image.array[0, -1]) == (0, 0)
    numbered = utils.makeImageFromCcd(camera[0], showAmpGain=False, isTrimmed=False, binSize=4)
    assert (numbered.array[3, 2], numbered.array[3, 7]) == (1000, 2000)
    assert utils.calcRawCcdBBox(camera[0]) == camera[0].getBBox()
    bare = camera[0].rebuild()
    bare.clear()
    assert not utils.makeImageFromCcd(bare.finish()).array.any()
    with pytest.raises(RuntimeError, match="no amplifiers"):
        utils.makeImageFromCcd(bare.finish(), isTrimmed=False)


def test_fake_source(camera):
    source = utils.FakeImageDataSource(ampImValue=4, markSize=1)
    image, detector = source.getCcdImage(camera[1], ImageF, 1)
    assert detector is camera[1]
    assert tuple(image.getDimensions()) == (SIZE.y, SIZE.x)
    assert source.getAmpImage(camera[1]["A0"], ImageF).array.max() == 4


def test_find_amplifier(camera):
    assert utils.findAmp(camera[0], Point2I(25, 3)).getName() == "A1"
    assert utils.findAmp(camera[0], Point2I(-1, 3)) is None


class Butler:
    """Exposures of all detectors but one."""

    def __init__(self, camera):
        self.camera = camera

    def get(self, dataset_type, data_id, **kwargs):
        assert (dataset_type, kwargs) == ("calexp", {"visit": 7})
        if data_id["detector"] == 2:
            raise LookupError("not there")
        exposure = ExposureF(MaskedImageF(self.camera[0].getBBox()))
        exposure.image.set(data_id["detector"] + 1)
        exposure.setDetector(self.camera[data_id["detector"]])
        return exposure


def test_images_from_a_butler(camera, caplog, capsys):
    source = utils.ButlerImage(Butler(camera), "calexp", visit=7, verbose=True, background=-1.0)
    image = utils.makeImageFromCamera(camera, imageSource=source, imageFactory=ImageF, binSize=2)
    values, counts = np.unique(image.array, return_counts=True)
    assert values.tolist() == [-1, 0, 1, 2, 4]  # an empty image for the one that is not there
    assert counts[1:].tolist() == [SIZE.x * SIZE.y // 4] * 4
    assert "Reading 2: not there" in caplog.text
    assert "Reading 2: not there" in capsys.readouterr().out
    masked, _ = source.getCcdImage(camera[1], asMaskedImage=True)
    assert isinstance(masked, MaskedImageF)
    nothing, _ = utils.ButlerImage().getCcdImage(camera[1])
    assert not nothing.array.any()


def test_callbacks(camera, caplog):
    source = utils.ButlerImage(Butler(camera), "calexp", visit=7, callback=utils.rawCallback)
    image, _ = source.getCcdImage(camera[1])
    assert tuple(image.getDimensions()) == (SIZE.y, SIZE.x)
    gained = utils.rawCallback(
        Butler(camera).get("calexp", {"detector": 0}, visit=7), correctGain=True, obeyNQuarter=False
    )
    assert (gained.image.array[3, 3], gained.image.array[3, 23]) == (1, 2)

    def fail(image, ccd, imageSource):
        raise RuntimeError("no way")

    failed, _ = utils.ButlerImage(Butler(camera), "calexp", visit=7, callback=fail).getCcdImage(camera[0])
    assert not failed.array.any()
    assert "callback failed for detector 0: no way" in caplog.text


def test_plot(camera, tmp_path):
    mpl.use("Agg")
    path = tmp_path / "plane.png"
    utils.plotFocalPlane(camera, 1.0, dx=0.5, dy=0.5, showFig=False, savePath=str(path))
    axes = mpl.pyplot.gca()
    assert [text.get_text() for text in axes.texts] == ["D0", "D1", "D2", "D3"]
    assert len(axes.patches) == 4
    assert len(axes.collections) == 9
    assert path.read_bytes()[:4] == b"\x89PNG"
    mpl.pyplot.close("all")


@pytest.mark.parametrize("name", ["showCamera", "showCcd", "makeFocalPlaneWcs", "nothing"])
def test_what_is_not_offered(name):
    with pytest.raises(AttributeError, match=f"{name} is not part of the portable stack"):
        getattr(utils, name)
