# SPDX-License-Identifier: GPL-3.0-or-later
"""Formatters for images, masks, masked images and exposures."""

from __future__ import annotations

import logging
from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from lsst.afw.fits import CompressionOptions
from lsst.afw.image import (
    ExposureFitsReader,
    FilterLabel,
    ImageFitsReader,
    MaskedImageFitsReader,
    MaskFitsReader,
)
from lsst.daf.butler import FormatterV2

from .._amplifier import AmplifierPart, find_amplifier_part
from .._provenance import add_provenance_to_object
from ._extensions import FITS_EXTENSIONS

if TYPE_CHECKING:
    from lsst.daf.butler import DatasetProvenance
    from lsst.resources import ResourcePath

__all__ = (
    "FitsExposureFormatter",
    "FitsImageFormatter",
    "FitsImageFormatterBase",
    "FitsMaskFormatter",
    "FitsMaskedImageFormatter",
    "StandardFitsImageFormatterBase",
)

_LOG = logging.getLogger(__name__)
_PLANES = ("image", "mask", "variance")
_GEOMETRY = frozenset(("bbox", "dimensions", "xy0"))


class FitsImageFormatterBase(FormatterV2):
    """Base of formatters for images in FITS files, with reading of parts and write recipes.

    Datasets are written with the recipe named by the write parameter ``recipe``, or ``default``.
    """

    supported_extensions: ClassVar[frozenset[str]] = FITS_EXTENSIONS
    default_extension: ClassVar[str | None] = ".fits"
    unsupported_parameters: ClassVar[frozenset[str] | None] = frozenset()
    supported_write_parameters: ClassVar[frozenset[str] | None] = frozenset({"recipe"})
    can_read_from_local_file: ClassVar[bool] = True

    @property
    def checked_parameters(self) -> dict[str, Any]:
        """Parameters of this read, with checked names (`dict`).

        Raises
        ------
        KeyError
            Raised for a parameter that the storage class does not have.
        """
        parameters = self.file_descriptor.parameters
        if not parameters:
            return {}
        self.file_descriptor.storageClass.validateParameters(parameters)
        return dict(parameters)

    def read_from_local_file(self, path: str, component: str | None = None, expected_size: int = -1) -> Any:
        """Read a dataset, or a component of it.

        Parameters
        ----------
        path : `str`
            The file.
        component : `str`, optional
            Name of the component; the whole dataset by default.
        expected_size : `int`, optional
            Unused.
        """
        if component is None:
            return self.read_full(path)
        return self.read_component(path, component)

    @abstractmethod
    def read_full(self, path: str) -> Any:
        """Read the whole dataset, or the part selected by the parameters."""
        raise NotImplementedError

    @abstractmethod
    def read_component(self, path: str, component: str) -> Any:
        """Read a component, or the part of it selected by the parameters."""
        raise NotImplementedError

    @classmethod
    def validate_write_recipes(cls, recipes: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        """Validate write recipes.

        Parameters
        ----------
        recipes : `~collections.abc.Mapping` or `None`
            Recipes by name: each a mapping from the planes ``image``, ``mask``, ``variance`` to options of
            `lsst.afw.fits.CompressionOptions.from_mapping`, or `None` for no compression.

        Returns
        -------
        checked : `dict` or `None`
            The recipes as plain dictionaries.

        Raises
        ------
        RuntimeError
            Raised if a recipe is invalid; the message names it.
        """
        if not recipes:
            return recipes
        checked: dict[str, Any] = {}
        for name in recipes:
            recipe = _plain(recipes[name])
            if recipe is not None:
                unknown = set(recipe) - set(_PLANES)
                if unknown:
                    msg = f"Write recipe {name!r} has entries {sorted(unknown)}; expected {_PLANES}."
                    raise RuntimeError(msg)
                recipe = {plane: recipe.get(plane) for plane in _PLANES}
                for plane, options in recipe.items():
                    _check_options(name, plane, options)
            checked[name] = recipe
        return checked

    def write_local_file(self, in_memory_dataset: Any, uri: ResourcePath) -> None:
        """Write a dataset, with the compression of its recipe.

        Parameters
        ----------
        in_memory_dataset : object
            Dataset with a method ``writeFitsWithOptions``.
        uri : `lsst.resources.ResourcePath`
            The file.

        Raises
        ------
        RuntimeError
            Raised if the recipe named in the write parameters does not exist.
        """
        name = self.write_parameters.get("recipe", "default")
        if name not in self.write_recipes and (name != "default" or self.write_recipes):
            msg = f"Unrecognized recipe {name!r} for {self.name()}; there are {sorted(self.write_recipes)}."
            raise RuntimeError(msg)
        in_memory_dataset.writeFitsWithOptions(uri.ospath, options=self.write_recipes.get(name))

    def add_provenance(
        self, in_memory_dataset: Any, /, *, provenance: DatasetProvenance | None = None
    ) -> Any:
        """Record the dataset's identity in its metadata, if it has any."""
        return add_provenance_to_object(in_memory_dataset, self.dataset_ref, provenance)


def _plain(config: Any) -> Any:
    """Copy a configuration to plain dictionaries and lists."""
    if isinstance(config, Mapping) or hasattr(config, "keys"):
        return {key: _plain(config[key]) for key in config}
    if isinstance(config, list | tuple):
        return [_plain(value) for value in config]
    return config


def _check_options(recipe: str, plane: str, options: Any) -> None:
    """Check the options of one plane."""
    try:
        if options is not None:
            CompressionOptions.from_mapping(options)
    except (TypeError, ValueError) as exc:
        msg = f"Write recipe {recipe!r} has unusable options for {plane}: {exc}"
        raise RuntimeError(msg) from exc


def _geometry(reader: Any, component: str) -> Any:
    """Read the position of the pixels, without the pixels."""
    bbox = reader.readBBox()
    return {"bbox": lambda: bbox, "dimensions": bbox.getDimensions, "xy0": bbox.getMin}[component]()


class StandardFitsImageFormatterBase(FitsImageFormatterBase):
    """Base of formatters that use one of the readers of `lsst.afw.image`."""

    @abstractmethod
    def make_reader(self, path: str) -> Any:
        """Open a file."""
        raise NotImplementedError

    def read_full(self, path: str) -> Any:
        """Read the whole dataset, or the part selected by ``bbox`` and ``origin``."""
        return self.make_reader(path).read(**self.checked_parameters)

    def read_component(self, path: str, component: str) -> Any:
        """Read a component, or the part of it selected by ``bbox`` and ``origin``.

        Raises
        ------
        KeyError
            Raised for a component that files of this kind do not have.
        """
        reader = self.make_reader(path)
        if component in _GEOMETRY:
            return _geometry(reader, component)
        method = getattr(reader, f"read{component[0].upper()}{component[1:]}", None)
        if component not in _PLANES or method is None:
            msg = f"{self.dataset_ref}: unknown component {component!r}."
            raise KeyError(msg)
        return method(**self.checked_parameters)


class FitsImageFormatter(StandardFitsImageFormatterBase):
    """Formatter for `lsst.afw.image.Image`."""

    def make_reader(self, path: str) -> ImageFitsReader:
        """Open a file."""
        return ImageFitsReader(path)


class FitsMaskFormatter(StandardFitsImageFormatterBase):
    """Formatter for `lsst.afw.image.Mask`."""

    def make_reader(self, path: str) -> MaskFitsReader:
        """Open a file."""
        return MaskFitsReader(path)


class FitsMaskedImageFormatter(StandardFitsImageFormatterBase):
    """Formatter for `lsst.afw.image.MaskedImage`."""

    def make_reader(self, path: str) -> MaskedImageFitsReader:
        """Open a file."""
        return MaskedImageFitsReader(path)


_READ: dict[str, Callable[[Any], Any]] = {
    "metadata": lambda reader: reader.readMetadata(),
    "wcs": lambda reader: reader.readWcs(),
    "psf": lambda reader: reader.readPsf(),
    "photoCalib": lambda reader: reader.readPhotoCalib(),
    "visitInfo": lambda reader: reader.readVisitInfo(),
    "apCorrMap": lambda reader: reader.readApCorrMap(),
    "coaddInputs": lambda reader: reader.readCoaddInputs(),
    "transmissionCurve": lambda reader: reader.readTransmissionCurve(),
    "detector": lambda reader: reader.readDetector(),
    "validPolygon": lambda reader: reader.readValidPolygon(),
    "summaryStats": lambda reader: reader.readSummaryStats(),
    "id": lambda reader: reader.readExposureId(),
}


class FitsExposureFormatter(StandardFitsImageFormatterBase):
    """Formatter for `lsst.afw.image.Exposure`.

    The filter returned is that of the data ID, if it specifies one, because files may predate the current
    names of filters.
    """

    def make_reader(self, path: str) -> ExposureFitsReader:
        """Open a file."""
        return ExposureFitsReader(path)

    def _amplifier_part(self, reader: ExposureFitsReader, parameters: dict[str, Any]) -> AmplifierPart | None:
        """Remove ``amp`` and ``detector`` from the parameters and find the part that they select."""
        amp, detector = parameters.pop("amp", None), parameters.pop("detector", None)
        if amp is None:
            return None
        if "bbox" in parameters:
            msg = f"{self.dataset_ref}: the parameters 'amp' and 'bbox' exclude each other."
            raise ValueError(msg)
        return find_amplifier_part(amp, detector or reader.readDetector(), reader.readBBox())

    def read_full(self, path: str) -> Any:
        """Read the exposure, or the part selected by ``bbox`` and ``origin``, or by ``amp``."""
        parameters = self.checked_parameters
        reader = self.make_reader(path)
        part = self._amplifier_part(reader, parameters)
        if part is None:
            exposure = reader.read(**parameters)
        else:
            exposure = part.cut(reader.read(bbox=part.bbox))
        exposure.setFilter(self.fix_filter(exposure.getFilter()))
        return exposure

    def read_component(self, path: str, component: str) -> Any:
        """Read a component, or the part of a plane selected by ``bbox`` and ``origin``.

        Raises
        ------
        KeyError
            Raised for a component that exposures do not have.
        """
        reader = self.make_reader(path)
        if component == "filter":
            return self.fix_filter(reader.readFilter())
        if component in _READ:
            return _READ[component](reader)
        return super().read_component(path, component)

    def fix_filter(self, label: FilterLabel | None) -> FilterLabel | None:
        """Choose between the filter in the file and that of the data ID.

        Parameters
        ----------
        label : `lsst.afw.image.FilterLabel` or `None`
            Filter in the file.

        Returns
        -------
        label : `lsst.afw.image.FilterLabel` or `None`
            Filter in the data ID, as far as it is specified there (with a warning if the file disagrees),
            completed from the file.
        """
        known_band, known_physical = self._data_id_value("band"), self._data_id_value("physical_filter")
        if not known_band and not known_physical:
            return label
        physical = label.physicalLabel if label is not None and label.hasPhysicalLabel() else None
        band = label.bandLabel if label is not None and label.hasBandLabel() else None
        other_filter = bool(known_physical and physical and physical != known_physical)
        other_band = bool(known_band and band and band != known_band)
        wanted = FilterLabel(
            band=known_band or (None if other_filter else band), physical=known_physical or physical
        )
        if other_filter or other_band:
            _LOG.warning(
                "%s: the filter in the file is %s, that of the data ID %s; using the latter.",
                self.dataset_ref,
                label,
                wanted,
            )
        return wanted

    def _data_id_value(self, name: str) -> str | None:
        """Return the value of a dimension in the data ID, if it exists."""
        value = self.data_id[name] if name in self.data_id else None
        return None if value is None else str(value)
