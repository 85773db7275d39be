"""Plots of the focal plane: names that fit, and no empty page, from one detector to 189."""

import functools
import itertools

import numpy as np
import pytest

from lsst.afw.cameraGeom import FIELD_ANGLE, FOCAL_PLANE, Amplifier, Camera, DetectorType, Orientation
from lsst.afw.geom import makeTransform
from lsst.cp.sky.verify._mosaic import Panel, draw_mosaic
from lsst.geom import AffineTransform, Box2I, Extent2D, Extent2I, LinearTransform, Point2D, Point2I, degrees

SIDE, PIXEL = 4000, 0.01


def make_camera(places):
    """Camera of square detectors, by name and position (mm)."""
    builder = Camera.Builder("Many")
    scaling = makeTransform(AffineTransform(LinearTransform.makeScaling(1e-4)))
    builder.setTransformFromFocalPlaneTo(FIELD_ANGLE, scaling)
    for number, (name, (x, y)) in enumerate(places.items()):
        detector = builder.add(name, number)
        detector.setSerial(name)
        detector.setType(DetectorType.SCIENCE)
        detector.setBBox(Box2I(Point2I(0, 0), Extent2I(SIDE, SIDE)))
        detector.setPixelSize(Extent2D(PIXEL, PIXEL))
        orientation = Orientation(Point2D(x, y), Point2D(0, 0), 0 * degrees)
        detector.setOrientation(orientation)
        plane = orientation.makePixelFpTransform(detector.getPixelSize())
        detector.setTransformFromPixelsTo(FOCAL_PLANE, plane)
        amplifier = Amplifier.Builder()
        amplifier.setName("A")
        amplifier.setBBox(Box2I(Point2I(0, 0), Extent2I(SIDE, SIDE)))
        detector.append(amplifier)
    return builder.finish()


def rafts(*chosen):
    """Nine detectors in each of some of 5 x 5 rafts."""
    places = itertools.product(chosen, itertools.product(range(3), repeat=2))
    return {f"R{r}{c}_S{s}{t}": (127.0 * c + 42.25 * t, 127.0 * r + 42.25 * s) for (r, c), (s, t) in places}


CORNERS = {(0, 0), (0, 4), (4, 0), (4, 4)}
CAMERAS = {
    "one": {"R22_S11": (0.0, 0.0)},
    "row": {f"R22_S{i:02d}": (45.0 * i, 0.0) for i in range(9)},
    "column": {f"R22_S{i:02d}": (0.0, 45.0 * i) for i in range(9)},
    "27": rafts((2, 2), (2, 3), (0, 3)),
    "189": rafts(*(raft for raft in itertools.product(range(5), repeat=2) if raft not in CORNERS)),
}


@functools.cache
def draw(name, panels):
    camera = make_camera(CAMERAS[name])
    rng = np.random.default_rng(5)
    cells = {detector.getId(): rng.normal(size=(8, 8)) for detector in camera}
    figure = draw_mosaic(camera, [Panel(f"panel {i}", "unit", cells) for i in range(panels)], "Title")
    figure.draw_without_rendering()
    return figure, figure.axes[:panels]


@pytest.mark.parametrize("panels", [1, 3])
@pytest.mark.parametrize("name", CAMERAS)
def test_names_fit(name, panels):
    _, axes = draw(name, panels)
    for axis in axes:
        boxes = [text.get_window_extent() for text in axis.texts]
        assert all(text.get_fontsize() >= 6 for text in axis.texts)
        assert not [pair for pair in itertools.combinations(boxes, 2) if pair[0].overlaps(pair[1])]
        inside = axis.get_window_extent()
        assert all(inside.contains(*box.min) and inside.contains(*box.max) for box in boxes)


@pytest.mark.parametrize(("name", "number"), [("one", 1), ("row", 9), ("column", 9), ("27", 27), ("189", 21)])
def test_names_are_there(name, number):
    _, (axis,) = draw(name, 1)
    found = {text.get_text() for text in axis.texts}
    assert len(found) == number
    if name == "189":  # those of rafts, where names of detectors would be too small
        assert found == {place.partition("_")[0] for place in CAMERAS[name]}


@pytest.mark.parametrize("panels", [1, 3])
@pytest.mark.parametrize("name", CAMERAS)
def test_the_page_is_not_empty(name, panels):
    figure, axes = draw(name, panels)
    page = figure.bbox.width * figure.bbox.height
    panel = sum(axis.get_window_extent().width * axis.get_window_extent().height for axis in axes)
    assert panel > 0.2 * page


def test_counts_have_whole_ticks():
    camera = make_camera(CAMERAS["one"])
    figure = draw_mosaic(
        camera, [Panel("", "", {0: np.array([[4.0, 5.0]])}, signed=False, whole=True)], "Title"
    )
    figure.draw_without_rendering()
    ticks = figure.axes[1].get_yticks()
    np.testing.assert_array_equal(ticks, np.round(ticks))
