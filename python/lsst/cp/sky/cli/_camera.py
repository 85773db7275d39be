# SPDX-License-Identifier: GPL-3.0-or-later
"""``cpsky camera``: look at the description of a camera, or write one."""

from __future__ import annotations

import pathlib

import click

from ..ingest import (
    describe_headers,
    draw_camera,
    find_planes,
    parse_description,
    read_description,
)
from ._command import SkyCommand

__all__ = ("camera",)


@click.command(
    cls=SkyCommand,
    examples=(
        "cpsky camera DECam --plot decam.png",
        "cpsky camera --from-headers night1/*.fits -o mycam.yaml --plot mycam.png",
    ),
)
@click.argument("sources", metavar="CAMERA | FILES...", nargs=-1, required=True)
@click.option(
    "--from-headers", is_flag=True, help="Describe the camera that took FILES, by CRPIX and CD, or DETSEC."
)
@click.option("--name", help="Name of the camera, with --from-headers.  [default: INSTRUME of the header]")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=pathlib.Path),
    help="File to write the description to, with --from-headers.",
)
@click.option(
    "--plot",
    type=click.Path(dir_okay=False, path_type=pathlib.Path),
    help="File to draw the focal plane to: names, readout corners, superpixels.",
)
def camera(
    sources: tuple[str, ...],
    from_headers: bool,
    name: str | None,
    output: pathlib.Path | None,
    plot: pathlib.Path | None,
) -> None:
    """Check, draw or write the description of a camera.

    CAMERA is a YAML file, or a camera that is shipped: DECam, Mosaic2x2, SkySim.
    """
    if not from_headers and (len(sources) != 1 or name or output):
        raise click.UsageError("Name one CAMERA; several FILES, --name and -o go with --from-headers.")
    if from_headers:
        text, notes = describe_headers(find_planes(sources), name)
        description = parse_description(text, "the headers")
    else:
        text, notes, description = "", [], read_description(sources[0])
    if plot is not None:
        draw_camera(description, plot)
    for note in notes:
        click.echo(f"Note: {note}.", err=True)
    if output is not None:
        output.write_text(text, encoding="utf-8")
    elif from_headers:
        click.echo(text, nl=False)
    how = ", by default about a detector." if description.superpixel_is_default else "."
    x, y = description.superpixel
    number = len(description.detectors)
    count = f"{number} detector{'' if number == 1 else 's'}"
    click.echo(
        f"{description.name}: {count}; superpixels of {x:g} x {y:g} mm{how}",
        err=from_headers and output is None,
    )
    for path in (output, plot):
        if path is not None:
            click.echo(f"Wrote {path}.", err=from_headers and output is None)
