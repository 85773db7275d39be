# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects in FITS files: archives, and what a class needs to be stored in one.

A class inherits from `Persistable` (or `PickledThroughFits`) its methods ``writeFits`` and ``readFits``, and
a module above it calls `register` with the functions that convert its objects to rows of tables and back.
Neither the class nor the reader of archives thus imports the other. Objects of unregistered classes become
`OpaquePersistable`: they are kept as read and written back unchanged.
"""

from ._catalog import ArchiveCatalog
from ._input import InputArchive, read_persistable
from ._kept import KeptPersistable, OpaquePersistable, register_kept
from ._output import OutputArchive, write_persistable
from ._persistable import Persistable, PickledThroughFits
from ._pickling import reduceToFits, unreduceFromFits
from ._registry import is_persistable, register

__all__ = (
    "ArchiveCatalog",
    "InputArchive",
    "KeptPersistable",
    "OpaquePersistable",
    "OutputArchive",
    "Persistable",
    "PickledThroughFits",
    "is_persistable",
    "read_persistable",
    "reduceToFits",
    "register",
    "register_kept",
    "unreduceFromFits",
    "write_persistable",
)
