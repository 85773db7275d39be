# SPDX-License-Identifier: GPL-3.0-or-later
"""``cpsky convert-repository``: the focal-plane models of a butler repository in their safe form."""

from __future__ import annotations

import click

from lsst.daf.butler import Butler

from .. import files
from ._command import SkyCommand
from ._progress import progress

__all__ = ("convert_repository",)


@click.command(cls=SkyCommand, examples=("cpsky convert-repository REPO",))
@click.argument("repository", metavar="REPO", type=click.Path(exists=True))
def convert_repository(repository: str) -> None:
    """Convert the focal-plane models in REPO to the safe form.

    Every dataset of storage class FocalPlaneBackground that is stored as a pickle becomes a FITS file that is
    read without running anything. Datasets keep their IDs, runs and collections. A pickle that holds anything
    but a model is left as it is, and the command then ends with status 1. If it is interrupted, run it again.
    """
    with Butler.from_config(repository, writeable=True) as butler, progress("converting models") as advance:
        result = files.convert_repository(butler, advance)
    click.echo(f"Converted {result.converted} models; {result.safe} were in the safe form before.")
    if result.refused:
        for problem in result.refused:
            click.echo(problem, err=True)
        raise click.ClickException(f"{len(result.refused)} were left as they are, for the reasons above.")
