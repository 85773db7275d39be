import pathlib
import re

import pytest
import stockfakes

import lsst.cp.sky
from lsst.cp.sky import CpSkyImageTask
from lsst.daf.butler import DimensionUniverse
from lsst.pipe.base import Pipeline
from lsst.pipe.base.pipeline_graph import PipelineGraph

PACKAGE = pathlib.Path(lsst.cp.sky.__file__).parent
CLONE = pathlib.Path(__file__).resolve().parents[1]

LABELS = ["cpSkyIsr", "cpSkyImage", "cpSkyScaleMeasure", "cpSkySubtractBackground", "cpSkyCombine"]
#: Superpixel and detector pixel in mm, instrument, whether there are two physical types.
CAMERAS = {
    "LSSTCam": (40.96, 0.01, "lsst.obs.lsst.LsstCam", True),
    "LSSTComCam": (40.96, 0.01, "lsst.obs.lsst.LsstComCam", False),
    "LATISS": (40.96, 0.01, "lsst.obs.lsst.Latiss", False),
    "HSC": (122.88, 0.015, "lsst.obs.subaru.HyperSuprimeCam", False),
    "DECam": (61.44, 0.015, "lsst.obs.decam.DarkEnergyCamera", False),
}
FROM_RAW = ["_ingredients/cpSky.yaml", "_ingredients/cpSkyLSST.yaml", *(f"{c}/cpSky.yaml" for c in CAMERAS)]
POST_ISR = ["_ingredients/cpSkyPostIsr.yaml", *(f"{c}/cpSkyPostIsr.yaml" for c in CAMERAS)]
#: What the ingredients leave to the cameras.
SIZES = {"xSize": 40.96, "ySize": 40.96, "pixelSize": 0.01}
STEP_DIMENSIONS = {
    "step1": ["instrument", "exposure", "detector"],
    "step2": ["instrument", "exposure"],
    "step3": ["instrument", "physical_filter", "detector"],
}


@pytest.fixture(autouse=True)
def _stock_packages(monkeypatch):
    stockfakes.install(monkeypatch)


def load(name):
    return Pipeline.from_uri(f"resource://lsst.cp.sky/pipelines/{name}")


def build(pipeline) -> PipelineGraph:
    """Graph with every connection resolved against the others and the dimensions of a default repository."""
    if "any camera" in pipeline._pipelineIR.description:
        for name, value in SIZES.items():
            pipeline.addConfigOverride("cpSkyImage", f"largeScaleBackground.{name}", value)
    graph = pipeline.to_graph()
    graph.resolve(dimensions=DimensionUniverse(), dataset_types={})
    return graph


def test_every_file_is_tested():
    """Those of the joint chain, of metrics and of corrections are tested in modules of their own."""
    files = (path.relative_to(PACKAGE / "pipelines") for path in (PACKAGE / "pipelines").rglob("*.yaml"))
    assert {str(path) for path in files if not re.search("Joint|Verify|Apply", path.name)} == {
        *FROM_RAW,
        *POST_ISR,
    }


@pytest.mark.parametrize("name", [*FROM_RAW, *POST_ISR])
def test_builds_whole(name):
    pipeline = load(name)
    labels = LABELS if name in FROM_RAW else LABELS[1:]
    assert list(pipeline.task_labels) == labels
    assert {step: set(members) for step, members in pipeline.subsets.items()} == {
        "step1": set(labels[:-3]),
        "step2": {"cpSkyScaleMeasure", "cpSkySubtractBackground"},
        "step3": {"cpSkyCombine"},
    }
    graph = build(pipeline)
    assert list(graph.tasks) == labels
    ir = pipeline._pipelineIR
    assert {step.label: step.dimensions for step in ir.steps} == STEP_DIMENSIONS
    assert len(ir.contracts) == (10 if name in FROM_RAW else 9)
    assert all(contract.msg for contract in ir.contracts)
    assert all(graph.task_subsets[step].description for step in graph.task_subsets)


@pytest.mark.parametrize("name", POST_ISR)
def test_post_isr_needs_no_stock_package(name):
    text = str(load(name))
    assert "lsst.ip.isr" not in text
    assert "lsst.obs" not in text
    graph = build(load(name))
    inputs = {
        dataset_type
        for dataset_type, node in graph.dataset_types.items()
        if graph.producer_of(dataset_type) is None
    }
    assert inputs == {"camera", "cpSkyIsrExp"}


@pytest.mark.parametrize("camera", CAMERAS)
@pytest.mark.parametrize("variant", ["cpSky", "cpSkyPostIsr"])
def test_camera_values(camera, variant):
    size, pixel, instrument, alternate = CAMERAS[camera]
    pipeline = load(f"{camera}/{variant}.yaml")
    assert pipeline.getInstrument() == (instrument if variant == "cpSky" else None)
    tasks = build(pipeline).tasks
    model = tasks["cpSkyImage"].config.largeScaleBackground
    assert (model.xSize, model.ySize, model.pixelSize) == (size, size, pixel)
    for label in ("cpSkyScaleMeasure", "cpSkySubtractBackground"):
        assert tasks[label].config.includeAlternateBackground == alternate

    override = CpSkyImageTask.ConfigClass()
    override.load(str(PACKAGE / "config" / camera / "cpSkyImage.py"))
    assert override.largeScaleBackground == model


@pytest.mark.parametrize(
    ("camera", "isr"),
    [
        ("LSSTCam", "IsrTaskLSST"),
        ("LSSTComCam", "IsrTaskLSST"),
        ("LATISS", "IsrTaskLSST"),
        ("HSC", "IsrTask"),
        ("DECam", "IsrTask"),
    ],
)
def test_instrument_signature_removal(camera, isr):
    task = build(load(f"{camera}/cpSky.yaml")).tasks["cpSkyIsr"]
    assert task.task_class.__name__ == isr
    assert task.config.connections.outputExposure == "cpSkyIsrExp"


@pytest.mark.parametrize("step", STEP_DIMENSIONS)
def test_one_step_alone(step):
    uri = f"resource://lsst.cp.sky/pipelines/LSSTCam/cpSkyPostIsr.yaml#{step}"
    assert set(build(Pipeline.from_uri(uri)).tasks) == set(load("LSSTCam/cpSkyPostIsr.yaml").subsets[step])


def test_one_parameter_for_both_tasks():
    pipeline = load("_ingredients/cpSkyPostIsr.yaml")
    pipeline.addConfigOverride("parameters", "includeAlternateBackground", True)
    graph = build(pipeline)
    assert graph.tasks["cpSkyScaleMeasure"].config.includeAlternateBackground
    assert "cpSkyExpBackgroundAlternate" in graph.dataset_types


def test_more_than_two_physical_types():
    pipeline = load("LSSTCam/cpSkyPostIsr.yaml")
    for label in ("cpSkyScaleMeasure", "cpSkySubtractBackground"):
        pipeline.addConfigOverride(label, "alternateModels", 3)
    pipeline.addConfigOverride("cpSkyScaleMeasure", "connections.outputBkgAlternate", "second")
    pipeline.addConfigOverride("cpSkySubtractBackground", "connections.inputBkgAlternate", "second")
    graph = build(pipeline)
    for name in ("second", "second2", "second3"):
        assert graph.producer_of(name).label == "cpSkyScaleMeasure"
        assert [task.label for task in graph.consumers_of(name)] == ["cpSkySubtractBackground"]


@pytest.mark.parametrize(
    ("label", "key", "value", "match"),
    [
        ("cpSkyImage", "connections.inputExp", "other", "cpSkyIsr.connections.outputExposure"),
        ("cpSkyImage", "connections.maskedBkg", "other", "the detectors' models"),
        ("cpSkyScaleMeasure", "includeAlternateBackground", True, "pipeline parameter of that name"),
        ("cpSkyScaleMeasure", "alternateModels", 2, "alternateModels must be the same"),
        ("cpSkyImage", "connections.maskedExp", "other", "the masked exposure"),
        ("cpSkyScaleMeasure", "connections.outputBkg", "other", "cpSkyScaleMeasure.connections.outputBkg"),
        ("cpSkyScaleMeasure", "connections.outputBkgAlternate", "other", "connections.outputBkgAlternate"),
        ("cpSkyScaleMeasure", "connections.outputScale", "other", "connections.outputScale"),
        (
            "cpSkySubtractBackground",
            "connections.outputBkg",
            "other",
            "cpSkySubtractBackground.connections.outputBkg",
        ),
        ("cpSkyCombine", "connections.inputExpHandles", "other", "the masked exposures"),
    ],
)
def test_contracts_say_what_has_to_follow(label, key, value, match):
    pipeline = load("_ingredients/cpSky.yaml")
    pipeline.addConfigOverride(label, key, value)
    with pytest.raises(Exception, match=match):
        build(pipeline)


@pytest.mark.skipif(not (CLONE / "pipelines").exists(), reason="not in a clone of the repository")
@pytest.mark.parametrize("folder", ["pipelines", "config"])
def test_top_level_folder_is_the_packaged_one(folder, monkeypatch):
    assert (CLONE / folder).is_symlink()
    assert (CLONE / folder).resolve() == CLONE / "python" / "lsst" / "cp" / "sky" / folder
    monkeypatch.setenv("CP_SKY_DIR", str(CLONE))
    if folder == "pipelines":
        assert len(Pipeline.from_uri("$CP_SKY_DIR/pipelines/HSC/cpSkyPostIsr.yaml")) == 4
