# SPDX-License-Identifier: GPL-3.0-or-later
"""Time the subtract quantum (read, run, write) beside fitsio reading the three planes."""

from __future__ import annotations

import logging
import pathlib
import pickle
import tempfile

from _setup import Row, arguments, print_rows, time_pair, write_exposure
from read import read_planes
from subtract import make_inputs

from lsst.afw.image import ExposureF
from lsst.cp.sky import CpSkySubtractBackgroundTask


def main(argv: list[str] | None = None) -> list[Row]:
    """Measure, and return the row of the table."""
    options = arguments(__doc__, argv)
    logging.disable(logging.WARNING)
    exposure, model, scale = make_inputs(options.width, options.height, options.stars)
    task = CpSkySubtractBackgroundTask()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        path, model_path = str(folder / "exposure.fits"), folder / "model.pickle"
        write_exposure(exposure, path)
        model_path.write_bytes(pickle.dumps(model))
        del exposure

        def quantum(_: None) -> None:
            given = pickle.loads(model_path.read_bytes())
            result = task.run(ExposureF(path), given, scale)
            result.outputBkg.writeFits(str(folder / "background.fits"))

        pair = time_pair(quantum, lambda: read_planes(path), options.repeat)
    return [pair.row("subtract quantum: read, run, write / fitsio", 0.3)]


if __name__ == "__main__":
    print_rows(main())
