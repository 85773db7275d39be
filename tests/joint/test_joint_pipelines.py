"""The pipelines of the joint chain, as the middleware sees them."""

import pathlib
import re

import pytest
import stockfakes

import lsst.cp.sky
from lsst.daf.butler import DimensionUniverse
from lsst.pipe.base import Pipeline

FOLDER = pathlib.Path(lsst.cp.sky.__file__).parent / "pipelines"
LABELS = [
    "cpSkyIsr",
    "cpSkyJointMedian",
    "cpSkyJointStart",
    "cpSkyJointMask1",
    "cpSkyJointPool1",
    "cpSkyJointSolve1",
    "cpSkyJointStack1",
    "cpSkyJointMask2",
    "cpSkyJointPool2",
    "cpSkyJointSolve2",
    "cpSkyJointFrame",
]
CAMERAS = {
    "LSSTCam": ("lsst.obs.lsst.LsstCam", "IsrTaskLSST"),
    "LSSTComCam": ("lsst.obs.lsst.LsstComCam", "IsrTaskLSST"),
    "LATISS": ("lsst.obs.lsst.Latiss", "IsrTaskLSST"),
    "HSC": ("lsst.obs.subaru.HyperSuprimeCam", "IsrTask"),
    "DECam": ("lsst.obs.decam.DarkEnergyCamera", "IsrTask"),
}
FROM_RAW = [
    "_ingredients/cpSkyJoint.yaml",
    "_ingredients/cpSkyJointLSST.yaml",
    *(f"{camera}/cpSkyJoint.yaml" for camera in CAMERAS),
]
UNDITHERED = "_ingredients/cpSkyJointUndithered.yaml"
VERIFY = ["_ingredients/cpSkyJointVerify.yaml", *(f"{c}/cpSkyJointVerify.yaml" for c in CAMERAS)]
POST_ISR = ["_ingredients/cpSkyJointPostIsr.yaml", *(f"{c}/cpSkyJointPostIsr.yaml" for c in CAMERAS)]


@pytest.fixture(autouse=True)
def _stock_packages(monkeypatch):
    stockfakes.install(monkeypatch)


def load(name):
    return Pipeline.from_uri(f"resource://lsst.cp.sky/pipelines/{name}")


def build(pipeline):
    graph = pipeline.to_graph()
    graph.resolve(dimensions=DimensionUniverse(), dataset_types={})
    return graph


def test_every_file_is_tested():
    found = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*Joint*.yaml")}
    assert found == {*FROM_RAW, *POST_ISR, *VERIFY, UNDITHERED}


@pytest.mark.parametrize("name", [*FROM_RAW, *POST_ISR])
def test_builds_whole(name):
    pipeline = load(name)
    labels = LABELS if name in FROM_RAW else LABELS[1:]
    graph = build(pipeline)
    assert set(graph.tasks) == set(labels)
    assert {step: set(members) for step, members in pipeline.subsets.items()} == {
        "step1": set(labels) & {"cpSkyIsr", "cpSkyJointMedian"},
        "step2": set(LABELS[2:-1]),
        "step3": {"cpSkyJointFrame"},
    }
    ir = pipeline._pipelineIR
    assert [step.dimensions for step in ir.steps] == [
        ["instrument", "exposure", "detector"],
        ["instrument", "physical_filter"],
        ["instrument", "physical_filter", "detector"],
    ]
    assert all(contract.msg for contract in ir.contracts)


@pytest.mark.parametrize("name", VERIFY)
def test_verification_reads_what_the_chain_makes(name):
    made = build(load(POST_ISR[0]))
    graph = load(name).to_graph()
    assert len(graph.tasks) == 4
    inputs = {name for name in graph.dataset_types if graph.producer_of(name) is None}
    assert inputs - set(made.dataset_types) == {"camera"}


@pytest.mark.parametrize("name", POST_ISR)
def test_exposures_are_all_it_needs(name):
    text = str(load(name))
    assert "lsst.ip.isr" not in text
    assert "lsst.obs" not in text
    graph = build(load(name))
    inputs = {name for name, _ in graph.dataset_types.items() if graph.producer_of(name) is None}
    assert inputs == {"cpSkyIsrExp"}


@pytest.mark.parametrize("camera", CAMERAS)
def test_cameras(camera):
    instrument, isr = CAMERAS[camera]
    pipeline = load(f"{camera}/cpSkyJoint.yaml")
    assert pipeline.getInstrument() == instrument
    assert load(f"{camera}/cpSkyJointPostIsr.yaml").getInstrument() is None
    task = build(pipeline).tasks["cpSkyIsr"]
    assert task.task_class.__name__ == isr
    stock = Pipeline.from_uri(f"resource://lsst.cp.sky/pipelines/{camera}/cpSky.yaml")
    stock.addConfigOverride("cpSkyImage", "largeScaleBackground.xSize", 1.0)
    assert task.config == stock.to_graph().tasks["cpSkyIsr"].config


@pytest.mark.parametrize("camera", CAMERAS)
@pytest.mark.parametrize("variant", ["", "PostIsr"])
def test_gauge_of_superpixels_is_that_of_the_stock_chain(camera, variant):
    gauge = build(load(f"{camera}/cpSkyJoint{variant}.yaml")).tasks["cpSkyJointSolve2"].config.gauge
    stock = Pipeline.from_uri(f"resource://lsst.cp.sky/pipelines/{camera}/cpSky{variant}.yaml").to_graph()
    model = stock.tasks["cpSkyImage"].config.largeScaleBackground
    assert (gauge.xSize, gauge.ySize) == (model.xSize, model.ySize)


def test_minimum_of_inputs_is_one_parameter():
    pipeline = load("_ingredients/cpSkyJointPostIsr.yaml")
    pipeline.addConfigOverride("parameters", "minInputs", 7)
    tasks = build(pipeline).tasks
    labels = ("cpSkyJointStart", "cpSkyJointSolve1", "cpSkyJointSolve2")
    assert [tasks[label].config.minInputs for label in labels] == [7, 7, 7]


def connections():
    """Every connection between two tasks: where it is read, and its field."""
    graph = Pipeline.from_uri(f"resource://lsst.cp.sky/pipelines/{POST_ISR[0]}").to_graph()
    for label, task in graph.tasks.items():
        for field, edge in task.inputs.items():
            if graph.producer_of(edge.parent_dataset_type_name) is not None:
                yield label, field


@pytest.mark.parametrize(("label", "field"), sorted(connections()))
def test_contracts_tie_all_connections(label, field):
    """A dataset type that is renamed on the reading side only is noticed, and the message says where."""
    pipeline = load(POST_ISR[0])
    pipeline.addConfigOverride(label, f"connections.{field}", "other")
    with pytest.raises(Exception, match=re.escape(f"{label}.connections.{field} must be")):
        build(pipeline)


def test_objects_are_sorted_alike():
    pipeline = load(POST_ISR[0])
    pipeline.addConfigOverride("cpSkyJointMask2", "wings.classes", [2.0, 4.0])
    with pytest.raises(Exception, match=r"cpSkyJointMask2\.wings\.classes must be"):
        build(pipeline)


def test_undithered_exposures_have_one_pass_more():
    pipeline = load(UNDITHERED)
    graph = build(pipeline)
    more = {f"cpSkyJoint{name}" for name in ("Stack2", "Mask3", "Pool3", "Solve3")}
    assert set(graph.tasks) == {*LABELS[1:], *more}
    assert more < set(pipeline.subsets["step2"])
    assert graph.producer_of("cpSkyJointExposures").label == "cpSkyJointSolve3"
    assert "cpSkyJointPattern4" in {
        e.parent_dataset_type_name for e in graph.tasks["cpSkyJointFrame"].inputs.values()
    }
    assert graph.producer_of("cpSkyJointStatic2").label == "cpSkyJointStack2"
