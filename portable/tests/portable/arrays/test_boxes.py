# SPDX-License-Identifier: GPL-3.0-or-later
"""The compiled statistics of boxes agree with those of NumPy to the bit, whatever the pixels and threads."""

import os
import subprocess
import sys

import numpy as np
import pytest

from lsst.portable import threads
from lsst.portable.arrays.boxes import grid_boxes, measure_boxes
from lsst.portable.arrays.cells import cell_edges
from lsst.portable.arrays.lanes import lane_sum
from lsst.portable.arrays.properties import Property
from lsst.portable.arrays.statistics import Rules

FLAGS = {
    "clip": Property.MEANCLIP | Property.ERRORS,
    "clip_count": Property.MEANCLIP | Property.NPOINT | Property.NMASKED,
    "median": Property.MEDIAN | Property.ERRORS,
    "all": Property.MEAN
    | Property.STDEV
    | Property.SUM
    | Property.IQRANGE
    | Property.STDEVCLIP
    | Property.ERRORS,
}
EXPOSED = {
    "clip": ("mean_clip", "mean_clip_variance", "variance_clip"),
    "clip_count": ("number", "num_masked", "mean_clip", "num_clipped"),
    "median": ("median", "mean", "variance"),
    "all": (
        "number",
        "total",
        "mean",
        "mean_variance",
        "variance",
        "iqrange",
        "variance_clip",
        "num_clipped",
    ),
}


def make_pixels(kind: str, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Make pixels and a mask."""
    rng = np.random.default_rng(5)
    image = rng.normal(100, 10, shape).astype(np.float32)
    mask = (rng.random(shape) < 0.2).astype(np.int32) * 4 + (rng.random(shape) < 0.5).astype(np.int32)
    if kind == "tied":
        image = np.round(image / 20).astype(np.float32)
    elif kind == "flat":
        image[:] = 0.1
    elif kind == "nan":
        image[rng.random(shape) < 0.1] = np.nan
        image[0, :5] = np.inf
    elif kind == "outliers":
        image[rng.random(shape) < 0.05] = 1e30
    elif kind == "masked":
        mask[: shape[0] // 2] = 4
    elif kind == "sorted":
        image = np.sort(image.ravel()).reshape(shape)
    elif kind == "extreme":
        image = rng.choice(np.array([-3e38, 3e38, 0, 1], np.float32), shape)
    elif kind == "tiny":
        image = (image * np.float32(1e-44)).astype(np.float32)
    elif kind == "two":
        image = (rng.random(shape) < 0.5).astype(np.float32)
    elif kind == "misleading":  # the few values that tell where the others might be do not
        size = image.size
        image.flat[[i * (size // 15) + size // 15 // 2 for i in range(15)]] = np.arange(1000, 1015)
    elif kind == "sign":
        mask[:, ::3] = np.iinfo(np.int32).min
    return image, mask


@pytest.mark.parametrize("name", FLAGS)
@pytest.mark.parametrize(
    "kind",
    [
        "plain",
        "tied",
        "flat",
        "nan",
        "outliers",
        "masked",
        "sorted",
        "extreme",
        "tiny",
        "two",
        "misleading",
        "sign",
    ],
)
@pytest.mark.parametrize(("shape", "cells"), [((37, 91), (7, 5)), ((7, 6), (3, 7)), ((450, 399), (1, 1))])
def test_compiled_is_numpy(monkeypatch, name, kind, shape, cells):
    image, mask = make_pixels(kind, shape)
    boxes = grid_boxes(cell_edges(shape[1], cells[0]), cell_edges(shape[0], cells[1]))
    for rules in (
        Rules(and_mask=4 | 1 << 31),
        Rules(nan_safe=False, num_iter=1),
        Rules(and_mask=5, num_iter=5),
    ):
        results = []
        for large in (0, 1 << 60):
            monkeypatch.setattr(threads, "LARGE", large)
            results.append(measure_boxes(image, mask, None, boxes, int(FLAGS[name]), rules))
        for field in EXPOSED[name]:
            ours, twin = (getattr(result, field) for result in results)
            np.testing.assert_array_equal(ours, twin, err_msg=field, strict=True)


@pytest.mark.parametrize("kind", ["plain", "flat", "nan", "outliers"])
def test_sums_of_whole_images(monkeypatch, kind):
    image, _ = make_pixels(kind, (700, 217))
    box = np.array([[0, 217, 0, 700]])
    for rules in (Rules(), Rules(nan_safe=False)):
        results = []
        for large in (0, 1 << 60):
            monkeypatch.setattr(threads, "LARGE", large)
            flags = int(Property.MEAN | Property.VARIANCE | Property.SUM | Property.ERRORS)
            with np.errstate(invalid="ignore"):
                results.append(measure_boxes(image, None, None, box, flags, rules))
        for ours, theirs in zip(*results, strict=True):
            np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("number", [1, 2, 5])
def test_threads_do_not_matter(monkeypatch, number):
    image, mask = make_pixels("plain", (300, 217))
    boxes = grid_boxes(cell_edges(217, 30), cell_edges(300, 29))
    monkeypatch.setattr(threads, "LARGE", 0)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    expected = measure_boxes(image, mask, None, boxes, int(FLAGS["all"]), Rules(and_mask=4))
    monkeypatch.setattr(threads, "thread_count", lambda: number)
    found = measure_boxes(image, mask, None, boxes, int(FLAGS["all"]), Rules(and_mask=4))
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_views_and_absent_mask(monkeypatch):
    image, mask = make_pixels("plain", (80, 90))
    view = image[3:71, 2:85:2]
    boxes = np.array([[0, 42, 0, 68], [5, 6, 7, 8], [3, 30, 60, 68]])
    results = []
    for large in (0, 1 << 60):
        monkeypatch.setattr(threads, "LARGE", large)
        results.append(measure_boxes(view, None, None, boxes, int(FLAGS["clip"]), Rules()))
        results.append(
            measure_boxes(view, mask[3:71, 2:85:2], None, boxes, int(FLAGS["clip"]), Rules(and_mask=4))
        )
    for field in EXPOSED["clip"]:
        np.testing.assert_array_equal(getattr(results[0], field), getattr(results[2], field))
        np.testing.assert_array_equal(getattr(results[1], field), getattr(results[3], field))


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 1000, 65536, 65537, 200000])
def test_lane_sum(size):
    values = np.random.default_rng(size).normal(3, 1, size)
    assert lane_sum(values) == pytest.approx(np.sum(values, dtype=np.longdouble), rel=1e-14, abs=0)


def test_small_images_leave_numba_alone():
    program = (
        "import sys, numpy as np; from lsst.afw.image import ImageF; from lsst.afw import math;"
        "math.makeBackground(ImageF(100, 90), math.BackgroundControl(5, 5)).getImageF('AKIMA_SPLINE');"
        "assert 'numba' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, env=dict(os.environ))


def test_right_without_jit():
    program = (
        "import numpy as np; from lsst.portable import threads;"
        "from lsst.portable.arrays.boxes import measure_boxes;"
        "from lsst.portable.arrays.statistics import Rules;"
        "image = np.random.default_rng(1).normal(0, 1, (20, 30)).astype('f4');"
        "boxes = np.array([[0, 30, 0, 20]]);"
        "threads.LARGE = 0; a = measure_boxes(image, None, None, boxes, 0x81, Rules());"
        "threads.LARGE = 1 << 60; b = measure_boxes(image, None, None, boxes, 0x81, Rules());"
        "assert a.mean_clip == b.mean_clip and a.variance_clip == b.variance_clip"
    )
    subprocess.run([sys.executable, "-c", program], check=True, env={**os.environ, "NUMBA_DISABLE_JIT": "1"})
