import json
import logging
import pickle

import numpy as np
import pytest
import skydata

import lsst.afw.image
import lsst.geom
import lsst.pex.config as pexConfig
import lsst.pipe.base as pipeBase
from lsst.cp.sky import (
    CpSkySubtractBackgroundTask,
    DetectorOffModelError,
    DetectorTypeError,
    ExposureTooSmallError,
    InvalidScaleError,
    MismatchedInputsError,
    MissingDetectorError,
    MissingScaleError,
    NoGoodSuperpixelsError,
    PixelTypeError,
    _strips,
)
from lsst.daf.base import PropertyList
from lsst.pex.config import FieldValidationError
from lsst.pipe.base.testUtils import assertValidOutput, lintConnections
from lsst.pipe.tasks.background import FocalPlaneBackground


def make_task(alternate=False):
    config = CpSkySubtractBackgroundTask.ConfigClass()
    config.includeAlternateBackground = alternate
    return CpSkySubtractBackgroundTask(config=config)


def scale_of(**values):
    scale = PropertyList()
    for name, value in values.items():
        scale.set(name, value)
    return scale


@pytest.mark.parametrize("alternate", [False, True])
def test_connections(alternate):
    lintConnections(CpSkySubtractBackgroundTask.ConfigClass.ConnectionsClass)
    config = make_task(alternate).config
    assert config.sky.target.__name__ == "SkyMeasurementTask"
    connections = config.ConnectionsClass(config=config)
    assert connections.dimensions == {"instrument", "physical_filter", "exposure", "detector"}
    expected = {
        "inputExp": "cpSkyMaskedIsrExp",
        "inputBkg": "cpSkyExpBackground",
        "inputScale": "cpSkyExpScale",
        "outputBkg": "cpSkyExpResidualBackground",
    }
    if alternate:
        expected["inputBkgAlternate"] = "cpSkyExpBackgroundAlternate"
    assert {c: getattr(connections, c).name for c in connections.allConnections} == expected


def test_subtracts_and_divides_in_place(camera):
    task = make_task()
    model = skydata.make_scale(camera, level=700.0)
    exposure = skydata.make_exposure(camera[1], level=700.0)
    image, variance, mask = (p.array.copy() for p in (exposure.image, exposure.variance, exposure.mask))
    with skydata.assert_unmodified(model.outputBkg, model.outputScale):
        result = task.run(exposure, model.outputBkg, model.outputScale)
    assertValidOutput(task, result)
    np.testing.assert_allclose(exposure.image.array, (image - 700.0) / 700.0, atol=2e-6)
    np.testing.assert_allclose(exposure.variance.array, variance / 700.0**2, rtol=1e-6)
    np.testing.assert_array_equal(exposure.mask.array, mask)

    stats = result.outputBkg[0][0].getStatsImage().image.array
    assert stats.shape == (3, 4)
    # The gradient of the exposure is not in the flat model: it is what remains.
    y, x = np.mgrid[:3, :4] * 32 + 15.5
    np.testing.assert_allclose(stats, 2e-4 * x - 1e-4 * y, atol=5 * np.sqrt(1 / 700 / 900))


def test_of_a_part_of_the_detector(camera):
    model = skydata.make_scale(camera, level=700.0)
    exposure = skydata.make_exposure(camera[2])
    part = exposure[lsst.geom.Box2I(lsst.geom.Point2I(33, 17), lsst.geom.Extent2I(64, 48))].clone()
    whole = exposure.clone()
    make_task().run(whole, model.outputBkg, model.outputScale)
    result = make_task().run(part, model.outputBkg, model.outputScale)
    np.testing.assert_allclose(part.image.array, whole[part.getBBox()].image.array, atol=1e-6)
    assert result.outputBkg[0][0].getImageBBox() == part.getBBox()


def test_alternate_serves_its_type(camera):
    main, other = skydata.make_scale(camera, level=700.0), skydata.make_scale(camera, level=350.0)
    scale = scale_of(scale=700.0, detectorType="E2V", scaleAlternate=350.0, detectorTypeAlternate="ITL")
    for detector, level in ((camera[1], 700.0), (camera[0], 350.0)):
        exposure = skydata.make_exposure(detector, level=level)
        expected = (exposure.image.array - level) / level
        make_task(alternate=True).run(exposure, main.outputBkg, scale, other.outputBkg)
        np.testing.assert_allclose(exposure.image.array, expected, atol=4e-6)


def test_alternate_is_not_needed_where_there_is_one_type(camera):
    main = skydata.make_scale(camera)
    result = make_task(alternate=True).run(skydata.make_exposure(camera[0]), main.outputBkg, main.outputScale)
    assert np.isfinite(result.outputBkg.getImage().array).all()


@pytest.mark.parametrize(
    ("detectorType", "match"),
    [("ITL", "was not given; pass it as inputBkgAlternate"), ("LBL", "serve 'E2V' and 'LBL'; leave")],
)
def test_type_that_no_model_serves(camera, detectorType, match):
    main = skydata.make_scale(camera)
    scale = scale_of(
        scale=700.0, detectorType="E2V", scaleAlternate=350.0, detectorTypeAlternate=detectorType
    )
    exposure = skydata.make_exposure(camera[0])
    with skydata.assert_unmodified(exposure), pytest.raises(DetectorTypeError, match=match) as info:
        make_task(alternate=True).run(exposure, main.outputBkg, scale)
    assert info.value.metadata["physicalType"] == "ITL"


@pytest.mark.parametrize(
    ("values", "error", "match"),
    [
        ({}, MissingScaleError, "No scale is recorded for detector 1 .D1. of exposure 101"),
        ({"scale": "bright"}, InvalidScaleError, "not a number but 'bright'"),
        ({"scale": True}, InvalidScaleError, "not a number but True"),
        ({"scale": float("nan")}, InvalidScaleError, r"not finite \(nan\)"),
        ({"scale": float("inf")}, InvalidScaleError, r"not finite \(inf\)"),
        ({"scale": 0.0}, InvalidScaleError, "is zero"),
        ({"scale": -2.5}, InvalidScaleError, r"negative \(-2\.5\)"),
        ({"scale": 1e-39}, InvalidScaleError, "1e-39, whose square"),
        ({"scale": 1e39}, InvalidScaleError, r"1e\+39, whose square"),
        ({"scale": 1e-30}, InvalidScaleError, "by which the variance is divided, float32 cannot hold"),
        ({"scale": 1e20}, InvalidScaleError, r"1e\+20, whose square"),
    ],
)
def test_scale_that_cannot_be_used(camera, values, error, match):
    model = skydata.make_scale(camera).outputBkg
    exposure = skydata.make_exposure(camera[1])
    with skydata.assert_unmodified(exposure, model), pytest.raises(error, match=match) as info:
        make_task().run(exposure, model, scale_of(**values))
    assert info.value.metadata["detector"] == 1
    json.dumps(info.value.metadata, allow_nan=False)


def test_no_detector(camera):
    model = skydata.make_scale(camera)
    exposure = skydata.make_exposure(None, visit=88)
    with (
        skydata.assert_unmodified(exposure),
        pytest.raises(MissingDetectorError, match=r"exposure 88.*setDetector"),
    ):
        make_task().run(exposure, model.outputBkg, model.outputScale)


def test_detector_off_the_model(camera, tmp_path):
    far = skydata.make_camera(tmp_path, types=("ITL",) * 20)
    model = skydata.make_scale(camera)
    exposure = skydata.make_exposure(far[0])
    with (
        skydata.assert_unmodified(exposure),
        pytest.raises(DetectorOffModelError, match=r"detector 0 \(D0\)"),
    ):
        make_task().run(exposure, model.outputBkg, model.outputScale)


def test_smaller_than_a_bin(camera):
    model = skydata.make_scale(camera)
    exposure = skydata.make_exposure(camera[0])
    part = exposure[lsst.geom.Box2I(lsst.geom.Point2I(0, 0), lsst.geom.Extent2I(64, 15))]
    with (
        skydata.assert_unmodified(part),
        pytest.raises(ExposureTooSmallError, match=r"64 x 15 pixels.*16 pixels"),
    ):
        make_task().run(part, model.outputBkg, model.outputScale)


def test_model_without_a_good_superpixel(camera):
    model = FocalPlaneBackground.fromCamera(skydata.model_config(), camera)
    exposure = skydata.make_exposure(camera[0])
    with (
        skydata.assert_unmodified(exposure),
        pytest.raises(NoGoodSuperpixelsError, match="no value for detector 0"),
    ):
        make_task().run(exposure, model, scale_of(scale=700.0))


@pytest.mark.parametrize("pixels", [1, 1000, 5000])
def test_strips_are_the_whole(camera, monkeypatch, pixels):
    model = skydata.make_scale(camera, level=700.0)
    model.outputBkg._values.array[:] *= np.random.default_rng(3).uniform(
        0.9, 1.1, model.outputBkg._values.array.shape
    )
    whole = skydata.make_exposure(camera[1], level=700.0)[
        lsst.geom.Box2I(lsst.geom.Point2I(11, 7), lsst.geom.Extent2I(101, 83))
    ]
    expected = whole.image.array.copy()
    strips = whole.clone()
    background = model.outputBkg.toCcdBackground(camera[1], whole.getBBox()).getImage()
    make_task().run(whole, model.outputBkg, model.outputScale)
    monkeypatch.setattr(_strips, "_PIXELS", pixels)
    make_task().run(strips, model.outputBkg, model.outputScale)
    np.testing.assert_array_equal(strips.image.array, whole.image.array)
    expected -= background.array
    np.testing.assert_allclose(whole.image.array, expected / 700.0, rtol=1e-6)


@pytest.mark.parametrize(("width", "height"), [(1, 1), (100, 7), (3000, 5000), (1 << 23, 2), (0, 0)])
def test_strips_cover_the_box(width, height):
    box = lsst.geom.Box2I(lsst.geom.Point2I(-3, 5), lsst.geom.Extent2I(width, height))
    parts = _strips.strips(box)
    rows = [y for part in parts for y in range(part.getMinY(), part.getMaxY() + 1)]
    assert rows == list(range(5, 5 + height))
    assert all(part.getMinX() == -3 and part.getWidth() == width for part in parts)
    sizes = [part.getArea() for part in parts]
    assert max(sizes, default=0) <= max(_strips._PIXELS, width)
    assert len(parts) <= 1 or min(sizes) > max(sizes) / 2


@pytest.mark.parametrize(
    ("values", "finite"),
    [
        ([700.0], True),
        ([700.0] * 9 + [np.nan], True),
        ([1e19, -1e19], True),
        ([3e38], False),
        ([3e38, -3e38], False),
        ([np.inf], False),
        ([np.nan], False),
    ],
    ids=str,
)
def test_model_is_finite_on_every_pixel_or_refused(camera, monkeypatch, values, finite):
    model = skydata.make_scale(camera, level=700.0)
    own = FocalPlaneBackground.toCcdBackground

    def changed(*args):
        members = own(*args)
        cells = members[0][0].getStatsImage().image.array
        cells[:] = np.resize(values, cells.shape)
        return members

    monkeypatch.setattr(FocalPlaneBackground, "toCcdBackground", changed)
    exposure = skydata.make_exposure(camera[0])
    if finite:
        make_task().run(exposure, model.outputBkg, model.outputScale)
        assert np.isfinite(exposure.image.array).all()
        return
    with (
        skydata.assert_unmodified(exposure),
        pytest.raises(NoGoodSuperpixelsError, match="it is not finite there"),
    ):
        make_task().run(exposure, model.outputBkg, model.outputScale)


def test_all_masked_gives_cells_that_say_so(camera):
    model = skydata.make_scale(camera)
    exposure = skydata.make_exposure(camera[0])
    exposure.mask.array[:] |= exposure.mask.getPlaneBitMask("SAT")
    result = make_task().run(exposure, model.outputBkg, model.outputScale)
    assert np.isnan(result.outputBkg[0][0].getStatsImage().image.array).all()


def test_runs_as_a_subtask_and_after_pickling(camera):
    class ParentConfig(pexConfig.Config):
        subtract = pexConfig.ConfigurableField(target=CpSkySubtractBackgroundTask, doc="the task")

    class Parent(pipeBase.Task):
        ConfigClass = ParentConfig
        _DefaultName = "parent"

    parent = Parent()
    parent.makeSubtask("subtract")
    model = skydata.make_scale(camera)
    images = [
        task.run(skydata.make_exposure(camera[0]), model.outputBkg, model.outputScale).outputBkg.getImage()
        for task in (make_task(), parent.subtract, pickle.loads(pickle.dumps(make_task())))
    ]
    np.testing.assert_array_equal(images[1].array, images[0].array)
    np.testing.assert_array_equal(images[2].array, images[0].array)


@pytest.mark.parametrize("size", [0.48, 0.485])  # superpixels that divide the focal plane evenly, and do not
def test_detectors_of_the_camera_are_within_the_model(camera, caplog, size):
    model = skydata.make_scale(camera, size=size)
    for detector in camera:
        make_task().run(skydata.make_exposure(detector), model.outputBkg, model.outputScale)
    assert "outside" not in caplog.text


def test_partly_off_the_model_warns_and_has_no_nan(camera, tmp_path, caplog):
    shifted = skydata.make_camera(tmp_path, gap=1.5)
    model = skydata.make_scale(camera)
    exposure = skydata.make_exposure(shifted[0])
    make_task().run(exposure, model.outputBkg, model.outputScale)
    assert "Part of detector 0 (D0) of exposure 101 lies outside of the focal-plane model" in caplog.text
    assert np.isfinite(exposure.image.array).all()


@pytest.mark.parametrize("scale", [1.1e-19, 1.8e19])
def test_scales_at_the_limits_of_float32_give_numbers(camera, scale):
    model = skydata.make_scale(camera).outputBkg
    exposure = skydata.make_exposure(camera[1])
    exposure.variance.array[:] = scale**2
    make_task().run(exposure, model, scale_of(scale=scale))
    assert np.isfinite(exposure.image.array).all()
    assert exposure.image.array.any()
    np.testing.assert_allclose(exposure.variance.array, 1, rtol=1e-6)


@pytest.mark.parametrize("planes", [["BAD", "MISSPELT"], "BAD"])
def test_planes_of_the_subtask_are_looked_up_first(camera, planes):
    model = skydata.make_scale(camera)
    exposure = skydata.make_exposure(camera[0])
    task = make_task()
    task.sky.config.background.mask = planes
    with (
        skydata.assert_unmodified(exposure),
        pytest.raises(
            FieldValidationError, match=r"sky.background.mask.*the mask has no plane '(MISSPELT|B)'"
        ),
    ):
        task.run(exposure, model.outputBkg, model.outputScale)


@pytest.mark.parametrize(
    ("field", "value", "match"),
    [
        ("binning", 0, "binning.*at least 1"),
        ("interpolation", "NONE", "interpolation.*name an interpolation"),
    ],
)
def test_settings_of_the_model_are_not_reported_as_too_few_pixels(camera, field, value, match):
    model = skydata.make_scale(camera)
    model.outputBkg.config = model.outputBkg.config.copy()
    setattr(model.outputBkg.config, field, value)
    exposure = skydata.make_exposure(camera[0])
    with skydata.assert_unmodified(exposure), pytest.raises(FieldValidationError, match=match):
        make_task().run(exposure, model.outputBkg, model.outputScale)


def test_model_of_a_camera_with_other_pixels(camera):
    model = skydata.make_scale(camera)
    model.outputBkg.config = model.outputBkg.config.copy()
    model.outputBkg.config.pixelSize *= 2.1
    exposure = skydata.make_exposure(camera[0])
    with (
        skydata.assert_unmodified(exposure),
        pytest.raises(MismatchedInputsError, match=r"0\.015 mm in size.*for 0\.0315 mm"),
    ):
        make_task().run(exposure, model.outputBkg, model.outputScale)


@pytest.mark.parametrize("letter", "DIU")
def test_pixels_of_another_type(camera, letter):
    exposure = getattr(lsst.afw.image, f"Exposure{letter}")(128, 96)
    exposure.setDetector(camera[0])
    model = skydata.make_scale(camera)
    with pytest.raises(PixelTypeError, match=r"detector 0 \(D0\) are (float64|int32|uint16).*convertF"):
        make_task().run(exposure, model.outputBkg, model.outputScale)


def test_says_what_it_did(camera, caplog):
    model, exposure, task = skydata.make_scale(camera), skydata.make_exposure(camera[0]), make_task()
    exposure.mask.array[:32, :32] |= exposure.mask.getPlaneBitMask("BAD")
    with caplog.at_level(logging.INFO):
        cells = (
            task.run(exposure, model.outputBkg, model.outputScale).outputBkg[0][0].getStatsImage().image.array
        )
    assert task.metadata["scale"] == model.outputScale.get("scale")
    assert task.metadata["emptyCells"] == 1
    assert task.metadata["residualRms"] == pytest.approx(np.sqrt(np.nanmean(np.square(cells, dtype=float))))
    assert "Took the sky of detector 0 (D0) of exposure 101 away: scale 700" in caplog.text


@pytest.mark.parametrize(
    ("scale", "change", "plane"),
    [
        (1.2e-19, lambda exposure: None, "variance"),
        (0.5, lambda exposure: exposure.variance.array.__setitem__((3, 4), 2e38), "variance"),
        (0.5, lambda exposure: exposure.image.array.__setitem__((3, 4), -2e38), "image"),
    ],
)
def test_quotients_beyond_float32(camera, scale, change, plane):
    """A scale that can be divided by need not do for these pixels."""
    exposure, sky = skydata.make_exposure(camera[0]), skydata.make_scale(camera)
    change(exposure)
    with (
        skydata.assert_unmodified(exposure, sky.outputBkg),
        pytest.raises(InvalidScaleError, match=rf"detector 0.*cannot hold its {plane}") as caught,
    ):
        make_task().run(exposure, sky.outputBkg, scale_of(scale=scale))
    assert caught.value.metadata["plane"] == plane


def test_quotients_that_float32_holds(camera):
    """Infinite pixels stay what they are, and normalised exposures are nothing special."""
    exposure, sky = skydata.make_exposure(camera[0]), skydata.make_scale(camera)
    exposure.image.array[5, 6] = np.inf
    exposure.mask.array[5, 6] |= exposure.mask.getPlaneBitMask("BAD")
    result = make_task().run(exposure, sky.outputBkg, scale_of(scale=1e-3))
    assert np.isfinite(result.outputBkg[0][0].getStatsImage().image.array).all()


class TestPixelSize:
    """What is configured for the size of a pixel, against the size that the camera says."""

    def models(self, camera, size):
        sky = skydata.make_scale(camera)
        config = sky.outputBkg.config.copy()
        config.pixelSize = size
        sky.outputBkg.config = config
        return sky

    @pytest.mark.parametrize("size", [skydata.PIXEL / 2.1, skydata.PIXEL * 2.1, 0.9])
    def test_set_to_that_of_another_camera(self, camera, size):
        sky = self.models(camera, size)
        with pytest.raises(MismatchedInputsError, match="is that of another camera"):
            make_task().run(skydata.make_exposure(camera[0]), sky.outputBkg, sky.outputScale)

    def test_never_set(self, camera, caplog):
        """The stock tasks run this."""
        sky, expected = self.models(camera, 1.0), skydata.make_scale(camera)
        with caplog.at_level(logging.WARNING):
            found = make_task().run(skydata.make_exposure(camera[0]), sky.outputBkg, sky.outputScale)
        assert "0.015 mm in size, and largeScaleBackground.pixelSize has its default, 1 mm" in caplog.text
        same = make_task().run(skydata.make_exposure(camera[0]), expected.outputBkg, expected.outputScale)
        np.testing.assert_array_equal(
            found.outputBkg[0][0].getStatsImage().image.array,
            same.outputBkg[0][0].getStatsImage().image.array,
        )

    def test_never_set_where_models_are_made(self, camera, caplog):
        task = skydata.image_task()
        task.config = task.config.copy()
        task.config.largeScaleBackground.pixelSize = 1.0
        with caplog.at_level(logging.WARNING):
            model = task.run(skydata.make_exposure(camera[0]), camera).maskedBkg
        assert "pixelSize has its default" in caplog.text
        expected = skydata.image_task().run(skydata.make_exposure(camera[0]), camera).maskedBkg
        np.testing.assert_array_equal(model._values.array, expected._values.array)
