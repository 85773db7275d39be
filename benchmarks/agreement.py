# SPDX-License-Identifier: GPL-3.0-or-later
"""Say how close the portable stack comes to the compiled one.

Usage: ``python benchmarks/agreement.py [GOLDEN_FOLDER] [--kind KIND ...] [--verbose]``

Runs every golden case through the public names of the stack, prints a table, and exits with 1 if a result
is not as close as ``portable/tests/data/golden/README.md`` demands. GOLDEN_FOLDER is a folder of kinds;
without it, the full set beside the checkout (``../shared/golden``) or else the copies of this repository.
"""

import argparse
import logging
import pathlib
import sys
import time
from dataclasses import dataclass, field

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "portable" / "tests" / "_support"))

import golden
from agreement import DETECTION, FLOAT32, FLOAT64, Check, compare

#: Columns of the table and their widths.
COLUMNS = {
    "kind": 17,
    "cases": 5,
    "float32": 7,
    "float64": 7,
    "numbers": 9,
    "same bits": 9,
    "exact": 5,
    "raised": 6,
    "seconds": 7,
    "verdict": 0,
}
LEGEND = f"""
float32, float64  largest relative difference; limits {FLOAT32:g} and {FLOAT64:g}
numbers           floating-point numbers compared, and the share of them that are the same to the bit
exact             masks, shapes, boxes, names and counts compared, which must be equal
raised            exceptions of the class that the compiled stack raises
"""


@dataclass
class Kind:
    """What was found for all cases of one kind."""

    name: str
    checks: dict[str, Check] = field(default_factory=dict)
    skipped: str = ""
    seconds: float = 0.0

    @property
    def problems(self) -> list[str]:
        """What is not close enough, case by case."""
        return [
            f"{self.name}/{case}: {problem}"
            for case, check in self.checks.items()
            for problem in check.problems
        ]

    def total(self, what: str) -> int:
        """Sum of a count over the cases."""
        return sum(getattr(check, what) for check in self.checks.values())

    def largest(self, what: str) -> str:
        """Largest relative difference of the cases, as text."""
        found = [value for check in self.checks.values() if (value := getattr(check, what)) is not None]
        return f"{max(found):.1e}" if found else "-"

    def row(self) -> tuple[str, ...]:
        """Cells of the table."""
        if self.skipped:
            return (self.name, *["-"] * (len(COLUMNS) - 2), f"skipped: {self.skipped}")
        numbers, different = self.total("numbers"), self.total("different")
        equal = f"{100 * (1 - different / numbers):.4f}%" if numbers else "-"
        problems = self.problems
        return (
            self.name,
            str(len(self.checks)),
            self.largest("float32"),
            self.largest("float64"),
            f"{numbers:,}",
            equal,
            str(self.total("exact")),
            str(self.total("exceptions")),
            f"{self.seconds:.1f}",
            f"{len(problems)} NOT CLOSE" if problems else "agrees",
        )


def run(name: str, folder: pathlib.Path | None) -> Kind:
    """Compare all cases of a kind; one that fails altogether is a problem, not an end."""
    kind = Kind(name)
    start = time.perf_counter()
    paths = golden.golden_cases(name, folder)
    if not paths:
        kind.skipped = "no cases"
    for path in paths:
        try:
            kind.checks[path.stem] = compare(name, path)
        except FileNotFoundError as error:
            kind.skipped = str(error)
            break
        except Exception as error:
            kind.checks[path.stem] = Check(problems=[f"{type(error).__name__}: {error}"])
    kind.seconds = time.perf_counter() - start
    return kind


def print_row(cells: tuple[str, ...]) -> None:
    """Print one line of the table."""
    widths = COLUMNS.values()
    texts = [cell.rjust(width) for cell, width in zip(cells[1:-1], [*widths][1:-1], strict=True)]
    print("  ".join([cells[0].ljust(COLUMNS["kind"]), *texts, cells[-1]]), flush=True)


def main() -> int:
    """Print the table; returns the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", nargs="?", type=pathlib.Path, metavar="GOLDEN_FOLDER")
    parser.add_argument("--kind", action="append", choices=golden.KINDS, help="compare this kind only")
    parser.add_argument("--verbose", action="store_true", help="list everything that is not close enough")
    options = parser.parse_args()
    if options.folder is not None and not options.folder.is_dir():
        parser.error(f"{options.folder} is not a folder of golden cases")
    logging.disable(logging.WARNING)  # cases of extremes are warned about, rightly

    print_row(tuple(COLUMNS))
    kinds = []
    for name in options.kind or golden.KINDS:
        kinds.append(run(name, options.folder))
        print_row(kinds[-1].row())
    problems = [problem for kind in kinds for problem in kind.problems]
    compared = [kind for kind in kinds if kind.checks]
    print(LEGEND)
    pixels = sum(kind.total("pixels") for kind in kinds)
    print(f"{pixels} pixels of detection masks differ; limit {DETECTION:g} of each, beside edges.")
    for problem in problems if options.verbose else problems[:20]:
        print(f"NOT CLOSE {problem}")
    if len(problems) > 20 and not options.verbose:
        print(f"... and {len(problems) - 20} more; see them with --verbose")
    if not compared:
        print("Nothing was compared.")
    return 1 if problems or not compared else 0


if __name__ == "__main__":
    sys.exit(main())
