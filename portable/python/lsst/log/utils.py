# SPDX-License-Identifier: GPL-3.0-or-later
"""Levels of groups of loggers, and temporary levels."""

from collections.abc import Iterator
from contextlib import contextmanager

from ._log import Log

__all__ = ("temporaryLogLevel", "traceSetAt")


def traceSetAt(name: str, number: int) -> None:
    """Make the loggers ``TRACE0.name`` up to a given number, and no others, issue ``DEBUG`` messages.

    Parameters
    ----------
    name : `str`
        Name of the logger.
    number : `int`
        The last of the loggers ``TRACE0.name`` to ``TRACE5.name`` to set to ``DEBUG``; those after it are
        set to ``INFO``.
    """
    for i in range(6):
        Log(f"TRACE{i}.{name}").setLevel(Log.INFO if i > number else Log.DEBUG)


@contextmanager
def temporaryLogLevel(name: str, level: int) -> Iterator[None]:
    """Set the level of a logger within a context.

    Parameters
    ----------
    name : `str`
        Name of the logger.
    level : `int`
        Its level within the context.
    """
    logger = Log(name)
    before = logger.getEffectiveLevel() if logger.getLevel() < 0 else logger.getLevel()
    logger.setLevel(level)
    try:
        yield
    finally:
        logger.setLevel(before)
