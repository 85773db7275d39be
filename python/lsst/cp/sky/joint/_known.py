# SPDX-License-Identifier: GPL-3.0-or-later
"""An exposure of which sky and pattern are known."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from astropy.table import Table

import lsst.pipe.base as pipeBase

from .._naming import phrase
from ..errors import MismatchedInputsError
from ._exposure import Residual, subtract_model
from ._noise import NoiseModel
from ._pixels import names_of, place_of, read_pixels, require_good
from ._plane import Site
from ._tables import Pattern, Preliminaries, SkyTable
from .geometry import Geometry

if TYPE_CHECKING:
    from .._protocols import Handle, Names

__all__ = ("KnownExposure",)


@dataclasses.dataclass(frozen=True)
class KnownExposure:
    """Pixels of one detector of one exposure, and the model of them."""

    names: Names
    image: np.ndarray
    """``(rows, columns)``."""
    good: np.ndarray
    """Pixels without defects, ``(rows, columns)``, bool."""
    noise: NoiseModel
    geometry: Geometry
    site: Site
    pattern: np.ndarray
    """Pattern in bins without noise and gaps, ``(ny, nx)``."""
    coefficients: np.ndarray
    """Coefficients of the sky, (terms,)."""

    @classmethod
    def load(cls, handle: Handle, noise: Mapping[str, Any], skies: Table, pattern: Table) -> KnownExposure:
        """Load image and mask, and combine them with tables.

        Raises
        ------
        lsst.pipe.base.NoWorkFound
            Raised if there is no sky for the exposure.
        lsst.cp.sky.MismatchedInputsError
            Raised if the exposure is not of the size that bins were made from.
        lsst.cp.sky.NoGoodPixelsError
            Raised if the exposure has no good pixel.
        """
        names = names_of(handle)
        exposure, _ = place_of(handle)
        sky, early = SkyTable.from_table(skies), Preliminaries.from_dict(noise, names)
        coefficients = sky.coefficients_of(exposure)
        if coefficients is None:
            raise pipeBase.NoWorkFound(
                f"There is no sky for {phrase(names)}: the exposure was left out before."
            )
        if not np.isfinite(coefficients).all():
            raise MismatchedInputsError(
                f"The sky of {phrase(names)} is not finite; see cpSkyJointExposures, or leave it out.",
                **names,
            )
        image, good = read_pixels(handle, early.planes, early.geometry)
        require_good(good, names, early.planes)
        site = early.geometry.site(sky.plane, early.sizes)
        return cls(
            names=names,
            image=image,
            good=good,
            noise=early.noise,
            geometry=early.geometry,
            site=site,
            pattern=Pattern.from_table(pattern, site.grid.shape, names).model,
            coefficients=coefficients,
        )

    def residual(self) -> Residual:
        """Return the exposure minus its model (units of the noise of a pixel of sky)."""
        return subtract_model(self.image, self.good, self.noise, self.site, self.pattern, self.coefficients)
