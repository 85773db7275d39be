# SPDX-License-Identifier: GPL-3.0-or-later
"""The storage class delegate that disassembles and assembles exposures and images in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from lsst.afw.image import Exposure, makeExposure, makeMaskedImage
from lsst.daf.butler import DatasetComponent, StorageClassDelegate

from ._amplifier import find_amplifier_part
from ._provenance import add_provenance_to_object

if TYPE_CHECKING:
    from lsst.daf.butler import DatasetProvenance, DatasetRef

__all__ = ("ExposureAssembler",)

_PLANES = ("image", "mask", "variance")
_DERIVED = ("bbox", "dimensions", "xy0")
_INFO = {
    "wcs": "Wcs",
    "psf": "Psf",
    "photoCalib": "PhotoCalib",
    "visitInfo": "VisitInfo",
    "apCorrMap": "ApCorrMap",
    "coaddInputs": "CoaddInputs",
    "transmissionCurve": "TransmissionCurve",
    "metadata": "Metadata",
    "filter": "Filter",
    "detector": "Detector",
    "validPolygon": "ValidPolygon",
    "summaryStats": "SummaryStats",
    "id": "Id",
}


class ExposureAssembler(StorageClassDelegate):
    """Delegate of the storage classes Exposure, MaskedImage, Image, Mask and those derived from them."""

    def can_accept(self, inMemoryDataset: Any) -> bool:
        """Return whether the dataset can be stored as it is."""
        return self.storageClass.is_type(type(inMemoryDataset))

    def getComponent(self, composite: Any, componentName: str) -> Any:
        """Get a component.

        Parameters
        ----------
        composite : `lsst.afw.image.Exposure`, `~lsst.afw.image.MaskedImage`, `~lsst.afw.image.Image` or Mask
            The object.
        componentName : `str`
            Name of the component, including derived ones (``bbox``, ``dimensions``, ``xy0``).

        Returns
        -------
        component : object
            The component; `None` if the object has none.

        Raises
        ------
        AttributeError
            Raised if objects of this kind have no such component.
        """
        if componentName == "bbox":
            return composite.getBBox()
        if componentName == "dimensions":
            return composite.getDimensions()
        if componentName == "xy0":
            return composite.getXY0()
        if componentName in _PLANES and hasattr(composite, componentName):
            return getattr(composite, componentName)
        if componentName in _INFO and hasattr(composite, "getInfo"):
            info = composite.getInfo()
            if componentName == "id":
                return info.id
            return getattr(info, "get" + _INFO[componentName])()
        msg = f"An object of type {type(composite).__name__} has no component {componentName!r}."
        raise AttributeError(msg)

    def disassemble(
        self, composite: Any, subset: Iterable | None = None, override: Any | None = None
    ) -> dict[str, DatasetComponent]:
        """Disassemble an object.

        Parameters
        ----------
        composite : object
            The object.
        subset : iterable of `str`, optional
            Components to extract; all by default.
        override : object, optional
            Object from which to extract them instead.

        Returns
        -------
        components : `dict` [`str`, `lsst.daf.butler.DatasetComponent`]
            The components that exist.

        Raises
        ------
        TypeError
            Raised if the storage class has no components, or the object does not belong to it.
        ValueError
            Raised for a component that the storage class does not have.
        """
        if not self.storageClass.isComposite() or not self.storageClass.validateInstance(composite):
            msg = f"Cannot take a {type(composite).__name__} apart as a {self.storageClass.name}."
            raise TypeError(msg)
        wanted = set(self.storageClass.components) if subset is None else set(subset)
        unknown = wanted - set(self.storageClass.components)
        if unknown:
            msg = f"{self.storageClass.name} has no components {sorted(unknown)}."
            raise ValueError(msg)
        source = composite if override is None else override
        found = {name: self.getComponent(source, name) for name in sorted(wanted)}
        return {
            name: DatasetComponent(name, self.storageClass.components[name], component)
            for name, component in found.items()
            if component is not None
        }

    def assemble(self, components: dict[str, Any], pytype: type | None = None) -> Any:
        """Assemble an object.

        Parameters
        ----------
        components : `dict` [`str`, object]
            The components.
        pytype : `type`, optional
            Class to make; by default that of the storage class.

        Raises
        ------
        ValueError
            Raised for a component that does not belong, or if there is no image.
        """
        parts = {name: component for name, component in components.items() if component is not None}
        unknown = set(parts) - set(_PLANES) - set(_INFO)
        if unknown:
            msg = f"{self.storageClass.name} has no components {sorted(unknown)}."
            raise ValueError(msg)
        if "image" not in parts:
            msg = f"A {self.storageClass.name} cannot be put together without an image; got {sorted(parts)}."
            raise ValueError(msg)
        planes = makeMaskedImage(parts["image"], parts.get("mask"), parts.get("variance"))
        cls = self.storageClass.pytype if pytype is None else pytype
        if cls is not Exposure and not issubclass(cls, Exposure):  # the template is not a subclass of itself
            return planes
        exposure = makeExposure(planes)
        info = exposure.getInfo()
        for name, getter in _INFO.items():
            if name not in parts:
                continue
            if name == "id":
                info.id = parts[name]
            else:
                getattr(info, "set" + getter)(parts[name])
        return exposure

    def handleParameters(self, inMemoryDataset: Any, parameters: Mapping[str, Any] | None = None) -> Any:
        """Apply read parameters to an object in memory.

        Parameters
        ----------
        inMemoryDataset : object
            The object.
        parameters : `~collections.abc.Mapping`, optional
            ``bbox`` and ``origin``, or ``amp`` and ``detector``.

        Returns
        -------
        part : object
            A view of the chosen pixels, or the object itself.

        Raises
        ------
        ValueError
            Raised for parameters that are mutually exclusive or unknown.
        """
        given = dict(parameters or {})
        bbox, origin = given.pop("bbox", None), given.pop("origin", None)
        amp, detector = given.pop("amp", None), given.pop("detector", None)
        if given or (amp is not None and bbox is not None):
            msg = f"Cannot apply {sorted(parameters or {})} to a {type(inMemoryDataset).__name__}."
            raise ValueError(msg)
        if amp is not None:
            part = find_amplifier_part(
                amp, detector or inMemoryDataset.getDetector(), inMemoryDataset.getBBox()
            )
            return part.cut(inMemoryDataset)
        if bbox is None:
            return inMemoryDataset
        return inMemoryDataset.subset(bbox) if origin is None else inMemoryDataset.subset(bbox, origin)

    @classmethod
    def selectResponsibleComponent(cls, derivedComponent: str, fromComponents: set[str | None]) -> str:
        """Choose the component from which to get a derived one: any plane, preferably the image.

        Raises
        ------
        ValueError
            Raised if there is none.
        """
        if derivedComponent in _DERIVED:
            for plane in _PLANES:
                if plane in fromComponents:
                    return plane
        msg = f"{derivedComponent!r} cannot be had from any of {sorted(map(str, fromComponents))}."
        raise ValueError(msg)

    def add_provenance(
        self, inMemoryDataset: Any, ref: DatasetRef, provenance: DatasetProvenance | None = None
    ) -> Any:
        """Record the dataset's identity in its metadata, if it has any."""
        return add_provenance_to_object(inMemoryDataset, ref, provenance)

    def copy(self, inMemoryDataset: Any) -> Any:
        """Make a copy that shares nothing with the original."""
        return inMemoryDataset.clone()
