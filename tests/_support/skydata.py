"""A small mosaic camera and exposures of the sky taken with it."""

import contextlib
import copy

import numpy as np
from astropy.table import Table

import lsst.afw.image as afwImage
from lsst.afw.math import BackgroundList
from lsst.cp.sky import CpSkyImageTask, CpSkyScaleMeasureTask
from lsst.daf.base import DateTime
from lsst.obs.base.yamlCamera import makeCamera
from lsst.pipe.base import InMemoryDatasetHandle
from lsst.pipe.tasks.background import FocalPlaneBackground, FocalPlaneBackgroundConfig

#: Pixels of a detector, x and y, and the size of one in mm.
WIDTH, HEIGHT, PIXEL = 128, 96, 0.015

_DETECTOR = """
  {name}:
    id: {id}
    serial: "S{id}"
    detectorType: 0
    physicalType: {type}
    refpos: [{cx}, {cy}]
    offset: [{x}, {y}]
    bbox: [[0, 0], [{xmax}, {ymax}]]
    pixelSize: [{pixel}, {pixel}]
    transformDict: {{nativeSys: Pixels, transforms: None}}
    transposeDetector: false
    pitch: 0.0
    yaw: 0.0
    roll: 0.0
    amplifiers:
      A:
        hdu: 1
        perAmpData: true
        ixy: [0, 0]
        readCorner: LL
        flipXY: [false, false]
        rawBBox: [[0, 0], [{width}, {height}]]
        rawDataBBox: [[0, 0], [{width}, {height}]]
        rawSerialPrescanBBox: [[0, 0], [0, 0]]
        rawSerialOverscanBBox: [[{width}, 0], [0, {height}]]
        rawParallelPrescanBBox: [[0, 0], [0, 0]]
        rawParallelOverscanBBox: [[0, {height}], [{width}, 0]]
        saturation: 60000.0
        linearityType: PROPORTIONAL
        linearityThreshold: 0
        linearityMax: 60000
        linearityCoeffs: [0, 60000]
        gain: 1.5
        readNoise: 5.0
"""


def make_camera(folder, types=("ITL", "E2V", "E2V", "ITL"), gap=0.1):
    """Camera of two detectors a row, one of each of the given physical types."""
    text = (
        "name: TestCam\nplateScale: 20.0\n"
        "transforms: {nativeSys: FocalPlane, FieldAngle: {transformType: radial, coeffs: [0.0, 1.0]}}\nCCDs:"
    )
    for i, physicalType in enumerate(types):
        text += _DETECTOR.format(
            name=f"D{i}",
            id=i,
            type=physicalType,
            cx=(WIDTH - 1) / 2,
            cy=(HEIGHT - 1) / 2,
            x=(i % 2 - 0.5) * (WIDTH * PIXEL + gap),
            y=(i // 2 - (len(types) // 2 - 1) / 2) * (HEIGHT * PIXEL + gap),
            xmax=WIDTH - 1,
            ymax=HEIGHT - 1,
            width=WIDTH,
            height=HEIGHT,
            pixel=PIXEL,
        )
    path = folder / "camera.yaml"
    path.write_text(text)
    return makeCamera(str(path))


def model_config(size=0.48, binning=16):
    """Superpixels of 32 x 32 detector pixels by default."""
    config = FocalPlaneBackgroundConfig()
    config.xSize = config.ySize = size
    config.pixelSize = PIXEL
    config.binning = binning
    return config


def image_task(size=0.48, binning=16):
    """Task with superpixels that suit the small camera."""
    config = CpSkyImageTask.ConfigClass()
    config.largeScaleBackground = model_config(size, binning)
    return CpSkyImageTask(config=config)


def make_exposure(detector, visit=101, level=700.0, seed=0, date="2024-03-31T06:00:00", exposureTime=30.0):
    """Sky with a gradient, photon noise, a few bad pixels, detector, filter, visit information and cards."""
    rng = np.random.default_rng([seed, visit, 0 if detector is None else detector.getId()])
    exposure = afwImage.ExposureF(WIDTH, HEIGHT)
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    sky = level * (1.0 + 2e-4 * x - 1e-4 * y)
    exposure.image.array[:] = sky + rng.normal(scale=np.sqrt(abs(level)), size=sky.shape)
    exposure.variance.array[:] = level
    bad = exposure.mask.getPlaneBitMask("BAD")
    exposure.mask.array[:, 40] |= bad
    exposure.image.array[:, 40] = 0.0
    if detector is not None:
        exposure.setDetector(detector)
    exposure.setFilter(afwImage.FilterLabel(band="r", physical="r_03"))
    exposure.getInfo().setVisitInfo(
        afwImage.VisitInfo(
            exposureTime=exposureTime,
            darkTime=exposureTime + 1.5,
            date=DateTime(date, DateTime.TAI),
            instrumentLabel="TestCam",
            id=visit,
        )
    )
    metadata = exposure.getMetadata()
    metadata.set("SHUTTER", True, "was it open")
    metadata.set("EXPID", visit)
    metadata.set("LSST BUTLER ID", "not about the contents")
    return exposure


def make_models(camera, level=700.0, size=0.48, visit=101):
    """One model per detector, each of a flat sky."""
    models = []
    for detector in camera:
        model = FocalPlaneBackground.fromCamera(model_config(size), camera)
        exposure = make_exposure(detector, visit=visit, level=level)
        exposure.image.array[:] = level
        exposure.mask.array[:] = 0
        model.addCcd(exposure)
        models.append(model)
    return models


def make_scale(camera, level=700.0, **kwargs):
    """Merged model and scale of a flat sky."""
    return CpSkyScaleMeasureTask().run(make_models(camera, level, **kwargs))


def _planes(exposure):
    return {
        "image": exposure.image.array.copy(),
        "mask": exposure.mask.array.copy(),
        "variance": exposure.variance.array.copy(),
        "metadata": dict(exposure.getMetadata().toDict()),
    }


def content_of(thing):
    """Everything about an input that a task could change by mistake."""
    if isinstance(thing, (list, tuple)):
        return [content_of(item) for item in thing]
    if isinstance(thing, afwImage.Exposure):
        return _planes(thing)
    if isinstance(thing, FocalPlaneBackground):
        return {"values": thing._values.array.copy(), "numbers": thing._numbers.array.copy()}
    if hasattr(thing, "toDict"):
        return dict(thing.toDict())
    if isinstance(thing, BackgroundList):
        cells = [background[0].getStatsImage() for background in thing]
        return [(c.image.array.copy(), c.mask.array.copy(), c.variance.array.copy()) for c in cells]
    if isinstance(thing, InMemoryDatasetHandle):
        return content_of(thing.inMemoryDataset)
    if isinstance(thing, Table):
        return {name: np.array(thing[name]) for name in thing.colnames}
    if isinstance(thing, dict):
        return copy.deepcopy(thing)
    if isinstance(thing, afwImage.MaskX):
        return thing.array.copy()
    return None


class DataId(dict):
    """Data ID of which every part is required."""

    @property
    def required(self):
        return self


@contextlib.contextmanager
def assert_unmodified(*inputs):
    """Fail where the body changes one of the inputs."""
    before = [content_of(thing) for thing in inputs]
    yield
    np.testing.assert_equal([content_of(thing) for thing in inputs], before)
