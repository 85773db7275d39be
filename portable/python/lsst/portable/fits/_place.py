# SPDX-License-Identifier: GPL-3.0-or-later
"""Atomic writing of files: complete under their name, or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import time
from collections.abc import Iterable

__all__ = ("place_file",)

_PREFIX = ".tmp-cp_sky-"
_TEMPORARY = re.compile(re.escape(_PREFIX) + r"[0-9a-f]{16}-.*\.part", re.DOTALL)
_OLD = 3600.0
"""Age (seconds) after which a temporary file counts as abandoned."""
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0)


def place_file(path: str, parts: Iterable[bytes | bytearray | memoryview]) -> None:
    """Write a file under a temporary name, then rename it.

    Leftovers of killed writers in the directory that are at least an hour old are removed.

    Parameters
    ----------
    path : `str`
        Name of the file. An older file of that name is replaced, and its permissions are kept.
    parts : iterable of bytes-like
        Contents of the file.

    Raises
    ------
    OSError
        Raised if the file cannot be written; nothing is left of it, and an older file stays unchanged.
    """
    folder, base = os.path.split(path)
    # The suffix keeps it from being mistaken for data.
    temporary = os.path.join(folder, f"{_PREFIX}{secrets.token_hex(8)}-{base[-40:]}.part")
    mode = _mode_of_older(path)
    # The system applies the umask; querying it would change it for other threads.
    handle = os.open(temporary, _NEW_FILE, 0o666 if mode is None else mode)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.writelines(parts)
        if mode is not None:
            os.chmod(temporary, mode)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    _remove_old(folder or ".")


def _mode_of_older(path: str) -> int | None:
    """Return the permissions of an existing file."""
    try:
        return os.stat(path).st_mode & 0o777
    except OSError:
        return None


def _remove_old(folder: str) -> None:
    """Remove abandoned temporary files."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if _TEMPORARY.fullmatch(entry.name) is None:
                continue
            with contextlib.suppress(OSError):  # another process removes it, too, or it is somebody else's
                if time.time() - entry.stat(follow_symlinks=False).st_mtime > _OLD:
                    os.unlink(entry.path)
