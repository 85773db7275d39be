# SPDX-License-Identifier: GPL-3.0-or-later
"""Backgrounds of images: `makeBackground` and `BackgroundMI`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from lsst.afw.image import ImageD, ImageF, MaskedImageF
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pex.exceptions import InvalidParameterError, LengthError
from lsst.portable.arguments import require
from lsst.portable.arrays.boxes import grid_boxes, measure_boxes
from lsst.portable.arrays.cells import CellInterpolator, cell_centers, cell_edges
from lsst.portable.arrays.properties import Property
from lsst.portable.arrays.rows import SummedRows
from lsst.portable.arrays.statistics import values_and_errors

from ._approximate import Approximate, ApproximateControl, makeApproximate
from ._background_control import BackgroundControl, UndersampleStyle, undersample_style
from ._interpolate import (
    InterpStyle,
    lookupMaxInterpStyle,
    lookupMinInterpPoints,
    stringToInterpStyle,
)
from ._planes import is_image, is_masked_image

__all__ = ("Background", "BackgroundMI", "makeBackground")


_ImageT = TypeVar("_ImageT", ImageF, ImageD)


class Background:
    """A smooth model of an image; the interface of `BackgroundMI`.

    Parameters
    ----------
    bbox : `lsst.geom.Box2I`
        Box of the image in its parent.
    control : `BackgroundControl`
        Control of its measurement and interpolation.
    """

    def __init__(self, bbox: Box2I, control: BackgroundControl) -> None:
        if bbox.isEmpty():
            raise InvalidParameterError("Image contains no pixels; a background needs at least one")
        self._bbox = Box2I(bbox)
        self._control = control
        self._used = (InterpStyle.UNKNOWN, UndersampleStyle.THROW_EXCEPTION)
        self._x_edges = cell_edges(bbox.getWidth(), control.getNxSample())
        self._y_edges = cell_edges(bbox.getHeight(), control.getNySample())

    def getImageBBox(self) -> Box2I:
        """Return the box of the image in its parent."""
        return Box2I(self._bbox)

    def getBackgroundControl(self) -> BackgroundControl:
        """Return the control of measurement and interpolation."""
        return self._control

    def getBinCentersX(self) -> np.ndarray:
        """Return the centres of the cells along x, shape ``(nx,)``, in pixels of the image's parent."""
        return cell_centers(self._x_edges) + self._bbox.getMinX()

    def getBinCentersY(self) -> np.ndarray:
        """Return the centres of the cells along y, shape ``(ny,)``, in pixels of the image's parent."""
        return cell_centers(self._y_edges) + self._bbox.getMinY()

    def getAsUsedInterpStyle(self) -> InterpStyle:
        """Return the style of the last image made, perhaps reduced by undersampling, or UNKNOWN."""
        return self._used[0]

    def getAsUsedUndersampleStyle(self) -> UndersampleStyle:
        """Return the undersample style of the last image made."""
        return self._used[1]


class BackgroundMI(Background):
    """A background stored as a masked image with one pixel per cell.

    Parameters
    ----------
    imageDimensions : `lsst.geom.Box2I`
        Box of the image in its parent.
    statsImage : `lsst.afw.image.MaskedImageF`
        Statistic of each cell, NaN if there is none; its variance plane holds the *error* of the statistic.
        It is used as it is, not copied.
    control : `BackgroundControl`, optional
        Control of the interpolation; by default with the number of cells of ``statsImage``.
    """

    def __init__(
        self, imageDimensions: Box2I, statsImage: MaskedImageF, control: BackgroundControl | None = None
    ) -> None:
        nx, ny = statsImage.getWidth(), statsImage.getHeight()
        super().__init__(imageDimensions, control if control is not None else BackgroundControl(nx, ny))
        self._stats = statsImage

    def __reduce__(self) -> tuple[object, ...]:
        return BackgroundMI, (self.getImageBBox(), self.getStatsImage(), self._control), {"_used": self._used}

    def __iadd__(self, delta: float) -> BackgroundMI:
        self._stats.image.array[:] += float(delta)
        return self

    def __isub__(self, delta: float) -> BackgroundMI:
        self._stats.image.array[:] -= float(delta)
        return self

    def getStatsImage(self) -> MaskedImageF:
        """Return the masked image of the cells, shared with this object; its variance plane holds errors."""
        return self._stats

    def getImage(self, *args: Any, **kwargs: Any) -> ImageF:
        """Make an image of the background; the same as `getImageF`."""
        return self.getImageF(*args, **kwargs)

    def getImageF(self, *args: Any, **kwargs: Any) -> ImageF:
        """Make an image of the background.

        Called as ``getImageF([bbox,] [interpStyle[, undersampleStyle]])``.

        Parameters
        ----------
        *args, **kwargs
            By name: ``bbox`` (`lsst.geom.Box2I`, by default the whole image), ``interpStyle``
            (`Interpolate.Style` or `str`) and ``undersampleStyle`` (`UndersampleStyle` or `str`, default
            THROW_EXCEPTION). Without ``interpStyle``, both styles are those of the control.

        Returns
        -------
        image : `lsst.afw.image.ImageF`
            The background over ``bbox``.

        Raises
        ------
        lsst.pex.exceptions.LengthError
            Raised if ``bbox`` is not inside the image.
        lsst.pex.exceptions.InvalidParameterError
            Raised if there are too few cells along an axis for the style, and its order may not be reduced.
        lsst.pex.exceptions.OutOfRangeError
            Raised if there are too few good cells in a column or row, and the order may not be reduced.
        """
        return self._make_image(ImageF, *self._image_arguments(args, kwargs))

    def getImageD(self, *args: Any, **kwargs: Any) -> ImageD:
        """Make an image of the background in double precision; see `getImageF`."""
        return self._make_image(ImageD, *self._image_arguments(args, kwargs))

    def getApproximate(
        self,
        actrl: ApproximateControl,
        undersampleStyle: UndersampleStyle | str = UndersampleStyle.THROW_EXCEPTION,
    ) -> Approximate:
        """Approximate the background by a smooth function over the whole image.

        Parameters
        ----------
        actrl : `ApproximateControl`
            Control of the approximation.
        undersampleStyle : `UndersampleStyle` or `str`, optional
            Unused.

        Returns
        -------
        approximate : `Approximate`
            The fit to the cells, over a box with the size of the image and origin (0, 0).

        Raises
        ------
        lsst.pex.exceptions.RuntimeError
            Raised if no cell has a finite value and weight.
        """
        undersample_style(undersampleStyle)
        return makeApproximate(
            cell_centers(self._x_edges),
            cell_centers(self._y_edges),
            self._stats,
            Box2I(Point2I(0, 0), self._bbox.getDimensions()),
            actrl,
        )

    def _image_arguments(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[Box2I, InterpStyle, UndersampleStyle]:
        """Sort the arguments of `getImageF`."""
        names = ["bbox", "interpStyle", "undersampleStyle"]
        if not (args and isinstance(args[0], Box2I)):
            names = names[1:]
        if len(args) > len(names):
            raise TypeError(
                f"Expected at most [bbox,] interpStyle, undersampleStyle; got {len(args)} arguments"
            )
        given = dict(zip(names, args, strict=False))
        for name, value in kwargs.items():
            if name not in ("bbox", "interpStyle", "undersampleStyle") or name in given:
                raise TypeError(f"Unexpected or repeated argument {name!r} for an image of a background")
            given[name] = value
        style = given.get("interpStyle")
        default = self._control.getUndersampleStyle() if style is None else UndersampleStyle.THROW_EXCEPTION
        undersample = undersample_style(given.get("undersampleStyle", default))
        if style is None:
            style = self._control.getInterpStyle()
        style = stringToInterpStyle(style) if isinstance(style, str) else InterpStyle(style)
        bbox = given.get("bbox", self._bbox)
        if not self._bbox.contains(bbox) or bbox.isEmpty():
            raise LengthError(
                f"Box {bbox} is empty or out of range {self._bbox} of the background; clip it first"
            )
        return bbox, style, undersample

    def _make_image(
        self, factory: type[_ImageT], bbox: Box2I, style: InterpStyle, undersample: UndersampleStyle
    ) -> _ImageT:
        style = self._usable_style(style, undersample)
        self._used = (style, undersample)
        approximation = self._control.getApproximateControl()
        if approximation.getStyle() != ApproximateControl.UNKNOWN:
            whole = self.getApproximate(approximation, undersample).getImage()
            part = whole[bbox.shiftedBy(Point2I(0, 0) - self._bbox.getMin())]
            return factory(part.array.astype(factory(Extent2I(0, 0)).array.dtype), xy0=bbox.getMin())
        pixels = np.empty((bbox.getHeight(), bbox.getWidth()), dtype=factory(Extent2I(0, 0)).array.dtype)
        self._interpolator(bbox, style, undersample).fill(0, len(pixels), pixels)
        return factory(pixels, xy0=bbox.getMin())

    def _interpolator(
        self, bbox: Box2I, style: InterpStyle, undersample: UndersampleStyle
    ) -> CellInterpolator:
        """Return the interpolator from cells to the pixels of a box."""
        offset = bbox.getMin() - self._bbox.getMin()
        return CellInterpolator(
            self._stats.image.array,
            cell_centers(self._x_edges),
            cell_centers(self._y_edges),
            (offset.getX(), offset.getX() + bbox.getWidth()),
            (offset.getY(), offset.getY() + bbox.getHeight()),
            int(style),
            undersample == UndersampleStyle.REDUCE_INTERP_ORDER,
        )

    def __image_rows__(self, *styles: Any) -> SummedRows:
        """Return a source of the rows of the image that `getImageF` makes in these styles."""
        return SummedRows((self._bbox.getHeight(), self._bbox.getWidth()), [self._filler(*styles)])

    def _filler(self, *styles: Any) -> Callable[[int, int, np.ndarray], None]:
        """Return a function that fills a range of rows (end excluded) of `getImageF` into an array."""
        bbox, style, undersample = self._image_arguments(styles, {})
        style = self._usable_style(style, undersample)
        self._used = (style, undersample)
        approximation = self._control.getApproximateControl()
        if approximation.getStyle() != ApproximateControl.UNKNOWN:
            return self.getApproximate(approximation, undersample)._filler()
        return self._interpolator(bbox, style, undersample).fill

    def _usable_style(self, style: InterpStyle, undersample: UndersampleStyle) -> InterpStyle:
        """Return the style that the numbers of cells allow."""
        nx, ny = self._stats.getWidth(), self._stats.getHeight()
        needed = lookupMinInterpPoints(style)
        if min(nx, ny) >= needed:
            return style
        if undersample == UndersampleStyle.REDUCE_INTERP_ORDER:
            return lookupMaxInterpStyle(min(nx, ny))
        if undersample == UndersampleStyle.INCREASE_NXNYSAMPLE:
            raise InvalidParameterError(
                "The UndersampleStyle INCREASE_NXNYSAMPLE is not supported for a measured background"
            )
        raise InvalidParameterError(
            f"{nx} x {ny} background cells are too few for interpolation style {style.name}, which needs "
            f"{needed} along either axis; measure more cells or use UndersampleStyle REDUCE_INTERP_ORDER"
        )


def makeBackground(img: Any, bgCtrl: BackgroundControl) -> BackgroundMI:
    """Measure the background of an image in a grid of cells.

    Parameters
    ----------
    img : `lsst.afw.image.Image` or `lsst.afw.image.MaskedImage`
        The image. Not modified.
    bgCtrl : `BackgroundControl`
        Control of measurement and interpolation.

    Returns
    -------
    background : `BackgroundMI`
        The background; NaN in cells without good pixels.

    Raises
    ------
    TypeError
        Raised if ``img`` is anything else; for an exposure, pass its masked image.
    lsst.pex.exceptions.InvalidParameterError
        Raised if a cell holds no pixels at all, or weights or variances are requested but absent.
    """
    masked = is_masked_image(img)
    if not masked and not is_image(img):
        raise TypeError(f"makeBackground needs an Image or a MaskedImage, got {type(img).__name__}")
    require("bgCtrl of makeBackground", bgCtrl, BackgroundControl)
    nx, ny = bgCtrl.getNxSample(), bgCtrl.getNySample()
    cells = MaskedImageF(Extent2I(nx, ny))
    background = BackgroundMI(img.getBBox(), cells, bgCtrl)
    if nx > img.getWidth() or ny > img.getHeight():
        raise InvalidParameterError(
            f"Image contains no pixels in some of {nx} x {ny} background cells: it has {img.getWidth()} x "
            f"{img.getHeight()}"
        )
    control = bgCtrl.getStatisticsControl()
    flag = bgCtrl.getStatisticsProperty() & ~Property.ERRORS
    weighing = control.getWeighted() or control.getCalcErrorFromInputVariance()
    if not masked and weighing:
        raise InvalidParameterError("Weighting or errors by variance need a MaskedImage")
    measured = measure_boxes(
        img.image.array if masked else img.array,
        img.mask.array if masked else None,
        img.variance.array if masked and weighing else None,
        grid_boxes(background._x_edges, background._y_edges),
        int(flag | Property.ERRORS),
        control._rules(),
        weights_are_variances=control.getWeighted(),
    )
    values, errors = values_and_errors(measured, Property(flag))
    cells.image.array[:] = values.reshape(ny, nx)
    cells.variance.array[:] = errors.reshape(ny, nx)
    return background
