# SPDX-License-Identifier: GPL-3.0-or-later
"""Time reading an exposure from FITS beside fitsio reading its three planes."""

from __future__ import annotations

import pathlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import fitsio
import numpy as np
from _setup import Row, arguments, make_camera, make_exposure, print_rows, time_pair, write_exposure

from lsst.afw.image import ExposureF


@contextmanager
def exposure_file(width: int, height: int, stars: int) -> Iterator[str]:
    """Write an exposure to a file that goes away afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(pathlib.Path(folder) / "exposure.fits")
        write_exposure(make_exposure(width, height, stars, make_camera(width, height)[0]), path)
        yield path


def read_planes(path: str) -> list[np.ndarray]:
    """Read image, mask and variance with fitsio; all three are in memory at the end, as in an exposure."""
    with fitsio.FITS(path) as fits:
        return [fits[hdu].read() for hdu in (1, 2, 3)]


def read_exposure(path: str, *, variance: bool) -> None:
    """Read an exposure and touch its planes."""
    exposure = ExposureF(path)
    exposure.image.array[0, 0], exposure.mask.array[0, 0]
    if variance:
        exposure.variance.array[0, 0]


def main(argv: list[str] | None = None) -> list[Row]:
    """Measure, and return the rows of the table."""
    options = arguments(__doc__, argv)
    rows = []
    with exposure_file(options.width, options.height, options.stars) as path:
        for variance, what, limit in ((True, "all planes", 0.25), (False, "image and mask touched", 0.12)):
            pair = time_pair(
                lambda _, all_planes=variance: read_exposure(path, variance=all_planes),
                lambda: read_planes(path),
                options.repeat,
            )
            rows.append(pair.row(f"read an exposure, {what} / fitsio", limit))
    return rows


if __name__ == "__main__":
    print_rows(main())
