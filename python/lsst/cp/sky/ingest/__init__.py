# SPDX-License-Identifier: GPL-3.0-or-later
"""Any camera: a short description of it, and plain FITS files made into datasets of a butler repository.

A description (`read_description`) says where detectors lie; `make_camera` makes the stack's camera of it,
`draw_camera` a drawing, and `describe_headers` writes one from headers.
`find_planes` and `match_planes` look at files, and `ingest` stores what they found.
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
from ._exposure import make_exposure
from ._facts import CARDS, ExposureFacts, read_facts
from ._files import Kind, Plane, find_planes
from ._from_headers import describe_headers
from ._instrument import PlainInstrument
from ._match import Input, match_planes
from ._pipeline import model_settings, write_pipeline
from ._repository import calib_collection, ingest, raw_collection

__all__ = (
    "CARDS",
    "CameraDescription",
    "CameraDescriptionError",
    "DetectorDescription",
    "ExposureFacts",
    "IngestError",
    "Input",
    "Kind",
    "PlainInstrument",
    "Plane",
    "calib_collection",
    "describe_headers",
    "draw_camera",
    "find_planes",
    "ingest",
    "make_camera",
    "make_exposure",
    "match_planes",
    "model_settings",
    "parse_description",
    "raw_collection",
    "read_description",
    "read_facts",
    "shipped_cameras",
    "write_pipeline",
)
