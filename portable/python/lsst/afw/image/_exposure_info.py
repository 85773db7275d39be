# SPDX-License-Identifier: GPL-3.0-or-later
"""Information about an exposure, apart from its pixels."""

from __future__ import annotations

import operator
from typing import Any, TypeVar

from lsst.afw.cameraGeom import Detector
from lsst.afw.geom import Polygon, SkyWcs
from lsst.daf.base import PropertyList, PropertySet
from lsst.portable.archive.psf import Psf
from lsst.portable.arguments import require

from ._exposure_summary_stats import ExposureSummaryStats
from ._filter_label import FilterLabel
from ._kept_components import ApCorrMap, CoaddInputs, TransmissionCurve
from ._photo_calib import PhotoCalib
from ._visit_info import VisitInfo

__all__ = ["ExposureInfo"]

_T = TypeVar("_T")


def _checked(name: str, value: _T | None, expected: type[_T]) -> _T | None:
    """Return a value after checking that it has the expected type or is `None`."""
    require(name, value, expected, optional=True)
    return value


class ExposureInfo:
    """Information about an exposure, apart from its pixels.

    It consists of header cards, the visit information, and named components such as the detector and the
    filter. A component of a kind that is not implemented (a PSF, a WCS) is kept as it was read. Setting a
    component to `None` removes it.

    Parameters
    ----------
    wcs, psf, photoCalib, detector, polygon : `object`, optional
        Components.
    metadata : `lsst.daf.base.PropertySet`, optional
        Header cards; an empty `lsst.daf.base.PropertyList` by default.
    coaddInputs, apCorrMap : `object`, optional
        Components.
    visitInfo : `VisitInfo`, optional
        The visit information.
    transmissionCurve : `object`, optional
        Component.
    other : `ExposureInfo`, optional
        Another ExposureInfo to copy, as this keyword or as the only positional argument; its components are
        shared.
    copyMetadata : `bool`, optional
        Whether the copy gets its own header cards rather than sharing those of ``other``.
    """

    __module__ = "lsst.afw.image"

    KEY_WCS = "SKYWCS"
    KEY_PSF = "PSF"
    KEY_DETECTOR = "DETECTOR"
    KEY_FILTER = "FILTER"
    KEY_PHOTO_CALIB = "PHOTOCALIB"
    KEY_VALID_POLYGON = "VALID_POLYGON"
    KEY_AP_CORR_MAP = "AP_CORR_MAP"
    KEY_COADD_INPUTS = "COADD_INPUTS"
    KEY_TRANSMISSION_CURVE = "TRANSMISSION_CURVE"
    KEY_SUMMARY_STATS = "SUMMARY_STATS"

    # Named components, in the order in which they are written to files: the newest first.
    _components: dict[str, Any]
    _metadata: Any
    _visitInfo: VisitInfo | None

    def __init__(
        self,
        wcs: Any = None,
        psf: Any = None,
        photoCalib: PhotoCalib | None = None,
        detector: Detector | None = None,
        polygon: Polygon | None = None,
        metadata: PropertySet | None = None,
        coaddInputs: CoaddInputs | None = None,
        apCorrMap: ApCorrMap | None = None,
        visitInfo: VisitInfo | None = None,
        transmissionCurve: TransmissionCurve | None = None,
        *,
        other: ExposureInfo | None = None,
        copyMetadata: bool = False,
    ) -> None:
        if isinstance(wcs, ExposureInfo):
            other, copyMetadata = wcs, bool(copyMetadata or psf)
        if other is not None:
            self._copy(other, copyMetadata)
            return
        self._components = {}
        self.setMetadata(PropertyList() if metadata is None else metadata)
        self.setVisitInfo(visitInfo)
        self._id: int | None = None
        self.setWcs(wcs)
        self.setPsf(psf)
        self.setPhotoCalib(photoCalib)
        self.setDetector(detector)
        self.setValidPolygon(polygon)
        self.setCoaddInputs(coaddInputs)
        self.setApCorrMap(apCorrMap)
        self.setTransmissionCurve(transmissionCurve)

    def _copy(self, other: ExposureInfo, copyMetadata: bool) -> None:
        self._components = dict(other._components)
        metadata = other._metadata
        self._metadata = metadata.deepCopy() if copyMetadata and metadata is not None else metadata
        self._visitInfo = other._visitInfo
        self._id = other._id

    # ---- any component

    def hasComponent(self, key: str) -> bool:
        """Return whether there is a component of a given name.

        Parameters
        ----------
        key : `str`
            Name, such as `KEY_PSF`.
        """
        return key in self._components

    def getComponent(self, key: str) -> Any:
        """Return a component, or `None` if it does not exist.

        Parameters
        ----------
        key : `str`
            Name, such as `KEY_PSF`.
        """
        return self._components.get(key)

    def setComponent(self, key: str, object: object) -> None:
        """Add or replace a component.

        Parameters
        ----------
        key : `str`
            Name, such as `KEY_PSF`; upper case by custom, at most 60 characters.
        object : `object`
            The component; `None` removes it.
        """
        rest = {name: value for name, value in self._components.items() if name != key}
        self._components = rest if object is None else {key: object, **rest}

    def removeComponent(self, key: str) -> None:
        """Remove a component if it exists.

        Parameters
        ----------
        key : `str`
            Name, such as `KEY_PSF`.
        """
        self._components.pop(key, None)

    # ---- header cards, visit information, ID

    def getMetadata(self) -> PropertySet:
        """Return the header cards (not a copy); `None` if they were set to that."""
        return self._metadata

    def setMetadata(self, metadata: PropertySet | None) -> None:
        """Replace the header cards.

        Parameters
        ----------
        metadata : `lsst.daf.base.PropertySet` or `None`
            The new cards; they are not copied.
        """
        self._metadata = _checked("metadata", metadata, PropertySet)

    def hasVisitInfo(self) -> bool:
        """Return whether there is visit information."""
        return self._visitInfo is not None

    def getVisitInfo(self) -> VisitInfo | None:
        """Return the visit information, or `None`."""
        return self._visitInfo

    def setVisitInfo(self, visitInfo: VisitInfo | None) -> None:
        """Set the visit information.

        Parameters
        ----------
        visitInfo : `VisitInfo` or `None`
            The visit information; `None` removes it.
        """
        self._visitInfo = _checked("visitInfo", visitInfo, VisitInfo)

    def hasId(self) -> bool:
        """Return whether the exposure has an ID."""
        return self._id is not None

    def getId(self) -> int | None:
        """Return the ID of the exposure (of this detector), or `None`."""
        return self._id

    def setId(self, id: int | None) -> None:
        """Set the ID of the exposure.

        Parameters
        ----------
        id : `int` or `None`
            The ID; `None` removes it.

        Raises
        ------
        TypeError
            Raised if it is no integer of 64 bits.
        """
        if id is not None and not -(1 << 63) <= operator.index(id) < 1 << 63:
            raise TypeError(f"the ID of an exposure has 64 bits; {id} has more")
        self._id = None if id is None else operator.index(id)

    def clearId(self) -> None:
        """Remove the ID of the exposure."""
        self._id = None

    id = property(getId, setId, doc="ID of the exposure (of this detector), or `None`.")

    # ---- known components

    def hasWcs(self) -> bool:
        """Return whether there is a WCS."""
        return self.hasComponent(self.KEY_WCS)

    def getWcs(self) -> SkyWcs | None:
        """Return the WCS, or `None`."""
        return self.getComponent(self.KEY_WCS)

    def setWcs(self, wcs: SkyWcs | None) -> None:
        """Set the WCS.

        Parameters
        ----------
        wcs : `lsst.afw.geom.SkyWcs`
            A WCS as read from a file; `None` removes it.
        """
        self.setComponent(self.KEY_WCS, _checked("wcs", wcs, SkyWcs))

    def hasPsf(self) -> bool:
        """Return whether there is a PSF."""
        return self.hasComponent(self.KEY_PSF)

    def getPsf(self) -> Psf | None:
        """Return the PSF, or `None`."""
        return self.getComponent(self.KEY_PSF)

    def setPsf(self, psf: Psf | None) -> None:
        """Set the PSF.

        Parameters
        ----------
        psf : `lsst.afw.detection.Psf`
            A PSF; `None` removes it.
        """
        self.setComponent(self.KEY_PSF, _checked("psf", psf, Psf))

    def hasDetector(self) -> bool:
        """Return whether there is a detector."""
        return self.hasComponent(self.KEY_DETECTOR)

    def getDetector(self) -> Detector | Any:
        """Return the detector, or `None`."""
        return self.getComponent(self.KEY_DETECTOR)

    def setDetector(self, detector: Detector | None) -> None:
        """Set the detector.

        Parameters
        ----------
        detector : `lsst.afw.cameraGeom.Detector`
            An `lsst.afw.cameraGeom.Detector`; `None` removes it.
        """
        self.setComponent(self.KEY_DETECTOR, _checked("detector", detector, Detector))

    def hasFilter(self) -> bool:
        """Return whether the filter is known."""
        return self.hasComponent(self.KEY_FILTER)

    def getFilter(self) -> FilterLabel | None:
        """Return the filter, or `None`."""
        return self.getComponent(self.KEY_FILTER)

    def setFilter(self, filterLabel: FilterLabel | None) -> None:
        """Set the filter.

        Parameters
        ----------
        filterLabel : `FilterLabel` or `None`
            The filter; `None` removes it.
        """
        self.setComponent(self.KEY_FILTER, _checked("filterLabel", filterLabel, FilterLabel))

    def hasPhotoCalib(self) -> bool:
        """Return whether there is a photometric calibration."""
        return self.hasComponent(self.KEY_PHOTO_CALIB)

    def getPhotoCalib(self) -> PhotoCalib | None:
        """Return the photometric calibration, or `None`."""
        return self.getComponent(self.KEY_PHOTO_CALIB)

    def setPhotoCalib(self, photoCalib: PhotoCalib | None) -> None:
        """Set the photometric calibration.

        Parameters
        ----------
        photoCalib : `PhotoCalib` or `None`
            The calibration; `None` removes it.
        """
        self.setComponent(self.KEY_PHOTO_CALIB, _checked("photoCalib", photoCalib, PhotoCalib))

    def hasValidPolygon(self) -> bool:
        """Return whether there is a polygon of valid pixels."""
        return self.hasComponent(self.KEY_VALID_POLYGON)

    def getValidPolygon(self) -> Polygon | None:
        """Return the polygon of valid pixels, or `None`."""
        return self.getComponent(self.KEY_VALID_POLYGON)

    def setValidPolygon(self, polygon: Polygon | None) -> None:
        """Set the polygon of valid pixels.

        Parameters
        ----------
        polygon : `lsst.afw.geom.Polygon`
            The polygon; `None` removes it.
        """
        self.setComponent(self.KEY_VALID_POLYGON, _checked("polygon", polygon, Polygon))

    def hasApCorrMap(self) -> bool:
        """Return whether there are aperture corrections."""
        return self.hasComponent(self.KEY_AP_CORR_MAP)

    def getApCorrMap(self) -> ApCorrMap | None:
        """Return the aperture corrections, or `None`."""
        return self.getComponent(self.KEY_AP_CORR_MAP)

    def setApCorrMap(self, apCorrMap: ApCorrMap | None) -> None:
        """Set the aperture corrections.

        Parameters
        ----------
        apCorrMap : `object`
            The corrections; `None` removes them.
        """
        self.setComponent(self.KEY_AP_CORR_MAP, _checked("apCorrMap", apCorrMap, ApCorrMap))

    def hasCoaddInputs(self) -> bool:
        """Return whether there is a record of the inputs of a coadd."""
        return self.hasComponent(self.KEY_COADD_INPUTS)

    def getCoaddInputs(self) -> CoaddInputs | None:
        """Return the record of the inputs of a coadd, or `None`."""
        return self.getComponent(self.KEY_COADD_INPUTS)

    def setCoaddInputs(self, coaddInputs: CoaddInputs | None) -> None:
        """Set the record of the inputs of a coadd.

        Parameters
        ----------
        coaddInputs : `object`
            The record; `None` removes it.
        """
        self.setComponent(self.KEY_COADD_INPUTS, _checked("coaddInputs", coaddInputs, CoaddInputs))

    def hasTransmissionCurve(self) -> bool:
        """Return whether there is a transmission curve."""
        return self.hasComponent(self.KEY_TRANSMISSION_CURVE)

    def getTransmissionCurve(self) -> TransmissionCurve | None:
        """Return the transmission curve, or `None`."""
        return self.getComponent(self.KEY_TRANSMISSION_CURVE)

    def setTransmissionCurve(self, transmissionCurve: TransmissionCurve | None) -> None:
        """Set the transmission curve.

        Parameters
        ----------
        transmissionCurve : `lsst.afw.image.TransmissionCurve`
            The curve; `None` removes it.
        """
        self.setComponent(
            self.KEY_TRANSMISSION_CURVE, _checked("transmissionCurve", transmissionCurve, TransmissionCurve)
        )

    def hasSummaryStats(self) -> bool:
        """Return whether there are summary statistics."""
        return self.hasComponent(self.KEY_SUMMARY_STATS)

    def getSummaryStats(self) -> ExposureSummaryStats | None:
        """Return the summary statistics, or `None`."""
        return self.getComponent(self.KEY_SUMMARY_STATS)

    def setSummaryStats(self, summaryStats: ExposureSummaryStats | None) -> None:
        """Set the summary statistics.

        Parameters
        ----------
        summaryStats : `object`
            An `ExposureSummaryStats`; `None` removes it.
        """
        self.setComponent(
            self.KEY_SUMMARY_STATS, _checked("summaryStats", summaryStats, ExposureSummaryStats)
        )

    def __repr__(self) -> str:
        parts = [*sorted(self._components), *(["visit"] if self.hasVisitInfo() else [])]
        return f"ExposureInfo(id={self._id}, {', '.join(parts) or 'no components'})"
