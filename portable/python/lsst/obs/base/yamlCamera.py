# SPDX-License-Identifier: GPL-3.0-or-later
"""Cameras from YAML descriptions."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO

import numpy as np
import yaml

from lsst.afw.cameraGeom import (
    FIELD_ANGLE,
    FOCAL_PLANE,
    PIXELS,
    TAN_PIXELS,
    Amplifier,
    Camera,
    CameraSys,
    CameraSysPrefix,
    DetectorType,
    Orientation,
    ReadoutCorner,
    makePixelToTanPixel,
)
from lsst.afw.geom import TransformPoint2ToPoint2, makeRadialTransform, makeTransform
from lsst.geom import (
    AffineTransform,
    Angle,
    Box2I,
    Extent2D,
    Extent2I,
    LinearTransform,
    Point2D,
    Point2I,
    Point3D,
    arcseconds,
    degrees,
)

if TYPE_CHECKING:
    from lsst.afw.cameraGeom import AmplifierBuilder, DetectorBuilder
    from lsst.resources import ResourcePath

__all__ = ("makeCamera",)

#: Default pupil factory of the compiled stack.
_PUPIL_FACTORY = "lsst.afw.cameraGeom.pupil.PupilFactory"


def makeCamera(cameraFile: str | os.PathLike[str] | ResourcePath | TextIO) -> Camera:
    """Make a camera from a YAML description.

    Parameters
    ----------
    cameraFile : `str`, `os.PathLike`, `lsst.resources.ResourcePath` or text file
        The description: ``name``; ``plateScale`` (arcsec per mm); ``transforms`` from the focal plane
        (``nativeSys: FocalPlane``) to other systems, ``FieldAngle`` among them, each ``radial`` (``coeffs``
        of powers of the radius in mm, in units of the plate scale) or ``affine`` (``linear``,
        ``translation``); ``CCDs``, each with geometry and ``amplifiers``. ``focalPlaneParity: true`` flips x
        of the field angle.

    Returns
    -------
    camera : `lsst.afw.cameraGeom.Camera`
        The camera.

    Raises
    ------
    KeyError
        Raised if the description lacks an entry.
    RuntimeError
        Raised if a kind of transform or a native coordinate system is not supported.
    """
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    if hasattr(cameraFile, "read"):
        description = yaml.load(cameraFile.read(), Loader=loader)
    else:
        with open(cameraFile, encoding="utf-8") as stream:
            description = yaml.load(stream, Loader=loader)
    return _make_camera(description)


def _make_camera(description: Mapping[str, Any]) -> Camera:
    """Make a camera from a parsed description."""
    plate_scale = Angle(float(description["plateScale"]), arcseconds)
    entries = dict(description["transforms"])
    native = CameraSys(entries.pop("nativeSys"))
    if native != FOCAL_PLANE:
        raise RuntimeError(f"nativeSys of the transforms of a camera must be FocalPlane, not {native}")
    transforms = {
        CameraSys(name): _make_transform(name, entry, plate_scale.asRadians())
        for name, entry in entries.items()
    }
    builder = Camera.Builder(description["name"])
    builder.setPupilFactoryName(_PUPIL_FACTORY)
    builder.setFocalPlaneParity(description.get("focalPlaneParity", False))
    for system, transform in transforms.items():
        builder.setTransformFromFocalPlaneTo(system, transform)
    for name, ccd in description["CCDs"].items():
        _fill_detector(builder.add(name, ccd["id"]), ccd, transforms[FIELD_ANGLE])
    return builder.finish()


def _make_transform(name: str, entry: Mapping[str, Any], unit: float) -> TransformPoint2ToPoint2:
    """Return the transform of an entry of ``transforms``; radial coefficients are in terms of ``unit``."""
    kind = entry["transformType"]
    if kind == "affine":
        x, y = entry["translation"]
        linear = LinearTransform(np.array(entry["linear"], dtype=np.float64).reshape(2, 2))
        return makeTransform(AffineTransform(linear, Extent2D(float(x), float(y))))
    if kind == "radial":
        coefficients = np.array(entry["coeffs"], dtype=np.float64) * unit
        return makeRadialTransform(coefficients.tolist())
    raise RuntimeError(f"transform {name} has unknown type {kind!r}; known are affine and radial")


def _fill_detector(
    builder: DetectorBuilder, ccd: Mapping[str, Any], focalPlaneToField: TransformPoint2ToPoint2
) -> None:
    """Fill in the builder of a detector from its entry in ``CCDs``."""
    native = ccd["transformDict"]["nativeSys"]
    if native is not None and CameraSysPrefix(native) != PIXELS:
        raise RuntimeError(f"nativeSys of detector {builder.getName()} must be Pixels, not {native}")
    builder.setBBox(Box2I(Point2I(*ccd["bbox"][0]), Point2I(*ccd["bbox"][1])))
    builder.setType(DetectorType(ccd["detectorType"]))
    builder.setSerial(str(ccd["serial"]))
    builder.setPhysicalType(str(ccd.get("physicalType", "")))
    builder.setPixelSize(Extent2D(*(float(size) for size in ccd["pixelSize"])))
    builder.setOrientation(_make_orientation(ccd))
    for amplifier in _make_amplifiers(ccd["amplifiers"]):
        builder.append(amplifier)
    transforms = ccd["transformDict"]["transforms"]
    if transforms not in (None, "None"):
        for name, entry in transforms.items():
            builder.setTransformFromPixelsTo(CameraSysPrefix(name), _make_transform(name, entry, 1.0))
    tan_pixels = makePixelToTanPixel(
        builder.getBBox(), builder.getOrientation(), focalPlaneToField, builder.getPixelSize()
    )
    builder.setTransformFromPixelsTo(TAN_PIXELS, tan_pixels)
    if ccd.get("crosstalk"):
        size = len(ccd["amplifiers"])
        builder.setCrosstalk(np.array(ccd["crosstalk"], dtype=np.float32).reshape(size, size))


def _make_orientation(ccd: Mapping[str, Any]) -> Orientation:
    """Return position and rotation of a detector: angles in degrees, offset in mm, optionally with height."""
    position = [float(value) for value in ccd["offset"]]
    return Orientation(
        Point3D(*position, *([0.0] * (3 - len(position)))),
        Point2D(*(float(value) for value in ccd["refpos"])),
        *(Angle(float(ccd[name]), degrees) for name in ("yaw", "pitch", "roll")),
    )


def _make_amplifiers(entries: Mapping[str, Mapping[str, Any]]) -> list[AmplifierBuilder]:
    """Return builders of the amplifiers of a detector, in the order of their HDUs."""
    raw_size = _make_box(next(iter(entries.values()))["rawBBox"]).getDimensions()
    ordered = sorted(entries.items(), key=lambda item: item[1]["hdu"])
    return [_make_amplifier(name, entry, raw_size) for name, entry in ordered]


def _make_amplifier(name: str, entry: Mapping[str, Any], raw_size: Extent2I) -> AmplifierBuilder:
    """Return the builder of an amplifier; ``raw_size`` is that of a raw amplifier if all share an image."""
    ix, iy = entry["ixy"]
    place = Extent2I(ix * raw_size[0], iy * raw_size[1])
    alone = bool(entry["perAmpData"])
    shift = Extent2I(0, 0) if alone else place
    data_size = _make_box(entry["rawDataBBox"]).getDimensions()
    amplifier = Amplifier.Builder()
    amplifier.setName(name)
    amplifier.setBBox(Box2I(Point2I(ix * data_size[0], iy * data_size[1]), data_size))
    amplifier.setRawBBox(_make_box(entry["rawBBox"], shift))
    amplifier.setRawDataBBox(_make_box(entry["rawDataBBox"], shift))
    amplifier.setRawHorizontalOverscanBBox(_make_box(entry["rawSerialOverscanBBox"], shift))
    amplifier.setRawVerticalOverscanBBox(_make_box(entry["rawParallelOverscanBBox"], shift))
    amplifier.setRawPrescanBBox(_make_box(entry["rawSerialPrescanBBox"], shift))
    amplifier.setRawXYOffset(place if alone else Extent2I(0, 0))
    flip_x, flip_y = entry["flipXY"]
    amplifier.setRawFlipX(flip_x)
    amplifier.setRawFlipY(flip_y)
    amplifier.setReadoutCorner(ReadoutCorner[entry["readCorner"]])
    amplifier.setGain(entry["gain"])
    amplifier.setReadNoise(entry["readNoise"])
    amplifier.setSaturation(entry["saturation"])
    amplifier.setSuspectLevel(entry.get("suspect", np.nan))
    amplifier.setLinearityCoeffs([float(value) for value in entry["linearityCoeffs"]])
    amplifier.setLinearityType(str(entry["linearityType"]))
    amplifier.setLinearityThreshold(float(entry["linearityThreshold"]))
    amplifier.setLinearityMaximum(float(entry["linearityMax"]))
    amplifier.setLinearityUnits("DN")
    return amplifier


def _make_box(corner_and_size: Sequence[Sequence[int]], shift: Extent2I | None = None) -> Box2I:
    """Return the box with a given lower left corner and size, shifted by ``shift``."""
    (x, y), (width, height) = corner_and_size
    box = Box2I(Point2I(x, y), Extent2I(width, height))
    if shift is not None:
        box.shift(shift)
    return box
