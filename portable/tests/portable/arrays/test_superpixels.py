"""Superpixels as arrays."""

import numpy as np

from lsst.portable.arrays import superpixels


def test_corners_are_half_a_superpixel_from_the_centre():
    corners = superpixels.superpixel_corners(2, 3)
    assert corners.shape == (2, 6, 2)
    np.testing.assert_array_equal(corners[0, :4], [[-0.5, -0.5], [-0.5, 0.5], [-0.5, 1.5], [0.5, -0.5]])
    np.testing.assert_array_equal(corners[1] - corners[0], 1.0)


def test_boxes_hold_both_end_pixels_and_are_clipped():
    lower = np.array([[-3.2, 4.5], [12.4, 7.0], [30.0, 2.0], [np.nan, 0.0], [1e300, 1.0]])
    upper = np.array([[2.5, 7.49], [9.5, 5.0], [40.0, 3.0], [5.0, 5.0], [1e301, 2.0]])
    boxes = superpixels.clip_boxes(np.stack([lower, upper]), 5, origin=(-1, 4), shape=(10, 12))
    # Only the first two overlap columns -1..10, rows 4..13; the second has its corners the other way round.
    np.testing.assert_array_equal(boxes.bounds, [[0, 5, 1, 4], [11, 12, 1, 4]])
    np.testing.assert_array_equal(boxes.row, [0, 1])
    np.testing.assert_array_equal(boxes.column, [0, 0])


def test_bad_superpixels_have_too_little_of_their_area_measured():
    numbers = np.array([[0.0, 9.9, 10.0, 50.0]])
    bad = superpixels.bad_superpixels(numbers, 0.1, (2.0, 0.5), 0.1)
    assert bad.tolist() == [[True, True, False, False]]
