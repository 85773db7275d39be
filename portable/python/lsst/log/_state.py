# SPDX-License-Identifier: GPL-3.0-or-later
"""The state set by a configuration: levels, and where messages go."""

import logging

from ._layout import Console
from ._levels import INFO

__all__ = ("state",)


class _State:
    """The configuration of all loggers."""

    def __init__(self) -> None:
        self.levels: dict[str, int] = {"": INFO}
        """Levels by logger name; the root logger, whose name is empty, always has one."""
        self.handler: logging.Handler | None = Console()
        """Handler that writes messages; `None` forwards them to Python's `logging`."""

        self.layout: logging.Formatter | None = None
        """Format of the messages that are forwarded to Python's `logging`."""

    def replace(
        self,
        levels: dict[str, int],
        handler: logging.Handler | None,
        layout: logging.Formatter | None = None,
    ) -> None:
        """Take another configuration, and close the file that messages went to."""
        before, self.levels, self.handler = self.handler, levels, handler
        self.layout = layout
        if before is not None and before is not handler:
            before.close()


state = _State()
"""The configuration of all loggers."""
