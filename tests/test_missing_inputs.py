"""One exposure that cannot be used costs no sky frame: the others go on."""

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
def repo(tmp_path_factory):
    """A night of which one detector of one exposure has no variance."""
    folder = tmp_path_factory.mktemp("missing")
    camera = make_raft_camera()
    camera = bin_camera(camera, binning_for_size(camera, 170))
    night = Night(camera, NightConfig(exposures=EXPOSURES, seed=5))
    root = folder / "repo"
    make_repository(str(root), night, detectors=list(DETECTORS), progress=lambda done, total: None)
    pixel = pixel_size(camera)
    side = max(camera[0].getBBox().getDimensions()) * pixel
    write_pipeline(folder / "pipeline.yaml", {"xSize": side, "ySize": side, "pixelSize": pixel})
    butler = Butler.from_config(str(root), writeable=True)
    ref = butler.find_dataset(
        "cpSkyIsrExp",
        instrument="SkySim",
        detector=1,
        exposure=second(butler),
        collections=RAW_COLLECTION,
    )
    exposure = butler.get(ref)
    exposure.variance.array[:] = 0.0
    butler.pruneDatasets([ref], purge=True, unstore=True, disassociate=True)
    butler.put(exposure, "cpSkyIsrExp", ref.dataId, run=ref.run)
    return folder


def second(butler):
    return sorted(record.id for record in butler.query_dimension_records("exposure", instrument="SkySim"))[1]


def run(folder, output, *options):
    command = [
        find_pipetask(), "run", "-b", str(folder / "repo"), "-p", str(folder / "pipeline.yaml"),
        "-i", f"{RAW_COLLECTION},{CALIB_COLLECTION}", "-o", output, "-d", "instrument = 'SkySim'",
        "--register-dataset-types", *options,
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, timeout=600)


def test_the_others_go_on(repo):
    done = run(repo, "partial", "--no-raise-on-partial-outputs")
    assert done.returncode == 0, done.stdout + done.stderr
    butler = Butler.from_config(str(repo / "repo"), collections="partial", instrument="SkySim")
    bad = second(butler)
    metadata = butler.get("cpSkyImage_metadata", exposure=bad, detector=1)
    failure = metadata["cpSkyImage"]["failure"]
    assert failure["type"] == "lsst.cp.sky.errors.MaskingError"
    assert "The variance of detector 1" in failure["message"]
    # The exposure goes on with its other detector, and each sky frame with the exposures that it has.
    assert butler.get("cpSkyScaleMeasure_metadata", exposure=bad)["cpSkyScaleMeasure"]["inputs"] == 1
    filters = {"physical_filter": next(iter(butler.query_dimension_records("exposure"))).physical_filter}
    for detector, inputs in ((0, EXPOSURES), (1, EXPOSURES - 1)):
        sky = butler.get("sky", detector=detector, **filters)
        assert np.isfinite(sky.image.array).all()
        cards = sky.getMetadata().toDict()
        assert len([name for name in cards if name.startswith("CPP_INPUT_EXPT_")]) == inputs


def test_without_the_option_it_is_a_failure(repo):
    done = run(repo, "strict")
    assert done.returncode != 0
    assert "MaskingError" in done.stdout + done.stderr
