# SPDX-License-Identifier: GPL-3.0-or-later
"""What all commands have in common: how they tell of errors, and examples in their help."""

from __future__ import annotations

import contextlib
import os
import traceback
from collections.abc import Iterator, Sequence
from typing import Any

import click

__all__ = ("OneLineError", "SkyCommand", "one_line_errors", "wants_colour")

MISSING_STACK = (
    "{module} is not installed. It is part of lsst-portable, which is next to this package's source: "
    "pip install ./portable (in a clone of cp_sky), or set up the compiled stack."
)
"""Message where the plugin is installed without a stack."""


class OneLineError(click.ClickException):
    """An error told in one line on standard error; the command ends with status 1."""

    def show(self, file: Any = None) -> None:
        """Write the line."""
        label = click.style("Error:", fg="red", bold=True)
        click.echo(f"{label} {self.format_message()}", err=True, file=file, color=wants_colour())

    def format_message(self) -> str:
        """Return the message in one line."""
        return " ".join(self.message.split())


class SkyCommand(click.Command):
    """A command whose help ends with examples, and whose errors are one line each.

    Parameters
    ----------
    *args
        As for `click.Command`.
    examples : `~collections.abc.Sequence` [`str`]
        Commands for the help, which a shell would take as they are.
    **kwargs
        As for `click.Command`.
    """

    def __init__(self, *args: Any, examples: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = tuple(examples)
        self.params.append(
            click.Option(
                ["-v", "--verbose"], is_flag=True, help="Where there is an error, show the trace, too."
            )
        )

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        verbose = ctx.params.pop("verbose", False)
        with one_line_errors(verbose):
            return super().invoke(ctx)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples as they are, without breaking lines."""
        super().format_epilog(ctx, formatter)
        if self.examples:
            with formatter.section("Examples"):
                for example in self.examples:
                    for line in example.splitlines():
                        formatter.write(f"{'':>{formatter.current_indent}}{line}\n")


@contextlib.contextmanager
def one_line_errors(verbose: bool) -> Iterator[None]:
    """Make any error within one line, after its trace if that is wanted.

    Parameters
    ----------
    verbose : `bool`
        Whether to write the trace.

    Raises
    ------
    OneLineError
        Raised in place of any other error but those of usage, which end with status 2.
    """
    try:
        yield
    except (click.UsageError, click.Abort, click.exceptions.Exit):
        raise
    except Exception as error:
        if verbose:
            click.echo("".join(traceback.format_exception(error)), err=True, nl=False)
        raise OneLineError(_describe(error)) from error


def wants_colour() -> bool | None:
    """Whether to write colours: not where NO_COLOR is set, elsewhere if click finds a terminal (`None`)."""
    return False if os.environ.get("NO_COLOR") else None


def _describe(error: Exception) -> str:
    """What an error says, if it speaks for itself, else with its class before it."""
    if isinstance(error, click.ClickException):
        return error.message
    module = getattr(error, "name", None) or ""
    is_stack = module.startswith("lsst.") and not module.startswith("lsst.cp.sky")
    if isinstance(error, ModuleNotFoundError) and is_stack:
        return MISSING_STACK.format(module=module)
    text = str(error).strip()
    if type(error).__module__.startswith("lsst."):
        return text or type(error).__name__
    for cause in _chain(error):  # the middleware says what it was about to do when the disk was full
        if isinstance(cause, OSError) and cause.strerror:
            place = f"{os.fspath(cause.filename)}: " if isinstance(cause.filename, str | os.PathLike) else ""
            return f"{place}{cause.strerror}."
    # What follows the first line of other libraries' errors (sqlalchemy) is for those who know them.
    first = text.partition("\n")[0]
    return f"{type(error).__name__}: {first} (--verbose shows where)"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Give an error and those that led to it."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
