# SPDX-License-Identifier: GPL-3.0-or-later
"""Property containers and instants of time.

`PropertySet` is hierarchical; `PropertyList` is flat, ordered and carries comments, as a FITS header needs.
Importing this package teaches PyYAML to read and write both, and `DateTime`; a program that gets a
`PropertyList` from a butler must import it first, here as on the compiled stack.
"""

from lsst.portable import require_alone

require_alone(__name__)

from . import _yaml  # noqa: E402
from ._date_time import DateTime  # noqa: E402
from ._property_list import PropertyList  # noqa: E402
from ._property_set import PropertySet  # noqa: E402
from ._state import (  # noqa: E402
    getPropertyListState,
    getPropertySetState,
    setPropertyListState,
    setPropertySetState,
)

__all__ = (
    "DateTime",
    "PropertyList",
    "PropertySet",
    "getPropertyListState",
    "getPropertySetState",
    "setPropertyListState",
    "setPropertySetState",
)

for _cls in (PropertyList, PropertySet):
    _cls.__module__ = "lsst.daf.base"

_yaml.register()


def __getattr__(name: str) -> object:
    raise AttributeError(f"lsst.daf.base.{name} is not part of the portable stack.")
