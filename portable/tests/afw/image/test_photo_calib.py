"""PhotoCalib."""

import math
import pickle

import numpy as np
import pytest

import lsst.pex.exceptions
from lsst.afw.fits import MemFileManager
from lsst.afw.image import (
    ImageF,
    MaskedImageD,
    MaskedImageF,
    PhotoCalib,
    makePhotoCalibFromCalibZeroPoint,
    makePhotoCalibFromMetadata,
)
from lsst.daf.base import PropertyList
from lsst.geom import Box2I, Extent2I, Point2D, Point2I


def test_fluxes_and_magnitudes():
    calib = PhotoCalib(1500.0, 2.0)
    assert calib.instFluxToNanojansky(2.0) == 3000.0
    # 1 nJy is AB magnitude 31.4 to a milli-magnitude
    assert PhotoCalib(1.0).instFluxToMagnitude(1.0) == pytest.approx(31.4, abs=1e-3)
    assert calib.magnitudeToInstFlux(calib.instFluxToMagnitude(7.0)) == pytest.approx(7.0, rel=1e-12)
    assert calib.instFluxToMagnitude(calib.getInstFluxAtZeroMagnitude()) == pytest.approx(0.0, abs=1e-12)
    assert calib.getLocalCalibration(Point2D(3.0, 4.0)) == 1500.0
    assert calib.instFluxToNanojansky(2.0, Point2D(3.0, 4.0)) == 3000.0
    assert calib.nanojanskyToInstFlux(3000.0) == calib.nanojanskyToInstFlux(3000.0, Point2D(3.0, 4.0)) == 2.0


def test_errors():
    calib = PhotoCalib(1500.0, 2.0)
    flux = calib.instFluxToNanojansky(2.0, 0.1)
    assert flux.value == 3000.0
    assert flux.error == 150.0  # without the error of the calibration
    assert calib.instFluxToNanojansky(0.0, 0.1) == (0.0, 150.0)
    magnitude = calib.instFluxToMagnitude(2.0, 0.1, Point2D(0.0, 0.0))
    assert magnitude.error == pytest.approx(2.5 / math.log(10) * 0.05)
    assert math.isnan(calib.instFluxToMagnitude(-1.0))
    assert calib.instFluxToMagnitude(0.0) == math.inf


def test_zero_calibration():
    calib = PhotoCalib()
    assert calib.getCalibrationMean() == 0.0
    assert calib.getInstFluxAtZeroMagnitude() == math.inf
    assert calib.magnitudeToInstFlux(20.0) == math.inf
    assert calib.instFluxToMagnitude(5.0) == math.inf
    assert calib.instFluxToNanojansky(5.0, 1.0) == (0.0, 0.0)


def test_images():
    counts = MaskedImageF(3, 2)
    counts.set((2.0, 5, 0.25))
    counts.image.array[0, 0] = 0.0
    calib = PhotoCalib(1500.0, 2.0)
    calibrated = calib.calibrateImage(counts)
    assert calibrated.image.array[0].tolist() == [0.0, 3000.0, 3000.0]
    assert set(calibrated.variance.array.flat) == {0.25 * 1500.0**2}
    assert set(calibrated.mask.array.flat) == {5}
    assert counts.image.array[1, 1] == 2.0
    back = calib.uncalibrateImage(calibrated)
    for one, other in zip(back.getArrays(), counts.getArrays(), strict=True):
        assert one == pytest.approx(other, rel=2e-7)
    for wrong in (MaskedImageD(3, 2), ImageF(3, 2)):
        with pytest.raises(TypeError, match="expected MaskedImageF"):
            calib.calibrateImage(wrong)


def test_wrong_arguments():
    with pytest.raises(TypeError, match="two numbers; got 'big'"):
        PhotoCalib("big")
    with pytest.raises(TypeError, match="fluxes of catalogs are not converted"):
        PhotoCalib(1.0).instFluxToNanojansky([1.0, 2.0])


def test_text():
    calib = PhotoCalib(1500.0, 2.5)
    assert str(calib) == "spatially constant with mean: 1500 error: 2.5"
    assert repr(calib) == "PhotoCalib(spatially constant with mean: 1500 error: 2.5)"


def test_negative_calibration_is_refused():
    with pytest.raises(lsst.pex.exceptions.InvalidParameterError, match=r"-1\.0"):
        PhotoCalib(-1.0)


@pytest.mark.parametrize(
    "calib", [PhotoCalib(), PhotoCalib(1500.0, 2.0, Box2I(Point2I(-3, 5), Extent2I(7, 4)))], ids=str
)
def test_files_and_pickles(calib):
    memory = MemFileManager()
    calib.writeFits(memory)
    read = PhotoCalib.readFits(memory)
    assert read == calib
    assert (read.getCalibrationMean(), read.getCalibrationErr()) == (
        calib.getCalibrationMean(),
        calib.getCalibrationErr(),
    )
    assert pickle.loads(pickle.dumps(calib)) == calib
    assert hash(read) == hash(calib)


def test_cards_of_old_files():
    cards = PropertyList()
    assert makePhotoCalibFromMetadata(cards) is None
    cards.set("FLUXMAG0", 1e6)
    cards.set("FLUXMAG0ERR", 2e4)
    assert makePhotoCalibFromMetadata(cards) == makePhotoCalibFromCalibZeroPoint(1e6, 2e4)
    calib = makePhotoCalibFromMetadata(cards, strip=True)
    assert calib.getInstFluxAtZeroMagnitude() == pytest.approx(1e6)
    assert calib.getCalibrationErr() / calib.getCalibrationMean() == pytest.approx(0.02)
    assert list(cards.getOrderedNames()) == []


@pytest.mark.parametrize(("flux", "error"), [(1e300, None), (1e300, 1e300), (0.0, None), (1e-320, 1.0)])
def test_zero_points_at_the_limits(flux, error):
    cards = PropertyList()
    cards.set("FLUXMAG0", flux)
    cards.set("FLUXMAG0ERR", error)
    assert makePhotoCalibFromMetadata(cards).getCalibrationMean() >= 0.0


@pytest.mark.parametrize("flux", [-1.0, "many"])
def test_absurd_zero_points_are_named(flux):
    cards = PropertyList()
    cards.set("FLUXMAG0", flux)
    with pytest.raises(ValueError, match="FLUXMAG0 = "):
        makePhotoCalibFromMetadata(cards)


def test_undefined_zero_point():
    cards = PropertyList()
    cards.set("FLUXMAG0", None)
    assert makePhotoCalibFromMetadata(cards, strip=True) is None
    assert list(cards.getOrderedNames()) == []


def test_arrays():
    calib = PhotoCalib(2.0)
    x, y = np.array([1.0, 5.0, 7.0]), np.array([2.0, 2.0, 0.0])
    fluxes = np.array([10.0, 1000.0, 3.5])
    magnitudes = calib.instFluxToMagnitudeArray(fluxes, x, y)
    assert magnitudes.value == pytest.approx([calib.instFluxToMagnitude(flux) for flux in fluxes])
    assert calib.magnitudeToInstFluxArray(magnitudes, x, y) == pytest.approx(fluxes)
    assert calib.getLocalCalibrationArray(x, y).tolist() == [2.0, 2.0, 2.0]
