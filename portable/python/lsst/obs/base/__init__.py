# SPDX-License-Identifier: GPL-3.0-or-later
"""What joins the butler to the objects of the stack: formatters, the delegate of exposures, cameras from
YAML.
"""

from .exposureAssembler import ExposureAssembler
from .formatters.fitsExposure import (
    FitsExposureFormatter,
    FitsImageFormatter,
    FitsMaskedImageFormatter,
    FitsMaskFormatter,
)
from .formatters.fitsGeneric import FitsGenericFormatter

__all__ = (
    "ExposureAssembler",
    "FitsExposureFormatter",
    "FitsGenericFormatter",
    "FitsImageFormatter",
    "FitsMaskFormatter",
    "FitsMaskedImageFormatter",
)
