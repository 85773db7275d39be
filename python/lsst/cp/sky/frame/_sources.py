# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever pixels are in, made into exposures when they are needed."""

from __future__ import annotations

import dataclasses
import functools
import os
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from lsst.afw.cameraGeom import Camera
from lsst.afw.image import ExposureF, MaskedImageF

from ..errors import MismatchedInputsError, MissingDetectorError, TooFewInputsError
from ..ingest import (
    CameraDescription,
    Kind,
    find_planes,
    make_camera,
    make_exposure,
    match_planes,
    read_description,
)

if TYPE_CHECKING:
    from lsst.afw.cameraGeom import Detector

__all__ = (
    "DetectorPixels",
    "Plane",
    "Source",
    "as_camera",
    "exposures_of_files",
    "sources_of",
    "superpixel_of",
)


@dataclasses.dataclass(frozen=True)
class DetectorPixels:
    """One detector of one exposure, as arrays."""

    image: np.ndarray
    """Sky and all, ``(rows, columns)``; NaN counts as bad."""
    bad: np.ndarray | None = None
    """Pixels with defects, ``(rows, columns)``: True, or any integer but 0."""
    variance: np.ndarray | None = None
    """Variance of the pixels, ``(rows, columns)``; without it that of the image as counted electrons."""


Source: TypeAlias = "Callable[[], ExposureF]"
"""Makes an exposure of its own, which may be changed."""
Plane: TypeAlias = "DetectorPixels | np.ndarray | ExposureF | Source"
"""What one detector of an exposure may be given as."""


def as_camera(camera: Camera | CameraDescription | str | os.PathLike[str]) -> Camera:
    """Camera of whatever it is given as: the stack's, a description, a YAML file, a name."""
    if isinstance(camera, Camera):
        return camera
    return make_camera(camera if isinstance(camera, CameraDescription) else read_description(camera))


def superpixel_of(
    camera: Camera | CameraDescription | str | os.PathLike[str], own: tuple[float, float] | None
) -> tuple[float, float]:
    """Sides of a superpixel, mm: those that are asked for, or else those of the description of the camera.

    Raises
    ------
    ValueError
        Raised if the stack's camera is given, which names none.
    """
    if own is not None:
        return own
    if isinstance(camera, Camera):
        raise ValueError(
            f"Say how large superpixels are (superpixel=(x, y), mm): camera {camera.getName()} does not."
        )
    return (camera if isinstance(camera, CameraDescription) else read_description(camera)).superpixel


def sources_of(
    exposures: Iterable[Mapping[str, Plane] | Mapping[int, Plane]], camera: Camera
) -> list[dict[int, Source]]:
    """Exposures as functions that make them, by number of the detector.

    Parameters
    ----------
    exposures : `~collections.abc.Iterable` [`~collections.abc.Mapping`]
        Each by name or number of the detector.
    camera : `lsst.afw.cameraGeom.Camera`
        The camera.

    Returns
    -------
    sources : `list` [`dict` [`int`, `~collections.abc.Callable`]]
        For each exposure, functions that make its detectors, by number.

    Raises
    ------
    TooFewInputsError
        Raised if there are none.
    MissingDetectorError
        Raised if the camera does not have a detector.
    MismatchedInputsError
        Raised if an array is not of the size of its detector.
    """
    out = []
    for number, exposure in enumerate(exposures):
        out.append(
            {
                detector.getId(): _source(plane, detector, number)
                for detector, plane in ((_find(camera, key), plane) for key, plane in exposure.items())
            }
        )
    if not any(out):
        raise TooFewInputsError("There are no exposures to make a sky frame from.", inputs=0)
    return out


def _find(camera: Camera, key: str | int) -> Detector:
    for detector in camera:
        if key in (detector.getName(), detector.getId()):
            return detector
    names = ", ".join(detector.getName() for detector in list(camera)[:12])
    raise MissingDetectorError(
        f"Camera {camera.getName()} has no detector {key!r}; it has {names}.", detector=str(key)
    )


def _source(plane: Plane, detector: Detector, number: int) -> Source:
    """Function that makes an exposure of what is given."""
    if isinstance(plane, ExposureF):
        return lambda: _with_detector(plane.clone(), detector)
    if callable(plane):
        return plane
    pixels = plane if isinstance(plane, DetectorPixels) else DetectorPixels(np.asarray(plane))
    box = detector.getBBox()
    for what in ("image", "bad", "variance"):
        array = getattr(pixels, what)
        if array is not None and np.shape(array) != (box.getHeight(), box.getWidth()):
            raise MismatchedInputsError(
                f"The {what} of detector {detector.getName()} in exposure {number} has the shape "
                f"{np.shape(array)}, not {(box.getHeight(), box.getWidth())} (rows, columns).",
                detector=detector.getId(),
                exposure=number,
            )
    return lambda: _make(pixels, detector)


def _with_detector(exposure: ExposureF, detector: Detector) -> ExposureF:
    if exposure.getDetector() is None:
        exposure.setDetector(detector)
    return exposure


def _make(pixels: DetectorPixels, detector: Detector) -> ExposureF:
    """Exposure of arrays."""
    masked = MaskedImageF(detector.getBBox())
    masked.image.array[:, :] = pixels.image
    finite = np.isfinite(masked.image.array)
    counted = np.where(finite, masked.image.array, 0).clip(min=1.0)
    masked.variance.array[:, :] = counted if pixels.variance is None else pixels.variance
    if pixels.bad is not None:
        masked.mask.array[np.asarray(pixels.bad) != 0] |= masked.mask.getPlaneBitMask("BAD")
    masked.mask.array[~finite] |= masked.mask.getPlaneBitMask("NO_DATA")
    exposure = ExposureF(masked)
    exposure.setDetector(detector)
    return exposure


def exposures_of_files(
    paths: Iterable[str | os.PathLike[str]],
    camera: CameraDescription | str | os.PathLike[str],
    patterns: Mapping[Kind, str] | None = None,
) -> dict[str, list[dict[int, Source]]]:
    """Exposures in FITS files, whose pixels are read when they are needed.

    Parameters
    ----------
    paths : `~collections.abc.Iterable` [`str` or `os.PathLike`]
        Files with images, masks, variances and weights, as ``cpsky ingest`` takes them.
    camera : `lsst.cp.sky.ingest.CameraDescription`, `str` or `os.PathLike`
        The camera, its YAML file, or the name of one that is shipped.
    patterns : `~collections.abc.Mapping` [`lsst.cp.sky.ingest.Kind`, `str`], optional
        Patterns of names of files that hold planes of a kind.

    Returns
    -------
    exposures : `dict` [`str`, `list` [`dict` [`int`, `~collections.abc.Callable`]]]
        By filter; for `build_sky_frame`.

    Raises
    ------
    lsst.cp.sky.ingest.IngestError
        Raised if the files cannot be used.
    """
    description = camera if isinstance(camera, CameraDescription) else read_description(camera)
    stack_camera = make_camera(description)
    inputs = match_planes(find_planes(paths, patterns), description)
    out: dict[str, dict[int, dict[int, Source]]] = {}
    for one in inputs:
        detectors = out.setdefault(one.facts.filter, {}).setdefault(one.facts.id, {})
        detectors[one.detector.id] = functools.partial(
            make_exposure, one, stack_camera[one.detector.id], description
        )
    return {physical: list(exposures.values()) for physical, exposures in out.items()}
