"""Kills, full disks and the like cost time and nothing else: what comes out later is the same to the bit.

``pytest -m slow -s tests/test_machine_faults.py`` prints what happened.
"""

import collections
import os
import pathlib
import resource
import shutil
import signal
import tempfile
import time

import nights
import pytest

pytestmark = pytest.mark.slow

RUN = "faulty"
#: How many files of products there are when a process is killed; below zero: seconds after its start.
MOMENTS = (-1.0, -6.0, 0, 1, 3, 5, 8, 11, 14, 18)
COLUMNS = ("faults", "ended by them", "files there", "half-written", "cures needed", "resumed", "identical")


@pytest.fixture(scope="module")
def night():
    """Folder with a night, and what an undisturbed run makes of it.

    Not below pytest's own folder, which other users may not enter.
    """
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        root.chmod(0o755)
        nights.make_night(root / "calm")
        done = nights.pipetask(root / "calm", RUN)
        assert done.returncode == 0, done.stdout + done.stderr
        products, files = nights.products(root / "calm", RUN), nights.files(root / "calm", RUN)
        assert len(products) == len(files) == sum(nights.PRODUCTS.values())
        nights.make_night(root / "before")
        yield root, products, files


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
    folder = night[0] / "copy"
    shutil.copytree(night[0] / "before", folder)
    yield folder
    shutil.rmtree(folder)


def check(night, folder, row, status):
    """See that a fault left nothing half-written, and that the run can be gone on with."""
    _, products, files = night
    row["faults"] += 1
    row["ended by them"] += status != 0
    found = nights.files(folder, RUN)
    half = [name for name, digest in found.items() if digest != files[name]]
    row["files there"] += len(found)
    row["half-written"] += len(half)
    row["cures needed"] += not nights.readable(folder)
    done = nights.resume(folder, RUN)
    row["resumed"] += done.returncode == 0
    again = nights.products(folder, RUN)
    row["identical"] += again == products
    assert not half
    assert done.returncode == 0, done.stdout + done.stderr
    assert again == products


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


@pytest.mark.parametrize("pages", [4, 40])
def test_full_disk(night, tally, copy, pages):
    """No file may grow beyond what the database has, and a little more."""
    most = (copy / "repo" / "gen3.sqlite3").stat().st_size + pages * 4096

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    done = nights.pipetask(copy, RUN, preexec_fn=limit)
    assert done.returncode != 0
    check(night, copy, tally["disk full"], done.returncode)


def test_read_only(night, tally, copy):
    for path in [copy, *copy.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    other = {"user": 65534, "group": 65534, "extra_groups": []} if os.getuid() == 0 else {}
    done = nights.pipetask(copy, RUN, cwd="/", **other)
    assert done.returncode != 0
    assert (
        "readonly" in (text := (done.stdout + done.stderr).lower())
        or "read-only" in text
        or "permission" in text
    )
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
        assert other == night[1]


@pytest.mark.parametrize("megabytes", [700, 1100])
def test_memory_limit(night, tally, copy, megabytes):
    most = megabytes << 20

    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (most, most))

    done = nights.pipetask(copy, RUN, preexec_fn=limit)
    check(night, copy, tally["memory limit"], done.returncode)


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
