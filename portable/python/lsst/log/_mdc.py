# SPDX-License-Identifier: GPL-3.0-or-later
"""The mapped diagnostic context: per-thread labels carried by messages."""

import threading
from collections.abc import Callable

__all__ = ("MDC", "MDCDict", "MDCRegisterInit", "MDCRemove", "current_labels")


class _Labels(threading.local):
    """The labels of a thread, and the number of initializers it has run."""

    def __init__(self) -> None:
        self.labels: dict[str, str] = {}
        self.initialized = 0


_state = _Labels()
_initializers: list[Callable[[], object]] = []


class MDCDict(dict[str, str]):
    """Labels that print as ``{KEY=value}``; a missing label is an empty string."""

    def __getitem__(self, name: str) -> str:
        return self.get(name, "")

    def __str__(self) -> str:
        return "{{{}}}".format(", ".join(f"{key}={self[key]}" for key in sorted(self)))

    __repr__ = __str__


def MDC(key: str, value: object) -> str:
    """Set a label of this thread.

    Parameters
    ----------
    key : `str`
        Name of the label.
    value : `object`
        Its value, stored as a string.

    Returns
    -------
    previous : `str`
        Its previous value, or an empty string.
    """
    previous = _state.labels.get(key, "")
    _state.labels[key] = str(value)
    return previous


def MDCRemove(key: str) -> None:
    """Remove a label of this thread if it exists."""
    _state.labels.pop(key, None)


def MDCRegisterInit(func: Callable[[], object]) -> None:
    """Register a function that each thread calls before its next message, to set labels."""
    _initializers.append(func)


def current_labels() -> dict[str, str]:
    """Return the labels of this thread, after running the initializers it has not run yet."""
    while _state.initialized < len(_initializers):
        _state.initialized += 1
        _initializers[_state.initialized - 1]()
    return _state.labels
