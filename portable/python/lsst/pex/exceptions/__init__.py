# SPDX-License-Identifier: GPL-3.0-or-later
"""Exception classes of the LSST stack.

Several also derive from a Python builtin: `RuntimeError`, `TypeError`, `OverflowError`, `IoError`
(`OSError`), `NotFoundError` (`LookupError`) and `UnderflowError` (`ArithmeticError`) are caught by the
builtin of that name. `InvalidParameterError`, `LengthError`, `OutOfRangeError` and `DomainError` derive from
`LogicError` alone, as in the compiled stack.
"""

from lsst.portable import require_alone

require_alone(__name__)

from ._exceptions import (  # noqa: E402
    DomainError,
    Exception,
    InvalidParameterError,
    IoError,
    LengthError,
    LogicError,
    NotFoundError,
    OutOfRangeError,
    OverflowError,
    RangeError,
    RuntimeError,
    TypeError,
    UnderflowError,
)

__all__ = (
    "DomainError",
    "Exception",
    "InvalidParameterError",
    "IoError",
    "LengthError",
    "LogicError",
    "NotFoundError",
    "OutOfRangeError",
    "OverflowError",
    "RangeError",
    "RuntimeError",
    "TypeError",
    "UnderflowError",
)


def __getattr__(name: str) -> object:
    raise AttributeError(f"lsst.pex.exceptions.{name} is not part of the portable stack.")
