"""What ``doc/testing.md`` prints works as it stands there."""

import pathlib
import re
import subprocess
import sys

import numpy as np
import pytest
import skydata

import lsst.daf.butler.tests as butlerTests
from lsst.cp.sky import CpSkyCombineTask, CpSkySubtractBackgroundTask
from lsst.daf.base import PropertyList
from lsst.daf.butler import Butler
from lsst.pipe.base.testUtils import makeQuantum, runTestQuantum

PAGE = (pathlib.Path(__file__).parents[1] / "doc/testing.md").read_text()
QUANTUM, RUN, HANDLES, SCALE, READ = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def fill(repo):
    """Insert what the datasets of a test are of."""
    butlerTests.addDataIdValue(repo, "instrument", "TestCam")
    butlerTests.addDataIdValue(repo, "physical_filter", "r_03", band="r")
    butlerTests.addDataIdValue(repo, "day_obs", 20240331)
    butlerTests.addDataIdValue(repo, "group", "101")
    butlerTests.addDataIdValue(repo, "exposure", 101, physical_filter="r_03", group="101", day_obs=20240331)
    butlerTests.addDataIdValue(repo, "detector", 1)
    exposure = {"instrument", "exposure"}
    for name, dimensions, storage_class in (
        ("camera", {"instrument"}, "Camera"),
        ("cpSkyIsrExp", exposure | {"detector"}, "Exposure"),
        ("cpSkyMaskedIsrExp", exposure | {"detector"}, "Exposure"),
        ("cpSkyDetectorBackground", exposure | {"detector"}, "FocalPlaneBackground"),
        ("cpSkyExpScale", exposure, "PropertyList"),
    ):
        butlerTests.addDatasetType(repo, name, dimensions, storage_class)


@pytest.fixture
def butler(tmp_path):
    repo = butlerTests.makeTestRepo(str(tmp_path))
    fill(repo)
    return butlerTests.makeTestCollection(repo)


def test_quantum(butler, camera):
    task = skydata.image_task()
    names = {"task": task, "butler": butler, "runTestQuantum": runTestQuantum}
    exec(QUANTUM, names)
    butler.put(camera, "camera", instrument="TestCam")
    butler.put(
        skydata.make_exposure(camera[1]), "cpSkyIsrExp", instrument="TestCam", exposure=101, detector=1
    )
    exec(RUN, names)
    assert butler.get("cpSkyMaskedIsrExp", names["whole"]).getDetector().getName() == "D1"
    assert butler.get("cpSkyDetectorBackground", names["whole"])._numbers.array.any()
    with pytest.raises(ValueError, match="quantum dimensions"):  # else the page would be out of date
        makeQuantum(task, butler, names["whole"], {})


def test_without_a_butler(camera):
    merged = skydata.make_scale(camera)
    exposures = [skydata.make_exposure(camera[0], visit=visit) for visit in (1, 2)]
    backgrounds = []
    for exposure in exposures:
        names = {
            "CpSkySubtractBackgroundTask": CpSkySubtractBackgroundTask,
            "exposure": exposure,
            "model": merged.outputBkg,
        }
        exec(SCALE, names)
        backgrounds.append(names["residual"])
    names = {"CpSkyCombineTask": CpSkyCombineTask, "exposures": exposures, "backgrounds": backgrounds}
    exec(HANDLES, names)
    assert np.isfinite(names["sky_frame"].image.array).all()


def test_what_is_expected_is_said(camera):
    merged = skydata.make_scale(camera)
    exposure = skydata.make_exposure(camera[0])
    with pytest.raises(
        TypeError, match=r"inputScale is of type float, but PropertyList is expected; give .*scale"
    ):
        CpSkySubtractBackgroundTask().run(exposure, merged.outputBkg, 700.0)
    background = CpSkySubtractBackgroundTask().run(exposure.clone(), merged.outputBkg, merged.outputScale)
    with pytest.raises(TypeError, match=r"ExposureF, but DeferredDatasetHandle is expected; wrap .*InMemory"):
        CpSkyCombineTask().run([background.outputBkg], [exposure])


GET = """
import sys
from lsst.daf.butler import Butler
butler = Butler.from_config({root!r}, collections={run!r})
assert not any(name.startswith(("lsst.daf.base", "lsst.afw")) for name in sys.modules)
{lines}
print(scale["scale"])
"""


def test_sky_scale_in_a_session_that_has_imported_nothing(tmp_path):
    Butler.makeRepo(str(tmp_path))
    butler = Butler.from_config(str(tmp_path), run="scales", writeable=True)
    fill(butler)
    scale = PropertyList()
    scale.set("scale", 700.5)
    butler.put(scale, "cpSkyExpScale", instrument="TestCam", exposure=101)
    lines = READ.replace("SkySim", "TestCam").replace("2024032800001", "101")
    plain = lines.replace(', storageClass="PropertySet"', "")
    assert plain != lines
    ends = {}
    for name, text in {"page": lines, "plain": plain, "imported": f"import lsst.daf.base\n{plain}"}.items():
        program = GET.format(root=str(tmp_path), run=butler.run, lines=text)
        ends[name] = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ends["page"].stdout == "700.5\n", ends["page"].stderr
    assert ends["imported"].stdout == "700.5\n", ends["imported"].stderr
    assert "could not determine a constructor for the tag" in ends["plain"].stderr
