# SPDX-License-Identifier: GPL-3.0-or-later
"""Cameras, their detectors and amplifiers, and the coordinate systems from pixels to the sky.

A `Camera` holds `Detector` objects, and a `Detector` holds `Amplifier` objects. One `TransformMap`, shared by
all of them, connects ``FIELD_ANGLE`` (radians), ``FOCAL_PLANE`` (mm), and the ``PIXELS`` and ``TAN_PIXELS``
of each detector. All of them are immutable; builders make modified ones.
"""

from typing import TYPE_CHECKING, Any

from lsst.portable import lazy_names, require_alone

require_alone(__name__)

# The first registers persistence, the second adds assertions to lsst.utils.tests.TestCase.
from . import _archive_io, _assertions  # noqa: E402, F401
from ._amplifier import Amplifier  # noqa: E402
from ._assembly import (  # noqa: E402
    AmplifierIsolator,
    assembleAmplifierImage,
    assembleAmplifierRawImage,
    makeUpdatedDetector,
    rotateBBoxBy90,
)
from ._camera import Camera, DetectorCollection  # noqa: E402
from ._camera_sys import (  # noqa: E402
    ACTUAL_PIXELS,
    FIELD_ANGLE,
    FOCAL_PLANE,
    PIXELS,
    TAN_PIXELS,
    CameraSys,
    CameraSysPrefix,
)
from ._detector import Detector  # noqa: E402
from ._enums import (  # noqa: E402
    AmplifierGeometryComparison,
    AssemblyState,
    DetectorType,
    DetectorTypeNameValDict,
    DetectorTypeValNameDict,
    NullLinearityType,
    ReadoutCorner,
    ReadoutCornerNameValDict,
    ReadoutCornerValNameDict,
)
from ._make_pixel_to_tan_pixel import makePixelToTanPixel  # noqa: E402
from ._orientation import Orientation  # noqa: E402
from ._transform_map import TransformMap  # noqa: E402

if TYPE_CHECKING:
    from ._config import (
        CameraConfig,
        DetectorConfig,
        TransformMapConfig,
        addDetectorBuilderFromConfig,
        makeCameraFromAmpLists,
    )

__all__ = (
    "ACTUAL_PIXELS",
    "FIELD_ANGLE",
    "FOCAL_PLANE",
    "PIXELS",
    "TAN_PIXELS",
    "Amplifier",
    "AmplifierGeometryComparison",
    "AmplifierIsolator",
    "AssemblyState",
    "Camera",
    "CameraConfig",
    "CameraSys",
    "CameraSysPrefix",
    "Detector",
    "DetectorCollection",
    "DetectorConfig",
    "DetectorType",
    "DetectorTypeNameValDict",
    "DetectorTypeValNameDict",
    "NullLinearityType",
    "Orientation",
    "ReadoutCorner",
    "ReadoutCornerNameValDict",
    "ReadoutCornerValNameDict",
    "TransformMap",
    "TransformMapConfig",
    "addDetectorBuilderFromConfig",
    "assembleAmplifierImage",
    "assembleAmplifierRawImage",
    "makeCameraFromAmpLists",
    "makePixelToTanPixel",
    "makeUpdatedDetector",
    "rotateBBoxBy90",
)


# Few callers describe cameras, and lsst.pex.config is slow to import.
_find = lazy_names(
    __name__,
    {
        "_config": (
            "CameraConfig",
            "DetectorConfig",
            "TransformMapConfig",
            "addDetectorBuilderFromConfig",
            "makeCameraFromAmpLists",
        )
    },
)


def __getattr__(name: str) -> Any:
    if name in __all__:
        return _find(name)
    if name.startswith("__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    raise AttributeError(
        f"lsst.afw.cameraGeom.{name} is not offered by the portable stack, which has {', '.join(__all__)}"
    )
