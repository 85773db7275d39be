# SPDX-License-Identifier: GPL-3.0-or-later
"""Compile all loops ahead of time: ``python -m lsst.portable.compile``.

For those who build a container image, or install for others: run once by someone who can write where the
package is installed, it spares every other process the compilation.
"""

import importlib
import sys

from .jit import PLACES

__all__ = ("KERNELS", "compile_all")

#: Modules whose loops are compiled when they are imported.
KERNELS = ("lsst.afw.detection._kernels", "lsst.afw.math._kernels", "lsst.meas.algorithms._kernels")


def compile_all() -> dict[str, str | None]:
    """Compile what this installation has not compiled yet.

    Returns
    -------
    places : `dict` [`str`, `str` or `None`]
        By the name of each function, the directory that holds its machine code; `None` if none can.
    """
    for name in KERNELS:
        importlib.import_module(name)
    return PLACES


def main() -> int:
    """Compile and tell where the machine code is; returns the exit status."""
    places = compile_all()
    for name, place in places.items():
        print(f"{name}: {place or 'cannot be kept'}")
    return 0 if all(places.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
