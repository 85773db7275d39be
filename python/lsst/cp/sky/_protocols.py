# SPDX-License-Identifier: GPL-3.0-or-later
"""Types that several modules share in their annotations; nothing imports this at run time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from lsst.daf.butler import DeferredDatasetHandle
from lsst.pipe.base import InMemoryDatasetHandle

__all__ = ("Detail", "Handle", "Names")

#: What loads a dataset when it is asked to: the butler's handle, or one that holds the dataset already.
Handle: TypeAlias = DeferredDatasetHandle | InMemoryDatasetHandle

#: Names by which a person identifies an exposure or a detector, and data IDs: numbers and texts by key.
Names: TypeAlias = Mapping[str, int | str]

#: Value of a detail of an error, which has to survive being written as JSON.
Detail: TypeAlias = str | float | Mapping[str, "Detail"]
