"""A process that is killed while it writes leaves nothing under the name of the file, or the older file."""

import os
import subprocess
import sys

import pytest

SCRIPT = r"""
import os, resource, signal, sys

import numpy as np
from lsst.afw.cameraGeom import Camera
from lsst.afw.fits import writeMetadata
from lsst.portable.fits import FitsWriter
from lsst.afw.image import ExposureF, ImageF, MaskX
from lsst.afw.math import BackgroundList
from lsst.daf.base import PropertyList

files, folder = sys.argv[1:3]
exposure = ExposureF.readFits(files + "/exposure_plain.fits")
camera = Camera.readFits(files + "/camera.fits")
background = BackgroundList.readFits(files + "/background_two.fits")
header = PropertyList()
header.set("HISTORY", ["x" * 70] * 200)
WRITES = {
    "exposure": exposure.writeFits,
    "masked_image": exposure.maskedImage.writeFits,
    "image": exposure.image.writeFits,
    "image_again": exposure.image.writeFits,
    "image_appended": lambda name: exposure.image.writeFits(name, None, "a"),
    "mask_appended": lambda name: exposure.mask.writeFits(name, None, "a"),
    "header_appended": lambda name: writeMetadata(name, header, "a"),
    "background": background.writeFits,
    "camera": camera.writeFits,
    "detector": camera[0].writeFits,
}


def in_mid_write(name, write):
    # The kernel ends the process at its 3000th byte.
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
    write(name)


def before_the_end(name, write):
    os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
    write(name)


resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
for moment in (in_mid_write, before_the_end):
    for kind, write in WRITES.items():
        name = f"{folder}/{moment.__name__}_{kind}.fits"
        old = None
        if kind.endswith(("again", "appended")):
            ImageF(30, 20).writeFits(name)
            old = open(name, "rb").read()
        pid = os.fork()
        if pid == 0:
            moment(name, write)
            os._exit(0)
        status = os.waitpid(pid, 0)[1]
        assert os.WIFSIGNALED(status), f"{name}: {status}"
        if old is None:
            assert not os.path.exists(name), name
        else:
            assert open(name, "rb").read() == old, name
print("done")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs to fork")
def test_killed_writes(golden_dir, tmp_path):
    files = (golden_dir / "files/exposure_plain.fits").parent
    code = f"import sys; sys.path[:0] = {sys.path!r}\n{SCRIPT}"
    command = [sys.executable, "-c", code, str(files), str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert result.stdout.endswith("done\n"), result.stderr
    left = {path.name for path in tmp_path.iterdir() if not path.name.startswith(".tmp-")}
    assert all(name.split(".")[0].endswith(("again", "appended")) for name in left)
