# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands, each imported when it is run."""

from __future__ import annotations

import importlib
from types import MappingProxyType

import click

__all__ = ("COMMANDS", "cli")

#: Modules of this package by command, each with the line that the help says of it. A module has a function of
#: its own name without the underscore. The line stands here too, for the help not to wait for the middleware.
COMMANDS = MappingProxyType(
    {
        "camera": ("_camera", "Check, draw or write the description of a camera."),
        "convert-background": ("_convert_background", "Convert a focal-plane model: IN to OUT."),
        "convert-repository": (
            "_convert_repository",
            "Convert the focal-plane models in REPO to the safe form.",
        ),
        "demo": ("_demo", "Simulate a night, make its sky frames, compare them with the truth."),
        "ingest": ("_ingest", "Make plain FITS files datasets of a butler repository."),
    }
)


class _Commands(click.Group):
    """Group that imports a command's module when the command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(
            importlib.import_module(f".{module}", __package__), module.removeprefix("_")
        )
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Sky frames for mosaic cameras."""
