# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of an image read by one amplifier."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from lsst.afw.cameraGeom import Amplifier, Detector
from lsst.geom import Box2I, Point2I

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
    xy0 : `lsst.geom.Point2I`
        Where the requested amplifier begins.
    flip_x, flip_y : `bool`
        Whether to flip the pixels to match the requested amplifier.
    """

    bbox: Box2I
    detector: Detector
    xy0: Point2I
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
            The part: a copy if its pixels had to be flipped or moved, otherwise a view.
        """
        part = exposure if exposure.getBBox() == self.bbox else exposure.subset(self.bbox)
        if self.flip_x or self.flip_y or self.xy0 != self.bbox.getMin():
            y, x = (slice(None, None, -1 if flip else 1) for flip in (self.flip_y, self.flip_x))
            part = part.clone()
            part.setXY0(self.xy0)
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
        box, wanted_box = on_disk.getBBox(), wanted.getBBox()
    else:
        box, wanted_box = (one.getRawBBox().shiftedBy(one.getRawXYOffset()) for one in (on_disk, wanted))
    if box.getDimensions() != wanted_box.getDimensions():
        msg = (
            f"Amplifier {wanted.getName()!r} has {wanted_box.getDimensions()} pixels, the one in the image "
            f"{box.getDimensions()}; they cannot be the same."
        )
        raise ValueError(msg)
    return AmplifierPart(
        box,
        _single(detector, wanted),
        wanted_box.getMin(),
        on_disk.getRawFlipX() != wanted.getRawFlipX(),
        on_disk.getRawFlipY() != wanted.getRawFlipY(),
    )


def _single(detector: Detector, amplifier: Amplifier) -> Detector:
    """Make a detector with a single amplifier."""
    builder = detector.rebuild()
    builder.clear()
    builder.unsetCrosstalk()
    builder.append(amplifier.rebuild())
    builder.setBBox(amplifier.getBBox())
    return builder.finish()
