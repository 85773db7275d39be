# SPDX-License-Identifier: GPL-3.0-or-later
"""Support for any camera: a short description, and ingestion of plain FITS files into a butler repository.

A description (`read_description`) gives the positions of the detectors; `make_camera` converts it to the
stack's camera, `draw_camera` plots it, and `describe_headers` derives one from headers. `find_planes` and
`match_planes` examine files, and `ingest` stores them.
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
from ._pipeline import model_settings, recommended, write_pipeline
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
    "recommended",
    "shipped_cameras",
    "write_pipeline",
)
