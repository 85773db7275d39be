# SPDX-License-Identifier: GPL-3.0-or-later
"""Helpers for headers and names of files."""

from __future__ import annotations

import datetime
import re
from typing import NoReturn

from lsst.geom import Box2I, Point2I

from ._provenance import add_provenance_to_fits_header, strip_provenance_from_fits_header
from ._provenance import store_text as _store_str_header  # noqa: F401 - by the name that the stack's own tests use

__all__ = (
    "add_provenance_to_fits_header",
    "bboxFromIraf",
    "iso_date_to_curated_calib_file_root",
    "strip_provenance_from_fits_header",
)

_IRAF_BOX = re.compile(r"\[(-?\d+):(-?\d+),(-?\d+):(-?\d+)\]")


def bboxFromIraf(irafBBoxStr: str) -> Box2I:
    """Return the box that a card such as DATASEC describes.

    Parameters
    ----------
    irafBBoxStr : `str`
        First and last column, first and last row, from 1: ``[1:1024,1:2048]``.

    Returns
    -------
    box : `lsst.geom.Box2I`
        The box, counted from (0, 0).

    Raises
    ------
    RuntimeError
        Raised if the text does not have this form.
    TypeError
        Raised if it is no text.
    """
    match = _IRAF_BOX.fullmatch(irafBBoxStr)
    if match is None:
        raise RuntimeError(f"Cannot read the box {irafBBoxStr!r}, which should be like [1:1024,1:2048]")
    x0, x1, y0, y1 = (int(number) - 1 for number in match.groups())
    return Box2I(Point2I(x0, y0), Point2I(x1, y1))


def iso_date_to_curated_calib_file_root(valid_start: str) -> str:
    """Return the name, without extension, of the file of a curated calibration.

    Parameters
    ----------
    valid_start : `str`
        When it begins to be valid, in ISO 8601.

    Returns
    -------
    name : `str`
        Date and time to the second, such as ``20250430T122550``.

    Raises
    ------
    ValueError
        Raised if the text is no date.
    """
    return f"{datetime.datetime.fromisoformat(valid_start):%Y%m%dT%H%M%S}"


def __getattr__(name: str) -> NoReturn:
    raise AttributeError(
        f"lsst.obs.base.utils.{name} is not part of the portable stack, which has {', '.join(__all__)}; WCSs "
        "are not made here."
    )
