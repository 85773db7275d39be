# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the benchmarks and print the whole table; ``--repository`` adds the row of pipetask."""

from __future__ import annotations

import argparse
import importlib

from _setup import Row, print_rows

STEPS = (
    "read",
    "mask_objects",
    "background_image",
    "measure_background",
    "subtract",
    "subtract_quantum",
    "memory",
)


def main(argv: list[str] | None = None) -> list[Row]:
    """Measure and print; options other than ``--repository`` go to every benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--repository", help="repository to run pipetask on, see pipetask.py")
    options, rest = parser.parse_known_args(argv)
    rows: list[Row] = []
    for step in STEPS:
        rows += importlib.import_module(step).main(rest)
    if options.repository:
        rows += importlib.import_module("pipetask").main([options.repository])
    print_rows(rows)
    return rows


if __name__ == "__main__":
    main()
