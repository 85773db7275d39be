"""Every task run through the butler, in the idiom of the stack."""

import pathlib
import re
import unittest.mock

import numpy as np
import pytest
import skydata

import lsst.daf.butler.tests as butlerTests
from lsst.cp.sky import (
    CpSkyCombineTask,
    CpSkyScaleMeasureTask,
    CpSkySubtractBackgroundTask,
    MissingScaleError,
)
from lsst.daf.base import PropertyList
from lsst.pipe.base import AnnotatedPartialOutputsError
from lsst.pipe.base.testUtils import assertValidOutput, makeQuantum, runTestQuantum

PAGE = pathlib.Path(__file__).parents[1] / "doc/testing.md"
VISITS, DETECTORS = (101, 102), (0, 1, 2, 3)

EXPOSURE_DETECTOR = {"instrument", "exposure", "detector"}
DATASET_TYPES = [
    ("camera", {"instrument"}, "Camera"),
    ("cpSkyIsrExp", EXPOSURE_DETECTOR, "Exposure"),
    ("cpSkyMaskedIsrExp", EXPOSURE_DETECTOR, "Exposure"),
    ("cpSkyDetectorBackground", EXPOSURE_DETECTOR, "FocalPlaneBackground"),
    ("cpSkyExpBackground", {"instrument", "exposure"}, "FocalPlaneBackground"),
    ("cpSkyExpBackgroundAlternate", {"instrument", "exposure"}, "FocalPlaneBackground"),
    ("cpSkyExpScale", {"instrument", "exposure"}, "PropertyList"),
    ("cpSkyExpResidualBackground", EXPOSURE_DETECTOR, "Background"),
    ("sky", {"instrument", "detector", "physical_filter"}, "ExposureF"),
]


@pytest.fixture(scope="module")
def repo(tmp_path_factory):
    butler = butlerTests.makeTestRepo(str(tmp_path_factory.mktemp("repo")))
    butlerTests.addDataIdValue(butler, "instrument", "TestCam")
    butlerTests.addDataIdValue(butler, "physical_filter", "r_03", band="r")
    butlerTests.addDataIdValue(butler, "day_obs", 20240331)
    for visit in VISITS:
        butlerTests.addDataIdValue(butler, "group", str(visit))
        butlerTests.addDataIdValue(
            butler, "exposure", visit, physical_filter="r_03", group=str(visit), day_obs=20240331
        )
    for detector in DETECTORS:
        butlerTests.addDataIdValue(butler, "detector", detector)
    for name, dimensions, storageClass in DATASET_TYPES:
        butlerTests.addDatasetType(butler, name, dimensions, storageClass)
    return butler


@pytest.fixture
def butler(repo):
    return butlerTests.makeTestCollection(repo)


def data_id(**values):
    """Data ID in the fewest words: an exposure has one filter, so its filter is not named."""
    implied = {} if "exposure" in values else {"physical_filter": "r_03"}
    return {"instrument": "TestCam", **implied, **values}


def task_of(cls, alternate=None):
    config = cls.ConfigClass()
    if alternate is not None:
        config.includeAlternateBackground = alternate
    return cls(config=config)


#: Makes a quantum as the documentation has it.
RECIPE = {}
exec(re.search(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)[1], RECIPE)
quantum_of = RECIPE["quantum_of"]


def test_image(butler, camera):
    task = skydata.image_task()
    whole = data_id(exposure=101, detector=1)
    instrument = {"instrument": "TestCam"}
    butler.put(camera, "camera", instrument)
    butler.put(skydata.make_exposure(camera[1]), "cpSkyIsrExp", whole)
    quantum = quantum_of(task, butler, whole, camera=instrument)

    run = runTestQuantum(task, butler, quantum, mockRun=True)
    assert run.call_args.kwargs.keys() == {"inputExp", "camera"}

    runTestQuantum(task, butler, quantum, mockRun=False)
    assert butler.get("cpSkyMaskedIsrExp", whole).getDetector().getName() == "D1"
    assert butler.get("cpSkyDetectorBackground", whole)._numbers.array.any()


@pytest.mark.parametrize("alternate", [False, True])
def test_scale(butler, camera, alternate):
    task = task_of(CpSkyScaleMeasureTask, alternate)
    whole = data_id(exposure=101)
    each = [data_id(exposure=101, detector=d) for d in DETECTORS]
    instrument = {"instrument": "TestCam"}
    butler.put(camera, "camera", instrument)
    for dataId, model in zip(each, skydata.make_models(camera), strict=True):
        butler.put(model, "cpSkyDetectorBackground", dataId)
    quantum = quantum_of(task, butler, whole, inputBkgs=each, camera=instrument)

    run = runTestQuantum(task, butler, quantum, mockRun=True)
    assert [dict(dims) for dims in run.call_args.kwargs["inputDims"]] == [
        {"instrument": "TestCam", "exposure": 101, "detector": d} for d in DETECTORS
    ]
    assert ("camera" in run.call_args.kwargs) == alternate

    runTestQuantum(task, butler, quantum, mockRun=False)
    scale = butler.get("cpSkyExpScale", whole)
    assert scale.get("scale") == pytest.approx(700, rel=1e-6)
    assert butler.exists("cpSkyExpBackground", whole)
    assert bool(butler.exists("cpSkyExpBackgroundAlternate", whole)) == alternate
    assert scale.get("detectorTypeAlternate") == ("ITL" if alternate else None)


@pytest.mark.parametrize("alternate", [False, True])
def test_subtract(butler, camera, alternate):
    task = task_of(CpSkySubtractBackgroundTask, alternate)
    whole, exposure = data_id(exposure=101, detector=0), data_id(exposure=101)
    merged = task_of(CpSkyScaleMeasureTask, alternate).run(
        skydata.make_models(camera), camera, [{"exposure": 101, "detector": d} for d in DETECTORS]
    )
    butler.put(skydata.make_exposure(camera[0]), "cpSkyMaskedIsrExp", whole)
    butler.put(merged.outputBkg, "cpSkyExpBackground", exposure)
    butler.put(merged.outputScale, "cpSkyExpScale", exposure)
    if alternate:
        butler.put(merged.outputBkgAlternate, "cpSkyExpBackgroundAlternate", exposure)
    quantum = quantum_of(
        task, butler, whole, inputBkg=exposure, inputBkgAlternate=exposure, inputScale=exposure
    )

    run = runTestQuantum(task, butler, quantum, mockRun=True)
    expected = {"inputExp", "inputBkg", "inputScale"} | ({"inputBkgAlternate"} if alternate else set())
    assert run.call_args.kwargs.keys() == expected

    result = []
    with unittest.mock.patch.object(
        task, "run", side_effect=lambda run=task.run, **kw: result.append(run(**kw)) or result[-1]
    ):
        runTestQuantum(task, butler, quantum, mockRun=False)
    assertValidOutput(task, result[0])
    stats = butler.get("cpSkyExpResidualBackground", whole)[0][0].getStatsImage().image.array
    np.testing.assert_array_equal(stats, result[0].outputBkg[0][0].getStatsImage().image.array)
    assert np.abs(stats).max() < 0.05


def test_subtract_without_a_scale_names_the_data(butler, camera):
    task = task_of(CpSkySubtractBackgroundTask)
    whole, exposure = data_id(exposure=101, detector=2), data_id(exposure=101)
    butler.put(skydata.make_exposure(camera[2]), "cpSkyMaskedIsrExp", whole)
    butler.put(skydata.make_scale(camera).outputBkg, "cpSkyExpBackground", exposure)
    butler.put(PropertyList(), "cpSkyExpScale", exposure)
    quantum = quantum_of(task, butler, whole, inputBkg=exposure, inputScale=exposure)
    with pytest.raises(AnnotatedPartialOutputsError) as info:
        runTestQuantum(task, butler, quantum, mockRun=False)
    assert isinstance(info.value.__cause__, MissingScaleError)
    assert "detector 2" in task.metadata["failure"]["message"]
    assert not butler.exists("cpSkyExpResidualBackground", whole)


def residual(camera, detector, visit):
    model = skydata.make_scale(camera)
    exposure = skydata.make_exposure(camera[detector], visit=visit)
    return exposure, CpSkySubtractBackgroundTask().run(exposure, model.outputBkg, model.outputScale).outputBkg


def test_combine(butler, camera):
    task = task_of(CpSkyCombineTask)
    whole = data_id(detector=3)
    each = [data_id(exposure=visit, detector=3) for visit in VISITS]
    for dataId in each:
        exposure, background = residual(camera, 3, dataId["exposure"])
        butler.put(exposure, "cpSkyMaskedIsrExp", dataId)
        butler.put(background, "cpSkyExpResidualBackground", dataId)
    quantum = quantum_of(task, butler, whole, inputBkgs=each, inputExpHandles=each)
    run = runTestQuantum(task, butler, quantum, mockRun=True)
    assert run.call_args.kwargs.keys() == {"inputBkgs", "inputExpHandles"}
    runTestQuantum(task, butler, quantum, mockRun=False)
    sky = butler.get("sky", whole)
    assert sky.getDetector().getName() == "D3"
    assert [sky.getMetadata().get(f"CPP_INPUT_{i}") for i in range(2)] == list(VISITS)


def test_combine_header_names_only_what_went_in(butler, camera):
    task = task_of(CpSkyCombineTask)
    whole = data_id(detector=3)
    each = [data_id(exposure=visit, detector=3) for visit in VISITS]
    for dataId in each:
        exposure, background = residual(camera, 3, dataId["exposure"])
        butler.put(exposure, "cpSkyMaskedIsrExp", dataId)
    butler.put(background, "cpSkyExpResidualBackground", each[1])
    quantum = quantum_of(task, butler, whole, inputBkgs=each[1:], inputExpHandles=each)
    runTestQuantum(task, butler, quantum, mockRun=False)
    metadata = butler.get("sky", whole).getMetadata()
    assert metadata.get("CPP_INPUT_0") == VISITS[1]
    assert "CPP_INPUT_1" not in metadata
    assert metadata.get("CPP_LEFTOUT_0") == VISITS[0]
    assert task.metadata["leftOut"] == 1


def test_quantum_dimensions_are_checked(butler):
    with pytest.raises(ValueError, match="quantum dimensions"):
        makeQuantum(skydata.image_task(), butler, data_id(exposure=101), {})
