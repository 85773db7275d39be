"""Displays: what they tell their backends, and what matplotlib draws."""

import logging
import math

import matplotlib
import numpy as np
import pytest

import lsst.afw.display as afwDisplay
from lsst.afw.image import (
    LOCAL,
    DecoratedImageF,
    ExposureF,
    Image,
    ImageF,
    ImageU,
    Mask,
    MaskedImageF,
)
from lsst.geom import Box2I, Extent2I, Point2I

BOX = Box2I(Point2I(100, 50), Extent2I(30, 20))


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    """No display and no choice outlives a test; nothing opens a window."""
    matplotlib.use("Agg")
    monkeypatch.setattr(afwDisplay.Display, "_defaultBackend", None)
    monkeypatch.setattr(afwDisplay.Display, "_defaultFrame", 0)
    monkeypatch.setattr(afwDisplay.Display, "_defaultMaskTransparency", {})
    yield
    afwDisplay.delAllDisplays()
    afwDisplay.setDefaultMaskPlaneColor()
    matplotlib.pyplot.close("all")


class Recorder:
    """A backend that notes what it is told."""

    def __init__(self, display, verbose=False):
        self.verbose = verbose
        self.calls = []

    def __getattr__(self, name):
        if not name.startswith("_") or name.startswith("__"):
            raise AttributeError(name)
        return lambda *args, **kwargs: self.calls.append((name, *args, *sorted(kwargs.items())))

    _show = None


@pytest.fixture
def recorder(monkeypatch):
    """A display whose backend is a `Recorder`, and its list of calls."""
    monkeypatch.setattr("lsst.afw.display.virtualDevice.DisplayImpl", Recorder)
    display = afwDisplay.Display(7, "virtualDevice")
    calls = display._impl.calls
    calls.clear()
    return display, calls


@pytest.fixture
def exposure():
    result = ExposureF(BOX)
    result.image.array = np.arange(600.0).reshape(20, 30)
    result.mask.array[5, 7] = result.mask.getPlaneBitMask("BAD")
    return result


# ---- any backend


def test_without_a_backend_nothing_is_shown(exposure, capsys):
    display = afwDisplay.Display()
    assert display.name == afwDisplay.getDefaultBackend() == "virtualDevice"
    display.mtv(exposure, title="parent")
    display.scale("linear", "zscale")
    display.dot("o", 105, 60)
    display.line([(105, 60), (106, 61)])
    display.erase()
    display.zoom(4, 110, 60)
    display.interact()
    display.show()
    assert display.getMaskTransparency() is None
    assert capsys.readouterr().out == ""
    assert matplotlib.pyplot.get_fignums() == []


def test_a_verbose_display_says_what_it_is_told(exposure, capsys):
    display = afwDisplay.getDisplay(frame=3, verbose=True)
    capsys.readouterr()
    display.mtv(exposure, title="parent")
    assert capsys.readouterr().out == "virtual[3]._mtv(Image, Mask, None, 'parent')\n"


def test_every_kind_of_image(recorder, exposure):
    display, calls = recorder
    decorated = DecoratedImageF(exposure.image)
    for data in (exposure, exposure.maskedImage, exposure.image, ImageU(BOX), decorated, exposure.mask):
        display.mtv(data)
    assert [call[0] for call in calls] == ["_mtv"] * 6
    assert all(isinstance(call[1], Image) for call in calls)
    assert [isinstance(call[2], Mask) for call in calls] == [True, True, False, False, False, True]
    assert calls[-1][1].array[5, 7] == exposure.mask.array[5, 7]
    with pytest.raises(RuntimeError, match="Unsupported type ndarray"):
        display.mtv(np.zeros((2, 2)))
    with pytest.raises(RuntimeError, match="which has its own"):
        display.mtv(exposure, wcs="a WCS")


def test_positions_are_counted_from_the_parent(recorder, exposure):
    display, calls = recorder
    display.mtv(exposure)
    calls.clear()
    display.dot("+", 105, 60, size=3, ctype=afwDisplay.RED)
    display.dot("x", 5, 10, origin=LOCAL)
    display.line([(105, 60), (106, 61)], ctype=afwDisplay.CYAN)
    display.line([(105, 60), (106, 61)], symbs="+x", size=4)
    display.line([(5, 10), (6, 11)], symbs="o", origin=LOCAL)
    display.pan(110, 55)
    display.zoom(4)
    display.zoom(3, 110, 55)
    display.zoom()
    assert calls == [
        ("_dot", "+", 5, 10, 3, "red"),
        ("_dot", "x", 5, 10, 2, None),
        ("_drawLines", [(5, 10), (6, 11)], "cyan"),
        ("_dot", "+", 5, 10, 4, None),
        ("_dot", "x", 6, 11, 4, None),
        ("_dot", "o", 5, 10, 0.5, None),
        ("_dot", "o", 6, 11, 0.5, None),
        ("_pan", 10, 5),
        ("_zoom", 4),
        ("_pan", 10, 5),
        ("_zoom", 3),
        ("_zoom", 2),
    ]
    with pytest.raises(RuntimeError, match="column and a row"):
        display.zoom(2, 110)


def test_ellipses_and_words(recorder):
    display, calls = recorder
    display.dot("@:9,0,4", 0, 0)
    display.dot("@:4,0,9", 0, 0)
    display.dot(17, 0, 0)
    assert calls[0][1] == pytest.approx((3, 2, 0)) or calls[0][1] == pytest.approx((3, 2, math.pi))
    assert calls[1][1] == pytest.approx((3, 2, math.pi / 2))
    assert calls[2][1] == "17"


def test_limits_go_with_each_other(recorder):
    display, calls = recorder
    display.scale("linear", 1, 2, "absolute", Q=8)
    assert calls == [("_scale", "linear", 1, 2, "absolute", ("Q", 8))]
    with pytest.raises(RuntimeError, match="max is missing"):
        display.scale("linear", 1)
    with pytest.raises(ValueError, match="finds the limits itself"):
        display.scale("linear", "zscale", 1)


def test_drawings_that_appear_together(recorder):
    display, calls = recorder
    with display.Buffering():
        display.dot("o", 1, 1)
    assert [call[0] for call in calls] == ["_buffer", "_dot", "_buffer", "_flush"]


def test_colors_of_planes(recorder, exposure):
    display, _ = recorder
    assert display.getMaskPlaneColor("DETECTED") == afwDisplay.BLUE
    assert display.getMaskPlaneColor()["BAD"] == afwDisplay.RED
    assert display.getMaskPlaneColor("MINE") is None
    display.setMaskPlaneColor({"MINE": "orchid", "BAD": afwDisplay.IGNORE})
    assert display.getMaskPlaneColor("MINE") == "orchid"
    assert display.getMaskPlaneColor("BAD") == "ignore"
    display.mtv(exposure)
    assert display.getMaskPlaneColor("VIGNETTED") is not None
    afwDisplay.setDefaultMaskPlaneColor("BAD", "pink")
    assert afwDisplay.Display(8, "virtualDevice").getMaskPlaneColor("BAD") == "pink"
    generator = display.maskColorGenerator()
    seen = [next(generator) for _ in range(14)]
    assert seen[:7] == seen[7:]
    assert not {"black", "white"} & set(seen)


def test_transparency_is_clipped(recorder, caplog):
    display, calls = recorder
    with caplog.at_level(logging.WARNING, "lsst.afw.display"):
        display.setMaskTransparency(120)
    assert "120 is clipped to 100" in caplog.text
    display.setMaskTransparency({"BAD": 20})
    display.setMaskTransparency(None)
    assert calls == [("_setMaskTransparency", 100, None), ("_setMaskTransparency", 20, "BAD")]


def test_displays_by_frame():
    first = afwDisplay.getDisplay(0)
    assert afwDisplay.getDisplay(0) is first
    assert afwDisplay.getDisplay() is first
    assert afwDisplay.incrDefaultFrame() == 1
    assert afwDisplay.getDisplay() is not first
    with pytest.raises(RuntimeError, match="Frame 5 does not exist"):
        afwDisplay.getDisplay(5, create=False)
    with afwDisplay.Display(2) as display:
        assert afwDisplay.getDisplay(2) is display
    with pytest.raises(RuntimeError, match="Frame 2 does not exist"):
        afwDisplay.getDisplay(2, backend="")
    with pytest.raises(AttributeError, match="closed"):
        display.savefig("x.png")


def test_backends_that_are_not_there():
    with pytest.raises(RuntimeError, match="Unable to set backend to nowhere"):
        afwDisplay.setDefaultBackend("nowhere")
    with pytest.raises(ImportError, match="no backend 'math'"):
        afwDisplay.Display(1, "math")
    with pytest.raises(AttributeError, match="make_lupton_rgb"):
        _ = afwDisplay.rgb


def test_keys():
    display = afwDisplay.Display()
    pressed = []
    display.setCallback("q", lambda k, x, y: pressed.append(k) or True)
    display.interact()
    assert pressed == ["q"]
    assert display.setCallback("a") is None
    assert display.setCallback("a") is afwDisplay.noop_callback
    assert display.getActiveCallbackKeys() == ["Escape", "h", "q"]
    assert "a" in display.getActiveCallbackKeys(onlyActive=False)
    with pytest.raises(RuntimeError, match="'f'"):
        display.setCallback("f")
    assert display.setCallback("f", noRaise=True) is None


# ---- matplotlib


def pixels_of(display):
    """What the figure shows, as an array of red, green and blue."""
    canvas = display._figure.canvas
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].astype(int)


def color_at(display, x, y):
    """Colour of the figure at a position of the parent image."""
    shown = pixels_of(display)
    column, row = display._axes().transData.transform((x, y))
    return tuple(shown[shown.shape[0] - 1 - round(row), round(column)])


@pytest.fixture
def figure():
    return afwDisplay.Display(11, backend="matplotlib")


def test_an_image_is_drawn_where_it_is(figure, exposure):
    figure.mtv(exposure.image, title="ramp")
    axes = figure._axes()
    assert axes.get_title() == "ramp"
    assert axes.axis() == (99.5, 129.5, 49.5, 69.5)
    dark, bright = color_at(figure, 101, 51), color_at(figure, 128, 68)
    assert len(set(dark)) == len(set(bright)) == 1
    assert dark[0] < 20
    assert bright[0] > 235


def test_masks_color_the_image(figure, exposure):
    figure.setMaskTransparency(0)
    figure.mtv(exposure)
    assert color_at(figure, 107, 55) == (255, 0, 0)
    figure.setMaskTransparency(50, "BAD")
    figure.mtv(exposure)
    red, green, blue = color_at(figure, 107, 55)
    assert red > green + 100
    assert green == blue
    figure.setMaskPlaneColor("BAD", afwDisplay.IGNORE)
    figure.mtv(exposure)
    assert len(set(color_at(figure, 107, 55))) == 1
    assert figure.getMaskTransparency("BAD") == 50
    assert figure.getMaskTransparency() == 0


def test_symbols_are_drawn_and_erased(figure, exposure):
    figure.mtv(exposure.image)
    before = pixels_of(figure)
    for symbol in ("o", "+", "x", "*", "@:4,1,2", "word"):
        figure.dot(symbol, 115, 60, size=4, ctype=afwDisplay.RED)
        assert (pixels_of(figure) != before).any(), symbol
        figure.erase()
        np.testing.assert_array_equal(pixels_of(figure), before)
    figure.line([(105, 60), (125, 60)], ctype=afwDisplay.GREEN)
    assert color_at(figure, 115, 60) == (0, 255, 0)
    assert figure._axes().axis() == (99.5, 129.5, 49.5, 69.5)


def test_zoom_and_pan(figure, exposure):
    figure.mtv(exposure.image)
    figure.zoom(2, 110, 60)
    assert figure._axes().axis() == (102.5, 117.5, 55.0, 65.0)
    figure.pan(115, 60)
    assert figure._axes().axis() == (107.5, 122.5, 55.0, 65.0)
    figure.zoom(1, 114.5, 59.5)
    assert figure._axes().axis() == (99.5, 129.5, 49.5, 69.5)


def test_scale_before_and_after(figure, exposure):
    figure.scale("linear", 0, 300)
    figure.mtv(exposure.image)
    assert color_at(figure, 128, 68) == (255, 255, 255)
    half = color_at(figure, 110, 55)[0]
    assert 125 <= half <= 140
    figure.scale("linear", 0, 600)
    assert color_at(figure, 110, 55)[0] == pytest.approx(half / 2, abs=2)
    figure.setImageColormap("viridis")
    assert len(set(color_at(figure, 110, 55))) == 3
    with pytest.raises(RuntimeError, match='Unsupported stretch algorithm "cubic"'):
        figure.scale("cubic", 0, 1)
    with pytest.raises(RuntimeError, match='Unsupported unit "furlongs"'):
        figure.scale("linear", 0, 1, "furlongs")


def test_figures_are_saved_and_stay(figure, exposure, tmp_path):
    figure.mtv(exposure)
    figure.show_colorbar()
    figure.savefig(tmp_path / "exposure.png")
    assert matplotlib.image.imread(tmp_path / "exposure.png").shape[2] == 4
    figure.close()
    assert matplotlib.pyplot.get_fignums() == [11]


def test_images_without_a_range(figure):
    image = ImageF(4, 3, math.nan)
    figure.mtv(image)
    image.array[0, 0] = 5.0
    figure.scale("asinh", "zscale")
    figure.mtv(MaskedImageF(image))
    assert pixels_of(figure).shape[2] == 3
