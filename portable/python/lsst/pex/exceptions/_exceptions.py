# SPDX-License-Identifier: GPL-3.0-or-later
"""The exception classes of the stack and their kinship to Python's own."""

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
    """Base of all exceptions the stack raises.

    Parameters
    ----------
    message : `str`
        What went wrong, in a sentence.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)

    def what(self) -> str:
        """Return the message, without the name of the class.

        Returns
        -------
        message : `str`
            The sentence given when the exception was made.
        """
        return str(self.args[0])

    def __str__(self) -> str:
        return self.what()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.what()!r})"


class LogicError(Exception):
    """A mistake that could have been seen before running."""


class DomainError(LogicError):
    """An argument lies outside the domain of a function."""


class InvalidParameterError(LogicError):
    """An argument has a value that cannot be used."""


class LengthError(LogicError):
    """A size does not fit the size that is needed."""


class OutOfRangeError(LogicError):
    """An index or position lies outside its range."""


class RuntimeError(Exception, builtins.RuntimeError):
    """A failure that shows only while running."""


class RangeError(RuntimeError):
    """A computed value lies outside its range."""


class OverflowError(RuntimeError, builtins.OverflowError):
    """A value is too large for the type that holds it."""


class UnderflowError(RuntimeError, builtins.ArithmeticError):
    """A value is too small for the type that holds it."""


class NotFoundError(Exception, builtins.LookupError):
    """Something was asked for by a name or key that is not there."""


class IoError(RuntimeError, builtins.OSError):
    """Reading or writing failed."""


class TypeError(LogicError, builtins.TypeError):
    """A value has a type that cannot be used."""


for _name in __all__:
    globals()[_name].__module__ = "lsst.pex.exceptions"
