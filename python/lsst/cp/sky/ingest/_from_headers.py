# SPDX-License-Identifier: GPL-3.0-or-later
"""Description of a camera from the headers of its files."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

import numpy as np
import yaml
from astropy.io import fits

from ._errors import CameraDescriptionError
from ._facts import detector_name, find_card
from ._files import Kind, Plane

__all__ = ("describe_headers",)

_PIXEL = 0.015
"""Side of a pixel where headers have none, mm: any will do as long as it is the same everywhere."""


def describe_headers(planes: Iterable[Plane], name: str | None = None) -> tuple[str, list[str]]:
    """Describe a camera from the positions of its detectors in headers.

    Positions come from the linear part of the world coordinates (CRPIX and CD), relative to the first
    detector, or, if a file has none, from DETSEC, which ignores gaps.

    Parameters
    ----------
    planes : `~collections.abc.Iterable` [`Plane`]
        Images; each detector from at least one exposure.
    name : `str`, optional
        Name of the camera; by default that of the header.

    Returns
    -------
    text : `str`
        The description, YAML.
    notes : `list` [`str`]
        Assumptions that were made.

    Raises
    ------
    CameraDescriptionError
        Raised if detectors have no name or place, or if files are inconsistent.
    """
    images = [plane for plane in planes if plane.kind is Kind.IMAGE]
    if not images:
        raise CameraDescriptionError("There is no image among the files, only masks and weights.")
    detectors = _distinct(images)
    first = next(iter(detectors.values()))
    notes: list[str] = []
    pixel = _pixel_size(first.header, notes)
    if all(_has_wcs(plane.header) for plane in detectors.values()):
        places, scale = _places_by_wcs(detectors, pixel)
    else:
        places, scale = _places_by_section(detectors, pixel)
        notes.append("places are those of DETSEC, which knows no gaps between detectors")
    entries = []
    for number, (key, plane) in enumerate(detectors.items()):
        x, y, yaw = places[key]
        entry: dict[str, object] = {
            "name": key,
            "id": _number(plane, number),
            "at": [round(x, 4) + 0.0, round(y, 4) + 0.0],
            "size": [plane.shape[1], plane.shape[0]],
        }
        if abs(yaw) > 1e-3:
            entry["yaw"] = round(yaw, 4)
        entries.append(entry)
        notes += _note_piece(key, plane)
    top = {"name": name or _camera_name(first.header), "plate_scale": round(scale, 4), "pixel_size": pixel}
    return _write(top, entries), notes


def _write(top: dict[str, object], entries: Sequence[dict[str, object]]) -> str:
    """YAML with a line per detector."""
    lines = [f"{key}: {value}" for key, value in top.items()]
    lines[1] += "  # arcsec per mm"
    lines[2] += "  # mm"
    lines.append("detectors:  # at: centre in mm; size: columns and rows")
    for entry in entries:
        flow = yaml.safe_dump(entry, default_flow_style=True, sort_keys=False, width=1000).strip()
        lines.append(f"  - {flow}")
    return "\n".join(lines) + "\n"


def _distinct(images: Iterable[Plane]) -> dict[str, Plane]:
    """First image of each detector; later ones have to be of the same size."""
    out: dict[str, Plane] = {}
    for plane in images:
        name = detector_name(plane)
        known = out.setdefault(name, plane)
        if known.shape != plane.shape:
            raise CameraDescriptionError(
                f"{plane} of detector {name} has {plane.shape[1]} x {plane.shape[0]} pixels, {known} has "
                f"{known.shape[1]} x {known.shape[0]}. A detector has one size; give files of one kind.",
                detector=name,
            )
    return out


def _camera_name(header: fits.Header) -> str:
    text = re.sub(r"[^A-Za-z0-9_]", "", str(find_card(header, ("INSTRUME", "DETECTOR", "TELESCOP")) or ""))
    return text if text[:1].isalpha() else "Camera" + text


def _number(plane: Plane, default: int) -> int:
    value = find_card(plane.header, ("CCDNUM", "IMAGEID", "CCDID"))
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def _pixel_size(header: fits.Header, notes: list[str]) -> float:
    """Side of a pixel in mm; headers give microns."""
    for key in ("PIXSIZE1", "PIXSIZE", "XPIXSZ"):
        value = header.get(key)
        if isinstance(value, int | float) and 1 < value < 100:
            return round(value / 1000, 6)
    notes.append(
        f"no header says how large a pixel is; {_PIXEL} mm is assumed, which only scales the drawing"
    )
    return _PIXEL


def _has_wcs(header: fits.Header) -> bool:
    return all(key in header for key in ("CRPIX1", "CRPIX2", "CRVAL1", "CRVAL2")) and (
        "CD1_1" in header or "CDELT1" in header
    )


def _matrix(header: fits.Header) -> np.ndarray:
    """Linear part of the world coordinates, degrees per pixel, ``(2, 2)``."""
    if "CD1_1" in header or "CD1_2" in header:
        return np.array([[float(header.get(f"CD{i}_{j}", 0.0)) for j in (1, 2)] for i in (1, 2)])
    delta = np.array([float(header["CDELT1"]), float(header["CDELT2"])])
    turn = np.array([[float(header.get(f"PC{i}_{j}", float(i == j))) for j in (1, 2)] for i in (1, 2)])
    return delta[:, np.newaxis] * turn


def _places_by_wcs(
    detectors: dict[str, Plane], pixel: float
) -> tuple[dict[str, tuple[float, float, float]], float]:
    """Centre (mm) and angle (degrees) of each detector as the first one's pixels lie, and the plate scale."""
    first = next(iter(detectors.values()))
    matrix = _matrix(first.header)
    scale = math.sqrt(abs(np.linalg.det(matrix)))
    if not scale > 0:
        raise CameraDescriptionError(f"The world coordinates of {first} are singular.")
    to_pixels = np.linalg.inv(matrix)
    places = {}
    for name, plane in detectors.items():
        header, own = plane.header, _matrix(plane.header)
        relative = to_pixels @ own  # of its own pixel axes, seen along those of the first detector
        if np.linalg.det(relative) <= 0:
            raise CameraDescriptionError(
                f"The pixels of {plane} are a mirror image of those of {first}; cameras of both kinds cannot "
                "be described. Flip the images of one kind first.",
                detector=name,
            )
        middle = [(plane.shape[1] + 1) / 2, (plane.shape[0] + 1) / 2]
        centre = relative @ (np.array(middle) - [float(header["CRPIX1"]), float(header["CRPIX2"])])
        if _same_exposure(plane, first):
            centre = centre + to_pixels @ _shift(header, first.header)
        yaw = math.degrees(math.atan2(relative[1, 0] - relative[0, 1], relative[0, 0] + relative[1, 1]))
        places[name] = (float(centre[0]) * pixel, float(centre[1]) * pixel, yaw)
    return places, scale * 3600 / pixel


def _same_exposure(one: Plane, other: Plane) -> bool:
    """Whether two detectors were read out in the same exposure: the times at which it began are the same."""
    return bool(one.header.get("DATE-OBS") == other.header.get("DATE-OBS"))


def _shift(header: fits.Header, first: fits.Header) -> np.ndarray:
    """Where the reference point of one detector lies from that of another of its exposure, degrees."""
    ra, dec = (math.radians(float(header[key])) for key in ("CRVAL1", "CRVAL2"))
    ra0, dec0 = (math.radians(float(first[key])) for key in ("CRVAL1", "CRVAL2"))
    along = math.sin(dec0) * math.sin(dec) + math.cos(dec0) * math.cos(dec) * math.cos(ra - ra0)
    east = math.cos(dec) * math.sin(ra - ra0) / along
    north = (math.cos(dec0) * math.sin(dec) - math.sin(dec0) * math.cos(dec) * math.cos(ra - ra0)) / along
    return np.degrees([east, north])


def _section(plane: Plane) -> tuple[float, float] | None:
    """Centre of DETSEC in pixels of the mosaic."""
    match = re.fullmatch(
        r"\s*\[\s*(\d+):(\d+)\s*,\s*(\d+):(\d+)\s*\]\s*", str(plane.header.get("DETSEC", ""))
    )
    if match is None:
        return None
    x0, x1, y0, y1 = (int(text) for text in match.groups())
    return (x0 + x1) / 2, (y0 + y1) / 2


def _places_by_section(
    detectors: dict[str, Plane], pixel: float
) -> tuple[dict[str, tuple[float, float, float]], float]:
    """Centre (mm) of each detector by DETSEC, about the middle of all, and the plate scale."""
    centres = {}
    for name, plane in detectors.items():
        centre = _section(plane)
        if centre is None:
            raise CameraDescriptionError(
                f"{plane} says neither by CRPIX and CD nor by DETSEC where its detector lies; describe the "
                "camera by hand (cpsky camera --help).",
                detector=name,
            )
        centres[name] = centre
    middle = 0.5 * (np.max(list(centres.values()), axis=0) + np.min(list(centres.values()), axis=0))
    header = next(iter(detectors.values())).header
    scale = find_card(header, ("PIXSCAL1", "PIXSCALE", "PIXSCAL"))
    arcsec = float(scale) if isinstance(scale, int | float) and scale > 0 else 0.3
    places = {
        name: (float(x - middle[0]) * pixel, float(y - middle[1]) * pixel, 0.0)
        for name, (x, y) in centres.items()
    }
    return places, arcsec / pixel


def _note_piece(name: str, plane: Plane) -> list[str]:
    """Say where files hold a part of what they say of the detector."""
    match = re.fullmatch(r"\[(\d+):(\d+),(\d+):(\d+)\]", str(plane.header.get("DETSEC", "")).replace(" ", ""))
    if match is None:
        return []
    x0, x1, y0, y1 = (int(text) for text in match.groups())
    width, height = abs(x1 - x0) + 1, abs(y1 - y0) + 1
    if 0.9 * width <= plane.shape[1] and 0.9 * height <= plane.shape[0]:
        return []
    return [
        f"{name}: files hold {plane.shape[1]} x {plane.shape[0]} pixels of the {width} x {height} of DETSEC; "
        "the camera is that of the pieces"
    ]
