# SPDX-License-Identifier: GPL-3.0-or-later
"""``cpsky demo``: the whole process on a simulated night."""

from __future__ import annotations

import pathlib
import time
from typing import TYPE_CHECKING

import click

from ..demo import CHAINS, Demo, DemoError, check_passed, format_results, read_camera
from ..simulate import Night, NightConfig, bin_camera, binning_for_size, make_raft_camera
from ._command import SkyCommand
from ._paste import pasteable
from ._progress import progress
from ._types import FOLDER

if TYPE_CHECKING:
    from lsst.afw.cameraGeom import Camera

__all__ = ("choose_detectors", "demo")


@click.command(
    cls=SkyCommand,
    examples=(
        "cpsky demo sky-demo",
        "cpsky demo sky-small --size 170 --exposures 3 --detectors R00_S0,R00_S11 --chain joint",
        "cpsky demo sky-decam --camera DECam --size 256 --exposures 3 -j 2",
    ),
)
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.option(
    "--camera",
    "camera_source",
    metavar="CAMERA",
    help="Camera to simulate with: the FITS file of a real camera, a YAML description, or the name of one "
    "that is shipped (DECam, Mosaic2x2).  [default: a raft of 9 detectors of two types]",
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
    camera_source: str | None,
    detectors: str | None,
    size: int,
    exposures: int,
    seed: int,
    chain: str,
    jobs: int,
) -> None:
    """Simulate a night, make its sky frames, compare them with the truth.

    Everything goes to DIR, which must be missing or empty: the butler repository (repo), the pipelines
    and logs of each chain (joint.yaml, joint.log), and two plots: the patterns (sky_demo.png), and a science
    exposure before and after the sky frames were taken out of it (sky_applied.png).
    """
    start = time.monotonic()
    camera = _load_camera(camera_source, size)
    chosen = choose_detectors(camera, detectors)
    night = Night(camera, NightConfig(exposures=exposures, seed=seed))
    chains = CHAINS if chain == "both" else (chain,)
    _demo_steps(Demo(folder, night, chosen, chains), jobs)
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
    with progress("applying the sky frames") as advance:
        commands["apply"] = demo.apply(advance)
    with progress("comparing with the truth") as advance:
        results, patterns = demo.compare(advance)
    demo.draw(patterns)
    demo.draw_applied()
    quoted = "".join(f"\n    {pasteable(command)}" for command in commands.values())
    click.echo(f"\nThe pipelines were run by{quoted}\n\n{format_results(results, demo.masked())}\n")
    click.echo(
        f"Picture: {demo.picture}\n"
        f"A science exposure before and after: {demo.applied_picture}\n"
        f"Repository: {demo.repository} (sky frames of the {demo.chains[0]} chain certified in SkySim/calib)"
    )
    if not check_passed(results):
        raise DemoError("The check failed: the sky frames are not as near to the truth as they should be.")


def _load_camera(source: str | None, size: int) -> Camera:
    """Read or make the camera, binned to the requested size."""
    camera = make_raft_camera() if source is None else read_camera(source)
    return bin_camera(camera, binning_for_size(camera, size))


def choose_detectors(camera: Camera, names: str | None) -> list[int]:
    """Return the numbers of the detectors whose names begin with one of those given."""
    if names is None:
        return [detector.getId() for detector in camera]
    chosen: list[int] = []
    for name in map(str.strip, names.split(",")):
        if not name:
            raise click.BadParameter(
                f"{names!r} has an empty name in it; leave the option out to include all detectors.",
                param_hint="--detectors",
            )
        found = [detector.getId() for detector in camera if detector.getName().startswith(name)]
        if not found:
            names_known = sorted(detector.getName() for detector in camera)
            known = ", ".join(names_known[:9]) + (", ..." if len(names_known) > 9 else "")
            raise click.BadParameter(
                f"{camera.getName()} has no detector whose name begins with {name!r}; it has {known}.",
                param_hint="--detectors",
            )
        chosen += [number for number in found if number not in chosen]
    return chosen
