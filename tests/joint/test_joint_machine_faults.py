"""Faults of machines cost the joint chain time and nothing else.

The same for the stock chain: ``tests/test_machine_faults.py``.
"""

import pathlib
import shutil
import signal
import sys
import tempfile
import time

import nights
import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="asks the system of Linux for limits"),
]

RUN, WANTED = "faulty", nights.JOINT_PRODUCTS


@pytest.fixture(scope="module")
def night():
    """Folder with a night, what an undisturbed run makes of it, and the files that it wrote."""
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        nights.make_night(root / "before")
        nights.take_joint_chain(root / "before")
        shutil.copytree(root / "before", root / "calm")
        done = nights.pipetask(root / "calm", RUN)
        assert done.returncode == 0, done.stdout + done.stderr
        products = nights.products(root / "calm", RUN, WANTED)
        assert len(products) == sum(WANTED.values())
        yield root, products, nights.files(root / "calm", RUN, WANTED)


def check(night, folder):
    """No file is half-written, and what is made when the run goes on is the same to the bit."""
    _, products, files = night
    found = nights.files(folder, RUN, WANTED)
    assert {name: files[name] for name in found} == found
    problem = nights.resume(folder, RUN)
    assert not problem, problem
    assert nights.products(folder, RUN, WANTED) == products


@pytest.fixture
def copy(night):
    root = night[0]
    shutil.copytree(root / "before", root / "copy")
    yield root / "copy"
    shutil.rmtree(root / "copy")


def wait_for(process, folder, moment):
    """Wait until so many files are there, or the process has ended."""
    start = time.monotonic()
    while process.poll() is None and time.monotonic() - start < 300:
        if (folder / "repo" / RUN).is_dir() and len(nights.names(folder, RUN, WANTED)) >= moment:
            return
        time.sleep(0.01)


@pytest.mark.parametrize("moment", [1, 6])
def test_kill(night, copy, moment):
    process = nights.start(copy, RUN)
    wait_for(process, copy, moment)
    assert nights.stop(process, signal.SIGKILL) != 0
    check(night, copy)


def test_small_disk(night):
    """A disk that is full when half of the files are written."""
    root = night[0]
    before, after = (nights.size_of(root / name) for name in ("before", "calm"))
    with nights.small_disk(root / "disk", before + (after - before) // 2) as make_room:
        shutil.copytree(root / "before", root / "disk" / "night")
        done = nights.pipetask(root / "disk" / "night", RUN)
        assert done.returncode != 0
        make_room()
        check(night, root / "disk" / "night")


def test_memory_is_taken_in_mid_run(night, copy):
    process = nights.start(copy, RUN)
    wait_for(process, copy, 2)
    nights.take_memory(process)
    assert process.wait(timeout=300) != 0
    check(night, copy)


def test_corrupted_input(night, copy):
    """It costs one detector of one exposure where partial outputs are no failure."""
    victim = sorted((copy / "repo" / "SkySim" / "raw").rglob("*.fits"))[1]
    content = victim.read_bytes()
    victim.write_bytes(content[: len(content) // 2])
    done = nights.pipetask(copy, RUN, "--no-raise-on-partial-outputs")
    assert done.returncode == 0, done.stdout + done.stderr
    assert victim.name in done.stdout + done.stderr
    found = nights.products(copy, RUN, WANTED)
    assert len([name for name, _ in found if name == "sky"]) == WANTED["sky"]
    assert len([name for name, _ in found if name == "cpSkyJointMask1"]) == WANTED["cpSkyJointMask1"] - 1
