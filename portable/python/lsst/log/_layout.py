# SPDX-License-Identifier: GPL-3.0-or-later
"""Format of messages that do not go to Python's `logging`."""

import logging
import re
import sys
from typing import TextIO

__all__ = ("Console", "layout")

_FIELDS = {
    "p": "levelname",
    "c": "name",
    "m": "message",
    "F": "filename",
    "L": "lineno",
    "M": "funcName",
    "d": "asctime",
    "t": "threadName",
    "X": "labels.all",
}
#: Conversions that need no field of their own; classes are not known, and lines end by themselves.
_FIXED = {"%": "%%", "n": "", "C": "", "l": "%(filename)s(%(lineno)s)"}
_CONVERSION = re.compile(r"%(-?\d*)([a-zA-Z%])(?:\{([^}]*)\})?")


def layout(pattern: str) -> logging.Formatter:
    """Make a formatter from a conversion pattern.

    Parameters
    ----------
    pattern : `str`
        Such as ``%-5p %c (%F:%L) %m %X{LABEL}%n``.

    Returns
    -------
    formatter : `logging.Formatter`
        The formatter.

    Raises
    ------
    NotImplementedError
        Raised if the pattern has a conversion that is not offered.
    """

    def convert(match: re.Match) -> str:
        width, conversion, argument = match.groups()
        if conversion in _FIXED:
            return _FIXED[conversion]
        if conversion == "X" and argument:
            return f"%(label.{argument}){width}s"
        if conversion not in _FIELDS:
            raise NotImplementedError(
                f"The portable stack has no %{conversion} in log patterns, only %{', %'.join(_FIELDS)}."
            )
        return f"%({_FIELDS[conversion]}){width}s"

    return _Layout(_CONVERSION.sub(convert, pattern), validate=False)


class _Layout(logging.Formatter):
    """A formatter that can also print single labels, or nothing for labels that are not set."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        return str(self._fmt) % _Values(record.__dict__)


class _Values(dict[str, object]):
    def __missing__(self, name: str) -> object:
        labels = self["labels"]
        if not isinstance(labels, dict):
            return ""
        if name == "labels.all":
            return "{" + "".join(f"{{{key},{labels[key]}}}" for key in sorted(labels)) + "}"
        return labels.get(name.removeprefix("label."), "")


class Console(logging.StreamHandler):
    """A handler that looks up the standard output each time it writes."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)
        self.setFormatter(layout("%c %p: %m%n"))

    @property
    def stream(self) -> TextIO:
        """The standard output."""
        return sys.stdout
