# SPDX-License-Identifier: GPL-3.0-or-later
"""Factories of transforms."""

from collections.abc import Sequence

import numpy as np

from lsst.geom import AffineTransform, Extent2D, LinearTransform, Point2D
from lsst.pex.exceptions import InvalidParameterError

from . import _ast
from ._transform import TransformPoint2ToPoint2

__all__ = ("linearizeTransform", "makeIdentityTransform", "makeRadialTransform", "makeTransform")


def makeTransform(affine: AffineTransform) -> TransformPoint2ToPoint2:
    """Make a transform from an affine transform.

    Parameters
    ----------
    affine : `lsst.geom.AffineTransform`
        Linear part and offset.

    Returns
    -------
    transform : `TransformPoint2ToPoint2`
        The equivalent transform.

    Raises
    ------
    TypeError
        Raised if ``affine`` is not an affine transform.
    """
    if not isinstance(affine, AffineTransform):
        raise TypeError(f"makeTransform takes a lsst.geom.AffineTransform, not {type(affine).__name__}")
    matrix = np.asarray(affine.getLinear().getMatrix(), dtype=np.float64)
    offset = affine.getTranslation()
    mapping = _ast.linear_mapping(matrix, np.array([offset[0], offset[1]]))
    return TransformPoint2ToPoint2(mapping, simplify=False)


def makeIdentityTransform() -> TransformPoint2ToPoint2:
    """Make the identity transform."""
    return TransformPoint2ToPoint2(_ast.unit_mapping(2))


def makeRadialTransform(
    forwardCoeffs: Sequence[float], inverseCoeffs: Sequence[float] | None = None
) -> TransformPoint2ToPoint2:
    """Make a transform that applies a polynomial to the distance from the origin.

    Parameters
    ----------
    forwardCoeffs : sequence of `float`
        Coefficients of powers 0, 1, 2, ... of the distance. The first must be 0, the second must not. An
        empty sequence gives the identity.
    inverseCoeffs : sequence of `float`, optional
        Coefficients of the inverse, if known as a polynomial; otherwise it is found by iteration.

    Returns
    -------
    transform : `TransformPoint2ToPoint2`
        The radial transform.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if coefficients do not have this form, or if only one of the two sets is empty.
    """
    forward = _radial_coefficients(forwardCoeffs, "forward")
    if inverseCoeffs is None:
        if not forward:
            return makeIdentityTransform()
        return TransformPoint2ToPoint2(_ast.radial_mapping(_ast.polynomial_1d(forward)))
    inverse = _radial_coefficients(inverseCoeffs, "inverse")
    if bool(forward) != bool(inverse):
        raise InvalidParameterError(
            f"forward and inverse coefficients must be both given or both empty; got {forward} and {inverse}"
        )
    if not forward:
        return makeIdentityTransform()
    return TransformPoint2ToPoint2(_ast.radial_mapping(_ast.polynomial_pair_1d(forward, inverse)))


def linearizeTransform(transform: TransformPoint2ToPoint2, point: Point2D) -> AffineTransform:
    """Return the affine transform that approximates another transform at a point.

    Parameters
    ----------
    transform : `TransformPoint2ToPoint2`
        Transform to approximate.
    point : `lsst.geom.Point2D`
        Where values and first derivatives agree.

    Returns
    -------
    affine : `lsst.geom.AffineTransform`
        The approximation.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if the transform has no finite value or derivative at the point.
    """
    value = transform.applyForward(point)
    if not np.isfinite((value[0], value[1])).all():
        raise InvalidParameterError(f"the transform is not defined at {point}: it gives {value}")
    jacobian = transform.getJacobian(point)
    if not np.isfinite(jacobian).all():
        raise InvalidParameterError(
            f"the transform is not smooth at {point}: derivatives {jacobian.tolist()}"
        )
    offset = np.array([value[0], value[1]]) - jacobian @ np.array([point[0], point[1]])
    return AffineTransform(LinearTransform(jacobian), Extent2D(float(offset[0]), float(offset[1])))


def _radial_coefficients(coefficients: Sequence[float], which: str) -> list[float]:
    """Check the coefficients of a radial polynomial."""
    values = [float(value) for value in coefficients]
    if values and (len(values) == 1 or values[0] != 0.0 or values[1] == 0.0):
        raise InvalidParameterError(
            f"{which} radial coefficients must begin with 0 and a nonzero number (powers 0 and 1 of the "
            f"distance); got {values}"
        )
    return values
