"""The four tasks, chained over the exposures of a mosaic, against what the compiled stack made of them."""

import functools

import numpy as np
import pytest
from golden import golden_cases, load_golden

import lsst.afw.image as afwImage
from lsst.cp.sky import (
    CpSkyCombineTask,
    CpSkyImageTask,
    CpSkyScaleMeasureTask,
    CpSkySubtractBackgroundTask,
    NoGoodPixelsError,
)
from lsst.obs.base.yamlCamera import makeCamera
from lsst.pipe.base import InMemoryDatasetHandle

#: Two or three units in the last place of a float32, of the largest value where differences cancel.
RTOL = 2e-6
EXPOSURES, DETECTORS = range(3), range(4)


def assert_close(actual, expected, name):
    scale = np.nanmax(np.abs(expected)) if np.isfinite(expected).any() else 0.0
    np.testing.assert_allclose(actual, expected, rtol=RTOL, atol=RTOL * scale, err_msg=name)


def to_running_planes(mask, planes):
    """Bits of a case's mask plane dictionary, as those of the running one."""
    result = np.zeros_like(mask)
    for name, bit in planes.items():
        afwImage.Mask.addMaskPlane(name)
        result |= np.where(mask & (1 << bit), afwImage.Mask.getPlaneBitMask(name), 0).astype(mask.dtype)
    return result


def chain(params, arrays, camera):
    """Run the tasks as the pipeline does; results by the names of the case."""
    alternate = params["includeAlternateBackground"]
    image_config = CpSkyImageTask.ConfigClass()
    for name, value in params["largeScaleBackground"].items():
        setattr(image_config.largeScaleBackground, name, value)
    image_task = CpSkyImageTask(config=image_config)
    scale_config, subtract_config = (
        CpSkyScaleMeasureTask.ConfigClass(),
        CpSkySubtractBackgroundTask.ConfigClass(),
    )
    scale_config.includeAlternateBackground = subtract_config.includeAlternateBackground = alternate
    scale_task = CpSkyScaleMeasureTask(config=scale_config)
    subtract_task = CpSkySubtractBackgroundTask(config=subtract_config)

    out = {"scales": []}
    residuals = {detector: [] for detector in DETECTORS}
    handles = {detector: [] for detector in DETECTORS}
    for e in EXPOSURES:
        exposures, models = [], []
        for d in DETECTORS:
            exposure = afwImage.ExposureF(*arrays[f"in_image_{e}_{d}"].shape[::-1])
            exposure.image.array[:] = arrays[f"in_image_{e}_{d}"]
            exposure.mask.array[:] = to_running_planes(arrays[f"in_mask_{e}_{d}"], params["maskPlanes"])
            exposure.variance.array[:] = arrays[f"in_variance_{e}_{d}"]
            exposure.setDetector(camera[d])
            result = image_task.run(exposure, camera)
            exposures.append(result.maskedExp)
            models.append(result.maskedBkg)
            out[f"masked_image_{e}_{d}"] = exposure.image.array.copy()
            out[f"masked_mask_{e}_{d}"] = exposure.mask.array.copy()
            out[f"bkg_values_{e}_{d}"] = result.maskedBkg._values.array.copy()
            out[f"bkg_numbers_{e}_{d}"] = result.maskedBkg._numbers.array.copy()
        merged = scale_task.run(models, camera, [{"exposure": e, "detector": d} for d in DETECTORS])
        out["scales"].append({name: merged.outputScale.get(name) for name in merged.outputScale.names()})
        for suffix, model in (("", merged.outputBkg), ("_alt", merged.outputBkgAlternate)):
            if model is not None:
                out[f"exp{suffix}_values_{e}"] = model._values.array.copy()
                out[f"exp{suffix}_numbers_{e}"] = model._numbers.array.copy()
        for d, exposure in enumerate(exposures):
            handles[d].append(InMemoryDatasetHandle(exposure, storageClass="ExposureF"))
            residual = subtract_task.run(
                exposure, merged.outputBkg, merged.outputScale, merged.outputBkgAlternate
            ).outputBkg
            residuals[d].append(residual)
            stats = residual[0][0].getStatsImage()
            for plane in ("image", "mask", "variance"):
                out[f"residual_{plane}_{e}_{d}"] = getattr(stats, plane).array.copy()
            out[f"subtracted_sample_{e}_{d}"] = exposure.image.array[3::17, 5::19].copy()
    for d in DETECTORS:
        if str(d) in params["combine_errors"]:
            with pytest.raises(NoGoodPixelsError, match=f"detector {d}"):
                CpSkyCombineTask().run(residuals[d], handles[d])
            continue
        calib = CpSkyCombineTask().run(residuals[d], handles[d]).outputCalib
        for plane in ("image", "mask", "variance"):
            out[f"sky_{plane}_{d}"] = getattr(calib, plane).array.copy()
    return out


@functools.cache
def case_and_result(path, folder):
    params, arrays = load_golden(path)
    yaml = folder / f"{path.stem}.yaml"
    yaml.write_text(params["camera"])
    return params, arrays, chain(params, arrays, makeCamera(str(yaml)))


def cases():
    try:
        return golden_cases("tasks")
    except FileNotFoundError as error:
        pytest.skip(str(error), allow_module_level=True)


@pytest.fixture(params=cases(), ids=lambda path: path.stem)
def case(request, tmp_path_factory):
    return case_and_result(request.param, tmp_path_factory.getbasetemp())


def test_masks(case):
    params, arrays, out = case
    for name in (name for name in arrays if name.startswith("out_masked_mask")):
        expected = to_running_planes(arrays[name], params["maskPlanes"])
        different = np.mean(out[name.removeprefix("out_")] != expected)
        assert different <= 1e-4, name


def test_masked_images_where_masks_agree(case):
    _, arrays, out = case
    for name in (name for name in arrays if name.startswith("out_masked_image")):
        assert_close(out[name.removeprefix("out_")], arrays[name], name)


@pytest.mark.parametrize("kind", ["bkg_values", "bkg_numbers", "exp_values", "exp_numbers", "exp_alt"])
def test_models(case, kind):
    params, arrays, out = case
    names = [name for name in arrays if name.startswith(f"out_{kind}")]
    assert names or (kind == "exp_alt" and not params["includeAlternateBackground"])
    for name in names:
        assert_close(out[name.removeprefix("out_")], arrays[name], name)


def test_scales(case):
    params, _, out = case
    for ours, theirs in zip(out["scales"], params["scales"], strict=True):
        assert ours.keys() == theirs.keys()
        for name, value in theirs.items():
            assert ours[name] == (value if isinstance(value, str) else pytest.approx(value, rel=RTOL))


@pytest.mark.parametrize(
    "kind", ["residual_image", "residual_variance", "residual_mask", "subtracted_sample"]
)
def test_residuals(case, kind):
    _, arrays, out = case
    for name in (name for name in arrays if name.startswith(f"out_{kind}")):
        assert_close(out[name.removeprefix("out_")], arrays[name], name)


@pytest.mark.parametrize("kind", ["sky_image", "sky_variance", "sky_mask"])
def test_sky_frames(case, kind):
    _, arrays, out = case
    for name in (name for name in arrays if name.startswith(f"out_{kind}")):
        assert_close(out[name.removeprefix("out_")], arrays[name], name)
