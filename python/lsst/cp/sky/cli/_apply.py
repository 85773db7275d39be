# SPDX-License-Identifier: GPL-3.0-or-later
"""``cpsky apply``: take sky frames out of exposures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click
import numpy as np

from lsst.daf.butler import Butler, CollectionType, DatasetType, MissingDatasetTypeError
from lsst.pipe.base import Instrument, Pipeline
from lsst.pipe.base.simple_pipeline_executor import SimplePipelineExecutor

from ..image import CpSkyImageConfig
from ._command import SkyCommand
from ._progress import progress

__all__ = ("apply",)

_PIPELINES = "resource://lsst.cp.sky/pipelines/_ingredients"
_CHAIN_CONFIG = "cpSkyImage_config"
"""Dataset type of the configuration that has the sizes of superpixels and the masker."""
_LARGEST_SUPERPIXEL = 4096
"""Largest superpixel, pixels along a side, where the size of the detectors decides."""


@click.command(
    cls=SkyCommand,
    examples=(
        """\
cpsky apply REPO -i LSSTCam/raw/all,u/me/isr,u/me/sky,u/me/calib -o u/me/corrected \\
    -d "instrument='LSSTCam' AND exposure=2024032800001\"""",
        """\
cpsky apply REPO -i u/me/calexps,u/me/sky,u/me/calib -o u/me/skyCorr --dataset-type calexp \\
    -d "instrument='HSC' AND visit=1228\"""",
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
    help="Dataset type of the exposures: of visits (calexp) without their sky, of others with it.",
)
@click.option(
    "--background",
    metavar="TYPE",
    help="Dataset type of the background that visits are without.  [default: DATASET-TYPE and Background]",
)
@click.option(
    "--superpixel",
    type=click.FloatRange(min=0, min_open=True),
    metavar="MM",
    help="Side of a superpixel of the sky's model.  [default: as the sky frames were made with, or about a "
    "detector]",
)
@click.option(
    "--pixel-size",
    type=click.FloatRange(min=0, min_open=True),
    metavar="MM",
    help="Size of a pixel.  [default: as the sky frames were made with, or that of the camera]",
)
@click.option(
    "--subtract-sky/--keep-sky",
    default=None,
    help="Subtract the model of the sky, too, or leave it in.  [default: subtract from visits only]",
)
def apply(
    repository: str,
    inputs: str,
    output: str,
    where: str,
    dataset_type: str,
    background: str | None,
    superpixel: float | None,
    pixel_size: float | None,
    subtract_sky: bool | None,
) -> None:
    """Take the sky frames out of exposures in REPO.

    The scale of the sky frames is measured over the whole focal plane of an exposure. Corrected exposures are
    written as cpSkyCorrectedExp, what was subtracted as cpSkyCorrection, and figures before and after as
    cpSkyCorrectionMetrics. Of visits, what is to be subtracted is written as skyCorr, and figures as
    skyCorrMetrics.
    """
    collections = [name.strip() for name in inputs.split(",") if name.strip()]
    try:
        butler = Butler.from_config(repository, writeable=True)
    except FileNotFoundError as error:
        raise click.ClickException(f"{repository} is no butler repository.") from error
    reader = butler.clone(collections=collections)
    pipeline, label = _pipeline(reader, dataset_type, background)
    if subtract_sky is not None:
        pipeline.addConfigOverride(label, "keepSky", not subtract_sky)
    for field, value in _settings(reader, superpixel, pixel_size).items():
        pipeline.addConfigOverride(label, field, value)
    run = _run(butler, pipeline, where, collections, output)
    if run is None:
        raise click.ClickException(
            f"There is nothing to do: no {dataset_type} with a sky frame for its time and filter is in "
            f"{inputs} for {where!r}. Are the sky frames certified, and is their collection among the inputs?"
        )
    _tell(butler, run, output, visits=label == "cpSkyApplyVisit")


def _pipeline(butler: Butler, name: str, background: str | None) -> tuple[Pipeline, str]:
    """Pipeline for exposures or for visits, as the dataset type has them, and the label of its task."""
    dataset_type = _dataset_type(butler, name)
    if "visit" not in dataset_type.dimensions:
        pipeline = Pipeline.from_uri(f"{_PIPELINES}/cpSkyApply.yaml")
        pipeline.addConfigOverride("cpSkyApply", "connections.inputExps", name)
        return pipeline, "cpSkyApply"
    if background is None:
        known = {one.name for one in butler.registry.queryDatasetTypes(f"{name}*")}
        found = [one for one in (f"{name}Background", f"{name}_background") if one in known]
        if not found:
            raise click.UsageError(f"Say --background: there is no dataset type {name}Background.")
        background = found[0]
    pipeline = Pipeline.from_uri(f"{_PIPELINES}/cpSkyApplyVisit.yaml")
    pipeline.addConfigOverride("cpSkyApplyVisit", "connections.calExps", name)
    pipeline.addConfigOverride("cpSkyApplyVisit", "connections.calBkgs", background)
    return pipeline, "cpSkyApplyVisit"


def _dataset_type(butler: Butler, name: str) -> DatasetType:
    try:
        return butler.get_dataset_type(name)
    except MissingDatasetTypeError as error:
        raise click.ClickException(f"There is no dataset type {name!r}; see --dataset-type.") from error


def _settings(butler: Butler, superpixel: float | None, pixel_size: float | None) -> dict[str, Any]:
    """Configuration of the model and the masker.

    That of a run of the stock chain in the collections, if there is one; sizes that are given come before it.
    """
    settings: dict[str, Any] = {}
    if list(butler.registry.queryDatasetTypes(_CHAIN_CONFIG)):
        for ref in butler.query_datasets(_CHAIN_CONFIG, explain=False, limit=1):
            settings = _of_chain(butler.get(ref))
    model = "largeScaleBackground"
    if pixel_size is not None:
        settings[f"{model}.pixelSize"] = pixel_size
    if superpixel is not None:
        settings |= {f"{model}.xSize": superpixel, f"{model}.ySize": superpixel}
    wanted = {f"{model}.{field}" for field in ("xSize", "ySize", "pixelSize")}
    return settings if wanted <= settings.keys() else _of_camera(butler) | settings


def _of_chain(chain: CpSkyImageConfig) -> dict[str, Any]:
    """Fields of the configuration of CpSkyImageTask that apply here, too."""
    settings = {"adaptMaskBins": chain.adaptMaskBins}
    settings |= dict(_flat(chain.largeScaleBackground.toDict(), "largeScaleBackground."))
    masker = chain.maskTask.value
    default = dict(_flat(type(masker)().toDict(), "maskTask."))
    mine = dict(_flat(masker.toDict(), "maskTask."))
    return settings | {name: value for name, value in mine.items() if default.get(name) != value}


def _flat(values: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _of_camera(butler: Butler) -> dict[str, Any]:
    """Sizes that suit the camera, where no run of the chain tells."""
    refs = []
    if list(butler.registry.queryDatasetTypes("camera")):
        refs = butler.query_datasets("camera", find_first=False, explain=False, limit=1)
    if not refs:
        raise click.UsageError(
            "Say --superpixel and --pixel-size: neither a run of cpSkyImage nor a camera is in "
            f"{','.join(butler.collections.defaults)}."
        )
    camera = butler.get(refs[0])
    pixel = max(max(detector.getPixelSize()) for detector in camera)
    side = max(max(detector.getBBox().getDimensions()) for detector in camera)
    superpixel = round(min(side, _LARGEST_SUPERPIXEL) * pixel, 6)
    sizes = {"xSize": superpixel, "ySize": superpixel, "pixelSize": pixel}
    return {f"largeScaleBackground.{field}": value for field, value in sizes.items()}


def _run(butler: Butler, pipeline: Pipeline, where: str, inputs: list[str], output: str) -> str | None:
    """Run a pipeline into a new run of a collection, whose earlier runs stay.

    Returns
    -------
    run : `str` or `None`
        Name of the run; `None` if there was nothing to do.
    """
    run = f"{output}/{Instrument.makeCollectionTimestamp()}"
    butler.collections.register(run)
    try:
        writer = butler.clone(collections=inputs, run=run)
        executor = SimplePipelineExecutor.from_pipeline(pipeline, where=where, butler=writer)
        total = len(executor.predicted)
    except BaseException:
        butler.removeRuns([run])
        raise
    if not total:
        butler.removeRuns([run])
        return None
    if butler.collections.register(output, CollectionType.CHAINED):
        butler.collections.redefine_chain(output, [run, *inputs])
    else:
        butler.collections.prepend_chain(output, run)
    with progress("applying the sky frames") as advance:
        for done, _ in enumerate(executor.as_generator(register_dataset_types=True), start=1):
            advance(done, total)
    return run


def _tell(butler: Butler, run: str, output: str, visits: bool) -> None:
    """Print what was done, a line per exposure or visit."""
    metrics, result = (
        ("skyCorrMetrics", "skyCorr") if visits else ("cpSkyCorrectionMetrics", "cpSkyCorrectedExp")
    )
    for ref in butler.query_datasets(metrics, collections=run, explain=False):
        table = butler.get(ref)
        before, after = (float(np.nanmedian(table[f"residualRms{when}"])) for when in ("Before", "After"))
        name = f"Visit {ref.dataId['visit']}" if visits else f"Exposure {ref.dataId['exposure']}"
        click.echo(
            f"{name}: {len(table)} detectors, scale {table['scale'][0]:.6g}, "
            f"residual {before:.4g} before, {after:.4g} after (rms of cells, median)."
        )
    click.echo(f"{'To subtract' if visits else 'Corrected exposures'}: {result} in {output}")
