"""Cameras to simulate with."""

import numpy as np
import pytest

from lsst.afw.cameraGeom import FIELD_ANGLE, FOCAL_PLANE, PIXELS
from lsst.cp.sky.simulate import (
    bin_camera,
    binning_for_size,
    focal_plane_radius,
    make_raft_camera,
    pixel_size,
)
from lsst.geom import Point2D


def test_raft_has_nine_detectors_of_two_types():
    camera = make_raft_camera()
    assert [detector.getName() for detector in camera] == [f"R00_S{i}{j}" for i in range(3) for j in range(3)]
    assert {detector.getPhysicalType() for detector in camera} == {"ITL", "E2V"}
    assert pixel_size(camera) == 0.01
    # Half of two pitches and a detector's diagonal.
    assert focal_plane_radius(camera) == pytest.approx(np.hypot(5.3 + 2.56, 5.3 + 2.5), rel=0.02)


def test_amplifiers_tile_their_detector():
    for camera in (make_raft_camera(), bin_camera(make_raft_camera(), 3)):
        for detector in camera:
            seen = np.zeros((detector.getBBox().height, detector.getBBox().width), dtype=int)
            for amplifier in detector:
                box = amplifier.getBBox()
                seen[box.minY : box.maxY + 1, box.minX : box.maxX + 1] += 1
            np.testing.assert_array_equal(seen, 1)


@pytest.mark.parametrize("factor", [2, 4, 7])
def test_binning_leaves_the_focal_plane_alone(factor):
    camera = make_raft_camera()
    binned = bin_camera(camera, factor)
    for old, new in zip(camera, binned, strict=True):
        assert new.getBBox().width == old.getBBox().width // factor
        assert new.getPixelSize().x == pytest.approx(factor * old.getPixelSize().x)
        assert new.getPhysicalType() == old.getPhysicalType()
        middle_of_first = Point2D((factor - 1) / 2, (factor - 1) / 2)
        for system in (FOCAL_PLANE, FIELD_ANGLE):
            expected = old.transform(middle_of_first, PIXELS, system)
            found = new.transform(Point2D(0, 0), PIXELS, system)
            assert (found.x, found.y) == pytest.approx((expected.x, expected.y), rel=1e-12)


def test_binning_is_chosen_by_size():
    camera = make_raft_camera()
    assert binning_for_size(camera, 512) == 1
    assert binning_for_size(camera, 511) == 2
    assert bin_camera(camera, 1) is camera


def test_binning_beyond_the_detector_is_refused():
    with pytest.raises(ValueError, match=r"R00_S00 of .* is too small to be binned by 501"):
        bin_camera(make_raft_camera(), 501)
