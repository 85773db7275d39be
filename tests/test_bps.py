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

_CLONE = pathlib.Path(__file__).resolve().parents[1]
WORKSTATION = _CLONE / "bps" / "workstation.yaml"
INPUTS = "SkySim/raw/all,SkySim/calib"
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


def page_commands():
    """Commands of doc/cluster.md, by how they begin."""
    spec = importlib.util.spec_from_file_location("_pages", _CLONE / "benchmarks" / "_pages.py")
    pages = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(pages)
    return {" ".join(command.split()[:2]): command for command in pages.commands("cluster.md")}


PAGE = page_commands() if _CLONE.joinpath("doc").is_dir() else {}


def start(folder, command):
    """Start a command in a session of its own, with the variables that the page exports."""
    exports = [text for text in PAGE.values() if text.startswith("export ")]
    path = os.pathsep.join([str(pathlib.Path(sys.executable).parent), os.environ.get("PATH", "")])
    with (folder / "log.txt").open("a") as log:
        return subprocess.Popen(
            ["bash", "-c", "\n".join(["set -e", *exports, command])],
            cwd=folder,
            env={**os.environ, "PATH": path, "PWD": str(folder)},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def run(folder, command):
    """Run a command to its end."""
    status = start(folder, command).wait(timeout=1800)
    assert status == 0, (folder / "log.txt").read_text()[-4000:]


def from_page(begins, output, pipeline="stock.yaml", **names):
    """A command of the page, with our names for its own."""
    command = PAGE[begins]
    names = {"REPO": "repo", "INPUTS": INPUTS, "PIPELINE.yaml": pipeline, "MyCam": "SkySim", **names}
    for old, new in {"u/me/sky": output, "bps/workstation.yaml": WORKSTATION, **names}.items():
        command = command.replace(old, str(new))
    return command


def pipetask(chain):
    """What makes the same without bps."""
    return (
        f"pipetask run -b repo -i {INPUTS} -o {chain} -p {chain}.yaml --register-dataset-types "
        "-d \"instrument='SkySim'\""
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A night, and what pipetask makes of it."""
    folder = tmp_path_factory.mktemp("bps")
    camera = bin_camera(make_raft_camera(), 2)
    night = Night(camera, NightConfig(exposures=_EXPOSURES, seed=3))
    make_repository(str(folder / "repo"), night, detectors=_DETECTORS)
    for chain in ("stock", "joint"):
        sizes = {"xSize": 5.24, "ySize": 5.24, "pixelSize": 0.02}
        write_pipeline(folder / f"{chain}.yaml", sizes, chain)
        run(folder, pipetask(chain))
    return folder


def products(folder, collection, chain):
    """Pixels of sky frames, and of the stock chain's masked exposures, by data ID."""
    butler = Butler.from_config(str(folder / "repo"))
    found = {}
    for name in ("sky", "cpSkyMaskedIsrExp") if chain == "stock" else ("sky",):
        for ref in butler.query_datasets(name, collections=collection):
            exposure = butler.get(ref)
            planes = (exposure.image.array, exposure.variance.array, exposure.mask.array)
            found[name, str(ref.dataId)] = [np.array(plane) for plane in planes]
    return found


def assert_same(folder, collection, chain="stock"):
    """Products of pipetask and of bps, bit by bit."""
    expected, got = (products(folder, one, chain) for one in (chain, collection))
    assert len(expected) == len(_DETECTORS) * (1 + _EXPOSURES * (chain == "stock"))
    assert got.keys() == expected.keys()
    for key, planes in expected.items():
        for one, other in zip(planes, got[key], strict=True):
            np.testing.assert_array_equal(other, one)


def job_logs(folder, output):
    """Logs of the jobs that a run has started, by label."""
    logs = folder.glob(f"submit/{output}/*/logs/**/*.stderr")
    return sorted(path.name for path in logs if not path.name.startswith("pipetaskInit"))


def test_bps_makes_what_pipetask_makes(folder):
    """The page's commands, up to certified sky frames."""
    run(folder, from_page("bps submit", "bps"))
    assert_same(folder, "bps")
    # An exposure is one job, and so are all sky frames of a filter.
    jobs = [name for name in job_logs(folder, "bps") if "finalJob" not in name]
    assert len([name for name in jobs if "skyExposure" in name]) == _EXPOSURES
    assert len([name for name in jobs if "skyFrame" in name]) == 1
    run(folder, from_page("butler certify-calibrations", "bps"))
    butler = Butler.from_config(str(folder / "repo"))
    found = butler.registry.queryDatasets("sky", collections="u/me/calib")
    assert {ref.dataId["detector"] for ref in found} == set(_DETECTORS)


def test_the_joint_chain_by_bps(folder):
    run(folder, from_page("bps submit", "bps-joint", "joint.yaml"))
    assert_same(folder, "bps-joint", "joint")
    masks = [name for name in job_logs(folder, "bps-joint") if "skyJointMask2" in name]
    assert len(masks) == _EXPOSURES


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
    process = start(folder, from_page("bps submit", "killed"))
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
    command = PAGE["bps restart"]
    (example,) = re.findall("--id (.*)", command)
    run(folder, command.replace(example, str(path)))
    assert_same(folder, "killed")


def prepare(folder, chain, site):
    """Jobs of a chain's workflow, as bps prepares them: task labels and memory (MB) by name of the job."""
    output = f"{chain}-{site}"
    pipeline = f"resource://lsst.cp.sky/pipelines/LSSTCam/{chain}.yaml"
    command = from_page("bps submit", output, pipeline).replace("workstation.yaml", f"{site}.yaml")
    run(folder, command.replace("submit", "prepare", 1))
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
        f"includeConfigs:\n  - {WORKSTATION.with_name('slurm.yaml')}\n"
        "site:\n  slurm:\n    cores_per_node: 2\n    mem_per_node: 4\n    walltime: '00:30:00'\n"
    )
    run(folder, from_page("bps submit", "slurm", **{str(WORKSTATION): folder / "slurm.yaml"}))
    assert_same(folder, "slurm")
