# SPDX-License-Identifier: GPL-3.0-or-later
"""``cpsky apply``: take sky frames out of exposures."""

from __future__ import annotations

import click
import numpy as np

from lsst.daf.butler import Butler
from lsst.pipe.base import Pipeline
from lsst.pipe.base.simple_pipeline_executor import SimplePipelineExecutor

from ._command import SkyCommand
from ._progress import progress

__all__ = ("apply",)

_PIPELINE = "resource://lsst.cp.sky/pipelines/_ingredients/cpSkyApply.yaml"
_LABEL = "cpSkyApply"
_CHAIN_CONFIG = "cpSkyImage_config"
"""Dataset type of the configuration that has the sizes of superpixels."""


@click.command(
    cls=SkyCommand,
    examples=(
        """\
cpsky apply REPO -i LSSTCam/raw/all,u/me/isr,u/me/calib -o u/me/corrected \\
    -d "instrument='LSSTCam' AND exposure=2024032800001\"""",
        """\
cpsky apply REPO -i MyCam/raw/all,MyCam/calib -o u/me/corrected --dataset-type cpSkyIsrExp \\
    --superpixel 40.96 --pixel-size 0.015 -d "instrument='MyCam'\"""",
    ),
)
@click.argument("repository", metavar="REPO")
@click.option(
    "-i",
    "--input",
    "inputs",
    required=True,
    metavar="NAMES",
    help="Collections of the exposures, the camera and the certified sky frames, separated by commas.",
)
@click.option("-o", "--output", required=True, metavar="NAME", help="Collection to write to.")
@click.option("-d", "--where", required=True, metavar="QUERY", help="Exposures, as pipetask's -d has it.")
@click.option(
    "--dataset-type",
    default="postISRCCD",
    show_default=True,
    help="Dataset type of the exposures, whose sky must not have been subtracted.",
)
@click.option(
    "--superpixel",
    type=click.FloatRange(min=0, min_open=True),
    metavar="MM",
    help="Side of a superpixel of the sky's model.  [default: as the sky frames were made with]",
)
@click.option(
    "--pixel-size",
    type=click.FloatRange(min=0, min_open=True),
    metavar="MM",
    help="Size of a pixel.  [default: as the sky frames were made with]",
)
@click.option("--subtract-sky", is_flag=True, help="Subtract the model of the sky, too.")
def apply(
    repository: str,
    inputs: str,
    output: str,
    where: str,
    dataset_type: str,
    superpixel: float | None,
    pixel_size: float | None,
    subtract_sky: bool,
) -> None:
    """Take the sky frames out of exposures in REPO.

    The scale of the sky frames is measured over the whole focal plane of an exposure. Corrected exposures are
    written as cpSkyCorrectedExp, what was subtracted as cpSkyCorrection, and figures before and after as
    cpSkyCorrectionMetrics.
    """
    collections = [name.strip() for name in inputs.split(",") if name.strip()]
    pipeline = Pipeline.from_uri(_PIPELINE)
    pipeline.addConfigOverride(_LABEL, "connections.inputExps", dataset_type)
    pipeline.addConfigOverride(_LABEL, "keepSky", not subtract_sky)
    try:
        settings = _settings(repository, collections, superpixel, pixel_size)
        butler = SimplePipelineExecutor.prep_butler(repository, inputs=collections, output=output)
    except FileNotFoundError as error:
        raise click.ClickException(f"{repository} is no butler repository.") from error
    for field, value in settings.items():
        pipeline.addConfigOverride(_LABEL, field, value)
    executor = SimplePipelineExecutor.from_pipeline(pipeline, where=where, butler=butler)
    total = len(executor.quantum_graph)
    if total:
        with progress("applying the sky frames") as advance:
            for done, _ in enumerate(executor.as_generator(register_dataset_types=True), start=1):
                advance(done, total)
    else:
        raise click.ClickException(
            f"There is nothing to do: no {dataset_type} with a sky frame for its time and filter is in "
            f"{inputs} for {where!r}. Are the sky frames certified, and is their collection among the inputs?"
        )
    _tell(butler, output)


def _settings(
    repository: str, collections: list[str], superpixel: float | None, pixel_size: float | None
) -> dict[str, float]:
    """Sizes of superpixels and pixels: those given, or else those that a run in the collections used.

    The masker's bins follow those of that run, too.
    """
    sizes: dict[str, float] = {}
    settings: dict[str, float] = {}
    if superpixel is None or pixel_size is None:
        with Butler.from_config(repository, collections=collections) as butler:
            if list(butler.registry.queryDatasetTypes(_CHAIN_CONFIG)):
                for ref in butler.query_datasets(_CHAIN_CONFIG, explain=False, limit=1):
                    config = butler.get(ref)
                    settings["adaptMaskBins"] = config.adaptMaskBins
                    model = config.largeScaleBackground
                    sizes = {field: getattr(model, field) for field in ("xSize", "ySize", "pixelSize")}
    if superpixel is not None:
        sizes |= {"xSize": superpixel, "ySize": superpixel}
    if pixel_size is not None:
        sizes["pixelSize"] = pixel_size
    if missing := {"xSize", "pixelSize"} - sizes.keys():
        options = {"xSize": "--superpixel", "pixelSize": "--pixel-size"}
        raise click.UsageError(
            f"Say {' and '.join(options[one] for one in sorted(missing, reverse=True))}: no run of "
            f"cpSkyImage in {','.join(collections)} tells which the sky frames were made with."
        )
    return settings | {f"largeScaleBackground.{field}": value for field, value in sizes.items()}


def _tell(butler: Butler, output: str) -> None:
    """Print what was done, a line per exposure."""
    for ref in butler.query_datasets("cpSkyCorrectionMetrics", collections=output, explain=False):
        table = butler.get(ref)
        before, after = (float(np.nanmedian(table[f"residualRms{when}"])) for when in ("Before", "After"))
        click.echo(
            f"Exposure {ref.dataId['exposure']}: {len(table)} detectors, scale {table['scale'][0]:.6g}, "
            f"residual {before:.4g} before, {after:.4g} after (rms of cells, median)."
        )
    click.echo(f"Corrected exposures: cpSkyCorrectedExp in {output}")
