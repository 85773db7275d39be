"""Pictures of the demo are legible from one detector to a whole camera."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from lsst.cp.sky._panel import cell_corners, fit_names
from lsst.cp.sky.demo import Patterns, Recovery, draw_patterns, read_camera
from lsst.cp.sky.demo._applied import flatten_sky
from lsst.cp.sky.simulate import make_raft_camera


def draw(camera, numbers, chains):
    """Figure of a pattern, and of sky frames with a little noise."""
    rng = np.random.default_rng(3)
    patterns = {}
    for number in numbers:
        cells = rng.normal(0, 2e-3, (8, 8))
        found = {}
        for chain in chains:
            frame = cells + rng.normal(0, 5e-4, cells.shape)
            found[chain] = Recovery(cells, frame, np.full(cells.shape, 2.5e-7), np.zeros(cells.shape, bool))
        patterns[number] = Patterns(cells, found)
    figure = draw_patterns(camera, patterns)
    FigureCanvasAgg(figure).draw()
    return figure


def one_row(camera):
    """Numbers of the detectors in the middle row of DECam."""
    places = {detector.getId(): detector.getOrientation().getFpPosition() for detector in camera}
    nearest = min(abs(place.y) for place in places.values())
    return [number for number, place in places.items() if abs(place.y) < nearest + 1]


CASES = {
    "one": (make_raft_camera, lambda camera: [4]),
    "column": (make_raft_camera, lambda camera: [0, 3, 6]),
    "raft": (make_raft_camera, lambda camera: range(9)),
    "row": (lambda: read_camera("DECam"), one_row),
    "half": (lambda: read_camera("DECam"), lambda camera: [d.getId() for d in camera][:31]),
    "camera": (lambda: read_camera("DECam"), lambda camera: [d.getId() for d in camera]),
}


@pytest.mark.parametrize("chains", [("joint",), ("joint", "stock")], ids=len)
@pytest.mark.parametrize("case", CASES)
def test_legible(case, chains):
    make, choose = CASES[case]
    camera = make()
    figure = draw(camera, choose(camera), chains)
    renderer = figure.canvas.get_renderer()
    axes = [axis for axis in figure.axes if axis.get_title()]
    assert len(axes) == 3 * len(chains)
    titles = [axis.title.get_window_extent(renderer) for axis in axes]
    page = figure.get_window_extent(renderer)
    for number, title in enumerate(titles):
        assert page.x0 <= title.x0
        assert title.x1 <= page.x1
        assert not any(title.overlaps(other) for other in titles[number + 1 :])
    assert sum("correlation 0.9" in axis.get_title() for axis in axes) == len(chains)
    for axis in axes:
        for outline, name in zip(axis.lines, axis.texts, strict=True):
            room, box = outline.get_window_extent(renderer), name.get_window_extent(renderer)
            if name.get_visible():
                assert 4.5 <= name.get_fontsize() <= 7
                assert room.x0 <= box.x0
                assert box.x1 <= room.x1
                assert room.y0 <= box.y0
                assert box.y1 <= room.y1
    drawn = sum(
        axis.get_window_extent(renderer).width * axis.get_window_extent(renderer).height for axis in axes
    )
    assert drawn > (0.25 if case == "column" else 1 / 3) * page.width * page.height  # not a white page
    assert page.height < 1.5 * page.width


def test_names_too_small_to_read_are_left_out():
    camera = read_camera("DECam")
    figure = draw(camera, [d.getId() for d in camera], ("joint",))
    names = [name for axis in figure.axes for name in axis.texts]
    assert sum(name.get_visible() for name in names) > 100
    for name in names:
        name.set_text("a name that is far too long for a detector")
    fit_names(figure)
    assert not any(name.get_visible() for name in names)


def test_a_smooth_sky_goes_and_the_pattern_stays():
    camera = make_raft_camera()
    rng = np.random.default_rng(1)
    before, after, pattern = {}, {}, {}
    for detector in camera:
        number = detector.getId()
        x, y = ((corners[:-1, :-1] + corners[1:, 1:]) / 2 for corners in cell_corners(detector, (16, 16)))
        sky = 1000 + 2 * x - y + 0.1 * x * x
        pattern[number] = rng.normal(0, 1e-3, (16, 16))
        before[number], after[number] = sky * (1 + pattern[number]), sky
    before[0][3, 3] *= 2  # an object
    after[0][3, 3] *= 2
    first, second = flatten_sky(camera, before, after)
    for number, cells in pattern.items():
        good = np.ones((16, 16), bool)
        good[3, 3] = number != 0
        np.testing.assert_allclose(second[number][good], 0, atol=1e-9)
        np.testing.assert_allclose(first[number][good], cells[good], atol=1e-9)
        assert second[number].max() == pytest.approx(0 if number else 1, abs=1e-6)
