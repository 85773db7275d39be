# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong with the data of a sky frame.

Every class here is an `lsst.pipe.base.AlgorithmError`: trying the same data again gives the same error, the
execution framework records it as such, and the details travel in its ``metadata``. Where there is simply
nothing to do (no inputs at all) the tasks raise `lsst.pipe.base.NoWorkFound` instead, which is not a failure.

Which one to raise: the class says what kind of thing is wrong, the message says with which exposure or
detector, what was received, and what to do about it; the details repeat the former two in a form programs can
read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lsst.pipe.base import AlgorithmError

__all__ = (
    "CpSkyError",
    "DetectorOffModelError",
    "DetectorTypeError",
    "ExposureTooSmallError",
    "InvalidScaleError",
    "MaskingError",
    "MismatchedInputsError",
    "MissingDetectorError",
    "MissingScaleError",
    "NoGoodPixelsError",
    "NoGoodSuperpixelsError",
    "PixelTypeError",
    "TooFewInputsError",
    "UnreadableInputError",
)


class CpSkyError(AlgorithmError):
    """Base of all errors that the data of a sky frame can cause.

    Parameters
    ----------
    message : `str`
        Sentence for a person: with which data, what is wrong, what to do.
    **details : `object`
        The same for programs: values are `str`, `int`, `float`, `bool`, or dictionaries of such.
    """

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self._details = details

    @property
    def metadata(self) -> dict[str, Any]:
        """Details of the failure, fit to be written as JSON."""
        return dict(self._details)

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions cross process boundaries under ``pipetask run -j``; the default would lose the details.
        return _rebuild, (type(self), str(self), self._details)


def _rebuild(cls: type[CpSkyError], message: str, details: Mapping[str, Any]) -> CpSkyError:
    return cls(message, **details)


class MissingDetectorError(CpSkyError):
    """Raised when an exposure carries no detector, so that its place in the focal plane is unknown."""


class DetectorOffModelError(CpSkyError):
    """Raised when no part of a detector lies within the focal-plane model, or the camera does not have it."""


class DetectorTypeError(CpSkyError):
    """Raised when detectors are of physical types that no model serves."""


class ExposureTooSmallError(CpSkyError):
    """Raised when an image is smaller than one bin of the focal-plane model on some axis."""


class MissingScaleError(CpSkyError):
    """Raised when the scale of an exposure was not recorded where it is expected."""


class InvalidScaleError(CpSkyError):
    """Raised when a sky level is not a number that float32 images and variances can be divided by."""


class MaskingError(CpSkyError):
    """Raised when the objects of an exposure cannot be masked: too small, too noisy, or no sky is left."""


class NoGoodPixelsError(CpSkyError):
    """Raised when not one usable pixel or cell is left to make a product from."""


class NoGoodSuperpixelsError(CpSkyError):
    """Raised when no superpixel of a merged focal-plane model has enough pixels."""


class MismatchedInputsError(CpSkyError):
    """Raised when inputs that should belong together differ in shape, geometry, detector or filter."""


class PixelTypeError(CpSkyError):
    """Raised when the pixels of an exposure are not float32, which the stack measures backgrounds in."""


class TooFewInputsError(CpSkyError):
    """Raised when fewer inputs are there than the configuration asks for, or one that it requires is not."""


class UnreadableInputError(CpSkyError):
    """Raised when the file of an input is damaged."""
