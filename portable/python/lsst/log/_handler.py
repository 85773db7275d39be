# SPDX-License-Identifier: GPL-3.0-or-later
"""The other way round: messages of Python's `logging` that go to `lsst.log`."""

import logging

from ._levels import LevelTranslator
from ._log import Log
from ._state import state

__all__ = ("LogHandler",)


class LogHandler(logging.Handler):
    """A handler of `logging` that hands messages to the logger of the same name in `lsst.log`.

    Where that hands its messages to `logging` itself, this handler does nothing, so that they do not go in
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
        """Hand on a record if the logger of its name issues messages of its level."""
        logger = Log("" if record.name == "root" else record.name)
        level = LevelTranslator.logging2lsstLog(record.levelno)
        if Log.UsePythonLogging or state.handler is None or not logger.isEnabledFor(level):
            return
        logger.logMsg(level, record.filename, record.funcName or "", record.lineno, self.format(record))
