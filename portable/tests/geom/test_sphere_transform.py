"""Rotations of the sphere."""

import pickle

import numpy as np
import pytest

from lsst.geom import SpherePoint, SphereTransform, degrees
from lsst.sphgeom import UnitVector3d

QUARTER = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
"""About the pole, eastwards."""


def test_points():
    turn = SphereTransform(QUARTER)
    assert (
        turn(SpherePoint(20.0, 35.0, degrees)).separation(SpherePoint(110.0, 35.0, degrees)).asDegrees()
        < 1e-13
    )
    assert turn(UnitVector3d(1.0, 0.0, 0.0)) == UnitVector3d(0.0, 1.0, 0.0)
    x, y, z = turn(np.array([1.0, 0.0]), np.array([0.0, 0.6]), np.array([0.0, 0.8]))
    np.testing.assert_allclose([x, y, z], [[0.0, -0.6], [1.0, 0.0], [0.0, 0.8]])
    assert turn.applyY(1.0, 0.0, 0.0) == 1.0


def test_identity_inverse_and_product():
    turn = SphereTransform(QUARTER)
    half = turn * turn
    assert half(UnitVector3d(1.0, 0.0, 0.0)) == UnitVector3d(-1.0, 0.0, 0.0)
    np.testing.assert_array_equal((turn.inverted() * turn).getMatrix(), SphereTransform().getMatrix())
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(turn)).getMatrix(), QUARTER)
    tilt = SphereTransform(QUARTER[[2, 0, 1]][:, [2, 0, 1]])
    np.testing.assert_array_equal((tilt * turn).getMatrix(), tilt.getMatrix() @ QUARTER)


@pytest.mark.parametrize("weighted", [False, True])
def test_fit(weighted):
    random = np.random.default_rng(3)
    start = random.normal(size=(30, 3))
    start /= np.linalg.norm(start, axis=1)[:, np.newaxis]
    stop = start @ QUARTER.T
    weights = None
    if weighted:
        stop[4] = [1.0, 0.0, 0.0]
        weights = np.where(np.arange(30) == 4, 0.0, 2.0)
    fitted = SphereTransform.fit_unit_vectors(start, stop, weights)
    np.testing.assert_allclose(fitted.getMatrix(), QUARTER, atol=1e-14)


def test_fit_never_mirrors():
    """Points of one plane are fitted by a mirror image as well as by a rotation."""
    start = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.6, 0.8, 0.0]])
    matrix = SphereTransform.fit_unit_vectors(start, start).getMatrix()
    np.testing.assert_allclose(matrix, np.identity(3), atol=1e-14)
    assert np.linalg.det(SphereTransform.fit_unit_vectors(start, start[:, [1, 0, 2]]).getMatrix()) > 0


def test_what_is_no_matrix():
    with pytest.raises(TypeError, match="3 x 3"):
        SphereTransform(np.identity(2))
