# SPDX-License-Identifier: GPL-3.0-or-later
"""Progress of a command."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator

import click

__all__ = ("progress",)


@contextlib.contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """Show the progress of a step on standard error: a bar on a terminal, a line with the label elsewhere."""
    with click.progressbar(length=1, label=f"{label:<25}", show_pos=True, file=sys.stderr) as bar:

        def advance(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield advance
