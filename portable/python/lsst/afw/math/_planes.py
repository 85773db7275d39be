# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests for the kind of image, regardless of pixel type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsst.afw.image import Image, Mask, MaskedImage

if TYPE_CHECKING:
    from typing_extensions import TypeIs

    from lsst.afw.image import MaskX
    from lsst.portable.typing import AnyImage, AnyMaskedImage

__all__ = ("is_image", "is_mask", "is_masked_image")


def is_image(obj: object) -> TypeIs[AnyImage]:
    """Return whether an object is an `lsst.afw.image.Image`."""
    return isinstance(obj, Image)


def is_mask(obj: object) -> TypeIs[MaskX]:
    """Return whether an object is an `lsst.afw.image.Mask`."""
    return isinstance(obj, Mask)


def is_masked_image(obj: object) -> TypeIs[AnyMaskedImage]:
    """Return whether an object is an `lsst.afw.image.MaskedImage`."""
    return isinstance(obj, MaskedImage)
