# SPDX-License-Identifier: GPL-3.0-or-later
"""Any camera: a short description of it, and plain FITS files made into datasets of a butler repository.

A description (`read_description`) says where detectors lie; `make_camera` makes the stack's camera of it,
`draw_camera` a drawing, and `describe_headers` writes one from headers.
"""

from ._camera import make_camera
from ._description import (
    CameraDescription,
    DetectorDescription,
    parse_description,
    read_description,
    shipped_cameras,
)
from ._draw import draw_camera
from ._errors import CameraDescriptionError, IngestError
from ._facts import CARDS, ExposureFacts, read_facts
from ._files import Kind, Plane, find_planes
from ._from_headers import describe_headers

__all__ = (
    "CARDS",
    "CameraDescription",
    "CameraDescriptionError",
    "DetectorDescription",
    "ExposureFacts",
    "IngestError",
    "Kind",
    "Plane",
    "describe_headers",
    "draw_camera",
    "find_planes",
    "make_camera",
    "parse_description",
    "read_description",
    "read_facts",
    "shipped_cameras",
)
