"""One exposure that cannot be used costs no sky frame: the others go on."""

import pathlib
import shutil
import subprocess

import numpy as np
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

pytestmark = pytest.mark.slow

DETECTORS, EXPOSURES = (0, 1), 3


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    """A night without fault."""
    folder = tmp_path_factory.mktemp("missing")
    camera = make_raft_camera()
    camera = bin_camera(camera, binning_for_size(camera, 170))
    night = Night(camera, NightConfig(exposures=EXPOSURES, seed=5))
    make_repository(str(folder / "repo"), night, detectors=list(DETECTORS), progress=lambda done, total: None)
    pixel = pixel_size(camera)
    side = max(camera[0].getBBox().getDimensions()) * pixel
    write_pipeline(folder / "pipeline.yaml", {"xSize": side, "ySize": side, "pixelSize": pixel})
    return folder


def no_variance(butler, ref):
    exposure = butler.get(ref)
    exposure.variance.array[:] = 0.0
    butler.pruneDatasets([ref], purge=True, unstore=True, disassociate=True)
    butler.put(exposure, "cpSkyIsrExp", ref.dataId, run=ref.run)


def truncated(butler, ref):
    path = pathlib.Path(butler.getURI(ref).ospath)
    path.write_bytes(path.read_bytes()[:5000])


def overwritten(butler, ref):
    """Of the right size, so that only the pixels say that they are damaged."""
    path = pathlib.Path(butler.getURI(ref).ospath)
    content = path.read_bytes()
    path.write_bytes(content[:11520] + b"\x5a" * (len(content) - 11520))


def deleted(butler, ref):
    pathlib.Path(butler.getURI(ref).ospath).unlink()


#: What is wrong with one detector of one exposure, and what is said of it.
FAULTS = {
    no_variance: ("MaskingError", "The variance of detector 1"),
    truncated: ("UnreadableInputError", "A file of detector 1 of exposure"),
    overwritten: ("UnreadableInputError", "cannot be read"),
    deleted: (None, ""),  # the middleware goes on without
}


@pytest.fixture(params=FAULTS, ids=lambda fault: fault.__name__)
def fault(request):
    return request.param


@pytest.fixture
def repo(night, tmp_path, fault):
    """The night with one fault."""
    shutil.copytree(night, tmp_path / "night")
    with Butler.from_config(str(tmp_path / "night" / "repo"), writeable=True) as butler:
        place = {"instrument": "SkySim", "detector": 1, "exposure": second(butler)}
        fault(butler, butler.find_dataset("cpSkyIsrExp", place, collections=RAW_COLLECTION))
    return tmp_path / "night"


def second(butler):
    return sorted(record.id for record in butler.query_dimension_records("exposure", instrument="SkySim"))[1]


def run(folder, output, *options):
    command = [
        find_pipetask(), "run", "-b", str(folder / "repo"), "-p", str(folder / "pipeline.yaml"),
        "-i", f"{RAW_COLLECTION},{CALIB_COLLECTION}", "-o", output, "-d", "instrument = 'SkySim'",
        "--register-dataset-types", *options,
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, timeout=600)


def test_the_others_go_on(repo, fault):
    done = run(repo, "partial", "--no-raise-on-partial-outputs")
    assert done.returncode == 0, done.stdout + done.stderr
    butler = Butler.from_config(str(repo / "repo"), collections="partial", instrument="SkySim")
    bad = second(butler)
    metadata = butler.get("cpSkyImage_metadata", exposure=bad, detector=1)
    name, message = FAULTS[fault]
    if name is not None:
        failure = metadata["cpSkyImage"]["failure"]
        assert failure["type"] == f"lsst.cp.sky.errors.{name}"
        assert message in failure["message"]
    # The exposure goes on with its other detector, and each sky frame with the exposures that it has.
    assert butler.get("cpSkyScaleMeasure_metadata", exposure=bad)["cpSkyScaleMeasure"]["inputs"] == 1
    filters = {"physical_filter": next(iter(butler.query_dimension_records("exposure"))).physical_filter}
    for detector, inputs in ((0, EXPOSURES), (1, EXPOSURES - 1)):
        sky = butler.get("sky", detector=detector, **filters)
        assert np.isfinite(sky.image.array).all()
        cards = sky.getMetadata().toDict()
        assert len([name for name in cards if name.startswith("CPP_INPUT_EXPT_")]) == inputs


@pytest.mark.parametrize("fault", [no_variance, truncated], indirect=True, ids=lambda fault: fault.__name__)
def test_without_the_option_it_is_a_failure(repo, fault):
    done = run(repo, "strict")
    assert done.returncode != 0
    assert FAULTS[fault][0] in done.stdout + done.stderr
