# SPDX-License-Identifier: GPL-3.0-or-later
"""``cpsky convert-background``: conversion of a focal-plane model between file formats."""

from __future__ import annotations

import pathlib

import click

from ..files import convert_model
from ._command import SkyCommand

__all__ = ("convert_background",)


@click.command(
    cls=SkyCommand,
    examples=(
        "cpsky convert-background model.pickle model.fits",
        "cpsky convert-background model.fits model.pickle --overwrite",
    ),
)
@click.argument("source", metavar="IN", type=click.Path(exists=True, dir_okay=False))
@click.argument("target", metavar="OUT", type=click.Path(dir_okay=False))
@click.option("--overwrite", is_flag=True, help="Replace OUT if it exists.")
def convert_background(source: str, target: str, overwrite: bool) -> None:
    """Convert a focal-plane model: IN to OUT.

    IN is the stack's pickle, whose code is not run, or the safe FITS form; OUT is written as the stack's
    pickle if its name ends in .pickle, otherwise as FITS.
    """
    if not overwrite and pathlib.Path(target).exists():
        raise click.ClickException(f"{target} exists; --overwrite replaces it.")
    convert_model(source, target)
