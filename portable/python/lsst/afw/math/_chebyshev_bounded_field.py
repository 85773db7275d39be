# SPDX-License-Identifier: GPL-3.0-or-later
"""Fields that are sums of Chebyshev polynomials: `ChebyshevBoundedField`, its control and configuration."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from lsst.afw.image import Image
from lsst.geom import Box2D, Box2I, Point2I
from lsst.pex.config import Config, Field
from lsst.pex.exceptions import InvalidParameterError, LengthError
from lsst.portable.archive import ArchiveCatalog, register
from lsst.portable.arguments import require
from lsst.portable.fits import Column, FitsError

from ._bounded_field import BoundedField
from ._least_squares import LeastSquares

if TYPE_CHECKING:
    from lsst.portable.archive import InputArchive, OutputArchive

__all__ = ("ChebyshevBoundedField", "ChebyshevBoundedFieldConfig", "ChebyshevBoundedFieldControl")


@dataclasses.dataclass
class ChebyshevBoundedFieldControl:
    """Which terms a `ChebyshevBoundedField` has.

    Parameters
    ----------
    orderX, orderY : `int`, optional
        Highest orders along the axes.
    triangular : `bool`, optional
        Whether the sum of the orders of a term is at most the larger of the two.
    """

    orderX: int = 5
    orderY: int = 5
    triangular: bool = True

    def computeSize(self) -> int:
        """Return the number of terms."""
        return int(self.terms().sum())

    def terms(self) -> np.ndarray:
        """Return which terms there are, shape ``(orderY + 1, orderX + 1)``."""
        total = np.add.outer(np.arange(self.orderY + 1), np.arange(self.orderX + 1))
        return (total <= max(self.orderX, self.orderY)) | (not self.triangular)


class ChebyshevBoundedFieldConfig(Config):
    """Which terms a `ChebyshevBoundedField` has, as a configuration."""

    orderX = Field[int](doc="Highest order along x.", default=5)
    orderY = Field[int](doc="Highest order along y.", default=5)
    triangular = Field[bool](
        doc="Whether the sum of the orders of a term is at most the larger of the two.", default=True
    )

    def makeControl(self) -> ChebyshevBoundedFieldControl:
        """Return the same as a control."""
        return ChebyshevBoundedFieldControl(self.orderX, self.orderY, self.triangular)

    def readControl(self, control: ChebyshevBoundedFieldControl) -> None:
        """Set the fields to those of a control."""
        self.orderX, self.orderY, self.triangular = control.orderX, control.orderY, control.triangular

    def computeSize(self) -> int:
        """Return the number of terms."""
        return self.makeControl().computeSize()


class ChebyshevBoundedField(BoundedField):
    """A sum of products of Chebyshev polynomials of the first kind, whose arguments are -1 to 1 in a box.

    Parameters
    ----------
    bbox : `lsst.geom.Box2I`
        The box.
    coefficients : `numpy.ndarray`, (ny, nx)
        Coefficients, by order along y and along x; copied.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if the coefficients are not an array of two dimensions.
    """

    Control: ClassVar[type] = ChebyshevBoundedFieldControl
    ConfigClass: ClassVar[type] = ChebyshevBoundedFieldConfig

    def __init__(self, bbox: Box2I, coefficients: np.ndarray) -> None:
        super().__init__(bbox)
        self._coefficients = np.array(coefficients, dtype=np.float64)
        if self._coefficients.ndim != 2 or self._coefficients.size == 0:
            raise InvalidParameterError(
                f"The coefficients must be an array (ny, nx), got shape {self._coefficients.shape}"
            )

    def getCoefficients(self) -> np.ndarray:
        """Return the coefficients, shape ``(ny, nx)``."""
        return self._coefficients.copy()

    def _value(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.polynomial.chebyshev.chebval2d(*_scaled(self._bbox, x, y), self._coefficients.T)

    def mean(self) -> float:
        """Return the mean over the box."""
        along_y, along_x = (_means(count) for count in self._coefficients.shape)
        return float(along_y @ self._coefficients @ along_x)

    def integrate(self) -> float:
        """Return the integral over the box."""
        return self.mean() * Box2D(self._bbox).getArea()

    def _scaled(self, scale: float) -> ChebyshevBoundedField:
        return ChebyshevBoundedField(self._bbox, self._coefficients * scale)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, ChebyshevBoundedField)
            and self._bbox == other._bbox
            and np.array_equal(self._coefficients, other._coefficients)
        )

    def __str__(self) -> str:
        ny, nx = self._coefficients.shape
        return f"ChebyshevBoundedField (({ny},{nx}) coefficients in y,x)"

    @classmethod
    def fit(cls, *args: Any) -> Self:
        """Fit a field to an image, or to values at given positions.

        Called as ``fit(image, control)``, ``fit(bbox, x, y, z, control)`` or ``fit(bbox, x, y, z, weights,
        control)``.

        Parameters
        ----------
        *args
            ``image`` (`lsst.afw.image.Image`); or ``bbox`` (`lsst.geom.Box2I`), ``x``, ``y``, ``z``
            (`numpy.ndarray`, (n,): positions and values) and, by which both sides of the equations are
            multiplied, ``weights`` (`numpy.ndarray`, (n,)); ``control`` (`ChebyshevBoundedFieldControl`).

        Returns
        -------
        field : `ChebyshevBoundedField`
            The field with the least sum of squared residuals.

        Raises
        ------
        TypeError
            Raised if the arguments match none of the forms.
        """
        if len(args) == 2:
            image, control = args
            require("image of fit", image, Image)
            bbox = image.getBBox()
            columns, rows = (
                np.arange(bbox.getBeginX(), bbox.getEndX()),
                np.arange(bbox.getBeginY(), bbox.getEndY()),
            )
            x, y, z = np.tile(columns, len(rows)), np.repeat(rows, len(columns)), image.array.ravel()
            weights = None
        elif len(args) in (5, 6):
            bbox, x, y, z, *rest = args
            weights, control = rest if len(rest) == 2 else (None, *rest)
        else:
            raise TypeError(
                "fit takes (image, control), (bbox, x, y, z, control) or (bbox, x, y, z, weights, control);"
                f" got {len(args)} arguments"
            )
        return cls._fit(bbox, x, y, np.asarray(z, dtype=np.float64), weights, control)

    @classmethod
    def _fit(
        cls,
        bbox: Box2I,
        x: np.ndarray,
        y: np.ndarray,
        z: np.ndarray,
        weights: np.ndarray | None,
        control: ChebyshevBoundedFieldControl,
    ) -> Self:
        matrix = cls.makeFitMatrix(bbox, x, y, control)
        if weights is not None:
            matrix, z = matrix * np.asarray(weights)[:, np.newaxis], z * weights
        solution = LeastSquares.fromDesignMatrix(matrix, z, LeastSquares.NORMAL_EIGENSYSTEM).getSolution()
        terms = control.terms()
        coefficients = np.zeros(terms.shape)
        coefficients[terms] = solution
        return cls(bbox, coefficients)

    @staticmethod
    def makeFitMatrix(
        bbox: Box2I, x: np.ndarray, y: np.ndarray, ctrl: ChebyshevBoundedFieldControl
    ) -> np.ndarray:
        """Return the design matrix of a fit.

        Parameters
        ----------
        bbox : `lsst.geom.Box2I`
            The box of the field.
        x, y : `numpy.ndarray`, (n,)
            Positions.
        ctrl : `ChebyshevBoundedFieldControl`
            The terms.

        Returns
        -------
        matrix : `numpy.ndarray`, (n, terms)
            The terms at each position, by order along y, then along x.
        """
        require("control of ChebyshevBoundedField", ctrl, ChebyshevBoundedFieldControl)
        require("bbox of ChebyshevBoundedField", bbox, Box2I)
        x, y = _scaled(bbox, np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64))
        # Orders along y come first, as in the coefficients.
        orders = [ctrl.orderY, ctrl.orderX]
        matrix = np.polynomial.chebyshev.chebvander2d(y, x, orders)
        return matrix[:, ctrl.terms().ravel()]

    @classmethod
    def approximate(
        cls,
        boundedField: BoundedField,
        orderX: int = 3,
        orderY: int = 3,
        nStepX: int = 100,
        nStepY: int = 100,
    ) -> Self:
        """Fit a field to another on a grid of positions.

        Parameters
        ----------
        boundedField : `BoundedField`
            The other field.
        orderX, orderY : `int`, optional
            Highest orders along the axes.
        nStepX, nStepY : `int`, optional
            Numbers of positions along the axes.
        """
        bbox = boundedField.getBBox()
        x = np.tile(np.linspace(bbox.getMinX(), bbox.getMaxX(), nStepX), nStepY)
        y = np.repeat(np.linspace(bbox.getMinY(), bbox.getMaxY(), nStepY), nStepX)
        control = ChebyshevBoundedFieldControl(orderX, orderY, triangular=False)
        return cls._fit(bbox, x, y, boundedField.evaluate(x, y), None, control)

    def truncate(self, ctrl: ChebyshevBoundedFieldControl) -> ChebyshevBoundedField:
        """Return a copy with fewer terms.

        Parameters
        ----------
        ctrl : `ChebyshevBoundedFieldControl`
            The terms to keep.

        Raises
        ------
        lsst.pex.exceptions.LengthError
            Raised if an order is higher than that of this field.
        """
        require("control of ChebyshevBoundedField", ctrl, ChebyshevBoundedFieldControl)
        ny, nx = self._coefficients.shape
        if ctrl.orderX >= nx or ctrl.orderY >= ny:
            raise LengthError(
                f"A field of orders {nx - 1} and {ny - 1} cannot be truncated to {ctrl.orderX} and"
                f" {ctrl.orderY}"
            )
        kept = self._coefficients[: ctrl.orderY + 1, : ctrl.orderX + 1]
        return ChebyshevBoundedField(self._bbox, np.where(ctrl.terms(), kept, 0.0))


def _scaled(bbox: Box2I, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return positions scaled so that a box is from -1 to 1."""
    box = Box2D(bbox)
    with np.errstate(divide="ignore", invalid="ignore"):
        width, height = np.float64(box.getWidth()), np.float64(box.getHeight())
        return (
            2.0 / width * x - 2.0 * box.getCenterX() / width,
            2.0 / height * y - 2.0 * box.getCenterY() / height,
        )


def _means(count: int) -> np.ndarray:
    """Return the means of the first Chebyshev polynomials from -1 to 1."""
    orders = np.arange(count)
    even = orders % 2 == 0
    return np.where(even, 1.0 / (1.0 - np.where(even, orders, 0) ** 2), 0.0)


_CORNERS = ("bbox_min_x", "bbox_min_y", "bbox_max_x", "bbox_max_y")


def _read(archive: InputArchive, catalogs: list[ArchiveCatalog]) -> ChebyshevBoundedField:
    row = catalogs[0].rows[0]
    min_x, min_y, max_x, max_y = (int(row[name]) for name in _CORNERS)
    coefficients = np.atleast_1d(np.asarray(row["coefficients"], dtype=np.float64))
    nx = int(row["order_x"]) + 1
    if nx < 1 or coefficients.size == 0 or coefficients.size % nx:
        raise FitsError(
            f"A ChebyshevBoundedField of {archive.name} has {coefficients.size} coefficients, which is no"
            f" multiple of {nx} along x"
        )
    bbox = Box2I(Point2I(min_x, min_y), Point2I(max_x, max_y), False)
    return ChebyshevBoundedField(bbox, coefficients.reshape(-1, nx))


def _write(field: ChebyshevBoundedField, archive: OutputArchive) -> list[ArchiveCatalog]:
    coefficients = field.getCoefficients()
    columns = (
        Column("order_x", "1J", "maximum Chebyshev function order in x"),
        Column("bbox_min_x", "1J", "bounding box (minimum)", "pixel"),
        Column("bbox_min_y", "1J", "bounding box (minimum)", "pixel"),
        Column("bbox_max_x", "1J", "bounding box (maximum)", "pixel"),
        Column("bbox_max_y", "1J", "bounding box (maximum)", "pixel"),
        Column(
            "coefficients",
            f"{coefficients.size}D",
            "Chebyshev function coefficients, ordered by y then x",
            tccls="Array",
        ),
    )
    bbox = field.getBBox()
    corners = (bbox.getMinX(), bbox.getMinY(), bbox.getMaxX(), bbox.getMaxY())
    row = {
        "order_x": coefficients.shape[1] - 1,
        **dict(zip(_CORNERS, corners, strict=True)),
        "coefficients": coefficients.ravel(),
    }
    return [ArchiveCatalog("ChebyshevBoundedField", columns, [row])]


register(ChebyshevBoundedField, "ChebyshevBoundedField", "lsst.afw.math", read=_read, write=_write)
