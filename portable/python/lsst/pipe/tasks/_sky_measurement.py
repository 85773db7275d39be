# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure, average, scale and subtract sky frames."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lsst.afw import image as afwImage
from lsst.afw import math as afwMath
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pex.exceptions import InvalidParameterError
from lsst.pipe.base import Task
from lsst.portable.arrays.scale import solve_scale

from ._configs import SkyMeasurementConfig

if TYPE_CHECKING:
    from lsst.afw.image import ExposureF, ImageF, MaskedImageF
    from lsst.afw.math import Background, BackgroundList

__all__ = ("SkyMeasurementTask",)


class SkyMeasurementTask(Task):
    """Make sky frames and apply them.

    A sky frame shows the sky on a detector after subtraction of the large-scale background: structure due to
    the instrument, on scales of many pixels. It is a background model, that is, a small image of cells,
    stored as an exposure.
    """

    __module__ = "lsst.pipe.tasks.background"

    ConfigClass = SkyMeasurementConfig
    config: SkyMeasurementConfig
    _DefaultName = "skyMeasurement"

    @staticmethod
    def exposureToBackground(bgExp: ExposureF) -> BackgroundList:
        """Make a background model from a sky frame stored as an exposure.

        Parameters
        ----------
        bgExp : `lsst.afw.image.ExposureF`
            Sky frame from `backgroundToExposure`, with box and interpolation style in its metadata.

        Returns
        -------
        background : `lsst.afw.math.BackgroundList`
            Background with one member.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if the metadata lack the box or the interpolation style.
        """
        header = bgExp.getMetadata()
        names = ("BOX.MINX", "BOX.MINY", "BOX.MAXX", "BOX.MAXY", "ALGORITHM")
        if missing := [name for name in names if not header.exists(name)]:
            raise InvalidParameterError(
                f"The exposure is not a sky frame: its metadata lack {', '.join(missing)}; "
                "expected one from averageBackgrounds or backgroundToExposure."
            )
        x0, y0, x1, y1, algorithm = (header.getScalar(name) for name in names)
        box = Box2I(Point2I(x0, y0), Point2I(x1, y1))
        return _background_list(afwMath.BackgroundMI(box, bgExp.getMaskedImage()), algorithm)

    def backgroundToExposure(self, statsImage: MaskedImageF, bbox: Box2I) -> ExposureF:
        """Make an exposure from the cells of a background model.

        Parameters
        ----------
        statsImage : `lsst.afw.image.MaskedImageF`
            The cells.
        bbox : `lsst.geom.Box2I`
            Box of the image that the cells cover.

        Returns
        -------
        exposure : `lsst.afw.image.ExposureF`
            The cells, with box and interpolation style in the metadata (``BOX.MINX``, ``BOX.MINY``,
            ``BOX.MAXX``, ``BOX.MAXY``, ``ALGORITHM``).
        """
        exposure = afwImage.makeExposure(statsImage)
        header = exposure.getMetadata()
        header.set("BOX.MINX", bbox.getMinX())
        header.set("BOX.MINY", bbox.getMinY())
        header.set("BOX.MAXX", bbox.getMaxX())
        header.set("BOX.MAXY", bbox.getMaxY())
        header.set("ALGORITHM", self.config.background.algorithm)
        return exposure

    def measureBackground(self, image: MaskedImageF) -> BackgroundList:
        """Measure the background of an image in cells.

        Parameters
        ----------
        image : `lsst.afw.image.MaskedImageF`
            Image to measure. Not modified.

        Returns
        -------
        background : `lsst.afw.math.BackgroundList`
            Background with one member, whose cells are the product to be averaged later. A cell without any
            good pixel is NaN.
        """
        config = self.config.background
        statistics = afwMath.StatisticsControl()
        statistics.setAndMask(image.mask.getPlaneBitMask(list(config.mask)))
        statistics.setNanSafe(True)
        control = afwMath.BackgroundControl(
            config.algorithm,
            max(int(image.getWidth() / config.xBinSize + 0.5), 1),
            max(int(image.getHeight() / config.yBinSize + 0.5), 1),
            "REDUCE_INTERP_ORDER",
            statistics,
            config.statistic,
        )
        return _background_list(afwMath.makeBackground(image, control), config.algorithm)

    def averageBackgrounds(self, bgList: Sequence[BackgroundList]) -> ExposureF:
        """Average background models cell by cell, with outliers clipped.

        Parameters
        ----------
        bgList : `collections.abc.Sequence` [`lsst.afw.math.BackgroundList`]
            Backgrounds with one member each, all with the same box and number of cells. Not modified.

        Returns
        -------
        exposure : `lsst.afw.image.ExposureF`
            The average, as from `backgroundToExposure`. A cell that no background has gets the median of the
            others; it is not interpolated, because one detector says nothing about what lies beyond its edge.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if there is nothing to average, or the backgrounds do not match.
        RuntimeError
            Raised if no background has any good cell.
        """
        box = _common_box(bgList)
        images = [background[0][0].getStatsImage().clone() for background in bgList]
        bad = afwImage.MaskX.getPlaneBitMask("BAD")
        for image in images:
            image.mask.array[np.isnan(image.image.array)] = bad
        statistics = afwMath.StatisticsControl()
        statistics.setAndMask(bad)
        statistics.setNanSafe(True)
        average = afwMath.statisticsStack(images, afwMath.MEANCLIP, statistics)
        cells = average.image.array
        empty = np.isnan(cells)
        if empty.all():
            raise RuntimeError(
                f"None of the {len(images)} backgrounds to average has a good cell among its {cells.size}; "
                "check their masks and scales."
            )
        cells[empty] = np.median(cells[~empty])
        return self.backgroundToExposure(average, box)

    def measureScale(
        self, image: ExposureF | MaskedImageF, skyBackground: BackgroundList
    ) -> tuple[list[float], list[float]]:
        """Measure samples of an image and of a sky frame, for `solveScales`.

        Parameters
        ----------
        image : `lsst.afw.image.ExposureF` or `lsst.afw.image.MaskedImageF`
            Image to measure. Not modified.
        skyBackground : `lsst.afw.math.BackgroundList`
            Sky frame on the same box.

        Returns
        -------
        imageSamples, skySamples
            Statistics in the same boxes of image and sky frame, column by column.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if the sky frame has no member.
        """
        maskedImage = _masked_image(image)
        sky = _sky_image(skyBackground)
        stats = self.config.stats
        control = afwMath.StatisticsControl(
            stats.clip, stats.nIter, maskedImage.mask.getPlaneBitMask(list(stats.mask))
        )
        statistic = afwMath.stringToStatisticsProperty(stats.statistic)
        width, height = maskedImage.getWidth(), maskedImage.getHeight()
        x = np.linspace(0, width, min(self.config.xNumSamples, width) + 1, dtype=int).tolist()
        y = np.linspace(0, height, min(self.config.yNumSamples, height) + 1, dtype=int).tolist()
        imageSamples: list[float] = []
        skySamples: list[float] = []
        for x0, x1 in itertools.pairwise(x):
            for y0, y1 in itertools.pairwise(y):
                box = Box2I(Point2I(x0, y0), Extent2I(x1 - x0, y1 - y0))
                for source, samples in ((maskedImage, imageSamples), (sky, skySamples)):
                    part = source.subset(box, afwImage.LOCAL)
                    samples.append(afwMath.makeStatistics(part, statistic, control).getValue())
        return imageSamples, skySamples

    def solveScales(self, scales: Sequence[tuple[Sequence[float], Sequence[float]]]) -> float:
        """Fit the scale of a sky frame to an exposure, from the samples of its detectors.

        Parameters
        ----------
        scales : sequence of pair of sequence of `float`
            Result of `measureScale` for each detector.

        Returns
        -------
        scale : `float`
            Factor from a least-squares fit through the origin, with outliers rejected.

        Raises
        ------
        RuntimeError
            Raised if no sample is finite in both image and sky frame.
        lsst.pex.exceptions.InvalidParameterError
            Raised if the two lists of a detector differ in length.
        """
        image = np.array([value for samples, _ in scales for value in samples], dtype=float)
        sky = np.array([value for _, samples in scales for value in samples], dtype=float)
        if image.shape != sky.shape:
            raise InvalidParameterError(
                f"Got {image.size} samples of the images but {sky.size} of the sky frames; expected the "
                "pairs returned by measureScale."
            )
        return solve_scale(image, sky, self.config.skyIter, self.config.skyRej)

    def subtractSkyFrame(
        self,
        image: ExposureF | MaskedImageF | ImageF,
        skyBackground: BackgroundList,
        scale: float,
        bgList: BackgroundList | None = None,
    ) -> None:
        """Subtract a sky frame from an image, in place.

        Parameters
        ----------
        image : `lsst.afw.image.ExposureF`, `lsst.afw.image.MaskedImageF` or `lsst.afw.image.ImageF`
            Image to modify.
        skyBackground : `lsst.afw.math.BackgroundList`
            Sky frame on the same box.
        scale : `float`
            Factor by which to multiply the sky frame.
        bgList : `lsst.afw.math.BackgroundList`, optional
            Backgrounds subtracted from the image, to which the scaled sky frame is appended.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if the sky frame has no member.
        """
        masked_image = _masked_image(image)
        getattr(masked_image, "image", masked_image).scaledMinus(scale, _sky_image(skyBackground))
        if bgList is not None:
            model, *settings = skyBackground[0]
            cells = model.getStatsImage().clone()
            cells *= scale
            bgList.append((afwMath.BackgroundMI(model.getImageBBox(), cells), *settings))


def _masked_image(image: Any) -> Any:
    """Return the masked image of an exposure, or anything else as it is."""
    return getattr(image, "maskedImage", image)


def _sky_image(skyBackground: BackgroundList) -> ImageF:
    """Return the image of a sky frame, which must have a member."""
    image = skyBackground.getImage()
    if image is None:
        raise InvalidParameterError(
            "The sky frame is an empty BackgroundList; expected one member, as from exposureToBackground."
        )
    return image


def _background_list(background: Background, algorithm: str) -> BackgroundList:
    """Make a list with one background that is interpolated, not approximated."""
    return afwMath.BackgroundList(
        (
            background,
            afwMath.stringToInterpStyle(algorithm),
            afwMath.stringToUndersampleStyle("REDUCE_INTERP_ORDER"),
            afwMath.ApproximateControl.UNKNOWN,
            0,
            0,
            False,
        )
    )


def _common_box(backgrounds: Sequence[BackgroundList]) -> Box2I:
    """Return the common box of all backgrounds, which must match."""
    if len(backgrounds) == 0:
        raise InvalidParameterError("There are no backgrounds to average; pass at least one.")
    members = [len(background) for background in backgrounds]
    if set(members) != {1}:
        raise InvalidParameterError(
            f"Backgrounds to average must have one member each, got {members}; make them with "
            "measureBackground."
        )
    boxes = [background[0][0].getImageBBox() for background in backgrounds]
    sizes = [background[0][0].getStatsImage().getDimensions() for background in backgrounds]
    for index, (box, size) in enumerate(zip(boxes, sizes, strict=True)):
        if box != boxes[0] or size != sizes[0]:
            raise InvalidParameterError(
                f"Backgrounds to average must have the same box and number of cells: number {index} has "
                f"{box} in {size}, number 0 has {boxes[0]} in {sizes[0]}."
            )
    return boxes[0]
