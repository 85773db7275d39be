# SPDX-License-Identifier: GPL-3.0-or-later
"""numba's `njit`, with a cache of machine code that many processes can share and that is never in the way.

What numba's own cache would not do:

- read machine code from a place that cannot be written, such as a container image where
  `lsst.portable.compile` has run;
- work without any place that can be written, or with a damaged file: there it raises;
- notice that a constant or a loop has changed that comes from another module, and tell files with equal time
  stamps and sizes apart in its older releases.

Here each compiled function is one file whose name holds a digest of all that it depends on: a file is right
or not found, whoever else writes one, and nothing in it is believed whose checksum is wrong.

Importing this module imports numba.
"""

import contextlib
import hashlib
import inspect
import logging
import os
import pickle
import sys
import uuid
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import llvmlite.binding
import numba
import numpy as np
from numba.core.compiler import CompileResult
from numba.core.dispatcher import Dispatcher
from numba.core.runtime import rtsys
from numba.core.serialize import dumps
from numba.misc.appdirs import AppDirs

__all__ = ("PLACES", "MachineCode", "njit")

#: Directory that holds the machine code, by the full name of each function of this process; None for nowhere.
PLACES: dict[str, str | None] = {}

_settings: Any = numba.config  # its attributes are made from the environment
_log = logging.getLogger("lsst.portable")
_DIGEST = hashlib.sha256().digest_size


def njit(signature: str | None = None, *, cache: bool = False, **options: Any) -> Callable[[Callable], Any]:
    """Compile a function as `numba.njit` does, but keep the machine code as `MachineCode` does.

    Parameters
    ----------
    signature : `str`, optional
        Types of the arguments and the result; the function is compiled at once. Without it, its callers'
        compilation includes it.
    cache : `bool`, optional
        Whether to keep the machine code; only with a signature.
    **options
        Handed on.
    """
    if not cache or _settings.DISABLE_JIT:
        return numba.njit(signature, **options) if signature else numba.njit(**options)

    def compile_function(function: Callable) -> Any:
        compiled = numba.njit(**options)(function)
        compiled._cache = MachineCode(function)
        compiled.compile(signature)
        compiled.disable_compile()
        return compiled

    return compile_function


class MachineCode:
    """Machine code of one function on disk; stands in for numba's `FunctionCache`.

    It is looked for in the directory that ``NUMBA_CACHE_DIR`` names, beside the module and in the user's
    cache directory, and kept in the first of them that can be written.

    Parameters
    ----------
    function : `~collections.abc.Callable`
        A function of a module.
    """

    #: Whether this process has said that nothing can be kept.
    _warned = False

    def __init__(self, function: Callable) -> None:
        self._name = f"{function.__module__}.{function.__qualname__}"
        self._module = sys.modules[function.__module__]
        PLACES[self._name] = None

    @property
    def cache_path(self) -> str | None:
        """Directory where the machine code was found or kept."""
        return PLACES[self._name]

    def load_overload(self, signature: str, target: Any) -> Any:
        """Look for the result of a compilation; `None` if there is none to be had."""
        rtsys.initialize(target)
        file = self._file_name(signature, target.codegen())
        for place in _places(self._module):
            # Whatever is wrong with a file, a new compilation puts it right.
            with contextlib.suppress(Exception):
                result = _unpack(_read(os.path.join(place, file)), target)
                PLACES[self._name] = place
                return result
        _log.info("Compiling %s.", self._name)
        return None

    def save_overload(self, signature: str, result: Any) -> None:
        """Keep the result of a compilation, if there is any place for it."""
        failures = []
        for place in _places(self._module):
            # The loops are compiled, and work; that they cannot be kept is no reason to stop.
            try:
                _write(os.path.join(place, self._file_name(signature, result.codegen)), _pack(result))
            except Exception as error:
                failures.append(f"{place}: {getattr(error, 'strerror', error)}")
            else:
                PLACES[self._name] = place
                return
        if not MachineCode._warned:
            MachineCode._warned = True
            _log.warning(
                "Compiled loops cannot be kept (%s), so every process compiles them anew. Set "
                "NUMBA_CACHE_DIR to a directory that can be written, or run "
                "'python -m lsst.portable.compile' as someone who can write where the package is installed.",
                "; ".join(failures),
            )

    def _file_name(self, signature: str, codegen: Any) -> str:
        """Name of the file: of the function, and a digest of all that its machine code depends on."""
        facts = [
            sys.implementation.cache_tag,
            numba.__version__,
            np.__version__,
            signature,
            repr(codegen.magic_tuple()),  # processor
            *_describe(self._module),
        ]
        digest = hashlib.sha256("\0".join(facts).encode()).hexdigest()
        return f"{self._name}-{digest[:32]}.nbc"


def _describe(module: ModuleType) -> Iterator[str]:
    """Source of a module, and of those that its compiled loops come from; values of its constants."""
    yield inspect.getsource(module)
    others = set()
    for name, value in sorted(vars(module).items()):
        if isinstance(value, int | float | str | tuple) and not name.startswith("__"):
            yield f"{name} = {value!r}"
        elif isinstance(value, Dispatcher) and value.__module__ != module.__name__:
            others.add(value.__module__)
    for other in sorted(others):
        yield from _describe(sys.modules[other])


def _places(module: ModuleType) -> Iterator[str]:
    """Directories for machine code, the first to be tried first."""
    if _settings.CACHE_DIR:
        yield _settings.CACHE_DIR
    yield os.path.join(os.path.dirname(str(module.__file__)), "__pycache__")
    home = AppDirs("lsst-portable", appauthor=False).user_cache_dir
    if os.path.isabs(home):  # else there is no home
        yield home


def _pack(result: Any) -> bytes:
    """Make bytes of the result of a compilation: the symbols it needs from elsewhere, and all the rest."""
    if result.library.has_dynamic_globals:
        raise ValueError("the machine code holds addresses of this process")
    module = result.library._final_module
    outside = [
        symbol.name for symbol in (*module.functions, *module.global_variables) if symbol.is_declaration
    ]
    return dumps(([name for name in outside if not name.startswith("llvm.")], result._reduce()))


def _unpack(data: bytes, target: Any) -> Any:
    """Make a result of what `_pack` has made of it.

    numba would import all that it can compile first (SciPy, too), which takes five times as long as all the
    rest. Machine code needs no more than the symbols; the others may hold one that is missing.
    """
    outside, reduced = pickle.loads(data)
    if not all(llvmlite.binding.address_of_symbol(name) for name in outside):
        target.refresh()
    return CompileResult._rebuild(target, *reduced)


def _read(path: str) -> bytes:
    """Read a file that `_write` has written; raises `ValueError` if it is not as it was."""
    with open(path, "rb") as file:
        digest, data = file.read(_DIGEST), file.read()
    if hashlib.sha256(data).digest() != digest:
        raise ValueError(f"{path} is damaged.")
    return data


def _write(path: str, data: bytes) -> None:
    """Write a file with its checksum; others see all of it or nothing."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    new = f"{path}.{uuid.uuid4().hex}"
    try:
        with open(new, "wb") as file:
            file.write(hashlib.sha256(data).digest() + data)
        os.replace(new, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(new)
        raise
