"""A tiny night in a butler repository, ``pipetask`` on it, and the bits of what comes out."""

import contextlib
import hashlib
import os
import pathlib
import re
import resource
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping

import pytest

from lsst.cp.sky.demo import find_pipetask, write_pipeline
from lsst.cp.sky.simulate import (
    CALIB_COLLECTION,
    RAW_COLLECTION,
    Night,
    NightConfig,
    bin_camera,
    binning_for_size,
    make_raft_camera,
    make_repository,
    pixel_size,
)
from lsst.daf.butler import Butler

DETECTORS, EXPOSURES = (0, 1), 2
#: What the pipeline makes of the night, and how many datasets of each.
PRODUCTS = {
    "cpSkyMaskedIsrExp": 4,
    "cpSkyDetectorBackground": 4,
    "cpSkyExpBackground": 2,
    "cpSkyExpScale": 2,
    "cpSkyExpResidualBackground": 4,
    "sky": 2,
}
#: The same of the joint chain; what is between its tasks is made anew where it is half-written.
JOINT_PRODUCTS = {"cpSkyJointMask1": 4, "cpSkyJointMask2": 4, "sky": 2}
#: Cards of time and of the butler's IDs, and the checksums over them.
_OWN_CARDS = re.compile(rb"(HIERARCH )?(LSST BUTLER|CALIB_CREATION|CHECKSUM|DATASUM|CONTINUE|DATE |COMMENT)")


def make_night(folder: pathlib.Path) -> None:
    """Make the repository and the pipeline in a folder."""
    camera = make_raft_camera()
    camera = bin_camera(camera, binning_for_size(camera, 128))
    night = Night(camera, NightConfig(exposures=EXPOSURES, seed=5))
    make_repository(str(folder / "repo"), night, detectors=list(DETECTORS), progress=lambda done, total: None)
    pixel = pixel_size(camera)
    side = max(camera[0].getBBox().getDimensions()) * pixel
    write_pipeline(folder / "pipeline.yaml", {"xSize": side, "ySize": side, "pixelSize": pixel})


def take_joint_chain(folder: pathlib.Path) -> None:
    """Replace the pipeline of a folder by that of the joint chain."""
    location = "resource://lsst.cp.sky/pipelines/_ingredients/cpSkyJointPostIsr.yaml"
    (folder / "pipeline.yaml").write_text(f"description: Joint chain\nimports:\n  - location: {location}\n")


def command(folder: pathlib.Path, run: str, *options: str) -> list[str]:
    """Command that makes the sky frames of a night in a run of their own."""
    return [
        find_pipetask(), "run", "-b", str(folder / "repo"), "-p", str(folder / "pipeline.yaml"),
        "-i", f"{RAW_COLLECTION},{CALIB_COLLECTION}", "-o", run, "--output-run", f"{run}/1",
        "-d", "instrument = 'SkySim'", "--register-dataset-types", *options,
    ]  # fmt: skip


def environment() -> dict[str, str]:
    return {**os.environ, "OMP_NUM_THREADS": "1", "MPLBACKEND": "Agg"}


def pipetask(folder: pathlib.Path, run: str, *options: str, **arguments) -> subprocess.CompletedProcess:
    """Run the command to its end."""
    return subprocess.run(
        command(folder, run, *options),
        capture_output=True,
        text=True,
        timeout=300,
        **{"env": environment(), **arguments},
    )


def start(folder: pathlib.Path, run: str, *options: str, **arguments) -> subprocess.Popen:
    """Start the command in a group of processes of its own."""
    return subprocess.Popen(
        command(folder, run, *options),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        **{"env": environment(), **arguments},
    )


def stop(process: subprocess.Popen, number: signal.Signals) -> int:
    """Send a signal to a command and all its processes, and wait for its end."""
    os.killpg(process.pid, number)
    try:
        return process.wait(timeout=120)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


def bits(path: pathlib.Path) -> str:
    """Digest of a file without the cards that say when it was made and as which dataset."""
    content = path.read_bytes()
    if path.suffix == ".fits":
        cards = [content[start : start + 80] for start in range(0, len(content), 80)]
        content = b"".join(card for card in cards if not _OWN_CARDS.match(card) and card.strip())
    return hashlib.sha256(content).hexdigest()


def products(
    folder: pathlib.Path, run: str, wanted: Mapping[str, int] = PRODUCTS
) -> dict[tuple[str, str], str]:
    """Digest of each product of a run, by dataset type and data ID."""
    with Butler.from_config(str(folder / "repo")) as butler:
        return {
            (name, str(ref.dataId)): bits(pathlib.Path(butler.getURI(ref).ospath))
            for name in wanted
            for ref in butler.query_datasets(name, collections=f"{run}/1", explain=False)
        }


def names(folder: pathlib.Path, run: str, wanted: Mapping[str, int] = PRODUCTS) -> list[pathlib.Path]:
    """Files of products that are there under their names, whether or not the butler knows of them.

    The temporary files of the butler have a random beginning and end in ``.tmp`` and their extension.
    """
    root = folder / "repo" / run / "1"
    return [
        path
        for name in wanted
        for path in (root / name).rglob("*")
        if not path.name.startswith(".") and ".tmp." not in path.name and path.is_file()
    ]


def files(folder: pathlib.Path, run: str, wanted: Mapping[str, int] = PRODUCTS) -> dict[str, str]:
    """Digest of each of these files."""
    root = folder / "repo" / run / "1"
    return {
        str(path.relative_to(root)).replace(f"{run}_1", "RUN"): bits(path)
        for path in names(folder, run, wanted)
    }


def readable(folder: pathlib.Path) -> bool:
    """Whether the repository can be opened read-only as it is."""
    try:
        with Butler.from_config(str(folder / "repo")) as butler:
            return bool(butler.collections.query("*"))
    except Exception:
        return False


def begun(folder: pathlib.Path, run: str) -> bool:
    """Whether the run is known to the repository; opens it for writing, which mends what a kill left."""
    with Butler.from_config(str(folder / "repo"), writeable=True) as butler:
        return f"{run}/1" in butler.collections.query("*")


def resume(folder: pathlib.Path, run: str) -> str:
    """Go on with a run, in the way that the page on failures says; returns what was printed if it fails."""
    options = ("--extend-run", "--skip-existing", "--clobber-outputs") if begun(folder, run) else ()
    done = pipetask(folder, run, *options)
    printed = done.stdout + done.stderr
    # A run that was complete ends like this, too.
    return "" if done.returncode == 0 or "QuantumGraph contains no quanta" in printed else printed


def size_of(folder: pathlib.Path) -> int:
    """Bytes that a folder takes on a disk, roughly."""
    return sum(-(-path.stat().st_size // 4096) * 4096 for path in folder.rglob("*") if path.is_file())


@contextlib.contextmanager
def small_disk(folder: pathlib.Path, size: int) -> Iterator[Callable[[], None]]:
    """A file system of its own of a size (bytes) in a new folder; yields what makes room on it.

    Skips the test where the system does not let it mount one.
    """
    folder.mkdir()

    def mount(options: str) -> subprocess.CompletedProcess:
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
        return subprocess.run(command, capture_output=True, text=True)

    if os.geteuid() != 0 or (done := mount(f"size={size}")).returncode != 0:
        folder.rmdir()
        pytest.skip("may not mount a file system: " + ("not root" if os.geteuid() else done.stderr))
    try:
        yield lambda: mount("remount,size=1g").check_returncode()
    finally:
        subprocess.run(["umount", str(folder)], check=True)
        folder.rmdir()


def peak_memory(process):
    """Largest size of the address space of a process so far, bytes; 0 where the system does not tell."""
    try:
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"VmPeak:\s+(\d+) kB", status)
    return int(found[1]) * 1024 if found else 0


def take_memory(process: subprocess.Popen) -> None:
    """Let a process that runs have no more address space than it has now."""
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    now = int(re.search(r"VmSize:\s+(\d+) kB", status)[1]) * 1024
    resource.prlimit(process.pid, resource.RLIMIT_AS, (now, now))


def peak_of_run(folder: pathlib.Path, run: str) -> int:
    """Run the command to a good end; returns the largest size of its address space, bytes."""
    process, peak = start(folder, run), 0
    while process.poll() is None:
        peak = max(peak, peak_memory(process))
        time.sleep(0.05)
    assert process.returncode == 0
    return peak
