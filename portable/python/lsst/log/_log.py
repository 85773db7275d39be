# SPDX-License-Identifier: GPL-3.0-or-later
"""Loggers."""

from __future__ import annotations

import inspect
import logging
import os
import threading
from types import FrameType, TracebackType
from typing import ClassVar, cast

from ._config import configure, configure_prop
from ._levels import DEBUG, ERROR, FATAL, INFO, NAMES, TRACE, WARN, LevelTranslator, getLevelName
from ._mdc import MDC, MDCDict, MDCRegisterInit, MDCRemove, current_labels
from ._state import state

__all__ = (
    "Log",
    "UsePythonLogging",
    "critical",
    "debug",
    "doNotUsePythonLogging",
    "error",
    "fatal",
    "getDefaultLogger",
    "getEffectiveLevel",
    "getLevel",
    "getLogger",
    "info",
    "isEnabledFor",
    "log",
    "lwpID",
    "setLevel",
    "trace",
    "usePythonLogging",
    "warn",
    "warning",
)


class Log:
    """A logger. Loggers of the same name are the same logger; the one without a name is the root of all.

    Parameters
    ----------
    name : `str`, optional
        Name, with dots between the levels of the hierarchy.
    """

    __slots__ = ("_name",)

    TRACE: ClassVar[int] = TRACE
    DEBUG: ClassVar[int] = DEBUG
    INFO: ClassVar[int] = INFO
    WARN: ClassVar[int] = WARN
    WARNING: ClassVar[int] = WARN
    ERROR: ClassVar[int] = ERROR
    FATAL: ClassVar[int] = FATAL
    CRITICAL: ClassVar[int] = FATAL

    UsePythonLogging: ClassVar[bool] = False
    """Whether messages go to Python's `logging`."""

    configure = staticmethod(configure)
    configure_prop = staticmethod(configure_prop)
    MDC = staticmethod(MDC)
    MDCRemove = staticmethod(MDCRemove)
    MDCRegisterInit = staticmethod(MDCRegisterInit)

    def __init__(self, name: str = "") -> None:
        self._name = name

    @classmethod
    def usePythonLogging(cls) -> None:
        """Send messages to Python's `logging` from now on."""
        cls.UsePythonLogging = True

    @classmethod
    def doNotUsePythonLogging(cls) -> None:
        """Send messages where the configuration says from now on, which is the default."""
        cls.UsePythonLogging = False

    @staticmethod
    def getDefaultLogger() -> Log:
        """Return the root logger."""
        return Log()

    @staticmethod
    def getLogger(loggername: str | Log) -> Log:
        """Return the logger of a name; a logger is returned as it is."""
        return loggername if isinstance(loggername, Log) else Log(str(loggername))

    def getName(self) -> str:
        """Return the name; empty for the root logger."""
        return self._name

    def getChild(self, suffix: str) -> Log:
        """Return the descendant of this logger with the given name, less blanks and dots at its beginning."""
        suffix = suffix.lstrip(" .")
        return Log(f"{self._name}.{suffix}" if self._name else suffix)

    def setLevel(self, level: int) -> None:
        """Set the lowest level at which messages are issued."""
        state.levels[self._name] = int(level)

    def getLevel(self) -> int:
        """Return the level that was set; -1 if none was."""
        return state.levels.get(self._name, -1)

    def getEffectiveLevel(self) -> int:
        """Return the level of this logger, or of its nearest ancestor that has one."""
        name = self._name
        while name not in state.levels:
            name = name.rpartition(".")[0]
        return state.levels[name]

    def isEnabledFor(self, level: int) -> bool:
        """Return whether a message of a level is issued."""
        return level >= self.getEffectiveLevel()

    def isTraceEnabled(self) -> bool:
        """Return whether messages of level ``TRACE`` are issued."""
        return self.isEnabledFor(TRACE)

    def isDebugEnabled(self) -> bool:
        """Return whether messages of level ``DEBUG`` are issued."""
        return self.isEnabledFor(DEBUG)

    def isInfoEnabled(self) -> bool:
        """Return whether messages of level ``INFO`` are issued."""
        return self.isEnabledFor(INFO)

    def isWarnEnabled(self) -> bool:
        """Return whether messages of level ``WARN`` are issued."""
        return self.isEnabledFor(WARN)

    def isErrorEnabled(self) -> bool:
        """Return whether messages of level ``ERROR`` are issued."""
        return self.isEnabledFor(ERROR)

    def isFatalEnabled(self) -> bool:
        """Return whether messages of level ``FATAL`` are issued."""
        return self.isEnabledFor(FATAL)

    @property
    def name(self) -> str:
        """The name; empty for the root logger."""
        return self._name

    @property
    def level(self) -> int:
        """The level that was set; -1 if none was."""
        return self.getLevel()

    @property
    def parent(self) -> Log | None:
        """The parent logger; `None` for the root logger."""
        return Log(self._name.rpartition(".")[0]) if self._name else None

    def logMsg(self, level: int, filename: str, funcname: str, lineno: int, msg: str) -> None:
        """Issue a message regardless of its level, with its place of origin."""
        self._emit(level, msg, filename, filename, funcname, lineno)

    def trace(self, fmt: str, *args: object) -> None:
        """Issue a message of level ``TRACE``, formatted with ``%``."""
        self._log(TRACE, fmt, args)

    def debug(self, fmt: str, *args: object) -> None:
        """Issue a message of level ``DEBUG``, formatted with ``%``."""
        self._log(DEBUG, fmt, args)

    def info(self, fmt: str, *args: object) -> None:
        """Issue a message of level ``INFO``, formatted with ``%``."""
        self._log(INFO, fmt, args)

    def warn(self, fmt: str, *args: object) -> None:
        """Issue a message of level ``WARN``, formatted with ``%``."""
        self._log(WARN, fmt, args)

    def warning(self, fmt: str, *args: object) -> None:
        """Issue a message of level ``WARN``, formatted with ``%``."""
        self._log(WARN, fmt, args)

    def error(self, fmt: str, *args: object) -> None:
        """Issue a message of level ``ERROR``, formatted with ``%``."""
        self._log(ERROR, fmt, args)

    def fatal(self, fmt: str, *args: object) -> None:
        """Issue a message of level ``FATAL``, formatted with ``%``."""
        self._log(FATAL, fmt, args)

    def critical(self, fmt: str, *args: object) -> None:
        """Issue a message of level ``FATAL``, formatted with ``%``."""
        self._log(FATAL, fmt, args)

    def _log(self, level: int, fmt: str, args: tuple) -> None:
        if not self.isEnabledFor(level):
            return
        # Called by a method or function that the originating code calls.
        method = cast(FrameType, cast(FrameType, inspect.currentframe()).f_back)
        frame = method.f_back or method
        path, function = frame.f_code.co_filename, frame.f_code.co_name
        message = fmt % args if args else fmt
        self._emit(level, message, path, os.path.basename(path), function, frame.f_lineno)

    def _emit(self, level: int, message: str, path: str, filename: str, function: str, line: int) -> None:
        handler = None if self.UsePythonLogging else state.handler
        number = LevelTranslator.lsstLog2logging(level)
        labels = current_labels()
        record = logging.makeLogRecord(
            {
                "name": self._name if handler is None else self._name or "root",
                "levelno": number,
                "levelname": logging.getLevelName(number)
                if handler is None
                else NAMES.get(level, str(level)),
                "msg": message,
                "funcName": function,
                "filename": filename,
                "pathname": path,
                "lineno": line,
                "labels": MDCDict(labels),
            }
        )
        if handler is not None:
            handler.handle(record)
            return
        if not self.UsePythonLogging:
            if state.layout is not None:
                record.msg = state.layout.format(record)
            if not hasattr(record, "MDC"):
                record.MDC = MDCDict()
        if hasattr(record, "MDC"):  # otherwise set by the record factory, if it was asked to
            record.MDC.update(labels)
        logging.getLogger(self._name).handle(record)

    def lwpID(self) -> int:
        """Return the number the operating system gives this thread."""
        return threading.get_native_id()

    def __eq__(self, other: object) -> bool:
        return self._name == other._name if isinstance(other, Log) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._name)

    def __repr__(self) -> str:
        return f"<lsst.log.Log '{self._name}' ({getLevelName(self.getEffectiveLevel())})>"

    def __reduce__(self) -> tuple:
        return getLogger, (self._name,)


class UsePythonLogging:
    """A context in which messages go to Python's `logging`."""

    def __enter__(self) -> None:
        self._before = Log.UsePythonLogging
        Log.usePythonLogging()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        Log.UsePythonLogging = self._before


usePythonLogging = Log.usePythonLogging
doNotUsePythonLogging = Log.doNotUsePythonLogging
getDefaultLogger = Log.getDefaultLogger
getLogger = Log.getLogger


def setLevel(loggername: str | Log, level: int) -> None:
    """Set the level of a logger."""
    getLogger(loggername).setLevel(level)


def getLevel(loggername: str | Log) -> int:
    """Return the level that was set for a logger; -1 if none was."""
    return getLogger(loggername).getLevel()


def getEffectiveLevel(loggername: str | Log) -> int:
    """Return the level of a logger, or of its nearest ancestor that has one."""
    return getLogger(loggername).getEffectiveLevel()


def isEnabledFor(loggername: str | Log, level: int) -> bool:
    """Return whether a logger issues messages of a level."""
    return getLogger(loggername).isEnabledFor(level)


def log(loggername: str | Log, level: int, fmt: str, *args: object) -> None:
    """Issue a message of a given level through a logger, formatted with ``%``."""
    getLogger(loggername)._log(level, fmt, args)


def trace(fmt: str, *args: object) -> None:
    """Issue a message of level ``TRACE`` through the root logger."""
    Log()._log(TRACE, fmt, args)


def debug(fmt: str, *args: object) -> None:
    """Issue a message of level ``DEBUG`` through the root logger."""
    Log()._log(DEBUG, fmt, args)


def info(fmt: str, *args: object) -> None:
    """Issue a message of level ``INFO`` through the root logger."""
    Log()._log(INFO, fmt, args)


def warn(fmt: str, *args: object) -> None:
    """Issue a message of level ``WARN`` through the root logger."""
    Log()._log(WARN, fmt, args)


def warning(fmt: str, *args: object) -> None:
    """Issue a message of level ``WARN`` through the root logger."""
    Log()._log(WARN, fmt, args)


def error(fmt: str, *args: object) -> None:
    """Issue a message of level ``ERROR`` through the root logger."""
    Log()._log(ERROR, fmt, args)


def fatal(fmt: str, *args: object) -> None:
    """Issue a message of level ``FATAL`` through the root logger."""
    Log()._log(FATAL, fmt, args)


def critical(fmt: str, *args: object) -> None:
    """Issue a message of level ``FATAL`` through the root logger."""
    Log()._log(FATAL, fmt, args)


def lwpID() -> int:
    """Return the number the operating system gives this thread."""
    return Log().lwpID()
