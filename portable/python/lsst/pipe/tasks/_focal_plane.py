# SPDX-License-Identifier: GPL-3.0-or-later
"""Background model over the focal plane of a camera."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from lsst.afw import cameraGeom
from lsst.afw import image as afwImage
from lsst.afw import math as afwMath
from lsst.afw.geom import makeTransform
from lsst.geom import AffineTransform, Box2D, Extent2D, Extent2I
from lsst.pex.exceptions import InvalidParameterError, OutOfRangeError
from lsst.portable.arrays.boxes import measure_boxes
from lsst.portable.arrays.statistics import Rules
from lsst.portable.arrays.superpixels import bad_superpixels, clip_boxes, superpixel_corners

from ._arrays import interpolateBadPixels, smoothArray

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lsst.afw.cameraGeom import Camera, Detector
    from lsst.afw.geom import TransformPoint2ToPoint2
    from lsst.afw.image import ExposureF, ImageF
    from lsst.afw.math import BackgroundList
    from lsst.geom import Box2I

    from ._configs import FocalPlaneBackgroundConfig

__all__ = ("FocalPlaneBackground",)


class FocalPlaneBackground:
    """A background model in superpixels on the focal plane, continuous across detectors.

    Make one with `fromCamera`. Then either add the detectors of an exposure with `addCcd` one after another,
    or add each to a `clone` (in parallel) and `merge` the clones. `toCcdBackground` evaluates the model on a
    detector.

    Parameters
    ----------
    config : `FocalPlaneBackgroundConfig`
        Sizes, mask planes and interpolation.
    dims : `lsst.geom.Extent2I`
        Number of superpixels in x and y.
    transform : `lsst.afw.geom.TransformPoint2ToPoint2`
        Transform from the focal plane (usually mm) to superpixels, whose centres are at whole numbers from 0.
    values : `lsst.afw.image.ImageF`, optional
        For each superpixel, the sum over detectors of the clipped mean times the number of pixels. Copied;
        zero by default.
    numbers : `lsst.afw.image.ImageF`, optional
        Number of pixels that contributed to each value. Copied; zero by default.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if ``values`` or ``numbers`` do not have size ``dims``.
    """

    __module__ = "lsst.pipe.tasks.background"

    def __init__(
        self,
        config: FocalPlaneBackgroundConfig,
        dims: Extent2I,
        transform: TransformPoint2ToPoint2,
        values: ImageF | None = None,
        numbers: ImageF | None = None,
    ) -> None:
        self.config = config
        self.dims = dims
        self.transform = transform
        self._values = self._plane("values", values)
        self._numbers = self._plane("numbers", numbers)

    def _plane(self, name: str, image: ImageF | None) -> ImageF:
        if image is None:
            return afwImage.ImageF(self.dims)
        if image.getDimensions() != self.dims:
            raise InvalidParameterError(
                f"The {name} of a focal-plane background must be of the size of its grid, {self.dims}; "
                f"got {image.getDimensions()}."
            )
        return image.clone()

    @classmethod
    def fromCamera(cls, config: FocalPlaneBackgroundConfig, camera: Camera) -> FocalPlaneBackground:
        """Make an empty model that covers all detectors of a camera.

        Parameters
        ----------
        config : `FocalPlaneBackgroundConfig`
            Sizes, mask planes and interpolation.
        camera : `lsst.afw.cameraGeom.Camera`
            The camera.

        Returns
        -------
        background : `FocalPlaneBackground`
            Model with a margin of one superpixel around the corners of the detectors.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if the size of a superpixel is not set or not positive, or the camera has no detectors.
        """
        for name in ("xSize", "ySize", "pixelSize", "binning"):
            value = getattr(config, name)
            if value is None or not value > 0:
                raise InvalidParameterError(
                    f"FocalPlaneBackgroundConfig.{name} must be positive, got {value}; set it for this "
                    "camera."
                )
        box = Box2D()
        for detector in camera:
            for corner in detector.getCorners(cameraGeom.FOCAL_PLANE):
                box.include(corner)
        if box.isEmpty():
            raise InvalidParameterError(
                f"Camera {camera.getName()} has no detectors to cover with a background."
            )
        dims = Extent2I(
            math.ceil(box.getWidth() / config.xSize) + 2, math.ceil(box.getHeight() / config.ySize) + 2
        )
        to_sample = (
            AffineTransform.makeTranslation(Extent2D(1, 1))
            * AffineTransform.makeScaling(1.0 / config.xSize, 1.0 / config.ySize)
            * AffineTransform.makeTranslation(Extent2D(box.getMin()) * -1)
        )
        return cls(config, dims, makeTransform(to_sample))

    @classmethod
    def fromSimilar(cls, other: FocalPlaneBackground) -> FocalPlaneBackground:
        """Make a model from an object with the same attributes, which is not modified."""
        return cls(other.config, other.dims, other.transform, other._values, other._numbers)

    def __reduce__(self) -> tuple[object, ...]:
        return self.__class__, (self.config, self.dims, self.transform, self._values, self._numbers)

    def clone(self) -> FocalPlaneBackground:
        """Return a copy with its own values and numbers."""
        return self.__class__(self.config, self.dims, self.transform, self._values, self._numbers)

    def addCcd(self, exposure: ExposureF) -> None:
        """Measure the superpixels covered by an exposure of one detector, and add them to the model.

        For each superpixel, the clipped mean is taken over the box on the detector spanned by two opposite
        corners of the superpixel; the rotation of that box on a rotated detector is neglected.

        Parameters
        ----------
        exposure : `lsst.afw.image.ExposureF`
            Exposure with its detector. Not modified. Masked and non-finite pixels are ignored; if none are
            left, the model does not change.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if the exposure has no detector, or its detector has no transform to the focal plane.
        lsst.pex.exceptions.OutOfRangeError
            Raised if the exposure does not overlap the model.
        """
        detector = exposure.getDetector()
        if detector is None:
            raise InvalidParameterError(
                "The exposure has no detector, so its place on the focal plane is unknown; set one with "
                "setDetector()."
            )
        image = exposure.maskedImage
        box = image.getBBox()
        to_sample = self._pixelsToFocalPlane(detector).then(self.transform)
        corners = superpixel_corners(self.dims.getX(), self.dims.getY())
        on_ccd = to_sample.applyInverse(corners.reshape(-1, 2).T).T.reshape(corners.shape)
        boxes = clip_boxes(
            on_ccd, self.dims.getY(), (box.getMinX(), box.getMinY()), (box.getHeight(), box.getWidth())
        )
        if len(boxes.bounds) == 0:
            raise OutOfRangeError(
                f"Detector {detector.getName()} ({box}) does not overlap the focal-plane background of "
                f"{self.dims} superpixels; make the background with fromCamera() from the camera to which "
                "the detector belongs."
            )
        values, numbers = self._measure(image, boxes.bounds)
        self._values.array[boxes.row, boxes.column] += values
        self._numbers.array[boxes.row, boxes.column] += numbers

    def _measure(
        self, image: afwImage.MaskedImageF, bounds: NDArray[np.intp]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return clipped mean times number, and number, of the good pixels in boxes of an image."""
        rejected = image.mask.getPlaneBitMask(list(self.config.mask))
        measured = measure_boxes(
            image.image.array,
            image.mask.array,
            None,
            bounds,
            int(afwMath.MEANCLIP | afwMath.NPOINT),
            Rules(and_mask=rejected),
        )
        means, numbers = measured.mean_clip, measured.number
        good = np.isfinite(means)
        return (
            np.where(good, means * numbers, 0.0).astype(np.float32),
            np.where(good, numbers, 0.0).astype(np.float32),
        )

    def toCcdBackground(self, detector: Detector, bbox: Box2I) -> BackgroundList:
        """Evaluate the model on a detector.

        Parameters
        ----------
        detector : `lsst.afw.cameraGeom.Detector`
            The detector.
        bbox : `lsst.geom.Box2I`
            Box of the image (pixels of the detector); it need not be the whole detector.

        Returns
        -------
        background : `lsst.afw.math.BackgroundList`
            Background with one member over the box, in cells of ``config.binning`` pixels. A cell outside the
            model has the mean of the others, and BAD in its mask.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if the box is smaller than one cell, or the detector has no transform to the focal plane.
        lsst.pex.exceptions.OutOfRangeError
            Raised if the whole box lies outside the model.
        RuntimeError
            Raised if the model has no good superpixel.
        """
        binning = self.config.binning
        size = Extent2I(bbox.getWidth() // binning, bbox.getHeight() // binning)
        if size.getX() < 1 or size.getY() < 1:
            raise InvalidParameterError(
                f"The box {bbox} on detector {detector.getName()} is smaller than one cell of {binning} x "
                f"{binning} pixels; use a larger box or reduce FocalPlaneBackgroundConfig.binning."
            )
        # Cells -> pixels of the box -> pixels of the detector -> focal plane -> superpixels.
        to_pixels = (
            AffineTransform.makeTranslation(Extent2D(bbox.getMinX(), bbox.getMinY()))
            * AffineTransform.makeScaling(binning)
            * AffineTransform.makeTranslation(Extent2D(0.5, 0.5))
        )
        to_sample = makeTransform(to_pixels).then(self._pixelsToFocalPlane(detector)).then(self.transform)
        cells = self._warp(size, to_sample.inverted())
        bad = np.isnan(cells.image.array)
        if bad.all():
            raise OutOfRangeError(
                f"All of {bbox} on detector {detector.getName()} lies off the focal-plane background of "
                f"{self.dims} superpixels; evaluate it on a detector of the camera for which it was made."
            )
        cells.mask.array[bad] = cells.mask.getPlaneBitMask("BAD")
        cells.image.array[bad] = cells.image.array[~bad].mean()
        return afwMath.BackgroundList(
            (
                afwMath.BackgroundMI(bbox, cells),
                afwMath.stringToInterpStyle(self.config.interpolation),
                afwMath.stringToUndersampleStyle("REDUCE_INTERP_ORDER"),
                afwMath.ApproximateControl.UNKNOWN,
                0,
                0,
                False,
            )
        )

    def _warp(self, size: Extent2I, to_cells: TransformPoint2ToPoint2) -> afwImage.MaskedImageF:
        """Warp the superpixels to cells, without the change of area; NaN outside the model."""
        superpixels = self.getStatsImage()
        ones = afwImage.ImageF(superpixels.getBBox())
        ones.set(1.0)
        cells = afwImage.MaskedImageF(size)
        norm = afwImage.ImageF(size)
        control = afwMath.WarpingControl("bilinear")
        afwMath.warpImage(cells.image, superpixels, to_cells, control)
        afwMath.warpImage(norm, ones, to_cells, control)
        cells.image.array /= norm.array
        return cells

    def merge(self, other: FocalPlaneBackground) -> FocalPlaneBackground:
        """Add another model with the same grid to this one, in place.

        Parameters
        ----------
        other : `FocalPlaneBackground`
            The other model. Not modified.

        Returns
        -------
        self : `FocalPlaneBackground`
            This model.

        Raises
        ------
        RuntimeError
            Raised if superpixels or grids differ in size.
        """
        mine, theirs = ((bg.config.xSize, bg.config.ySize) for bg in (self, other))
        if mine != theirs:
            raise RuntimeError(
                f"Size mismatch: superpixels of {mine} and of {theirs} (xSize, ySize) cannot be merged; "
                "measure all detectors with the same configuration."
            )
        if self.dims != other.dims:
            raise RuntimeError(
                f"Dimensions mismatch: grids of {self.dims} and of {other.dims} superpixels cannot be "
                "merged; make both from the same camera and configuration."
            )
        self._values += other._values
        self._numbers += other._numbers
        return self

    def __iadd__(self, other: FocalPlaneBackground) -> FocalPlaneBackground:
        return self.merge(other)

    def getStatsImage(self) -> ImageF:
        """Return the mean background of each superpixel, with bad superpixels filled.

        Returns
        -------
        image : `lsst.afw.image.ImageF`
            Background level in the units of the detectors' pixels, one pixel per superpixel. A superpixel is
            bad if less than ``config.minFrac`` of its area was measured.

        Raises
        ------
        RuntimeError
            Raised if all superpixels are bad.
        """
        config = self.config
        values = self._values.clone()
        array, numbers = values.array, self._numbers.array
        with np.errstate(invalid="ignore", divide="ignore"):
            array /= numbers
        bad = bad_superpixels(numbers, config.minFrac, (config.xSize, config.ySize), config.pixelSize)
        if config.doSmooth:
            array[:] = smoothArray(array, bad, config.smoothScale)
            bad = np.isnan(array)
        if bad.any():
            interpolateBadPixels(array, bad, config.interpolation)
        return values

    @staticmethod
    def _pixelsToFocalPlane(detector: Detector) -> TransformPoint2ToPoint2:
        """Return the transform from pixels of a detector to the focal plane."""
        pixels = detector.makeCameraSys(cameraGeom.PIXELS)
        focal_plane = detector.makeCameraSys(cameraGeom.FOCAL_PLANE)
        transforms = detector.getTransformMap()
        for system in (pixels, focal_plane):
            if system not in transforms:
                raise InvalidParameterError(
                    f"Detector {detector.getName()} has no transform to or from {system}; "
                    "take the detector from a camera, or give it a transform map with PIXELS and FOCAL_PLANE."
                )
        return transforms.getTransform(pixels, focal_plane)
