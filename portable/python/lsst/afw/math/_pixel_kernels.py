# SPDX-License-Identifier: GPL-3.0-or-later
"""Convolution kernels made of pixels: `FixedKernel` and `DeltaFunctionKernel`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lsst.afw.image import Image, ImageD
from lsst.geom import Extent2I, Point2D, Point2I
from lsst.pex.exceptions import InvalidParameterError
from lsst.portable.arguments import require
from lsst.portable.fits import Column

from ._kernel import Kernel, check_size
from ._kernel_archives import Row, array_column, dimensions, register_kernel

if TYPE_CHECKING:
    from lsst.portable.archive import InputArchive

__all__ = ("DeltaFunctionKernel", "FixedKernel")


class FixedKernel(Kernel):
    """A kernel that is an image.

    Parameters
    ----------
    image : `lsst.afw.image.ImageD` or `Kernel`
        Pixels of the kernel, copied; or a kernel to draw.
    pos : `lsst.geom.Point2D`, optional
        Position in the image to convolve at which to draw a kernel that varies.
    """

    def __init__(self, image: ImageD | Kernel, pos: Point2D | None = None) -> None:
        require("image of FixedKernel", image, Image, Kernel)
        super().__init__(image.getWidth(), image.getHeight())
        if isinstance(image, Kernel):
            picture = ImageD(image.getDimensions())
            image.computeImage(picture, False, *(pos if pos is not None else (0.0, 0.0)))
            image = picture
        self._pixels = image.array.astype(np.float64)

    def getSum(self) -> float:
        """Return the sum of the pixels."""
        return float(self._pixels.sum())

    def resized(self, width: int, height: int) -> FixedKernel:
        """Return a kernel of another size, cut or padded with zeros; see `Kernel.resized`."""
        x, y = _padding(self, width, height)
        padded = np.pad(self._pixels, [(max(y, 0),) * 2, (max(x, 0),) * 2])
        cut = padded[max(-y, 0) : padded.shape[0] - max(-y, 0), max(-x, 0) : padded.shape[1] - max(-x, 0)]
        return FixedKernel(ImageD(cut))

    def _array(self) -> np.ndarray:
        return self._pixels

    def toString(self, prefix: str = "") -> str:
        """Return a description of several lines; see `Kernel.toString`."""
        return self._described(prefix, f"..sum: {self.getSum():g}")


class DeltaFunctionKernel(Kernel):
    """A kernel that is 1 in one pixel and 0 in all others.

    Parameters
    ----------
    width, height : `int`
        Size (pixels), positive.
    point : `lsst.geom.Point2I`
        Index of that pixel.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if the size is not positive, or the pixel is not within it.
    """

    def __init__(self, width: int, height: int, point: Point2I) -> None:
        super().__init__(width, height)
        require("point of DeltaFunctionKernel", point, Point2I)
        if not (0 <= point.getX() < width and 0 <= point.getY() < height):
            raise InvalidParameterError(f"Pixel {point} is not within a kernel of {width} x {height} pixels")
        self._pixel = Point2I(point)

    def getPixel(self) -> Point2I:
        """Return the index of the pixel that is 1."""
        return Point2I(self._pixel)

    def resized(self, width: int, height: int) -> DeltaFunctionKernel:
        """Return a kernel of another size; see `Kernel.resized`."""
        return DeltaFunctionKernel(width, height, self._pixel + Extent2I(*_padding(self, width, height)))

    def _array(self) -> np.ndarray:
        array = np.zeros((self._height, self._width))
        array[self._pixel.getY(), self._pixel.getX()] = 1.0
        return array

    def toString(self, prefix: str = "") -> str:
        """Return a description of several lines; see `Kernel.toString`."""
        return self._described(prefix, f"Pixel (c,r) {self._pixel.getX()},{self._pixel.getY()})")


def _padding(kernel: Kernel, width: int, height: int) -> tuple[int, int]:
    """Return by how many pixels a kernel of pixels grows on each side, along x and y."""
    check_size(width, height)
    x, y = width - kernel.getWidth(), height - kernel.getHeight()
    if x % 2 or y % 2:
        raise InvalidParameterError(
            f"A {type(kernel).__name__} of {kernel.getWidth()} x {kernel.getHeight()} pixels cannot be"
            f" resized to {width} x {height}: both sizes have to change by an even number of pixels"
        )
    return x // 2, y // 2


def _read_fixed(archive: InputArchive, row: Row) -> FixedKernel:
    width, height = dimensions(row)
    return FixedKernel(ImageD(np.reshape(row["image"], (height, width)).astype(np.float64)))


register_kernel(
    FixedKernel,
    _read_fixed,
    lambda kernel: [
        array_column("image", "D", kernel.getWidth() * kernel.getHeight(), "pixel values (row-major)")
    ],
    lambda kernel, archive: {"image": kernel.kernel_array(doNormalize=False).ravel()},
)


register_kernel(
    DeltaFunctionKernel,
    lambda archive, row: DeltaFunctionKernel(
        *dimensions(row), Point2I(int(row["pixel_x"]), int(row["pixel_y"]))
    ),
    lambda kernel: [
        Column("pixel_x", "1J", "position of nonzero pixel", "pixel"),
        Column("pixel_y", "1J", "position of nonzero pixel", "pixel"),
    ],
    lambda kernel, archive: {"pixel_x": kernel.getPixel().getX(), "pixel_y": kernel.getPixel().getY()},
)
