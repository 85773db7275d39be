# SPDX-License-Identifier: GPL-3.0-or-later
"""Photometric calibration: from counts to nanojansky and AB magnitudes.

A calibration that varies over the detector is passed through files; only its mean can be used here.
"""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeGuard

import numpy as np

from lsst.geom import Box2I, Point2D
from lsst.pex.exceptions import InvalidParameterError
from lsst.portable.archive import ArchiveCatalog, InputArchive, OutputArchive, Persistable, register
from lsst.portable.fits import Column

from ._templates import MaskedImage, class_for

if TYPE_CHECKING:
    from astropy.units import Quantity

    from lsst.daf.base import PropertySet

    from ._maskedImage import MaskedImageF

__all__ = (
    "Measurement",
    "PhotoCalib",
    "makePhotoCalibFromCalibZeroPoint",
    "makePhotoCalibFromMetadata",
)

#: Flux of AB magnitude zero (nJy): 10^(-48.6/2.5) erg/s/cm^2/Hz.
REFERENCE_FLUX = 1e23 * 10 ** (48.6 / -2.5) * 1e9

_COLUMNS = (
    Column("calibrationMean", "1D", "mean calibration on this PhotoCalib's domain", "count"),
    Column("calibrationErr", "1D", "1-sigma error on calibrationMean", "count"),
    Column("isConstant", "X", "Is this spatially-constant?", tccls="Flag"),
    Column("field", "1J", "archive ID of the BoundedField object"),
    Column("version", "1J", "version of this PhotoCalib"),
)
_FIELD_COLUMNS = (
    Column("order_x", "1J", "maximum Chebyshev function order in x"),
    Column("bbox_min_x", "1J", "bounding box (minimum)", "pixel"),
    Column("bbox_min_y", "1J", "bounding box (minimum)", "pixel"),
    Column("bbox_max_x", "1J", "bounding box (maximum)", "pixel"),
    Column("bbox_max_y", "1J", "bounding box (maximum)", "pixel"),
    Column("coefficients", "1D", "Chebyshev function coefficients, ordered by y then x", tccls="Array"),
)


class Measurement(NamedTuple):
    """A calibrated flux (nanojansky) or magnitude and its error."""

    value: float
    error: float


@dataclasses.dataclass(frozen=True)
class _ConstantField:
    """A constant calibration, in the form used in archives.

    Parameters
    ----------
    value
        Calibration (nJy per count).
    corners
        Ends of its box, inclusive: x and y of the minimum, x and y of the maximum.
    """

    value: float
    corners: tuple[int, int, int, int]


class CalibrationField(Protocol):
    """What a calibration that varies needs of a field, such as `lsst.afw.math.ChebyshevBoundedField`."""

    def evaluate(self, x: Any, y: Any) -> Any:
        """Evaluate at positions."""

    def mean(self) -> float:
        """Return the mean over the box."""

    def multiplyImage(self, image: Any, overlapOnly: bool = False) -> None:
        """Multiply an image."""

    def divideImage(self, image: Any, overlapOnly: bool = False) -> None:
        """Divide an image."""


class PhotoCalib(Persistable):
    """Calibration from instrumental flux (counts) to nanojansky.

    Parameters
    ----------
    calibrationMean : `float` or `lsst.afw.math.BoundedField`, optional
        Mean calibration (nJy per count); zero by default. Or the calibration as a function of the position.
    calibrationErr : `float`, optional
        Its error (nJy per count).
    bbox : `lsst.geom.Box2I` or `lsst.afw.math.BoundedField`, optional
        Box in which the calibration is valid; everywhere if empty. Or the calibration as a function of the
        position, whose mean is ``calibrationMean``.
    isConstant : `bool`, optional
        Whether to use only the mean of that function.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if the calibration or its error is negative.
    TypeError
        Raised if either is not a number.
    """

    __module__ = "lsst.afw.image"

    def __init__(
        self,
        calibrationMean: float | CalibrationField = 0.0,
        calibrationErr: float = 0.0,
        bbox: Box2I | CalibrationField | None = None,
        isConstant: bool = False,
    ) -> None:
        if _is_field(calibrationMean):
            self._set(calibrationMean.mean(), calibrationErr, calibrationMean, False)
            return
        if _is_field(bbox):
            self._set(calibrationMean, calibrationErr, bbox, isConstant)
            return
        bbox = Box2I() if bbox is None else bbox
        if not isinstance(bbox, Box2I):
            raise TypeError(f"bbox must be a Box2I or a BoundedField, got {type(bbox).__name__}")
        corners = (bbox.getMinX(), bbox.getMinY(), bbox.getMaxX(), bbox.getMaxY())
        self._set(calibrationMean, calibrationErr, None, True)
        self._field = _ConstantField(self._mean, corners)

    def _set(self, mean: Any, error: float, field: Any, constant: bool) -> None:
        for value in (mean, error):
            if not isinstance(value, float | int | np.number):
                raise TypeError(
                    f"a PhotoCalib is made of a mean calibration and its error, two numbers; got {value!r}"
                )
        if mean < 0 or error < 0:
            raise InvalidParameterError(
                f"the calibration is {mean} with error {error} nJy/count; neither may be negative"
            )
        self._mean = float(mean)
        self._error = float(error)
        self._field = field
        self._isConstant = bool(constant)

    @classmethod
    def _with_field(cls, mean: float, error: float, field: Any, constant: bool) -> PhotoCalib:
        """Make a calibration from its parts in a file."""
        self = cls.__new__(cls)
        self._set(mean, error, field, constant)
        return self

    def getCalibrationMean(self) -> float:
        """Return the mean calibration (nJy per count)."""
        return self._mean

    def getCalibrationErr(self) -> float:
        """Return the error of the mean calibration (nJy per count)."""
        return self._error

    def getInstFluxAtZeroMagnitude(self) -> float:
        """Return the instrumental flux of AB magnitude zero (counts); infinite if the calibration is zero."""
        return _ratio(REFERENCE_FLUX, self._mean)

    def getLocalCalibration(self, point: Point2D) -> float:
        """Return the calibration at a point (nJy per count).

        Parameters
        ----------
        point : `lsst.geom.Point2D`
            Position in pixels of the parent image.

        Raises
        ------
        NotImplementedError
            Raised if the calibration varies in a way that is not known here.
        """
        return self._calibration(point)

    def _calibration(self, point: Point2D | None) -> float:
        if point is not None and not self._isConstant:
            return float(self._varying().evaluate(point.getX(), point.getY()))
        return self._mean

    def _varying(self) -> CalibrationField:
        """Return the calibration as a function of the position."""
        if not _is_field(self._field):
            raise NotImplementedError(
                f"a calibration that varies as {self._field} is kept through files but not evaluated; leave "
                "out the point to use its mean"
            )
        return self._field

    def instFluxToNanojansky(
        self, instFlux: float, *args: Any, instFluxErr: float | None = None, point: Point2D | None = None
    ) -> float | Measurement:
        """Convert an instrumental flux to nanojansky.

        Parameters
        ----------
        instFlux : `float`
            Instrumental flux (counts).
        *args : `object`
            ``instFluxErr`` and ``point`` by position, in this order; each may be left out.
        instFluxErr : `float`, optional
            Error of the flux (counts).
        point : `lsst.geom.Point2D`, optional
            Position (pixels); by default the mean calibration is used.

        Returns
        -------
        flux : `float` or `Measurement`
            Flux (nJy), with its error if ``instFluxErr`` is given. The error of the calibration, common to
            all fluxes, is not included.

        Raises
        ------
        NotImplementedError
            Raised if a point is given and the calibration varies in a way that is not known here.
        """
        instFluxErr, point = _optional(args, instFluxErr, point)
        scale = self._calibration(point)
        flux = _number(instFlux) * scale
        return flux if instFluxErr is None else Measurement(flux, instFluxErr * scale)

    def instFluxToMagnitude(
        self, instFlux: float, *args: Any, instFluxErr: float | None = None, point: Point2D | None = None
    ) -> float | Measurement:
        """Convert an instrumental flux to an AB magnitude.

        Parameters
        ----------
        instFlux : `float`
            Instrumental flux (counts).
        *args : `object`
            ``instFluxErr`` and ``point`` by position, in this order; each may be left out.
        instFluxErr : `float`, optional
            Error of the flux (counts).
        point : `lsst.geom.Point2D`, optional
            Position (pixels); by default the mean calibration is used.

        Returns
        -------
        magnitude : `float` or `Measurement`
            AB magnitude, NaN for a negative flux, with its error if ``instFluxErr`` is given. The error of
            the calibration, common to all magnitudes, is not included.

        Raises
        ------
        NotImplementedError
            Raised if a point is given and the calibration varies in a way that is not known here.
        """
        instFluxErr, point = _optional(args, instFluxErr, point)
        flux = _number(instFlux) * self._calibration(point) / REFERENCE_FLUX
        magnitude = -2.5 * math.log10(flux) if flux > 0 else (math.inf if flux == 0 else math.nan)
        if instFluxErr is None:
            return magnitude
        return Measurement(magnitude, 2.5 / math.log(10) * _ratio(instFluxErr, instFlux))

    def magnitudeToInstFlux(self, magnitude: float, point: Point2D | None = None) -> float:
        """Convert an AB magnitude to an instrumental flux (counts).

        Parameters
        ----------
        magnitude : `float`
            AB magnitude.
        point : `lsst.geom.Point2D`, optional
            Position (pixels); by default the mean calibration is used.

        Raises
        ------
        NotImplementedError
            Raised if a point is given and the calibration varies in a way that is not known here.
        """
        return _ratio(REFERENCE_FLUX * 10 ** (magnitude / -2.5), self._calibration(point))

    def nanojanskyToInstFlux(self, nanojansky: float, point: Point2D | None = None) -> float:
        """Convert a flux in nanojansky to an instrumental flux (counts).

        Parameters
        ----------
        nanojansky : `float`
            Flux (nJy).
        point : `lsst.geom.Point2D`, optional
            Position (pixels); by default the mean calibration is used.

        Raises
        ------
        NotImplementedError
            Raised if a point is given and the calibration varies.
        """
        return _ratio(nanojansky, self._calibration(point))

    def getLocalCalibrationArray(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Calibration at points, nanojansky per count, shape ``(n,)``.

        Parameters
        ----------
        x, y : `numpy.ndarray`, shape ``(n,)``
            Positions in pixels of the parent image.

        Raises
        ------
        NotImplementedError
            Raised if the calibration varies in a way that is not known here.
        """
        x, y = np.broadcast_arrays(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64))
        return np.full(x.shape, self._mean) if self._isConstant else self._varying().evaluate(x, y)

    def instFluxToMagnitudeArray(self, instFluxes: np.ndarray, x: np.ndarray, y: np.ndarray) -> Quantity:
        """Convert instrumental fluxes to AB magnitudes.

        Parameters
        ----------
        instFluxes : `numpy.ndarray`, shape ``(n,)``
            Fluxes, counts.
        x, y : `numpy.ndarray`, shape ``(n,)``
            Where, in pixels.

        Returns
        -------
        magnitudes : `astropy.units.Quantity`
            AB magnitudes.
        """
        from astropy import units  # few convert fluxes, and it takes long to import

        nanojanskys = np.asarray(instFluxes) * self.getLocalCalibrationArray(x, y)
        return (nanojanskys * units.nJy).to(units.ABmag)

    def magnitudeToInstFluxArray(self, magnitudes: Quantity, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Convert AB magnitudes to instrumental fluxes (counts).

        Parameters
        ----------
        magnitudes : `astropy.units.Quantity`
            AB magnitudes.
        x, y : `numpy.ndarray`, shape ``(n,)``
            Where, in pixels.

        Returns
        -------
        instFluxes : `numpy.ndarray`, shape ``(n,)``
            Fluxes, counts.
        """
        from astropy import units  # few convert fluxes, and it takes long to import

        return magnitudes.to_value(units.nJy) / self.getLocalCalibrationArray(x, y)

    def calibrateImage(self, maskedImage: MaskedImageF) -> MaskedImageF:
        """Return a copy of a masked image with pixels in nanojansky.

        Parameters
        ----------
        maskedImage : `MaskedImageF`
            The masked image, in counts. Its mask is copied; its variance is scaled without the error of the
            calibration. Where a calibration that varies is not defined, pixels stay as they are.

        Raises
        ------
        NotImplementedError
            Raised if the calibration varies in a way that is not known here.
        TypeError
            Raised if it is not a masked image with float32 pixels.
        """
        result = self._copy_for_scaling(maskedImage)
        if self._isConstant:
            result *= self._mean
        else:
            self._varying().multiplyImage(result, overlapOnly=True)
        return result

    def uncalibrateImage(self, maskedImage: MaskedImageF) -> MaskedImageF:
        """Return a copy of a masked image with pixels in counts.

        Parameters
        ----------
        maskedImage : `MaskedImageF`
            The masked image, in nanojansky.

        Raises
        ------
        NotImplementedError
            Raised if the calibration varies in a way that is not known here.
        TypeError
            Raised if it is not a masked image with float32 pixels.
        """
        result = self._copy_for_scaling(maskedImage)
        if self._isConstant:
            result /= self._mean
        else:
            self._varying().divideImage(result, overlapOnly=True)
        return result

    def _copy_for_scaling(self, maskedImage: MaskedImageF) -> MaskedImageF:
        """Copy a masked image, after checking that it can be scaled."""
        expected = class_for(MaskedImage, np.float32)
        if not isinstance(maskedImage, expected):
            raise TypeError(f"expected {expected.__name__}, got {type(maskedImage).__name__}")
        return expected(maskedImage, True)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PhotoCalib):
            return NotImplemented
        same = (self._mean, self._error, self._isConstant) == (other._mean, other._error, other._isConstant)
        return same and (self._isConstant or self._field == other._field)

    def __hash__(self) -> int:
        return hash((self._mean, self._error, self._isConstant))

    def __str__(self) -> str:
        kind = "spatially constant" if self._isConstant else str(self._field)
        return f"{kind} with mean: {self._mean:g} error: {self._error:g}"

    def __repr__(self) -> str:
        return f"PhotoCalib({self})"


def _is_field(value: object) -> TypeGuard[CalibrationField]:
    """Return whether a calibration is a field that can be evaluated, not one that is only kept."""
    return callable(getattr(type(value), "evaluate", None))


def _number(value: object) -> float:
    """Return a flux, which must be a number: catalog records are not converted here."""
    if not isinstance(value, float | int | np.number):
        raise TypeError(
            f"expected an instrumental flux as a number, got {type(value).__name__}; fluxes of catalogs are "
            "not converted here: pass the numbers one by one"
        )
    return float(value)


def _ratio(numerator: float, denominator: float) -> float:
    """Return a quotient, which is infinite or NaN if the denominator is zero."""
    with np.errstate(all="ignore"):
        return float(np.float64(numerator) / np.float64(denominator))


def _optional(
    args: tuple[Any, ...], error: float | None, point: Point2D | None
) -> tuple[float | None, Point2D | None]:
    """Sort the optional arguments: a number is the error, anything else the point."""
    for value in args:
        if isinstance(value, float | int | np.number):
            error = float(value)
        else:
            point = value
    return error, point


def makePhotoCalibFromMetadata(metadata: PropertySet, strip: bool = False) -> PhotoCalib | None:
    """Make a calibration from the zero point in a header.

    Parameters
    ----------
    metadata : `lsst.daf.base.PropertySet`
        Header with the flux of magnitude zero, FLUXMAG0, and its error, FLUXMAG0ERR.
    strip : `bool`, optional
        Whether to remove these cards.

    Returns
    -------
    photoCalib : `PhotoCalib` or `None`
        The calibration, or `None` if the header has none.

    Raises
    ------
    ValueError
        Raised if the cards are not a valid flux and error.
    """
    cards = {}
    for name in ("FLUXMAG0", "FLUXMAG0ERR"):
        cards[name] = metadata.getScalar(name) if metadata.exists(name) else None
        if strip and metadata.exists(name):
            metadata.remove(name)
    if cards["FLUXMAG0"] is None:
        return None
    try:
        return makePhotoCalibFromCalibZeroPoint(float(cards["FLUXMAG0"]), float(cards["FLUXMAG0ERR"] or 0.0))
    except (InvalidParameterError, ValueError) as exc:
        given = ", ".join(f"{name} = {value!r}" for name, value in cards.items())
        raise ValueError(f"no calibration can be made of the cards {given}: {exc}") from exc


def makePhotoCalibFromCalibZeroPoint(instFluxMag0: float, instFluxMag0Err: float = 0.0) -> PhotoCalib:
    """Make a calibration from a zero point.

    Parameters
    ----------
    instFluxMag0 : `float`
        Instrumental flux of magnitude zero (counts).
    instFluxMag0Err : `float`, optional
        Its error (counts).

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if the flux or its error is negative.
    """
    square = float(instFluxMag0) * float(instFluxMag0)
    error = _ratio(REFERENCE_FLUX * instFluxMag0Err, square)
    return PhotoCalib(_ratio(REFERENCE_FLUX, instFluxMag0), error)


def _write(calib: PhotoCalib, archive: OutputArchive) -> list[ArchiveCatalog]:
    row = {
        "calibrationMean": calib._mean,
        "calibrationErr": calib._error,
        "isConstant": calib._isConstant,
        "field": archive.put(calib._field),
        "version": 1,
    }
    return [ArchiveCatalog("PhotoCalib", _COLUMNS, [row])]


def _write_field(field: _ConstantField, archive: OutputArchive) -> list[ArchiveCatalog]:
    names = ("bbox_min_x", "bbox_min_y", "bbox_max_x", "bbox_max_y")
    row = {"order_x": 0, **dict(zip(names, field.corners, strict=True)), "coefficients": field.value}
    return [ArchiveCatalog("ChebyshevBoundedField", _FIELD_COLUMNS, [row])]


def _read(archive: InputArchive, catalogs: list[ArchiveCatalog]) -> PhotoCalib:
    """Make a calibration from a table."""
    row = catalogs[0].rows[0]
    return PhotoCalib._with_field(
        row["calibrationMean"], row["calibrationErr"], archive.get(row["field"]), row["isConstant"]
    )


register(PhotoCalib, "PhotoCalib", "", read=_read, write=_write)
register(_ConstantField, "ChebyshevBoundedField", "lsst.afw.math", write=_write_field)
