# SPDX-License-Identifier: GPL-3.0-or-later
"""Makers of transforms."""

from collections.abc import Sequence

import numpy as np

from lsst.geom import AffineTransform, Extent2D, LinearTransform, Point2D
from lsst.pex.exceptions import InvalidParameterError

from . import _ast
from ._transform import TransformPoint2ToPoint2

__all__ = ("linearizeTransform", "makeIdentityTransform", "makeRadialTransform", "makeTransform")


def makeTransform(affine: AffineTransform) -> TransformPoint2ToPoint2:
    """Transform from an affine one.

    Parameters
    ----------
    affine : `lsst.geom.AffineTransform`
        Linear part and offset.

    Returns
    -------
    transform : `TransformPoint2ToPoint2`
        The same transform.

    Raises
    ------
    TypeError
        Raised if ``affine`` is no affine transform.
    """
    if not isinstance(affine, AffineTransform):
        raise TypeError(f"makeTransform takes a lsst.geom.AffineTransform, not {type(affine).__name__}")
    matrix = np.asarray(affine.getLinear().getMatrix(), dtype=np.float64)
    offset = affine.getTranslation()
    mapping = _ast.linear_mapping(matrix, np.array([offset[0], offset[1]]))
    return TransformPoint2ToPoint2(mapping, simplify=False)


def makeIdentityTransform() -> TransformPoint2ToPoint2:
    """Transform that leaves every point where it is."""
    return TransformPoint2ToPoint2(_ast.unit_mapping(2))


def makeRadialTransform(
    forwardCoeffs: Sequence[float], inverseCoeffs: Sequence[float] | None = None
) -> TransformPoint2ToPoint2:
    """Transform that changes the distance from the origin by a polynomial.

    Parameters
    ----------
    forwardCoeffs : sequence of `float`
        Coefficients of powers 0, 1, 2, ... of the distance. The first must be 0, the second must not. None at
        all give the identity.
    inverseCoeffs : sequence of `float`, optional
        The same for the inverse, where a polynomial for it is known; otherwise it is found by iteration.

    Returns
    -------
    transform : `TransformPoint2ToPoint2`
        The radial transform.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if coefficients have another form, or one of the two sets is empty and the other is not.
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
    """Affine transform that touches another transform at a point.

    Parameters
    ----------
    transform : `TransformPoint2ToPoint2`
        What to approximate.
    point : `lsst.geom.Point2D`
        Where value and first derivatives shall agree.

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
            f"{which} radial coefficients begin with 0 and then a number other than 0 (powers 0 and 1 of the "
            f"distance); got {values}"
        )
    return values
