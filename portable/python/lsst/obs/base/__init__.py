# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection of the butler to the stack: formatters, storage class delegate, cameras from YAML."""

from lsst.portable import require_alone

require_alone(__name__)

from .exposureAssembler import ExposureAssembler  # noqa: E402
from .formatters.fitsExposure import (  # noqa: E402
    FitsExposureFormatter,
    FitsImageFormatter,
    FitsMaskedImageFormatter,
    FitsMaskFormatter,
)
from .formatters.fitsGeneric import FitsGenericFormatter  # noqa: E402
from .utils import (  # noqa: E402
    add_provenance_to_fits_header,
    bboxFromIraf,
    iso_date_to_curated_calib_file_root,
    strip_provenance_from_fits_header,
)

__all__ = (
    "ExposureAssembler",
    "FitsExposureFormatter",
    "FitsGenericFormatter",
    "FitsImageFormatter",
    "FitsMaskFormatter",
    "FitsMaskedImageFormatter",
    "add_provenance_to_fits_header",
    "bboxFromIraf",
    "iso_date_to_curated_calib_file_root",
    "strip_provenance_from_fits_header",
)
