"""The real thing: ``pipetask run`` in a process of its own, on a repository that the compiled stack wrote."""

import os
import pathlib
import shutil
import subprocess
import sys

import numpy as np
import pytest

import lsst.afw.image
import lsst.cp.sky
from lsst.daf.butler import Butler

INPUTS, STACK, OUTPUT = "GoldCam/raw,GoldCam/calib", "stack/cpSky", "ours"
CONFIG = {"xSize": 1.2, "ySize": 1.2, "pixelSize": 0.015, "binning": 16}
#: Two or three units in the last place of a float32, of the largest value where differences cancel.
RTOL = 2e-6

# The repository names gold.GoldCam as its instrument class, which nobody has; nothing here asks for it.


def importable(*modules):
    """PYTHONPATH under which a new process finds the same packages as this one."""
    roots = [str(pathlib.Path(m.__file__).parents[len(m.__name__.split("."))]) for m in modules]
    return os.pathsep.join(dict.fromkeys([*roots, *os.environ.get("PYTHONPATH", "").split(os.pathsep)]))


def pipetask(*arguments):
    code = "import sys; from lsst.ctrl.mpexec.cli.pipetask import main; sys.exit(main())"
    environment = {**os.environ, "PYTHONPATH": importable(lsst.cp.sky, lsst.afw.image)}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], env=environment, capture_output=True, text=True, timeout=600
    )


@pytest.fixture(scope="module")
def repo(golden_dir, tmp_path_factory):
    """Copy of the repository, with our run in it."""
    root = tmp_path_factory.mktemp("pipetask") / "repo"
    shutil.copytree(golden_dir / "repo", root, copy_function=shutil.copy)
    for path in [root, *root.rglob("*")]:
        path.chmod(path.stat().st_mode | 0o200)
    overrides = [
        option
        for name, value in CONFIG.items()
        for option in ("-c", f"cpSkyImage:largeScaleBackground.{name}={value}")
    ]
    result = pipetask(
        "--log-level", "WARNING",
        "run", "-j", "2", "-b", str(root), "-i", INPUTS, "--output-run", OUTPUT,
        "--register-dataset-types", "-p", "resource://lsst.cp.sky/pipelines/_ingredients/cpSkyPostIsr.yaml",
        "-d", "instrument = 'GoldCam'", *overrides,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    return root


@pytest.fixture(scope="module")
def butler(repo):
    return Butler.from_config(str(repo))


def pairs(butler, datasetType):
    """Ours and the compiled stack's dataset of each data ID."""
    refs = list(butler.registry.queryDatasets(datasetType, collections=OUTPUT))
    theirs = list(butler.registry.queryDatasets(datasetType, collections=STACK))
    assert len(refs) == len(theirs) > 0
    for ref in refs:
        yield ref.dataId, butler.get(ref), butler.get(datasetType, ref.dataId, collections=STACK)


def assert_close(actual, expected):
    scale = np.nanmax(np.abs(expected)) if np.isfinite(expected).any() else 0.0
    np.testing.assert_allclose(actual, expected, rtol=RTOL, atol=RTOL * scale)


def test_every_dataset_is_there(butler):
    counts = {
        name: len(list(butler.registry.queryDatasets(name, collections=OUTPUT)))
        for name in (
            "cpSkyMaskedIsrExp",
            "cpSkyDetectorBackground",
            "cpSkyExpBackground",
            "cpSkyExpScale",
            "cpSkyExpResidualBackground",
            "sky",
            "cpSkySubtractBackground_metadata",
            "packages",
        )
    }
    assert list(counts.values()) == [12, 12, 3, 3, 12, 4, 12, 1]


def test_masked_exposures(butler):
    for _, ours, theirs in pairs(butler, "cpSkyMaskedIsrExp"):
        assert np.mean(ours.mask.array != theirs.mask.array) <= 1e-4
        assert_close(ours.image.array, theirs.image.array)
        assert ours.getDetector().getName() == theirs.getDetector().getName()


@pytest.mark.parametrize("datasetType", ["cpSkyDetectorBackground", "cpSkyExpBackground"])
def test_models(butler, datasetType):
    for _, ours, theirs in pairs(butler, datasetType):
        assert_close(ours._values.array, theirs._values.array)
        assert_close(ours._numbers.array, theirs._numbers.array)


def test_scales(butler):
    for _, ours, theirs in pairs(butler, "cpSkyExpScale"):
        assert sorted(ours.names()) == sorted(theirs.names())
        assert ours.get("scale") == pytest.approx(theirs.get("scale"), rel=RTOL)


def test_residual_backgrounds(butler):
    for _, ours, theirs in pairs(butler, "cpSkyExpResidualBackground"):
        mine, stack = ours[0][0].getStatsImage(), theirs[0][0].getStatsImage()
        assert_close(mine.image.array, stack.image.array)
        assert_close(mine.variance.array, stack.variance.array)
        assert ours[0][0].getImageBBox() == theirs[0][0].getImageBBox()
        assert ours[0][1:] == theirs[0][1:]


def test_sky_frames(butler):
    for _, ours, theirs in pairs(butler, "sky"):
        for plane in ("image", "mask", "variance"):
            assert_close(getattr(ours, plane).array, getattr(theirs, plane).array)
        assert ours.getDetector().getName() == theirs.getDetector().getName()
        assert ours.getFilter() == theirs.getFilter()


def test_sky_headers(butler):
    for _, ours, theirs in pairs(butler, "sky"):
        mine, stack = ours.getMetadata(), theirs.getMetadata()
        # A butler's own cards, and the moment of writing, cannot be the same.
        names = sorted(name for name in stack.names() if not name.startswith("LSST BUTLER"))
        assert sorted(name for name in mine.names() if not name.startswith("LSST BUTLER")) == names
        for name in names:
            assert mine.getComment(name) == stack.getComment(name), name
            if name == "QUOTE":  # the compiled stack doubles a quote each time it reads and writes one
                assert (mine.get(name), stack.get(name)) == ("it's here", "it''''s here")
            elif isinstance(stack.get(name), float):
                # The compiled stack writes 15 digits, which do not give every number back; ours do.
                assert mine.get(name) == pytest.approx(stack.get(name), rel=1e-14, abs=0.0), name
            elif not name.startswith("CALIB_CREATION"):
                assert mine.get(name) == stack.get(name), name
        assert ours.getInfo().getVisitInfo() == theirs.getInfo().getVisitInfo()
