# SPDX-License-Identifier: GPL-3.0-or-later
"""What kind of image an object is, of whatever pixel type."""

from typing import Any

from lsst.afw.image import Image, Mask, MaskedImage

__all__ = ("is_image", "is_mask", "is_masked_image")


def is_image(obj: Any) -> bool:
    """Whether an object is an `lsst.afw.image.Image`."""
    return isinstance(obj, Image)


def is_mask(obj: Any) -> bool:
    """Whether an object is an `lsst.afw.image.Mask`."""
    return isinstance(obj, Mask)


def is_masked_image(obj: Any) -> bool:
    """Whether an object is an `lsst.afw.image.MaskedImage`."""
    return isinstance(obj, MaskedImage)
