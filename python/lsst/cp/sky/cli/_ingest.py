# SPDX-License-Identifier: GPL-3.0-or-later
"""``cpsky ingest``: plain FITS files into a butler repository."""

from __future__ import annotations

import pathlib

import click

from ..ingest import (
    CameraDescriptionError,
    IngestError,
    Kind,
    calib_collection,
    find_planes,
    match_planes,
    raw_collection,
    read_description,
    write_pipeline,
)
from ..ingest import ingest as ingest_inputs
from ._command import SkyCommand
from ._paste import pasteable
from ._progress import progress
from ._types import FOLDER

__all__ = ("ingest",)


@click.command(
    cls=SkyCommand,
    examples=(
        "cpsky ingest REPO night1/*.fits --camera mycam.yaml",
        "cpsky ingest REPO night1/*.fz --camera DECam --mask '*_ood_*' --weight '*_oow_*'",
    ),
)
@click.argument("repo", type=FOLDER)
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False))
@click.option(
    "--camera", required=True, help="Description of the camera: a YAML file, or DECam, Mosaic2x2, SkySim."
)
@click.option("--mask", metavar="PATTERN", help="Names of files that hold masks, as in '*_ood_*'.")
@click.option("--weight", metavar="PATTERN", help="Names of files that hold weights: inverse variances.")
@click.option("--variance", metavar="PATTERN", help="Names of files that hold variances.")
@click.option(
    "--pipeline",
    type=click.Path(dir_okay=False, path_type=pathlib.Path),
    help="File to write a pipeline for this camera to.  [default: REPO/cpSky-CAMERA.yaml]",
)
def ingest(
    repo: pathlib.Path,
    files: tuple[str, ...],
    camera: str,
    mask: str | None,
    weight: str | None,
    variance: str | None,
    pipeline: pathlib.Path | None,
) -> None:
    """Make plain FITS files datasets of a butler repository.

    FILES hold images after instrument signature removal, one detector per file or extension, with masks (0 is
    good) and variances or weights (inverse variances) in further files or extensions. REPO is made if it is
    missing. Either all files are ingested, or none.
    """
    patterns = {
        kind: pattern
        for kind, pattern in ((Kind.MASK, mask), (Kind.WEIGHT, weight), (Kind.VARIANCE, variance))
        if pattern is not None
    }
    try:
        description = read_description(camera)
        inputs = match_planes(find_planes(files, patterns), description)
        with progress("ingesting") as advance:
            ingest_inputs(repo, inputs, description, advance)
    except (CameraDescriptionError, IngestError) as error:
        raise click.ClickException(f"{error} Nothing was ingested.") from error
    path = pipeline or repo / f"cpSky-{description.name}.yaml"
    write_pipeline(path, description)
    filters = sorted({one.facts.filter for one in inputs})
    exposures = len({one.facts.id for one in inputs})
    name = description.name
    click.echo(f"{exposures} exposures, {len(inputs)} images; filters: {', '.join(filters)}.")
    if description.superpixel_is_default:
        x, y = description.superpixel
        click.echo(f"Superpixels of {x:g} x {y:g} mm, about a detector; the camera names none.")
    command = ["pipetask", "run", "-b", str(repo), "-p", str(path)]
    command += ["-i", f"{raw_collection(name)},{calib_collection(name)}", "-o", f"{name}/sky"]
    command += ["--register-dataset-types", "-d", f"instrument='{name}'"]
    click.echo(f"Make sky frames by\n    {pasteable(command)}")
