# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors that the data of a sky frame can cause.

Every class here is an `lsst.pipe.base.AlgorithmError`: the same data always give the same error, the
execution framework records it as such, and ``metadata`` carries the details. If there is simply nothing to do
(no inputs at all), the tasks raise `lsst.pipe.base.NoWorkFound` instead, which is not a failure.

The class says what kind of problem it is; the message names the exposure or detector, what was received, and
what to do about it; the details repeat the first two in machine-readable form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from lsst.pipe.base import AlgorithmError

if TYPE_CHECKING:
    from ._protocols import Detail

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
        Message that says which data are affected, what is wrong, and what to do.
    **details : `object`
        Details for programs; values are `str`, `int`, `float`, `bool`, or dictionaries of them.
    """

    def __init__(self, message: str, **details: Detail) -> None:
        super().__init__(message)
        self._details = details

    @property
    def metadata(self) -> dict[str, Detail]:
        """Details of the failure, ready to be written as JSON."""
        return dict(self._details)

    def __reduce__(
        self,
    ) -> tuple[Callable[..., CpSkyError], tuple[type[CpSkyError], str, Mapping[str, Detail]]]:
        # Exceptions cross process boundaries under ``pipetask run -j``; by default they lose details.
        return _rebuild, (type(self), str(self), self._details)


def _rebuild(cls: type[CpSkyError], message: str, details: Mapping[str, Detail]) -> CpSkyError:
    return cls(message, **details)


class MissingDetectorError(CpSkyError):
    """Raised when an exposure has no detector, so that its position in the focal plane is unknown."""


class DetectorOffModelError(CpSkyError):
    """Raised when no part of a detector lies within the focal-plane model or the camera."""


class DetectorTypeError(CpSkyError):
    """Raised when there is no model for the physical type of a detector."""


class ExposureTooSmallError(CpSkyError):
    """Raised when an image is smaller than one bin of the focal-plane model along either axis."""


class MissingScaleError(CpSkyError):
    """Raised when the scale of an exposure is missing from its metadata."""


class InvalidScaleError(CpSkyError):
    """Raised when a sky level is not a number that float32 images and variances can be divided by."""


class MaskingError(CpSkyError):
    """Raised when objects cannot be masked, because the image is too small or noisy, or has no sky left."""


class NoGoodPixelsError(CpSkyError):
    """Raised when no usable pixel or cell is left to make a product from."""


class NoGoodSuperpixelsError(CpSkyError):
    """Raised when no superpixel of a merged focal-plane model has enough good pixels."""


class MismatchedInputsError(CpSkyError):
    """Raised when inputs that should belong together differ in shape, geometry, detector or filter."""


class PixelTypeError(CpSkyError):
    """Raised when the pixels of an exposure are not float32, the type used to measure backgrounds."""


class TooFewInputsError(CpSkyError):
    """Raised when there are fewer inputs than configured, or a required one is missing."""


class UnreadableInputError(CpSkyError):
    """Raised when the file of an input is damaged."""
