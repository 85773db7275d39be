# SPDX-License-Identifier: GPL-3.0-or-later
"""Joint chain, step one: bin an exposure of which nothing is known yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import lsst.pex.config as pexConfig
import lsst.pipe.base as pipeBase
import lsst.pipe.base.connectionTypes as cT

from .._naming import phrase
from .._quantum import AnnotatedTask
from .._reading import load
from ..errors import MissingDetectorError
from ._configs import BAD_PLANES, BinConfig, parameters_of
from ._exposure import first_bins
from ._noise import fit_noise
from ._pixels import good_pixels, names_of, require_good
from ._tables import Preliminaries, write_bins
from .geometry import Geometry, Sizes, amplifier_noise

if TYPE_CHECKING:
    from .._protocols import Handle

__all__ = ("CpSkyJointMedianConfig", "CpSkyJointMedianConnections", "CpSkyJointMedianTask")


class CpSkyJointMedianConnections(
    pipeBase.PipelineTaskConnections, dimensions=("instrument", "physical_filter", "exposure", "detector")
):
    """Connections of `CpSkyJointMedianTask`."""

    inputExp = cT.Input(
        name="cpSkyIsrExp",
        doc="Exposure of one detector after instrument signature removal.",
        storageClass="Exposure",
        dimensions=("instrument", "exposure", "detector"),
        deferLoad=True,
    )
    outputBins = cT.Output(
        name="cpSkyJointBins1",
        doc="The exposure in bins: medians of all pixels but defects (units of the exposure).",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "exposure", "detector"),
    )
    outputNoise = cT.Output(
        name="cpSkyJointNoise",
        doc="Geometry of the detector, noise of the exposure by amplifier, and the sizes of bins (pixels).",
        storageClass="StructuredDataDict",
        dimensions=("instrument", "exposure", "detector"),
    )


class CpSkyJointMedianConfig(pipeBase.PipelineTaskConfig, pipelineConnections=CpSkyJointMedianConnections):
    """Configuration of `CpSkyJointMedianTask`."""

    bins = pexConfig.ConfigField[BinConfig](
        doc="Parameters of bins and cells; all later tasks take over the sizes."
    )
    badPlanes = pexConfig.ListField[str](
        default=BAD_PLANES, doc="Mask planes of pixels that are ignored; all later tasks take them over."
    )


class CpSkyJointMedianTask(AnnotatedTask):
    """Make bins of one detector of one exposure while nothing is known of objects and pattern."""

    ConfigClass = CpSkyJointMedianConfig
    _DefaultName = "cpSkyJointMedian"
    config: CpSkyJointMedianConfig

    def run(self, inputExp: Handle) -> pipeBase.Struct:
        """Make bins.

        Parameters
        ----------
        inputExp : `lsst.daf.butler.DeferredDatasetHandle`
            Handle of the exposure; its image, mask, variance, detector and metadata are loaded. Not modified.

        Returns
        -------
        results : `lsst.pipe.base.Struct`
            With attributes

            ``outputBins``
                Median, number of good pixels and variance of a pixel of each bin (`astropy.table.Table`).
            ``outputNoise``
                Variance of a pixel as a linear function of the sky, by amplifier; geometry of the detector,
                sizes of bins, and the mask planes of bad pixels (`dict`).

        Raises
        ------
        lsst.cp.sky.MissingDetectorError
            Raised if the exposure has no detector.
        lsst.cp.sky.NoGoodPixelsError
            Raised if the exposure has no good pixel.
        lsst.cp.sky.UnreadableInputError
            Raised if its file is damaged.
        """
        names = names_of(inputExp)
        detector = load(inputExp, "detector")
        if detector is None:
            raise MissingDetectorError(
                f"There is no detector attached to {phrase(names)}, so its place in the focal plane is "
                "unknown; attach one with setDetector, or let instrument signature removal do so.",
                **names,
            )
        parameters = parameters_of(self.config)
        image, mask = load(inputExp, "image"), load(inputExp, "mask")
        geometry = Geometry.of(detector, image.getBBox())
        sizes = Sizes(parameters.bins.size, parameters.bins.cell)
        grid = geometry.grid(sizes)
        good = good_pixels(image.array, mask, self.config.badPlanes)
        del mask
        require_good(good, names, self.config.badPlanes)

        electrons = (
            str(load(inputExp, "metadata").get("LSST ISR UNITS", "adu")).lower().startswith("electron")
        )
        variance = load(inputExp, "variance").array
        promised = amplifier_noise(detector, geometry, grid, electrons)
        noise = fit_noise(image.array, variance, good, grid, promised)
        bins = first_bins(image.array, good, noise, grid, parameters)
        filled = int((bins.count > 0).sum())
        self.log.info("%s: %d of %d bins have a median.", phrase(names).capitalize(), filled, bins.count.size)
        self.metadata["goodFraction"] = float(good.mean())
        self.metadata["bins"] = filled
        early = Preliminaries(geometry, sizes, tuple(self.config.badPlanes), noise)
        return pipeBase.Struct(outputBins=write_bins(bins), outputNoise=early.to_dict())
