# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of an image read by one amplifier."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from lsst.afw.cameraGeom import Amplifier, Detector
from lsst.geom import Box2I

if TYPE_CHECKING:
    from lsst.portable.typing import AnyExposure

__all__ = ("AmplifierPart", "find_amplifier_part")


@dataclasses.dataclass(frozen=True)
class AmplifierPart:
    """Position and orientation of the pixels of an amplifier on an image.

    Attributes
    ----------
    bbox : `lsst.geom.Box2I`
        Box in the image (PARENT).
    detector : `lsst.afw.cameraGeom.Detector`
        Detector with only this amplifier.
    flip_x, flip_y : `bool`
        Whether to flip the pixels to match the requested amplifier.
    """

    bbox: Box2I
    detector: Detector
    flip_x: bool = False
    flip_y: bool = False

    def cut(self, exposure: AnyExposure) -> AnyExposure:
        """Extract the part from an exposure.

        Parameters
        ----------
        exposure : `lsst.afw.image.Exposure`
            Exposure with at least the pixels of `bbox`; its information is shared.

        Returns
        -------
        part : `lsst.afw.image.Exposure`
            The part: a copy if its pixels had to be flipped, otherwise a view.
        """
        part = exposure if exposure.getBBox() == self.bbox else exposure.subset(self.bbox)
        if self.flip_x or self.flip_y:
            y, x = (slice(None, None, -1 if flip else 1) for flip in (self.flip_y, self.flip_x))
            part = part.clone()
            for plane in (part.image, part.mask, part.variance):
                plane.array[:] = plane.array[y, x].copy()
        part.setDetector(self.detector)
        return part


def find_amplifier_part(amp: Any, detector: Detector | None, image_bbox: Box2I) -> AmplifierPart:
    """Find the part of an image read by an amplifier.

    Parameters
    ----------
    amp : `int`, `str` or `lsst.afw.cameraGeom.Amplifier`
        Number or name of the amplifier, or the amplifier in the desired geometry.
    detector : `lsst.afw.cameraGeom.Detector` or `None`
        Detector of the image.
    image_bbox : `lsst.geom.Box2I`
        Box of the whole image; if it is that of the detector, the image is assembled and trimmed, otherwise
        raw.

    Returns
    -------
    part : `AmplifierPart`
        The part of the image.

    Raises
    ------
    ValueError
        Raised if there is no detector, or the amplifier is not compatible with the image.
    lsst.pex.exceptions.InvalidParameterError
        Raised if the detector has no amplifier of that name.
    """
    if detector is None:
        msg = f"No detector to find amplifier {amp!r} in: give one with the parameter 'detector'."
        raise ValueError(msg)
    given = amp if isinstance(amp, Amplifier) else None
    on_disk = detector[given.getName() if given is not None else amp]
    wanted = given if given is not None else on_disk
    trimmed = image_bbox == detector.getBBox()
    if trimmed:
        box, dimensions = on_disk.getBBox(), wanted.getBBox().getDimensions()
    else:
        box = on_disk.getRawBBox().shiftedBy(on_disk.getRawXYOffset())
        dimensions = wanted.getRawBBox().getDimensions()
    if box.getDimensions() != dimensions:
        msg = (
            f"Amplifier {wanted.getName()!r} has {dimensions} pixels, the one in the image "
            f"{box.getDimensions()}; they cannot be the same."
        )
        raise ValueError(msg)
    return AmplifierPart(
        box,
        _single(detector, wanted),
        not trimmed and on_disk.getRawFlipX() != wanted.getRawFlipX(),
        not trimmed and on_disk.getRawFlipY() != wanted.getRawFlipY(),
    )


def _single(detector: Detector, amplifier: Amplifier) -> Detector:
    """Make a detector with a single amplifier."""
    builder = detector.rebuild()
    builder.clear()
    builder.append(amplifier.rebuild())
    builder.setBBox(amplifier.getBBox())
    return builder.finish()
