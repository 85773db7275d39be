"""Background model over the focal plane."""

import pickle
import pickletools
from functools import cache

import numpy as np
import pytest
from exposures import make_camera, make_exposure, set_fields
from golden import golden_cases, load_golden
from hypothesis import given, settings
from hypothesis import strategies as st

from lsst.afw import image as afwImage
from lsst.afw.cameraGeom import PIXELS, TAN_PIXELS, TransformMap
from lsst.afw.geom import makeTransform
from lsst.geom import AffineTransform, Box2I, Extent2I, Point2I
from lsst.pex.exceptions import InvalidParameterError, OutOfRangeError
from lsst.pipe.tasks.background import FocalPlaneBackground, FocalPlaneBackgroundConfig

RTOL = 2e-6  # two or three units in the last place of float32
CASES = golden_cases("focal_plane")


def make_config(fields):
    return set_fields(FocalPlaneBackgroundConfig(), fields)


@cache
def gold_camera():
    return make_camera(load_golden(CASES[0])[0]["camera"])


@pytest.fixture
def camera():
    return gold_camera()


@pytest.fixture
def config():
    return make_config({"xSize": 1.0, "ySize": 0.8, "pixelSize": 0.015, "binning": 16})


@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_pickle_of_the_stack_is_read_and_written(golden_dir, protocol):
    data = (golden_dir / "files" / "focal_plane_background.pickle").read_bytes()
    expected = np.load(golden_dir / "files" / "expected.npz")
    model = pickle.loads(data)
    assert type(model) is FocalPlaneBackground
    for _ in range(2):
        assert model.config.xSize == 0.7
        assert model.config.binning == 8
        assert model.dims == Extent2I(14, 8)
        for name in ("values", "numbers"):
            array = getattr(model, f"_{name}").array
            np.testing.assert_array_equal(array, expected[f"focal_plane_background:{name}"])
        stats = model.getStatsImage().array
        np.testing.assert_allclose(stats, expected["focal_plane_background:stats"], rtol=RTOL)
        model = pickle.loads(pickle.dumps(model, protocol=protocol))


def test_pickle_has_the_names_of_the_stack(golden_dir):
    def names(data):
        text = [arg for op, arg, _ in pickletools.genops(data) if "UNICODE" in op.name]
        return list(dict.fromkeys(text))

    data = (golden_dir / "files" / "focal_plane_background.pickle").read_bytes()
    assert names(pickle.dumps(pickle.loads(data), protocol=5)) == names(data)


def test_pickles_of_a_repository_are_read(golden_dir):
    paths = sorted((golden_dir / "repo" / "stack").rglob("cpSky*Background*.pickle"))
    assert paths
    exposures: dict = {}
    for path in paths:
        model = pickle.loads(path.read_bytes())
        assert isinstance(model, FocalPlaneBackground)
        kind = "parts" if "DetectorBackground" in path.name else "whole"
        exposures.setdefault(path.parent.name, {}).setdefault(kind, []).append(model)
    for models in exposures.values():
        if "whole" not in models or "parts" not in models:
            continue
        merged = models["parts"][0].clone()
        for part in models["parts"][1:]:
            merged += part
        np.testing.assert_allclose(merged._values.array, models["whole"][0]._values.array, rtol=RTOL)
        np.testing.assert_array_equal(merged._numbers.array, models["whole"][0]._numbers.array)


def test_old_name_of_the_module_is_known():
    from lsst.pipe.drivers.background import FocalPlaneBackground as Old

    assert Old is FocalPlaneBackground


def random_model(template, seed):
    rng = np.random.default_rng(seed)
    model = template.clone()
    # Whole numbers that float32 adds without rounding, whatever the order.
    model._values.array[:] = rng.integers(0, 2**12, model._values.array.shape)
    model._numbers.array[:] = rng.integers(0, 2**12, model._numbers.array.shape)
    return model


@settings(deadline=None, max_examples=20)
@given(st.permutations(range(5)))
def test_order_of_merging_does_not_matter(order):
    config = make_config({"xSize": 1.0, "ySize": 1.0, "pixelSize": 0.015})
    template = FocalPlaneBackground.fromCamera(config, gold_camera())
    models = [random_model(template, seed) for seed in range(5)]
    straight, other = template.clone(), template.clone()
    for i in range(5):
        straight.merge(models[i])
        other += models[order[i]]
    np.testing.assert_array_equal(straight._values.array, other._values.array)
    np.testing.assert_array_equal(straight._numbers.array, other._numbers.array)


def test_models_that_do_not_match_are_not_merged(camera, config):
    model = FocalPlaneBackground.fromCamera(config, camera)
    other = FocalPlaneBackground.fromCamera(make_config({**config.toDict(), "xSize": 2.0}), camera)
    with pytest.raises(RuntimeError, match=r"Size mismatch: superpixels of \(1.0, 0.8\) and of \(2.0, 0.8\)"):
        model.merge(other)
    other = FocalPlaneBackground(config, Extent2I(3, 4), model.transform)
    with pytest.raises(RuntimeError, match=r"Dimensions mismatch: grids of .* and of .* superpixels"):
        model.merge(other)


def test_copies_are_independent(camera, config):
    model = FocalPlaneBackground.fromCamera(config, camera)
    for copy in (model.clone(), FocalPlaneBackground.fromSimilar(model)):
        copy._values.array[:] = 5.0
        assert not model._values.array.any()


def test_planes_of_another_size_are_refused(camera, config):
    model = FocalPlaneBackground.fromCamera(config, camera)
    with pytest.raises(
        InvalidParameterError, match="The values of a focal-plane background must be of the size"
    ):
        FocalPlaneBackground(config, model.dims, model.transform, values=afwImage.ImageF(Extent2I(2, 2)))


@pytest.mark.parametrize(("name", "value"), [("xSize", None), ("ySize", -1.0), ("pixelSize", 0.0)])
def test_sizes_must_be_positive(camera, config, name, value):
    fields = {**config.toDict(), name: value}
    with pytest.raises(InvalidParameterError, match=f"{name} must be positive, got {value}"):
        FocalPlaneBackground.fromCamera(make_config(fields), camera)


def flat_model(camera, config, level=10.0, slope=0.5):
    """Model of an inclined plane over the focal plane."""
    model = FocalPlaneBackground.fromCamera(config, camera)
    y, x = np.indices(model._values.array.shape)
    model._numbers.array[:] = 1e6
    model._values.array[:] = 1e6 * (level + slope * x + 0.3 * y)
    return model


def test_part_of_a_detector_gets_its_own_part_of_the_model(camera, config):
    config.binning = 8  # goes into both sides of the detector and of the box without a rest
    model = flat_model(camera, config)
    for detector in camera:
        whole = model.toCcdBackground(detector, detector.getBBox()).getImage()
        box = Box2I(Point2I(96, 48), Extent2I(128, 96))
        part = model.toCcdBackground(detector, box).getImage()
        assert part.getBBox() == box
        np.testing.assert_allclose(part.array, whole[box].array, rtol=1e-3)


def test_adding_part_of_a_detector_adds_its_own_superpixels(camera, config):
    detector = camera[1]
    whole, part = (FocalPlaneBackground.fromCamera(config, camera) for _ in range(2))
    image = np.random.default_rng(2).normal(100, 1, (200, 256))
    whole.addCcd(make_exposure(image, detector=detector))
    part.addCcd(make_exposure(image[100:, 60:], xy0=(60, 100), detector=detector))
    measured = part._numbers.array > 0
    assert 0 < measured.sum() < (whole._numbers.array > 0).sum()
    same = measured & (part._numbers.array == whole._numbers.array)
    assert same.any()
    np.testing.assert_array_equal(part._values.array[same], whole._values.array[same])


def test_masked_and_nan_pixels_do_not_count(camera, config):
    model = FocalPlaneBackground.fromCamera(config, camera)
    exposure = make_exposure(np.full((200, 256), 100.0), detector=camera[0])
    exposure.image.array[:100] = np.nan
    exposure.mask.array[100:] = exposure.mask.getPlaneBitMask("SAT")
    model.addCcd(exposure)
    assert not model._numbers.array.any()
    assert not model._values.array.any()
    with pytest.raises(RuntimeError, match="No good pixels in image array"):
        model.getStatsImage()


def test_box_smaller_than_a_cell_is_refused(camera, config):
    model = flat_model(camera, config)
    box = Box2I(Point2I(3, 4), Extent2I(200, 15))
    with pytest.raises(
        InvalidParameterError, match=r"on detector R00_S00 is smaller than one cell of 16 x 16"
    ):
        model.toCcdBackground(camera[0], box)


def test_exposure_without_detector_is_refused(camera, config):
    model = FocalPlaneBackground.fromCamera(config, camera)
    with pytest.raises(InvalidParameterError, match="has no detector, so its place on the focal plane"):
        model.addCcd(make_exposure(np.ones((10, 12))))


def test_detector_off_the_model_is_refused(camera, config):
    detector = camera[0]
    model = flat_model(camera, config)
    away = Box2I(Point2I(100_000, 0), Extent2I(100, 100))
    with pytest.raises(OutOfRangeError, match="detector R00_S00 lies off the focal-plane background"):
        model.toCcdBackground(detector, away)
    exposure = make_exposure(np.ones((100, 100)), xy0=(100_000, 0), detector=detector)
    with pytest.raises(OutOfRangeError, match=r"R00_S00 .* does not overlap the focal-plane background"):
        model.addCcd(exposure)


def test_detector_partly_off_the_model_is_flagged(camera, config):
    box = Box2I(Point2I(-300, 0), Extent2I(400, 200))
    background = flat_model(camera, config).toCcdBackground(camera[0], box)
    stats = background[0][0].getStatsImage()
    bad = (stats.mask.array & stats.mask.getPlaneBitMask("BAD")) != 0
    assert 0 < bad.sum() < bad.size
    np.testing.assert_allclose(stats.image.array[bad], stats.image.array[~bad].mean(dtype=float), rtol=1e-5)
    assert np.isfinite(background.getImage().array).all()


class DetectorOffTheFocalPlane:
    """A detector whose transforms do not reach the focal plane."""

    def __init__(self, detector):
        self._detector = detector

    def __getattr__(self, name):
        return getattr(self._detector, name)

    def getTransformMap(self):
        pixels = self._detector.makeCameraSys(PIXELS)
        tangent = self._detector.makeCameraSys(TAN_PIXELS)
        return TransformMap(pixels, {tangent: makeTransform(AffineTransform())})


def test_detector_without_the_needed_transform_is_refused(camera, config):
    detector = DetectorOffTheFocalPlane(camera[0])
    with pytest.raises(InvalidParameterError, match=r"R00_S00 has no transform to or from .*FocalPlane"):
        flat_model(camera, config).toCcdBackground(detector, detector.getBBox())
