# SPDX-License-Identifier: GPL-3.0-or-later
"""Configurations of focal-plane backgrounds and of sky frames."""

from lsst.pex.config import ChoiceField, Config, ConfigField, Field, ListField, RangeField

__all__ = ("BackgroundConfig", "FocalPlaneBackgroundConfig", "SkyMeasurementConfig", "SkyStatsConfig")

_STATISTICS = {"MEANCLIP": "clipped mean", "MEAN": "mean of all good pixels", "MEDIAN": "median"}
_INTERPOLATIONS = {
    "CONSTANT": "one value from one breakpoint to the next",
    "LINEAR": "straight lines",
    "NATURAL_SPLINE": "cubic spline, second derivative zero at the ends",
    "AKIMA_SPLINE": "cubic spline that does not overshoot beside an outlier",
    "NONE": "no background is to be estimated",
}


class BackgroundConfig(Config):
    """How to measure the background of one detector in cells."""

    __module__ = "lsst.pipe.tasks.background"

    statistic = ChoiceField[str](
        default="MEANCLIP", doc="Statistic that stands for a cell.", allowed=_STATISTICS
    )
    xBinSize = RangeField(dtype=int, default=32, min=1, doc="Width of a cell (pixels).")
    yBinSize = RangeField(dtype=int, default=32, min=1, doc="Height of a cell (pixels).")
    algorithm = ChoiceField[str](
        default="NATURAL_SPLINE",
        optional=True,
        doc="Interpolation between the cells.",
        allowed=_INTERPOLATIONS,
    )
    mask = ListField[str](
        default=["SAT", "BAD", "EDGE", "DETECTED", "DETECTED_NEGATIVE", "NO_DATA"],
        doc="Mask planes whose pixels do not count.",
    )


class SkyStatsConfig(Config):
    """How to measure samples for the scale of a sky frame."""

    __module__ = "lsst.pipe.tasks.background"

    statistic = ChoiceField[str](
        default="MEANCLIP", doc="Statistic that stands for a sample.", allowed=_STATISTICS
    )
    clip = Field[float](default=3.0, doc="Clipping threshold (standard deviations).")
    nIter = Field[int](default=3, doc="Number of rounds of clipping.")
    mask = ListField[str](
        default=["SAT", "DETECTED", "DETECTED_NEGATIVE", "BAD", "NO_DATA"],
        doc="Mask planes whose pixels do not count.",
    )


class SkyMeasurementConfig(Config):
    """Configuration of `SkyMeasurementTask`."""

    __module__ = "lsst.pipe.tasks.background"

    skyIter = Field[int](default=3, doc="Rounds of rejection of samples when solving for the scale.")
    skyRej = Field[float](default=3.0, doc="Rejection threshold of samples (standard deviations).")
    background = ConfigField[BackgroundConfig](doc="Measurement of the background.")
    xNumSamples = Field[int](default=4, doc="Number of samples in x for the scale.")
    yNumSamples = Field[int](default=4, doc="Number of samples in y for the scale.")
    stats = ConfigField[SkyStatsConfig](doc="Measurement of the samples.")


class FocalPlaneBackgroundConfig(Config):
    """Configuration of `FocalPlaneBackground`.

    The size of the superpixels has no default, because it depends on the camera.
    """

    __module__ = "lsst.pipe.tasks.background"

    xSize = Field[float](doc="Width of a superpixel (units of the focal plane, usually mm).")
    ySize = Field[float](doc="Height of a superpixel (units of the focal plane, usually mm).")
    pixelSize = Field[float](default=1.0, doc="Size of a detector's pixel, in the units of xSize and ySize.")
    minFrac = Field[float](
        default=0.1,
        doc="Smallest fraction of a superpixel's area that must have been measured (dimensionless).",
    )
    mask = ListField[str](
        default=["BAD", "SAT", "INTRP", "DETECTED", "DETECTED_NEGATIVE", "EDGE", "NO_DATA"],
        doc="Mask planes whose pixels do not count.",
    )
    interpolation = ChoiceField[str](
        default="AKIMA_SPLINE",
        optional=True,
        doc="Interpolation over bad superpixels and within a detector.",
        allowed=_INTERPOLATIONS,
    )
    doSmooth = Field[bool](default=False, doc="Smooth the superpixels?")
    smoothScale = Field[float](
        default=2.0, doc="Standard deviation of the Gaussian of doSmooth (superpixels)."
    )
    binning = Field[int](default=64, doc="Side of a cell of a detector's background model (pixels).")
