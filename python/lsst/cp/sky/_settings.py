# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the configuration, made before any pixel is modified.

Each raises `lsst.pex.config.FieldValidationError`, which names the field and where it was set. They are part
of ``validate`` in the tasks' configurations, which the middleware calls before anything runs, and of ``run``,
because a task constructed by hand may never have been validated.
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
    """Raise the error for a field."""
    raise FieldValidationError(getattr(type(config), field), config, problem)


def checkBetween(
    config: Config, field: str, low: float, high: float = math.inf, *, openLow: bool = False
) -> None:
    """Check that a field is a number from ``low`` (exclusive with ``openLow``) to ``high``."""
    value = getattr(config, field)
    if value is None:
        refuse(config, field, "it has no value; set it for this camera.")
    if not math.isfinite(value) or not low <= value <= high or (openLow and value == low):
        lower = f"above {low:g}" if openLow else f"at least {low:g}"
        upper = "" if high == math.inf else f" and at most {high:g}"
        refuse(config, field, f"it is {value}; it must be finite, {lower}{upper}.")


def checkPlanes(config: Config, field: str, mask: MaskX) -> None:
    """Check that a mask has all the planes named by a field."""
    known = mask.getMaskPlaneDict()
    if missing := [name for name in getattr(config, field) if name not in known]:
        text = all(len(name) == 1 for name in missing)
        refuse(
            config,
            field,
            f"the mask has no plane {', '.join(map(repr, missing))}; it has {', '.join(sorted(known))}."
            + (' Was a string given instead of a list of names, like ["BAD"]?' if text else ""),
        )


def _checkInterpolation(config: Config, field: str) -> None:
    value = getattr(config, field)
    if value is None or value == "NONE":
        refuse(config, field, f"{value!r} does not interpolate; name an interpolation style.")


def checkModel(config: FocalPlaneBackgroundConfig) -> None:
    """Check the configuration of a focal-plane model."""
    for field in ("xSize", "ySize", "pixelSize"):
        checkBetween(config, field, 0, openLow=True)
    checkBetween(config, "binning", 1)
    checkBetween(config, "minFrac", 0)
    _checkInterpolation(config, "interpolation")
    if config.doSmooth:
        checkBetween(config, "smoothScale", 0, openLow=True)


def checkBackground(config: BackgroundConfig, mask: MaskX | None = None) -> None:
    """Check the configuration of a background measured in cells, against a mask if given."""
    _checkInterpolation(config, "algorithm")
    if mask is not None:
        checkPlanes(config, "mask", mask)


def checkMasker(config: MaskObjectsConfig, mask: MaskX | None = None) -> None:
    """Check the configuration of a masker, against a mask if given."""
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
    """Return the fields of the stack's tasks that name mask planes."""
    return (name for name in ("ignoredPixelMask", "statsMask", "excludeMaskPlanes") if name in config.keys())
