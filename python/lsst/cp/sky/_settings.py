# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the configuration, made before a pixel is touched.

Each raises `lsst.pex.config.FieldValidationError`, which names the field and where it was set. They are part
of ``validate`` of the tasks' configurations, which the middleware calls before anything runs, and of ``run``,
because a task that is made by hand may never have been validated.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, NoReturn

from lsst.pex.config import Config, FieldValidationError

if TYPE_CHECKING:
    from lsst.afw.image import MaskX
    from lsst.pipe.tasks.background import (
        BackgroundConfig,
        FocalPlaneBackgroundConfig,
        MaskObjectsConfig,
    )

__all__ = (
    "checkBackground",
    "checkBetween",
    "checkMasker",
    "checkModel",
    "checkPlanes",
    "refuse",
)


def refuse(config: Config, field: str, problem: str) -> NoReturn:
    """Raise the error of a field."""
    raise FieldValidationError(getattr(type(config), field), config, problem)


def checkBetween(
    config: Config, field: str, low: float, high: float = math.inf, *, openLow: bool = False
) -> None:
    """Make sure that a field is a number from ``low`` (not itself with ``openLow``) to ``high``."""
    value = getattr(config, field)
    if value is None:
        refuse(config, field, "it has no value; set it for this camera.")
    if not math.isfinite(value) or not low <= value <= high or (openLow and value == low):
        lower = f"above {low:g}" if openLow else f"at least {low:g}"
        upper = "" if high == math.inf else f" and at most {high:g}"
        refuse(config, field, f"it is {value}; it has to be finite, {lower}{upper}.")


def checkPlanes(config: Config, field: str, mask: MaskX) -> None:
    """Make sure that a mask has all the planes that a field names."""
    known = mask.getMaskPlaneDict()
    if missing := [name for name in getattr(config, field) if name not in known]:
        text = all(len(name) == 1 for name in missing)
        refuse(
            config,
            field,
            f"the mask has no plane {', '.join(map(repr, missing))}; it has {', '.join(sorted(known))}."
            + (' Was text given where a list of names is meant, like ["BAD"]?' if text else ""),
        )


def _checkInterpolation(config: Config, field: str) -> None:
    value = getattr(config, field)
    if value is None or value == "NONE":
        refuse(config, field, f"{value!r} gives no value between the samples; name an interpolation.")


def checkModel(config: FocalPlaneBackgroundConfig) -> None:
    """Test the configuration of a focal-plane model."""
    for field in ("xSize", "ySize", "pixelSize"):
        checkBetween(config, field, 0, openLow=True)
    checkBetween(config, "binning", 1)
    checkBetween(config, "minFrac", 0)
    _checkInterpolation(config, "interpolation")
    if config.doSmooth:
        checkBetween(config, "smoothScale", 0, openLow=True)


def checkBackground(config: BackgroundConfig, mask: MaskX | None = None) -> None:
    """Test how a background is measured in cells, against a mask where there is one."""
    _checkInterpolation(config, "algorithm")
    if mask is not None:
        checkPlanes(config, "mask", mask)


def checkMasker(config: MaskObjectsConfig, mask: MaskX | None = None) -> None:
    """Test how objects are found and replaced, against a mask where there is one."""
    checkBetween(config, "nIter", 0)
    checkBetween(config, "detectSigma", 0, openLow=True)
    detection = config.detection.value
    for field, openLow in (("thresholdValue", False), ("nSigmaToGrow", False), ("nSigmaForKernel", True)):
        if field in detection.keys():
            checkBetween(detection, field, 0, openLow=openLow)
    backgrounds = [config.subtractBackground.value]
    if config.doInterpolate:
        backgrounds.append(config.interpolate.value)
    for background in backgrounds:
        if "algorithm" in background.keys():
            _checkInterpolation(background, "algorithm")
    if mask is not None:
        for part in (detection, *backgrounds):
            for field in _planeFields(part):
                checkPlanes(part, field, mask)


def _planeFields(config: Config) -> Iterable[str]:
    """Fields of the stack's tasks that name mask planes."""
    return (name for name in ("ignoredPixelMask", "statsMask", "excludeMaskPlanes") if name in config.keys())
