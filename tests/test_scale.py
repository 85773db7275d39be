import logging

import numpy as np
import pytest
import skydata

from lsst.afw.geom import makeTransform
from lsst.cp.sky import (
    CpSkyScaleMeasureTask,
    DetectorOffModelError,
    DetectorTypeError,
    InvalidScaleError,
    MismatchedInputsError,
    NoGoodSuperpixelsError,
)
from lsst.geom import AffineTransform, Extent2D
from lsst.pipe.base import NoWorkFound
from lsst.pipe.base.testUtils import assertValidOutput, lintConnections
from lsst.pipe.tasks.background import FocalPlaneBackground

DIMS = [{"instrument": "TestCam", "exposure": 101, "detector": i} for i in range(4)]


def make_task(alternate=False):
    config = CpSkyScaleMeasureTask.ConfigClass()
    config.includeAlternateBackground = alternate
    return CpSkyScaleMeasureTask(config=config)


@pytest.mark.parametrize("alternate", [False, True])
def test_connections(alternate):
    lintConnections(CpSkyScaleMeasureTask.ConfigClass.ConnectionsClass)
    config = make_task(alternate).config
    connections = config.ConnectionsClass(config=config)
    assert connections.dimensions == {"instrument", "physical_filter", "exposure"}
    expected = {
        "inputBkgs": "cpSkyDetectorBackground",
        "outputBkg": "cpSkyExpBackground",
        "outputScale": "cpSkyExpScale",
    }
    if alternate:
        expected |= {"camera": "camera", "outputBkgAlternate": "cpSkyExpBackgroundAlternate"}
    assert {c: getattr(connections, c).name for c in connections.allConnections} == expected


def test_merges_without_touching_its_inputs(camera):
    task = make_task()
    models = skydata.make_models(camera, level=650.0)
    with skydata.assert_unmodified(models):
        result = task.run(models)
    assertValidOutput(task, result)
    assert result.outputBkg not in models
    np.testing.assert_allclose(
        result.outputBkg._numbers.array, sum(m._numbers.array.astype(float) for m in models), rtol=1e-6
    )
    assert result.outputScale.get("scale") == pytest.approx(650, rel=1e-6)
    assert list(result.outputScale.names()) == ["scale"]
    assert result.outputBkgAlternate is None


def test_two_physical_types(camera):
    models = skydata.make_models(camera, level=650.0)
    for i in (0, 3):  # ITL
        models[i]._values.array[:] *= 0.5
    with skydata.assert_unmodified(models):
        result = make_task(alternate=True).run(models, camera, DIMS)
    scale = result.outputScale
    assert scale.get("detectorType") == "E2V"
    assert scale.get("detectorTypeAlternate") == "ITL"
    assert scale.get("scale") == pytest.approx(650, rel=1e-6)
    assert scale.get("scaleAlternate") == pytest.approx(325, rel=1e-6)
    np.testing.assert_allclose(
        result.outputBkgAlternate._numbers.array, models[0]._numbers.array + models[3]._numbers.array
    )


def test_one_type_only_has_no_alternate(camera):
    models = skydata.make_models(camera)
    result = make_task(alternate=True).run([models[0], models[3]], camera, [DIMS[0], DIMS[3]])
    assert result.outputBkgAlternate is None
    assert list(result.outputScale.names()) == ["scale"]


def test_three_types_are_refused_not_dropped(tmp_path):
    camera = skydata.make_camera(tmp_path, types=("ITL", "E2V", "ITL_WF", "ITL"))
    models = skydata.make_models(camera)
    match = r"exposure 101 are of 3 physical types \('E2V': 1, 'ITL': 2, 'ITL_WF': 1\).*Leave out"
    with pytest.raises(DetectorTypeError, match=match) as info:
        make_task(alternate=True).run(models, camera, DIMS)
    assert info.value.metadata["types"] == {"E2V": 1, "ITL": 2, "ITL_WF": 1}


def test_alternate_needs_camera_and_data_ids(camera):
    with pytest.raises(ValueError, match="needs camera and inputDims"):
        make_task(alternate=True).run(skydata.make_models(camera))


def test_one_data_id_per_model(camera):
    with pytest.raises(ValueError, match="4 models but 3 data IDs"):
        make_task().run(skydata.make_models(camera), inputDims=DIMS[:3])


def test_camera_without_the_detector(camera):
    dims = [*DIMS[:3], {**DIMS[3], "detector": 99}]
    with pytest.raises(DetectorOffModelError, match="TestCam has no detector 99 of exposure 101"):
        make_task(alternate=True).run(skydata.make_models(camera), camera, dims)


def test_no_inputs():
    with pytest.raises(NoWorkFound, match="no focal-plane models"):
        make_task().run([])


def test_sizes_differ(camera):
    models = [*skydata.make_models(camera)[:3], skydata.make_models(camera, size=0.6)[3]]
    with pytest.raises(
        MismatchedInputsError, match=r"detector 3 of exposure 101.*0\.6 x 0\.6 mm.*0\.48 x 0\.48"
    ):
        make_task().run(models, inputDims=DIMS)
    with pytest.raises(MismatchedInputsError, match="input number 3"):
        make_task().run(models)


def test_no_good_superpixels(camera):
    models = [FocalPlaneBackground.fromCamera(skydata.model_config(), camera) for _ in range(2)]
    with pytest.raises(NoGoodSuperpixelsError, match=r"exposure 101.*minFrac"):
        make_task().run(models, inputDims=DIMS[:2])


@pytest.mark.parametrize("level", [0.0, -3.0])
def test_sky_that_cannot_be_divided_by(camera, level):
    with pytest.raises(InvalidScaleError, match=r"scale 'scale' of exposure 101 is (zero|negative)"):
        make_task().run(skydata.make_models(camera, level=level), inputDims=DIMS)


@pytest.mark.parametrize(
    ("field", "value"), [("pixelSize", 0.02), ("minFrac", 0.2), ("binning", 8), ("interpolation", "LINEAR")]
)
def test_models_of_different_settings(camera, field, value):
    models = skydata.make_models(camera)
    models[2].config = models[2].config.copy()
    setattr(models[2].config, field, value)
    match = rf"detector 2 of exposure 101 cannot be merged with the first one: {field} is {value!r}, not"
    with pytest.raises(MismatchedInputsError, match=match):
        make_task().run(models, inputDims=DIMS)


@pytest.mark.parametrize(("shift", "refused"), [(0.0, False), (1e-9, False), (0.01, True)])
def test_models_of_different_places(camera, shift, refused):
    models = skydata.make_models(camera)
    move = makeTransform(AffineTransform.makeTranslation(Extent2D(shift, 0)))
    old = models[1]
    models[1] = FocalPlaneBackground(
        old.config, old.dims, old.transform.then(move), old._values, old._numbers
    )
    if not refused:
        make_task().run(models, inputDims=DIMS)
        return
    with pytest.raises(MismatchedInputsError, match=r"detector 1 of .* lie elsewhere in the focal plane"):
        make_task().run(models, inputDims=DIMS)


@pytest.mark.parametrize("value", [3e38, np.inf, 1e25])
def test_superpixels_beyond_float32(camera, value):
    models = skydata.make_models(camera)
    models[1]._values.array[models[1]._numbers.array > 0] = value
    with (
        np.errstate(over="ignore"),
        pytest.raises(
            InvalidScaleError, match=r"superpixels of the focal-plane model of exposure 101 are beyond"
        ),
    ):
        make_task().run(models, inputDims=DIMS)


def test_says_what_it_did(camera, caplog):
    task = make_task()
    with caplog.at_level(logging.INFO):
        result = task.run(skydata.make_models(camera), inputDims=DIMS)
    good = int((result.outputBkg._numbers.array >= 0.1 * 32**2).sum())
    assert task.metadata["inputs"] == 4
    assert task.metadata["goodSuperpixels"] == good < task.metadata["superpixels"]
    assert task.metadata["scale"] == result.outputScale.get("scale")
    assert f"Merged 4 detectors of exposure 101: {good} of" in caplog.text
