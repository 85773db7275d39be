"""Transforms described by configurations."""

import numpy as np
import pytest

import lsst.afw.geom as afwGeom
from lsst.geom import Point2D
from lsst.pex.config import Config, FieldValidationError

POINT = Point2D(3.0, -1.5)


def apply(config, point=POINT):
    return np.array(config.transform.apply().applyForward(point))


def test_names():
    assert {"identity", "inverted", "affine", "radial", "multi"} == set(afwGeom.transformRegistry)


def test_identity():
    config = afwGeom.TransformConfig()
    config.transform = "identity"
    np.testing.assert_array_equal(apply(config), POINT)
    assert isinstance(config.transform.active, Config)


def test_affine_matrix_is_row_after_row():
    config = afwGeom.TransformConfig()
    config.transform = "affine"
    np.testing.assert_array_equal(apply(config), POINT)
    config.transform["affine"].linear = (1.0, 2.0, 3.0, 4.0)
    config.transform["affine"].translation = (10.0, 20.0)
    np.testing.assert_allclose(apply(config), [3 - 3 + 10, 9 - 6 + 20])
    config.transform["affine"].translation = (1.0, 2.0, 3.0)
    with pytest.raises(FieldValidationError, match="translation"):
        config.validate()


def test_radial():
    config = afwGeom.TransformConfig()
    config.transform = "radial"
    config.transform["radial"].coeffs = (0.0, 2.0, 0.0, 0.5)
    distance = np.hypot(*POINT)
    np.testing.assert_allclose(apply(config), np.array(POINT) * (2 + 0.5 * distance**2), rtol=1e-12)
    config.validate()


@pytest.mark.parametrize("coeffs", [(0.0,), (1.0, 1.0), (0.0, 0.0, 1.0), (0.0, np.nan)])
def test_radial_coefficients_are_checked(coeffs):
    config = afwGeom.RadialTransformConfig()
    config.coeffs = coeffs
    with pytest.raises(RuntimeError, match=r"begin with 0 and a nonzero number .*got coeffs="):
        config.validate()


def test_inverted():
    config = afwGeom.TransformConfig()
    config.transform = "inverted"
    config.transform["inverted"].transform.retarget(afwGeom.transformRegistry["affine"])
    config.transform["inverted"].transform.translation = (5.0, -7.0)
    np.testing.assert_allclose(apply(config), [3 - 5, -1.5 + 7])


def test_multi_goes_by_number():
    shift, stretch = afwGeom.OneTransformConfig(), afwGeom.OneTransformConfig()
    for step in (shift, stretch):
        step.transform.retarget(afwGeom.transformRegistry["affine"])
    shift.transform.translation = (1.0, 1.0)
    stretch.transform.linear = (2.0, 0.0, 0.0, 3.0)
    config = afwGeom.TransformConfig()
    config.transform = "multi"
    config.transform["multi"].transformDict = {1: stretch, 0: shift}
    np.testing.assert_allclose(apply(config), [(3 + 1) * 2, (-1.5 + 1) * 3])
    config.transform["multi"].transformDict = {0: stretch, 1: shift}
    np.testing.assert_allclose(apply(config), [3 * 2 + 1, -1.5 * 3 + 1])
    config.transform["multi"].transformDict = {}
    with pytest.raises(RuntimeError, match="transformDict is empty"):
        config.transform.apply()
