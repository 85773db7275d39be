# SPDX-License-Identifier: GPL-3.0-or-later
"""What superpixels and masks do to sky frames: the tables and pictures of doc/guide/settings.md.

On nights of ``accuracy.py`` with a known truth. Large superpixels keep more of the pattern, and more of the
sky; a masker that takes the pattern for objects removes what is to be measured.
"""

from __future__ import annotations

import argparse
import dataclasses
import logging
import pathlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from accuracy import RECOMMENDED, make_sites, rms, run_joint, run_stock

from lsst.cp.sky import CpSkyImageTask
from lsst.cp.sky.simulate import MOSAICS, Mosaic, MosaicNight, mean_cells

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SEED = 401
SIZES = (0.25, 0.5, 1.0, 1.5, 2.0)
"""Sides of superpixels, in sides of a detector."""
MASKERS = {"stock": "stock values", "recommended": "recommended values", "joint": "joint chain"}


def measure_superpixels(sizes: Sequence[float]) -> dict[float, tuple[float, float]]:
    """Measure which fraction of the pattern is kept, and what is left of a moonlit sky (fraction of it)."""
    config = dataclasses.replace(MOSAICS["moon"], grid=(3, 3), exposures=3)
    moonlit = Mosaic(config, SEED)
    even = Mosaic(dataclasses.replace(config, gradient=0.0, curvature=0.0, moon=0.0), SEED)
    out = {}
    for size in sizes:
        kept = run_stock(even, clean=True, superpixel=size)
        left = run_stock(moonlit, clean=True, superpixel=size) - kept
        out[size] = rms(kept) / rms(even.truth()), rms(left)
    return out


def find_masks(mosaic: Mosaic, e: int, d: int) -> dict[str, np.ndarray]:
    """Find what each masker masks on a detector of an exposure, ``(rows, columns)``."""
    out = {}
    night = MosaicNight(mosaic)
    for name in ("stock", "recommended"):
        config = CpSkyImageTask.ConfigClass()
        if name == "recommended":
            config.load(str(RECOMMENDED / "cpSkyImage.py"))
        config.excludeReplaced = True  # otherwise what was masked and replaced is not told apart any more
        config.largeScaleBackground.pixelSize = max(night.camera[0].getPixelSize())
        config.largeScaleBackground.xSize = config.largeScaleBackground.ySize = 10.0
        exposure = night.exposure(e, night.camera[d])
        CpSkyImageTask(config=config).run(exposure, night.camera)
        out[name] = (exposure.mask.array & exposure.mask.getPlaneBitMask("DETECTED")) != 0
    out["joint"] = run_joint(mosaic, make_sites(mosaic)).masks[e, d]
    return out


def draw_superpixels(results: Mapping[float, tuple[float, float]]) -> Figure:
    """Draw what is kept of pattern and sky."""
    from matplotlib.figure import Figure  # not for those who only want the tables

    figure = Figure(figsize=(6.4, 3.0), layout="constrained")
    axes, twin = figure.subplots(1, 2)
    kept, left = np.array(list(results.values())).T
    axes.plot(list(results), 100 * kept, "o-", color="#0072B2")
    axes.set_title("pattern kept", fontsize="medium")
    axes.set_ylabel("% of its rms")
    axes.set_ylim(0, 105)
    twin.plot(list(results), 1e4 * left, "s-", color="#D55E00")
    twin.set_title("moonlit sky left in the sky frame", fontsize="medium")
    twin.set_ylabel("rms [0.01 % of the sky]")
    twin.set_ylim(bottom=0)
    for one in (axes, twin):
        one.set_xlabel("side of a superpixel / of a detector")
        one.grid(alpha=0.3)
    return figure


def draw_masks(mosaic: Mosaic, e: int, d: int, masks: Mapping[str, np.ndarray]) -> Figure:
    """Draw an exposure and what each masker masks on it."""
    from matplotlib.colors import ListedColormap  # not for those who only want the tables
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.4, 2.5), layout="constrained")
    panels = figure.subplots(1, 1 + len(masks))
    relative = mean_cells(mosaic.images[e, d] / mosaic.level[e] - 1, 2)
    limits = {"vmin": -0.06, "vmax": 0.06, "cmap": "gray_r", "origin": "lower"}
    panels[0].set_title("exposure", fontsize="medium")
    for panel in panels:
        panel.imshow(relative, **limits)
        panel.set_xticks([])
        panel.set_yticks([])
    orange = ListedColormap(["#D55E00"])
    for panel, (name, mask) in zip(panels[1:], masks.items(), strict=True):
        panel.imshow(np.where(mask[::2, ::2], 1.0, np.nan), cmap=orange, alpha=0.7, origin="lower")
        panel.set_title(f"{MASKERS[name]}: {mask.mean():.0%}", fontsize="medium")
    return figure


def main(argv: Sequence[str] | None = None) -> dict[float, tuple[float, float]]:
    """Measure, print and draw; returns the figures of superpixels by size."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="of superpixels, comma-separated")
    parser.add_argument(
        "--plots", type=pathlib.Path, help="folder to draw superpixels.png and masks.png into"
    )
    options = parser.parse_args(argv)
    logging.disable(logging.WARNING)
    results = measure_superpixels([float(size) for size in options.sizes.split(",")])
    print("| superpixel / detector | pattern kept | sky left, 0.01 % |\n|---|---|---|")
    for size, (kept, left) in results.items():
        print(f"| {size:g} | {kept:.0%} | {1e4 * left:.1f} |")
    mosaic = Mosaic(dataclasses.replace(MOSAICS["base"], exposures=3), SEED)
    masks = find_masks(mosaic, 0, 0)
    light = mosaic.light[0, 0] > np.sqrt(mosaic.variance[0, 0])
    print("\n| masker | pixels masked | of those with light of objects above the noise |\n|---|---|---|")
    for name, mask in masks.items():
        print(f"| {MASKERS[name]} | {mask.mean():.0%} | {mask[light].mean():.0%} |")
    if options.plots:
        from _pictures import save  # matplotlib: not for those who only want the tables

        save(draw_superpixels(results), options.plots / "superpixels.png")
        save(draw_masks(mosaic, 0, 0, masks), options.plots / "masks.png")
    return results


if __name__ == "__main__":
    main()
