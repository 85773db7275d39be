# SPDX-License-Identifier: GPL-3.0-or-later
"""How many inputs of a quantum may be missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import lsst.pex.config as pexConfig

from .errors import TooFewInputsError

__all__ = ("minInputsField", "requireEnough")


def minInputsField(what: str) -> Any:
    """Make the configuration field that says how many inputs there have to be."""
    return pexConfig.RangeField(
        dtype=int,
        default=1,
        min=1,
        doc=f"Fewest {what} to go on with where others are missing, for instance because an earlier task "
        "failed for them.",
    )


def requireEnough(count: int, least: int, what: str, names: Mapping[str, Any]) -> None:
    """Make sure that there are enough inputs, or raise `TooFewInputsError`."""
    if count < least:
        raise TooFewInputsError(
            f"There are {count} {what}, where at least {least} are asked for (minInputs). See why earlier "
            "tasks failed for the others, or lower minInputs.",
            **names,
            inputs=count,
            minInputs=least,
        )
