# SPDX-License-Identifier: GPL-3.0-or-later
"""``cpsky demo``: the whole process on a simulated night."""

from __future__ import annotations

import pathlib
import shlex
import time

import click

from lsst.afw.cameraGeom import Camera

from ..demo import CHAINS, Demo, DemoError, PipelineError, check_passed, format_results
from ..simulate import Night, NightConfig, bin_camera, binning_for_size, make_raft_camera
from ._progress import progress

__all__ = ("demo",)


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=pathlib.Path))
@click.option(
    "--camera",
    "camera_file",
    type=click.Path(exists=True, dir_okay=False, path_type=pathlib.Path),
    help="FITS file of a real camera; by default a raft of 9 detectors of two types.",
)
@click.option(
    "--detectors",
    metavar="NAMES",
    help="Detectors to include: beginnings of names, separated by commas (R22,R01_S11).  [default: all]",
)
@click.option(
    "--size",
    default=512,
    show_default=True,
    type=click.IntRange(min=64),
    help="Bin detectors until their longer side has at most this many pixels.",
)
@click.option(
    "--exposures", default=5, show_default=True, type=click.IntRange(min=1), help="Number of exposures."
)
@click.option(
    "--seed", default=20240328, show_default=True, type=click.IntRange(min=0), help="Seed of the night."
)
@click.option(
    "--chain",
    type=click.Choice(["joint", "stock", "both"]),
    default="both",
    show_default=True,
    help="Chain that makes the sky frames; of both, those of the joint chain are certified.",
)
@click.option(
    "-j",
    "--jobs",
    default=1,
    show_default=True,
    type=click.IntRange(min=1),
    help="Processes of pipetask; with more than one, each quantum starts its own, which pays for large "
    "detectors.",
)
def demo(
    folder: pathlib.Path,
    camera_file: pathlib.Path | None,
    detectors: str | None,
    size: int,
    exposures: int,
    seed: int,
    chain: str,
    jobs: int,
) -> None:
    """Simulate a night, make its sky frames, compare them with the truth.

    Everything goes to DIR, which must be missing or empty: the butler repository (repo), the pipelines
    (pipeline.yaml), the output of pipetask (pipetask.log) and the plot (sky_demo.png).
    """
    start = time.monotonic()
    try:
        camera = _load_camera(camera_file, size)
        chosen = _choose_detectors(camera, detectors)
        night = Night(camera, NightConfig(exposures=exposures, seed=seed))
        chains = CHAINS if chain == "both" else (chain,)
        _demo_steps(Demo(folder, night, chosen, chains), jobs)
    except (DemoError, PipelineError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Took {time.monotonic() - start:.0f} s.")


def _demo_steps(demo: Demo, jobs: int) -> None:
    """Run the steps of the demo, reporting progress."""
    camera, config = demo.night.camera, demo.night.config
    counts = f"{len(demo.detectors)} detectors, {config.exposures} exposures"
    click.echo(f"{camera.getName()}: {counts}, seed {config.seed}")
    with progress("simulating the night") as advance:
        demo.simulate(advance)
    commands = {}
    for chain in demo.chains:
        with progress(f"running the {chain} chain") as advance:
            commands[chain] = demo.run_pipeline(chain, jobs, advance)
    demo.certify()
    with progress("comparing with the truth") as advance:
        results, patterns = demo.compare(advance)
    demo.draw(patterns)
    quoted = "".join(f"\n    {shlex.join(command)}" for command in commands.values())
    click.echo(f"\nThe pipelines were run by{quoted}\n\n{format_results(results, demo.masked())}\n")
    click.echo(
        f"Picture: {demo.picture}\n"
        f"Repository: {demo.repository} (sky frames of the {demo.chains[0]} chain certified in SkySim/calib)"
    )
    if not check_passed(results):
        raise DemoError("The check failed: the sky frames are not as near to the truth as they should be.")


def _load_camera(file: pathlib.Path | None, size: int) -> Camera:
    """Read or make the camera, binned to the requested size."""
    camera = make_raft_camera() if file is None else Camera.readFits(str(file))
    return bin_camera(camera, binning_for_size(camera, size))


def _choose_detectors(camera: Camera, names: str | None) -> list[int]:
    """Return the numbers of the detectors whose names begin with one of those given."""
    if names is None:
        return [detector.getId() for detector in camera]
    chosen: list[int] = []
    for name in names.split(","):
        found = [detector.getId() for detector in camera if detector.getName().startswith(name)]
        if not found:
            known = ", ".join(sorted(detector.getName() for detector in camera)[:9])
            raise click.BadParameter(
                f"{camera.getName()} has no detector whose name begins with {name!r}; it has {known}...",
                param_hint="--detectors",
            )
        chosen += [number for number in found if number not in chosen]
    return chosen
