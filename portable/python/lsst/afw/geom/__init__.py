# SPDX-License-Identifier: GPL-3.0-or-later
"""Transforms of points between coordinate systems.

`TransformPoint2ToPoint2` is a thin layer over the mappings of the AST library (starlink-pyast). The compiled
stack uses the same library, so both write the same text to files. Sky coordinate systems, polygons and other
components of exposures are passed through files unread.
"""

from typing import TYPE_CHECKING, Any

from lsst.portable import lazy_names, require_alone

require_alone(__name__)

import lsst.geom as _geom  # noqa: E402

# Registers persistence of these classes.
from . import _archive_io  # noqa: E402, F401
from ._sky_wcs import SkyWcs  # noqa: E402
from ._transform import TransformPoint2ToPoint2  # noqa: E402
from ._transform_factory import linearizeTransform, makeIdentityTransform, makeRadialTransform, makeTransform  # noqa: E402
from .polygon import Polygon, SinglePolygonException  # noqa: E402

if TYPE_CHECKING:
    from ._transform_config import (
        AffineTransformConfig,
        IdentityTransformConfig,
        MultiTransformConfig,
        OneTransformConfig,
        RadialTransformConfig,
        TransformConfig,
        transformRegistry,
    )

__all__ = (
    "AffineTransformConfig",
    "IdentityTransformConfig",
    "MultiTransformConfig",
    "OneTransformConfig",
    "Polygon",
    "RadialTransformConfig",
    "SinglePolygonException",
    "SkyWcs",
    "TransformConfig",
    "TransformPoint2ToPoint2",
    "linearizeTransform",
    "makeIdentityTransform",
    "makeRadialTransform",
    "makeTransform",
    "transformRegistry",
)

# Few callers describe cameras, and lsst.pex.config is slow to import.
_find = lazy_names(
    __name__,
    {
        "_transform_config": (
            "AffineTransformConfig",
            "IdentityTransformConfig",
            "MultiTransformConfig",
            "OneTransformConfig",
            "RadialTransformConfig",
            "TransformConfig",
            "transformRegistry",
        )
    },
)


def __getattr__(name: str) -> Any:
    if name in __all__:
        return _find(name)
    if name.startswith("__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name in _geom.__all__:
        raise AttributeError(f"lsst.afw.geom.{name} is lsst.geom.{name}, in the compiled stack too")
    raise AttributeError(
        f"lsst.afw.geom.{name} is not offered by the portable stack, which has {', '.join(__all__)}"
    )
