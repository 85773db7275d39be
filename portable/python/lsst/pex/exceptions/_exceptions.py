# SPDX-License-Identifier: GPL-3.0-or-later
"""The exception classes of the stack and how they relate to Python's own."""

import builtins

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


class Exception(builtins.Exception):
    """Base of all exceptions raised by the stack.

    Parameters
    ----------
    message : `str`
        What went wrong, as a sentence.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)

    def what(self) -> str:
        """Return the message, without the name of the class.

        Returns
        -------
        message : `str`
            The message given when the exception was created.
        """
        return str(self.args[0])

    def __str__(self) -> str:
        return self.what()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.what()!r})"


class LogicError(Exception):
    """An error that could have been detected before running."""


class DomainError(LogicError):
    """An argument lies outside the domain of a function."""


class InvalidParameterError(LogicError):
    """An argument has an invalid value."""


class LengthError(LogicError):
    """A size does not match the required size."""


class OutOfRangeError(LogicError):
    """An index or position lies outside its range."""


class RuntimeError(Exception, builtins.RuntimeError):
    """An error that shows only at run time."""


class RangeError(RuntimeError):
    """A computed value lies outside its range."""


class OverflowError(RuntimeError, builtins.OverflowError):
    """A value is too large for the type that holds it."""


class UnderflowError(RuntimeError, builtins.ArithmeticError):
    """A value is too small for the type that holds it."""


class NotFoundError(Exception, builtins.LookupError):
    """A name or key does not exist."""


class IoError(RuntimeError, builtins.OSError):
    """Reading or writing failed."""


class TypeError(LogicError, builtins.TypeError):
    """A value has an invalid type."""


for _name in __all__:
    globals()[_name].__module__ = "lsst.pex.exceptions"
