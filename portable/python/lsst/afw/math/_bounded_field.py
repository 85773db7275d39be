# SPDX-License-Identifier: GPL-3.0-or-later
"""Functions of the position within a box, and what they do to images: `BoundedField` and products."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from lsst.afw.image import Image, MaskedImage
from lsst.geom import Box2I, Point2D
from lsst.pex.exceptions import InvalidParameterError, LengthError, LogicError, RuntimeError
from lsst.portable.archive import ArchiveCatalog, Persistable, register
from lsst.portable.arguments import require
from lsst.portable.fits import Column

from ._planes import is_masked_image

if TYPE_CHECKING:
    from lsst.portable.archive import InputArchive, OutputArchive
    from lsst.portable.typing import AnyImage, AnyMaskedImage

__all__ = ("BoundedField", "ProductBoundedField")


class BoundedField(Persistable):
    """A function of the position within a box; the interface of its subclasses.

    Parameters
    ----------
    bbox : `lsst.geom.Box2I`
        The box.
    """

    def __init__(self, bbox: Box2I) -> None:
        require("bbox of a BoundedField", bbox, Box2I)
        self._bbox = Box2I(bbox)

    def getBBox(self) -> Box2I:
        """Return the box."""
        return Box2I(self._bbox)

    @overload
    def evaluate(self, x: float, y: float) -> float: ...
    @overload
    def evaluate(self, x: np.ndarray, y: np.ndarray) -> np.ndarray: ...
    @overload
    def evaluate(self, x: Point2D) -> float: ...
    def evaluate(
        self, x: float | np.ndarray | Point2D, y: float | np.ndarray | None = None
    ) -> float | np.ndarray:
        """Evaluate the field.

        Parameters
        ----------
        x, y : `float` or `numpy.ndarray`, (n,)
            Positions (pixels of the parent image); or one position, a `lsst.geom.Point2D`.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if x and y differ in number.
        """
        if isinstance(x, Point2D):
            x, y = x
        elif y is None:
            raise TypeError("evaluate takes x and y, or a Point2D")
        x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
        if x.shape != y.shape:
            raise InvalidParameterError(f"Shapes of x and y differ: {x.shape} and {y.shape}")
        value = self._value(x, y)
        return value if x.ndim else float(value)

    def _value(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Evaluate at arrays of the same shape."""
        raise NotImplementedError(f"{type(self).__name__} does not define its values")

    def integrate(self) -> float:
        """Return the integral over the box.

        Raises
        ------
        lsst.pex.exceptions.LogicError
            Raised if the class does not offer it.
        """
        raise LogicError(f"The integral of a {type(self).__name__} is not known")

    def mean(self) -> float:
        """Return the mean over the box.

        Raises
        ------
        lsst.pex.exceptions.LogicError
            Raised if the class does not offer it.
        """
        raise LogicError(f"The mean of a {type(self).__name__} is not known")

    def __mul__(self, scale: float) -> BoundedField:
        if not isinstance(scale, int | float | np.number):
            return NotImplemented
        return self._scaled(float(scale))

    def __rmul__(self, scale: float) -> BoundedField:
        return self * scale

    def __truediv__(self, scale: float) -> BoundedField:
        if not isinstance(scale, int | float | np.number):
            return NotImplemented
        return self._scaled(1.0 / float(scale))

    def _scaled(self, scale: float) -> BoundedField:
        """Return the product with a number."""
        raise LogicError(f"A {type(self).__name__} cannot be scaled")

    def fillImage(self, image: AnyImage, overlapOnly: bool = False, xStep: int = 1, yStep: int = 1) -> None:
        """Set the pixels of an image to the field.

        Parameters
        ----------
        image : `lsst.afw.image.Image`
            Image to modify.
        overlapOnly : `bool`, optional
            Whether to modify only those pixels that are in the box, rather than require that image and field
            have the same box.
        xStep, yStep : `int`, optional
            Distances of the pixels at which to evaluate the field, between which it is interpolated linearly.

        Raises
        ------
        lsst.pex.exceptions.RuntimeError
            Raised if the boxes are not the same.
        """
        require("image of fillImage", image, Image)
        self._apply(image, overlapOnly, (xStep, yStep), lambda pixels, values: values)

    def addToImage(
        self,
        image: AnyImage,
        scaleBy: float = 1.0,
        overlapOnly: bool = False,
        xStep: int = 1,
        yStep: int = 1,
    ) -> None:
        """Add a multiple of the field to an image; see `fillImage`."""
        require("image of addToImage", image, Image)
        self._apply(image, overlapOnly, (xStep, yStep), lambda pixels, values: pixels + scaleBy * values)

    def multiplyImage(
        self, image: AnyImage | AnyMaskedImage, overlapOnly: bool = False, xStep: int = 1, yStep: int = 1
    ) -> None:
        """Multiply an image or a masked image by the field; see `fillImage`."""
        require("image of multiplyImage", image, Image, MaskedImage)
        self._apply(image, overlapOnly, (xStep, yStep), np.multiply)

    def divideImage(
        self, image: AnyImage | AnyMaskedImage, overlapOnly: bool = False, xStep: int = 1, yStep: int = 1
    ) -> None:
        """Divide an image or a masked image by the field; see `fillImage`."""
        require("image of divideImage", image, Image, MaskedImage)
        self._apply(image, overlapOnly, (xStep, yStep), np.divide)

    def _apply(
        self,
        image: AnyImage | AnyMaskedImage,
        overlap_only: bool,
        steps: tuple[int, int],
        operation: Callable[[np.ndarray, np.ndarray], np.ndarray],
    ) -> None:
        """Combine the pixels of an image, and of its variance, with the field and with its square."""
        box = self._common_box(image, overlap_only)
        if box.isEmpty():
            return
        values = self._values_in(box, *steps)
        for plane, power in _planes(image[box]):
            plane[:] = operation(plane, values**power)

    def _common_box(self, image: AnyImage | AnyMaskedImage, overlap_only: bool) -> Box2I:
        """Return the box of the pixels to modify."""
        if overlap_only:
            return self._bbox.clippedTo(image.getBBox())
        if image.getBBox() != self._bbox:
            raise RuntimeError(
                f"The box of the image, {image.getBBox()}, is not that of the field, {self._bbox}; use"
                " overlapOnly=True to modify what is in both"
            )
        return self._bbox

    def _values_in(self, box: Box2I, x_step: int, y_step: int) -> np.ndarray:
        """Return the field in a box, shape ``(height, width)``."""
        x, y = _nodes(box.getBeginX(), box.getEndX(), x_step), _nodes(box.getBeginY(), box.getEndY(), y_step)
        values = self._value(*np.broadcast_arrays(x[np.newaxis, :], y[:, np.newaxis]))
        if x_step > 1:
            values = _interpolated(np.arange(box.getBeginX(), box.getEndX()), x, values.T).T
        if y_step > 1:
            values = _interpolated(np.arange(box.getBeginY(), box.getEndY()), y, values)
        return values

    def __repr__(self) -> str:
        return f"BoundedField({self})"


def _planes(image: Any) -> list[tuple[np.ndarray, int]]:
    """Return the planes that scale with a field, and with which power of it."""
    if is_masked_image(image):
        return [(image.image.array, 1), (image.variance.array, 2)]
    return [(image.array, 1)]


def _nodes(begin: int, end: int, step: int) -> np.ndarray:
    """Return every ``step``-th pixel of a range, and the last."""
    if step < 1:
        raise InvalidParameterError(f"A step has to be 1 or more, got {step}")
    nodes = np.arange(begin, end, step, dtype=np.float64)
    return nodes if step == 1 or not nodes.size or nodes[-1] == end - 1 else np.append(nodes, end - 1)


def _interpolated(x: np.ndarray, nodes: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Interpolate rows linearly between those at ``nodes``."""
    index = np.clip(np.searchsorted(nodes, x, side="right") - 1, 0, max(len(nodes) - 2, 0))
    upper = np.minimum(index + 1, len(nodes) - 1)
    distance = np.where(upper > index, nodes[upper] - nodes[index], 1.0)
    weight = ((x - nodes[index]) / distance)[:, np.newaxis]
    return (1.0 - weight) * values[index] + weight * values[upper]


class ProductBoundedField(BoundedField):
    """A product of fields.

    Parameters
    ----------
    factors : sequence of `BoundedField`
        The factors, with the same box.

    Raises
    ------
    lsst.pex.exceptions.LengthError
        Raised if there is no factor.
    lsst.pex.exceptions.InvalidParameterError
        Raised if their boxes differ.
    """

    def __init__(self, factors: Sequence[BoundedField]) -> None:
        self._factors = list(factors)
        if not self._factors:
            raise LengthError("A product of fields needs a factor or more")
        for factor in self._factors:
            require("factors of ProductBoundedField", factor, BoundedField)
            if factor.getBBox() != self._factors[0].getBBox():
                raise InvalidParameterError(
                    f"Factors have different boxes: {self._factors[0].getBBox()} and {factor.getBBox()}"
                )
        super().__init__(self._factors[0].getBBox())

    def _value(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        value = np.ones(x.shape)
        for factor in self._factors:
            value = value * factor._value(x, y)
        return value

    def _scaled(self, scale: float) -> ProductBoundedField:
        return ProductBoundedField([self._factors[0] * scale, *self._factors[1:]])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ProductBoundedField) and self._factors == other._factors

    def __str__(self) -> str:
        return f"ProductBoundedField([{''.join(f'{factor}, ' for factor in self._factors)}])"


_COLUMNS = (Column("id", "1J", "Archive ID of a BoundedField factor."),)


def _read_product(archive: InputArchive, catalogs: list[ArchiveCatalog]) -> ProductBoundedField:
    return ProductBoundedField([archive.get(row["id"]) for row in catalogs[0].rows])


def _write_product(field: ProductBoundedField, archive: OutputArchive) -> list[ArchiveCatalog]:
    rows = [{"id": archive.put(factor)} for factor in field._factors]
    return [ArchiveCatalog("ProductBoundedField", _COLUMNS, rows)]


register(
    ProductBoundedField, "ProductBoundedField", "lsst.afw.math", read=_read_product, write=_write_product
)
