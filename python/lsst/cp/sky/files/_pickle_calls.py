# SPDX-License-Identifier: GPL-3.0-or-later
"""What a pickle wants made, taken apart without making any of it.

A pickle is a program for a machine with a stack. The one here knows the few instructions that the pickle of a
focal-plane model has, and what it puts together are texts, numbers, tuples, and notes of calls. Nothing of it
is ever hashed, compared as a whole or printed: that takes for ever where a few bytes nest tuples cleverly.
"""

from __future__ import annotations

import pickle
import pickletools
from collections.abc import Collection
from typing import Any, NamedTuple

__all__ = ("Call", "Name", "UnsafePickleError", "describe", "read_calls")

_MOST_INSTRUCTIONS = 1000
"""The pickle of a model has a hundred, however large the model is."""
_LONGEST_SHOWN = 100
"""Characters of a name that a message shows."""
_VALUES = frozenset(
    ("BINBYTES", "BINBYTES8", "BININT", "BININT1", "BININT2", "BINUNICODE", "BINUNICODE8")
    + ("SHORT_BINBYTES", "SHORT_BINUNICODE")
)
"""Instructions that put their argument on the stack."""
_TUPLES = {"EMPTY_TUPLE": 0, "TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
"""Instructions that make a tuple of as many things."""


class UnsafePickleError(pickle.UnpicklingError):
    """A pickle that asks for something that has no place in a focal-plane model, or is none."""


class Name(NamedTuple):
    """A class or function that a pickle names."""

    name: str


class Call(NamedTuple):
    """An object that a pickle wants made."""

    name: str
    args: tuple[object, ...]


def read_calls(content: bytes, admitted: Collection[str]) -> object:
    """Take a pickle apart.

    Parameters
    ----------
    content : `bytes`
        The pickle.
    admitted : `~collections.abc.Collection` [`str`]
        Full names of the classes and functions that it may name.

    Returns
    -------
    found : `Call`, `Name`, `tuple`, `str`, `bytes` or `int`
        What it describes. Time and memory do not exceed what the bytes of the pickle call for.

    Raises
    ------
    UnsafePickleError
        Raised if it names anything else, or has an instruction, or more of them, than a model needs.
    Exception
        Raised, of whichever class, if it is damaged.
    """
    machine = _Machine(admitted)
    for number, (opcode, argument, _) in enumerate(pickletools.genops(content)):
        if number == _MOST_INSTRUCTIONS:
            msg = f"it has more than {_MOST_INSTRUCTIONS} instructions; a focal-plane model needs a hundred"
            raise UnsafePickleError(msg)
        machine.do(opcode.name, argument)
    return machine.pop()


def describe(found: object) -> str:
    """Say what was found, in few words whatever it is."""
    match found:
        case Call(name=name) | Name(name=name):
            return name
        case int():
            return str(found)
        case str() | bytes():
            return repr(found[:_LONGEST_SHOWN])
        case _:
            return f"a {type(found).__name__}"


class _Machine:
    """The stack, the marks on it and the memory."""

    def __init__(self, admitted: Collection[str]) -> None:
        self._admitted = admitted
        self._stack: list[object] = []
        self._marks: list[int] = []
        self._memory: dict[int, object] = {}

    def pop(self) -> object:
        """Take the topmost thing off the stack."""
        return self._stack.pop()

    def do(self, instruction: str, argument: Any) -> None:
        """Follow one instruction, or refuse it."""
        if instruction in _VALUES:
            self._stack.append(argument)
        elif instruction in _TUPLES:
            self._make_tuple(len(self._stack) - _TUPLES[instruction])
        elif instruction == "MARK":
            self._marks.append(len(self._stack))
        elif instruction == "TUPLE":
            self._make_tuple(self._marks.pop())
        elif instruction == "MEMOIZE":
            self._memory[len(self._memory)] = self._stack[-1]
        elif instruction in ("BINPUT", "LONG_BINPUT"):
            self._memory[argument] = self._stack[-1]
        elif instruction in ("BINGET", "LONG_BINGET"):
            self._stack.append(self._memory[argument])
        elif instruction == "GLOBAL":
            self._stack.append(self._admit(*argument.split(" ", 1)))
        elif instruction == "STACK_GLOBAL":
            name, module = self._stack.pop(), self._stack.pop()
            self._stack.append(self._admit(module, name))
        elif instruction == "REDUCE":
            self._note_call()
        elif instruction not in ("PROTO", "FRAME", "STOP"):
            msg = (
                f"refused the instruction {instruction}: it has no place in the pickle of a focal-plane model"
            )
            raise UnsafePickleError(msg)

    def _make_tuple(self, start: int) -> None:
        if start < 0:
            raise IndexError("the stack is empty")
        self._stack[start:] = [tuple(self._stack[start:])]

    def _admit(self, module: object, name: object) -> Name:
        """Admit a class or function, or refuse it by name."""
        for part in (module, name):
            if not isinstance(part, str):
                raise UnsafePickleError(f"has {describe(part)} in the place of a name")
        if f"{module}.{name}" not in self._admitted:
            shown = f"{module}.{name}"[:_LONGEST_SHOWN]
            raise UnsafePickleError(f"refused {shown}: it has no place in the pickle of a focal-plane model")
        return Name(f"{module}.{name}")

    def _note_call(self) -> None:
        args, function = self._stack.pop(), self._stack.pop()
        if not isinstance(function, Name) or type(args) is not tuple:
            raise UnsafePickleError(f"wants {describe(function)} called with {describe(args)}")
        self._stack.append(Call(function.name, args))
