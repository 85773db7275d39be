"""Bad inputs to the tasks that apply sky frames and that verify them."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import skydata
from badinputs import BAD_NUMBERS, Kind, assign, exposures
from badjoint import Broken, changed, changed_handles, values_of
from jointnight import handle

from lsst.afw.cameraGeom import Camera
from lsst.afw.image import ExposureF
from lsst.afw.math import BackgroundList
from lsst.cp.sky import CpSkyCombineTask, CpSkySubtractBackgroundTask
from lsst.cp.sky.apply import CpSkyApplyTask
from lsst.cp.sky.verify import CpSkyVerifyExposureTask, CpSkyVerifyFrameTask
from lsst.daf.base import PropertyList

VISITS, DETECTORS = (101, 102, 103), (0, 1, 2)


class Good:
    """A small night after the four steps."""

    def __init__(self, camera: Camera, level: float = 700.0, seed: int = 0) -> None:
        sky, subtract = skydata.make_scale(camera, level), CpSkySubtractBackgroundTask()
        self.camera, self.scale = camera, sky.outputScale
        self.science, self.masked, self.residuals, self.frames = [], [], [], []
        for d in DETECTORS:
            backgrounds, handles = [], []
            for e in VISITS:
                place = {"exposure": e, "detector": d}
                exposure = skydata.make_exposure(camera[d], e, level, seed)
                self.science.append(handle(exposure.clone(), "ExposureF", **place))
                masked = exposure.clone()
                backgrounds.append(subtract.run(exposure, sky.outputBkg, sky.outputScale).outputBkg)
                handles.append(handle(masked, "ExposureF", **place))
                self.masked.append(handles[-1])
                self.residuals.append(handle(backgrounds[-1], "Background", **place))
            frame = CpSkyCombineTask().run(backgrounds, handles).outputCalib
            self.frames.append(handle(frame, "ExposureF", exposure=0, detector=d))

    def of(self, handles: list[Any], exposure: int = 101) -> list[Any]:
        return [h for h in handles if h.dataId["exposure"] == exposure]


def worse_frames(frame) -> Iterator[tuple[str, Any]]:
    """Sky frames with something wrong with them."""
    for value in (float("nan"), float("inf"), 1e30, -1.0, 3e38):
        for where, name in ((np.s_[:], "all cells"), (np.s_[0, 0], "a cell")):
            for plane in ("image", "variance"):
                found = frame.clone()
                getattr(found, plane).array[where] = value
                yield f"{name} of {plane} {value}", found
    for card in ("BOX.MINX", "BOX.MINY", "BOX.MAXX", "BOX.MAXY", "ALGORITHM"):
        for value in (None, -5, 10**9, "text", float("nan")):
            found = frame.clone()
            found.getMetadata().remove(card)
            if value is not None:
                found.getMetadata().set(card, value)
            yield f"{card}={value!r}", found
    yield "a single cell", frame[frame.getBBox().erodedBy(1)].clone()
    found = frame.clone()
    found.setDetector(None)
    yield "no detector", found
    found = frame.clone()
    found.setFilter(None)
    yield "no filter", found
    yield "an exposure", skydata.make_exposure(frame.getDetector())
    yield "empty", ExposureF(0, 0)


def worse_residuals(background) -> Iterator[tuple[str, Any]]:
    """Residual backgrounds with something wrong with them."""
    for value in (float("nan"), float("inf"), 1e30):
        for plane in ("image", "variance"):
            found = background.clone()
            getattr(found[0][0].getStatsImage(), plane).array[:] = value
            yield f"{plane} {value}", found
    yield "without members", BackgroundList()
    yield "of two members", BackgroundList(background[0], background[0])


def scales() -> Iterator[tuple[str, Any]]:
    for value in (*BAD_NUMBERS, 1e-39, 1e39, "text", None, True):
        found = PropertyList()
        if value is not None:
            found.set("scale", value)
        yield f"scale {value!r}", found
    for thing in (None, {}, {"scale": 700.0}, 700.0):
        yield f"a scale that is {thing!r}", thing


def swapped(handles, number, thing, storageClass):
    """Handles of which one is of something else."""
    place = dict(handles[number].dataId)
    return [handle(thing, storageClass, **place) if i == number else h for i, h in enumerate(handles)]


def apply_kinds(good, camera, far) -> Iterator[Kind]:
    science, frames = good.of(good.science), good.frames

    def run(e=science, f=frames, c=camera, change=lambda config: None):
        config = CpSkyApplyTask.ConfigClass()
        config.largeScaleBackground = skydata.model_config()
        change(config)
        result = CpSkyApplyTask(config=config).run(e, f, c)
        return values_of([result.metrics])

    for name, exposure in exposures(camera, far):
        one = handle(exposure, "ExposureF", exposure=101, detector=0)
        one = exposure if not hasattr(exposure, "getMaskedImage") else one
        worse = [one, *science[1:]]
        yield Kind(f"Apply, {name}", lambda w=worse: run(w), [worse])
    for name, frame in worse_frames(frames[0].get()):
        worse = swapped(frames, 0, frame, "ExposureF")
        yield Kind(f"Apply, sky frame with {name}", lambda w=worse: run(f=w), [worse])
    for name, _ in changed_handles(science):
        yield Kind(f"Apply, exposures {name}", lambda n=name: run(changed(science, n)))
        yield Kind(f"Apply, sky frames {name}", lambda n=name: run(f=changed(frames, n)))
    for thing in (None, "camera", [camera[0]], far):
        yield Kind(f"Apply, a {type(thing).__name__} for a camera", lambda t=thing: run(c=t))
    for path, field, value in (
        ("largeScaleBackground", "xSize", float("nan")), ("largeScaleBackground", "xSize", -1.0),
        ("largeScaleBackground", "xSize", 1e-7), ("largeScaleBackground", "pixelSize", 0.0),
        ("largeScaleBackground", "binning", 0), ("largeScaleBackground", "binning", 10**5),
        ("largeScaleBackground", "mask", ["MISSPELT"]), ("largeScaleBackground", "interpolation", "NONE"),
        ("maskTask", "nIter", -1), ("maskTask", "detectSigma", float("nan")),
        ("maskTask.detection", "thresholdValue", float("nan")), ("maskTask.detection", "statsMask", ["X"]),
        ("sky.background", "algorithm", "NONE"),
        ("sky.background", "xBinSize", 0), ("sky.background", "mask", ["X"]), ("sky", "skyIter", -1),
        ("sky", "skyRej", float("nan")), ("sky", "xNumSamples", 0),
    ):  # fmt: skip
        change = lambda config, p=path, f=field, v=value: assign(config, p, f, v)  # noqa: E731
        yield Kind(f"Apply, {path}.{field}={value!r}", lambda c=change: run(change=c), [science])


def verify_kinds(good, camera, far) -> Iterator[Kind]:
    masked, residuals, frames = good.of(good.masked), good.of(good.residuals), good.frames

    def exposure(e=masked, s=good.scale, b=residuals, f=frames, change=lambda config: None):
        config = CpSkyVerifyExposureTask.ConfigClass()
        change(config)
        return values_of([CpSkyVerifyExposureTask(config=config).run(e, s, b, f, 101).metrics])

    def frame(f=frames, b=good.residuals):
        result = CpSkyVerifyFrameTask().run(f, b)
        return values_of([result.metrics, result.pulls])

    for name, one in exposures(camera, far):
        worse = [handle(one, "ExposureF", exposure=101, detector=0), *masked[1:]]
        worse = worse if hasattr(one, "getMaskedImage") else [one, *masked[1:]]
        yield Kind(f"VerifyExposure, {name}", lambda w=worse: exposure(w), [worse])
    for name, scale in scales():
        yield Kind(f"VerifyExposure, {name}", lambda s=scale: exposure(s=s), [scale])
    for name, one in worse_frames(frames[0].get()):
        worse = swapped(frames, 0, one, "ExposureF")
        yield Kind(f"VerifyExposure, sky frame with {name}", lambda w=worse: exposure(f=w), [worse])
        yield Kind(f"VerifyFrame, sky frame with {name}", lambda w=worse: frame(w), [worse])
    for name, one in worse_residuals(residuals[0].get()):
        worse, all_worse = (swapped(h, 0, one, "Background") for h in (residuals, good.residuals))
        yield Kind(f"VerifyExposure, residual with {name}", lambda w=worse: exposure(b=w), [worse])
        yield Kind(f"VerifyFrame, residual with {name}", lambda w=all_worse: frame(b=w), [all_worse])
    for name, _ in changed_handles(masked):
        yield Kind(f"VerifyExposure, exposures {name}", lambda n=name: exposure(changed(masked, n)))
        yield Kind(f"VerifyExposure, residuals {name}", lambda n=name: exposure(b=changed(residuals, n)))
        yield Kind(f"VerifyExposure, sky frames {name}", lambda n=name: exposure(f=changed(frames, n)))
        yield Kind(f"VerifyFrame, sky frames {name}", lambda n=name: frame(changed(frames, n)))
        yield Kind(f"VerifyFrame, residuals {name}", lambda n=name: frame(b=changed(good.residuals, n)))
    for value in (["MISSPELT"], "BAD", [], [""], None):
        change = lambda config, v=value: setattr(config, "mask", v)  # noqa: E731
        yield Kind(f"VerifyExposure, mask={value!r}", lambda c=change: exposure(change=c))
    unreadable = [Broken(exposure=101, detector=0), *masked[1:]]
    yield Kind("VerifyExposure, an exposure that cannot be read", lambda: exposure(unreadable))


def other_kinds(camera, far) -> list[Kind]:
    good = Good(camera)
    return [*apply_kinds(good, camera, far), *verify_kinds(good, camera, far)]
