# SPDX-License-Identifier: GPL-3.0-or-later
"""``cpsky report``: how good the sky frames are, as a page."""

from __future__ import annotations

import pathlib

import click

from ..report import collect, render
from ._command import SkyCommand

__all__ = ("report",)


@click.command(
    cls=SkyCommand,
    examples=(
        """\
pipetask run -b REPO -i u/me/sky -o u/me/verify --register-dataset-types \\
    -p resource://lsst.cp.sky/pipelines/_ingredients/cpSkyVerify.yaml -d "instrument='LSSTCam'\"""",
        "cpsky report REPO --collections u/me/verify,u/me/sky -o sky.html",
        "cpsky report REPO --collections u/me/verify,u/me/sky -o sky.html --fail-on bad || echo bad",
    ),
)
@click.argument("repository", metavar="REPO")
@click.option(
    "--collections",
    required=True,
    metavar="NAMES",
    help="Collections of the sky frames and of their figures, separated by commas.",
)
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="FILE.html",
    type=click.Path(dir_okay=False, writable=True, path_type=pathlib.Path),
    help="Page to write; it is replaced if it exists.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["never", "bad", "look"]),
    default="never",
    show_default=True,
    help="End with status 3 if the verdict is this bad, for scripts.",
)
def report(repository: str, collections: str, output: pathlib.Path, fail_on: str) -> None:
    """Judge the sky frames in REPO and write a page about them.

    The page needs nothing but itself: send it to a colleague. It has a verdict with the rules behind it,
    tables that sort, plots that enlarge, and where everything comes from. The figures are made by a pipeline,
    as in the examples.
    """
    found = collect(repository, [name.strip() for name in collections.split(",") if name.strip()])
    try:
        output.write_text(render(found), encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{output} cannot be written: {error.strerror or error}.") from error
    for one in found.filters:
        click.echo(f"{one.instrument}, filter {one.physical_filter}, {one.chain} chain: {one.verdict.words}.")
        for finding in one.findings:
            click.echo(f"  {finding.verdict.words}: {finding.subject}. {finding.sentence}")
    click.echo(f"Page: {output}")
    limit = {"never": 3, "bad": 2, "look": 1}[fail_on]
    if found.verdict >= limit:
        raise click.exceptions.Exit(3)
