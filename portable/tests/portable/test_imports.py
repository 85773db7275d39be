# SPDX-License-Identifier: GPL-3.0-or-later
"""What a process imports beside the middleware: nothing heavy that nobody has asked for."""

import os
import pathlib
import subprocess
import sys

import pytest

import lsst.portable

MIDDLEWARE = "import lsst.daf.butler, lsst.pipe.base.mp_graph_executor"
HEAVY = {"astropy", "llvmlite", "matplotlib", "numba", "scipy"}


def modules_after(*statements):
    """Names of the modules that a new process has after it has run some statements."""
    source = pathlib.Path(lsst.portable.__file__).parents[2]
    path = os.pathsep.join([str(source), os.environ.get("PYTHONPATH", "")])
    code = "; ".join([*statements, "import sys", "print(' '.join(sys.modules))"])
    result = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return set(result.stdout.split())


@pytest.fixture(scope="module")
def middleware():
    return modules_after(MIDDLEWARE)


def packages(modules):
    return {name.partition(".")[0] for name in modules}


@pytest.mark.parametrize(
    "modules",
    [
        "geom",
        "daf.base",
        "afw.fits",
        "afw.image",
        "afw.math",
        "afw.cameraGeom",
        "afw.detection, lsst.afw.table",
    ],
)
def test_packages_import_nothing_heavy(modules):
    assert not packages(modules_after(f"import lsst.{modules}")) & HEAVY


@pytest.mark.parametrize(
    "statement",
    [
        "from lsst.pipe.tasks.background import FocalPlaneBackground, SkyMeasurementTask",
        "from lsst.pipe.tasks.background import MaskObjectsTask",
        "import lsst.obs.base, lsst.obs.base.formatters.fitsGeneric",
    ],
)
def test_tasks_and_formatters_add_nothing_heavy_to_the_middleware(statement, middleware):
    assert not packages(modules_after(MIDDLEWARE, statement) - middleware) & HEAVY


def test_measuring_a_sky_frame_imports_no_detection():
    added = modules_after("from lsst.pipe.tasks.background import FocalPlaneBackground, SkyMeasurementTask")
    assert not {"lsst.meas.algorithms", "lsst.afw.detection", "lsst.afw.math._warp"} & added


def test_the_documented_path_of_the_tasks_imports_none_of_them():
    added = modules_after("import lsst.cp.pipe, lsst.cp.pipe.cpSky")
    assert not [name for name in added if name.startswith(("lsst.cp.sky", "lsst.pipe.tasks", "lsst.afw"))]


def test_masking_objects_of_a_small_image_imports_no_scipy():
    mask = """
import numpy as np
from lsst.afw.image import ExposureF
from lsst.pipe.tasks.background import MaskObjectsTask
exposure = ExposureF(200, 180)
exposure.image.array = np.random.default_rng(1).normal(100, 5, (180, 200))
exposure.image.array[80:85, 90:96] += 500
exposure.variance.set(25)
MaskObjectsTask().run(exposure)
assert exposure.mask.array.any()
"""
    assert not packages(modules_after(f"exec({mask!r})")) & {"scipy", "numba", "matplotlib"}
