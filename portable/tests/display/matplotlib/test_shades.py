"""How pixels become shades, and masks colours."""

import numpy as np
import pytest

from lsst.display.matplotlib._overlay import blend_planes
from lsst.display.matplotlib._stretch import make_norm


@pytest.mark.parametrize(
    ("args", "limits"),
    [
        (("linear", "minmax"), (0, 100)),
        (("linear", 10, 20), (10, 20)),
        (("linear", 10, 90, "percent"), (10, 90)),
        (("asinh", -1, 1, "sigma"), (50 - 29.155, 50 + 29.155)),
        (("asinh", "minmax"), (0, 100)),
    ],
)
def test_limits(args, limits):
    pixels = np.append(np.arange(101.0), [np.nan, np.inf])
    norm = make_norm(pixels, *args)
    assert (norm.vmin, norm.vmax) == pytest.approx(limits, abs=1e-3)
    middle = norm(sum(limits) / 2)
    assert middle == pytest.approx(0.5) if args[0] == "linear" else middle > 0.7


def test_asinh_shows_what_zscale_does_not_reach():
    pixels = np.random.default_rng(1).normal(100, 5, (100, 100))
    pixels[50, 50] = 2000.0
    faint = make_norm(pixels, "linear", "zscale")
    both = make_norm(pixels, "asinh", "zscale")
    assert both.vmin == faint.vmin
    assert faint(1000.0) == faint(2000.0) == 1.0
    assert both(110.0) < both(1000.0) < both(2000.0) < 1.0


def test_planes_over_each_other():
    mask = np.array([[0, 1, 2, 3]], np.int32)
    red, blue = (1.0, 0.0, 0.0, 0.5), (0.0, 0.0, 1.0, 1.0)
    colors = blend_planes(mask, [(1, blue), (0, red)])
    assert colors.tolist() == [[[0, 0, 0, 0], [255, 0, 0, 128], [0, 0, 255, 255], [128, 0, 128, 255]]]
    top = np.array([[-(1 << 31)]], np.int32)
    assert blend_planes(top, [(31, blue)]).tolist() == [[[0, 0, 255, 255]]]
