# SPDX-License-Identifier: GPL-3.0-or-later
"""Calibrations that vary over the detector."""

import pickle

import numpy as np
import pytest

from lsst.afw.image import MaskedImageF, PhotoCalib
from lsst.afw.math import ChebyshevBoundedField, ProductBoundedField
from lsst.geom import Box2I, Extent2I, Point2D, Point2I
from lsst.pex.exceptions import InvalidParameterError, LogicError
from lsst.portable.archive import OpaquePersistable

BOX = Box2I(Point2I(-3, 5), Extent2I(7, 4))
FIELD = ChebyshevBoundedField(BOX, [[4.0, 1.0], [0.5, 0.0]])
POINT = Point2D(2.0, 6.0)
VALUE = FIELD.evaluate(POINT)


def test_values_at_a_point_and_on_average():
    calib = PhotoCalib(FIELD, 0.25)
    assert (calib.getCalibrationMean(), calib.getCalibrationErr()) == (4.0, 0.25)
    assert calib.instFluxToNanojansky(3.0) == 12.0
    assert VALUE != 4.0
    assert calib.getLocalCalibration(POINT) == VALUE
    assert calib.instFluxToNanojansky(3.0, 0.5, POINT) == (3.0 * VALUE, 0.5 * VALUE)
    magnitude = calib.instFluxToMagnitude(3.0, POINT)
    assert magnitude == pytest.approx(PhotoCalib(VALUE).instFluxToMagnitude(3.0))
    assert calib.magnitudeToInstFlux(magnitude, POINT) == pytest.approx(3.0)
    x, y = np.array([2.0, -3.0]), np.array([6.0, 8.0])
    np.testing.assert_array_equal(calib.getLocalCalibrationArray(x, y), FIELD.evaluate(x, y))
    magnitudes = calib.instFluxToMagnitudeArray(np.array([3.0, 3.0]), x, y)
    assert magnitudes.value[0] == pytest.approx(magnitude)


def test_images():
    calib = PhotoCalib(FIELD)
    counts = MaskedImageF(BOX)
    counts.set((2.0, 5, 0.25))
    values = FIELD.evaluate(
        *(each.ravel() for each in np.meshgrid(np.arange(-3.0, 4.0), np.arange(5.0, 9.0)))
    )
    calibrated = calib.calibrateImage(counts)
    np.testing.assert_allclose(calibrated.image.array.ravel(), 2.0 * values, rtol=1e-6)
    np.testing.assert_allclose(calibrated.variance.array.ravel(), 0.25 * values**2, rtol=1e-6)
    assert set(calibrated.mask.array.flat) == {5}
    assert counts.image.array[0, 0] == 2.0
    back = calib.uncalibrateImage(calibrated)
    np.testing.assert_allclose(back.image.array, 2.0, rtol=1e-6)
    np.testing.assert_allclose(back.variance.array, 0.25, rtol=1e-6)
    part = Box2I(Point2I(0, 6), Extent2I(2, 2))
    np.testing.assert_array_equal(
        calib.calibrateImage(counts[part]).image.array, calibrated[part].image.array
    )


def test_mean_of_a_field_may_be_given():
    assert PhotoCalib(5.0, 0.0, FIELD).getLocalCalibration(POINT) == VALUE
    constant = PhotoCalib(5.0, 0.0, FIELD, True)
    assert constant.getLocalCalibration(POINT) == 5.0
    assert constant.calibrateImage(MaskedImageF(3, 2)).image.array.shape == (2, 3)


def test_equality_and_text():
    calib = PhotoCalib(FIELD, 0.25)
    assert calib == PhotoCalib(ChebyshevBoundedField(BOX, FIELD.getCoefficients()), 0.25)
    assert calib not in (PhotoCalib(FIELD), PhotoCalib(4.0, 0.25), PhotoCalib(4.0, 0.25, FIELD * 2))
    assert str(calib) == f"{FIELD} with mean: 4 error: 0.25"


def test_files(tmp_path):
    for field in (FIELD, ProductBoundedField([FIELD, FIELD * 0.5])):
        calib = PhotoCalib(4.0, 0.25, field)
        calib.writeFits(tmp_path / "calib.fits")
        read = PhotoCalib.readFits(tmp_path / "calib.fits")
        assert read == pickle.loads(pickle.dumps(calib)) == calib
        assert read.getLocalCalibration(POINT) == calib.getLocalCalibration(POINT)


def test_bad_input():
    with pytest.raises(InvalidParameterError, match="neither may be negative"):
        PhotoCalib(FIELD * -1)
    with pytest.raises(InvalidParameterError, match="neither may be negative"):
        PhotoCalib(FIELD, -1.0)
    with pytest.raises(LogicError, match="mean of a ProductBoundedField"):
        PhotoCalib(ProductBoundedField([FIELD]))
    with pytest.raises(TypeError, match="a Box2I or a BoundedField, got int"):
        PhotoCalib(1.0, 0.0, 3)


def test_field_that_is_only_kept():
    kept = OpaquePersistable(None, 1, "PixelAreaBoundedField", "lsst.afw.math", [])
    calib = PhotoCalib._with_field(4.0, 0.0, kept, False)
    assert calib.instFluxToNanojansky(3.0) == 12.0
    for refused in (
        lambda: calib.getLocalCalibration(POINT),
        lambda: calib.getLocalCalibrationArray([2.0], [6.0]),
        lambda: calib.calibrateImage(MaskedImageF(BOX)),
    ):
        with pytest.raises(NotImplementedError, match=r"'PixelAreaBoundedField'.*kept through files"):
            refused()
