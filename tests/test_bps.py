"""The pipelines by bps, on two workers of this machine."""

import importlib.util
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from lsst.cp.sky.demo import write_pipeline
from lsst.cp.sky.simulate import Night, NightConfig, bin_camera, make_raft_camera, make_repository
from lsst.daf.butler import Butler

_SITES = pathlib.Path(__file__).resolve().parents[1] / "bps"
_DETECTORS, _EXPOSURES = (0, 1), 3

_JOBS = """
import json, pathlib, pickle, sys
jobs = pickle.loads(pathlib.Path(sys.argv[1]).read_bytes()).jobs
generic = {name: job.generic for name, job in jobs.items()}
print(json.dumps([[name, job.quanta_counts, job.request_memory] for name, job in generic.items()]))
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("lsst.ctrl") is None
        or importlib.util.find_spec("lsst.ctrl.bps") is None
        or importlib.util.find_spec("parsl") is None,
        reason="lsst-ctrl-bps-parsl is not installed (the extra bps)",
    ),
]


def environment(folder):
    """Variables that a pip installation needs, as doc/cluster.md has them, and where a shell would be."""
    prefix = str(pathlib.Path(sys.executable).parents[1])
    path = os.pathsep.join([str(pathlib.Path(sys.executable).parent), os.environ.get("PATH", "")])
    return {
        **os.environ,
        "CTRL_MPEXEC_DIR": prefix,
        "DAF_BUTLER_DIR": prefix,
        "BPS_WMS_SERVICE_CLASS": "lsst.ctrl.bps.parsl.ParslService",
        "PATH": path,
        "PWD": str(folder),
    }


def start(folder, *command):
    """Start a command in a session of its own."""
    with (folder / "log.txt").open("a") as log:
        return subprocess.Popen(
            [str(one) for one in command],
            cwd=folder,
            env=environment(folder),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def run(folder, *command):
    """Run a command to its end."""
    status = start(folder, *command).wait(timeout=900)
    assert status == 0, (folder / "log.txt").read_text()[-4000:]


def submit(output, site=_SITES / "workstation.yaml"):
    """The command that submits."""
    return ["bps", "submit", site, "-b", "repo", *common(output)]


def common(output, pipeline="pipeline.yaml"):
    """Options of bps and pipetask alike."""
    inputs = "SkySim/raw/all,SkySim/calib"
    return ["-i", inputs, "-o", output, "-d", "instrument='SkySim'", "-p", pipeline]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A night, and what pipetask makes of it."""
    folder = tmp_path_factory.mktemp("bps")
    camera = bin_camera(make_raft_camera(), 2)
    night = Night(camera, NightConfig(exposures=_EXPOSURES, seed=3))
    make_repository(str(folder / "repo"), night, detectors=_DETECTORS)
    write_pipeline(folder / "pipeline.yaml", {"xSize": 5.24, "ySize": 5.24, "pixelSize": 0.02})
    run(folder, "pipetask", "run", "-b", "repo", *common("pipetask"), "--register-dataset-types")
    return folder


def products(folder, collection):
    """Pixels of sky frames and masked exposures by data ID."""
    butler = Butler.from_config(str(folder / "repo"))
    found = {}
    for name in ("sky", "cpSkyMaskedIsrExp"):
        for ref in butler.query_datasets(name, collections=collection):
            exposure = butler.get(ref)
            planes = (exposure.image.array, exposure.variance.array, exposure.mask.array)
            found[name, str(ref.dataId)] = [np.array(plane) for plane in planes]
    return found


def assert_same(folder, collection):
    """Products of pipetask and of bps, bit by bit."""
    expected, got = products(folder, "pipetask"), products(folder, collection)
    assert len(expected) == len(_DETECTORS) * (1 + _EXPOSURES)
    assert got.keys() == expected.keys()
    for key, planes in expected.items():
        for one, other in zip(planes, got[key], strict=True):
            np.testing.assert_array_equal(other, one)


def job_logs(folder, output):
    """Logs of the jobs that a run has started, by label."""
    logs = folder.glob(f"submit/{output}/*/logs/**/*.stderr")
    return sorted(path.name for path in logs if not path.name.startswith("pipetaskInit"))


def test_bps_makes_what_pipetask_makes(folder):
    run(folder, *submit("bps"))
    assert_same(folder, "bps")
    # An exposure is one job, and so are all sky frames of a filter.
    jobs = [name for name in job_logs(folder, "bps") if "finalJob" not in name]
    assert len([name for name in jobs if "skyExposure" in name]) == _EXPOSURES
    assert len([name for name in jobs if "skyFrame" in name]) == 1


def descendants(pid):
    """Processes below one of ours, by number."""
    found = subprocess.run(
        ["ps", "-e", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
    ).stdout
    pairs = [tuple(map(int, line.split())) for line in found.splitlines()]
    below, level = [], [pid]
    while level:
        level = [child for child, parent in pairs if parent in level]
        below += level
    return below


def test_killed_and_started_again(folder):
    process = start(folder, *submit("killed"))
    limit = time.monotonic() + 600
    while not list(folder.glob("repo/killed/*/cpSkyExpResidualBackground/**/*.fits")):
        assert process.poll() is None, (folder / "log.txt").read_text()[-4000:]
        assert time.monotonic() < limit
        time.sleep(0.2)
    for pid in [process.pid, *descendants(process.pid)]:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    process.wait(timeout=60)
    assert not list(folder.glob("repo/killed/*/sky/**/*.fits"))
    (path,) = folder.glob("submit/killed/*")
    run(folder, "bps", "restart", "--id", path)
    assert_same(folder, "killed")


def prepare(folder, chain, site):
    """Jobs of a chain's workflow, as bps prepares them: task labels and memory (MB) by name of the job."""
    output = f"{chain}-{site}"
    pipeline = f"resource://lsst.cp.sky/pipelines/LSSTCam/{chain}.yaml"
    run(folder, "bps", "prepare", _SITES / f"{site}.yaml", "-b", "repo", *common(output, pipeline))
    (path,) = folder.glob(f"submit/{output}/*/parsl_workflow.pickle")
    # In a process of its own: parsl leaves sockets open when it makes a site.
    text = subprocess.run(
        [sys.executable, "-c", _JOBS, path], capture_output=True, text=True, check=True
    ).stdout
    return {name: (counts, memory) for name, counts, memory in json.loads(text)}


@pytest.mark.parametrize("site", ["workstation", "slurm"])
def test_an_exposure_of_the_stock_chain_is_a_job(folder, site):
    jobs = prepare(folder, "cpSkyPostIsr", site)
    tasks = {"cpSkyImage": 2, "cpSkyScaleMeasure": 1, "cpSkySubtractBackground": 2}
    exposures = [(counts, memory) for name, (counts, memory) in jobs.items() if "skyExposure" in name]
    assert exposures == [(tasks, 1024)] * _EXPOSURES
    assert [counts for name, (counts, _) in jobs.items() if "skyFrame" in name] == [{"cpSkyCombine": 2}]
    assert len(jobs) == _EXPOSURES + 2  # and pipetaskInit


@pytest.mark.parametrize("site", ["workstation", "slurm"])
def test_an_exposure_of_a_pass_of_the_joint_chain_is_a_job(folder, site):
    jobs = prepare(folder, "cpSkyJointPostIsr", site)
    for label, memory in (("Median", 1024), ("Mask1", 1536), ("Mask2", 1536)):
        found = [job for name, job in jobs.items() if name.startswith(f"skyJoint{label}_")]
        assert found == [({f"cpSkyJoint{label}": len(_DETECTORS)}, memory)] * _EXPOSURES
    for number in "12":
        (job,) = (job for name, job in jobs.items() if name.startswith(f"skyJointSolve{number}"))
        assert job == ({f"cpSkyJointPool{number}": 1, f"cpSkyJointSolve{number}": 1}, 3072)
    frames = [counts for name, (counts, _) in jobs.items() if "skyJointFrame" in name]
    assert frames == [{"cpSkyJointFrame": len(_DETECTORS)}]


@pytest.mark.skipif(
    shutil.which("sinfo") is None or subprocess.run(["sinfo"], capture_output=True).returncode != 0,
    reason="no Slurm cluster to submit to",
)
def test_slurm_makes_what_pipetask_makes(folder):
    """The Slurm site with two cores of one node, on whichever cluster this machine belongs to."""
    (folder / "slurm.yaml").write_text(
        f"includeConfigs:\n  - {_SITES / 'slurm.yaml'}\n"
        "site:\n  slurm:\n    cores_per_node: 2\n    mem_per_node: 4\n    walltime: '00:30:00'\n"
    )
    run(folder, *submit("slurm", folder / "slurm.yaml"))
    assert_same(folder, "slurm")


def test_the_page_names_the_variables():
    text = (pathlib.Path(__file__).resolve().parents[1] / "doc" / "cluster.md").read_text()
    exported = set(re.findall(r"(\w+)=", " ".join(re.findall(r"^ +export (.*)", text, re.MULTILINE))))
    assert exported >= {"BPS_WMS_SERVICE_CLASS", "CTRL_MPEXEC_DIR", "DAF_BUTLER_DIR"}
