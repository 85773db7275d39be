# SPDX-License-Identifier: GPL-3.0-or-later
"""What this package adds to the stack's focal-plane model: a physical type, its sums, comparison, size."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

import lsst.geom
from lsst.afw.cameraGeom import FOCAL_PLANE
from lsst.pipe.tasks.background import FocalPlaneBackground

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lsst.afw.cameraGeom import Camera
    from lsst.afw.image import ImageF
    from lsst.pipe.tasks.background import FocalPlaneBackgroundConfig

__all__ = ("TypedModel", "countSuperpixels", "covered", "difference", "sums")

#: Settings that two models have to share before their sums can be added up.
_SETTINGS = ("xSize", "ySize", "pixelSize", "minFrac", "binning", "interpolation")


class TypedModel(FocalPlaneBackground):
    """Focal-plane model that knows the physical type of the detectors it was made from.

    The type goes into the header of the safe file form. The pickle is that of the stack's class, which does
    not have it.
    """

    physicalType: str | None = None
    """Physical type of the detectors; `None` where it is not known, or where they are of several."""

    def __reduce__(self) -> tuple[Any, ...]:
        return FocalPlaneBackground, (self.config, self.dims, self.transform, *sums(self))


def sums(model: FocalPlaneBackground) -> tuple[ImageF, ImageF]:
    """Sum of mean times number of pixels, and number of pixels, of each superpixel.

    The stack's class has no public accessor for them. These are the attributes that its ``fromSimilar``
    expects of any object it takes, and this is the one place here that reads them.
    """
    return model._values, model._numbers


def covered(model: FocalPlaneBackground) -> NDArray[np.bool_]:
    """Tell which superpixels have enough good pixels of their own, shape ``(ny, nx)``."""
    config = model.config
    needed = config.minFrac * (config.xSize / config.pixelSize) * (config.ySize / config.pixelSize)
    numbers = sums(model)[1].array
    return np.asarray((numbers >= needed) & (numbers > 0))


def countSuperpixels(config: FocalPlaneBackgroundConfig, camera: Camera) -> int:
    """Count the superpixels that a model of a camera will have, margin included."""
    box = lsst.geom.Box2D()
    for detector in camera:
        for corner in detector.getCorners(FOCAL_PLANE):
            box.include(corner)
    if box.isEmpty():
        return 0
    return (math.ceil(box.getWidth() / config.xSize) + 2) * (math.ceil(box.getHeight() / config.ySize) + 2)


def difference(model: FocalPlaneBackground, first: FocalPlaneBackground) -> str:
    """Say in what two models differ so that they cannot be added up; empty where they can.

    Sums of different superpixels are sums of different things, also where their numbers happen to agree.
    """
    for field in _SETTINGS:
        mine, its = getattr(model.config, field), getattr(first.config, field)
        if mine != its:
            return f"{field} is {mine!r}, not {its!r}"
    if model.dims != first.dims:
        mine, its = (f"{dims.getX()} x {dims.getY()}" for dims in (model.dims, first.dims))
        return f"it has {mine} superpixels, not {its}"
    if model.transform is not first.transform and not _sameTransform(model, first):
        return "its superpixels lie elsewhere in the focal plane (transform)"
    return ""


def _sameTransform(model: FocalPlaneBackground, first: FocalPlaneBackground) -> bool:
    """Whether two models map the corners of the grid to the same places, to a millionth of a superpixel."""
    right, top = first.dims.getX() - 1, first.dims.getY() - 1
    corners = [lsst.geom.Point2D(x, y) for x in (0, right) for y in (0, top)]
    places = first.transform.applyInverse(corners)
    again = model.transform.applyForward(places)
    return all(
        math.hypot(a.getX() - b.getX(), a.getY() - b.getY()) < 1e-6
        for a, b in zip(again, corners, strict=True)
    )
