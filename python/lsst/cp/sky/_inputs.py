# SPDX-License-Identifier: GPL-3.0-or-later
"""The minimum number of inputs of a quantum."""

from __future__ import annotations

from typing import TYPE_CHECKING

import lsst.pex.config as pexConfig

from .errors import TooFewInputsError

if TYPE_CHECKING:
    from ._protocols import Names

__all__ = ("minInputsField", "requireEnough")


def minInputsField(what: str) -> pexConfig.RangeField:
    """Make the configuration field for the minimum number of inputs."""
    return pexConfig.RangeField(
        dtype=int,
        default=1,
        min=1,
        doc=f"Minimum number of {what} to proceed with if others are missing, for instance because an "
        "earlier task failed for them.",
    )


def requireEnough(count: int, least: int, what: str, names: Names) -> None:
    """Raise `TooFewInputsError` unless there are enough inputs."""
    if count < least:
        raise TooFewInputsError(
            f"There are {count} {what}, where at least {least} are required (minInputs). Find out why "
            "earlier tasks failed for the others, or lower minInputs.",
            **names,
            inputs=count,
            minInputs=least,
        )
