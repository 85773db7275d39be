# SPDX-License-Identifier: GPL-3.0-or-later
"""The group of commands, each imported when it is run."""

from __future__ import annotations

import importlib
import importlib.util
from types import MappingProxyType

import click
from click.shell_completion import CompletionItem

from ._command import MISSING_STACK, one_line_errors, wants_colour
from ._version import version_line

__all__ = ("COMMANDS", "cli")

#: Modules of this package by command, each with its line of help. A module has a function of its own name
#: without the underscore. The line is repeated here so that the help need not import the middleware.
COMMANDS = MappingProxyType(
    {
        "apply": ("_apply", "Take the sky frames out of exposures in REPO."),
        "camera": ("_camera", "Check, draw or write the description of a camera."),
        "convert-background": ("_convert_background", "Convert a focal-plane model: IN to OUT."),
        "convert-repository": (
            "_convert_repository",
            "Convert the focal-plane models in REPO to the safe form.",
        ),
        "demo": ("_demo", "Simulate a night, make its sky frames, compare them with the truth."),
        "frame": ("_frame", "Make a sky frame of FITS files, without a repository."),
        "ingest": ("_ingest", "Make plain FITS files datasets of a butler repository."),
        "report": ("_report", "Judge the sky frames in REPO and write a page about them."),
    }
)

_STACK = "lsst.afw"
"""Package that tells whether there is a stack."""


class _Commands(click.Group):
    """A group that imports a command's module when the command is requested."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _ = COMMANDS[cmd_name]
        with one_line_errors(verbose=False):
            command: click.Command = getattr(
                importlib.import_module(f".{module}", __package__), module.removeprefix("_")
            )
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Say how to go on, and what is missing."""
        with formatter.section("First steps"):
            formatter.write_text("cpsky demo sky-demo")
            formatter.write_text("cpsky COMMAND --help")
        with formatter.section("Completion of commands (bash; zsh and fish likewise)"):
            formatter.write_text('eval "$(_CPSKY_COMPLETE=bash_source cpsky)"')
        if importlib.util.find_spec(_STACK) is None:
            formatter.write_paragraph()
            formatter.write_text(MISSING_STACK.format(module=_STACK))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete names of commands without importing them."""
        names = [name for name in self.list_commands(ctx) if name.startswith(incomplete)]
        found = [CompletionItem(name, help=COMMANDS[name][1]) for name in names]
        return found + click.Command.shell_complete(self, ctx, incomplete)


def _show_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        click.echo(version_line())
        ctx.exit()


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and exit.",
)
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Sky frames for mosaic cameras."""
    ctx.color = wants_colour()
