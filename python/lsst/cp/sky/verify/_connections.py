# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections that several tasks have in common."""

from __future__ import annotations

import lsst.pipe.base.connectionTypes as cT

__all__ = ("FILTER", "camera_input", "plot_output", "residuals_input", "sky_frames_input")

FILTER = ("instrument", "physical_filter")
"""Dimensions of what there is one of per filter."""


def camera_input() -> cT.PrerequisiteInput:
    """Make the connection for the camera."""
    return cT.PrerequisiteInput(
        name="camera",
        doc="Camera geometry, which gives the positions of the detectors.",
        storageClass="Camera",
        dimensions=("instrument",),
        isCalibration=True,
    )


def sky_frames_input(minimum: int) -> cT.Input:
    """Make the connection for the sky frames of a filter."""
    return cT.Input(
        name="sky",
        doc="Sky frame of each detector, as a fraction of the sky.",
        storageClass="ExposureF",
        dimensions=(*FILTER, "detector"),
        isCalibration=True,
        multiple=True,
        deferLoad=True,
        minimum=minimum,
    )


def residuals_input(minimum: int = 1) -> cT.Input:
    """Make the connection for the residual backgrounds of the stock chain."""
    return cT.Input(
        name="cpSkyExpResidualBackground",
        doc="Residual background of each exposure and detector after sky subtraction, as a fraction of the "
        "sky.",
        storageClass="Background",
        dimensions=("instrument", "exposure", "detector"),
        multiple=True,
        deferLoad=True,
        minimum=minimum,
    )


def plot_output(name: str, doc: str) -> cT.Output:
    """Make the connection for a plot of a filter."""
    return cT.Output(name=name, doc=doc, storageClass="Plot", dimensions=FILTER)
