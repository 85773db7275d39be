# SPDX-License-Identifier: GPL-3.0-or-later
"""Levels of groups of loggers, and levels for a while."""

from collections.abc import Iterator
from contextlib import contextmanager

from ._log import Log

__all__ = ("temporaryLogLevel", "traceSetAt")


def traceSetAt(name: str, number: int) -> None:
    """Have the loggers ``TRACE0.name`` up to a number issue messages of level ``DEBUG``, and no others.

    Parameters
    ----------
    name : `str`
        Name of the logger.
    number : `int`
        The last of the loggers ``TRACE0.name`` to ``TRACE5.name`` that gets level ``DEBUG``; those after it
        get ``INFO``.
    """
    for i in range(6):
        Log(f"TRACE{i}.{name}").setLevel(Log.INFO if i > number else Log.DEBUG)


@contextmanager
def temporaryLogLevel(name: str, level: int) -> Iterator[None]:
    """Set the level of a logger for the length of a context.

    Parameters
    ----------
    name : `str`
        Name of the logger.
    level : `int`
        Its level in the context.
    """
    logger = Log(name)
    before = logger.getEffectiveLevel() if logger.getLevel() < 0 else logger.getLevel()
    logger.setLevel(level)
    try:
        yield
    finally:
        logger.setLevel(before)
