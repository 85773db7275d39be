# SPDX-License-Identifier: GPL-3.0-or-later
"""Assertions about images, as functions and as methods of `lsst.utils.tests.TestCase`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lsst.geom import Box2I, Extent2I
from lsst.utils.tests import inTestCase

from ._image import ImageF
from ._maskedImage import MaskedImageF

if TYPE_CHECKING:
    import unittest

    from ._image_base import ImageBase
    from ._mask import MaskX

__all__ = (
    "assertImagesAlmostEqual",
    "assertImagesEqual",
    "assertMaskedImagesAlmostEqual",
    "assertMaskedImagesEqual",
    "assertMasksEqual",
    "imagesDiffer",
    "makeGaussianNoiseMaskedImage",
    "makeRampImage",
)

RTOL = 1.0e-05
ATOL = 1.0e-08


def makeRampImage(bbox: Box2I, start: float = 0, stop: float | None = None, imageClass: type = ImageF) -> Any:
    """Make an image whose pixel values increase row by row.

    Parameters
    ----------
    bbox : `lsst.geom.Box2I`
        Box of the image.
    start : `float`, optional
        Value of the first pixel.
    stop : `float`, optional
        Value of the last pixel; by default values increase in steps of one.
    imageClass : `type`, optional
        Class to make.
    """
    image = imageClass(bbox)
    size = image.array.size
    last = start + size - 1 if stop is None else stop
    image.array[:] = np.linspace(start, last, size).reshape(image.array.shape)
    return image


def makeGaussianNoiseMaskedImage(dimensions: Extent2I, sigma: float, variance: float = 1.0) -> MaskedImageF:
    """Make a masked image of zero-mean normal noise from NumPy's global generator.

    Parameters
    ----------
    dimensions : `lsst.geom.Extent2I`
        Width and height.
    sigma : `float`
        Standard deviation of the noise.
    variance : `float`, optional
        Variance of all pixels.
    """
    result = MaskedImageF(dimensions)
    shape = result.image.array.shape
    result.image.array = np.random.normal(loc=0.0, scale=sigma, size=shape)  # noqa: NPY002 - as callers seed it
    result.variance.array = variance
    return result


def _pixels(name: str, value: object) -> np.ndarray:
    """Return the pixels of an image, a mask or an array."""
    pixels = getattr(value, "array", value)
    if not isinstance(pixels, np.ndarray) or pixels.ndim != 2 or pixels.dtype.kind not in "biuf":
        raise TypeError(f"{name}={value!r} is not a supported type; expected an image, a mask or a 2-D array")
    return pixels


def imagesDiffer(
    image0: ImageBase | np.ndarray,
    image1: ImageBase | np.ndarray,
    skipMask: MaskX | np.ndarray | None = None,
    rtol: float = RTOL,
    atol: float = ATOL,
) -> str:
    """Describe how two images differ.

    Parameters
    ----------
    image0, image1 : `lsst.afw.image.Image` or `numpy.ndarray`
        Images, masks or arrays of shape ``(ny, nx)``.
    skipMask : `object`, optional
        Mask, image or array of the same shape: pixels where it is nonzero are not compared.
    rtol, atol : `float`, optional
        Values are close if they differ by no more than ``atol + rtol * abs(image1)``. NaN is close only to
        NaN, and an infinity only to the same one.

    Returns
    -------
    differences : `str`
        Description of the differences; empty if there are none.

    Raises
    ------
    TypeError
        Raised if any of them is neither an image nor a two-dimensional array, or if the shapes differ.
    """
    first, second = _pixels("image0", image0), _pixels("image1", image1)
    if first.shape != second.shape:
        raise TypeError(f"the shapes are {first.shape} and {second.shape}: images of one shape are compared")
    used = np.ones(first.shape, dtype=bool)
    if skipMask is not None:
        skipped = _pixels("skipMask", skipMask)
        if skipped.shape != first.shape:
            raise TypeError(f"the shape is {first.shape}, that of the pixels to skip {skipped.shape}")
        used = skipped == 0
    kinds = (("NaNs", np.isnan), ("+infs", np.isposinf), ("-infs", np.isneginf))
    problems = [f"{name} differ" for name, test in kinds if np.any(used & (test(first) != test(second)))]
    used = used & np.isfinite(first) & np.isfinite(second)
    return "; ".join([*_largest_difference(first, second, used, rtol, atol), *problems])


def _largest_difference(
    first: np.ndarray, second: np.ndarray, used: np.ndarray, rtol: float, atol: float
) -> list[str]:
    """Describe where finite pixels differ most, if they are not close."""
    if first.dtype.kind in "iub" and second.dtype.kind in "iub":
        first, second = first.astype(object), second.astype(object)  # differences of unsigned numbers
    difference = abs(np.where(used, first, 0) - np.where(used, second, 0))
    bad = used & (difference > atol + rtol * abs(np.where(used, second, 0))).astype(bool)
    if not bad.any():
        return []
    y, x = np.unravel_index(np.argmax(difference), difference.shape)
    return [
        f"maxDiff={difference[y, x]} at position ({x}, {y}); value={first[y, x]} vs. {second[y, x]}",
        f"{np.count_nonzero(bad)} of {np.count_nonzero(used)} pixels differ",
    ]


@inTestCase
def assertImagesAlmostEqual(
    testCase: unittest.TestCase,
    image0: ImageBase | np.ndarray,
    image1: ImageBase | np.ndarray,
    skipMask: MaskX | np.ndarray | None = None,
    rtol: float = RTOL,
    atol: float = ATOL,
    msg: str = "Images differ",
) -> None:
    """Assert that two images are close.

    Parameters
    ----------
    testCase : `unittest.TestCase`
        Test case that fails if they differ.
    image0, image1 : `lsst.afw.image.Image` or `numpy.ndarray`
        The images.
    skipMask : `lsst.afw.image.Mask` or `numpy.ndarray`, optional
        Pixels to ignore, as for `imagesDiffer`.
    rtol, atol : `float`, optional
        Tolerances, as for `imagesDiffer`.
    msg : `str`, optional
        Beginning of the message.

    Raises
    ------
    AssertionError
        Raised if they are not close.
    """
    differences = imagesDiffer(image0, image1, skipMask, rtol, atol)
    if differences:
        testCase.fail(f"{msg}: {differences}")


@inTestCase
def assertImagesEqual(
    testCase: unittest.TestCase,
    image0: ImageBase | np.ndarray,
    image1: ImageBase | np.ndarray,
    skipMask: MaskX | np.ndarray | None = None,
    msg: str = "Images differ",
) -> None:
    """Assert that two images are the same; see `assertImagesAlmostEqual`."""
    assertImagesAlmostEqual(testCase, image0, image1, skipMask, 0, 0, msg)


@inTestCase
def assertMasksEqual(
    testCase: unittest.TestCase,
    mask0: MaskX | np.ndarray,
    mask1: MaskX | np.ndarray,
    skipMask: MaskX | np.ndarray | None = None,
    msg: str = "Masks differ",
) -> None:
    """Assert that the pixels of two masks are the same; see `assertImagesAlmostEqual`."""
    assertImagesAlmostEqual(testCase, mask0, mask1, skipMask, 0, 0, msg)


def _planes(name: str, value: object) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the pixels of image, mask and variance of a masked image, or of a tuple of the three."""
    planes = value.getArrays() if hasattr(value, "getArrays") else value
    if not isinstance(planes, tuple | list) or len(planes) != 3:
        raise TypeError(f"{name}={value!r} is not a supported type; expected a masked image or three planes")
    image, mask, variance = (_pixels(name, plane) for plane in planes)
    return image, mask, variance


@inTestCase
def assertMaskedImagesAlmostEqual(
    testCase: unittest.TestCase,
    maskedImage0: Any,
    maskedImage1: Any,
    doImage: bool = True,
    doMask: bool = True,
    doVariance: bool = True,
    skipMask: MaskX | np.ndarray | None = None,
    rtol: float = RTOL,
    atol: float = ATOL,
    msg: str = "Masked images differ",
) -> None:
    """Assert that images and variances of two masked images are close, and masks equal.

    Parameters
    ----------
    testCase : `unittest.TestCase`
        Test case that fails if they differ.
    maskedImage0, maskedImage1 : `lsst.afw.image.MaskedImage`
        Masked images, or tuples of three planes.
    doImage, doMask, doVariance : `bool`, optional
        Which planes to compare.
    skipMask : `lsst.afw.image.Mask` or `numpy.ndarray`, optional
        Pixels to ignore, as for `imagesDiffer`.
    rtol, atol : `float`, optional
        Tolerances, as for `imagesDiffer`.
    msg : `str`, optional
        Beginning of the message.

    Raises
    ------
    AssertionError
        Raised if they are not close; the message names all planes that differ.
    TypeError
        Raised if either is not a masked image.
    """
    planes0, planes1 = _planes("maskedImage0", maskedImage0), _planes("maskedImage1", maskedImage1)
    problems = []
    for name, plane0, plane1, wanted in zip(
        ("image", "mask", "variance"), planes0, planes1, (doImage, doMask, doVariance), strict=True
    ):
        exact = name == "mask"
        differences = wanted and imagesDiffer(
            plane0, plane1, skipMask, 0 if exact else rtol, 0 if exact else atol
        )
        if differences:
            problems.append(f"{name} planes differ: {differences}")
    if problems:
        testCase.fail(f"{msg}: {'; '.join(problems)}")


@inTestCase
def assertMaskedImagesEqual(
    testCase: unittest.TestCase,
    maskedImage0: Any,
    maskedImage1: Any,
    doImage: bool = True,
    doMask: bool = True,
    doVariance: bool = True,
    skipMask: MaskX | np.ndarray | None = None,
    msg: str = "Masked images differ",
) -> None:
    """Assert that two masked images are the same; see `assertMaskedImagesAlmostEqual`."""
    assertMaskedImagesAlmostEqual(
        testCase, maskedImage0, maskedImage1, doImage, doMask, doVariance, skipMask, 0, 0, msg
    )
