import importlib
import subprocess
import sys

import pytest

import lsst.cp.sky
from lsst.pipe.base import Pipeline

NAMES = [
    f"CpSky{step}{kind}"
    for step in ("Image", "ScaleMeasure", "SubtractBackground", "Combine")
    for kind in ("Connections", "Config", "Task")
]
STOCK = """
description: a stock pipeline
tasks:
  cpSkyImage:
    class: lsst.cp.pipe.CpSkyImageTask
    config:
      largeScaleBackground.xSize: 40.96
      largeScaleBackground.ySize: 40.96
      largeScaleBackground.pixelSize: 0.01
  cpSkySubtractBackground:
    class: lsst.cp.pipe.cpSky.CpSkySubtractBackgroundTask
"""


@pytest.mark.parametrize("module", ["lsst.cp.pipe", "lsst.cp.pipe.cpSky"])
def test_hands_on_the_classes(module):
    found = importlib.import_module(module)
    assert sorted(found.__all__) == sorted(NAMES)
    for name in NAMES:
        assert getattr(found, name) is getattr(lsst.cp.sky, name)


def test_stock_pipeline_files_resolve():
    tasks = Pipeline.fromString(STOCK).to_graph().tasks
    assert tasks["cpSkyImage"].task_class is lsst.cp.sky.CpSkyImageTask
    assert tasks["cpSkySubtractBackground"].task_class is lsst.cp.sky.CpSkySubtractBackgroundTask


def test_module_is_there_without_being_imported_by_name():
    program = "import lsst.cp.pipe; print(lsst.cp.pipe.cpSky.CpSkySubtractBackgroundTask.__name__)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "CpSkySubtractBackgroundTask"
