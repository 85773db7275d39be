# SPDX-License-Identifier: GPL-3.0-or-later
"""Choice of the class of an image by its type of pixel."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ("class_for",)


def class_for(template: Any, dtype: Any) -> Any:
    """Return the class of a template for a type of pixel.

    Parameters
    ----------
    template : `object`
        Such as `Image`.
    dtype : `numpy.dtype` or `type`
        The type of pixel.

    Raises
    ------
    TypeError
        If there is no such class.
    """
    dtype = np.dtype(dtype)
    found = template.get(dtype.type) if dtype.isnative else None
    if found is None:
        known = ", ".join(np.dtype(key).name for key in template.keys() if not isinstance(key, str))
        raise TypeError(f"there is no {template.__name__} of {dtype} pixels; types are {known}")
    return found
