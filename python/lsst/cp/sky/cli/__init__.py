# SPDX-License-Identifier: GPL-3.0-or-later
"""The ``cpsky`` command, one module per subcommand."""

from ._group import COMMANDS, cli

__all__ = ("COMMANDS", "cli")
