"""What the tasks do by choice; by default they do what the stock chain does."""

import logging
import pathlib

import numpy as np
import pytest
import skydata

import lsst.cp.sky
from lsst.cp.sky import (
    CpSkyCombineTask,
    CpSkyImageTask,
    CpSkyScaleMeasureTask,
    CpSkySubtractBackgroundTask,
    DetectorTypeError,
    TooFewInputsError,
)
from lsst.pex.config import FieldValidationError

FOLDER = pathlib.Path(lsst.cp.sky.__file__).parent / "config" / "recommended"
TASKS = {
    "cpSkyImage": CpSkyImageTask,
    "cpSkyScaleMeasure": CpSkyScaleMeasureTask,
    "cpSkyCombine": CpSkyCombineTask,
}
THREE = ("E2V", "ITL", "ITL_WF", "ITL")


def image_task(**settings):
    config = CpSkyImageTask.ConfigClass()
    config.largeScaleBackground = skydata.model_config()
    for name, value in settings.items():
        setattr(config, name, value)
    config.validate()
    return CpSkyImageTask(config=config)


def with_star(camera, detector=0):
    exposure = skydata.make_exposure(camera[detector])
    y, x = np.mgrid[: skydata.HEIGHT, : skydata.WIDTH]
    exposure.image.array[:] += 5e4 * np.exp(-0.5 * ((x - 64) ** 2 + (y - 48) ** 2) / 3**2)
    return exposure


@pytest.mark.parametrize("name", TASKS)
def test_recommended_values_are_values(name):
    config = TASKS[name].ConfigClass()
    if name == "cpSkyImage":
        config.largeScaleBackground = skydata.model_config()
    before = config.toDict()
    config.load(str(FOLDER / f"{name}.py"))
    config.validate()
    assert config.toDict() != before


def test_every_recommended_file_is_tested():
    assert {path.stem for path in FOLDER.glob("*.py")} == set(TASKS)


@pytest.mark.parametrize("exclude", [False, True])
def test_replaced_pixels_and_the_statistics(camera, exclude):
    exposure = with_star(camera)
    result = image_task(excludeReplaced=exclude).run(exposure, camera)
    detected = exposure.mask.array & exposure.mask.getPlaneBitMask("DETECTED") != 0
    assert detected[48, 64] == exclude
    assert exposure.image.array[48, 64] == pytest.approx(700, rel=0.1)
    good = exposure.mask.array & exposure.mask.getPlaneBitMask(list(skydata.model_config().mask)) == 0
    assert result.maskedBkg._numbers.array.sum() == pytest.approx(good.sum(), rel=0.1)


def test_replaced_pixels_are_the_same_pixels(camera):
    one, other = with_star(camera), with_star(camera)
    image_task().run(one, camera)
    image_task(excludeReplaced=True).run(other, camera)
    np.testing.assert_array_equal(other.image.array, one.image.array)


def test_replaced_fraction_is_told(camera, caplog):
    task = image_task()
    with caplog.at_level(logging.INFO):
        task.run(with_star(camera), camera)
    assert 0.01 < task.metadata["replacedFraction"] < 0.9
    assert task.metadata["coveredSuperpixels"] > 0
    assert "Masked detector 0 (D0) of exposure 101" in caplog.text


def test_bins_follow_the_detector(camera, caplog):
    exposure = skydata.make_exposure(camera[0])
    y, x = np.mgrid[: skydata.HEIGHT, : skydata.WIDTH]
    exposure.image.array[:] += 10 * np.sin(x / 15) * np.cos(y / 15)
    stock, adapted = image_task(), image_task(adaptMaskBins=True)
    stock.run(exposure.clone(), camera)
    assert "maskTask.subtractBackground.binSize" in caplog.text
    caplog.clear()
    adapted.run(exposure.clone(), camera)
    assert "binSize" not in caplog.text
    assert adapted.metadata["replacedFraction"] < stock.metadata["replacedFraction"]
    assert adapted.maskTask.config.subtractBackground.binSize == 1024


def test_pixels_that_are_not_finite(camera, caplog):
    exposure = skydata.make_exposure(camera[0])
    exposure.image.array[10, 20], exposure.image.array[30, 50] = np.nan, np.inf
    task = image_task(maskNotFinite=True)
    task.run(exposure, camera)
    assert "2 pixels of detector 0 (D0) of exposure 101 are not finite" in caplog.text
    assert task.metadata["notFinitePixels"] == 2
    assert np.isfinite(exposure.image.array).all()
    assert exposure.mask.array[10, 20] & exposure.mask.getPlaneBitMask("NO_DATA")


def test_no_finite_pixel_at_all_is_passed_on(camera, caplog):
    exposure = skydata.make_exposure(camera[0])
    exposure.image.array[:] = np.nan
    result = image_task(maskNotFinite=True).run(exposure, camera)
    assert "it is passed on as it is" in caplog.text
    assert not result.maskedBkg._numbers.array.any()


def scale_task(**settings):
    config = CpSkyScaleMeasureTask.ConfigClass()
    for name, value in settings.items():
        setattr(config, name, value)
    return CpSkyScaleMeasureTask(config=config)


def dims(*detectors):
    return [{"exposure": 101, "detector": detector} for detector in detectors]


def test_weighted_scale_comes_with_an_uncertainty(camera):
    models = skydata.make_models(camera, level=700.0)
    rng = np.random.default_rng(8)
    for model in models:
        model._values.array[:] *= rng.normal(1, 0.01, model._values.array.shape)
    stock, weighted = scale_task().run(models), scale_task(scaleStatistic="WEIGHTED").run(models)
    assert sorted(stock.outputScale.names()) == ["scale"]
    assert weighted.outputScale.get("scale") == pytest.approx(700, rel=0.01)
    good = int((weighted.outputBkg._numbers.array > 0.1 * 32**2).sum())
    expected = 7 * np.sqrt(np.pi / 2 / good)
    assert expected / 2 < weighted.outputScale.get("scaleUncertainty") < 2 * expected


def test_weighted_scale_takes_covered_superpixels_only(camera):
    models = skydata.make_models(camera, level=700.0)
    # Detector 3 has a brighter sky in the few pixels that are left of it: filled in, not measured.
    models[3]._values.array[:] *= 2
    few = models[3]._numbers.array > 0
    for plane in (models[3]._values, models[3]._numbers):
        plane.array[few] *= 0.01
    result = scale_task(scaleStatistic="WEIGHTED").run(models)
    assert result.outputScale.get("scale") == pytest.approx(700, rel=1e-3)
    assert scale_task().config.scaleStatistic == "MEDIAN"


@pytest.fixture
def three_types(tmp_path):
    camera = skydata.make_camera(tmp_path, types=THREE)
    models = skydata.make_models(camera, level=600.0)
    for factor, kind in ((0.5, "ITL"), (0.25, "ITL_WF")):
        for detector, model in zip(camera, models, strict=True):
            if detector.getPhysicalType() == kind:
                model._values.array[:] *= factor
    return camera, models


def alternates(cls, count):
    config = cls.ConfigClass()
    config.includeAlternateBackground = True
    config.alternateModels = count
    return cls(config=config)


def test_any_number_of_physical_types(three_types):
    camera, models = three_types
    result = alternates(CpSkyScaleMeasureTask, 2).run(models, camera, dims(0, 1, 2, 3))
    assert {name: result.outputScale.get(name) for name in result.outputScale.names()} == {
        "scale": pytest.approx(600),
        "detectorType": "E2V",
        "scaleAlternate": pytest.approx(300),
        "detectorTypeAlternate": "ITL",
        "scaleAlternate2": pytest.approx(150),
        "detectorTypeAlternate2": "ITL_WF",
    }
    task = alternates(CpSkySubtractBackgroundTask, 2)
    others = [result.outputBkgAlternate, result.outputBkgAlternate2]
    for detector, level in zip(camera, (600, 300, 150, 300), strict=True):
        exposure = skydata.make_exposure(detector, level=level)
        expected = (exposure.image.array - level) / level
        task.run(exposure, result.outputBkg, result.outputScale, others)
        np.testing.assert_allclose(exposure.image.array, expected, atol=1e-5)
        assert task.metadata["scale"] == pytest.approx(level)


def test_more_types_than_models(three_types):
    camera, models = three_types
    with pytest.raises(DetectorTypeError, match=r"only 2 models.*set alternateModels to 2"):
        alternates(CpSkyScaleMeasureTask, 1).run(models, camera, dims(0, 1, 2, 3))


@pytest.mark.parametrize("count", [1, 2, 4])
def test_connections_of_alternates(count):
    for cls, stem in ((CpSkyScaleMeasureTask, "outputBkg"), (CpSkySubtractBackgroundTask, "inputBkg")):
        config = alternates(cls, count).config
        connections = config.ConnectionsClass(config=config)
        names = [name for name in connections.allConnections if name.startswith(f"{stem}Alternate")]
        numbers = ["", *map(str, range(2, count + 1))]
        assert sorted(names) == [f"{stem}Alternate{number}" for number in numbers]
        for number in numbers:
            connection = connections.allConnections[f"{stem}Alternate{number}"]
            assert connection.name == f"cpSkyExpBackgroundAlternate{number}"
            assert set(connection.dimensions) == {"instrument", "exposure"}
            assert getattr(connection, "minimum", 0) == 0


def test_detectors_that_may_be_missing(camera):
    models = skydata.make_models(camera)
    task = scale_task()
    task.run(models[1:], inputDims=dims(1, 2, 3))
    assert task.metadata["inputs"] == 3
    with pytest.raises(TooFewInputsError, match="3 detectors of exposure 101, where at least 4"):
        scale_task(minInputs=4).run(models[1:], inputDims=dims(1, 2, 3))
    with pytest.raises(TooFewInputsError, match="Detectors 0, 7 of exposure 101 are required"):
        scale_task(requiredDetectors=[0, 7, 2]).run(models[1:], inputDims=dims(1, 2, 3))


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"maskNotFinite": True, "maskList": ["BAD"]}, "maskNotFinite"),
        ({"largeScaleBackground": skydata.model_config(binning=0)}, "largeScaleBackground.binning"),
    ],
)
def test_settings_that_contradict_each_other(settings, field):
    with pytest.raises(FieldValidationError, match=field):
        image_task(**settings)
