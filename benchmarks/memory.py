# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure the peak memory of processes that mask, measure and subtract, each alone and all in one."""

from __future__ import annotations

import logging
import math
import pathlib
import resource
import subprocess
import sys
import tempfile

from _setup import Row, arguments, focal_plane_config, make_camera, make_exposure, print_rows, write_exposure

from lsst.afw.image import ExposureF

STEPS = ("import", "read", "mask", "subtract", "all")


def peak() -> float:
    """Peak resident memory of this process, MB."""
    status = pathlib.Path("/proc/self/status")
    if status.exists():  # what getrusage says includes the process that started this one
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024 / 1e6
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def do(step: str, path: str, width: int, height: int) -> float:
    """Do a step in this process; returns the peak."""
    from lsst.cp.sky import CpSkyImageTask, CpSkySubtractBackgroundTask
    from lsst.daf.base import PropertyList
    from lsst.pipe.tasks.background import FocalPlaneBackground

    logging.disable(logging.WARNING)
    if step == "import":
        return peak()
    exposure, camera = ExposureF(path), make_camera(width, height)
    exposure.image.array[0, 0], exposure.mask.array[0, 0]
    model = FocalPlaneBackground.fromCamera(focal_plane_config(width), camera)
    if step in ("mask", "all"):
        config = CpSkyImageTask.ConfigClass()
        config.largeScaleBackground = focal_plane_config(width)
        model = CpSkyImageTask(config=config).run(exposure, camera).maskedBkg
    elif step == "subtract":
        model.addCcd(exposure)
    if step in ("subtract", "all"):
        scale = PropertyList()
        scale.set("scale", 1000.0)
        result = CpSkySubtractBackgroundTask().run(exposure, model, scale)
        result.outputBkg.writeFits(str(pathlib.Path(path).with_name("background.fits")))
    return peak()


def main(argv: list[str] | None = None) -> list[Row]:
    """Measure, and return the rows of the table."""
    options = arguments(__doc__, argv)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        path = str(pathlib.Path(folder) / "exposure.fits")
        detector = make_camera(options.width, options.height)[0]
        write_exposure(make_exposure(options.width, options.height, options.stars, detector), path)
        for step in STEPS:
            call = f"do({step!r}, {path!r}, {options.width}, {options.height})"
            done = subprocess.run(
                [sys.executable, "-c", f"import memory; print(memory.{call})"],
                cwd=pathlib.Path(__file__).parent,
                check=True,
                capture_output=True,
                text=True,
            )
            used = float(done.stdout)
            last = step == "all"
            rows.append(Row(f"peak memory: {step}", used, 600.0, 1.0 if last else math.nan, "MB"))
    return rows


if __name__ == "__main__":
    print_rows(main())
