"""What users of the stack type every day: datasets of a butler."""

import numpy as np
import pytest

import lsst.afw.image as afwImage
import lsst.geom as geom
from lsst.afw.cameraGeom import FIELD_ANGLE, PIXELS, DetectorType
from lsst.afw.math import BackgroundList
from lsst.daf.base import PropertyList
from lsst.daf.butler import Butler

COLLECTIONS = ["stack/cpSky", "GoldCam/raw", "GoldCam/calib"]


@pytest.fixture(scope="module")
def butler(golden_dir, tmp_path_factory):
    """The repository in which the compiled stack has run the pipeline."""
    import shutil

    root = tmp_path_factory.mktemp("butler") / "repo"
    shutil.copytree(golden_dir / "repo", root)
    with Butler.from_config(str(root), collections=COLLECTIONS) as butler:
        yield butler


@pytest.fixture
def ref(butler):
    return sorted(butler.query_datasets("cpSkyMaskedIsrExp", find_first=False))[0]


def test_components(butler, ref):
    exposure = butler.get(ref)
    assert isinstance(exposure, afwImage.ExposureF)
    name = ref.datasetType.name
    assert butler.get(f"{name}.bbox", ref.dataId) == exposure.getBBox()
    assert butler.get(f"{name}.visitInfo", ref.dataId) == exposure.info.getVisitInfo()
    assert butler.get(f"{name}.filter", ref.dataId) == exposure.filter
    assert butler.get(f"{name}.detector", ref.dataId).getName() == exposure.detector.getName()
    assert isinstance(butler.get(f"{name}.metadata", ref.dataId), PropertyList)
    np.testing.assert_array_equal(butler.get(f"{name}.mask", ref.dataId).array, exposure.mask.array)
    assert butler.get(f"{name}.wcs", ref.dataId) is None


def test_parts(butler, ref):
    box = geom.Box2I(geom.Point2I(5, 7), geom.Extent2I(12, 9))
    part = butler.get(ref, parameters={"bbox": box})
    assert part.getBBox() == box
    np.testing.assert_array_equal(part.image.array, butler.get(ref).image[box].array)
    image = butler.get("cpSkyMaskedIsrExp.image", ref.dataId, parameters={"bbox": box})
    np.testing.assert_array_equal(image.array, part.image.array)


def test_sky_subtracted_by_hand(butler):
    for ref in butler.query_datasets("cpSkyExpResidualBackground", find_first=False):
        background = butler.get(ref)
        assert isinstance(background, BackgroundList)
        exposure = butler.get("cpSkyMaskedIsrExp", ref.dataId)
        scale = butler.get("cpSkyExpScale", ref.dataId)["scale"]
        assert scale > 0
        exposure.image /= scale
        exposure.image -= background.getImage()
        assert exposure.getDetector().getType() == DetectorType.SCIENCE


def test_model_on_the_focal_plane(butler):
    ref = sorted(butler.query_datasets("cpSkyExpBackground", find_first=False))[0]
    model = butler.get(ref)
    exposure = butler.get(sorted(butler.query_datasets("cpSkyMaskedIsrExp", find_first=False))[0])
    detector = exposure.getDetector()
    sky = model.toCcdBackground(detector, exposure.getBBox()).getImage()
    assert sky.getBBox() == exposure.getBBox()
    assert np.isfinite(sky.array).all()
    (angle,) = detector.getTransform(PIXELS, FIELD_ANGLE).applyForward([geom.Point2D(0, 0)])
    assert abs(angle.x) < 0.1
