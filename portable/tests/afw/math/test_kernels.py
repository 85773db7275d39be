# SPDX-License-Identifier: GPL-3.0-or-later
"""Kernels: parameters, variation over an image, pixels, sizes, copies and bad input."""

import pickle

import numpy as np
import pytest

from lsst.afw import math as afw_math
from lsst.afw.image import ImageD, ImageF
from lsst.geom import Box2I, Extent2I, Point2D, Point2I
from lsst.pex.exceptions import InvalidParameterError, OverflowError, RuntimeError

PLANE = afw_math.PolynomialFunction2D(1)
GAUSS = afw_math.GaussianFunction2D(1.2, 0.7, 0.3)


def deltas(width, height):
    return [
        afw_math.DeltaFunctionKernel(width, height, Point2I(x, y))
        for x in range(width)
        for y in range(height)
    ]


def kernels():
    """One of each class, none of which varies."""
    fixed = afw_math.FixedKernel(ImageD(np.arange(1.0, 21.0).reshape(4, 5)))
    line = afw_math.GaussianFunction1D(0.9)
    return {
        "fixed": fixed,
        "analytic": afw_math.AnalyticKernel(5, 4, GAUSS),
        "separable": afw_math.SeparableKernel(5, 4, line, afw_math.GaussianFunction1D(1.4)),
        "delta": afw_math.DeltaFunctionKernel(5, 4, Point2I(3, 1)),
        "combination": afw_math.LinearCombinationKernel(
            [fixed, afw_math.AnalyticKernel(5, 4, GAUSS)], [2, 3]
        ),
    }


def pixels(kernel, normalize=False, x=0.0, y=0.0):
    image = ImageD(kernel.getDimensions())
    total = kernel.computeImage(image, normalize, x, y)
    assert total == pytest.approx(image.array.sum())
    return image.array


@pytest.mark.parametrize("kind", kernels())
def test_what_all_have_in_common(kind):
    kernel = kernels()[kind]
    assert (kernel.getDimensions(), kernel.getCtr()) == (Extent2I(5, 4), Point2I(2, 1))
    assert not kernel.isSpatiallyVarying()
    assert (kernel.getNSpatialParameters(), kernel.getSpatialParameters()) == (0, [])
    assert kernel.getSpatialFunctionList() == []
    with pytest.raises(InvalidParameterError, match="no spatial function of index 0"):
        kernel.getSpatialFunction(0)
    image = ImageD(5, 4)
    assert kernel.computeImage(image, True) == 1.0
    assert image.array.sum() == pytest.approx(1.0)
    assert image.getBBox() == kernel.getBBox() == Box2I(Point2I(-2, -1), Extent2I(5, 4))
    np.testing.assert_array_equal(image.array, kernel.kernel_array(doNormalize=True))
    for copy in (kernel.clone(), pickle.loads(pickle.dumps(kernel))):
        assert type(copy) is type(kernel)
        np.testing.assert_array_equal(pixels(copy), pixels(kernel))
        kernel.setCtr(Point2I(0, 3))
        assert (kernel.getCtr(), copy.getCtr()) == (Point2I(0, 3), Point2I(2, 1))
        kernel.setCtr(Point2I(2, 1))
    text = kernel.toString("> ")
    assert text.startswith(f"> {type(kernel).__name__}:\n")
    assert "> \t..height, width: 4, 5\n> \t..ctr (X, Y): 2, 1\n" in text
    assert "..isSpatiallyVarying: False\n" in text
    with pytest.raises(TypeError, match="ctr of a kernel must be Point2I"):
        kernel.setCtr((0, 0))


def test_parameters_are_those_of_the_functions():
    analytic, separable, combination = (kernels()[kind] for kind in ("analytic", "separable", "combination"))
    assert analytic.getKernelParameters() == [1.2, 0.7, 0.3]
    assert separable.getKernelParameters() == [0.9, 1.4]
    assert combination.getKernelParameters() == [2.0, 3.0]
    before = analytic.clone()
    analytic.setKernelParameters((2.0, 1.0, 0.5))
    assert (analytic.getKernelParameter(2), GAUSS.getParameter(2), before.getKernelParameter(2)) == (
        0.5,
        0.3,
        0.3,
    )
    np.testing.assert_allclose(
        pixels(analytic), pixels(afw_math.AnalyticKernel(5, 4, afw_math.GaussianFunction2D(2.0, 1.0, 0.5)))
    )
    separable.setKernelParameters([1.4, 0.9])
    assert separable.getKernelColFunction().getParameters() == [1.4]
    assert separable.getKernelRowFunction().getParameters() == [0.9]
    for kernel, count in ((analytic, 3), (separable, 2), (combination, 2), (kernels()["fixed"], 0)):
        assert kernel.getNKernelParameters() == count
        with pytest.raises(InvalidParameterError, match=f"has {count} parameters, not {count + 1}"):
            kernel.setKernelParameters([1.0] * (count + 1))
        kernel.setSpatialParameters([[]] * count)
        with pytest.raises(InvalidParameterError, match=f"needs {count} sequences of 0 spatial parameters"):
            kernel.setSpatialParameters([[1.0]] * (count + 1))


def test_analytic_kernel_fills_an_image_of_any_size():
    kernel = afw_math.AnalyticKernel(5, 4, GAUSS)
    larger, smaller = ImageD(9, 6), ImageD(3, 2)
    for image in (larger, smaller):
        assert kernel.computeImage(image, True) == 1.0
        kernel.computeImage(image, False)
    assert (larger.getXY0(), smaller.getXY0()) == (Point2I(-4, -2), Point2I(-1, 0))
    np.testing.assert_allclose(larger[Box2I(Point2I(-2, -1), Extent2I(5, 4))].array, pixels(kernel))
    np.testing.assert_allclose(smaller.array, pixels(kernel)[1:3, 1:4])
    with pytest.raises(InvalidParameterError, match="cannot hold"):
        kernels()["fixed"].computeImage(ImageD(9, 6), False)


def test_kernel_that_varies():
    kernel = afw_math.AnalyticKernel(5, 5, afw_math.GaussianFunction2D(1.0, 1.0), PLANE)
    assert (kernel.isSpatiallyVarying(), kernel.getNSpatialParameters()) == (True, 3)
    coefficients = [[1.0, 0.01, 0.0], [1.0, 0.0, 0.02], [0.1, 0.0, 0.0]]
    kernel.setSpatialParameters(coefficients)
    assert kernel.getSpatialParameters() == coefficients
    assert kernel.getSpatialFunction(1)(0.0, 10.0) == pytest.approx(1.2)
    still = afw_math.AnalyticKernel(5, 5, afw_math.GaussianFunction2D(2.0, 1.8, 0.1))
    np.testing.assert_allclose(pixels(kernel, True, 100.0, 40.0), pixels(still, True))
    assert kernel.getKernelParameters() == pytest.approx([2.0, 1.8, 0.1])
    fixed = afw_math.FixedKernel(kernel, Point2D(100.0, 40.0))
    np.testing.assert_allclose(pixels(fixed), pixels(still))
    assert fixed.getSum() == pytest.approx(pixels(still).sum())
    assert not fixed.isSpatiallyVarying()
    assert "....PolynomialFunction2 [1]: Function2: parameters: [ 1, 0.01, 0 ]" in kernel.toString()
    with pytest.raises(RuntimeError, match="use setSpatialParameters"):
        kernel.setKernelParameters([1.0, 1.0, 0.0])
    with pytest.raises(InvalidParameterError, match="needs 3 sequences of 3"):
        kernel.setSpatialParameters(coefficients[:2])
    with pytest.raises(NotImplementedError, match=r"use FixedKernel\(kernel, position\)"):
        afw_math.convolve(ImageF(9, 9), ImageF(9, 9), kernel)


def test_one_spatial_function_each():
    line = afw_math.GaussianFunction1D(1.0)
    functions = [afw_math.PolynomialFunction2D([1.0, 0.1, 0.0]), afw_math.PolynomialFunction2D([2.0])]
    kernel = afw_math.SeparableKernel(5, 4, line, line, functions)
    pixels(kernel, x=3.0)
    assert kernel.getKernelParameters() == pytest.approx([1.3, 2.0])
    # Rounded the other way than the centre of other kernels of the size.
    assert kernel.getCtr() == Point2I(2, 2)
    for wrong in ([], functions[:1], functions * 2):
        with pytest.raises(InvalidParameterError, match=f"as many spatial functions, got {len(wrong)}"):
            afw_math.SeparableKernel(5, 4, line, line, wrong)
    with pytest.raises(InvalidParameterError, match="without parameters cannot vary"):
        afw_math.AnalyticKernel(3, 3, afw_math.IntegerDeltaFunction2D(0, 0), PLANE)


@pytest.mark.parametrize("kind", kernels())
def test_other_sizes(kind):
    kernel = kernels()[kind]
    for width, height in ((9, 6), (7, 4), (5, 4), (3, 8), (3, 2)):
        if kind == "delta" and height == 2:
            continue
        resized = kernel.resized(width, height)
        assert type(resized) is type(kernel)
        assert resized.getDimensions() == Extent2I(width, height)
        assert resized.getKernelParameters() == kernel.getKernelParameters()
        both = resized.getBBox().clippedTo(kernel.getBBox())
        images = []
        for each in (kernel, resized):
            images.append(ImageD(each.getDimensions()))
            each.computeImage(images[-1], False)
        np.testing.assert_allclose(images[0][both].array, images[1][both].array)
    for width, height in ((0, 4), (5, -2)):
        with pytest.raises(InvalidParameterError, match="positive width"):
            kernel.resized(width, height)
    if kind in ("analytic", "separable"):
        assert kernel.resized(6, 7).getDimensions() == Extent2I(6, 7)
    else:
        with pytest.raises(InvalidParameterError, match="by an even number"):
            kernel.resized(6, 4)


def test_delta_function_kernel():
    for x in range(3):
        for y in range(2):
            kernel = afw_math.DeltaFunctionKernel(3, 2, Point2I(x, y))
            assert kernel.getPixel() == Point2I(x, y)
            assert np.argwhere(pixels(kernel) == 1.0).tolist() == [[y, x]]
            assert pixels(kernel).sum() == 1.0
    for place in (Point2I(3, 0), Point2I(0, 2), Point2I(-1, 0)):
        with pytest.raises(InvalidParameterError, match="not within a kernel of 3 x 2"):
            afw_math.DeltaFunctionKernel(3, 2, place)
    with pytest.raises(InvalidParameterError, match="not within a kernel of 5 x 2"):
        afw_math.DeltaFunctionKernel(5, 4, Point2I(3, 0)).resized(5, 2)


def test_linear_combination():
    basis = deltas(3, 2)
    kernel = afw_math.LinearCombinationKernel(basis, np.arange(6.0))
    assert kernel.isDeltaFunctionBasis()
    assert (kernel.getNBasisKernels(), kernel.getKernelSumList()) == (6, [1.0] * 6)
    assert pixels(kernel).T.ravel().tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    kernel.setKernelParameters([0, 0, 1, 0, 0, 0])
    np.testing.assert_array_equal(pixels(kernel), pixels(basis[2]))
    gauss = afw_math.AnalyticKernel(3, 2, GAUSS)
    mixed = afw_math.LinearCombinationKernel([basis[0], gauss], [0, 1])
    assert not mixed.isDeltaFunctionBasis()
    gauss.setKernelParameters([3.0, 3.0, 0.0])
    assert mixed.getKernelList()[1].getKernelParameters() == [1.2, 0.7, 0.3]
    assert not np.allclose(pixels(mixed), pixels(gauss))


def test_linear_combination_of_what_does_not_go_together():
    basis, varying = deltas(3, 2), afw_math.AnalyticKernel(3, 2, GAUSS, PLANE)
    moved = basis[0].clone()
    moved.setCtr(Point2I(0, 0))
    for wrong, message in (
        ([], "needs a kernel or more"),
        ([basis[0], deltas(2, 2)[0]], "another size or centre"),
        ([basis[0], moved], "another size or centre"),
        ([basis[0], varying], "Kernel 1 is spatially varying"),
    ):
        with pytest.raises(InvalidParameterError, match=message):
            afw_math.LinearCombinationKernel(wrong, [1.0] * len(wrong))
    for factors in ([1.0], [1.0] * 3, [PLANE], [PLANE] * 3):
        with pytest.raises(InvalidParameterError, match="2 parameters"):
            afw_math.LinearCombinationKernel(basis[:2], factors)


@pytest.mark.parametrize("order", [0, 1, 2])
def test_refactored_combination_is_the_same_kernel(order):
    plane = afw_math.PolynomialFunction2D(order)
    kernel = afw_math.LinearCombinationKernel(deltas(3, 2), plane)
    rng = np.random.default_rng(order)
    kernel.setSpatialParameters(rng.uniform(1, 2, (6, plane.getNParameters())))
    refactored = kernel.refactor()
    assert refactored.getNBasisKernels() == plane.getNParameters()
    for place in ((0.0, 0.0), (20.0, -3.0), (-7.5, 11.0)):
        np.testing.assert_allclose(pixels(refactored, False, *place), pixels(kernel, False, *place))
    assert kernels()["combination"].refactor() is None


def test_sum_of_zero_is_not_normalized():
    flat, line = afw_math.PolynomialFunction2D(0), afw_math.PolynomialFunction1D(0)
    zero = afw_math.AnalyticKernel(3, 3, flat)
    for kernel in (
        zero,
        afw_math.SeparableKernel(3, 3, line, line),
        afw_math.FixedKernel(ImageD(3, 3)),
        afw_math.LinearCombinationKernel([kernels()["delta"]], [0]),
    ):
        image = ImageD(kernel.getDimensions())
        assert kernel.computeImage(image, False) == 0.0
        with pytest.raises(OverflowError, match="whose sum is 0"):
            kernel.computeImage(image, True)
    for value in (-1.0, -1e-99, 1e99):
        zero.setKernelParameters([value])
        np.testing.assert_allclose(pixels(zero, True), 1 / 9)


def test_caches_are_only_sizes():
    for kind, kernel in kernels().items():
        kernel.computeCache(100)
        expected = 100 if kind == "separable" else 0
        assert (kernel.getCacheSize(), kernel.clone().getCacheSize()) == (expected, expected)


def test_function_that_is_none():
    for make in (
        lambda: afw_math.AnalyticKernel(3, 3, 1.0),
        lambda: afw_math.SeparableKernel(3, 3, GAUSS, None),
        lambda: afw_math.FixedKernel("kernel"),
    ):
        with pytest.raises(TypeError, match=r"must be"):
            make()


def test_warping_kernels():
    for name, order in (("lanczos2", 2), ("lanczos5", 5)):
        kernel = afw_math.makeWarpingKernel(name)
        assert (kernel.getOrder(), kernel.getDimensions()) == (order, Extent2I(2 * order, 2 * order))
        assert kernel.clone().getOrder() == order
    kernel = afw_math.makeWarpingKernel("lanczos3")
    kernel.setKernelParameters((0.25, 0.0))
    expected = [np.sinc(x - 0.25) * np.sinc((x - 0.25) / 3) for x in range(-2, 4)]
    np.testing.assert_allclose(pixels(kernel)[2], expected, atol=1e-15)
    bilinear, nearest = afw_math.BilinearWarpingKernel(), afw_math.NearestWarpingKernel()
    for each in (bilinear, nearest):
        each.setKernelParameters([0.25, 0.75])
    np.testing.assert_allclose(pixels(bilinear), np.outer([0.25, 0.75], [0.75, 0.25]))
    np.testing.assert_array_equal(pixels(nearest), [[0, 0], [1, 0]])
    for wrong in ([-0.1, 0.0], [0.0, 1.1]):
        with pytest.raises(InvalidParameterError, match="cannot interpolate at"):
            bilinear.setKernelParameters(wrong)
    bilinear.setCtr(Point2I(1, 1))
    bilinear.setKernelParameters([-0.25, -0.75])
    np.testing.assert_allclose(pixels(bilinear), np.outer([0.75, 0.25], [0.25, 0.75]))
    bilinear.setCtr(Point2I(2, 1))
    with pytest.raises(InvalidParameterError, match="cannot interpolate at"):
        bilinear.setKernelParameters([0.0, 0.0])
