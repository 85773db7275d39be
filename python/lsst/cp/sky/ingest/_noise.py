# SPDX-License-Identifier: GPL-3.0-or-later
"""The variance of images: read, or made from gain and read noise."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from ._errors import IngestError
from ._facts import cards, find_card
from ._files import Kind, Plane, read_plane

if TYPE_CHECKING:
    from ._description import CameraDescription, DetectorDescription

__all__ = ("has_gain", "make_variance", "read_variance")


def has_gain(image: Plane, detector: DetectorDescription, description: CameraDescription) -> bool:
    """Whether a variance can be made: by a gain of header or description, or of an image in electrons."""
    return _gain(image, detector, description) is not None


def _gain(image: Plane, detector: DetectorDescription, description: CameraDescription) -> float | None:
    """Electrons per unit of the image, of the header or else of the description; `None` if nobody says."""
    unit = str(find_card(image.header, cards("unit", description)) or "").lower()
    per_second = bool(re.search(r"/\s*s(ec)?\b|s-1|s\^-1|s\*\*-1", unit))
    if re.match(r"\s*(electron|e-|photo|e\b)", unit):
        gain: float | None = 1.0
    else:
        gain = _positive(find_card(image.header, cards("gain", description)))
        if gain is None:  # of amplifiers, which differ by little
            both = [_positive(image.header.get(key)) for key in ("GAINA", "GAINB")]
            gain = None if None in both else 0.5 * sum(both)  # type: ignore[arg-type]
        gain = detector.gain if gain is None else gain
    if gain is None or not per_second:
        return gain
    time = _positive(find_card(image.header, cards("exposure_time", description)))
    return None if time is None else gain * time


def _positive(value: Any) -> float | None:
    good = (
        isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value > 0
    )
    return float(value) if good else None


def make_variance(
    image: Plane, pixels: np.ndarray, detector: DetectorDescription, description: CameraDescription
) -> np.ndarray:
    """Variance by counting of electrons and read noise, ``(ny, nx)``, float32."""
    gain = _gain(image, detector, description)
    assert gain is not None  # match_planes has seen to it
    noise = _positive(find_card(image.header, cards("read_noise", description)))
    noise = detector.read_noise if noise is None else noise
    counted = np.maximum(np.nan_to_num(pixels, nan=0.0, posinf=0.0, neginf=0.0), 0.0).astype(np.float64)
    return (counted / gain + (noise / gain) ** 2).astype(np.float32)


def read_variance(plane: Plane) -> tuple[np.ndarray, np.ndarray]:
    """Read variances or weights.

    Parameters
    ----------
    plane : `Plane`
        One or the other.

    Returns
    -------
    variance : `numpy.ndarray`, ``(ny, nx)``, float32
        Finite and positive; the median where nothing is known.
    known : `numpy.ndarray`, ``(ny, nx)``, bool
        Where it is known: variances that are positive, weights above 0.

    Raises
    ------
    IngestError
        Raised if nothing is known anywhere.
    """
    values = read_plane(plane).astype(np.float64)
    with np.errstate(divide="ignore", over="ignore"):
        variance = (1.0 / values if plane.kind is Kind.WEIGHT else values).astype(np.float32)
    known = np.isfinite(values) & (values > 0) & np.isfinite(variance) & (variance > 0)
    if not known.any():
        raise IngestError(
            f"{plane} ({plane.kind.value}) has no positive value, so that nothing is known of the noise.",
            file=str(plane.path),
        )
    variance[~known] = np.median(variance[known])
    return variance, known
