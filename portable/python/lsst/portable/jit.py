# SPDX-License-Identifier: GPL-3.0-or-later
"""The `njit` of numba, with a cache of machine code whose failure does no harm.

numba stores machine code in the directory named by ``NUMBA_CACHE_DIR``, next to the module, or in the user's
cache directory, whichever is writable. If none is, or a file there is damaged, numba raises; here the loops
are then compiled for this process alone.

Importing this module imports numba.
"""

import inspect
import logging
from collections.abc import Callable
from typing import Any

import numba

__all__ = ("njit",)

_log = logging.getLogger("lsst.portable")
_warned = False


def njit(signature: str | None = None, *, cache: bool = False, **options: Any) -> Callable[[Callable], Any]:
    """Compile a function as `numba.njit` does, without a cache if the cache fails.

    Parameters
    ----------
    signature : `str`, optional
        Types of the arguments and the result, with which the function is compiled at once. Without it, the
        function is compiled as part of its callers.
    cache : `bool`, optional
        Whether to store the machine code; only with a signature.
    **options
        Passed to `numba.njit`.
    """

    def compile_function(function: Callable) -> Any:
        if signature is None:
            return numba.njit(**options)(function)
        if cache:
            try:
                return numba.njit(signature, cache=True, **options)(function)
            except Exception as error:  # an error in the function itself is raised again below
                _warn_once(function, error)
        return numba.njit(signature, **options)(function)

    return compile_function


def _warn_once(function: Callable, error: Exception) -> None:
    """Warn that there is no cache, once for all functions."""
    global _warned
    if not _warned:
        _warned = True
        _log.warning(
            "numba's cache of machine code cannot be used (%s: %s), so every process compiles its loops. "
            "Set NUMBA_CACHE_DIR to a directory that can be written; if a file is damaged, delete those of "
            "%s in numba's cache (*.nbi, *.nbc).",
            type(error).__name__,
            error,
            inspect.getfile(function),
        )
