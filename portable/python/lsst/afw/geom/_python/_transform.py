# SPDX-License-Identifier: GPL-3.0-or-later
"""How a pickled transform comes back; pickles name this module and function."""

from typing import Any

__all__ = ("unpickleTransform",)


def unpickleTransform(cls: type, string: str) -> Any:
    """Transform from its class and its text form.

    Parameters
    ----------
    cls : `type`
        Class of the transform.
    string : `str`
        What its ``writeString`` gave.
    """
    return cls.readString(string)  # type: ignore[attr-defined]
