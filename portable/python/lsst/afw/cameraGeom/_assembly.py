# SPDX-License-Identifier: GPL-3.0-or-later
"""Assembly of detector images from amplifier images, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np

from lsst.geom import Box2I, Extent2I, Point2I

from ._amplifier import Amplifier
from ._detector import Detector

__all__ = (
    "AmplifierIsolator",
    "assembleAmplifierImage",
    "assembleAmplifierRawImage",
    "makeUpdatedDetector",
    "rotateBBoxBy90",
)

_Image = TypeVar("_Image")


def _planes(image: Any) -> list[np.ndarray]:
    """Return the pixel arrays of an image, mask, masked image or exposure, one per plane."""
    masked = image.getMaskedImage() if hasattr(image, "getMaskedImage") else image
    return list(masked.getArrays()) if hasattr(masked, "getArrays") else [masked.array]


def _insert(target: Any, source: Any, amplifier: Amplifier) -> None:
    """Copy pixels into a view of the same size, flipped as the amplifier requires."""
    y, x = (slice(None, None, -1 if f else 1) for f in (amplifier.getRawFlipY(), amplifier.getRawFlipX()))
    for to, pixels in zip(_planes(target), _planes(source), strict=True):
        to[:] = pixels[y, x]


def _check_kinds(destImage: object, rawImage: object) -> None:
    if type(destImage) is not type(rawImage):
        raise RuntimeError(
            f"destImage type = {type(destImage).__name__} != {type(rawImage).__name__} = rawImage type"
        )


def assembleAmplifierImage(destImage: _Image, rawImage: _Image, amplifier: Amplifier) -> None:
    """Copy the data of an amplifier from a raw image to that of its detector.

    Parameters
    ----------
    destImage : `lsst.afw.image.Image` or `lsst.afw.image.MaskedImage`
        Image of the detector, without overscan; the region of the amplifier is overwritten.
    rawImage : same type as ``destImage``
        Raw image.
    amplifier : `Amplifier`
        The amplifier.

    Raises
    ------
    RuntimeError
        Raised if the images are of different types.
    """
    _check_kinds(destImage, rawImage)
    target: Any = destImage
    source: Any = rawImage
    _insert(target[amplifier.getBBox()], source[amplifier.getRawDataBBox()], amplifier)


def assembleAmplifierRawImage(destImage: _Image, rawImage: _Image, amplifier: Amplifier) -> None:
    """Copy an amplifier, overscan included, from its own raw image to that of its detector.

    Parameters
    ----------
    destImage : `lsst.afw.image.Image` or `lsst.afw.image.MaskedImage`
        Raw image of the detector; the region of the amplifier is overwritten.
    rawImage : same type as ``destImage``
        Raw image of the amplifier.
    amplifier : `Amplifier`
        The amplifier.

    Raises
    ------
    RuntimeError
        Raised if the images are of different types.
    """
    _check_kinds(destImage, rawImage)
    target: Any = destImage
    source: Any = rawImage
    box = amplifier.getRawBBox()
    _insert(target[box.shiftedBy(amplifier.getRawXYOffset())], source[box], amplifier)


def makeUpdatedDetector(ccd: Detector) -> Detector:
    """Return a detector whose amplifiers describe the assembled raw image, without flips or offsets.

    Parameters
    ----------
    ccd : `Detector`
        Detector that describes raw images of single amplifiers.

    Returns
    -------
    detector : `Detector`
        The updated detector.
    """
    builder = ccd.rebuild()
    for amplifier in builder:
        amplifier.transform()
    return builder.finish()


class AmplifierIsolator:
    """Extracts one amplifier from an assembled image, in the amplifier's own orientation.

    Parameters
    ----------
    amplifier : `Amplifier`
        The amplifier to extract, in the desired geometry.
    parent_bbox : `lsst.geom.Box2I`
        Box of the assembled image. If it equals that of the detector, the image has no overscan.
    parent_detector : `Detector`
        Detector of the assembled image.

    Raises
    ------
    ValueError
        Raised if the amplifier is not compatible with the detector's amplifier of that name.
    """

    def __init__(self, amplifier: Amplifier, parent_bbox: Box2I, parent_detector: Detector) -> None:
        self._amplifier = amplifier
        self._parent_detector = parent_detector
        self._parent_amplifier = parent_detector[amplifier.getName()]
        self._is_parent_trimmed = parent_bbox == parent_detector.getBBox()
        self._comparison = amplifier.compareGeometry(self._parent_amplifier)
        if self._is_parent_trimmed:
            if amplifier.getBBox() != self._parent_amplifier.getBBox():
                raise ValueError(
                    f"Amplifier {amplifier.getName()} should have the box {amplifier.getBBox()}, but has "
                    f"{self._parent_amplifier.getBBox()} in detector {parent_detector.getName()}."
                )
        elif self._comparison & self._comparison.REGIONS_DIFFER:
            raise ValueError(
                f"The regions of amplifier {amplifier.getName()} differ from those in detector "
                f"{parent_detector.getName()}, even after flips and shifts."
            )

    @property
    def subimage_bbox(self) -> Box2I:
        """Box of the amplifier in the assembled image."""
        parent = self._parent_amplifier
        return parent.getBBox() if self._is_parent_trimmed else parent.getRawBBox()

    def transform_subimage(self, subimage: _Image) -> _Image:
        """Flip and place the pixels of the amplifier as it requires.

        Parameters
        ----------
        subimage : `lsst.afw.image.Image`, `Mask`, `MaskedImage` or `Exposure`
            The part of the assembled image at `subimage_bbox`; not changed.

        Returns
        -------
        transformed : same type as ``subimage``
            A flipped and shifted copy.
        """
        result: Any = subimage.clone()  # type: ignore[attr-defined]
        y, x = (
            slice(None, None, -1 if self._comparison & flip else 1)
            for flip in (self._comparison.FLIPPED_Y, self._comparison.FLIPPED_X)
        )
        for plane in _planes(result):
            plane[:] = plane[y, x].copy()
        if self._is_parent_trimmed:
            result.setXY0(self._amplifier.getBBox().getMin())
        else:
            result.setXY0(self._amplifier.getRawBBox().getMin() + self._amplifier.getRawXYOffset())
        return result

    def make_detector(self) -> Detector:
        """Return a detector with only this amplifier and its box, without crosstalk."""
        builder = self._parent_detector.rebuild()
        builder.clear()
        builder.append(self._amplifier.rebuild())
        builder.setBBox(self._amplifier.getBBox())
        builder.unsetCrosstalk()
        return builder.finish()

    @classmethod
    def apply(cls, parent_exposure: _Image, amplifier: Amplifier) -> _Image:
        """Extract one amplifier from an exposure.

        Parameters
        ----------
        parent_exposure : `lsst.afw.image.Exposure`
            An assembled exposure with a detector.
        amplifier : `Amplifier`
            The amplifier to extract, in the desired geometry.

        Returns
        -------
        subimage : `lsst.afw.image.Exposure`
            The amplifier's part of the exposure, with a detector that has only this amplifier.

        Raises
        ------
        ValueError
            Raised if the exposure has no detector, or the amplifier is not compatible with it.
        """
        parent: Any = parent_exposure
        detector = parent.getDetector()
        if detector is None:
            raise ValueError("The exposure has no detector to find an amplifier in.")
        isolator = cls(amplifier, parent.getBBox(), detector)
        result = isolator.transform_subimage(parent[isolator.subimage_bbox])
        result.setDetector(isolator.make_detector())
        return result


def rotateBBoxBy90(bbox: Box2I, n90: int, dimensions: Extent2I | Sequence[int]) -> Box2I:
    """Rotate a box, together with the grid it lies on, counterclockwise by quarter turns.

    Parameters
    ----------
    bbox : `lsst.geom.Box2I`
        The box.
    n90 : `int`
        Number of quarter turns.
    dimensions : `lsst.geom.Extent2I` or pair of `int`
        Width and height of the grid, whose origin is (0, 0) before and after.

    Returns
    -------
    turned : `lsst.geom.Box2I`
        The box on the rotated grid. As in the stack, it is off by one pixel after one or three quarter
        turns of a grid with one even and one odd side.
    """
    width, height = int(dimensions[0]), int(dimensions[1])
    # Where the first column or row ends up; the stack derives it from the middle of the grid.
    last_x = 2 * (height // 2) - (width % 2 == 0)
    last_y = 2 * (width // 2) - (height % 2 == 0)
    turn = {
        0: lambda x, y: (x, y),
        1: lambda x, y: (last_x - y, x),
        2: lambda x, y: (width - 1 - x, height - 1 - y),
        3: lambda x, y: (y, last_y - x),
    }[n90 % 4]
    first, last = bbox.getMin(), bbox.getMax()
    return Box2I(Point2I(*turn(first.x, first.y)), Point2I(*turn(last.x, last.y)))
