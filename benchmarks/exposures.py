# SPDX-License-Identifier: GPL-3.0-or-later
"""How many exposures a sky frame needs: its error against their number, by either chain.

The night is that of ``accuracy.py`` called ``base``, with more or fewer exposures. Errors are root mean
squares over the cells of the sky frame less the truth, in 0.01 % of the sky; see doc/joint.md.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import logging
import pathlib
from collections.abc import Sequence

import numpy as np
from accuracy import make_sites, rms, run_joint, run_stock

from lsst.cp.sky.joint import project_cells
from lsst.cp.sky.simulate import MOSAICS, Mosaic
from lsst.pipe.base import AlgorithmError

NUMBERS = (1, 2, 3, 5, 8, 12, 20)
SEEDS = (301, 302, 303)
UNIT = 1e-4
"""Of the errors printed, a fraction of the sky."""
CURVES = {
    "limit": "photon limit",
    "joint": "joint chain",
    "recommended": "stock chain, recommended values",
    "stock": "stock chain, stock values",
    "undithered": "joint chain, no dithers",
}
"""What is drawn, with its name."""
STYLES = {
    "limit": ("black", "--", ""),
    "joint": ("#0072B2", "-", "o"),
    "recommended": ("#E69F00", "-", "s"),
    "stock": ("#D55E00", "-", "^"),
    "undithered": ("#56B4E9", ":", "v"),
}
"""Colour, line and mark of each: told apart by those who are colour-blind, and in print."""


def joint_error(mosaic: Mosaic) -> float:
    """Error of the joint chain's sky frames, without what no data can tell from sky."""
    sites = make_sites(mosaic)
    product = run_joint(mosaic, sites)
    order = product.solution.order
    found, _ = project_cells(sites, [cells.value for cells in product.cells], order)
    truth, _ = project_cells(sites, list(mosaic.truth()), order)
    return rms(np.array(found) - np.array(truth))


def stock_error(mosaic: Mosaic, kept: np.ndarray, *, recommended: bool) -> float:
    """Error of the stock chain's sky frames; NaN if the masker leaves no sky."""
    try:
        return rms(run_stock(mosaic, clean=False, recommended=recommended) - kept)
    except AlgorithmError:
        return np.nan


def measure(number: int, seed: int) -> dict[str, float]:
    """Measure all errors of one night, fractions of the sky."""
    mosaic = Mosaic(dataclasses.replace(MOSAICS["base"], exposures=number), seed)
    kept = run_stock(mosaic, clean=True)
    still = Mosaic(dataclasses.replace(MOSAICS["nodither"], exposures=number), seed)
    return {
        "limit": rms(mosaic.limit()),
        "joint": joint_error(mosaic),
        "recommended": stock_error(mosaic, kept, recommended=True),
        "stock": stock_error(mosaic, kept, recommended=False),
        "undithered": joint_error(still),
    }


def summarize(nights: Sequence[dict[str, float]]) -> dict[str, float]:
    """Combine the errors of several nights into root mean squares."""
    return {name: rms(np.array([night[name] for night in nights])) for name in CURVES}


def print_table(results: dict[int, dict[str, float]]) -> None:
    """Print the curves as a table in Markdown."""
    print("| exposures | " + " | ".join(CURVES.values()) + " |\n|" + "---|" * (len(CURVES) + 1))
    for number, errors in results.items():
        print(f"| {number} | " + " | ".join(f"{errors[name] / UNIT:.1f}" for name in CURVES) + " |")


def draw(results: dict[int, dict[str, float]], path: pathlib.Path) -> None:
    """Draw the curves."""
    from _pictures import save  # matplotlib: not for those who only want the table
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4.2), layout="constrained")
    axes = figure.add_subplot()
    for name, label in CURVES.items():
        colour, line, mark = STYLES[name]
        values = [errors[name] / UNIT for errors in results.values()]
        axes.plot(list(results), values, line, color=colour, marker=mark, label=label)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xticks(list(results), [str(number) for number in results])
    axes.set_yticks([2, 5, 10, 20], ["2", "5", "10", "20"])
    axes.minorticks_off()
    axes.set_xlabel("exposures")
    axes.set_ylabel("error of a cell of the sky frame [0.01 % of the sky]")
    axes.grid(alpha=0.3)
    axes.legend(frameon=False, fontsize="small")
    save(figure, path)


def main(argv: Sequence[str] | None = None) -> dict[int, dict[str, float]]:
    """Measure, print and draw; returns the errors by number of exposures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--numbers", default=",".join(map(str, NUMBERS)), help="of exposures, comma-separated"
    )
    parser.add_argument("--seeds", default=",".join(map(str, SEEDS)), help="of nights, comma-separated")
    parser.add_argument("--plot", type=pathlib.Path, help="file to draw the curves into")
    parser.add_argument("--keep", type=pathlib.Path, help="file that keeps the errors of nights already done")
    options = parser.parse_args(argv)
    logging.disable(logging.WARNING)
    kept = json.loads(options.keep.read_text()) if options.keep and options.keep.exists() else {}
    results: dict[int, dict[str, float]] = {}
    for number in map(int, options.numbers.split(",")):
        for seed in options.seeds.split(","):
            if f"{number} {seed}" not in kept:
                kept[f"{number} {seed}"] = measure(number, int(seed))
                if options.keep:
                    options.keep.write_text(json.dumps(kept))
        results[number] = summarize([kept[f"{number} {seed}"] for seed in options.seeds.split(",")])
    print_table(results)
    if options.plot:
        draw(results, options.plot)
    return results


if __name__ == "__main__":
    main()
