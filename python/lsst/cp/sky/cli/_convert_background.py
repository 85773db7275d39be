# SPDX-License-Identifier: GPL-3.0-or-later
"""``cpsky convert-background``: conversion of a focal-plane model between file formats."""

from __future__ import annotations

import pathlib

import click

from lsst.afw.fits import FitsError

from ..files import UnsafePickleError, convert_model

__all__ = ("convert_background",)


@click.command()
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
    try:
        convert_model(source, target)
    except (FitsError, UnsafePickleError, OSError) as error:
        raise click.ClickException(str(error)) from error
