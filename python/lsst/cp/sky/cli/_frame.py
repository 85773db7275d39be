# SPDX-License-Identifier: GPL-3.0-or-later
"""``cpsky frame``: FITS files to a sky frame, without a repository."""

from __future__ import annotations

import pathlib

import click

from ..frame import build_sky_frame, draw_sky_frame, exposures_of_files
from ..ingest import Kind, read_description
from ._command import SkyCommand
from ._progress import progress

__all__ = ("frame",)


@click.command(
    cls=SkyCommand,
    examples=(
        "cpsky frame night1/*.fits --camera mycam.yaml -o sky.fits --plot sky.png",
        "cpsky frame night1/*.fz --camera DECam --filter 'r DECam' --chain stock -o sky-r.fits",
    ),
)
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False))
@click.option("--camera", required=True, help="Description of the camera: a YAML file, or the name of one.")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=pathlib.Path),
    help="FITS file to write the sky frame to.",
)
@click.option("--overwrite", is_flag=True, help="Replace the output if it exists.")
@click.option("--plot", type=click.Path(dir_okay=False), help="File to draw the sky frame to.")
@click.option("--filter", "physical", help="Filter to use, if FILES are of several; its first word will do.")
@click.option(
    "--chain",
    type=click.Choice(["joint", "stock"]),
    default="joint",
    show_default=True,
    help="Skies of all exposures solved for at once, or the tasks of the stack's pipeline.",
)
@click.option("--mask", metavar="PATTERN", help="Names of files that hold masks, as in '*_ood_*'.")
@click.option("--weight", metavar="PATTERN", help="Names of files that hold weights: inverse variances.")
@click.option("--variance", metavar="PATTERN", help="Names of files that hold variances.")
def frame(
    files: tuple[str, ...],
    camera: str,
    output: pathlib.Path,
    overwrite: bool,
    plot: str | None,
    physical: str | None,
    chain: str,
    mask: str | None,
    weight: str | None,
    variance: str | None,
) -> None:
    """Make a sky frame of FITS files, without a repository.

    FILES are as for `cpsky ingest`. The output has three extensions per detector: the sky frame, a pixel per
    cell, as a fraction of the sky; its mask; its variance.
    """
    if output.exists() and not overwrite:
        raise click.ClickException(f"{output} exists; --overwrite replaces it.")
    patterns = {
        kind: pattern
        for kind, pattern in ((Kind.MASK, mask), (Kind.WEIGHT, weight), (Kind.VARIANCE, variance))
        if pattern is not None
    }
    description = read_description(camera)
    found = exposures_of_files(files, description, patterns)
    name = _choose_filter(list(found), physical)
    with progress("making the sky frame") as advance:
        sky_frame = build_sky_frame(found[name], description, chain=chain, progress=advance)
    sky_frame.write(output, overwrite=overwrite)
    if plot is not None:
        draw_sky_frame(sky_frame, description, plot)
    counts = f"{len(found[name])} exposures in {name}, {len(sky_frame.detectors)} detectors"
    click.echo(f"{counts}: wrote {output}.")


def _choose_filter(known: list[str], wanted: str | None) -> str:
    """Filter to use: the one that there is, or the one that is asked for."""
    if wanted is None and len(known) == 1:
        return known[0]
    if wanted in known:
        return str(wanted)
    begin = [name for name in known if wanted and name.split()[0] == wanted]
    if len(begin) == 1:
        return begin[0]
    names = ", ".join(repr(name) for name in known)
    raise click.BadParameter(f"the files are of {names}; name one of them.", param_hint="--filter")
