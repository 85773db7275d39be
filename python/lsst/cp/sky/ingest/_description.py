# SPDX-License-Identifier: GPL-3.0-or-later
"""Descriptions of cameras, as written by users: reading and validation."""

from __future__ import annotations

import dataclasses
import importlib.resources
import itertools
import math
import os
import pathlib
import re
from collections.abc import Iterable, Mapping, Sequence

import yaml

from ._errors import CameraDescriptionError
from ._values import Entry

__all__ = (
    "CameraDescription",
    "DetectorDescription",
    "parse_description",
    "read_description",
    "shipped_cameras",
)

_LONGEST_SUPERPIXEL = 4096
"""Default side of a superpixel (pixels), unless detectors are smaller."""
_CAMERAS = "cameras"
_CAMERA_KEYS = (
    "name",
    "plate_scale",
    "pixel_size",
    "size",
    "amplifiers",
    "gain",
    "read_noise",
    "physical_type",
    "readout",
    "pitch",
    "first_id",
    "rows",
    "columns",
    "detectors",
    "superpixel",
    "headers",
    "mask",
    "bands",
)
_DETECTOR_KEYS = (
    "name",
    "id",
    "at",
    "yaw",
    "size",
    "pixel_size",
    "amplifiers",
    "gain",
    "read_noise",
    "physical_type",
    "readout",
)
_CORNERS = ("LL", "LR", "UR", "UL")


@dataclasses.dataclass(frozen=True)
class DetectorDescription:
    """One detector."""

    name: str
    id: int
    at: tuple[float, float]
    """Its centre in the focal plane, mm."""
    yaw: float
    """Turned by this much, degrees, counterclockwise."""
    size: tuple[int, int]
    """Columns and rows."""
    pixel_size: float
    """Side of a pixel, mm."""
    amplifiers: tuple[int, int]
    """Columns and rows of amplifiers."""
    gain: float | None
    """Electrons per unit of the images, if known."""
    read_noise: float
    """Electrons."""
    physical_type: str
    readout: str | None
    """Corner that is read first, of each amplifier, if known: LL, LR, UR or UL."""


@dataclasses.dataclass(frozen=True)
class CameraDescription:
    """A camera: its detectors and their positions, and how to read its headers and masks."""

    name: str
    plate_scale: float
    """Arcseconds on the sky per mm in the focal plane."""
    detectors: tuple[DetectorDescription, ...]
    superpixel: tuple[float, float]
    """Sides of a superpixel of the focal-plane model, mm."""
    superpixel_is_default: bool
    """Whether nobody has chosen them."""
    headers: Mapping[str, tuple[str, ...]]
    """Names of header cards by what they say."""
    mask: Mapping[str, tuple[int, ...]]
    """Values of integer masks by mask plane; other values than these and 0 are BAD."""
    bands: Mapping[str, str]
    """Bands by physical filter."""

    @property
    def pixel_size(self) -> float:
        """Largest side of a pixel, mm."""
        return max(detector.pixel_size for detector in self.detectors)

    def find(self, name: object) -> DetectorDescription | None:
        """Return the detector with a given name (in any case) or number, or `None`."""
        text = str(name).strip().lower()
        for detector in self.detectors:
            if detector.name.lower() == text:
                return detector
        return next((detector for detector in self.detectors if str(detector.id) == text), None)


def shipped_cameras() -> list[str]:
    """Return the names of the cameras whose descriptions come with the package."""
    folder = importlib.resources.files(__package__) / _CAMERAS
    return sorted(path.name.removesuffix(".yaml") for path in folder.iterdir() if path.name.endswith(".yaml"))


def read_description(camera: str | os.PathLike[str]) -> CameraDescription:
    """Read the description of a camera.

    Parameters
    ----------
    camera : `str` or `os.PathLike`
        A YAML file, or the name of one of `shipped_cameras`.

    Returns
    -------
    description : `CameraDescription`
        The description.

    Raises
    ------
    CameraDescriptionError
        Raised if there is no such file or camera, or if the description is invalid.
    """
    name = os.fspath(camera)
    if name in shipped_cameras():
        text = (importlib.resources.files(__package__) / _CAMERAS / f"{name}.yaml").read_text("utf-8")
        return parse_description(text, name)
    path = pathlib.Path(name)
    if not path.is_file():
        raise CameraDescriptionError(
            f"There is no file {name}, and no camera of that name is shipped: {', '.join(shipped_cameras())} "
            "are. Describe yours in a YAML file (cpsky camera --help).",
            camera=name,
        )
    try:
        return parse_description(path.read_text("utf-8"), name)
    except UnicodeDecodeError as error:
        raise CameraDescriptionError(f"{name} is not a text file: {error}.", camera=name) from error


def parse_description(text: str, source: str) -> CameraDescription:
    """Read a description from YAML; ``source`` names it in error messages.

    Examples
    --------
    >>> text = "{name: Pair, plate_scale: 20, pixel_size: 0.015, size: [2048, 4096], rows: [A B]}"
    >>> camera = parse_description(text, "this example")
    >>> [detector.name for detector in camera.detectors]
    ['A', 'B']
    >>> round(camera.superpixel[0], 2)  # mm
    30.72
    """
    try:
        loaded = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise CameraDescriptionError(f"{source} is not YAML: {error}", camera=source) from error
    top = Entry(source, loaded, _CAMERA_KEYS)
    detectors = tuple(_read_detectors(top))
    _require_distinct(top, detectors)
    _require_apart(top, detectors)
    superpixel = top.pair("superpixel", None, low=0.0)
    return CameraDescription(
        name=_camera_name(top),
        plate_scale=top.number("plate_scale", low=0.0),
        detectors=detectors,
        superpixel=superpixel or _default_superpixel(detectors),
        superpixel_is_default=superpixel is None,
        headers={key: tuple(names) for key, names in top.lists("headers", str).items()},
        mask={key: tuple(values) for key, values in top.lists("mask", int).items()},
        bands={key: str(value) for key, value in top.mapping("bands").items()},
    )


def _camera_name(top: Entry) -> str:
    """Name of the camera, which goes into names of collections and of a class."""
    name = top.text("name")
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
        top.refuse("name", f"must be letters, digits and underscores, beginning with a letter, not {name!r}")
    return name


def _read_detectors(top: Entry) -> list[DetectorDescription]:
    """Detectors of whichever way they are given in."""
    given = [key for key in ("rows", "columns", "detectors") if key in top.values]
    if len(given) != 1:
        top.refuse(
            "detectors",
            "give the detectors once: as a grid in rows or columns, or one by one in detectors; "
            f"given are {given or 'none of them'}",
        )
    if given[0] != "detectors":
        return _read_grid(top, given[0])
    first = top.integer("first_id", 0)
    entries = top.values["detectors"]
    if not isinstance(entries, Sequence) or isinstance(entries, str) or not entries:
        top.refuse("detectors", "must be a list of detectors, each with name and at")
    return [
        _read_detector(
            Entry(f"{top.source}, detector {number + 1}", value, _DETECTOR_KEYS), top, first + number
        )
        for number, value in enumerate(entries)
    ]


def _read_detector(entry: Entry, top: Entry, number: int) -> DetectorDescription:
    """One detector, with what it does not say taken from the camera."""
    at = entry.pair("at")
    assert at is not None
    return _make_detector(
        entry.over(top), entry.text("name"), entry.integer("id", number), at, entry.number("yaw", 0.0)
    )


def _make_detector(
    entry: Entry, name: str, number: int, at: tuple[float, float], yaw: float
) -> DetectorDescription:
    """Detector at a place, of the properties of an entry."""
    size = entry.integers("size", low=1)
    amplifiers = entry.integers("amplifiers", (1, 1), low=1)
    if amplifiers[0] > size[0] or amplifiers[1] > size[1]:
        entry.refuse("amplifiers", f"there are more of them than pixels: {list(amplifiers)} in {list(size)}")
    readout = entry.text("readout") if entry.has("readout") else None
    if readout not in (None, *_CORNERS):
        entry.refuse("readout", f"must be one of {', '.join(_CORNERS)}, not {readout!r}")
    return DetectorDescription(
        name=name,
        id=number,
        at=at,
        yaw=yaw,
        size=size,
        pixel_size=entry.number("pixel_size", low=0.0),
        amplifiers=amplifiers,
        gain=entry.number("gain", low=0.0) if entry.has("gain") else None,
        read_noise=entry.number("read_noise", 0.0, low=-1e-300),
        physical_type=entry.text("physical_type", ""),
        readout=readout,
    )


def _read_grid(top: Entry, axis: str) -> list[DetectorDescription]:
    """Detectors of lines of names, each line centred on the middle of the focal plane."""
    lines = _read_names(top, axis)
    size, pixel = top.integers("size", low=1), top.number("pixel_size", low=0.0)
    pitch = top.pair("pitch", (size[0] * pixel, size[1] * pixel), low=0.0)
    assert pitch is not None
    first, count = top.integer("first_id", 0), itertools.count()
    detectors = []
    for line, names in enumerate(lines):
        for place, name in enumerate(names):
            across, along = line - (len(lines) - 1) / 2, place - (len(names) - 1) / 2
            x, y = (along, across) if axis == "rows" else (across, along)
            number = next(count)
            if name != "-":  # a place where there is none
                at = (x * pitch[0], y * pitch[1])
                detectors.append(_make_detector(top, name, first + number, at, 0.0))
    if not detectors:
        top.refuse(axis, "there is no detector in it")
    return detectors


def _read_names(top: Entry, axis: str) -> list[list[str]]:
    """Names of the detectors of each line: written in one string, or as a list."""
    lines = top.values[axis]
    if not isinstance(lines, Sequence) or isinstance(lines, str) or not lines:
        top.refuse(axis, "must be a list of lines of names, as in [A B, C D]")
    out = []
    for line in lines:
        names = line if isinstance(line, list) else str(line).split()
        out.append([str(name) for name in names])
    return out


def _require_distinct(top: Entry, detectors: Iterable[DetectorDescription]) -> None:
    """Make sure that no two detectors have a name or a number in common."""
    for what in ("name", "id"):
        seen: set[int | str] = set()
        for detector in detectors:
            value = getattr(detector, what)
            key = value.lower() if isinstance(value, str) else value
            if key in seen:
                top.refuse("detectors", f"two of them have the {what} {value!r}")
            seen.add(key)


def _require_apart(top: Entry, detectors: Sequence[DetectorDescription]) -> None:
    """Make sure that no detector has its centre on another one."""
    for one in detectors:
        angle = math.radians(one.yaw)
        for other in detectors:
            dx, dy = other.at[0] - one.at[0], other.at[1] - one.at[1]
            along = (
                math.cos(angle) * dx + math.sin(angle) * dy,
                math.cos(angle) * dy - math.sin(angle) * dx,
            )
            half = [0.5 * pixels * one.pixel_size for pixels in one.size]
            if other is not one and abs(along[0]) < half[0] and abs(along[1]) < half[1]:
                top.refuse(
                    "detectors",
                    f"{other.name} lies on {one.name}: their centres are {math.hypot(dx, dy):g} mm apart; "
                    "places (at, pitch) are in mm",
                )


def _default_superpixel(detectors: Sequence[DetectorDescription]) -> tuple[float, float]:
    """Sides of superpixels where a camera names none, mm.

    About the short side of the smallest detector, and no more than 4096 pixels, as the cameras have it whose
    values were tuned; so many that they fill the focal plane without a sliver at its end.
    """
    side = min(min(*one.size, _LONGEST_SUPERPIXEL) * one.pixel_size for one in detectors)
    corners = [corner for detector in detectors for corner in _corners(detector)]
    x, y = (max(values) - min(values) for values in zip(*corners, strict=True))
    # Rounded up: the last corner must not fall behind the last superpixel.
    return (_round_up(x / max(round(x / side), 1)), _round_up(y / max(round(y / side), 1)))


def _round_up(value: float) -> float:
    """Round up to the next but one nanometre."""
    return math.ceil(value * 1e6 + 1) / 1e6


def _corners(detector: DetectorDescription) -> list[tuple[float, float]]:
    """Outer corners of a detector in the focal plane, mm."""
    cosine, sine = math.cos(math.radians(detector.yaw)), math.sin(math.radians(detector.yaw))
    out = []
    for right, up in itertools.product((-0.5, 0.5), repeat=2):
        x, y = right * detector.size[0] * detector.pixel_size, up * detector.size[1] * detector.pixel_size
        out.append((detector.at[0] + cosine * x - sine * y, detector.at[1] + sine * x + cosine * y))
    return out
