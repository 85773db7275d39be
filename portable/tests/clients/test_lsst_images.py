"""Conversions of lsst-images from the classes of the stack and back, and its readers of the stack's files.

It needs Python 3.12; where it is not installed there is nothing to test.
"""

import dataclasses

import numpy as np
import pytest

images = pytest.importorskip("lsst.images", reason="lsst-images is not installed (it needs Python 3.12)")

import astropy.units as u  # noqa: E402

from lsst.afw import math as afwMath  # noqa: E402
from lsst.afw.cameraGeom import FIELD_ANGLE, FOCAL_PLANE, PIXELS  # noqa: E402
from lsst.afw.cameraGeom.testUtils import CameraWrapper  # noqa: E402
from lsst.afw.coord import Observatory, Weather  # noqa: E402
from lsst.afw.geom import Polygon  # noqa: E402
from lsst.afw.image import (  # noqa: E402
    ExposureF,
    ExposureSummaryStats,
    FilterLabel,
    ImageD,
    ImageF,
    MaskedImageF,
    MaskX,
    PhotoCalib,
    RotType,
    VisitInfo,
)
from lsst.daf.base import DateTime  # noqa: E402
from lsst.geom import Box2D, Box2I, Extent2I, IntervalI, Point2D, Point2I, SpherePoint, degrees  # noqa: E402
from lsst.images.cameras import Amplifier, CameraFrameSet  # noqa: E402
from lsst.images.cameras import Detector as NewDetector  # noqa: E402
from lsst.images.fields import field_from_legacy_background, field_from_legacy_photo_calib  # noqa: E402

BOX = Box2I(Point2I(3, -4), Extent2I(60, 50))


@pytest.fixture
def masked_image():
    result = MaskedImageF(BOX)
    result.image.array[:] = np.random.default_rng(8).normal(200.0, 3.0, (50, 60))
    result.variance.array[:] = 9.0
    result.mask.array[5, 7] = result.mask.getPlaneBitMask(["SAT", "CR"])
    return result


@pytest.fixture(scope="module")
def camera():
    return CameraWrapper().camera


@pytest.fixture
def visit_info():
    return VisitInfo(
        exposureTime=30.0,
        darkTime=31.5,
        date=DateTime("2024-03-05T06:07:08.5", DateTime.TAI),
        boresightRaDec=SpherePoint(150.0, -20.0, degrees),
        boresightAzAlt=SpherePoint(80.0, 55.0, degrees),
        boresightAirmass=1.22,
        boresightRotAngle=12.0 * degrees,
        rotType=RotType.SKY,
        observatory=Observatory(-70.7 * degrees, -30.2 * degrees, 2663.0),
        weather=Weather(9.5, 74000.0, 31.0),
        instrumentLabel="TestCam",
        id=4242,
        object="a field",
        observationType="science",
    )


@pytest.fixture
def exposure_file(tmp_path, masked_image, camera, visit_info):
    exposure = ExposureF(masked_image)
    exposure.setDetector(camera[110])
    exposure.setFilter(FilterLabel(band="r", physical="r_03"))
    exposure.setPhotoCalib(PhotoCalib(2.5))
    exposure.info.setVisitInfo(visit_info)
    exposure.info.setId(424211)
    exposure.info.setSummaryStats(ExposureSummaryStats(psfSigma=1.75))
    exposure.info.setValidPolygon(Polygon(Box2D(BOX)))
    exposure.metadata["BUNIT"] = "adu"
    exposure.metadata["TELESCOP"] = "Four Metre"
    exposure.writeFits(str(tmp_path / "exposure.fits"))
    return str(tmp_path / "exposure.fits")


def read(name, component):
    return images.VisitImage.read_legacy(name, exposure_record=None, component=component)


def test_boxes_and_intervals():
    assert images.Box.from_legacy(BOX).to_legacy() == BOX
    assert images.Interval.from_legacy(IntervalI(min=-2, max=5)).to_legacy() == IntervalI(min=-2, max=5)


@pytest.mark.parametrize("cls", [ImageF, ImageD])
def test_images(cls):
    image = cls(BOX, 3.0)
    image[Point2I(4, -4)] = 7.0
    back = images.Image.from_legacy(image, unit=u.adu).to_legacy()
    assert type(back) is cls
    assert back.getBBox() == BOX
    assert np.shares_memory(back.array, image.array)
    copy = images.Image.from_legacy(image).to_legacy(copy=True)
    assert copy[Point2I(4, -4)] == 7.0
    assert not np.shares_memory(copy.array, image.array)


def test_masks(masked_image):
    new = images.Mask.from_legacy(masked_image.mask)
    back = new.to_legacy()
    assert type(back) is MaskX
    assert back.getBBox() == BOX
    assert back.array[5, 7] == back.getPlaneBitMask("SATURATED") | back.getPlaneBitMask("COSMIC_RAY")
    assert np.count_nonzero(back.array) == 1


def test_masked_images(masked_image):
    new = images.MaskedImage.from_legacy(masked_image, unit=u.nJy)
    assert new.image.unit == u.nJy
    back = new.to_legacy()
    assert type(back) is MaskedImageF
    np.testing.assert_array_equal(back.image.array, masked_image.image.array)
    np.testing.assert_array_equal(back.variance.array, masked_image.variance.array)


def test_cameras(camera):
    frames = CameraFrameSet.from_legacy(camera)
    detector = camera[50]
    new = frames[frames.detector(50), frames.field_angle()]
    x, y = np.array([0.0, 10.0, 99.5]), np.array([3.0, 40.0, 1.0])
    expected = detector.getTransform(PIXELS, FIELD_ANGLE).applyForward(np.array([x, y]))
    found = new.apply_forward(x=x, y=y)
    np.testing.assert_allclose([found.x, found.y], expected, rtol=1e-12)
    assert images.Box.from_legacy(detector.getBBox()) == frames.detector(50).bbox


def test_detectors(camera):
    for detector in camera:
        new = NewDetector.from_legacy(detector, instrument="TestCam")
        back = new.to_legacy()
        assert (back.getName(), back.getId(), back.getSerial()) == (
            detector.getName(),
            detector.getId(),
            detector.getSerial(),
        )
        assert (back.getType(), back.getBBox()) == (detector.getType(), detector.getBBox())
        assert [
            amplifier.compareGeometry(other) for amplifier, other in zip(back, detector, strict=True)
        ] == [type(back[0].compareGeometry(detector[0])).EQUAL] * len(detector)
        assert [amplifier.getGain() for amplifier in back] == [amplifier.getGain() for amplifier in detector]
        point = Point2D(12.0, 30.5)
        for system in (FOCAL_PLANE, FIELD_ANGLE):
            found, expected = (each.transform(point, PIXELS, system) for each in (back, detector))
            assert tuple(found) == pytest.approx(tuple(expected), rel=1e-12)


def test_amplifiers(camera):
    amplifier = camera[10][1]
    back = Amplifier.from_legacy(amplifier, is_raw_assembled=False).to_legacy_builder(False).finish()
    assert (back.getName(), back.getRawBBox(), back.getReadoutCorner()) == (
        amplifier.getName(),
        amplifier.getRawBBox(),
        amplifier.getReadoutCorner(),
    )


@pytest.mark.parametrize("approximate", [False, True], ids=["spline", "polynomial"])
def test_backgrounds(masked_image, approximate):
    control = afwMath.BackgroundControl(6, 5)
    if approximate:
        control.setApproximateControl(
            afwMath.ApproximateControl(afwMath.ApproximateControl.CHEBYSHEV, 2, 2, False)
        )
    background = afwMath.makeBackground(masked_image, control)
    expected = background.getImageF().array
    if approximate:
        expected = background.getApproximate(control.getApproximateControl()).getImage().array
    new = field_from_legacy_background(background, unit=u.adu)
    assert new.bounds.bbox == images.Box.from_legacy(BOX)
    np.testing.assert_allclose(new.render().array, expected, atol=0.3)


def test_photometric_calibrations():
    bounds = images.Box.from_legacy(BOX)
    field = field_from_legacy_photo_calib(PhotoCalib(2.5), bounds=bounds, instrumental_unit=u.adu)
    assert field.to_legacy_photo_calib(u.adu).getCalibrationMean() == 2.5


def test_summaries():
    corners = [1.0, 2.0, 3.0, 4.0]
    summary = ExposureSummaryStats(psfSigma=2.0, nPsfStar=12, raCorners=corners, shapeletsCoeffs=[0.5, 1.0])
    assert images.ObservationSummaryStats.from_legacy(summary).to_legacy() == summary
    back = images.ObservationSummaryStats.from_legacy(ExposureSummaryStats()).to_legacy()
    assert dataclasses.asdict(back).keys() == dataclasses.asdict(ExposureSummaryStats()).keys()


def test_polygons():
    polygon = Polygon([Point2D(0.0, 0.0), Point2D(0.0, 4.0), Point2D(5.0, 4.0)])
    new = images.Polygon.from_legacy(polygon)
    assert new.area == polygon.calculateArea()
    assert new.to_legacy() == polygon


@pytest.mark.parametrize("compressed", [False, True])
def test_masked_images_in_files(tmp_path, masked_image, compressed):
    name = str(tmp_path / "masked.fits")
    if compressed:
        ExposureF(masked_image).writeFitsWithOptions(
            name, {plane: {"algorithm": "GZIP_2"} for plane in ("image", "mask", "variance")}
        )
    else:
        masked_image.writeFits(name)
    new = images.MaskedImage.read_legacy(name)
    assert new.bbox == images.Box.from_legacy(BOX)
    np.testing.assert_array_equal(new.image.array, masked_image.image.array)
    np.testing.assert_array_equal(new.variance.array, masked_image.variance.array)
    assert np.count_nonzero(new.mask.array) == np.count_nonzero(
        images.Mask.from_legacy(masked_image.mask).array
    )
    assert images.Image.read_legacy(name, ext="VARIANCE").array.max() == 9.0


def test_visits_in_files(exposure_file, visit_info, camera):
    found = read(exposure_file, "obs_info")
    assert (found.instrument, found.telescope, found.physical_filter) == ("TestCam", "Four Metre", "r_03")
    assert (found.detector_num, found.detector_exposure_id) == (110, 424211)
    assert found.exposure_time == 30.0 * u.s
    assert found.tracking_radec.ra.deg == pytest.approx(150.0)
    assert found.temperature.to_value("deg_C", u.temperature()) == pytest.approx(9.5)
    assert read(exposure_file, "detector").name == camera[110].getName()


def test_components_in_files(exposure_file):
    assert read(exposure_file, "bbox") == images.Box.from_legacy(BOX)
    assert read(exposure_file, "summary_stats").psfSigma == 1.75
    assert read(exposure_file, "unit") == u.adu
    assert read(exposure_file, "bounds").area == pytest.approx(BOX.getArea())
    assert read(exposure_file, "aperture_corrections") == {}
    assert read(exposure_file, "photometric_scaling") is not None


def test_transforms_of_its_own():
    """Its mappings are not ours; their text is the same."""
    frames = [images.GeneralFrame(unit=u.pix), images.GeneralFrame(unit=u.mm)]
    transform = images.Transform.affine(
        *frames, np.array([[2.0, 0.5, 3.0], [0.0, -1.0, 4.0], [0.0, 0.0, 1.0]])
    )
    assert transform.to_legacy().applyForward(Point2D(2.0, 6.0)) == Point2D(10.0, -2.0)
