# SPDX-License-Identifier: GPL-3.0-or-later
"""Configuration: levels of loggers, and where messages go."""

import logging
import os

from ._layout import Console, layout
from ._levels import DEBUG, ERROR, FATAL, INFO, TRACE, WARN
from ._mdc import MDCDict
from ._state import state

__all__ = ("configure", "configure_prop", "configure_pylog_MDC")

_LEVELS = {
    "ALL": 0,
    "TRACE": TRACE,
    "DEBUG": DEBUG,
    "INFO": INFO,
    "WARN": WARN,
    "WARNING": WARN,
    "ERROR": ERROR,
    "FATAL": FATAL,
    "CRITICAL": FATAL,
    "OFF": 2**31 - 1,
}


def configure(filename: str | os.PathLike[str] | None = None) -> None:
    """Configure logging from a file of properties, or restore the defaults.

    Parameters
    ----------
    filename : `str` or `os.PathLike`, optional
        File in the format of `configure_prop`. Without it, messages of level ``INFO`` and above go to the
        standard output.

    Raises
    ------
    NotImplementedError
        Raised if the file requests a feature that is not offered.
    """
    if filename is None:
        state.replace({"": INFO}, Console())
        return
    if os.fspath(filename).endswith(".xml"):
        raise NotImplementedError("The portable stack reads properties, not XML, as logging configuration.")
    with open(filename, encoding="utf-8") as stream:
        configure_prop(stream.read())


def configure_prop(properties: str) -> None:
    """Configure logging from properties, replacing what was set before.

    Parameters
    ----------
    properties : `str`
        Lines such as ``log4j.rootLogger=INFO, A``, ``log4j.logger.NAME=DEBUG``,
        ``log4j.appender.A=ConsoleAppender`` (or ``FileAppender``, with ``log4j.appender.A.file``, or
        ``PyLogAppender``, which is Python's `logging`), and ``log4j.appender.A.layout.ConversionPattern``.

    Raises
    ------
    NotImplementedError
        Raised if the properties request a feature that is not offered.
    """
    given = {}
    for line in properties.splitlines():
        key, equals, value = line.partition("=")
        if equals and not key.strip().startswith("#"):
            given[key.strip().removeprefix("log4j.")] = value.strip()
    root, *appenders = (part.strip() for part in given.get("rootLogger", "DEBUG").split(","))
    levels = {"": _level(root)}
    for key, value in given.items():
        if key.startswith("logger."):
            levels[key.removeprefix("logger.")] = _level(value.split(",")[0])
    if len(appenders) > 1:
        raise NotImplementedError(
            f"The portable stack sends log messages to one place, not to {', '.join(appenders)}."
        )
    if not appenders:
        state.replace(levels, logging.NullHandler())
        return
    formatter = _formatter(given, appenders[0])
    handler = _handler(given, appenders[0])
    if handler is not None and formatter is not None:
        handler.setFormatter(formatter)
    state.replace(levels, handler, formatter)


def _level(name: str) -> int:
    try:
        return _LEVELS[name.strip().upper()]
    except KeyError:
        raise NotImplementedError(
            f"Logging has no level {name!r}; use one of {', '.join(_LEVELS)}."
        ) from None


def _handler(given: dict[str, str], name: str) -> logging.Handler | None:
    """Make the handler of an appender; `None` stands for Python's `logging`."""
    prefix = f"appender.{name}"
    kind = given.get(prefix, "").rpartition(".")[2]
    handler: logging.Handler
    if kind == "PyLogAppender":
        return None
    if kind == "ConsoleAppender":
        handler = Console()
    elif kind == "FileAppender":
        path = given.get(f"{prefix}.file") or given.get(f"{prefix}.File") or os.devnull
        handler = logging.FileHandler(path, mode="w" if given.get(f"{prefix}.append") == "false" else "a")
        handler.setFormatter(layout("%m"))
    else:
        raise NotImplementedError(
            f"The portable stack has ConsoleAppender, FileAppender and PyLogAppender for logs, not {kind!r}."
        )
    return handler


def _formatter(given: dict[str, str], name: str) -> logging.Formatter | None:
    """Make the formatter of an appender; `None` if there is nothing about it."""
    pattern = given.get(f"appender.{name}.layout.ConversionPattern")
    if pattern is not None:
        return layout(pattern)
    return layout("%p - %m") if given.get(f"appender.{name}.layout", "").endswith("SimpleLayout") else None


def configure_pylog_MDC(level: str, MDC_class: type | None = MDCDict) -> None:
    """Send messages to Python's `logging`, with labels.

    Parameters
    ----------
    level : `str`
        Level of the root logger, such as ``DEBUG``.
    MDC_class : `type`, optional
        Class, like a `dict`, of the ``MDC`` attribute added to all `logging` records; `None` to add no
        such attribute.
    """
    if MDC_class is not None:
        make_before = logging.getLogRecordFactory()

        def make_record(*args: object, **kwargs: object) -> logging.LogRecord:
            record = make_before(*args, **kwargs)
            record.MDC = MDC_class()
            return record

        logging.setLogRecordFactory(make_record)
    configure_prop(f"log4j.rootLogger={level}, PyLog\nlog4j.appender.PyLog=PyLogAppender")
