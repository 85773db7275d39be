# SPDX-License-Identifier: GPL-3.0-or-later
"""Log levels and their counterparts in Python's `logging`."""

__all__ = (
    "CRITICAL",
    "DEBUG",
    "ERROR",
    "FATAL",
    "INFO",
    "NAMES",
    "TRACE",
    "WARN",
    "WARNING",
    "LevelTranslator",
    "getLevelName",
)

TRACE = 5000
DEBUG = 10000
INFO = 20000
WARN = WARNING = 30000
ERROR = 40000
FATAL = CRITICAL = 50000

NAMES = {TRACE: "TRACE", DEBUG: "DEBUG", INFO: "INFO", WARN: "WARN", ERROR: "ERROR", FATAL: "FATAL"}
"""Names of the levels in messages and configurations."""


def getLevelName(level: int) -> str:
    """Return the name of a level.

    Parameters
    ----------
    level : `int`
        A level.

    Returns
    -------
    name : `str`
        Such as ``WARNING``; ``Level`` and the number for any other level.
    """
    return "WARNING" if level == WARN else NAMES.get(level, f"Level {level}")


class LevelTranslator:
    """Conversion between the levels of `lsst.log` and those of `logging`."""

    @staticmethod
    def lsstLog2logging(level: int) -> int:
        """Return the level of `logging` that corresponds to one of `lsst.log`."""
        return level // 1000

    @staticmethod
    def logging2lsstLog(level: int) -> int:
        """Return the level of `lsst.log` that corresponds to one of `logging`."""
        return level * 1000
