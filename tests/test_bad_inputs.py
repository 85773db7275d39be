"""Bad inputs of all kinds to the tasks of both chains: each ends well or in a documented error.

Nothing is changed that a task does not promise to change.
Well means a finite product. An error has to be of a documented class; one of the data names the exposure or
the detector that is at fault. ``pytest -m slow -s tests/test_bad_inputs.py`` prints how the kinds end.
"""

import collections
import itertools
import logging
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import skydata
from badinputs import BAD_NUMBERS, Kind, assign, exposures, judge
from badjoint import joint_kinds
from badothers import other_kinds

import lsst.afw.image as afwImage
import lsst.geom
from lsst.cp.sky import (
    CpSkyCombineTask,
    CpSkyImageTask,
    CpSkyScaleMeasureTask,
    CpSkySubtractBackgroundTask,
)
from lsst.daf.base import PropertyList
from lsst.pipe.base import InMemoryDatasetHandle
from lsst.pipe.tasks.background import FocalPlaneBackground

pytestmark = pytest.mark.slow


def image_settings() -> Iterator[tuple[str, Callable[[Any], None]]]:
    """Changes to the configuration of the image task that make no sense."""
    numbers = {
        "largeScaleBackground": ("xSize", "ySize", "pixelSize", "minFrac"),
        "maskTask": ("detectSigma",),
        "maskTask.detection": ("thresholdValue", "nSigmaToGrow", "nSigmaForKernel"),
    }
    for (path, fields), value in itertools.product(numbers.items(), BAD_NUMBERS):
        for field in fields:
            yield (
                f"{path}.{field}={value}",
                (lambda config, p=path, f=field, v=value: assign(config, p, f, v)),
            )
    for path, field, value in (
        ("largeScaleBackground", "binning", 0),
        ("largeScaleBackground", "binning", -3),
        ("largeScaleBackground", "binning", 100000),
        ("largeScaleBackground", "xSize", 1e-7),
        ("largeScaleBackground", "xSize", 1e7),
        ("largeScaleBackground", "pixelSize", 1.5),
        ("largeScaleBackground", "minFrac", 1e9),
        ("largeScaleBackground", "interpolation", "NONE"),
        ("largeScaleBackground", "interpolation", None),
        ("largeScaleBackground", "interpolation", "WAVY"),
        ("largeScaleBackground", "mask", ["BAD", "MISSPELT"]),
        ("largeScaleBackground", "mask", "BAD"),
        ("maskTask", "nIter", -2),
        ("maskTask", "nIter", 0),
        ("maskTask", "detectSigma", 1e6),
        ("maskTask", "detectSigma", 40.0),
        ("maskTask.detection", "thresholdValue", 1e30),
        ("maskTask.detection", "nSigmaToGrow", 1e9),
        ("maskTask.detection", "statsMask", ["MISSPELT"]),
        ("maskTask.subtractBackground", "algorithm", "NONE"),
        ("maskTask.subtractBackground", "binSize", 0),
        ("maskTask.subtractBackground", "binSize", 1),
        ("maskTask.subtractBackground", "ignoredPixelMask", ["MISSPELT"]),
        ("maskTask.interpolate", "algorithm", None),
        ("maskTask.interpolate", "binSize", -4),
        ("maskTask.interpolate", "ignoredPixelMask", "BAD"),
        ("", "maskList", ["MISSPELT"]),
        ("", "maskList", "BAD"),
        ("", "maskList", []),
        ("", "maskList", [""]),
    ):
        yield f"{path}.{field}={value!r}", (lambda config, p=path, f=field, v=value: assign(config, p, f, v))
    for value in (*BAD_NUMBERS, 1e9):
        yield f"smoothScale={value}", (lambda config, v=value: smooth(config, v))


def smooth(config, value):
    config.largeScaleBackground.doSmooth = True
    config.largeScaleBackground.smoothScale = value


def image_kinds(camera, far) -> Iterator[Kind]:
    def run(exposure, change=lambda config: None, the_camera=camera):
        config = CpSkyImageTask.ConfigClass()
        config.largeScaleBackground = skydata.model_config()
        change(config)
        result = CpSkyImageTask(config=config).run(exposure, the_camera)
        return [result.maskedBkg._values.array, result.maskedBkg._numbers.array]

    for name, exposure in exposures(camera, far):
        yield Kind(f"Image, {name}", lambda e=exposure: run(e), [exposure], True)
    for name, change in image_settings():
        exposure = skydata.make_exposure(camera[0])
        yield Kind(f"Image, {name}", lambda e=exposure, c=change: run(e, c), [exposure], True)
    for thing in (None, "camera", [camera[0]], far):
        exposure = skydata.make_exposure(camera[0])
        yield Kind(
            f"Image, a {type(thing).__name__} for a camera",
            lambda e=exposure, t=thing: run(e, the_camera=t),
            [exposure],
            True,
        )


def scales() -> Iterator[Any]:
    """Scales that cannot be divided by, or that are not what they look like."""
    yield from (*BAD_NUMBERS, -0.0, 1e-39, 1e-30, 1e-20, 1e-19, 1e18, 1.9e19, 1e20, 1e30, 1e39, 1e200, 10**18)
    yield from ("bright", "700", "", True, False)


def model_changes(camera) -> Iterator[tuple[str, Any]]:
    """Models of the sky with something wrong with them."""

    def good():
        return skydata.make_scale(camera).outputBkg

    for value in (float("nan"), float("inf"), 3e38, -3e38, 1e30, 0.0):
        for where in (np.s_[:], np.s_[3, 4]):
            for plane in ("_values", "_numbers"):
                model = good()
                getattr(model, plane).array[where] = value
                yield f"{plane} {value} at {where}", model
    for field, value in (
        ("binning", 0), ("binning", -4), ("binning", 97), ("binning", 10**9), ("interpolation", "NONE"),
        ("interpolation", None), ("minFrac", float("nan")), ("minFrac", 1e9), ("pixelSize", 0.0),
        ("pixelSize", 0.15), ("xSize", 0.0), ("ySize", float("nan")),
    ):  # fmt: skip
        model = good()
        config = model.config.copy()
        setattr(config, field, value)
        model.config = config
        yield f"{field}={value}", model
    yield "empty", FocalPlaneBackground.fromCamera(skydata.model_config(), camera)
    for thing in (None, "model", [good()]):
        yield f"a {type(thing).__name__}", thing


def subtract_kinds(camera, far) -> Iterator[Kind]:
    sky = skydata.make_scale(camera)

    def run(exposure, model=sky.outputBkg, scale=sky.outputScale, change=lambda config: None):
        config = CpSkySubtractBackgroundTask.ConfigClass()
        change(config)
        result = CpSkySubtractBackgroundTask(config=config).run(exposure, model, scale)
        return [result.outputBkg[0][0].getStatsImage().image.array]

    for name, exposure in exposures(camera, far):
        yield Kind(f"Subtract, {name}", lambda e=exposure: run(e), [exposure], True)
    for value in scales():
        exposure, scale = skydata.make_exposure(camera[1]), PropertyList()
        scale.set("scale", value)
        call = lambda e=exposure, s=scale: run(e, scale=s)  # noqa: E731
        yield Kind(f"Subtract, scale {value!r}", call, [exposure, scale], True)
    for thing in (None, {}, {"scale": None}, {"scale": [700.0]}, PropertyList(), 700.0, "700"):
        exposure = skydata.make_exposure(camera[1])
        yield Kind(
            f"Subtract, {thing!r} for a scale", lambda e=exposure, t=thing: run(e, scale=t), [exposure], True
        )
    for name, model in model_changes(camera):
        exposure = skydata.make_exposure(camera[0])
        yield Kind(f"Subtract, model {name}", lambda e=exposure, m=model: run(e, m), [exposure, model], True)
    for field, value in (
        ("mask", ["BAD", "MISSPELT"]), ("mask", "BAD"), ("mask", [""]), ("algorithm", "NONE"),
        ("algorithm", None), ("xBinSize", 0), ("yBinSize", -1), ("xBinSize", 10**6), ("statistic", "MODE"),
    ):  # fmt: skip
        exposure = skydata.make_exposure(camera[0])
        change = lambda config, f=field, v=value: setattr(config.sky.background, f, v)  # noqa: E731
        call = lambda e=exposure, c=change: run(e, change=c)  # noqa: E731
        yield Kind(f"Subtract, sky.background.{field}={value!r}", call, [exposure], True)


def scale_kinds(camera) -> Iterator[Kind]:
    dims = [{"exposure": 101, "detector": number} for number in range(4)]

    def run(models, the_dims=dims, **settings):
        config = CpSkyScaleMeasureTask.ConfigClass()
        for name, value in settings.items():
            setattr(config, name, value)
        result = CpSkyScaleMeasureTask(config=config).run(models, camera, the_dims)
        return [np.array(result.outputScale.get("scale")), result.outputBkg.getStatsImage().array]

    for name, bad in model_changes(camera):
        models = [*skydata.make_models(camera)[:3], bad]
        for statistic in ("MEDIAN", "WEIGHTED"):
            call = lambda m=models, s=statistic: run(m, scaleStatistic=s)  # noqa: E731
            yield Kind(f"ScaleMeasure {statistic}, one model {name}", call, [models])
    for thing in (None, [], (), "models", "", [None] * 4, range(4)):
        yield Kind(f"ScaleMeasure, {thing!r} for models", lambda t=thing: run(t, None))
    yield Kind("ScaleMeasure, a generator", lambda: run(model for model in skydata.make_models(camera)))
    for level in (0.0, -3.0, 1e-30, 3e38):
        models = skydata.make_models(camera, level=level)
        yield Kind(f"ScaleMeasure, sky of {level}", lambda m=models: run(m), [models])
    for wrong in (dims[:3], [*dims[:3], {"exposure": 101, "detector": 99}], []):
        models = skydata.make_models(camera)
        call = lambda m=models, w=wrong: run(m, w, includeAlternateBackground=True)  # noqa: E731
        yield Kind(f"ScaleMeasure, data IDs {wrong}", call, [models])
    for settings in ({"minInputs": 5}, {"requiredDetectors": [8]}):
        yield Kind(f"ScaleMeasure, {settings}", lambda s=settings: run(skydata.make_models(camera), **s))


def residuals(camera, detector=1, visits=(101, 102, 103), bbox=None):
    sky, subtract = skydata.make_scale(camera), CpSkySubtractBackgroundTask()
    backgrounds, handles = [], []
    for visit in visits:
        exposure = skydata.make_exposure(camera[detector], visit=visit)
        exposure = exposure if bbox is None else exposure[bbox]
        backgrounds.append(subtract.run(exposure, sky.outputBkg, sky.outputScale).outputBkg)
        handles.append(InMemoryDatasetHandle(exposure, storageClass="ExposureF", exposure=visit))
    return backgrounds, handles


def combine_kinds(camera) -> Iterator[Kind]:
    backgrounds, handles = residuals(camera)
    others, other_handles = residuals(camera, detector=3)
    box = lsst.geom.Box2I(lsst.geom.Point2I(32, 0), lsst.geom.Extent2I(64, 96))
    parts, _ = residuals(camera, bbox=box)
    filtered = residuals(camera)[1]
    filtered[1].get().setFilter(afwImage.FilterLabel(band="g", physical="g_01"))

    def run(the_backgrounds, the_handles, **settings):
        config = CpSkyCombineTask.ConfigClass()
        for name, value in settings.items():
            setattr(config, name, value)
        return [CpSkyCombineTask(config=config).run(the_backgrounds, the_handles).outputCalib.image.array]

    cases = {
        "fewer handles": (backgrounds, handles[:2]),
        "fewer backgrounds": (backgrounds[:2], handles),
        "another detector": ([*backgrounds[:2], others[0]], [*handles[:2], other_handles[0]]),
        "another filter": (backgrounds, filtered),
        "another box": ([*backgrounds[:2], parts[0]], handles),
        "an exposure twice": ([*backgrounds, backgrounds[0]], [*handles, handles[0]]),
        "two members": (
            [backgrounds[0], type(backgrounds[0])(backgrounds[0][0], backgrounds[0][0])],
            handles[:2],
        ),
        "no member": ([type(backgrounds[0])()], handles[:1]),
        "generators": ((b for b in backgrounds), (h for h in handles)),
    }
    for thing in (None, [], (), "", "abc", [None] * 3, [5, 6, 7]):
        cases[f"{thing!r} for backgrounds"] = (thing, handles)
        if not isinstance(thing, list) or not thing:
            cases[f"{thing!r} for handles"] = (backgrounds, thing)
    for name, (one, other) in cases.items():
        yield Kind(f"Combine, {name}", lambda a=one, b=other: run(a, b), [one, other])
    for value in (float("nan"), float("inf")):
        for where in (np.s_[:], np.s_[0, 0]):
            bad = residuals(camera)
            for background in bad[0]:
                background[0][0].getStatsImage().image.array[where] = value
            yield Kind(f"Combine, cells of {value} at {where}", lambda b=bad: run(*b), [*bad])
    yield Kind("Combine, too few", lambda: run(backgrounds, handles, minInputs=4), [backgrounds, handles])


def all_kinds(camera, far):
    return [
        *image_kinds(camera, far),
        *scale_kinds(camera),
        *subtract_kinds(camera, far),
        *combine_kinds(camera),
        *joint_kinds(camera, far),
        *other_kinds(camera, far),
    ]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of numbers beyond float32, which are meant
def test_every_kind_ends_well(camera, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(logging.root.manager, "disable", logging.WARNING)
    far = skydata.make_camera(tmp_path, types=("ITL",) * 20)
    kinds = all_kinds(camera, far)
    assert len({kind.name for kind in kinds}) == len(kinds) >= 2000
    tally, wrong = collections.Counter(), []
    for kind in kinds:
        outcome, problem = judge(kind)
        tally[kind.name.partition(",")[0].split()[0], outcome] += 1
        if problem:
            wrong.append(f"{kind.name}: {problem}")
    with capsys.disabled():
        print(f"\n{len(kinds)} kinds of bad inputs, {len(wrong)} of them end badly")
        for (task, outcome), number in sorted(tally.items()):
            print(f"{number:5} {task:15} {outcome}")
    assert not wrong, "\n".join(wrong)
