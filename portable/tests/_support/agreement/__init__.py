# SPDX-License-Identifier: GPL-3.0-or-later
"""Comparison of the portable stack with the numbers of the compiled one, kind by kind.

Written once, for the tests and for ``benchmarks/agreement.py``. Each comparison runs a case through the
public names of the stack and gives a `Check` that says how close it came.
"""

import importlib
import pathlib

from golden import load_golden

from ._check import DETECTION, FLOAT32, FLOAT64, Check

__all__ = ["DETECTION", "FLOAT32", "FLOAT64", "Check", "compare"]

#: Modules with the comparisons of each kind.
_MODULES = {
    "_math": (
        "statistics",
        "statistics_masked",
        "interpolate",
        "background",
        "approximate",
        "stack",
        "warp",
    ),
    "_camera": ("focal_plane", "real_camera"),
    "_sky": ("sky_measurement", "smooth_array", "mask_objects"),
    "_tasks": ("tasks",),
}


def compare(kind: str, path: pathlib.Path) -> Check:
    """Compare one case.

    Parameters
    ----------
    kind : `str`
        Kind of the case, one of `golden.KINDS`.
    path : `pathlib.Path`
        File of the case.

    Returns
    -------
    check : `Check`
        How close it came; ``check.problems`` is empty if it is close enough everywhere.
    """
    (name,) = (module for module, kinds in _MODULES.items() if kind in kinds)
    module = importlib.import_module(f"{__name__}.{name}")
    check = Check()
    getattr(module, f"compare_{kind}")(*load_golden(path), check)
    return check
