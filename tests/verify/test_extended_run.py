"""A further exposure after the sky frame: pipetask keeps the old one, and the report says so."""

import nights
import verifynight

from lsst.cp.sky.report import collect
from lsst.cp.sky.simulate import CALIB_COLLECTION
from lsst.pipe.base import Pipeline

FIRST, LATER = "exposure = 2024032800001", "exposure 2024032800002"
VERIFY = f"{verifynight.PIPELINES}/cpSkyVerify.yaml#cpSkyVerifyExposure,cpSkyVerifyFrame"


def findings(folder, *collections):
    (one,) = collect(str(folder / "repo"), [*collections, "sky"]).filters
    return [finding.sentence for finding in one.findings if finding.subject == LATER]


def verify(folder, output):
    verifynight.run(str(folder / "repo"), Pipeline.from_uri(VERIFY), ["sky", CALIB_COLLECTION], output)


def test_an_exposure_after_the_sky_frame(tmp_path):
    nights.make_night(tmp_path)
    done = nights.pipetask(tmp_path, "sky", "-d", f"instrument = 'SkySim' AND {FIRST}")
    assert done.returncode == 0, done.stderr
    verify(tmp_path, "before")
    assert findings(tmp_path, "before") == []
    done = nights.pipetask(tmp_path, "sky", "--extend-run", "--skip-existing")
    assert done.returncode == 0, done.stderr
    (sentence,) = findings(tmp_path, "before")
    assert "neither in the sky frame nor among the figures" in sentence
    verify(tmp_path, "after")
    (sentence,) = findings(tmp_path, "after")
    assert sentence.startswith(
        "2 of its 2 detectors are not in the sky frame: the sky frame was made without it"
    )
