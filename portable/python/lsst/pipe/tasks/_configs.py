# SPDX-License-Identifier: GPL-3.0-or-later
"""Configurations of focal-plane backgrounds and of sky frames."""

from lsst.pex.config import ChoiceField, Config, ConfigField, Field, ListField, RangeField

__all__ = ("BackgroundConfig", "FocalPlaneBackgroundConfig", "SkyMeasurementConfig", "SkyStatsConfig")

_STATISTICS = {"MEANCLIP": "clipped mean", "MEAN": "mean of all good pixels", "MEDIAN": "median"}
_INTERPOLATIONS = {
    "CONSTANT": "constant between breakpoints",
    "LINEAR": "straight lines",
    "NATURAL_SPLINE": "cubic spline, with zero second derivative at the ends",
    "AKIMA_SPLINE": "cubic spline that does not overshoot next to an outlier",
    "NONE": "do not estimate a background",
}


class BackgroundConfig(Config):
    """Configuration of the background of one detector, measured in cells."""

    __module__ = "lsst.pipe.tasks.background"

    statistic = ChoiceField[str](default="MEANCLIP", doc="Statistic used for each cell.", allowed=_STATISTICS)
    xBinSize = RangeField(dtype=int, default=32, min=1, doc="Width of a cell (pixels).")
    yBinSize = RangeField(dtype=int, default=32, min=1, doc="Height of a cell (pixels).")
    algorithm = ChoiceField[str](
        default="NATURAL_SPLINE",
        optional=True,
        doc="Interpolation style between cells.",
        allowed=_INTERPOLATIONS,
    )
    mask = ListField[str](
        default=["SAT", "BAD", "EDGE", "DETECTED", "DETECTED_NEGATIVE", "NO_DATA"],
        doc="Mask planes of pixels to ignore.",
    )


class SkyStatsConfig(Config):
    """Configuration of the samples used to scale a sky frame."""

    __module__ = "lsst.pipe.tasks.background"

    statistic = ChoiceField[str](
        default="MEANCLIP", doc="Statistic used for each sample.", allowed=_STATISTICS
    )
    clip = Field[float](default=3.0, doc="Clipping threshold (standard deviations).")
    nIter = Field[int](default=3, doc="Number of clipping iterations.")
    mask = ListField[str](
        default=["SAT", "DETECTED", "DETECTED_NEGATIVE", "BAD", "NO_DATA"],
        doc="Mask planes of pixels to ignore.",
    )


class SkyMeasurementConfig(Config):
    """Configuration of `SkyMeasurementTask`."""

    __module__ = "lsst.pipe.tasks.background"

    skyIter = Field[int](
        default=3, doc="Number of iterations of sample rejection when solving for the scale."
    )
    skyRej = Field[float](default=3.0, doc="Rejection threshold for samples (standard deviations).")
    background = ConfigField[BackgroundConfig](doc="Configuration of the background measurement.")
    xNumSamples = Field[int](default=4, doc="Number of samples in x used to measure the scale.")
    yNumSamples = Field[int](default=4, doc="Number of samples in y used to measure the scale.")
    stats = ConfigField[SkyStatsConfig](doc="Configuration of the statistics of the samples.")


class FocalPlaneBackgroundConfig(Config):
    """Configuration of `FocalPlaneBackground`.

    The size of the superpixels depends on the camera and therefore has no default.
    """

    __module__ = "lsst.pipe.tasks.background"

    xSize = Field[float](doc="Width of a superpixel (units of the focal plane, usually mm).")
    ySize = Field[float](doc="Height of a superpixel (units of the focal plane, usually mm).")
    pixelSize = Field[float](default=1.0, doc="Size of a detector pixel (units of xSize and ySize).")
    minFrac = Field[float](
        default=0.1,
        doc="Smallest fraction of the area of a good superpixel that must have been measured.",
    )
    mask = ListField[str](
        default=["BAD", "SAT", "INTRP", "DETECTED", "DETECTED_NEGATIVE", "EDGE", "NO_DATA"],
        doc="Mask planes of pixels to ignore.",
    )
    interpolation = ChoiceField[str](
        default="AKIMA_SPLINE",
        optional=True,
        doc="Interpolation style over bad superpixels and within a detector.",
        allowed=_INTERPOLATIONS,
    )
    doSmooth = Field[bool](default=False, doc="Smooth the superpixels?")
    smoothScale = Field[float](
        default=2.0, doc="Standard deviation of the smoothing Gaussian (superpixels); used with doSmooth."
    )
    binning = Field[int](default=64, doc="Side of a cell of a detector's background model (pixels).")
