"""What a type checker knows of the results and of the arguments."""

import pathlib
import subprocess
import sys

import pytest

import lsst.geom

pytest.importorskip("mypy")

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]

RIGHT = """\
from typing import assert_type

import numpy as np

from lsst.geom import (
    AffineTransform, Angle, Box2D, Box2I, Extent2D, Extent2I, IntervalD, IntervalI, LinearTransform, Point2D,
    Point2I, SpherePoint, degrees,
)

pixels = Box2I(Point2I(0, 0), Extent2I(3, 4))
for pixels in (
    Box2I(), Box2I(pixels), Box2I(minimum=Point2I(), maximum=Point2I(), invert=False),
    Box2I(Box2D(), Box2I.SHRINK), Box2I(other=Box2D(), edgeHandling=Box2I.EXPAND),
    Box2I(IntervalI(min=0, max=3), IntervalI(center=2.5, size=3)),
):
    assert_type(pixels.contains(Point2I(1, 1)), bool)
    assert_type(pixels.contains(pixels), bool)
    assert_type(pixels.contains(np.arange(3), np.arange(3)), np.ndarray)
    assert_type(pixels.contains(x=np.arange(3), y=1), np.ndarray)
box = Box2D(corner=Point2D(0, 0), dimensions=Extent2D(3, 4))
for box in (Box2D(), Box2D(box), Box2D(pixels), Box2D(x=IntervalD(min=0, size=1), y=IntervalD(IntervalI()))):
    assert_type(box.contains(Point2D(1, 1)), bool)
    assert_type(box.contains(1.0, 2.0), bool)
    assert_type(box.contains([1.0], [2.0]), np.ndarray)
linear = LinearTransform([[1, 0], [0, 1]])
affine = AffineTransform(linear, Extent2D(1, 2))
for affine in (AffineTransform(), AffineTransform(linear), AffineTransform(translation=Extent2D(1, 2))):
    assert_type(affine(Point2D(1, 2)), Point2D)
    assert_type(affine(Extent2D(1, 2)), Extent2D)
    assert_type(affine(1.0, 2.0), tuple[float, float])
    assert_type(linear(x=np.arange(3), y=np.arange(3)), tuple[np.ndarray, np.ndarray])
    assert_type(linear.applyX(1, 2), float)
    assert_type(affine.applyY(1, np.arange(3)), np.ndarray)
position = SpherePoint(10 * degrees, Angle(0.1))
for position in (SpherePoint(), SpherePoint(10.0, 5.0, units=degrees), SpherePoint(position)):
    pass
"""

WRONG = [
    "Box2I(Point2D(0, 0), Extent2I(3, 4))",
    "Box2I(0, 0, 3, 4)",
    "Box2D(Point2D(0, 0), 3)",
    "Box2I().contains(Point2D(1, 1))",
    "Box2D().contains(Box2I())",
    "IntervalI(0, 3)",
    "IntervalI(min=0.5, max=3)",
    "IntervalD(min=0, length=3)",
    "SpherePoint(10.0, 5.0)",
    "SpherePoint(10.0, 5.0, 'degrees')",
    "LinearTransform()(Point2I(1, 1))",
    "AffineTransform(1, 2, 3)",
]


def test_of_right_and_of_wrong_calls(tmp_path):
    path = tmp_path / "calls.py"
    path.write_text("\n".join([RIGHT, *WRONG, ""]))
    run = subprocess.run(
        [sys.executable, "-m", "mypy", "--cache-dir", tmp_path / "cache", "--hide-error-context", path],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
    )
    assert not run.stderr
    prefix = f"{path}:"
    errors = [line for line in run.stdout.splitlines() if line.startswith(prefix) and ": error:" in line]
    first = len(RIGHT.splitlines()) + 2
    lines = sorted({int(line.removeprefix(prefix).split(":")[0]) for line in errors})
    assert lines == list(range(first, first + len(WRONG))), run.stdout


@pytest.mark.parametrize("call", WRONG)
def test_wrong_calls_fail(call):
    with pytest.raises(TypeError):
        eval(call, vars(lsst.geom).copy())
