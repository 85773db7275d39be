# SPDX-License-Identifier: GPL-3.0-or-later
"""Information stored in sky frames and backgrounds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from .._naming import identify, phrase
from ..errors import MismatchedInputsError

if TYPE_CHECKING:
    from lsst.afw.image import ExposureF
    from lsst.afw.math import BackgroundList
    from lsst.daf.base import PropertySet

__all__ = (
    "amplifier_boxes",
    "frame_box",
    "frame_inputs",
    "frame_left_out",
    "require_chain",
    "stats_array",
    "stats_errors",
)


def stats_array(background: BackgroundList) -> np.ndarray:
    """Return the cells of a background, ``(ny, nx)``, float64.

    Raises
    ------
    lsst.cp.sky.MismatchedInputsError
        Raised if it has no member.
    """
    if len(background) == 0:
        raise MismatchedInputsError(
            "The residual background of a detector has no members; make it anew with CpSkySubtractBackground."
        )
    return np.array(background[0][0].getStatsImage().image.array, dtype=float)


def stats_errors(background: BackgroundList) -> np.ndarray:
    """Return the standard errors of the cells of a background, ``(ny, nx)``, float64; NaN if unknown.

    The stack keeps standard errors, not variances, in the variance plane of the cells.
    """
    errors = np.array(background[0][0].getStatsImage().variance.array, dtype=float)
    return np.where(errors > 0, errors, np.nan)


def frame_inputs(frame: ExposureF) -> set[int]:
    """Return the IDs of the exposures from which a sky frame was made."""
    return _listed(frame.getMetadata(), "CPP_INPUT")


def frame_left_out(frame: ExposureF) -> set[int]:
    """Return the IDs of the exposures left out of a sky frame."""
    return _listed(frame.getMetadata(), "CPP_LEFTOUT")


def _listed(header: PropertySet, prefix: str) -> set[int]:
    names = [name for name in header.names() if re.fullmatch(rf"{prefix}_\d+", name)]
    return {int(header.getScalar(name)) for name in names}


def frame_box(frame: ExposureF) -> tuple[int, int, int, int]:
    """Return first and last row, and first and last column, of the pixels covered by a sky frame.

    Raises
    ------
    lsst.cp.sky.MismatchedInputsError
        Raised if its header does not say so.
    """
    header = frame.getMetadata()
    try:
        top, bottom, left, right = (
            int(header.getScalar(f"BOX.{name}")) for name in ("MINY", "MAXY", "MINX", "MAXX")
        )
    except (KeyError, ValueError) as error:
        names = identify(frame)
        raise MismatchedInputsError(
            f"The sky frame of {phrase(names, unknown='a detector')} is not one: {error}. Use the output of "
            "CpSkyCombine or CpSkyJointFrame.",
            **names,
        ) from error
    return top, bottom, left, right


def amplifier_boxes(frame: ExposureF) -> list[tuple[int, int, int, int]]:
    """Return first and last row and column of each amplifier, from the first pixel of the sky frame."""
    top, _, left, _ = frame_box(frame)
    boxes = (amplifier.getBBox() for amplifier in frame.getDetector())
    return [(b.minY - top, b.maxY - top, b.minX - left, b.maxX - left) for b in boxes]


def require_chain(frame: ExposureF, chain: str, detector: int) -> None:
    """Make sure that a sky frame is of the chain whose exposures it is compared with.

    Raises
    ------
    lsst.cp.sky.MismatchedInputsError
        Raised if it is not.
    """
    header = frame.getMetadata()
    found = str(header.getScalar("CPSKY CHAIN")) if header.exists("CPSKY CHAIN") else "stock"
    if found != chain:
        raise MismatchedInputsError(
            f"The sky frame of detector {detector} was made by the {found} chain, and is to be compared with "
            f"exposures of the {chain} chain. Name the collection of the {chain} chain first of the inputs.",
            detector=detector,
            chain=found,
            expected=chain,
        )
