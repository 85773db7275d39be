# SPDX-License-Identifier: GPL-3.0-or-later
"""Configurations that describe transforms, as used in camera descriptions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lsst.geom import AffineTransform, Extent2D, LinearTransform
from lsst.pex.config import (
    Config,
    ConfigDictField,
    ConfigurableField,
    ListField,
    makeRegistry,
)

from ._transform import TransformPoint2ToPoint2
from ._transform_factory import makeIdentityTransform, makeRadialTransform, makeTransform

__all__ = (
    "AffineTransformConfig",
    "IdentityTransformConfig",
    "MultiTransformConfig",
    "OneTransformConfig",
    "RadialTransformConfig",
    "TransformConfig",
    "transformRegistry",
)

transformRegistry = makeRegistry(
    "Factories of transforms: callables that take a configuration, whose class is their ConfigClass."
)


class IdentityTransformConfig(Config):
    """Configuration of the identity transform: nothing to set."""

    __module__ = "lsst.afw.geom"


def _make_identity(config: IdentityTransformConfig) -> TransformPoint2ToPoint2:
    return makeIdentityTransform()


_make_identity.ConfigClass = IdentityTransformConfig  # type: ignore[attr-defined]


class OneTransformConfig(Config):
    """Configuration that holds one transform of any kind."""

    __module__ = "lsst.afw.geom"

    transform: ConfigurableField = ConfigurableField(
        target=_make_identity, doc="Factory of the transform, with its configuration."
    )


def _make_inverted(config: OneTransformConfig) -> TransformPoint2ToPoint2:
    return config.transform.apply().inverted()


_make_inverted.ConfigClass = OneTransformConfig  # type: ignore[attr-defined]


class AffineTransformConfig(Config):
    """Configuration of an affine transform."""

    __module__ = "lsst.afw.geom"

    linear = ListField[float](
        default=(1.0, 0.0, 0.0, 1.0), length=4, doc="Matrix of the linear part, row by row."
    )
    translation = ListField[float](
        default=(0.0, 0.0), length=2, doc="Translation applied after the linear part, x and y."
    )


def _make_affine(config: AffineTransformConfig) -> TransformPoint2ToPoint2:
    linear = LinearTransform(np.reshape(list(config.linear), (2, 2)))
    return makeTransform(AffineTransform(linear, Extent2D(*config.translation)))


_make_affine.ConfigClass = AffineTransformConfig  # type: ignore[attr-defined]


class RadialTransformConfig(Config):
    """Configuration of a radial transform, which changes the distance from the origin."""

    __module__ = "lsst.afw.geom"

    coeffs = ListField[float](
        minLength=1,
        optional=False,
        doc="Coefficients of powers 0, 1, 2, ... of the distance; the first must be 0, the second must not.",
    )

    def validate(self) -> None:
        """Validate the coefficients.

        Raises
        ------
        RuntimeError
            Raised if the coefficients do not begin with 0 and a nonzero number, or are not finite.
        lsst.pex.config.FieldValidationError
            Raised if there are no coefficients.
        """
        super().validate()
        coefficients = list(self.coeffs)
        if (
            len(coefficients) < 2
            or coefficients[0] != 0
            or coefficients[1] == 0
            or not all(map(math.isfinite, coefficients))
        ):
            raise RuntimeError(
                "The coefficients of a radial transform must begin with 0 and a nonzero number (powers "
                f"0 and 1 of the distance); got coeffs={coefficients}"
            )


def _make_radial(config: RadialTransformConfig) -> TransformPoint2ToPoint2:
    return makeRadialTransform(list(config.coeffs))


_make_radial.ConfigClass = RadialTransformConfig  # type: ignore[attr-defined]


class MultiTransformConfig(Config):
    """Configuration of several transforms applied in sequence."""

    __module__ = "lsst.afw.geom"

    transformDict = ConfigDictField(
        keytype=int,
        itemtype=OneTransformConfig,
        doc="Transforms keyed by number; the lowest number is applied first.",
    )


def _make_multi(config: MultiTransformConfig) -> TransformPoint2ToPoint2:
    result = None
    for number in sorted(config.transformDict):
        step: Any = config.transformDict[number].transform.apply()
        result = step if result is None else result.then(step)
    if result is None:
        raise RuntimeError("transformDict is empty: a multiple transform needs at least one transform")
    return result


_make_multi.ConfigClass = MultiTransformConfig  # type: ignore[attr-defined]

for _name, _maker in (
    ("identity", _make_identity),
    ("inverted", _make_inverted),
    ("affine", _make_affine),
    ("radial", _make_radial),
    ("multi", _make_multi),
):
    transformRegistry.register(_name, _maker)


class TransformConfig(Config):
    """Configuration of a transform chosen by name from `transformRegistry`."""

    __module__ = "lsst.afw.geom"

    transform = transformRegistry.makeField(doc="Name of the transform's factory, with its configuration.")
