"""Kills, full disks and the like cost time and nothing else: what comes out later is the same to the bit.

``pytest -m slow -s tests/test_machine_faults.py`` prints what happened.
"""

import collections
import ctypes
import pathlib
import re
import resource
import shutil
import signal
import sys
import tempfile
import time
from typing import NamedTuple

import nights
import pytest

from lsst.daf.butler import Butler

pytestmark = pytest.mark.slow

RUN = "faulty"
#: How many files of products there are when a process is killed; below zero: seconds after its start.
MOMENTS = (-1.0, -6.0, 0, 1, 3, 5, 8, 11, 14, 18)
COLUMNS = ("faults", "ended by them", "files there", "half-written", "cures needed", "resumed", "identical")


class Night(NamedTuple):
    """What an undisturbed run made, and took."""

    root: pathlib.Path
    products: dict[tuple[str, str], str]
    files: dict[str, str]
    peak: int


@pytest.fixture(scope="module")
def night():
    """Folder with a night, and what an undisturbed run makes of it.

    Not below pytest's own folder, which other users may not enter.
    """
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        root.chmod(0o755)
        nights.make_night(root / "calm")
        peak = nights.peak_of_run(root / "calm", RUN)
        products, files = nights.products(root / "calm", RUN), nights.files(root / "calm", RUN)
        assert len(products) == len(files) == sum(nights.PRODUCTS.values())
        nights.make_night(root / "before")
        # On a full disk the butler registers dataset types by half; doc/failures.md has the cure.
        with (
            Butler.from_config(str(root / "calm" / "repo")) as calm,
            Butler.from_config(str(root / "before" / "repo"), writeable=True) as before,
        ):
            for dataset_type in calm.registry.queryDatasetTypes():
                before.registry.registerDatasetType(dataset_type)
        yield Night(root, products, files, peak)


@pytest.fixture(scope="module")
def tally(request):
    """Counts by kind of fault, printed at the end."""
    counts = collections.defaultdict(collections.Counter)
    yield counts
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print(f"\n{'fault':24}" + "".join(f"{name:>15}" for name in COLUMNS))
        for kind, row in counts.items():
            print(f"{kind:24}" + "".join(f"{row[name]:15}" for name in COLUMNS))


@pytest.fixture
def copy(night, request):
    """Copy of the night for one fault."""
    folder = night.root / "copy"
    shutil.copytree(night.root / "before", folder)
    yield folder
    shutil.rmtree(folder)


def check(night, folder, row, status):
    """See that a fault left nothing half-written, and that the run can be gone on with."""
    row["faults"] += 1
    row["ended by them"] += status != 0
    found = nights.files(folder, RUN)
    half = [name for name, digest in found.items() if digest != night.files[name]]
    row["files there"] += len(found)
    row["half-written"] += len(half)
    row["cures needed"] += not nights.readable(folder)
    problem = nights.resume(folder, RUN)
    row["resumed"] += not problem
    again = nights.products(folder, RUN)
    row["identical"] += again == night.products
    assert not half
    assert not problem, problem
    assert again == night.products


def wait_for(process, folder, moment):
    """Wait until so many files are there, or so many seconds have passed, or the process has ended."""
    start = time.monotonic()
    while process.poll() is None:
        if time.monotonic() - start > 300:
            pytest.fail("nothing happens")
        if moment < 0 and time.monotonic() - start > -moment:
            return
        if moment >= 0 and (folder / "repo" / RUN).is_dir() and len(nights.names(folder, RUN)) >= moment:
            return
        time.sleep(0.002)


@pytest.mark.parametrize("moment", MOMENTS)
def test_kill(night, tally, copy, moment):
    process = nights.start(copy, RUN, "-j", "2" if moment in (1, 8) else "1")
    wait_for(process, copy, moment)
    check(night, copy, tally["kill -9"], nights.stop(process, signal.SIGKILL))


@pytest.mark.parametrize("moment", [0, 8])
def test_terminate(night, tally, copy, moment):
    process = nights.start(copy, RUN)
    wait_for(process, copy, moment)
    check(night, copy, tally["SIGTERM"], nights.stop(process, signal.SIGTERM))


@pytest.mark.parametrize("fraction", [0.2, 0.7])
def test_full_disk(night, tally, copy, fraction):
    """No file may become larger than the registry has become when so much of the work is done."""
    small, large = (
        (folder / "repo" / "gen3.sqlite3").stat().st_size for folder in (copy, night.root / "calm")
    )
    most = int(small + fraction * (large - small))
    assert most < large

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    done = nights.pipetask(copy, RUN, preexec_fn=limit)
    assert done.returncode != 0
    check(night, copy, tally["disk full"], done.returncode)


@pytest.mark.parametrize("fraction", [0.3, 0.8])
def test_small_disk(night, tally, fraction):
    """A real file system that is full when so much is written."""
    before, after = (nights.size_of(night.root / name) for name in ("before", "calm"))
    size = int(before + fraction * (after - before))
    with nights.small_disk(night.root / "disk", size) as make_room:
        folder = night.root / "disk" / "night"
        shutil.copytree(night.root / "before", folder)
        done = nights.pipetask(folder, RUN)
        assert done.returncode != 0
        make_room()
        check(night, folder, tally["file system full"], done.returncode)


@pytest.mark.skipif(sys.platform != "linux", reason="gives up the rights of root in the way of Linux")
def test_read_only(night, tally, copy):
    for path in [copy, *copy.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)

    def obey_permissions():
        ctypes.CDLL(None).prctl(24, 1)  # PR_CAPBSET_DROP, CAP_DAC_OVERRIDE: root obeys permissions, too

    done = nights.pipetask(copy, RUN, preexec_fn=obey_permissions)
    assert done.returncode != 0
    assert re.search("read-?only|permission", done.stdout + done.stderr, re.IGNORECASE)
    for path in [copy, *copy.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    check(night, copy, tally["read-only"], done.returncode)


def test_two_runs_into_one(night, tally, copy):
    """The same command twice at a time: at least one of them ends with an error, and nothing is lost."""
    both = [nights.start(copy, RUN) for _ in range(2)]
    statuses = [process.wait(timeout=300) for process in both]
    check(night, copy, tally["two runs into one"], max(statuses, key=abs))


def test_two_runs_side_by_side(night, tally, copy):
    both = [nights.start(copy, run) for run in (RUN, "other")]
    statuses = [process.wait(timeout=300) for process in both]
    check(night, copy, tally["two runs side by side"], max(statuses, key=abs))
    if statuses[1] == 0:
        other = nights.products(copy, "other")
        assert other == night.products


@pytest.mark.skipif(sys.platform != "linux", reason="asks the system of Linux how much memory a run takes")
@pytest.mark.parametrize("fraction", [0.5, 0.8, 0.95])
def test_memory_limit(night, tally, copy, fraction):
    """A little less than an undisturbed run takes, and much less."""
    most = int(fraction * night.peak)

    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (most, most))

    done = nights.pipetask(copy, RUN, preexec_fn=limit)
    if fraction < 0.9:  # more may do
        assert done.returncode != 0
    check(night, copy, tally["memory limit"], done.returncode)


@pytest.mark.skipif(sys.platform != "linux", reason="limits a process that runs in the way of Linux")
@pytest.mark.parametrize("moment", [2, 8])
def test_memory_is_taken_in_mid_run(night, tally, copy, moment):
    process = nights.start(copy, RUN)
    wait_for(process, copy, moment)
    nights.take_memory(process)
    check(night, copy, tally["memory taken"], process.wait(timeout=300))


@pytest.mark.parametrize("kind", ["truncated", "overwritten"])
def test_corrupted_input(night, tally, copy, kind):
    victim = sorted((copy / "repo" / "SkySim" / "raw").rglob("*.fits"))[1]
    good = victim.read_bytes()
    bad = good[: len(good) // 2] if kind == "truncated" else good[:2880] + bytes(len(good) - 2880)
    victim.write_bytes(bad)
    done = nights.pipetask(copy, RUN)
    assert done.returncode != 0
    assert victim.name in done.stdout + done.stderr
    victim.write_bytes(good)
    check(night, copy, tally["corrupted input"], done.returncode)
