# SPDX-License-Identifier: GPL-3.0-or-later
"""Photometric calibration: counts to nanojansky and AB magnitudes.

A calibration that varies over the detector is kept through files; only its
mean can be used here.
"""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any, NamedTuple

from lsst.geom import Box2I
from lsst.pex.exceptions import InvalidParameterError
from lsst.portable.archive import ArchiveCatalog, read_persistable, register, write_persistable
from lsst.portable.fits import Column

if TYPE_CHECKING:
    from lsst.daf.base import PropertySet
    from lsst.geom import Point2D
    from lsst.portable.archive import InputArchive, OutputArchive

__all__ = ["Measurement", "PhotoCalib", "photo_calib_from_cards"]

#: Flux of AB magnitude zero, nanojansky: 10^(-48.6/2.5) erg/s/cm^2/Hz.
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
    """A calibration that is the same everywhere, in the form in which archives hold it.

    Parameters
    ----------
    value
        Calibration, nanojansky per count.
    corners
        Ends of its box, inclusive: x and y of the minimum, x and y of the maximum.
    """

    value: float
    corners: tuple[int, int, int, int]

    _archive_name = "ChebyshevBoundedField"
    _archive_module = "lsst.afw.math"

    def _archive_write(self, archive: OutputArchive) -> list[ArchiveCatalog]:
        names = ("bbox_min_x", "bbox_min_y", "bbox_max_x", "bbox_max_y")
        row = {"order_x": 0, **dict(zip(names, self.corners, strict=True)), "coefficients": self.value}
        return [ArchiveCatalog(self._archive_name, _FIELD_COLUMNS, [row])]


class PhotoCalib:
    """Calibration from instrumental flux (counts) to nanojansky.

    Parameters
    ----------
    calibrationMean : `float`, optional
        Mean calibration, nanojansky per count.
    calibrationErr : `float`, optional
        Its error, nanojansky per count.
    bbox : `lsst.geom.Box2I`, optional
        Where the calibration holds; everywhere if it is empty.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        If the calibration or its error is negative.
    """

    __module__ = "lsst.afw.image"

    _archive_name = "PhotoCalib"
    _archive_module = ""

    def __init__(
        self, calibrationMean: float = 1.0, calibrationErr: float = 0.0, bbox: Box2I | None = None
    ) -> None:
        bbox = Box2I() if bbox is None else bbox
        corners = (bbox.getMinX(), bbox.getMinY(), bbox.getMaxX(), bbox.getMaxY())
        self._set(calibrationMean, calibrationErr, _ConstantField(float(calibrationMean), corners), True)

    def _set(self, mean: float, error: float, field: Any, constant: bool) -> None:
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
        """Make a calibration of its parts in a file."""
        self = cls.__new__(cls)
        self._set(mean, error, field, constant)
        return self

    def getCalibrationMean(self) -> float:
        """Mean calibration, nanojansky per count."""
        return self._mean

    def getCalibrationErr(self) -> float:
        """Error of the mean calibration, nanojansky per count."""
        return self._error

    def getInstFluxAtZeroMagnitude(self) -> float:
        """Instrumental flux (counts) of an object of AB magnitude zero."""
        return REFERENCE_FLUX / self._mean

    def getLocalCalibration(self, point: Point2D) -> float:
        """Calibration at a point, nanojansky per count.

        Parameters
        ----------
        point : `lsst.geom.Point2D`
            Position in pixels of the parent image.

        Raises
        ------
        NotImplementedError
            If the calibration varies over the detector.
        """
        return self._calibration(point)

    def _calibration(self, point: Point2D | None) -> float:
        if point is not None and not self._isConstant:
            raise NotImplementedError(
                "a calibration that varies over the detector is kept through files but not evaluated "
                "at a point; leave out the point to use its mean"
            )
        return self._mean

    def instFluxToNanojansky(
        self, instFlux: float, *args: Any, instFluxErr: float | None = None, point: Point2D | None = None
    ) -> float | Measurement:
        """Convert an instrumental flux to nanojansky.

        Parameters
        ----------
        instFlux : `float`
            Flux, counts.
        *args : `object`
            ``instFluxErr`` and ``point`` by position, in this order; each may be left out.
        instFluxErr : `float`, optional
            Error of the flux, counts.
        point : `lsst.geom.Point2D`, optional
            Where, in pixels; by default the mean calibration is used.

        Returns
        -------
        flux : `float` or `Measurement`
            Flux in nanojansky; with its error if ``instFluxErr`` is given.

        Raises
        ------
        NotImplementedError
            If there is a point and the calibration varies.
        """
        instFluxErr, point = _optional(args, instFluxErr, point)
        flux = instFlux * self._calibration(point)
        if instFluxErr is None:
            return flux
        return Measurement(flux, abs(flux) * self._relative_error(instFlux, instFluxErr))

    def instFluxToMagnitude(
        self, instFlux: float, *args: Any, instFluxErr: float | None = None, point: Point2D | None = None
    ) -> float | Measurement:
        """Convert an instrumental flux to an AB magnitude.

        Parameters
        ----------
        instFlux : `float`
            Flux, counts.
        *args : `object`
            ``instFluxErr`` and ``point`` by position, in this order; each may be left out.
        instFluxErr : `float`, optional
            Error of the flux, counts.
        point : `lsst.geom.Point2D`, optional
            Where, in pixels; by default the mean calibration is used.

        Returns
        -------
        magnitude : `float` or `Measurement`
            AB magnitude, NaN for a negative flux; with its error if ``instFluxErr`` is given.

        Raises
        ------
        NotImplementedError
            If there is a point and the calibration varies.
        """
        instFluxErr, point = _optional(args, instFluxErr, point)
        flux = instFlux * self._calibration(point) / REFERENCE_FLUX
        magnitude = -2.5 * math.log10(flux) if flux > 0 else (math.inf if flux == 0 else math.nan)
        if instFluxErr is None:
            return magnitude
        return Measurement(magnitude, 2.5 / math.log(10) * self._relative_error(instFlux, instFluxErr))

    def magnitudeToInstFlux(self, magnitude: float, point: Point2D | None = None) -> float:
        """Convert an AB magnitude to an instrumental flux (counts).

        Parameters
        ----------
        magnitude : `float`
            AB magnitude.
        point : `lsst.geom.Point2D`, optional
            Where, in pixels; by default the mean calibration is used.

        Raises
        ------
        NotImplementedError
            If there is a point and the calibration varies.
        """
        return REFERENCE_FLUX * 10 ** (magnitude / -2.5) / self._calibration(point)

    def _relative_error(self, flux: float, error: float) -> float:
        if flux == 0 or self._mean == 0:
            return math.nan
        return math.hypot(error / flux, self._error / self._mean)

    def isPersistable(self) -> bool:
        """Whether this can be written to a file (always)."""
        return True

    def writeFits(self, fileName: Any) -> None:
        """Write to a FITS file of its own.

        Parameters
        ----------
        fileName : `str`, `os.PathLike` or `lsst.afw.fits.MemFileManager`
            File name or `lsst.afw.fits.MemFileManager`.
        """
        write_persistable(self, fileName)

    @staticmethod
    def readFits(fileName: Any) -> PhotoCalib:
        """Read from a file that `writeFits` wrote.

        Parameters
        ----------
        fileName : `str`, `os.PathLike` or `lsst.afw.fits.MemFileManager`
            File name or `lsst.afw.fits.MemFileManager`.
        """
        return read_persistable(fileName)

    def _archive_write(self, archive: OutputArchive) -> list[ArchiveCatalog]:
        row = {
            "calibrationMean": self._mean,
            "calibrationErr": self._error,
            "isConstant": self._isConstant,
            "field": archive.put(self._field),
            "version": 1,
        }
        return [ArchiveCatalog(self._archive_name, _COLUMNS, [row])]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PhotoCalib):
            return NotImplemented
        same = (self._mean, self._error, self._isConstant) == (other._mean, other._error, other._isConstant)
        return same and (self._isConstant or self._field == other._field)

    def __hash__(self) -> int:
        return hash((self._mean, self._error, self._isConstant))

    def __repr__(self) -> str:
        kind = "spatially constant" if self._isConstant else "varying"
        return f"PhotoCalib({kind}, mean={self._mean:g} nJy/count, error={self._error:g})"


def _optional(
    args: tuple[Any, ...], error: float | None, point: Point2D | None
) -> tuple[float | None, Point2D | None]:
    """Sort out the arguments that may be left out: a number is the error, anything else the point."""
    for value in args:
        if isinstance(value, int | float):
            error = value
        else:
            point = value
    return error, point


def photo_calib_from_cards(metadata: PropertySet) -> PhotoCalib | None:
    """Take the calibration out of a header of format version 0.

    Parameters
    ----------
    metadata : `lsst.daf.base.PropertySet`
        Header; the cards FLUXMAG0 and FLUXMAG0ERR are removed.

    Returns
    -------
    photoCalib : `PhotoCalib` or `None`
        The calibration, or `None` if there is none.
    """
    if not metadata.exists("FLUXMAG0"):
        return None
    flux = float(metadata.getScalar("FLUXMAG0"))
    metadata.remove("FLUXMAG0")
    error = 0.0
    if metadata.exists("FLUXMAG0ERR"):
        error = float(metadata.getScalar("FLUXMAG0ERR"))
        metadata.remove("FLUXMAG0ERR")
    if flux == 0:
        return PhotoCalib(math.inf, math.nan)
    return PhotoCalib(REFERENCE_FLUX / flux, REFERENCE_FLUX * error / flux**2)


def _read(archive: InputArchive, catalogs: list[ArchiveCatalog]) -> PhotoCalib:
    """Make a calibration of a table."""
    row = catalogs[0].rows[0]
    return PhotoCalib._with_field(
        row["calibrationMean"], row["calibrationErr"], archive.get(row["field"]), row["isConstant"]
    )


register(PhotoCalib, "PhotoCalib", "", read=_read, write=PhotoCalib._archive_write)
register(_ConstantField, "ChebyshevBoundedField", "lsst.afw.math", write=_ConstantField._archive_write)
