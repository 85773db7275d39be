# SPDX-License-Identifier: GPL-3.0-or-later
"""Forwarding from Python's `logging` to `lsst.log`."""

import logging

from ._levels import LevelTranslator
from ._log import Log
from ._state import state

__all__ = ("LogHandler",)


class LogHandler(logging.Handler):
    """A handler of `logging` that forwards messages to the logger of the same name in `lsst.log`.

    If that logger itself forwards to `logging`, this handler does nothing, so that messages do not go in
    circles; give the logger another handler then.

    Parameters
    ----------
    level : `int`, optional
        Level of the handler.
    """

    def __init__(self, level: int = logging.NOTSET) -> None:
        super().__init__(level)
        self.setFormatter(logging.Formatter("%(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Forward a record if the logger of that name issues messages of its level."""
        logger = Log("" if record.name == "root" else record.name)
        level = LevelTranslator.logging2lsstLog(record.levelno)
        if Log.UsePythonLogging or state.handler is None or not logger.isEnabledFor(level):
            return
        logger.logMsg(level, record.filename, record.funcName or "", record.lineno, self.format(record))
