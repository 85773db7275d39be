# SPDX-License-Identifier: GPL-3.0-or-later
"""Additions to the stack's focal-plane model: physical type, access to sums, comparison, size."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

import lsst.geom
from lsst.afw.cameraGeom import FOCAL_PLANE
from lsst.pipe.tasks.background import FocalPlaneBackground

from ._settings import refuse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lsst.afw.cameraGeom import Camera
    from lsst.afw.image import ImageF
    from lsst.pipe.tasks.background import FocalPlaneBackgroundConfig

__all__ = ("TypedModel", "checkNumber", "countSuperpixels", "covered", "difference", "sums")

_MAX_SUPERPIXELS = 10_000_000
"""They take memory in proportion; real cameras have some hundreds."""

#: Settings that two models must share for their sums to be added.
_SETTINGS = ("xSize", "ySize", "pixelSize", "minFrac", "binning", "interpolation")


class TypedModel(FocalPlaneBackground):
    """A focal-plane model that knows the physical type of its detectors.

    The type is stored in the header of the safe file form. The pickle is that of the stack's class, which
    does not record it.
    """

    physicalType: str | None = None
    """Physical type of the detectors; `None` if it is unknown or differs among them."""

    def __reduce__(self) -> tuple[type[FocalPlaneBackground], tuple[object, ...]]:
        return FocalPlaneBackground, (self.config, self.dims, self.transform, *sums(self))


def sums(model: FocalPlaneBackground) -> tuple[ImageF, ImageF]:
    """Return, for each superpixel, the sum of mean times number of pixels, and the number of pixels.

    The stack's class has no public accessor for them. These are the attributes that its ``fromSimilar``
    expects of its argument, and this is the only place here that reads them.
    """
    return model._values, model._numbers


def covered(model: FocalPlaneBackground) -> NDArray[np.bool_]:
    """Return which superpixels have enough good pixels of their own, shape ``(ny, nx)``."""
    config = model.config
    needed = config.minFrac * (config.xSize / config.pixelSize) * (config.ySize / config.pixelSize)
    numbers = sums(model)[1].array
    return np.asarray((numbers >= needed) & (numbers > 0))


def checkNumber(config: FocalPlaneBackgroundConfig, camera: Camera) -> int:
    """Return the number of superpixels of a model of a camera, after checking that it is not too large.

    Raises
    ------
    lsst.pex.config.FieldValidationError
        Raised if it is.
    """
    count = countSuperpixels(config, camera)
    if count > _MAX_SUPERPIXELS:
        refuse(
            config,
            "xSize",
            f"superpixels of {config.xSize:g} x {config.ySize:g} mm would number {count} over camera "
            f"{camera.getName()}, more than {_MAX_SUPERPIXELS}; make them larger.",
        )
    return count


def countSuperpixels(config: FocalPlaneBackgroundConfig, camera: Camera) -> int:
    """Return the number of superpixels of a model of a camera, margin included."""
    box = lsst.geom.Box2D()
    for detector in camera:
        for corner in detector.getCorners(FOCAL_PLANE):
            box.include(corner)
    if box.isEmpty():
        return 0
    return (math.ceil(box.getWidth() / config.xSize) + 2) * (math.ceil(box.getHeight() / config.ySize) + 2)


def difference(model: FocalPlaneBackground, first: FocalPlaneBackground) -> str:
    """Describe the difference that keeps two models from being added; empty if there is none.

    Different superpixels must not be summed, even if their numbers happen to agree.
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
    """Return whether two models map the corners of the grid alike, to a millionth of a superpixel."""
    right, top = first.dims.getX() - 1, first.dims.getY() - 1
    corners = [lsst.geom.Point2D(x, y) for x in (0, right) for y in (0, top)]
    places = first.transform.applyInverse(corners)
    again = model.transform.applyForward(places)
    return all(
        math.hypot(a.getX() - b.getX(), a.getY() - b.getY()) < 1e-6
        for a, b in zip(again, corners, strict=True)
    )
