# SPDX-License-Identifier: GPL-3.0-or-later
"""Kernels, and functions of two variables, in FITS files."""

import subprocess
import sys

import numpy as np
import pytest

import lsst.afw.math as afw_math
from lsst.afw.fits import FitsError, MemFileManager
from lsst.afw.image import ImageD
from lsst.geom import Box2D, Point2D, Point2I
from lsst.portable.archive import OpaquePersistable, read_persistable
from lsst.portable.fits import FitsReader

PLANE = afw_math.PolynomialFunction2D(1)
GAUSSIAN = afw_math.GaussianFunction2D(0.7, 2.5, 0.3)
RAMP = afw_math.FixedKernel(ImageD(np.arange(15.0).reshape(3, 5)))


def varying(kernel, *parameters):
    kernel.setSpatialParameters(parameters)
    return kernel


KERNELS = {
    "fixed": RAMP,
    "one pixel": afw_math.FixedKernel(ImageD(np.array([[2.5]]))),
    "delta": afw_math.DeltaFunctionKernel(4, 3, Point2I(3, 1)),
    "Gaussian": afw_math.AnalyticKernel(5, 8, GAUSSIAN),
    "double Gaussian": afw_math.AnalyticKernel(5, 5, afw_math.DoubleGaussianFunction2D(1.0, 2.5, 0.1)),
    "polynomial": afw_math.AnalyticKernel(3, 2, afw_math.PolynomialFunction2D([1.0, -2.0, 0.25])),
    "constant": afw_math.AnalyticKernel(3, 2, afw_math.PolynomialFunction2D([4.0])),
    "Chebyshev": afw_math.AnalyticKernel(
        3, 2, afw_math.Chebyshev1Function2D([1.0, 2.0, 0.5], Box2D(Point2D(-9, -8), Point2D(7, 6)))
    ),
    "combination": afw_math.LinearCombinationKernel([RAMP, RAMP], [0.25, -2.0]),
    "combination of one": afw_math.LinearCombinationKernel([RAMP], [3.0]),
    "combination of functions": afw_math.LinearCombinationKernel(
        [afw_math.AnalyticKernel(5, 3, GAUSSIAN), RAMP], [1.0, 2.0]
    ),
    "varying": varying(afw_math.AnalyticKernel(5, 8, GAUSSIAN, PLANE), [1, 0.1, 0], [2, 0, 0.1], [0, 0, 0]),
    "varying combination": varying(
        afw_math.LinearCombinationKernel([RAMP, afw_math.DeltaFunctionKernel(5, 3, Point2I(0, 2))], PLANE),
        [0.0, 1.0, 0.0],
        [0.0, 0.0, 1.0],
    ),
}


def written(obj):
    manager = MemFileManager()
    obj.writeFits(manager)
    return bytes(manager.getData())


@pytest.mark.parametrize("name", KERNELS)
def test_kernels_are_written_and_read(name):
    kernel = KERNELS[name].clone()
    kernel.setCtr(Point2I(1, 0))
    read = type(kernel).readFits(written(kernel))
    assert type(read) is type(kernel)
    assert read.toString() == kernel.toString()
    assert read.getCtr() == Point2I(1, 0)
    assert read.getKernelParameters() == kernel.getKernelParameters()
    assert read.getSpatialParameters() == kernel.getSpatialParameters()
    images = ImageD(kernel.getDimensions()), ImageD(kernel.getDimensions())
    assert read.computeImage(images[0], False, 3.0, 4.0) == kernel.computeImage(images[1], False, 3.0, 4.0)
    np.testing.assert_array_equal(images[0].array, images[1].array)
    assert written(read) == written(kernel)
    assert kernel.isPersistable()


def test_objects_are_in_the_order_of_the_compiled_stack():
    """Spatial functions come before the kernel, what it is made of after it."""
    kernel = varying(afw_math.AnalyticKernel(5, 8, GAUSSIAN, PLANE), [1, 0, 0], [2, 0, 0], [3, 0, 0])
    with FitsReader(written(kernel)) as reader:
        index = [(row["id"], row["name"]) for row in reader.read_table(1).rows]
        tables = [reader.hdu(i).get("EXTNAME") for i in range(2, len(reader))]
    assert index == [
        *[(id, "PolynomialFunction2D") for id in (2, 3, 4)],
        (1, "AnalyticKernel"),
        (5, "GaussianFunction2D"),
    ]
    assert tables == ["AnalyticKernel", "PolynomialFunction2D", "GaussianFunction2D"]


@pytest.mark.parametrize(
    ("kernel", "named"),
    [
        (
            afw_math.SeparableKernel(3, 3, *[afw_math.GaussianFunction1D(1.0)] * 2),
            "type SeparableKernel cannot be stored",
        ),
        (afw_math.makeWarpingKernel("lanczos3"), "type LanczosWarpingKernel cannot be stored"),
        (afw_math.AnalyticKernel(3, 3, afw_math.LanczosFunction2D(2)), "type LanczosFunction2D cannot be"),
        (afw_math.AnalyticKernel(3, 3, lambda x, y: x + y), "type PlainFunction2D cannot be"),
    ],
)
def test_kernels_without_a_form_in_files(kernel, named):
    assert not kernel.isPersistable()
    with pytest.raises(FitsError, match=named):
        written(kernel)


def test_file_of_another_kernel():
    content = written(KERNELS["delta"])
    assert isinstance(afw_math.Kernel.readFits(content), afw_math.DeltaFunctionKernel)
    with pytest.raises(FitsError, match="holds DeltaFunctionKernel, not a FixedKernel"):
        afw_math.FixedKernel.readFits(content)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("Gaussian", b"GaussianFunction2D", b"GaussianFunction2X"),
        ("varying", b"PolynomialFunction2D", b"PolynomialFunction2X"),
        ("combination", b"FixedKernel", b"OtherKernel"),
        ("fixed", b"dimensions_x", b"dimensions.x"),
    ],
)
def test_kernel_of_unknown_parts_is_passed_through(name, old, new):
    content = written(KERNELS[name]).replace(old, new)
    kept = read_persistable(content)
    assert isinstance(kept, OpaquePersistable)
    assert kept.name == type(KERNELS[name]).__name__
    again = read_persistable(written(kept))
    assert (again.name, again.module) == (kept.name, "lsst.afw.math")
    assert [column.name for column in again.catalogs[0].columns] == [
        column.name for column in kept.catalogs[0].columns
    ]
    with pytest.raises(FitsError, match="holds OpaquePersistable"):
        type(KERNELS[name]).readFits(content)


def test_sizes_that_differ():
    content = written(afw_math.LinearCombinationKernel([RAMP], [1.0]))
    start = content.index((5).to_bytes(4, "big") + (3).to_bytes(4, "big"))
    damaged = content[:start] + (4).to_bytes(4, "big") + content[start + 4 :]
    with pytest.raises(FitsError, match=r"should have \(4, 3\) pixels, but is made of \(5, 3\)"):
        afw_math.Kernel.readFits(damaged)


@pytest.mark.parametrize(
    ("base", "stored"), [("Kernel", KERNELS["combination of functions"]), ("Function2D", PLANE)]
)
def test_objects_are_read_whatever_was_used_before(base, stored, tmp_path):
    path = tmp_path / "object.fits"
    stored.writeFits(path)
    code = f"from lsst.afw.math import {base}; print({base}.readFits({str(path)!r}).toString(), end='')"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == stored.toString()


@pytest.mark.parametrize(
    "function",
    [
        GAUSSIAN,
        afw_math.DoubleGaussianFunction2D(1.0, 2.0, 0.5),
        afw_math.PolynomialFunction2D([1.0, 2.0, 3.0]),
        afw_math.Chebyshev1Function2D([1.0, 2.0, 3.0], Box2D(Point2D(-2, -3), Point2D(4, 5))),
    ],
)
def test_functions_are_written_and_read(function):
    assert function.isPersistable()
    read = afw_math.Function2D.readFits(written(function))
    assert type(read) is type(function)
    assert read.toString() == function.toString()
    assert read(0.25, -1.5) == function(0.25, -1.5)


@pytest.mark.parametrize(
    "function",
    [
        afw_math.GaussianFunction1D(1.0),
        afw_math.PolynomialFunction1D(2),
        afw_math.LanczosFunction2D(2),
        afw_math.IntegerDeltaFunction2D(0, 0),
    ],
)
def test_functions_without_a_form_in_files(function):
    assert not function.isPersistable()
    with pytest.raises(FitsError, match=f"type {type(function).__name__} cannot be stored"):
        written(function)
