# SPDX-License-Identifier: GPL-3.0-or-later
"""Statistics of images, masks and sequences: `makeStatistics` and its control."""

from __future__ import annotations

import enum
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lsst.afw.image import MaskX
from lsst.pex.exceptions import InvalidParameterError, NotFoundError
from lsst.portable.arguments import require
from lsst.portable.arrays.boxes import measure_array
from lsst.portable.arrays.properties import Property
from lsst.portable.arrays.statistics import Measured, Rules, values_and_errors

from ._planes import is_image, is_mask, is_masked_image

if TYPE_CHECKING:
    import numpy.typing as npt

    from lsst.portable.typing import AnyImage

__all__ = (
    "Property",
    "Statistics",
    "StatisticsControl",
    "WeightsBoolean",
    "makeStatistics",
    "stringToStatisticsProperty",
)


class WeightsBoolean(enum.IntEnum):
    """Whether to weight; may be left unspecified."""

    __str__ = enum.Enum.__str__

    WEIGHTS_FALSE = 0
    """Do not weight."""
    WEIGHTS_TRUE = 1
    """Weight."""
    WEIGHTS_NONE = 2
    """Unspecified: weight if weights are given."""


def stringToStatisticsProperty(property: str) -> Property:
    """Look up a statistic by name.

    Parameters
    ----------
    property : `str`
        Name of a `Property`.

    Returns
    -------
    property : `Property`
        The statistic of that name.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if there is no such statistic.
    """
    try:
        return Property[property]
    except KeyError:
        names = ", ".join(Property.__members__)
        raise InvalidParameterError(
            f"Unknown statistics property {property!r}; expected one of {names}"
        ) from None


class StatisticsControl:
    """Control of how pixels are selected, clipped and weighted.

    Parameters
    ----------
    numSigmaClip : `float`, optional
        Half-width of the clipping interval (standard deviations).
    numIter : `int`, optional
        Number of clipping iterations.
    andMask : `int`, optional
        Mask bits that reject a pixel.
    isNanSafe : `bool`, optional
        Whether to reject values that are not finite.
    useWeights : `WeightsBoolean`, optional
        Whether to weight.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if ``numSigmaClip`` or ``numIter`` is not positive.
    """

    def __init__(
        self,
        numSigmaClip: float = 3.0,
        numIter: int = 3,
        andMask: int = 0,
        isNanSafe: bool = True,
        useWeights: WeightsBoolean = WeightsBoolean.WEIGHTS_NONE,
    ) -> None:
        self.setNumSigmaClip(numSigmaClip)
        self.setNumIter(numIter)
        self._andMask = int(andMask)
        self._isNanSafe = bool(isNanSafe)
        self._useWeights = WeightsBoolean(useWeights)
        self._calcErrorFromInputVariance = False
        self._calcErrorMosaicMode = False
        self._thresholds: list[float] = []
        try:
            self._noGoodPixelsMask = int(MaskX.getPlaneBitMask("NO_DATA"))
        except (InvalidParameterError, NotFoundError):
            self._noGoodPixelsMask = 0

    def getNumSigmaClip(self) -> float:
        """Return the half-width of the clipping interval (standard deviations)."""
        return self._numSigmaClip

    def setNumSigmaClip(self, numSigmaClip: float) -> None:
        """Set the half-width of the clipping interval (standard deviations), which must be positive."""
        if not numSigmaClip > 0:
            raise InvalidParameterError(f"numSigmaClip has to be positive, got {numSigmaClip}")
        self._numSigmaClip = float(numSigmaClip)

    def getNumIter(self) -> int:
        """Return the number of clipping iterations."""
        return self._numIter

    def setNumIter(self, numIter: int) -> None:
        """Set the number of clipping iterations, which must be positive."""
        if not numIter > 0:
            raise InvalidParameterError(f"numIter has to be positive, got {numIter}")
        self._numIter = int(numIter)

    def getAndMask(self) -> int:
        """Return the mask bits that reject a pixel."""
        return self._andMask

    def setAndMask(self, andMask: int) -> None:
        """Set the mask bits that reject a pixel."""
        self._andMask = int(andMask)

    def getNoGoodPixelsMask(self) -> int:
        """Return the mask bits for stacked pixels without input; by default ``NO_DATA``."""
        return self._noGoodPixelsMask

    def setNoGoodPixelsMask(self, noGoodPixelsMask: int) -> None:
        """Set the mask bits for stacked pixels to which no input contributed."""
        self._noGoodPixelsMask = int(noGoodPixelsMask)

    def getNanSafe(self) -> bool:
        """Return whether to reject values that are not finite."""
        return self._isNanSafe

    def setNanSafe(self, isNanSafe: bool) -> None:
        """Set whether to reject values that are not finite."""
        self._isNanSafe = bool(isNanSafe)

    def getWeighted(self) -> bool:
        """Return whether to weight."""
        return self._useWeights == WeightsBoolean.WEIGHTS_TRUE

    def getWeightedIsSet(self) -> bool:
        """Return whether weighting was explicitly turned on or off."""
        return self._useWeights != WeightsBoolean.WEIGHTS_NONE

    def setWeighted(self, useWeights: bool) -> None:
        """Set whether to weight."""
        self._useWeights = WeightsBoolean(bool(useWeights))

    def getCalcErrorFromInputVariance(self) -> bool:
        """Return whether errors of means come from the variance plane rather than the scatter."""
        return self._calcErrorFromInputVariance

    def setCalcErrorFromInputVariance(self, calcErrorFromInputVariance: bool) -> None:
        """Set whether errors of means come from the variance plane rather than the scatter."""
        self._calcErrorFromInputVariance = bool(calcErrorFromInputVariance)

    def getCalcErrorMosaicMode(self) -> bool:
        """Return whether errors are those of a mosaic of overlapping pieces of one image."""
        return self._calcErrorMosaicMode

    def setCalcErrorMosaicMode(self, calcErrorMosaicMode: bool) -> None:
        """Set whether errors are those of a mosaic; they are not computed here, see `makeStatistics`."""
        self._calcErrorMosaicMode = bool(calcErrorMosaicMode)

    def getMaskPropagationThreshold(self, bit: int) -> float:
        """Return the fraction of rejected weight above which a mask bit is propagated; 1 if never."""
        return self._thresholds[bit] if 0 <= bit < len(self._thresholds) else 1.0

    def setMaskPropagationThreshold(self, bit: int, threshold: float) -> None:
        """Set the fraction of rejected weight above which a mask bit is propagated to the OR of the masks.

        Parameters
        ----------
        bit : `int`
            Number of the mask plane.
        threshold : `float`
            Fraction from 0 to 1.
        """
        self._thresholds.extend([1.0] * (bit + 1 - len(self._thresholds)))
        self._thresholds[bit] = float(threshold)

    numSigmaClip = property(getNumSigmaClip, setNumSigmaClip)
    numIter = property(getNumIter, setNumIter)
    andMask = property(getAndMask, setAndMask)
    noGoodPixelsMask = property(getNoGoodPixelsMask, setNoGoodPixelsMask)
    nanSafe = property(getNanSafe, setNanSafe)
    weighted = property(getWeighted, setWeighted)
    calcErrorFromInputVariance = property(getCalcErrorFromInputVariance, setCalcErrorFromInputVariance)
    calcErrorMosaicMode = property(getCalcErrorMosaicMode, setCalcErrorMosaicMode)

    def _rules(self) -> Rules:
        """Return selection, clipping and weighting in the form that the array functions expect."""
        if self._calcErrorMosaicMode:
            raise NotImplementedError(
                "Errors of mosaics are not part of the portable stack; use setCalcErrorMosaicMode(False)."
            )
        return Rules(
            self._numSigmaClip,
            self._numIter,
            self._andMask,
            self._isNanSafe,
            self._calcErrorFromInputVariance,
            tuple(self._thresholds),
        )


class Statistics:
    """Statistics computed by `makeStatistics`.

    Parameters
    ----------
    measured : `lsst.portable.arrays.statistics.Measured`
        The numbers.
    flags : `int`
        `Property` bits that were requested.
    """

    def __init__(self, measured: Measured[float], flags: int) -> None:
        self._measured = measured
        self._flags = int(flags)

    def getResult(self, prop: int = Property.NOTHING) -> tuple[float, float]:
        """Return the value and error of a statistic.

        Parameters
        ----------
        prop : `Property`, optional
            Statistic to return; optional if only one was computed.

        Returns
        -------
        value, error : `float`
            Value and error; the error is NaN unless `Property.ERRORS` was requested and it can be estimated.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if the statistic was not computed, or if several were computed and none is named.
        """
        wanted = (int(prop) or self._flags) & ~Property.ERRORS
        if not wanted & self._flags:
            raise InvalidParameterError(
                f"Statistic {Property(wanted)!r} was not computed; pass it to makeStatistics (got"
                f" {Property(self._flags)!r})"
            )
        if wanted & (wanted - 1):
            raise InvalidParameterError(f"Name the statistic to get: {Property(wanted)!r} is more than one")
        return self._result(wanted, bool(self._flags & Property.ERRORS))

    def getValue(self, prop: int = Property.NOTHING) -> float:
        """Return the value of a statistic; see `getResult`."""
        return self.getResult(prop)[0]

    def getError(self, prop: int = Property.NOTHING) -> float:
        """Return the error of a statistic; see `getResult`."""
        return self.getResult(prop)[1]

    def getOrMask(self) -> int:
        """Return the OR of the masks of the pixels used."""
        return int(self._measured.or_mask)

    def _result(self, wanted: int, errors: bool) -> tuple[float, float]:
        value, error = values_and_errors(self._measured, Property(wanted))
        return float(value), float(error) if errors else math.nan


def makeStatistics(
    *args: Any, sctrl: StatisticsControl | None = None, flags: int | None = None, **kwargs: Any
) -> Statistics:
    """Compute statistics of pixels.

    Called as ``makeStatistics(image, flags[, sctrl])``, ``makeStatistics(image, mask, flags[, sctrl])``,
    ``makeStatistics(maskedImage[, weights], flags[, sctrl])``, ``makeStatistics(mask, flags[, sctrl])`` or
    ``makeStatistics(values[, weights], flags[, sctrl])``.

    Parameters
    ----------
    *args : `object`
        What to measure (not modified), a mask or weights, then flags, then the control, as above. A mask has
        only NPOINT and SUM (the OR of its pixels).
    sctrl : `StatisticsControl`, optional
        Control of how pixels are selected, clipped and weighted.
    flags : `int`, optional
        `Property` bits to compute, if not among ``args``.
    **kwargs : `object`
        By name, if not among ``args``: what to measure (``img``, ``mimg``, ``v`` or ``msk``), a mask of an
        image (``msk``), and weights (``weights``, or ``vweights`` of a sequence).

    Returns
    -------
    statistics : `Statistics`
        The requested statistics.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if there are no pixels, the sizes differ, or weights or variances are requested but absent.
    NotImplementedError
        Raised if the control requests errors of mosaics.
    """
    data, *rest = _by_position(args, kwargs)
    extra, flags, control = _arguments(rest, flags, sctrl)
    if is_mask(data):
        return _mask_statistics(data, flags)
    mask = variance = weights = None
    if is_masked_image(data):
        values, mask, weights = data.image.array, data.mask.array, extra
        if control.getCalcErrorFromInputVariance() or control.getWeighted():
            variance = data.variance.array
    elif is_image(data):
        values = data.array
        mask = extra if is_mask(extra) else None
        weights = extra if mask is None else None
    else:
        require("data of makeStatistics", data, Sequence, np.ndarray)
        values = np.asarray(data)
        weights = extra
    if values.dtype.kind not in "fiub":
        raise TypeError(f"makeStatistics needs real numbers, got {type(data).__name__} of {values.dtype}")
    return statistics_of_arrays(
        values, flags, control, mask=_array(mask), variance=variance, weights=_array(weights)
    )


def statistics_of_arrays(
    values: np.ndarray,
    flags: int,
    control: StatisticsControl,
    *,
    mask: np.ndarray | None = None,
    variance: np.ndarray | None = None,
    weights: np.ndarray | None = None,
) -> Statistics:
    """Compute statistics of arrays; see `makeStatistics`.

    Parameters
    ----------
    values : `numpy.ndarray`, (ny, nx) or (n,)
        Pixel values.
    flags, control : `int`, `StatisticsControl`
        Statistics to compute, and their control.
    mask, variance, weights : `numpy.ndarray`, same shape, optional
        Mask bits, variances and explicit weights.

    Returns
    -------
    statistics : `Statistics`
        The requested statistics.
    """
    if values.size == 0:
        raise InvalidParameterError("Image contains no pixels")
    for name, plane in {"mask": mask, "variance": variance, "weights": weights}.items():
        if plane is not None and plane.shape != values.shape:
            raise InvalidParameterError(
                f"Shape {plane.shape} of the {name} differs from {values.shape} of the values"
            )
    if control.getCalcErrorFromInputVariance() and variance is None:
        raise InvalidParameterError(
            "Errors from the input variance need a variance plane; pass a MaskedImage"
        )
    inverse = False
    if weights is not None:
        if control.getWeightedIsSet() and not control.getWeighted():
            raise InvalidParameterError(
                "Weights were given, but the StatisticsControl says not to use weights"
            )
        weights = weights.astype(np.float32)
    elif control.getWeighted():
        if variance is None:
            raise InvalidParameterError(
                "Weighted statistics need weights or a variance plane; pass a MaskedImage or weights"
            )
        weights, inverse = variance, True
    measured = measure_array(
        values,
        int(flags),
        control._rules(),
        mask=mask,
        variance=variance,
        weights=weights,
        weights_are_variances=inverse,
    )
    return Statistics(measured, flags)


def _by_position(args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Any]:
    """Return the data and what follows them, with the arguments that were given by name."""
    given = list(args)
    for first, names in ((True, ("img", "mimg", "v", "msk")), (False, ("msk", "weights", "vweights"))):
        name = next((name for name in names if name in kwargs), None)
        if name is not None and not (first and given):
            given.append(kwargs.pop(name))
    if kwargs or not given:
        raise TypeError(
            f"makeStatistics got {len(args)} arguments by position and unexpectedly {sorted(kwargs)}"
        )
    return given


def _arguments(
    args: Sequence[Any], flags: int | None, sctrl: StatisticsControl | None
) -> tuple[Any, int, StatisticsControl]:
    """Sort positional arguments into mask or weights, flags, and control."""
    rest = list(args)
    if rest and isinstance(rest[-1], StatisticsControl):
        sctrl = rest.pop()
    if flags is None:
        if not rest or not isinstance(rest[-1], int | np.integer):
            raise TypeError("makeStatistics needs flags, an int combining Property members")
        flags = int(rest.pop())
    if sctrl is None and rest and isinstance(rest[0], int | np.integer):
        require("sctrl of makeStatistics", rest[0], StatisticsControl)
    if len(rest) > 1:
        raise TypeError(
            f"makeStatistics takes at most a mask or weights before the flags, got {len(rest)} arguments"
        )
    require("sctrl of makeStatistics", sctrl, StatisticsControl, optional=True)
    return (rest[0] if rest else None), int(flags), sctrl if sctrl is not None else StatisticsControl()


def _array(plane: AnyImage | MaskX | npt.ArrayLike | None) -> np.ndarray | None:
    """Return the array of an image-like object or sequence."""
    if plane is None:
        return None
    return plane.array if (is_image(plane) or is_mask(plane)) else np.asarray(plane)


def _mask_statistics(mask: MaskX, flags: int) -> Statistics:
    """Return the number of pixels and the OR of a mask."""
    if flags & ~(Property.NPOINT | Property.SUM):
        raise InvalidParameterError(f"Statistics of a Mask are only NPOINT and SUM, got {Property(flags)!r}")
    if mask.array.size == 0:
        raise InvalidParameterError("Image contains no pixels")
    union = int(np.bitwise_or.reduce(mask.array, axis=None))
    nan = math.nan
    measured = Measured(
        mask.array.size, union, nan, nan, nan, nan, nan, nan, union, nan, nan, nan, nan, nan, 0, 0
    )
    return Statistics(measured, flags)
