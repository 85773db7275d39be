# SPDX-License-Identifier: GPL-3.0-or-later
"""How close sky frames come to the limit that photons set, the stock chain beside the joint one.

Nights with a known truth. An error is the root mean square over cells of the sky frame less the truth, in
units of the root mean square of the limit: of the pixels that were left unmasked (own), of all good pixels
(all), of all pixels with exposures weighted equally (equal); see doc/joint.md.
"""

from __future__ import annotations

import argparse
import json
import logging
import pathlib
import sys
import time

import numpy as np

from lsst.afw.image import ExposureF
from lsst.cp.sky import (
    CpSkyCombineTask,
    CpSkyImageTask,
    CpSkyScaleMeasureTask,
    CpSkySubtractBackgroundTask,
)
from lsst.cp.sky.joint import (
    Grid,
    NoiseModel,
    Pixels,
    Placement,
    Product,
    Site,
    linear_response,
    project_cells,
    run_chain,
)
from lsst.cp.sky.simulate import MOSAICS, Mosaic, MosaicNight, make_mosaic
from lsst.pipe.base import AlgorithmError
from lsst.pipe.tasks.background import FocalPlaneBackground

NIGHTS = ("yardstick60", "yardstick150", *MOSAICS)
SEEDS = (11, 12, 13, 14, 15)
RECOMMENDED = pathlib.Path(__file__).resolve().parents[1] / "config" / "recommended"


def rms(values: np.ndarray) -> float:
    """Root mean square of what is finite."""
    return float(np.sqrt(np.nanmean(np.square(values))))


def make_sites(mosaic: Mosaic) -> list[Site]:
    """The detectors of a mosaic as the joint chain sees them."""
    (row, column), (height, width) = mosaic.config.amplifier_ends, mosaic.images.shape[-2:]
    amplifiers = [
        (y0, y1, x0, x1) for y0, y1 in ((0, row), (row, height)) for x0, x1 in ((0, column), (column, width))
    ]
    grid = Grid((height, width), amplifiers)
    return [Site(grid, Placement(np.eye(2) / mosaic.radius, c / mosaic.radius)) for c in mosaic.corner]


def run_joint(mosaic: Mosaic, sites: list[Site]) -> Product:
    """Run the joint chain on a night."""

    def read(e: int, d: int) -> Pixels | None:
        if not mosaic.have[e, d]:
            return None
        good = mosaic.good(e, d) & np.isfinite(mosaic.images[e, d])
        return Pixels(mosaic.images[e, d], good, mosaic.variance[e, d])

    noise = [NoiseModel.uniform(site.grid, 1.0, mosaic.config.read_noise**2) for site in sites]
    return run_chain(read, mosaic.config.exposures, sites, noise)


def judge_joint(mosaic: Mosaic, sites: list[Site], product: Product) -> dict[str, float]:
    """Errors of the joint chain's sky frames, and what they are made of."""
    order = product.solution.order
    use = np.zeros(mosaic.images.shape, dtype=bool)
    for (e, d), mask in product.masks.items():
        use[e, d] = mosaic.good(e, d) & ~mask
    value = np.array(project_cells(sites, [one.value for one in product.cells], order)[0])
    error = value - np.array(project_cells(sites, list(mosaic.truth()), order)[0])
    fine = ~np.array([one.filled for one in product.cells])
    own = rms(mosaic.limit(use)[fine])
    layers = {name: layer[fine] for name, layer in split_error(mosaic, sites, product, use).items()}
    rest = error[fine] - layers["contamination"] - layers["noise"]
    good = sum(np.count_nonzero(mosaic.good(e, d)) for e, d in product.masks)
    return {
        "own": rms(error[fine]) / own,
        "all": rms(error) / rms(mosaic.limit()),
        "equal": rms(error) / rms(mosaic.limit(equal=True)),
        "contamination": rms(layers["contamination"]) / own,
        "noise": rms(layers["noise"]) / own,
        "rest": rms(rest) / own,
        "masked": 1 - np.count_nonzero(use) / good,
        "flagged": 1 - float(fine.mean()),
    }


def split_error(
    mosaic: Mosaic, sites: list[Site], product: Product, use: np.ndarray
) -> dict[str, np.ndarray]:
    """What objects that were not masked, and what noise, do to the cells, by the last solve made linear."""
    layers: dict[str, list[np.ndarray]] = {"contamination": [], "noise": []}
    for d, site in enumerate(sites):
        for name, planes in layers.items():
            bins = np.zeros((mosaic.config.exposures, *site.grid.shape))
            for e in range(mosaic.config.exposures):
                light = mosaic.light[e, d]
                if name == "noise":
                    light = mosaic.images[e, d] - mosaic.clean(e, d) - light
                count = site.grid.sum(use[e, d])
                bins[e] = site.grid.sum(np.where(use[e, d], light, 0)) / np.maximum(count, 1)
            planes.append(bins)
    out = {}
    for name, planes in layers.items():
        pattern = linear_response(sites, product.bins, planes, product.solution)
        cells = [
            site.grid.over_cells(site.grid.area * one) / site.grid.over_cells(site.grid.area)
            for site, one in zip(sites, pattern, strict=True)
        ]
        out[name] = np.array(project_cells(sites, cells, product.solution.order)[0])
    return out


def run_stock(
    mosaic: Mosaic, *, clean: bool, recommended: bool = False, superpixel: float = 1.0
) -> np.ndarray:
    """Sky frames of the stock chain, ``(D, ny, nx)``, with superpixels of so many sides of a detector.

    Clean: of a night without noise, sources and defects, and so without anything to mask: what the stock
    chain keeps of the pattern, to which its frames are compared. Recommended: with the values in
    ``config/recommended`` for masks and scales.
    """
    night = MosaicNight(mosaic)
    config, scale_config = CpSkyImageTask.ConfigClass(), CpSkyScaleMeasureTask.ConfigClass()
    if recommended:
        config.load(str(RECOMMENDED / "cpSkyImage.py"))
        scale_config.load(str(RECOMMENDED / "cpSkyScaleMeasure.py"))
    model = config.largeScaleBackground
    model.pixelSize = max(night.camera[0].getPixelSize())
    model.xSize = model.ySize = superpixel * night.camera[0].getBBox().getWidth() * model.pixelSize
    model.binning = 32
    image, scale = CpSkyImageTask(config=config), CpSkyScaleMeasureTask(config=scale_config)
    subtract, combine = CpSkySubtractBackgroundTask(), CpSkyCombineTask()
    backgrounds: list[list] = [[] for _ in mosaic.corner]
    for e in range(mosaic.config.exposures):
        exposures = {d: take(night, e, d, clean) for d in np.flatnonzero(mosaic.have[e])}
        shares = []
        for exposure in exposures.values():
            if clean:
                share = FocalPlaneBackground.fromCamera(model, night.camera)
                share.addCcd(exposure)
            else:
                share = image.run(exposure, night.camera).maskedBkg
            shares.append(share)
        sky = scale.run(shares)
        for d, exposure in exposures.items():
            backgrounds[d].append(subtract.run(exposure, sky.outputBkg, sky.outputScale).outputBkg)
    return np.array([combine.sky.averageBackgrounds(one).image.array for one in backgrounds])


def take(night: MosaicNight, e: int, d: int, clean: bool) -> ExposureF:
    """One exposure of one detector."""
    exposure = night.exposure(e, night.camera[int(d)])
    if clean:
        exposure.image.array[:] = night.mosaic.clean(e, d)
        exposure.mask.array[:] = 0
    return exposure


def measure(name: str, seed: int, stock: bool) -> dict[str, dict[str, float]]:
    """All figures of a night."""
    mosaic = make_mosaic(name, seed)
    sites = make_sites(mosaic)
    megapixels = mosaic.images.size / 1e6
    start = time.process_time()
    product = run_joint(mosaic, sites)
    cost = (time.process_time() - start) / megapixels
    out = {"joint": {**judge_joint(mosaic, sites, product), "cost": cost}}
    if stock:
        start = time.process_time()
        try:
            error = run_stock(mosaic, clean=False)
            cost = (time.process_time() - start) / megapixels
            error = error - run_stock(mosaic, clean=True)
            limits = {"all": mosaic.limit(), "equal": mosaic.limit(equal=True)}
            out["stock"] = {k: rms(error) / rms(limit) for k, limit in limits.items()} | {"cost": cost}
        except AlgorithmError as failure:  # the masker left nothing to measure the sky on
            print(f"{name} {seed}: stock chain: {failure}", file=sys.stderr)
    return out


def print_table(results: dict[str, list[dict[str, dict[str, float]]]]) -> None:
    """Print mean and standard deviation over seeds as a table in Markdown."""
    print(
        "| night | joint, own | joint, all | joint, equal | stock, equal | contamination | noise | rest "
        "| masked | flagged | cost, s/Mpix: joint | stock | ratio |\n|" + "---|" * 13
    )
    for name, runs in results.items():
        joint = [run["joint"] for run in runs]
        stock = [run["stock"] for run in runs if "stock" in run]
        cells = [spread([run[key] for run in joint]) for key in ("own", "all", "equal")]
        cells.append(spread([run["equal"] for run in stock]))
        cells += [f"{np.mean([run[key] for run in joint]):.2f}" for key in ("contamination", "noise", "rest")]
        cells += [f"{np.mean([run[key] for run in joint]):.1%}" for key in ("masked", "flagged")]
        ours = float(np.mean([run["cost"] for run in joint]))
        theirs = float(np.mean([run["cost"] for run in stock])) if stock else np.nan
        cells += [f"{ours:.2f}", f"{theirs:.2f}", f"{ours / theirs:.1f}"]
        print(f"| {name} | " + " | ".join(cells) + " |")


def spread(values: list[float]) -> str:
    """Mean and standard deviation in words."""
    return f"{np.mean(values):.2f} +- {np.std(values):.2f}" if values else "-"


def main(argv: list[str] | None = None) -> dict[str, list[dict[str, dict[str, float]]]]:
    """Measure and print; returns the figures of each night, one entry a seed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seeds", default=",".join(map(str, SEEDS)), help="comma-separated")
    parser.add_argument("--mocks", default=",".join(NIGHTS), help=f"comma-separated, of {', '.join(NIGHTS)}")
    parser.add_argument("--no-stock", action="store_true", help="leave out the stock chain")
    parser.add_argument(
        "--keep", type=pathlib.Path, help="folder that keeps the figures of each night and seed"
    )
    options = parser.parse_args(argv)
    logging.disable(logging.WARNING)
    results: dict[str, list[dict[str, dict[str, float]]]] = {}
    for name in options.mocks.split(","):
        for seed in map(int, options.seeds.split(",")):
            kept = options.keep / f"{name}_{seed}.json" if options.keep else None
            if kept is not None and kept.exists():
                figures = json.loads(kept.read_text())
            else:
                figures = measure(name, seed, not options.no_stock)
            if kept is not None:
                kept.parent.mkdir(parents=True, exist_ok=True)
                kept.write_text(json.dumps(figures))
            results.setdefault(name, []).append(figures)
    print_table(results)
    return results


if __name__ == "__main__":
    main()
