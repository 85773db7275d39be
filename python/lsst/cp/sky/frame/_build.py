# SPDX-License-Identifier: GPL-3.0-or-later
"""From exposures to a sky frame, by either chain."""

from __future__ import annotations

import itertools
import logging
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lsst.afw.image import ExposureF, MaskedImageF
from lsst.geom import Extent2I
from lsst.pipe.base import InMemoryDatasetHandle
from lsst.pipe.tasks.background import SkyMeasurementTask

from ..combine import CpSkyCombineTask
from ..errors import NoGoodPixelsError
from ..image import CpSkyImageTask
from ..ingest import recommended
from ..joint import Cells, JointParameters, Pixels, run_chain
from ..joint.geometry import FocalPlane, Geometry, Sizes, amplifier_noise
from ..scale import CpSkyScaleMeasureTask
from ..subtract import CpSkySubtractBackgroundTask
from ._sky_frame import SkyFrame
from ._sources import Plane, Source, as_camera, sources_of, superpixel_of

if TYPE_CHECKING:
    from lsst.afw.cameraGeom import Camera, Detector
    from lsst.afw.math import BackgroundList

    from .._protocols import Handle
    from ..ingest import CameraDescription

__all__ = ("StockTasks", "build_sky_frame")

_LOG = logging.getLogger("lsst.cp.sky.frame")
_BAD = ("BAD", "SAT", "NO_DATA")


def build_sky_frame(
    exposures: Iterable[Mapping[str, Plane] | Mapping[int, Plane]],
    camera: Camera | CameraDescription | str | os.PathLike[str],
    *,
    chain: str = "joint",
    superpixel: tuple[float, float] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> SkyFrame:
    """Make a sky frame.

    Parameters
    ----------
    exposures : `~collections.abc.Iterable` [`~collections.abc.Mapping`]
        For each exposure, the detectors by name or number: an array ``(rows, columns)``, `DetectorPixels`
        with mask and variance, an `lsst.afw.image.ExposureF`, or a function that makes one
        (`exposures_of_files`). All of one filter, with their sky. Not modified.
    camera : `lsst.afw.cameraGeom.Camera`, `lsst.cp.sky.ingest.CameraDescription`, `str` or `os.PathLike`
        The camera, its description, the YAML file of that, or the name of a shipped one.
    chain : `str`, optional
        ``"joint"``, or ``"stock"`` for what the tasks of the stack's pipeline make.
    superpixel : `tuple` [`float`, `float`], optional
        Sides of a superpixel of the stock chain's focal-plane model, mm; those of the description by default.
    progress : `~collections.abc.Callable`, optional
        Called as ``progress(done, total)`` as exposures are read, of which the joint chain reads each several
        times.

    Returns
    -------
    sky_frame : `SkyFrame`
        Of all detectors that any exposure has.

    Raises
    ------
    ValueError
        Raised if there is no such chain.
    CpSkyError
        Raised if the data do not allow it; see the tasks.

    Examples
    --------
    Three exposures of one detector, on which every other square sees 1 % more of the sky:

    >>> from lsst.cp.sky.ingest import parse_description
    >>> one = "{name: One, plate_scale: 20, pixel_size: 0.01, size: [128, 128], rows: [A]}"
    >>> camera = parse_description(one, "this example")
    >>> squares = np.add.outer(np.arange(128) // 32, np.arange(128) // 32) % 2
    >>> rng = np.random.default_rng(1)
    >>> images = [rng.poisson(sky * (0.995 + 0.01 * squares)) for sky in (9000, 10000, 11000)]
    >>> exposures = [{"A": image.astype(np.float32)} for image in images]
    >>> sky_frame = build_sky_frame(exposures, camera, chain="stock")
    >>> np.round(1000 * sky_frame.detectors["A"].image.array[0])
    array([-5.,  5., -5.,  5.], dtype=float32)
    """
    stack_camera = as_camera(camera)
    sources = sources_of(exposures, stack_camera)
    if chain == "joint":
        frames = _joint(sources, stack_camera, progress)
    elif chain == "stock":
        tasks = StockTasks(stack_camera, superpixel_of(camera, superpixel))
        frames = _stock(sources, tasks, progress)
    else:
        raise ValueError(f"There are the chains 'joint' and 'stock', not {chain!r}.")
    names = {detector.getId(): detector.getName() for detector in stack_camera}
    return SkyFrame(
        {names[number]: frames[number] for number in sorted(frames)}, stack_camera.getName(), chain
    )


class StockTasks:
    """The tasks of the stock chain, with the recommended settings.

    Parameters
    ----------
    camera : `lsst.afw.cameraGeom.Camera`
        The camera.
    superpixel : `tuple` [`float`, `float`]
        Sides of a superpixel, mm.
    """

    def __init__(self, camera: Camera, superpixel: tuple[float, float]) -> None:
        self.camera = camera
        types = {detector.getPhysicalType() for detector in camera}
        image = CpSkyImageTask.ConfigClass()
        image.loadFromString(recommended("cpSkyImage"))
        model = image.largeScaleBackground
        model.xSize, model.ySize = superpixel
        model.pixelSize = max(max(detector.getPixelSize()) for detector in camera)
        scale = CpSkyScaleMeasureTask.ConfigClass()
        scale.loadFromString(recommended("cpSkyScaleMeasure"))
        subtract = CpSkySubtractBackgroundTask.ConfigClass()
        scale.includeAlternateBackground = subtract.includeAlternateBackground = len(types) > 1
        scale.alternateModels = subtract.alternateModels = max(len(types) - 1, 1)
        self.image = CpSkyImageTask(config=image)
        self.scale = CpSkyScaleMeasureTask(config=scale)
        self.subtract = CpSkySubtractBackgroundTask(config=subtract)
        self.combine = CpSkyCombineTask(config=CpSkyCombineTask.ConfigClass())

    def model(self, exposures: Mapping[int, ExposureF], advance: Callable[[], None]) -> dict[str, Any]:
        """Mask the detectors of one exposure in place, and measure its sky.

        Returns
        -------
        inputs : `dict`
            What `CpSkySubtractBackgroundTask.run` wants besides the exposure.
        """
        shares, ids = [], []
        for number, exposure in exposures.items():
            shares.append(self.image.run(exposure, self.camera).maskedBkg)
            ids.append({"detector": number})
            advance()
        found = self.scale.run(shares, self.camera, ids)
        alternates = [
            getattr(found, name)
            for name in sorted(found.getDict(), key=len)
            if name.startswith("outputBkgAlternate")
        ]
        return {
            "inputBkg": found.outputBkg,
            "inputScale": found.outputScale,
            "inputBkgAlternate": alternates,
        }


def _stock(
    sources: Sequence[Mapping[int, Source]], tasks: StockTasks, progress: Callable[[int, int], None] | None
) -> dict[int, ExposureF]:
    """Run the stock chain, one exposure in memory at a time."""
    advance = _counter(sum(map(len, sources)), progress)
    backgrounds: dict[int, list[BackgroundList]] = {}
    handles: dict[int, list[Handle]] = {}
    for one in sources:
        exposures = {number: make() for number, make in one.items()}
        model = tasks.model(exposures, advance)
        for number, exposure in exposures.items():
            backgrounds.setdefault(number, []).append(tasks.subtract.run(exposure, **model).outputBkg)
            handles.setdefault(number, []).append(_without_pixels(exposure))
    return {
        number: tasks.combine.run(backgrounds[number], handles[number]).outputCalib for number in backgrounds
    }


def _without_pixels(exposure: ExposureF) -> InMemoryDatasetHandle:
    """Handle of an exposure of one pixel, for what combining reads of it: all but the pixels."""
    small = ExposureF(MaskedImageF(Extent2I(1, 1)))
    small.setDetector(exposure.getDetector())
    small.setMetadata(exposure.getMetadata())
    info = exposure.getInfo()
    if info.getVisitInfo() is not None:
        small.getInfo().setVisitInfo(info.getVisitInfo())
    if exposure.getFilter() is not None:
        small.setFilter(exposure.getFilter())
    return InMemoryDatasetHandle(small, storageClass="ExposureF")


def _counter(total: int, progress: Callable[[int, int], None] | None) -> Callable[[], None]:
    """Function that counts up each time it is called."""
    done = itertools.count(1)

    def advance() -> None:
        if progress is not None:
            progress(min(next(done), total), total)

    return advance


def _joint(
    sources: Sequence[Mapping[int, Source]], camera: Camera, progress: Callable[[int, int], None] | None
) -> dict[int, ExposureF]:
    """Run the joint chain, one detector of one exposure in memory at a time."""
    parameters = JointParameters()
    sizes = Sizes(parameters.bins.size, parameters.bins.cell)
    numbers = sorted({number for one in sources for number in one})
    geometries = [Geometry.of(camera[number], camera[number].getBBox()) for number in numbers]
    plane = FocalPlane.around(geometries)
    sites = [geometry.site(plane, sizes) for geometry in geometries]
    noise = [
        amplifier_noise(camera[number], geometry, site.grid, electrons=True)
        for number, geometry, site in zip(numbers, geometries, sites, strict=True)
    ]
    # Bins, and then masks in two passes or, where objects stay in place, three, with stacks between them.
    advance = _counter(sum(map(len, sources)) * (1 + parameters.passes), progress)

    def read(exposure: int, detector: int) -> Pixels | None:
        make = sources[exposure].get(numbers[detector])
        if make is None:
            return None
        advance()
        return _pixels(make())

    product = run_chain(read, len(sources), sites, noise, parameters)
    for warning in product.warnings:
        _LOG.warning("%s", warning)
    return {
        number: _cells_exposure(cells, camera[number])
        for number, cells in zip(numbers, product.cells, strict=True)
    }


def _pixels(exposure: ExposureF) -> Pixels:
    """Arrays of an exposure."""
    mask, image = exposure.mask, exposure.image.array
    planes = [plane for plane in _BAD if plane in mask.getMaskPlaneDict()]
    good = np.isfinite(image) & ((mask.array & mask.getPlaneBitMask(planes)) == 0)
    return Pixels(image, good, exposure.variance.array)


def _cells_exposure(cells: Cells, detector: Detector) -> ExposureF:
    """Cells in the format of the pipelines' sky frames."""
    if cells.empty.all():
        raise NoGoodPixelsError(
            f"No exposure of detector {detector.getName()} counts: they were rejected, or masked all over. "
            "Look at their masks, or leave the detector out.",
            detector=detector.getId(),
        )
    rows, columns = cells.value.shape
    masked = MaskedImageF(Extent2I(columns, rows))
    masked.image.array[:], masked.variance.array[:] = cells.value, cells.variance
    for name, where in (("INTRP", cells.filled), ("NO_DATA", cells.empty)):
        masked.mask.array[where] |= masked.mask.getPlaneBitMask(name)
    task = SkyMeasurementTask(config=SkyMeasurementTask.ConfigClass())
    exposure: ExposureF = task.backgroundToExposure(masked, detector.getBBox())
    exposure.setDetector(detector)
    return exposure
