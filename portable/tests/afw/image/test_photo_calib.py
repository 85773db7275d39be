"""PhotoCalib."""

import math
import pickle

import pytest

import lsst.pex.exceptions
from lsst.afw.fits import MemFileManager
from lsst.afw.image import PhotoCalib
from lsst.afw.image._photo_calib import photo_calib_from_cards
from lsst.daf.base import PropertyList
from lsst.geom import Box2I, Extent2I, Point2D, Point2I


def test_fluxes_and_magnitudes():
    calib = PhotoCalib(1500.0, 2.0)
    assert calib.instFluxToNanojansky(2.0) == 3000.0
    # 1 nJy is AB magnitude 31.4 to a milli-magnitude
    assert PhotoCalib().instFluxToMagnitude(1.0) == pytest.approx(31.4, abs=1e-3)
    assert calib.magnitudeToInstFlux(calib.instFluxToMagnitude(7.0)) == pytest.approx(7.0, rel=1e-12)
    assert calib.instFluxToMagnitude(calib.getInstFluxAtZeroMagnitude()) == pytest.approx(0.0, abs=1e-12)
    assert calib.getLocalCalibration(Point2D(3.0, 4.0)) == 1500.0
    assert calib.instFluxToNanojansky(2.0, Point2D(3.0, 4.0)) == 3000.0


def test_errors():
    calib = PhotoCalib(1500.0, 2.0)
    flux = calib.instFluxToNanojansky(2.0, 0.1)
    relative = math.hypot(0.1 / 2.0, 2.0 / 1500.0)
    assert flux.value == 3000.0
    assert flux.error == pytest.approx(3000.0 * relative)
    magnitude = calib.instFluxToMagnitude(2.0, 0.1, Point2D(0.0, 0.0))
    assert magnitude.error == pytest.approx(2.5 / math.log(10) * relative)
    assert math.isnan(calib.instFluxToMagnitude(-1.0))
    assert calib.instFluxToMagnitude(0.0) == math.inf


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
    assert photo_calib_from_cards(cards) is None
    cards.set("FLUXMAG0", 1e6)
    cards.set("FLUXMAG0ERR", 2e4)
    calib = photo_calib_from_cards(cards)
    assert calib.getInstFluxAtZeroMagnitude() == pytest.approx(1e6)
    assert calib.getCalibrationErr() / calib.getCalibrationMean() == pytest.approx(0.02)
    assert list(cards.getOrderedNames()) == []
