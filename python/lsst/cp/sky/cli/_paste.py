# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands that are printed to be pasted back."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

__all__ = ("pasteable",)


def pasteable(command: Iterable[str]) -> str:
    """Write a command as a person would type it, so that a shell takes it as it is.

    Parameters
    ----------
    command : `~collections.abc.Iterable` [`str`]
        Words of the command.
    """
    return " ".join(map(_quoted, command))


def _quoted(word: str) -> str:
    # shlex would write 'instrument='"'"'SkySim'"'"'' for a query.
    plain = "'" in word and not set(word) & set('"$`\\!')
    return f'"{word}"' if plain else shlex.quote(word)
