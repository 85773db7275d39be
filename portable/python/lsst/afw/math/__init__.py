# SPDX-License-Identifier: GPL-3.0-or-later
"""Statistics, interpolation, backgrounds, approximation, convolution, warping and least squares of images.

The classes here are thin layers over the array functions of `lsst.portable.arrays`, for the objects of
`lsst.afw.image`.
"""

from typing import TYPE_CHECKING, Any

from lsst.portable import require_alone

require_alone(__name__)

from lsst.portable import lazy_names  # noqa: E402

from ._approximate import Approximate, ApproximateControl, makeApproximate  # noqa: E402
from ._background import Background, BackgroundMI, makeBackground  # noqa: E402
from ._background_control import BackgroundControl, UndersampleStyle, stringToUndersampleStyle  # noqa: E402
from ._backgroundList import BackgroundList  # noqa: E402
from ._bounded_field import BoundedField, ProductBoundedField  # noqa: E402
from ._chebyshev_bounded_field import (  # noqa: E402
    ChebyshevBoundedField,
    ChebyshevBoundedFieldConfig,
    ChebyshevBoundedFieldControl,
)
from ._interpolate import (  # noqa: E402
    Interpolate,
    lookupMaxInterpStyle,
    lookupMinInterpPoints,
    makeInterpolate,
    stringToInterpStyle,
)
from ._statistics import (  # noqa: E402
    Property,
    Statistics,
    StatisticsControl,
    WeightsBoolean,
    makeStatistics,
    stringToStatisticsProperty,
)

if TYPE_CHECKING:
    from ._convolve import ConvolutionControl, convolve
    from ._function_kernels import AnalyticKernel, SeparableKernel
    from ._functions import (
        DoubleGaussianFunction2D,
        Function1D,
        Function2D,
        GaussianFunction1D,
        GaussianFunction2D,
        IntegerDeltaFunction1D,
        IntegerDeltaFunction2D,
        LanczosFunction1D,
        LanczosFunction2D,
    )
    from ._kernel import Kernel
    from ._kernel_combination import LinearCombinationKernel
    from ._least_squares import LeastSquares
    from ._offset import offsetImage
    from ._pixel_kernels import DeltaFunctionKernel, FixedKernel
    from ._polynomials import (
        BasePolynomialFunction2D,
        Chebyshev1Function1D,
        Chebyshev1Function2D,
        PolynomialFunction1D,
        PolynomialFunction2D,
    )
    from ._reshape import binImage, flipImage, rotateImageBy90
    from ._stack import statisticsStack
    from ._warp import WarpingControl, warpImage
    from ._warping_kernels import (
        BilinearWarpingKernel,
        LanczosWarpingKernel,
        NearestWarpingKernel,
        makeWarpingKernel,
    )

THROW_EXCEPTION = UndersampleStyle.THROW_EXCEPTION
REDUCE_INTERP_ORDER = UndersampleStyle.REDUCE_INTERP_ORDER
INCREASE_NXNYSAMPLE = UndersampleStyle.INCREASE_NXNYSAMPLE
NOTHING = Property.NOTHING
ERRORS = Property.ERRORS
NPOINT = Property.NPOINT
MEAN = Property.MEAN
STDEV = Property.STDEV
VARIANCE = Property.VARIANCE
MEDIAN = Property.MEDIAN
IQRANGE = Property.IQRANGE
MEANCLIP = Property.MEANCLIP
STDEVCLIP = Property.STDEVCLIP
VARIANCECLIP = Property.VARIANCECLIP
MIN = Property.MIN
MAX = Property.MAX
SUM = Property.SUM
MEANSQUARE = Property.MEANSQUARE
ORMASK = Property.ORMASK
NCLIPPED = Property.NCLIPPED
NMASKED = Property.NMASKED
WEIGHTS_FALSE = WeightsBoolean.WEIGHTS_FALSE
WEIGHTS_TRUE = WeightsBoolean.WEIGHTS_TRUE
WEIGHTS_NONE = WeightsBoolean.WEIGHTS_NONE

__all__ = [
    "ERRORS",
    "INCREASE_NXNYSAMPLE",
    "IQRANGE",
    "MAX",
    "MEAN",
    "MEANCLIP",
    "MEANSQUARE",
    "MEDIAN",
    "MIN",
    "NCLIPPED",
    "NMASKED",
    "NOTHING",
    "NPOINT",
    "ORMASK",
    "REDUCE_INTERP_ORDER",
    "STDEV",
    "STDEVCLIP",
    "SUM",
    "THROW_EXCEPTION",
    "VARIANCE",
    "VARIANCECLIP",
    "WEIGHTS_FALSE",
    "WEIGHTS_NONE",
    "WEIGHTS_TRUE",
    "AnalyticKernel",
    "Approximate",
    "ApproximateControl",
    "Background",
    "BackgroundControl",
    "BackgroundList",
    "BackgroundMI",
    "BasePolynomialFunction2D",
    "BilinearWarpingKernel",
    "BoundedField",
    "Chebyshev1Function1D",
    "Chebyshev1Function2D",
    "ChebyshevBoundedField",
    "ChebyshevBoundedFieldConfig",
    "ChebyshevBoundedFieldControl",
    "ConvolutionControl",
    "DeltaFunctionKernel",
    "DoubleGaussianFunction2D",
    "FixedKernel",
    "Function1D",
    "Function2D",
    "GaussianFunction1D",
    "GaussianFunction2D",
    "IntegerDeltaFunction1D",
    "IntegerDeltaFunction2D",
    "Interpolate",
    "Kernel",
    "LanczosFunction1D",
    "LanczosFunction2D",
    "LanczosWarpingKernel",
    "LeastSquares",
    "LinearCombinationKernel",
    "NearestWarpingKernel",
    "PolynomialFunction1D",
    "PolynomialFunction2D",
    "ProductBoundedField",
    "Property",
    "SeparableKernel",
    "Statistics",
    "StatisticsControl",
    "UndersampleStyle",
    "WarpingControl",
    "WeightsBoolean",
    "binImage",
    "convolve",
    "flipImage",
    "lookupMaxInterpStyle",
    "lookupMinInterpPoints",
    "makeApproximate",
    "makeBackground",
    "makeInterpolate",
    "makeStatistics",
    "makeWarpingKernel",
    "offsetImage",
    "rotateImageBy90",
    "statisticsStack",
    "stringToInterpStyle",
    "stringToStatisticsProperty",
    "stringToUndersampleStyle",
    "warpImage",
]


_find = lazy_names(
    __name__,
    {
        "_convolve": ("ConvolutionControl", "convolve"),
        "_function_kernels": ("AnalyticKernel", "SeparableKernel"),
        "_functions": (
            "DoubleGaussianFunction2D",
            "Function1D",
            "GaussianFunction1D",
            "GaussianFunction2D",
            "IntegerDeltaFunction1D",
            "IntegerDeltaFunction2D",
            "LanczosFunction1D",
            "LanczosFunction2D",
        ),
        # With Kernel and Function2D, their subclasses are imported, which their readFits may find in a file.
        "_kernel_combination": ("Kernel", "LinearCombinationKernel"),
        "_least_squares": ("LeastSquares",),
        "_offset": ("offsetImage",),
        "_pixel_kernels": ("DeltaFunctionKernel", "FixedKernel"),
        "_polynomials": (
            "BasePolynomialFunction2D",
            "Chebyshev1Function1D",
            "Chebyshev1Function2D",
            "Function2D",
            "PolynomialFunction1D",
            "PolynomialFunction2D",
        ),
        "_reshape": ("binImage", "flipImage", "rotateImageBy90"),
        "_stack": ("statisticsStack",),
        "_warp": ("WarpingControl", "warpImage"),
        "_warping_kernels": (
            "BilinearWarpingKernel",
            "LanczosWarpingKernel",
            "NearestWarpingKernel",
            "makeWarpingKernel",
        ),
    },
)


def __getattr__(name: str) -> Any:
    """Import rarely used names on demand; report names of the compiled stack that are not offered."""
    if name in __all__:
        return _find(name)
    raise AttributeError(
        f"module {__name__!r} has no attribute {name!r}; if the compiled lsst.afw.math has it, it is not "
        "part of the slice that the portable stack offers"
    )
