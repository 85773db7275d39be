# SPDX-License-Identifier: GPL-3.0-or-later
"""Say where the time of `CpSkyImageTask.run` and of `CpSkySubtractBackgroundTask.run` goes.

Run it with one thread, or the work of the others is counted as waiting.
"""

from __future__ import annotations

import cProfile
import logging
import os
import pstats

from _setup import arguments
from mask_objects import make_masking
from subtract import make_inputs

from lsst.cp.sky import CpSkySubtractBackgroundTask

#: What to add up, by the name of the function whose time, with all it calls, counts.
SHARES = (
    ("statistics of cells", "arrays/boxes.py", "measure_boxes"),
    ("statistics of models", "arrays/boxes.py", "_sum_chunks"),
    ("smoothing", "arrays/smooth.py", "fill"),
    ("thresholds", "arrays/search.py", "above_noise"),
    ("growing", "arrays/regions.py", "grow"),
    ("setting the mask", "_footprint_set.py", "mark"),
    ("interpolation", "arrays/cells.py", "fill"),
    ("arithmetic of images", "_image.py", "_apply"),
    ("arithmetic of images", "arrays/rows.py", "work"),
)


def shares(profile: cProfile.Profile) -> dict[str, float]:
    """Share of the time by what it was spent on."""
    stats = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    total = sum(own for _, _, own, _, _ in stats.values())
    found = dict.fromkeys((what for what, _, _ in SHARES), 0.0)
    for (path, _, name), (_, _, _, cumulative, _) in stats.items():
        for what, module, function in SHARES:
            if path.endswith(module) and name == function:
                found[what] += cumulative / total
    found["the rest"] = 1 - sum(found.values())
    return found


def main(argv: list[str] | None = None) -> dict[str, dict[str, float]]:
    """Measure and print the shares."""
    os.environ["OMP_NUM_THREADS"] = "1"
    options = arguments(__doc__, argv)
    logging.disable(logging.WARNING)
    mask, camera, exposure = make_masking(options.width, options.height, options.stars)
    subtract = CpSkySubtractBackgroundTask()
    masked, model, scale = make_inputs(options.width, options.height, options.stars)
    results = {}
    for name, work, given in (
        ("CpSkyImageTask.run", lambda one: mask.run(one, camera), exposure),
        ("CpSkySubtractBackgroundTask.run", lambda one: subtract.run(one, model, scale), masked),
    ):
        work(given.clone())
        profile = cProfile.Profile()
        for _ in range(options.repeat):
            one = given.clone()
            profile.enable()
            work(one)
            profile.disable()
        results[name] = shares(profile)
        print(f"{name}")
        for what, share in sorted(results[name].items(), key=lambda item: -item[1]):
            print(f"  {share:6.1%}  {what}")
    return results


if __name__ == "__main__":
    main()
