# SPDX-License-Identifier: GPL-3.0-or-later
"""Joint chain, last step: the sky frame of a detector, in the format of the stock chain's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from astropy.table import Table

import lsst.pex.config as pexConfig
import lsst.pipe.base as pipeBase
import lsst.pipe.base.connectionTypes as cT
from lsst.afw.image import MaskedImageF
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pipe.tasks.background import SkyMeasurementTask

from .._header import combineHeaders
from .._quantum import AnnotatedTask
from .._reading import load, loadEach
from ..errors import NoGoodPixelsError
from ._cells import Cells, make_cells
from ._configs import FrameConfig, parameters_of
from ._gauge import divide_out
from ._grid import Grid
from ._pixels import names_of, place_of
from ._tables import Pattern, Preliminaries, SkyTable, read_bins
from .geometry import Geometry

if TYPE_CHECKING:
    from lsst.afw.image import ExposureF
    from lsst.daf.base import PropertyList

    from .._protocols import Handle

__all__ = ("CpSkyJointFrameConfig", "CpSkyJointFrameConnections", "CpSkyJointFrameTask")


class CpSkyJointFrameConnections(
    pipeBase.PipelineTaskConnections,
    dimensions=("instrument", "physical_filter", "detector"),
    defaultTemplates={"solution": "3"},
):
    """Connections of `CpSkyJointFrameTask`; template ``solution`` numbers what comes from a solve."""

    pattern = cT.Input(
        name="cpSkyJointPattern{solution}",
        doc="Pattern of the detector in bins (fraction of the sky).",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "physical_filter", "detector"),
    )
    skies = cT.Input(
        name="cpSkyJointExposures",
        doc="Verdict on each exposure (used, or rejected and why) and its sky (units of the exposures).",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "physical_filter"),
    )
    inputBins = cT.Input(
        name="cpSkyJointBins{solution}",
        doc="Bins of all exposures of the detector; only the numbers of their pixels are used.",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "exposure", "detector"),
        multiple=True,
        deferLoad=True,
    )
    noise = cT.Input(
        name="cpSkyJointNoise",
        doc="Geometry of the detector, and the sizes of its bins (pixels).",
        storageClass="StructuredDataDict",
        dimensions=("instrument", "exposure", "detector"),
        multiple=True,
        deferLoad=True,
    )
    inputExpHandles = cT.Input(
        name="cpSkyIsrExp",
        doc="Exposures of the detector; only metadata, visit information, detector and filter are loaded.",
        storageClass="Exposure",
        dimensions=("instrument", "exposure", "detector"),
        multiple=True,
        deferLoad=True,
    )
    outputCalib = cT.Output(
        name="sky",
        doc="Sky frame of the detector: its pattern, averaged over cells (fraction of the sky).",
        storageClass="ExposureF",
        dimensions=("instrument", "detector", "physical_filter"),
        isCalibration=True,
    )


class CpSkyJointFrameConfig(pipeBase.PipelineTaskConfig, pipelineConnections=CpSkyJointFrameConnections):
    """Configuration of `CpSkyJointFrameTask`."""

    frame = pexConfig.ConfigField[FrameConfig](
        doc="Parameters of the sky frame: which cells are filled and flagged."
    )
    sky: pexConfig.ConfigurableField = pexConfig.ConfigurableField(
        target=SkyMeasurementTask,
        doc="Task that defines the format of a sky frame, and how its cells become pixels.",
    )


class CpSkyJointFrameTask(AnnotatedTask):
    """Make the sky frame of a detector from its pattern."""

    ConfigClass = CpSkyJointFrameConfig
    _DefaultName = "cpSkyJointFrame"
    config: CpSkyJointFrameConfig
    sky: SkyMeasurementTask

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.makeSubtask("sky")

    def run(
        self,
        pattern: Table,
        skies: Table,
        inputBins: Sequence[Handle],
        noise: Sequence[Handle],
        inputExpHandles: Sequence[Handle],
    ) -> pipeBase.Struct:
        """Average the pattern over the cells of a sky frame.

        Parameters
        ----------
        pattern : `astropy.table.Table`
            Pattern of the detector, from the last solve.
        skies : `astropy.table.Table`
            Skies of all exposures, from the last solve.
        inputBins, noise, inputExpHandles : `list` [`lsst.daf.butler.DeferredDatasetHandle`]
            Handles of the bins of all exposures of this detector, of their noise and of the exposures
            themselves, in any order; the header names those that are used, and those that are not.

        Returns
        -------
        results : `lsst.pipe.base.Struct`
            With attribute

            ``outputCalib``
                The sky frame (`lsst.afw.image.Exposure`), one pixel per cell, in units of the sky; its
                variance, and in its mask INTRP where a cell is filled from around it and NO_DATA where
                nothing is known.

        Raises
        ------
        lsst.pipe.base.NoWorkFound
            Raised if there are no exposures.
        lsst.cp.sky.NoGoodPixelsError
            Raised if no exposure of this detector counts.
        lsst.cp.sky.MismatchedInputsError
            Raised if tables are not those of the steps before, or of a detector of another size.
        lsst.cp.sky.UnreadableInputError
            Raised if an exposure that counts cannot be read, or none of the other files.
        """
        if not inputBins or not noise:
            raise pipeBase.NoWorkFound("There are no exposures to make a sky frame from.")
        handle, note = next(loadEach(sorted(noise, key=place_of), self.log))
        early, table = Preliminaries.from_dict(note, names_of(handle)), SkyTable.from_table(skies)
        grid, names = early.geometry.grid(early.sizes), {"detector": early.geometry.detector}
        counts = self._counts(inputBins, table, grid)
        cells = self._cells(Pattern.from_table(pattern, grid.shape, names), counts, grid)
        handles = sorted(inputExpHandles or (), key=place_of)
        used = [handle for handle in handles if place_of(handle)[0] in counts]
        if not used or cells.empty.all():
            raise _nothing(early.geometry, len(handles))
        calib = self._exposure(cells, early.geometry)
        calib.setDetector(load(used[0], "detector"))
        calib.setFilter(load(used[0], "filter"))
        _describe(calib, table, self.config.frame.gauge)
        leftOut = sorted({exposure for exposure, _ in map(place_of, handles)} - counts.keys())
        combineHeaders(used, calib, calibType="SKY", leftOut=leftOut)
        self._report(early.geometry, cells, len(used))
        return pipeBase.Struct(outputCalib=calib)

    def _report(self, geometry: Geometry, cells: Cells, number: int) -> None:
        """Log and record how good the sky frame is."""
        error = float(np.sqrt(np.median(cells.variance[~cells.empty])))
        self.log.info(
            "Detector %d (%s): %d exposures, error of a cell %.2e of the sky, %d cells of %d filled.",
            geometry.detector,
            geometry.name,
            number,
            error,
            cells.filled.sum(),
            cells.filled.size,
        )
        self.metadata["exposures"] = number
        self.metadata["cellError"] = error
        self.metadata["filled"] = int(cells.filled.sum())

    def _cells(self, pattern: Pattern, counts: dict[int, np.ndarray], grid: Grid) -> Cells:
        """Average the pattern over cells, without the part that counts as sky."""
        parameters = parameters_of(self.config).frame
        smooth = pattern.smooth if parameters.gauge == "superpixels" else np.zeros(grid.shape)
        return make_cells(
            divide_out(pattern.pattern, smooth),
            pattern.information * (1 + smooth) ** 2,
            sum(counts.values(), np.zeros(grid.shape)),
            divide_out(pattern.model, smooth),
            len(counts),
            grid,
            parameters,
        )

    def _counts(self, handles: Sequence[Handle], table: SkyTable, grid: Grid) -> dict[int, np.ndarray]:
        """Return the number of pixels in each bin of each exposure that is used and has any, ``(ny, nx)``."""
        weight = dict(zip(table.exposures.tolist(), table.skies.weight.tolist(), strict=True))
        by_exposure = {place_of(handle)[0]: handle for handle in handles}
        wanted = [handle for e, handle in sorted(by_exposure.items()) if weight.get(e, 0) > 0]
        counts = {
            place_of(handle)[0]: read_bins(table, grid.shape, names_of(handle))[1].reshape(grid.shape)
            for handle, table in loadEach(wanted, self.log)
        }
        return {exposure: count for exposure, count in counts.items() if count.any()}

    def _exposure(self, cells: Cells, geometry: Geometry) -> ExposureF:
        """Make a sky frame from cells."""
        image = MaskedImageF(Extent2I(*reversed(cells.value.shape)))
        image.image.array[:], image.variance.array[:] = cells.value, cells.variance
        for plane, where in (("INTRP", cells.filled), ("NO_DATA", cells.empty)):
            image.mask.array[where] |= image.mask.getPlaneBitMask(plane)
        rows, columns = geometry.shape
        box = Box2I(Point2I(*geometry.corner), Extent2I(columns, rows))
        return self.sky.backgroundToExposure(image, box)


def _describe(calib: ExposureF, table: SkyTable, gauge: str) -> None:
    """Describe the chain and its gauge in the header."""
    header = cast("PropertyList", calib.getMetadata())
    header.set("CPSKY CHAIN", "joint", "Chain that made this sky frame")
    header.set("SKYGAUGE", gauge, "What counts as sky and is not in this frame")
    header.set("CPSKY GAUGE ORDER", table.order, "Polynomials up to this order count as sky")
    header.set("CPSKY RECURRENCE", table.recurrence, "Objects meet this often against chance")


def _nothing(geometry: Geometry, number: int) -> NoGoodPixelsError:
    return NoGoodPixelsError(
        f"None of the {number} exposures of detector {geometry.detector} ({geometry.name}) counts in a sky "
        "frame: they were left out, rejected, or masked all over. See cpSkyJointExposures for the reasons, "
        "or leave this detector out.",
        detector=geometry.detector,
        detectorName=geometry.name,
        inputs=number,
    )
