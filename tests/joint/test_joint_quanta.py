"""The tasks of the joint chain through a butler: each by itself, and all by ``pipetask run``."""

import os
import pathlib
import subprocess
import sys
import unittest.mock

import jointnight
import numpy as np
import pytest
import skydata

import lsst.afw.image
import lsst.cp.sky
import lsst.daf.butler.tests as butlerTests
from lsst.cp.sky.simulate import CALIB_COLLECTION, RAW_COLLECTION, make_repository
from lsst.daf.butler import Butler
from lsst.pipe.base import NoWorkFound
from lsst.pipe.base.testUtils import assertValidOutput, makeQuantum, runTestQuantum

VISITS, DETECTORS = (101, 102, 103), (0, 1)
FIRST = 2024032800001
"""Number of the first simulated exposure."""
WHOLE = {"instrument": "TestCam", "physical_filter": "r_03"}


@pytest.fixture(scope="module")
def butler(tmp_path_factory, camera):
    """Repository with a few small exposures."""
    repo = butlerTests.makeTestRepo(str(tmp_path_factory.mktemp("repo")))
    butlerTests.addDataIdValue(repo, "instrument", "TestCam")
    butlerTests.addDataIdValue(repo, "physical_filter", "r_03", band="r")
    butlerTests.addDataIdValue(repo, "day_obs", 20240331)
    for visit in VISITS:
        butlerTests.addDataIdValue(repo, "group", str(visit))
        butlerTests.addDataIdValue(
            repo, "exposure", visit, physical_filter="r_03", group=str(visit), day_obs=20240331
        )
    for detector in DETECTORS:
        butlerTests.addDataIdValue(repo, "detector", detector)
    for name, dimensions, storageClass in _dataset_types():
        butlerTests.addDatasetType(repo, name, dimensions, storageClass)
    collection = butlerTests.makeTestCollection(repo)
    for visit in VISITS:
        for detector in DETECTORS:
            exposure = skydata.make_exposure(camera[detector], visit=visit, seed=visit)
            collection.put(exposure, "cpSkyIsrExp", _place(visit, detector))
    return collection


TASKS = ("Median", "Start", "Mask", "Pool", "Solve", "Stack", "Frame")


def _dataset_types():
    """All that the tasks read and write with their default templates."""
    found = {"cpSkyIsrExp": ({"instrument", "exposure", "detector"}, "Exposure")}
    for name in TASKS:
        for connection in _connections(jointnight.task(name)).values():
            found[connection.name] = (set(connection.dimensions), connection.storageClass)
    return [(name, *rest) for name, rest in found.items()]


def _connections(task):
    connections = task.config.ConnectionsClass(config=task.config)
    return {name: getattr(connections, name) for name in connections.allConnections}


def _place(visit, detector):
    return {"instrument": "TestCam", "exposure": visit, "detector": detector}


def _data_ids(connection, whole):
    """Data IDs of a connection in a quantum."""
    dimensions = set(connection.dimensions)
    visits = [whole["exposure"]] if "exposure" in whole else VISITS
    detectors = [whole["detector"]] if "detector" in whole else DETECTORS
    if {"exposure", "detector"} <= dimensions:
        found = [_place(v, d) for v in visits for d in detectors]
    elif "detector" in dimensions:
        found = [{**WHOLE, "detector": d} for d in detectors]
    else:
        found = [WHOLE]
    return found if connection.multiple else found[0]


def _check_dimensions(universe, expected, actual):
    """Compare what dimensions imply: the stock check refuses a filter that follows from the exposure."""
    if universe.conform(expected) != universe.conform(actual):
        raise ValueError(f"Mismatch in dimensions; expected {expected} but got {actual}.")


def _run(butler, task, whole):
    dataIds = {name: _data_ids(c, whole) for name, c in _connections(task).items()}
    with unittest.mock.patch("lsst.pipe.base.testUtils._checkDimensionsMatch", _check_dimensions):
        quantum = makeQuantum(task, butler, whole, dataIds)
    results = []
    with unittest.mock.patch.object(
        task, "run", side_effect=lambda run=task.run, **kw: results.append(run(**kw)) or results[-1]
    ):
        runTestQuantum(task, butler, quantum, mockRun=False)
    assertValidOutput(task, results[0])


def test_quanta(butler):
    """Each task finds its inputs as the one before wrote them."""
    each = [_place(v, d) for v in VISITS for d in DETECTORS]
    detectors = [{**WHOLE, "detector": d} for d in DETECTORS]
    for whole in each:
        _run(butler, jointnight.task("Median"), whole)
    _run(butler, jointnight.task("Start"), WHOLE)
    for whole in each:
        _run(butler, jointnight.task("Mask"), whole)
    _run(butler, jointnight.task("Pool"), WHOLE)
    _run(butler, jointnight.task("Solve"), WHOLE)
    for name in ("cpSkyJointWings1", "cpSkyJointSkies2"):
        assert len(butler.get(name, WHOLE)) > 0
    with pytest.raises(NoWorkFound, match="none stays"):
        _run(butler, jointnight.task("Stack"), detectors[0])


@pytest.fixture(scope="module")
def night():
    return jointnight.make_night()


def pipetask(root, output, *options):
    """Run the pipeline in a process of its own."""
    code = "import sys; from lsst.ctrl.mpexec.cli.pipetask import main; sys.exit(main())"
    paths = [
        str(pathlib.Path(m.__file__).parents[len(m.__name__.split("."))])
        for m in (lsst.cp.sky, lsst.afw.image)
    ]
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join([*paths, os.environ.get("PYTHONPATH", "")]),
    }
    command = [
        "run", "-b", str(root), "-i", f"{RAW_COLLECTION},{CALIB_COLLECTION}", "-o", output,
        "--register-dataset-types", "-d", "instrument = 'SkySim'",
        "-p", "resource://lsst.cp.sky/pipelines/_ingredients/cpSkyJointPostIsr.yaml", *options,
    ]  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", code, *command], env=environment, capture_output=True, text=True, timeout=900
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def repository(night, tmp_path_factory):
    """A night, and the pipeline run on it."""
    root = tmp_path_factory.mktemp("joint") / "repo"
    make_repository(str(root), night)
    code, log = pipetask(root, "joint")
    assert code == 0, log
    return root, log


def sky_frames(root, collection):
    butler = Butler.from_config(str(root), collections=collection, instrument="SkySim")
    return [butler.get("sky", detector=d, physical_filter="sim_r") for d in (0, 1)]


def test_pipetask_and_tasks_agree(repository, night):
    """What goes through files is the same to the last bit."""
    root, log = repository
    assert "Executed 23 quanta successfully, 0 failed" in log
    named = {
        (e, d): jointnight.handle(h.get(), "ExposureF", exposure=FIRST + e, detector=d)
        for (e, d), h in jointnight.exposure_handles(night).items()
    }
    named = {(FIRST + e, d): h for (e, d), h in named.items()}
    expected = jointnight.run_tasks(named)
    for d, frame in enumerate(sky_frames(root, "joint")):
        for plane in ("image", "variance", "mask"):
            np.testing.assert_array_equal(
                getattr(frame, plane).array, getattr(expected.frames[d], plane).array
            )


def test_exposures_table(repository):
    root, _ = repository
    butler = Butler.from_config(str(root), collections="joint", instrument="SkySim")
    table = butler.get("cpSkyJointExposures", physical_filter="sim_r")
    assert len(table) == 3
    assert set(table["reason"]) == {"-"}


@pytest.mark.slow
def test_two_processes_make_the_same(repository):
    root, _ = repository
    code, log = pipetask(root, "two", "-j", "2")
    assert code == 0, log
    for one, other in zip(sky_frames(root, "joint"), sky_frames(root, "two"), strict=True):
        np.testing.assert_array_equal(one.image.array, other.image.array)


def test_what_is_no_good_does_not_cost_the_night(night, tmp_path):
    """An exposure of one detector is saturated all over: the others make sky frames without it."""
    root = tmp_path / "repo"
    butler = make_repository(str(root), night)
    ref = next(iter(butler.query_datasets("cpSkyIsrExp", collections=RAW_COLLECTION)))
    spoilt = butler.get(ref)
    spoilt.mask.array[:] = spoilt.mask.getPlaneBitMask("SAT")
    butler.pruneDatasets([ref], disassociate=True, unstore=True, purge=True)
    butler.put(spoilt, "cpSkyIsrExp", ref.dataId, run=RAW_COLLECTION)
    code, log = pipetask(root, "joint", "--no-raise-on-partial-outputs")
    assert code == 0, log
    assert "Not one pixel of detector" in log
    detector, exposure = int(ref.dataId["detector"]), int(ref.dataId["exposure"])
    inputs = [
        v for k, v in sky_frames(root, "joint")[detector].getMetadata().toDict().items() if _is_input(k)
    ]
    assert exposure not in inputs
    assert len(inputs) >= 1


def _is_input(name):
    return name.startswith("CPP_INPUT_") and name[10:].isdigit()
