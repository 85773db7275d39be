# SPDX-License-Identifier: GPL-3.0-or-later
"""Exposures in FITS files.

An empty primary HDU with the header, the planes IMAGE, MASK and VARIANCE, and the archive with the
components. The card AR_HDU says where the archive begins, and the cards ``<name>_ID`` and
``ARCHIVE_ID_<name>`` say which of its objects are the components. The visit information is in the primary
header.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Self, TypeVar

from lsst.afw.fits import Fits
from lsst.afw.geom import SkyWcs
from lsst.daf.base import PropertyList
from lsst.portable.archive import (
    InputArchive,
    KeptPersistable,
    OpaquePersistable,
    OutputArchive,
    is_persistable,
)
from lsst.portable.archive.psf import Psf
from lsst.portable.arguments import also_called
from lsst.portable.fits import FitsReader, FitsTypeError

from ._exposure_header import (
    ARCHIVE_CARD,
    COMPONENT_PREFIX,
    FORMAT_VERSION,
    OLD_COMPONENTS,
    VERSION_CARD,
    ExposureHeader,
    component_of_card,
    damage_named,
)
from ._exposure_info import ExposureInfo
from ._image_fits import MaskedImageFitsReader
from ._plane_fits import open_target, write_masked_image
from ._slicing import PARENT, ImageOrigin
from ._templates import Exposure, class_for
from ._visit_info_cards import setVisitInfoMetadata
from ._wcs_cards import has_wcs, recall_cards, remember_cards, shifted_wcs

if TYPE_CHECKING:
    import numpy.typing as npt

    from lsst.afw.cameraGeom import Detector
    from lsst.afw.geom import Polygon
    from lsst.geom import Box2I, Point2I
    from lsst.portable.fits import CompressionOptions
    from lsst.portable.typing import FitsSource, FitsTarget

    from ._exposure import _ExposureBase
    from ._exposure_summary_stats import ExposureSummaryStats
    from ._filter_label import FilterLabel
    from ._kept_components import ApCorrMap, CoaddInputs, TransmissionCurve
    from ._photo_calib import PhotoCalib
    from ._visit_info import VisitInfo

__all__ = ["ExposureFitsReader", "write_exposure"]

_T = TypeVar("_T")

_MODELLED = {
    ExposureInfo.KEY_DETECTOR: "Detector",
    ExposureInfo.KEY_FILTER: "FilterLabel",
    ExposureInfo.KEY_PHOTO_CALIB: "PhotoCalib",
    ExposureInfo.KEY_SUMMARY_STATS: "ExposureSummaryStats",
    ExposureInfo.KEY_VALID_POLYGON: "Polygon",
}
"""Components whose class is known here; an object of any other class means damage."""
_LOG = logging.getLogger("lsst.afw.image")


def _kept_class(component: str) -> type[KeptPersistable] | None:
    """Return the class of a component that is kept as read, whatever its exact class in the archive."""
    if component == ExposureInfo.KEY_PSF:
        return Psf
    return SkyWcs if component == ExposureInfo.KEY_WCS else None


class ExposureFitsReader(MaskedImageFitsReader):
    """Reader of an exposure in a FITS file, or of parts of it.

    It reads only what is requested, and works as a context manager.

    Parameters
    ----------
    fileName : `str`, `os.PathLike` or `lsst.afw.fits.MemFileManager`
        Name of the file, a file in memory, or an open `lsst.portable.fits.FitsReader`.

    Raises
    ------
    lsst.afw.fits.FitsError
        Raised if the file cannot be read.
    """

    __module__ = "lsst.afw.image"

    @also_called("fileName", "manager")
    def __init__(self, fileName: FitsSource) -> None:
        self._owned = not isinstance(fileName, FitsReader | Fits)
        super().__init__(fileName)
        self._header: ExposureHeader | None = None
        self._archive: InputArchive | None = None
        self._kept: dict[str, KeptPersistable | None] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file, unless it came as an open reader."""
        if self._owned:
            self._reader.close()

    def _parsed(self) -> ExposureHeader:
        """The parsed headers, cached."""
        if self._header is None:
            self._check_type(self._image_reader.hdu, "IMAGE")
            image = self._reader.header(self._image_reader.hdu)
            self._header = ExposureHeader(self._reader.header(0), image, self.fileName)
        return self._header

    # ---- header

    def readSerializationVersion(self) -> int:
        """Return the format version of the file; 0 if it gives none."""
        return self._parsed().version

    def readExposureId(self) -> int | None:
        """Return the exposure ID, or `None`."""
        return self._parsed().exposure_id

    def readMetadata(self) -> PropertyList:
        """Return the header cards that do not belong to a component.

        They include a WCS that is in the header but not in the archive.
        """
        return self._parsed().metadata

    def readVisitInfo(self) -> VisitInfo:
        """Return the visit information; values missing from the header are unknown."""
        return self._parsed().visit_info

    # ---- archive

    def readComponent(self, componentName: str) -> Any:
        """Return a component of the archive, or `None` if it does not exist.

        Parameters
        ----------
        componentName : `str`
            Name, such as `ExposureInfo.KEY_PSF`.
        """
        header = self._parsed()
        id = header.archive_ids.get(componentName, 0)
        if header.archive_hdu is None or not id:
            return None
        if self._archive is None:
            self._archive = InputArchive.read(self._reader, header.archive_hdu)
        kind = _kept_class(componentName)
        if kind is None:
            return self._modelled(componentName, self._archive.get(id))
        return self._kept.setdefault(componentName, kind.adopt(self._archive.get(id)))

    def _modelled(self, componentName: str, component: _T) -> _T:
        """Reject an object of another class where one implemented here is expected."""
        expected = _MODELLED.get(componentName)
        names = [cls.__name__ for cls in type(component).__mro__]
        if expected is not None and expected not in names:
            found = component.name if isinstance(component, OpaquePersistable) else names[0]
            raise FitsTypeError(f"{self.fileName}: has {found!r} where a {expected} should be.")
        return component

    def readExtraComponents(self) -> dict[str, Any]:
        """Return all components except the eight oldest kinds, by name.

        They include filter and summary statistics.
        """
        names = [name for name in self._parsed().archive_ids if name not in OLD_COMPONENTS]
        return {name: self.readComponent(name) for name in names}

    def readFilter(self) -> FilterLabel | None:
        """Return the filter, or `None`."""
        label = self.readComponent(ExposureInfo.KEY_FILTER)
        return self._parsed().filter if label is None else label

    def readPhotoCalib(self) -> PhotoCalib | None:
        """Return the photometric calibration, or `None`."""
        calib = self.readComponent(ExposureInfo.KEY_PHOTO_CALIB)
        return self._parsed().photo_calib if calib is None else calib

    def readWcs(self) -> SkyWcs | None:
        """Return the WCS of the archive, or `None`."""
        wcs = self.readComponent(ExposureInfo.KEY_WCS)
        cards = self._parsed().wcs_cards
        if wcs is not None and cards is not None:
            with damage_named(self.fileName):
                remember_cards(wcs, shifted_wcs(cards, *self.readXY0()))
        return wcs

    def readPsf(self) -> Psf | None:
        """Return the PSF, or `None`."""
        return self.readComponent(ExposureInfo.KEY_PSF)

    def readDetector(self) -> Detector | None:
        """Return the detector, or `None`."""
        return self.readComponent(ExposureInfo.KEY_DETECTOR)

    def readValidPolygon(self) -> Polygon | None:
        """Return the polygon of valid pixels, or `None`."""
        return self.readComponent(ExposureInfo.KEY_VALID_POLYGON)

    def readApCorrMap(self) -> ApCorrMap | None:
        """Return the aperture corrections, or `None`."""
        return self.readComponent(ExposureInfo.KEY_AP_CORR_MAP)

    def readCoaddInputs(self) -> CoaddInputs | None:
        """Return the record of the inputs of a coadd, or `None`."""
        return self.readComponent(ExposureInfo.KEY_COADD_INPUTS)

    def readTransmissionCurve(self) -> TransmissionCurve | None:
        """Return the transmission curve, or `None`."""
        return self.readComponent(ExposureInfo.KEY_TRANSMISSION_CURVE)

    def readSummaryStats(self) -> ExposureSummaryStats | None:
        """Return the summary statistics, or `None`."""
        return self.readComponent(ExposureInfo.KEY_SUMMARY_STATS)

    def readExposureInfo(self) -> ExposureInfo:
        """Return everything about the exposure except its pixels."""
        header = self._parsed()
        info = ExposureInfo(metadata=self.readMetadata(), visitInfo=self.readVisitInfo())
        info.setId(self.readExposureId())
        info.setFilter(header.filter)
        info.setPhotoCalib(header.photo_calib)
        # Components set last are written first; reversing keeps the order of a rewritten file.
        for name in reversed(header.archive_ids):
            wanted = self.readWcs() if name == ExposureInfo.KEY_WCS else self.readComponent(name)
            info.setComponent(name, wanted)
        return info

    # ---- all of it

    def readMaskedImage(
        self,
        bbox: Box2I | None = None,
        origin: ImageOrigin = PARENT,
        conformMasks: bool = False,
        allowUnsafe: bool = False,
        dtype: npt.DTypeLike | None = None,
    ) -> Any:
        """Read the planes, or a part of them.

        Parameters
        ----------
        bbox : `lsst.geom.Box2I`, optional
            Box to read; everything if omitted or empty.
        origin : `ImageOrigin`, optional
            Coordinates of ``bbox``.
        conformMasks : `bool`, optional
            Whether to make the mask planes of the file the default in this process.
        allowUnsafe : `bool`, optional
            Whether values may be lost in the conversion to ``dtype``.
        dtype : `numpy.dtype` or `type`, optional
            Pixel type of the image; by default that of the file.
        """
        return super().read(bbox, origin, conformMasks, False, allowUnsafe, dtype)

    def read(  # type: ignore[override]
        self,
        bbox: Box2I | None = None,
        origin: ImageOrigin = PARENT,
        conformMasks: bool = False,
        allowUnsafe: bool = False,
        dtype: npt.DTypeLike | None = None,
    ) -> Any:
        """Read the exposure, or a part of it.

        Parameters
        ----------
        bbox : `lsst.geom.Box2I`, optional
            Box to read; everything if omitted or empty.
        origin : `ImageOrigin`, optional
            Coordinates of ``bbox``.
        conformMasks : `bool`, optional
            Whether to make the mask planes of the file the default in this process.
        allowUnsafe : `bool`, optional
            Whether values may be lost in the conversion to ``dtype``.
        dtype : `numpy.dtype` or `type`, optional
            Pixel type of the image; by default that of the file.

        Returns
        -------
        exposure : `lsst.afw.image.Exposure`
            The exposure.

        Raises
        ------
        lsst.pex.exceptions.LengthError
            Raised if ``bbox`` reaches outside the image.
        lsst.afw.fits.FitsError
            Raised if the file cannot be read.
        """
        planes = self.readMaskedImage(bbox, origin, conformMasks, allowUnsafe, dtype)
        info = self.readExposureInfo()
        moved = self.readXY0() - planes.getXY0()
        if any(moved) and has_wcs(self.readMetadata()):
            with damage_named(self.fileName):
                info.setMetadata(shifted_wcs(self.readMetadata(), *moved))
        return class_for(Exposure, planes.dtype)(planes, info)

    readExposure = read


def write_exposure(
    target: FitsTarget,
    exposure: _ExposureBase,
    plane_options: tuple[CompressionOptions | None, ...] = (None, None, None),
) -> None:
    """Write an exposure to a FITS file.

    Parameters
    ----------
    target : `str`, `os.PathLike` or `lsst.afw.fits.MemFileManager`
        Name of the file, a file in memory, or an open `lsst.portable.fits.FitsWriter`.
    exposure : `lsst.afw.image.Exposure`
        The exposure.
    plane_options : `tuple` [`lsst.afw.fits.CompressionOptions` or `None`, ...], optional
        Compression of image, mask and variance.
    """
    archive = OutputArchive()
    primary = _primary_header(exposure.info, archive)
    planes = _plane_headers(exposure.info, exposure.getXY0(), primary)
    with open_target(target) as writer:
        write_masked_image(writer, exposure.maskedImage, primary, planes, plane_options)
        archive.write(writer)


def _primary_header(info: ExposureInfo, archive: OutputArchive) -> PropertyList:
    """Make the primary header, and add the components to the archive."""
    header = PropertyList()
    if (metadata := info.getMetadata()) is not None:
        header.combine(metadata)
    for card in header.getOrderedNames():
        if component_of_card(card) is not None:  # it referred to the archive of another file
            header.remove(card)
    header.set(VERSION_CARD, FORMAT_VERSION)
    header.set(ARCHIVE_CARD, 5, "HDU (1-indexed) containing the archive used to store ancillary objects")
    for name, component in info._components.items():
        if not is_persistable(component):
            _LOG.warning(
                "Component %s of an exposure is not written: %s has no file form", name, type(component)
            )
            continue
        id = archive.put(component)
        comment = f"archive ID for generic component '{name}'"
        header.set(f"{name}_ID", id, comment)
        header.set(COMPONENT_PREFIX + name, id, comment)
    detector = info.getDetector()
    if hasattr(detector, "getName"):
        header.set("DETNAME", detector.getName())
        header.set("DETSER", detector.getSerial())
    visit_info = info.getVisitInfo()
    if visit_info is not None:
        setVisitInfoMetadata(header, visit_info)
    if info.hasId():
        header.set("EXPID", info.getId())
    return header


def _plane_headers(
    info: ExposureInfo, xy0: Point2I, primary: PropertyList
) -> tuple[PropertyList, PropertyList, PropertyList]:
    """Make the cards of image, mask and variance: the WCS as far as it is known, the place in the parent, the
    unit, which is taken off the primary header.
    """
    x0, y0 = xy0
    cards = recall_cards(info.getWcs())
    image = PropertyList() if cards is None else shifted_wcs(cards, -x0, -y0)
    # Read by image viewers.
    image.set("LTV1", float(-x0))
    image.set("LTV2", float(-y0))
    mask, variance = image.deepCopy(), image.deepCopy()
    if primary.exists("BUNIT"):
        unit, comment = primary.getScalar("BUNIT"), primary.getComment("BUNIT")
        primary.remove("BUNIT")
        if unit is not None:
            image.set("BUNIT", unit, comment)
            variance.set("BUNIT", _squared(str(unit).strip()), comment)
            mask.set("BUNIT", None)  # lest it inherit one
    return image, mask, variance


def _squared(unit: str) -> str:
    """Return the square of a unit in FITS notation, with brackets around a compound one."""
    return f"{unit}**2" if unit.isalpha() else f"({unit})**2"
