# SPDX-License-Identifier: GPL-3.0-or-later
"""Images, masks, masked images and exposures, in memory and in FITS files.

Conventions: the centre of a pixel is at integer coordinates; positions are in the parent image (`PARENT`), in
which the first pixel is at ``xy0``, unless `LOCAL` is requested; ``x`` comes before ``y`` in every argument,
while arrays have shape ``(ny, nx)``; boxes include their maximum. A subimage shares pixels with the image it
is part of.
"""

from lsst.portable import require_alone

require_alone(__name__)

from . import (  # noqa: E402
    _exposure_api,
    _polygon_image,  # noqa: F401 - adds createImage to polygons
    testUtils,  # noqa: F401 - adds assertions to lsst.utils.tests.TestCase
)
from ._ab_magnitudes import (  # noqa: E402
    abMagErrFromFluxErr,
    abMagFromFlux,
    fluxErrFromABMagErr,
    fluxFromABMag,
)
from ._decorated import (  # noqa: E402
    DecoratedImage,
    DecoratedImageD,
    DecoratedImageF,
    DecoratedImageI,
    DecoratedImageL,
    DecoratedImageU,
)
from ._defect import DefectBase  # noqa: E402
from ._exposure_api import *  # noqa: E402, F403
from ._image import Image, ImageD, ImageF, ImageI, ImageL, ImageU  # noqa: E402
from ._image_fits import ImageFitsReader, MaskedImageFitsReader, MaskFitsReader  # noqa: E402
from ._image_slice import ImageSliceD, ImageSliceF  # noqa: E402
from ._mask import Mask, MaskPixel, MaskX  # noqa: E402
from ._maskedImage import (  # noqa: E402
    MaskedImage,
    MaskedImageD,
    MaskedImageF,
    MaskedImageI,
    MaskedImageL,
    MaskedImageU,
    VariancePixel,
    makeMaskedImage,
)
from ._slicing import LOCAL, PARENT, ImageOrigin, X, Y, xOrY  # noqa: E402
from ._utils import (  # noqa: E402
    bboxFromMetadata,
    imagesOverlap,
    indexToPosition,
    makeImageFromArray,
    makeMaskedImageFromArrays,
    makeMaskFromArray,
    positionToIndex,
)

__all__ = [
    "LOCAL",
    "PARENT",
    "DecoratedImage",
    "DecoratedImageD",
    "DecoratedImageF",
    "DecoratedImageI",
    "DecoratedImageL",
    "DecoratedImageU",
    "DefectBase",
    "Image",
    "ImageD",
    "ImageF",
    "ImageFitsReader",
    "ImageI",
    "ImageL",
    "ImageOrigin",
    "ImageSliceD",
    "ImageSliceF",
    "ImageU",
    "Mask",
    "MaskFitsReader",
    "MaskPixel",
    "MaskX",
    "MaskedImage",
    "MaskedImageD",
    "MaskedImageF",
    "MaskedImageFitsReader",
    "MaskedImageI",
    "MaskedImageL",
    "MaskedImageU",
    "VariancePixel",
    "X",
    "Y",
    "abMagErrFromFluxErr",
    "abMagFromFlux",
    "bboxFromMetadata",
    "fluxErrFromABMagErr",
    "fluxFromABMag",
    "imagesOverlap",
    "indexToPosition",
    "makeImageFromArray",
    "makeMaskFromArray",
    "makeMaskedImage",
    "makeMaskedImageFromArrays",
    "positionToIndex",
    "xOrY",
]
__all__ += _exposure_api.__all__
