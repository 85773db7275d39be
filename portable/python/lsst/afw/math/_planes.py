# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests for the kind of image, regardless of pixel type."""

from typing import Any

from lsst.afw.image import Image, Mask, MaskedImage

__all__ = ("is_image", "is_mask", "is_masked_image")


def is_image(obj: Any) -> bool:
    """Return whether an object is an `lsst.afw.image.Image`."""
    return isinstance(obj, Image)


def is_mask(obj: Any) -> bool:
    """Return whether an object is an `lsst.afw.image.Mask`."""
    return isinstance(obj, Mask)


def is_masked_image(obj: Any) -> bool:
    """Return whether an object is an `lsst.afw.image.MaskedImage`."""
    return isinstance(obj, MaskedImage)
