# SPDX-License-Identifier: GPL-3.0-or-later
"""Cameras and detectors in the archive tables of FITS files.

A camera has one catalog with the archive IDs of its detectors and a one-row catalog about itself. A detector
has one row about itself and one row per amplifier, a transform map one row per connection. Older detectors
lack the columns ``fpPosition_z`` and ``version``, and older transform maps keep systems and connections in
two catalogs; both are read, neither is written.
"""

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lsst.afw.geom import TransformPoint2ToPoint2
from lsst.geom import Angle, Box2I, Extent2D, Extent2I, Point2D, Point2I, Point3D, radians
from lsst.pex.exceptions import InvalidParameterError
from lsst.portable.archive import ArchiveCatalog, InputArchive, OutputArchive, register
from lsst.portable.fits import Column, FitsError

from ._amplifier import Amplifier, AmplifierFields
from ._camera import Camera
from ._camera_sys import FOCAL_PLANE, CameraSys
from ._detector import Detector, DetectorFields
from ._enums import DetectorType, ReadoutCorner
from ._orientation import Orientation
from ._transform_map import TransformMap

__all__ = ()

#: Version of the detector table we write.
_DETECTOR_VERSION = 2


def _text(name: str, doc: str) -> Column:
    return Column(name, "1QA", doc=doc, tccls="String")


def _number(name: str, doc: str, fmt: str = "1D", unit: str = "", tccls: str = "Scalar") -> Column:
    return Column(name, fmt, doc=doc, unit=unit, tccls=tccls)


def _pair(name: str, doc: str, fmt: str, unit: str) -> tuple[Column, ...]:
    return tuple(_number(f"{name}_{axis}", doc, fmt, unit) for axis in "xy")


def _box(name: str, doc: str) -> tuple[Column, ...]:
    return (
        *_pair(f"{name}_min", f"{doc}, min point", "1J", "pixel"),
        *_pair(f"{name}_extent", f"{doc}, extent", "1J", "pixel"),
    )


_CAMERA_DETECTORS = (_number("detector", "archive ID of Detector in a DetectorCollection", "1J"),)

_CAMERA = (
    _text("name", "Camera name"),
    _text("pupilFactoryName", "Fully-qualified name of a Python PupilFactory class"),
    _number("transformMap", "archive ID for Camera's TransformMap", "1J"),
)

_TRANSFORM_MAP = (
    _text("fromSysName", "Camera coordinate system name."),
    _text("fromSysDetectorName", "Camera coordinate system detector name."),
    _text("toSysName", "Camera coordinate system name."),
    _text("toSysDetectorName", "Camera coordinate system detector name."),
    _number("transform", "Archive ID of the transform.", "1J"),
)

_FP_POSITION = "Focal plane position of reference point"

_DETECTOR = (
    _text("name", "Name of the detector"),
    _number("id", "Integer ID for the detector", "1J"),
    _number("type", "Raw DetectorType enum value", "1J"),
    _text("serial", "Serial name of the detector"),
    *_pair("bbox_min", "Detector bounding box (minimum)", "1J", "pixel"),
    *_pair("bbox_max", "Detector bounding box (maximum)", "1J", "pixel"),
    *_pair("pixelSize", "Physical pixel size", "1D", "mm"),
    *(_number(f"fpPosition_{axis}", _FP_POSITION, "1D", "mm") for axis in "xyz"),
    *_pair("refPoint", "Pixel position of reference point", "1D", "pixel"),
    _number("yaw", "Rotation about Z (X to Y), 1st rotation", unit="rad", tccls="Angle"),
    _number("pitch", "Rotation about Y' (Z'=Z to X'), 2nd rotation", unit="rad", tccls="Angle"),
    _number("roll", "Rotation about X'' (Y''=Y' to Z''), 3rd rotation", unit="rad", tccls="Angle"),
    _number("transformMap", "Archive ID of TransformMap", "1J"),
    _number("crosstalk", "Crosstalk matrix, flattened", "1QE", tccls="Array"),
    _text("physicalType", "Physical type of the detector"),
    _number("version", "version of this Detector", "1J"),
)

_NO_LEVEL = "use `nan` if no such level applies"

_AMPLIFIER = (
    _text("name", "name of amplifier location in camera"),
    *_box("bbox", "bbox of amplifier image data on assembled image"),
    _number("gain", "amplifier gain", unit="electron adu^-1"),
    _number("saturation", f"level above which pixels are considered saturated; {_NO_LEVEL}", unit="adu"),
    _number(
        "suspectlevel",
        "level above which pixels are considered suspicious, meaning they may be affected by unknown "
        "systematics; for example if non-linearity corrections above a certain level are unstable then that "
        f"would be a useful value for suspectLevel; {_NO_LEVEL}",
        unit="adu",
    ),
    _number("readnoise", "amplifier read noise", unit="electron"),
    _number("readoutcorner", "readout corner, in the frame of the assembled image", "1J"),
    _number("linearity_coeffs", "coefficients for linearity fit up to cubic", "1QD", tccls="Array"),
    _text("linearity_type", "type of linearity model"),
    Column("hasrawinfo", "X", doc="is raw amplifier information available (e.g. untrimmed bounding boxes)?"),
    *_box("raw_bbox", "entire amplifier bbox on raw image"),
    *_box("raw_databbox", "image data bbox on raw image"),
    Column("raw_flip_x", "X", doc="flip row order to make assembled image?"),
    Column("raw_flip_y", "X", doc="flip column order to make an assembled image?"),
    *_pair(
        "raw_xyoffset",
        "offset for assembling a raw CCD image: desired xy0 - raw xy0; 0,0 if raw data comes assembled",
        "1J",
        "pixel",
    ),
    *_box("raw_horizontaloverscanbbox", "usable horizontal overscan bbox on raw image"),
    *_box("raw_verticaloverscanbbox", "usable vertical overscan region raw image"),
    *_box("raw_prescanbbox", "usable (horizontal) prescan bbox on raw image"),
    _number("linearityThreshold", "Minimum ADU level to apply linearity."),
    _number("linearityMaximum", "Maximum ADU level to apply linearity."),
    _text("linearityUnits", "Input units for linearity relation."),
)

#: Column and field of an amplifier for values stored as they are, and for boxes.
_AMPLIFIER_SCALARS = (
    ("name", "name", str),
    ("gain", "gain", float),
    ("saturation", "saturation", float),
    ("suspectlevel", "suspectLevel", float),
    ("readnoise", "readNoise", float),
    ("readoutcorner", "readoutCorner", ReadoutCorner),
    ("linearity_type", "linearityType", str),
    ("raw_flip_x", "rawFlipX", bool),
    ("raw_flip_y", "rawFlipY", bool),
    ("linearityThreshold", "linearityThreshold", float),
    ("linearityMaximum", "linearityMaximum", float),
    ("linearityUnits", "linearityUnits", str),
)
_AMPLIFIER_BOXES = (
    ("bbox", "bbox"),
    ("raw_bbox", "rawBBox"),
    ("raw_databbox", "rawDataBBox"),
    ("raw_horizontaloverscanbbox", "rawHorizontalOverscanBBox"),
    ("raw_verticaloverscanbbox", "rawVerticalOverscanBBox"),
    ("raw_prescanbbox", "rawPrescanBBox"),
)
#: Columns that every table of amplifiers has; those for linearity were added later.
_AMPLIFIER_REQUIRED = frozenset(
    column.name for column in _AMPLIFIER if not column.name.startswith("linearity") or "_" in column.name
)


def _write_camera(camera: Camera, archive: OutputArchive) -> list[ArchiveCatalog]:
    """Return the archive catalogs of a camera."""
    detectors = [{"detector": archive.put(detector)} for detector in camera]
    about = {
        "name": camera.getName(),
        "pupilFactoryName": camera.getPupilFactoryName(),
        "transformMap": archive.put(camera.getTransformMap()),
    }
    return [
        ArchiveCatalog("Camera", _CAMERA_DETECTORS, detectors),
        ArchiveCatalog("Camera", _CAMERA, [about]),
    ]


def _write_detector(detector: Detector, archive: OutputArchive) -> list[ArchiveCatalog]:
    """Return the archive catalogs of a detector."""
    orientation = detector.getOrientation()
    bbox = detector.getBBox()
    row: dict[str, Any] = {
        "name": detector.getName(),
        "id": detector.getId(),
        "type": int(detector.getType()),
        "serial": detector.getSerial(),
        "yaw": orientation.getYaw().asRadians(),
        "pitch": orientation.getPitch().asRadians(),
        "roll": orientation.getRoll().asRadians(),
        "transformMap": archive.put(detector.getTransformMap()),
        "crosstalk": detector.getCrosstalk().ravel(),
        "physicalType": detector.getPhysicalType(),
        "version": _DETECTOR_VERSION,
    }
    _put_axes(row, "bbox_min", bbox.getMin())
    _put_axes(row, "bbox_max", bbox.getMax())
    _put_axes(row, "pixelSize", detector.getPixelSize())
    _put_axes(row, "fpPosition", orientation.getFpPosition3(), "xyz")
    _put_axes(row, "refPoint", orientation.getReferencePoint())
    amplifiers = [_amplifier_to_row(amplifier._fields) for amplifier in detector]
    return [ArchiveCatalog("Detector", _DETECTOR, [row]), ArchiveCatalog("Detector", _AMPLIFIER, amplifiers)]


def _write_transform_map(transform_map: TransformMap, archive: OutputArchive) -> list[ArchiveCatalog]:
    """Return the archive catalog of a transform map."""
    rows = [
        {
            "fromSysName": connection.fromSys.getSysName(),
            "fromSysDetectorName": connection.fromSys.getDetectorName(),
            "toSysName": connection.toSys.getSysName(),
            "toSysDetectorName": connection.toSys.getDetectorName(),
            "transform": archive.put(connection.transform),
        }
        for connection in transform_map.getConnections()
    ]
    return [ArchiveCatalog("TransformMap", _TRANSFORM_MAP, rows)]


def _put_axes(row: dict[str, Any], name: str, values: Any, axes: str = "xy") -> None:
    row.update((f"{name}_{axis}", values[index]) for index, axis in enumerate(axes))


def _amplifier_to_row(fields: AmplifierFields) -> dict[str, Any]:
    row = {column: getattr(fields, field) for column, field, _ in _AMPLIFIER_SCALARS}
    row["readoutcorner"] = int(fields.readoutCorner)
    row["hasrawinfo"] = False
    row["linearity_coeffs"] = fields.linearityCoeffs
    _put_axes(row, "raw_xyoffset", fields.rawXYOffset)
    for column, field in _AMPLIFIER_BOXES:
        box = getattr(fields, field)
        _put_axes(row, f"{column}_min", box.getMin())
        _put_axes(row, f"{column}_extent", box.getDimensions())
    return row


def _read_amplifier(row: Mapping[str, Any]) -> Amplifier:
    fields = AmplifierFields()
    for column, field, kind in _AMPLIFIER_SCALARS:
        # The last columns (linearity) are missing from early files.
        if column in row:
            setattr(fields, field, kind(row[column]))
    fields.linearityCoeffs = np.array(row["linearity_coeffs"], dtype=np.float64)
    fields.rawXYOffset = Extent2I(int(row["raw_xyoffset_x"]), int(row["raw_xyoffset_y"]))
    for column, field in _AMPLIFIER_BOXES:
        setattr(fields, field, _read_box(row, column))
    return Amplifier(fields)


def _read_amplifiers(rows: Sequence[Mapping[str, Any]], where: str) -> list[Amplifier]:
    """Return the amplifiers of a detector; called when they are first needed."""
    try:
        return [_read_amplifier(row) for row in rows]
    except Exception as exc:
        raise FitsError(f"{where} cannot be read: {exc}") from exc


def _check_amplifiers(catalog: ArchiveCatalog, detector: str) -> None:
    """Reject a table that lacks a column that `_read_amplifier` will need later."""
    present = {column.name for column in catalog.columns}
    if missing := _AMPLIFIER_REQUIRED - present:
        raise InvalidParameterError(
            f"the amplifier table of detector {detector} lacks the columns {', '.join(sorted(missing))}"
        )


def _read_box(row: Mapping[str, Any], name: str) -> Box2I:
    return Box2I(
        Point2I(int(row[f"{name}_min_x"]), int(row[f"{name}_min_y"])),
        Extent2I(int(row[f"{name}_extent_x"]), int(row[f"{name}_extent_y"])),
    )


def _read_detector(archive: InputArchive, catalogs: Sequence[ArchiveCatalog]) -> Detector:
    """Make a detector from its two archive catalogs."""
    (row,) = catalogs[0].rows
    amplifiers = catalogs[1]
    _check_amplifiers(amplifiers, row["name"])
    orientation = Orientation(
        Point3D(float(row["fpPosition_x"]), float(row["fpPosition_y"]), float(row.get("fpPosition_z", 0.0))),
        Point2D(float(row["refPoint_x"]), float(row["refPoint_y"])),
        *(Angle(float(row[name]), radians) for name in ("yaw", "pitch", "roll")),
    )
    crosstalk = np.array(row["crosstalk"], dtype=np.float32).reshape(-1)
    fields = DetectorFields(
        name=str(row["name"]),
        id=int(row["id"]),
        type=DetectorType(int(row["type"])),
        serial=str(row["serial"]),
        physicalType=str(row.get("physicalType", "")),
        bbox=Box2I(
            Point2I(int(row["bbox_min_x"]), int(row["bbox_min_y"])),
            Point2I(int(row["bbox_max_x"]), int(row["bbox_max_y"])),
            invert=False,
        ),
        orientation=orientation,
        pixelSize=Extent2D(float(row["pixelSize_x"]), float(row["pixelSize_y"])),
        crosstalk=crosstalk.reshape(len(amplifiers.rows), -1) if crosstalk.size else None,
    )
    where = f"{archive.name}: the amplifiers of detector {fields.name}"
    make_amplifiers = functools.partial(_read_amplifiers, amplifiers.rows, where)
    transform_map = archive.get_as(int(row["transformMap"]), TransformMap)
    detector = Detector(fields, make_amplifiers, transform_map)
    for system in (detector.getNativeCoordSys(), FOCAL_PLANE):
        if system not in transform_map:
            raise InvalidParameterError(
                f"the transforms of the camera have no {system}, which detector {fields.name} needs"
            )
    return detector


def _read_transform_map(archive: InputArchive, catalogs: Sequence[ArchiveCatalog]) -> TransformMap:
    """Make a transform map from its archive catalog, or from its two in old files."""
    if len(catalogs) == 2:
        return _read_old_transform_map(archive, catalogs)
    connections = [
        TransformMap.Connection(
            archive.get_as(int(row["transform"]), TransformPoint2ToPoint2),
            CameraSys(row["fromSysName"], row["fromSysDetectorName"]),
            CameraSys(row["toSysName"], row["toSysDetectorName"]),
        )
        for row in catalogs[0].rows
    ]
    if not connections:
        raise InvalidParameterError("the table of a TransformMap has no rows; the file is damaged")
    return TransformMap(connections[0].fromSys, connections)


def _read_old_transform_map(archive: InputArchive, catalogs: Sequence[ArchiveCatalog]) -> TransformMap:
    """Make a transform map from a catalog of numbered systems (1 is the reference) and one of connections."""
    systems = {int(row["id"]): CameraSys(row["sysName"], row["detectorName"]) for row in catalogs[0].rows}
    connections = [
        TransformMap.Connection(
            archive.get_as(int(row["transform"]), TransformPoint2ToPoint2),
            systems[int(row["from"])],
            systems[int(row["to"])],
        )
        for row in catalogs[1].rows
    ]
    return TransformMap(systems[1], connections)


def _read_camera(archive: InputArchive, catalogs: Sequence[ArchiveCatalog]) -> Camera:
    """Make a camera from its two archive catalogs."""
    detectors = [archive.get_as(int(row["detector"]), Detector) for row in catalogs[0].rows]
    (about,) = catalogs[1].rows
    return Camera(
        str(about["name"]),
        detectors,
        archive.get_as(int(about["transformMap"]), TransformMap),
        str(about["pupilFactoryName"]),
    )


register(Camera, "Camera", "lsst.afw.cameraGeom", read=_read_camera, write=_write_camera)
register(Detector, "Detector", "lsst.afw.cameraGeom", read=_read_detector, write=_write_detector)
register(
    TransformMap,
    "TransformMap",
    "lsst.afw.cameraGeom",
    read=_read_transform_map,
    write=_write_transform_map,
)
