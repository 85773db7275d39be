# SPDX-License-Identifier: GPL-3.0-or-later
"""Images of whole cameras, with detectors placed on the focal plane and rotated by quarter turns.

The functions that display them (``showCamera``, ``showCcd``, ``showAmp``) are not offered; display the images
from `makeImageFromCamera`, `makeImageFromCcd` and `makeImageFromAmp` instead.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, cast

from lsst.afw.cameraGeom import (
    Amplifier,
    Camera,
    Detector,
    ReadoutCorner,
    assembleAmplifierImage,
    assembleAmplifierRawImage,
)
from lsst.afw.image import LOCAL, Image, ImageF, ImageU, MaskedImage
from lsst.afw.math import MEANCLIP, binImage, makeStatistics, rotateImageBy90
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pex.exceptions import LengthError

from ._placement import box_around, calcRawCcdBBox, findAmp, getCameraImageBBox, getCcdInCamBBoxList
from ._plot import plotFocalPlane

if TYPE_CHECKING:
    from lsst.daf.butler import Butler

__all__ = (
    "ButlerImage",
    "FakeImageDataSource",
    "calcRawCcdBBox",
    "findAmp",
    "getCameraImageBBox",
    "getCcdInCamBBoxList",
    "makeImageFromAmp",
    "makeImageFromCamera",
    "makeImageFromCcd",
    "plotFocalPlane",
    "rawCallback",
)

AnyImage: TypeAlias = Image | MaskedImage


class ImageSource(Protocol):
    """Source of detector images for `makeImageFromCamera`."""

    isTrimmed: bool
    background: float

    def getCcdImage(
        self, det: Detector, imageFactory: Callable[..., Any], binSize: int
    ) -> tuple[AnyImage | None, Detector]:
        """Return the binned and rotated image of a detector, or `None`, and the detector."""
        ...


def _scale_gain(gain: float) -> float:
    """Scale a gain so that amplifiers can be told apart in an integer image."""
    return (gain * 1000) // 10


def makeImageFromAmp(
    amp: Amplifier,
    imValue: float | None = None,
    imageFactory: Callable[..., Any] = ImageU,
    markSize: int = 10,
    markValue: float = 0,
    scaleGain: Callable[[float], float] = _scale_gain,
) -> Any:
    """Make a raw image of an amplifier: one value, and another at the corner read out first.

    Parameters
    ----------
    amp : `~lsst.afw.cameraGeom.Amplifier`
        The amplifier.
    imValue : `float`, optional
        Pixel value; by default ``scaleGain`` of the gain.
    imageFactory : `type`, optional
        Class of the image.
    markSize : `int`, optional
        Size of the mark at the corner (pixels).
    markValue : `float`, optional
        Value of the mark.
    scaleGain : `~collections.abc.Callable`, optional
        Converts the gain to a pixel value.

    Returns
    -------
    image : ``imageFactory``
        The raw image, overscan included.
    """
    image = imageFactory(amp.getRawBBox())
    image.set(int(scaleGain(amp.getGain())) if imValue is None else imValue)
    data = amp.getRawDataBBox()
    right = amp.getReadoutCorner() in (ReadoutCorner.LR, ReadoutCorner.UR)
    upper = amp.getReadoutCorner() in (ReadoutCorner.UL, ReadoutCorner.UR)
    corner = Point2I(data.maxX if right else data.minX, data.maxY if upper else data.minY)
    across = Extent2I(-markSize if right else markSize, -markSize if upper else markSize)
    mark = Box2I(corner, corner + across).clippedTo(image.getBBox())
    image[mark].set(markValue)
    return image


def _box(ccd: Detector, isTrimmed: bool) -> Box2I:
    return ccd.getBBox() if isTrimmed else calcRawCcdBBox(ccd)


def _assemble(target: Any, parts: Iterable[Any], ccd: Detector, isTrimmed: bool) -> None:
    """Copy images of amplifiers into the image of their detector."""
    assemble = assembleAmplifierImage if isTrimmed else assembleAmplifierRawImage
    for part, amplifier in zip(parts, ccd, strict=True):
        assemble(target, part, amplifier)


def makeImageFromCcd(
    ccd: Detector,
    isTrimmed: bool = True,
    showAmpGain: bool = True,
    imageFactory: Callable[..., Any] = ImageU,
    rcMarkSize: int = 10,
    binSize: int = 1,
) -> Any:
    """Make an image of a detector by assembling its amplifiers from `makeImageFromAmp`.

    Parameters
    ----------
    ccd : `~lsst.afw.cameraGeom.Detector`
        The detector.
    isTrimmed : `bool`, optional
        Whether to omit the overscan.
    showAmpGain : `bool`, optional
        Whether pixel values show the gain of the amplifier rather than its number.
    imageFactory : `type`, optional
        Class of the image.
    rcMarkSize : `int`, optional
        Size of the marks at the corners read out first (pixels).
    binSize : `int`, optional
        Side of the averaged blocks (pixels).

    Returns
    -------
    image : ``imageFactory``
        The image.

    Raises
    ------
    RuntimeError
        Raised if the overscan of a detector without amplifiers is requested.
    """
    if not isTrimmed and not len(ccd):
        raise RuntimeError(f"Detector {ccd.getName()} has no amplifiers to make an untrimmed image from.")
    image = imageFactory(_box(ccd, isTrimmed))
    parts = (
        makeImageFromAmp(
            amplifier,
            imValue=None if showAmpGain else (number + 1) * 1000,
            imageFactory=imageFactory,
            markSize=rcMarkSize,
        )
        for number, amplifier in enumerate(ccd)
    )
    _assemble(image, parts, ccd, isTrimmed)
    return binImage(image, binSize)


class FakeImageDataSource:
    """A source of images that show the geometry of detectors.

    Parameters
    ----------
    isTrimmed : `bool`, optional
        Whether to omit the overscan.
    verbose : `bool`, optional
        Whether to report what goes wrong.
    background : `float`, optional
        Value of pixels outside the detectors.
    showAmpGain : `bool`, optional
        Whether pixel values show the gain of the amplifier rather than its number.
    markSize : `int`, optional
        Size of the marks at the corners read out first (pixels).
    markValue : `float`, optional
        Value of the marks.
    ampImValue : `float`, optional
        Pixel value of single amplifiers; by default ``scaleGain`` of the gain.
    scaleGain : `~collections.abc.Callable`, optional
        Converts the gain to a pixel value.
    """

    def __init__(
        self,
        isTrimmed: bool = True,
        verbose: bool = False,
        background: float = math.nan,
        showAmpGain: bool = True,
        markSize: int = 10,
        markValue: float = 0,
        ampImValue: float | None = None,
        scaleGain: Callable[[float], float] = _scale_gain,
    ) -> None:
        self.isTrimmed = isTrimmed
        self.verbose = verbose
        self.background = background
        self.showAmpGain = showAmpGain
        self.markSize = markSize
        self.markValue = markValue
        self.ampImValue = ampImValue
        self.scaleGain = scaleGain

    def getCcdImage(
        self, det: Detector, imageFactory: Callable[..., Any], binSize: int
    ) -> tuple[Any, Detector]:
        """Return an image of a detector, rotated as on the focal plane, and the detector.

        Parameters
        ----------
        det : `~lsst.afw.cameraGeom.Detector`
            The detector.
        imageFactory : `type`
            Class of the image.
        binSize : `int`
            Side of the averaged blocks (pixels).
        """
        image = makeImageFromCcd(
            det,
            isTrimmed=self.isTrimmed,
            showAmpGain=self.showAmpGain,
            imageFactory=imageFactory,
            binSize=binSize,
        )
        return rotateImageBy90(image, det.getOrientation().getNQuarter()), det

    def getAmpImage(self, amp: Amplifier, imageFactory: Callable[..., Any]) -> Any:
        """Return an image of an amplifier.

        Parameters
        ----------
        amp : `~lsst.afw.cameraGeom.Amplifier`
            The amplifier.
        imageFactory : `type`
            Class of the image.
        """
        image = makeImageFromAmp(
            amp,
            imValue=self.ampImValue,
            imageFactory=imageFactory,
            markSize=self.markSize,
            markValue=self.markValue,
            scaleGain=self.scaleGain,
        )
        return image[amp.getRawDataBBox()] if self.isTrimmed else image


class ButlerImage(FakeImageDataSource):
    """A source of images from a butler repository.

    Parameters
    ----------
    butler : `lsst.daf.butler.Butler`, optional
        The butler; without one, images are empty.
    type : `str`, optional
        Name of the dataset type.
    isTrimmed : `bool`, optional
        Whether the images are trimmed of overscan.
    verbose : `bool`, optional
        Whether to print, besides logging, what cannot be read.
    background : `float`, optional
        Value of pixels outside the detectors.
    callback : `~collections.abc.Callable`, optional
        Called with the image, the detector and ``imageSource`` (this object); returns the image to show,
        already rotated. An example is `rawCallback`.
    *args
        Further arguments of `FakeImageDataSource`.
    **kwargs
        Further arguments of ``butler.get``, such as ``visit``.
    """

    def __init__(
        self,
        butler: Butler | None = None,
        type: str = "raw",
        isTrimmed: bool = True,
        verbose: bool = False,
        background: float = math.nan,
        callback: Callable[..., Any] | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args)
        self.isTrimmed = isTrimmed
        self.type = type
        self.butler = butler
        self.kwargs = kwargs
        self.isRaw = False
        self.background = background
        self.verbose = verbose
        self.callback = callback

    def getCcdImage(
        self,
        ccd: Detector,
        imageFactory: Callable[..., Any] = ImageF,
        binSize: int = 1,
        asMaskedImage: bool = False,
    ) -> tuple[Any, Detector]:
        """Return the image of a detector, binned and rotated, and the detector read with it.

        Parameters
        ----------
        ccd : `~lsst.afw.cameraGeom.Detector`
            The detector.
        imageFactory : `type`, optional
            Class of the image if there is none to read.
        binSize : `int`, optional
            Side of the averaged blocks (pixels).
        asMaskedImage : `bool`, optional
            Whether to return mask and variance as well.
        """
        empty = imageFactory(*_box(ccd, self.isTrimmed).getDimensions())
        exposure = self._read(ccd)
        if exposure is None:
            return self._prepare(ccd, empty, binSize, turn=True), ccd
        ccd = exposure.getDetector()
        image = exposure.getMaskedImage() if asMaskedImage else exposure.getMaskedImage().getImage()
        if self.type == "raw" and hasattr(image, "convertF"):
            image = image.convertF()
        if self.callback is None:
            return self._prepare(ccd, image, binSize, turn=True), ccd
        try:
            image = self.callback(image, ccd, imageSource=self)
        except Exception as error:  # it is the caller's code, and one image less is better than none
            self._say(f"The callback failed for detector {ccd.getId()}: {error}")
            return self._prepare(ccd, empty, binSize, turn=True), ccd
        return self._prepare(ccd, image, binSize, turn=False), ccd

    def _read(self, ccd: Detector) -> Any:
        if self.butler is None:
            return None
        try:
            return self.butler.get(self.type, {"detector": ccd.getId()}, **self.kwargs)
        except Exception as error:  # whatever went wrong, the other detectors can be shown
            self._say(f"Reading {ccd.getId()}: {error}")
            return None

    def _say(self, message: str) -> None:
        logging.getLogger("lsst.afw.cameraGeom.utils").warning(message)
        if self.verbose:
            print(message)

    def _prepare(self, ccd: Detector, image: Any, binSize: int, turn: bool) -> Any:
        if binSize > 1:
            image = binImage(image, binSize)
        return rotateImageBy90(image, ccd.getOrientation().getNQuarter()) if turn else image


def rawCallback(
    im: Any,
    ccd: Detector | None = None,
    imageSource: FakeImageDataSource | None = None,
    correctGain: bool = False,
    subtractBias: bool = False,
    convertToFloat: bool = False,
    obeyNQuarter: bool = True,
) -> Any:
    """Assemble a raw image for `ButlerImage`.

    Parameters
    ----------
    im : `~lsst.afw.image.Image`, `~lsst.afw.image.MaskedImage` or `~lsst.afw.image.Exposure`
        The raw image.
    ccd : `~lsst.afw.cameraGeom.Detector`, optional
        The detector; by default that of the exposure.
    imageSource : `FakeImageDataSource`, optional
        Its ``isTrimmed`` says whether to omit the overscan, which is the default.
    correctGain : `bool`, optional
        Whether to multiply by the gain.
    subtractBias : `bool`, optional
        Whether to subtract the clipped mean of the overscan.
    convertToFloat : `bool`, optional
        Whether to convert to floating-point pixels.
    obeyNQuarter : `bool`, optional
        Whether to rotate the image as on the focal plane.

    Returns
    -------
    image : same type as the pixels of ``im``
        The assembled image.
    """
    detector = im.getDetector() if ccd is None else ccd
    image = im.getMaskedImage() if hasattr(im, "getMaskedImage") else im
    if convertToFloat and hasattr(image, "convertF"):
        image = image.convertF()
    trimmed = imageSource is None or imageSource.isTrimmed
    image = image.clone()
    for amplifier in detector:
        data = image[amplifier.getRawDataBBox()]
        if subtractBias:
            overscan = image[amplifier.getRawHorizontalOverscanBBox()]
            data -= makeStatistics(overscan, MEANCLIP).getValue()
        if correctGain:
            data *= amplifier.getGain()
    assembled = type(image)(_box(detector, trimmed))
    _assemble(assembled, [image] * len(detector), detector, trimmed)
    return rotateImageBy90(assembled, detector.getOrientation().getNQuarter()) if obeyNQuarter else assembled


def makeImageFromCamera(
    camera: Camera,
    detectorNameList: Sequence[str] | None = None,
    background: float = math.nan,
    bufferSize: int = 10,
    imageSource: ImageSource | None = None,
    imageFactory: Callable[..., Any] = ImageU,
    binSize: int = 1,
) -> Any:
    """Make an image of a camera from images of its detectors, placed on the focal plane.

    Parameters
    ----------
    camera : `~lsst.afw.cameraGeom.Camera`
        The camera.
    detectorNameList : sequence of `str`, optional
        Names of the detectors to show; all by default.
    background : `float`, optional
        Unused, as in the stack; the ``background`` of ``imageSource`` counts.
    bufferSize : `int`, optional
        Width of the border around the detectors (binned pixels).
    imageSource : `FakeImageDataSource`, optional
        Source of binned and rotated detector images; by default they show the geometry.
    imageFactory : `type`, optional
        Class of the image.
    binSize : `int`, optional
        Side of the averaged blocks (pixels).

    Returns
    -------
    image : ``imageFactory``
        The image, with origin (0, 0). A detector whose image does not have the expected size is left out
        and logged.

    Raises
    ------
    RuntimeError
        Raised if detectors have pixels of different sizes.
    ValueError
        Raised if the images include overscan.
    """
    source = cast(ImageSource, FakeImageDataSource()) if imageSource is None else imageSource
    if not source.isTrimmed:
        raise ValueError("The image of a camera is made from images without overscan; set isTrimmed.")
    detectors = list(camera) if detectorNameList is None else [camera[name] for name in detectorNameList]
    pixel_size = camera[next(camera.getNameIter())].getPixelSize()
    box = getCameraImageBBox(box_around(detectors), pixel_size, bufferSize * binSize)
    image = imageFactory(*(math.ceil(side / binSize) for side in box.getDimensions()))
    image.set(_background(source.background, image))
    for detector, place in zip(
        detectors, getCcdInCamBBoxList(detectors, binSize, pixel_size, box.getMin()), strict=True
    ):
        part = source.getCcdImage(detector, imageFactory, binSize)[0]
        if part is not None:
            _paste(image, part, place, detector)
    return image


def _background(value: float, image: Any) -> float:
    """Return the value of pixels outside the detectors; in integer images, NaN becomes 0."""
    plane = image.image.array if hasattr(image, "image") else image.array
    return 0 if plane.dtype.kind in "iu" and not math.isfinite(value) else value


def _paste(image: Any, part: Any, place: Box2I, detector: Detector) -> None:
    try:
        image.subset(place, LOCAL).assign(part)
    except LengthError as error:
        logging.getLogger("lsst.afw.cameraGeom.utils").error(
            'Unable to fit image for detector "%s" into image of camera: %s', detector.getName(), error
        )


def __getattr__(name: str) -> object:
    if name in ("showCamera", "showCcd", "showAmp", "overlayCcdBoxes"):
        made = {"showCcd": "makeImageFromCcd", "showAmp": "makeImageFromAmp"}.get(name, "makeImageFromCamera")
        raise AttributeError(
            f"lsst.afw.cameraGeom.utils.{name} is not part of the portable stack; show what {made} returns."
        )
    if name in ("prepareWcsData", "makeFocalPlaneWcs"):
        raise AttributeError(
            f"lsst.afw.cameraGeom.utils.{name} is not part of the portable stack, which has no sky "
            "coordinates."
        )
    raise AttributeError(f"lsst.afw.cameraGeom.utils.{name} is not part of the portable stack.")
