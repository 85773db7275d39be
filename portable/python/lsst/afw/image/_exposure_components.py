# SPDX-License-Identifier: GPL-3.0-or-later
"""Short ways to the components of an exposure, which its `ExposureInfo` holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._exposure_info import ExposureInfo

if TYPE_CHECKING:
    from lsst.afw.cameraGeom import Detector
    from lsst.afw.geom import Polygon, SkyWcs
    from lsst.daf.base import PropertySet
    from lsst.portable.archive.psf import Psf

    from ._filter_label import FilterLabel
    from ._kept_components import ApCorrMap
    from ._photo_calib import PhotoCalib
    from ._visit_info import VisitInfo

__all__ = ("ExposureComponents",)


class ExposureComponents:
    """The information about an exposure, and its components as if they were the exposure's own."""

    _info: ExposureInfo

    def getInfo(self) -> ExposureInfo:
        """Return the information about the exposure."""
        return self._info

    def setInfo(self, exposureInfo: ExposureInfo) -> None:
        """Replace the information about the exposure.

        Parameters
        ----------
        exposureInfo : `ExposureInfo`
            The information; it is not copied.
        """
        if not isinstance(exposureInfo, ExposureInfo):
            raise TypeError(f"expected an ExposureInfo, got {type(exposureInfo).__name__}")
        self._info = exposureInfo

    info = property(getInfo, setInfo, doc="The information about the exposure.")

    def getMetadata(self) -> PropertySet:
        """Return the header cards: the object itself, not a copy."""
        return self._info.getMetadata()

    def setMetadata(self, metadata: PropertySet | None) -> None:
        """Replace the header cards.

        Parameters
        ----------
        metadata : `lsst.daf.base.PropertySet`
            The cards; they are not copied.
        """
        self._info.setMetadata(metadata)

    metadata = property(getMetadata, setMetadata, doc="Header cards.")

    def getDetector(self) -> Detector | Any:
        """Return the detector, or `None`."""
        return self._info.getDetector()

    def setDetector(self, detector: Detector | None) -> None:
        """Set the detector.

        Parameters
        ----------
        detector : `lsst.afw.cameraGeom.Detector`
            An `lsst.afw.cameraGeom.Detector`; `None` removes it.
        """
        self._info.setDetector(detector)

    detector = property(getDetector, setDetector, doc="The detector, or `None`.")

    def getFilter(self) -> FilterLabel | None:
        """Return the filter, or `None`."""
        return self._info.getFilter()

    def setFilter(self, filterLabel: FilterLabel | None) -> None:
        """Set the filter.

        Parameters
        ----------
        filterLabel : `FilterLabel` or `None`
            The filter; `None` removes it.
        """
        self._info.setFilter(filterLabel)

    filter = property(getFilter, setFilter, doc="The filter, or `None`.")

    def getWcs(self) -> SkyWcs | None:
        """Return the WCS, or `None`."""
        return self._info.getWcs()

    def setWcs(self, wcs: SkyWcs | None) -> None:
        """Set the WCS.

        Parameters
        ----------
        wcs : `lsst.afw.geom.SkyWcs`
            A WCS as read from a file; `None` removes it.
        """
        self._info.setWcs(wcs)

    def hasWcs(self) -> bool:
        """Return whether there is a WCS."""
        return self._info.hasWcs()

    wcs = property(getWcs, setWcs, doc="The WCS, or `None`.")

    def getPsf(self) -> Psf | None:
        """Return the PSF, or `None`."""
        return self._info.getPsf()

    def setPsf(self, psf: Psf | None) -> None:
        """Set the PSF.

        Parameters
        ----------
        psf : `lsst.afw.detection.Psf`
            A PSF; `None` removes it.
        """
        self._info.setPsf(psf)

    def hasPsf(self) -> bool:
        """Return whether there is a PSF."""
        return self._info.hasPsf()

    psf = property(getPsf, setPsf, doc="The PSF, or `None`.")

    def getPhotoCalib(self) -> PhotoCalib | None:
        """Return the photometric calibration, or `None`."""
        return self._info.getPhotoCalib()

    def setPhotoCalib(self, photoCalib: PhotoCalib | None) -> None:
        """Set the photometric calibration.

        Parameters
        ----------
        photoCalib : `PhotoCalib` or `None`
            The calibration; `None` removes it.
        """
        self._info.setPhotoCalib(photoCalib)

    photoCalib = property(getPhotoCalib, setPhotoCalib, doc="The photometric calibration, or `None`.")

    @property
    def visitInfo(self) -> VisitInfo | None:
        """The visit, or `None`; set it through ``info.setVisitInfo``."""
        return self._info.getVisitInfo()

    def setApCorrMap(self, apCorrMap: ApCorrMap | None) -> None:
        """Set the aperture corrections.

        Parameters
        ----------
        apCorrMap : `ApCorrMap` or `None`
            Aperture corrections as read from a file; `None` removes them.
        """
        self._info.setApCorrMap(apCorrMap)

    @property
    def apCorrMap(self) -> ApCorrMap | None:
        """The aperture corrections, or `None`."""
        return self._info.getApCorrMap()

    @apCorrMap.setter
    def apCorrMap(self, apCorrMap: ApCorrMap | None) -> None:
        self._info.setApCorrMap(apCorrMap)

    @property
    def validPolygon(self) -> Polygon | None:
        """The polygon of valid pixels, or `None`."""
        return self._info.getValidPolygon()

    @validPolygon.setter
    def validPolygon(self, polygon: Polygon | None) -> None:
        self._info.setValidPolygon(polygon)
