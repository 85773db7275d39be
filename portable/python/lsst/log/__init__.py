# SPDX-License-Identifier: GPL-3.0-or-later
"""Logging under the names of the stack: a thin layer over Python's `logging`.

Loggers have levels of their own, a thousand times those of `logging`. Messages go to the standard output as
``NAME LEVEL: message``, or to `logging` once `usePythonLogging` or `configure_pylog_MDC` has been called, as
``butler`` and ``pipetask`` do. New code should use `logging` or `lsst.utils.logging`.
"""

from lsst.portable import require_alone

require_alone(__name__)

from ._config import configure, configure_prop, configure_pylog_MDC  # noqa: E402
from ._handler import LogHandler  # noqa: E402
from ._levels import (  # noqa: E402
    CRITICAL,
    DEBUG,
    ERROR,
    FATAL,
    INFO,
    TRACE,
    WARN,
    WARNING,
    LevelTranslator,
    getLevelName,
)
from ._log import (  # noqa: E402
    Log,
    UsePythonLogging,
    critical,
    debug,
    doNotUsePythonLogging,
    error,
    fatal,
    getDefaultLogger,
    getEffectiveLevel,
    getLevel,
    getLogger,
    info,
    isEnabledFor,
    log,
    lwpID,
    setLevel,
    trace,
    usePythonLogging,
    warn,
    warning,
)
from ._mdc import MDC, MDCDict, MDCRegisterInit, MDCRemove  # noqa: E402

__all__ = (
    "CRITICAL",
    "DEBUG",
    "ERROR",
    "FATAL",
    "INFO",
    "MDC",
    "TRACE",
    "WARN",
    "WARNING",
    "LevelTranslator",
    "Log",
    "LogHandler",
    "MDCDict",
    "MDCRegisterInit",
    "MDCRemove",
    "UsePythonLogging",
    "configure",
    "configure_prop",
    "configure_pylog_MDC",
    "critical",
    "debug",
    "doNotUsePythonLogging",
    "error",
    "fatal",
    "getDefaultLogger",
    "getEffectiveLevel",
    "getLevel",
    "getLevelName",
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


def __getattr__(name: str) -> object:
    if name in ("logf", "tracef", "debugf", "infof", "warnf", "errorf", "fatalf"):
        raise AttributeError(
            f"lsst.log.{name} is deprecated in the stack and not part of the portable one; use {name[:-1]}."
        )
    raise AttributeError(f"lsst.log.{name} is not part of the portable stack.")


for _name in __all__:
    if isinstance(globals()[_name], type):
        globals()[_name].__module__ = "lsst.log"
