# SPDX-License-Identifier: GPL-3.0-or-later
"""Mask plane dictionaries: the names of the bits of mask pixels.

New masks share the default dictionary; a mask created with its own planes has another. A plane added to the
default is added to every dictionary in use in which neither its name nor its bit is taken, so that masks stay
comparable. Planes are removed only from the default: masks in use keep theirs.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Mapping
from typing import TYPE_CHECKING

from lsst.pex.exceptions import InvalidParameterError
from lsst.pex.exceptions import RuntimeError as PexRuntimeError

if TYPE_CHECKING:
    from lsst.daf.base import PropertySet

__all__ = (
    "MAX_PLANES",
    "MaskDict",
    "add_plane",
    "default_planes",
    "detach_default",
    "parse_planes",
    "plane_cards",
    "plane_names",
    "set_default_planes",
)

#: Number of planes: the bits of a 32-bit integer.
MAX_PLANES = 32

#: Prefix of the header cards that define mask planes.
_PREFIX = "MP_"

#: Planes with which a process starts.
INITIAL_PLANES = (
    "BAD",
    "SAT",
    "INTRP",
    "CR",
    "EDGE",
    "DETECTED",
    "DETECTED_NEGATIVE",
    "SUSPECT",
    "NO_DATA",
    "VIGNETTED",
    "STREAK",
)

_lock = threading.RLock()
_in_use: weakref.WeakSet[MaskDict] = weakref.WeakSet()


def check_name(name: object) -> None:
    """Raise `TypeError` if the name of a mask plane is not a string."""
    if not isinstance(name, str):
        raise TypeError(f"the name of a mask plane is a string, got {name!r}")


class MaskDict:
    """Bits of mask planes by name, shared between masks.

    Parameters
    ----------
    planes : `collections.abc.Mapping` [`str`, `int`]
        Bit of each plane by name.
    """

    def __init__(self, planes: Mapping[str, int]) -> None:
        if not isinstance(planes, Mapping):
            raise TypeError(f"mask planes are a mapping of names to bits, got {type(planes).__name__}")
        for name in planes:
            check_name(name)
        self.planes = {name: int(bit) for name, bit in planes.items()}
        with _lock:
            _in_use.add(self)

    def same_planes(self, other: MaskDict) -> bool:
        """Return whether the other dictionary has the same names for the same bits."""
        return self is other or self.planes == other.planes

    def copy(self) -> MaskDict:
        """Return an independent dictionary with the same planes."""
        return MaskDict(self.planes)

    def sorted_planes(self) -> dict[str, int]:
        """Return the bits by name, in alphabetical order."""
        return dict(sorted(self.planes.items()))

    def bit(self, name: str) -> int:
        """Return the bit of a plane.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if there is no plane of that name.
        """
        check_name(name)
        try:
            return self.planes[name]
        except KeyError:
            known = ", ".join(sorted(self.planes)) or "none"
            raise InvalidParameterError(
                f"there is no mask plane {name!r}; planes are {known} (addMaskPlane makes new ones)"
            ) from None

    def first_free_bit(self) -> int:
        """Return the lowest bit without a name."""
        used = set(self.planes.values())
        return next(bit for bit in range(MAX_PLANES + 1) if bit not in used)


_default = MaskDict({name: bit for bit, name in enumerate(INITIAL_PLANES)})


def default_planes() -> MaskDict:
    """Return the dictionary that new masks share."""
    return _default


def set_default_planes(planes: MaskDict) -> None:
    """Set the dictionary that new masks share.

    Parameters
    ----------
    planes : `MaskDict`
        The dictionary.
    """
    global _default
    _default = planes


def detach_default() -> MaskDict:
    """Give new masks a copy of the default dictionary, so that changes do not affect masks in use."""
    with _lock:
        set_default_planes(_default.copy())
    return _default


def add_plane(name: str) -> int:
    """Add a plane to the default dictionary, and to those in use in which its name and bit are free.

    Parameters
    ----------
    name : `str`
        Name of the plane; an existing one keeps its bit.

    Returns
    -------
    bit : `int`
        Bit of the plane in the default dictionary.

    Raises
    ------
    lsst.pex.exceptions.RuntimeError
        Raised if all bits are taken.
    """
    check_name(name)
    with _lock:
        bit = _default.planes.get(name, _default.first_free_bit())
        if bit >= MAX_PLANES:
            raise PexRuntimeError(f"all {MAX_PLANES} mask planes are in use, there is none left for {name!r}")
        for planes in list(_in_use):
            if name not in planes.planes and bit not in planes.planes.values():
                planes.planes[name] = bit
        return bit


def plane_cards(planes: Mapping[str, int]) -> dict[str, int]:
    """Return the header cards that store mask planes in files: ``MP_<name>`` with the bit.

    Parameters
    ----------
    planes : `collections.abc.Mapping` [`str`, `int`]
        Bit of each plane by name.
    """
    return {_PREFIX + name: bit for name, bit in sorted(planes.items())}


def plane_names(metadata: PropertySet) -> list[str]:
    """Return the names of the header cards that define mask planes."""
    names = metadata.names() if hasattr(metadata, "names") else list(metadata)
    return [name for name in names if name.startswith(_PREFIX)]


def parse_planes(metadata: PropertySet) -> dict[str, int]:
    """Return the planes defined by header cards ``MP_<name>``, as bits by name.

    Parameters
    ----------
    metadata : `lsst.daf.base.PropertySet`
        A header.

    Raises
    ------
    lsst.pex.exceptions.RuntimeError
        Raised if two planes have the same bit.
    """
    planes: dict[str, int] = {}
    for card in plane_names(metadata):
        name, bit = card[len(_PREFIX) :], int(metadata.getScalar(card))
        taken = next((other for other in planes if planes[other] == bit), None)
        if taken is not None:
            raise PexRuntimeError(f"mask planes {taken} and {name} of a header have the same bit, {bit}")
        planes[name] = bit
    return planes
