# SPDX-License-Identifier: GPL-3.0-or-later
"""The guard against two providers of one package.

The packages of the portable stack have the names of the compiled ones. If both can be imported, the compiled
one must win: either it comes first on the path and this guard never runs, or the import is refused with
instructions.
"""

import os.path
import sys

__all__ = ("require_alone",)


def require_alone(package: str) -> None:
    """Refuse to import a package of the portable stack in place of the compiled one.

    Each package calls this first, as ``require_alone(__name__)``. It only looks for directories and files and
    imports nothing.

    Parameters
    ----------
    package : `str`
        Full name of the package being imported, e.g. ``lsst.afw.image``. Its parent must have been imported.

    Raises
    ------
    ImportError
        Raised if another directory on the parent's path, one that is not part of a portable stack, offers the
        package. A second copy of the portable stack (a checkout and an installed one, say) does no harm.
    """
    parent, _, leaf = package.rpartition(".")
    depth = parent.count(".")
    for entry in sys.modules[parent].__path__:
        if _offers(entry, leaf) and not _is_portable(entry, depth):
            ours = getattr(sys.modules.get(package), "__file__", None) or package
            theirs = os.path.join(entry, leaf)
            raise ImportError(
                f"{package} is offered twice: by the portable stack ({os.path.dirname(ours)}) and by another "
                f"installation ({theirs}), which the portable one must not hide. To use the other one, take "
                "the portable stack off PYTHONPATH (or `pip uninstall lsst-portable`); to use the portable "
                "stack, start where the other one is not set up.",
                name=package,
                path=ours,
            )


def _offers(directory: str, leaf: str) -> bool:
    """Return whether a directory on a package's path holds the module or package ``leaf``."""
    path = os.path.join(directory, leaf)
    return os.path.isfile(os.path.join(path, "__init__.py")) or os.path.isfile(path + ".py")


def _is_portable(directory: str, depth: int) -> bool:
    """Return whether a directory, ``depth`` levels below its ``lsst``, belongs to a portable stack.

    Its mark is this module: a portable stack has ``lsst/portable`` next to its other packages.
    """
    for _ in range(depth):
        directory = os.path.dirname(directory)
    return os.path.isfile(os.path.join(directory, "portable", "_guard.py"))
