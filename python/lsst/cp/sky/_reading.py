# SPDX-License-Identifier: GPL-3.0-or-later
"""How inputs are loaded: a damaged file is an error of the data, a machine that fails is not."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from lsst.afw.fits import FitsError
from lsst.daf.butler import FileIntegrityError

from ._naming import dataNames, phrase
from .errors import UnreadableInputError

if TYPE_CHECKING:
    from lsst.daf.butler import DatasetRef
    from lsst.pipe.base import InputQuantizedConnection, QuantumContext
    from lsst.utils.logging import LsstLoggers

    from ._protocols import Handle, Names

__all__ = ("asUnreadable", "detectorsOf", "load", "loadEach", "readInputs", "unreadable")


def load(handle: Handle, component: str | None = None) -> Any:
    """Load what a handle refers to.

    Raises
    ------
    TypeError
        Raised if it is no handle.
    lsst.cp.sky.UnreadableInputError
        Raised if its file is damaged or missing.
    """
    if not hasattr(handle, "get"):
        raise TypeError(f"An input is of type {type(handle).__name__}, but a handle is expected.")
    with unreadable(dataNames(getattr(handle, "dataId", None))):
        return handle.get() if component is None else handle.get(component=component)


def loadEach(handles: Iterable[Handle], log: LsstLoggers) -> Iterator[tuple[Handle, Any]]:
    """Load what each of several handles refers to, one after the other, without those that cannot be read.

    Parameters
    ----------
    handles : `~collections.abc.Iterable` [`lsst.daf.butler.DeferredDatasetHandle`]
        The handles.
    log : `logging.Logger` or `lsst.utils.logging.LsstLogAdapter`
        Takes a warning for each that is left out.

    Yields
    ------
    handle : `lsst.daf.butler.DeferredDatasetHandle`
        A handle.
    found : `object`
        What it refers to.

    Raises
    ------
    lsst.cp.sky.UnreadableInputError
        Raised at the end if there are handles and none of them can be read.
    """
    count, last = 0, None
    for handle in handles:
        try:
            found = load(handle)
        except UnreadableInputError as error:
            log.warning("%s It is left out.", error)
            last = error
        else:
            count += 1
            yield handle, found
    if last is not None and not count:
        raise last


def detectorsOf(handles: Iterable[Handle]) -> dict[int, Handle]:
    """Return handles by the detectors of their data IDs.

    Raises
    ------
    TypeError
        Raised if something is no handle, or its data ID names no detector.
    """
    found: dict[int, Handle] = {}
    for handle in handles:
        names = dataNames(getattr(handle, "dataId", None))
        if "detector" not in names or not hasattr(handle, "get"):
            raise TypeError(
                f"An input is of type {type(handle).__name__} with the data ID {names}, but a handle is "
                "expected whose data ID names a detector."
            )
        found[names["detector"]] = handle
    return found


@contextlib.contextmanager
def unreadable(names: Names) -> Iterator[None]:
    """Convert what comes of reading a damaged file to `UnreadableInputError`.

    See `asUnreadable` for the errors that are left as they are.
    """
    try:
        yield
    except (FitsError, OSError, FileIntegrityError, ValueError) as error:
        # The butler raises a ValueError from what a formatter raises; any other is not about a file.
        isOther = isinstance(error, ValueError) and error.__cause__ is None
        if isOther or (found := asUnreadable(error, names)) is None:
            raise
        raise found from error


def asUnreadable(error: Exception, names: Names) -> UnreadableInputError | None:
    """Return what an error while reading says about the data; `None` if it says nothing.

    A lack of memory, of access rights or of a disk is not in the file: with ``pipetask run
    --no-raise-on-partial-outputs`` an input that can be read an hour later would be left out for good.
    """
    if _isOfMachine(error):
        return None
    return UnreadableInputError(
        f"A file of {phrase(names)} cannot be read: {str(error).rstrip('.')}. Make it anew, or leave it out.",
        **names,
    )


def _isOfMachine(error: BaseException | None) -> bool:
    """Whether an error, or what caused it, may be gone when the same file is read again."""
    seen: set[int] = set()  # an error that is raised twice may be the cause of itself
    while error is not None and id(error) not in seen:
        if isinstance(error, MemoryError):
            return True
        if isinstance(error, OSError) and error.errno not in (None, errno.ENOENT):
            return True
        seen.add(id(error))
        error = error.__cause__
    return False


def readInputs(
    butlerQC: QuantumContext,
    inputRefs: InputQuantizedConnection,
    log: LsstLoggers,
    several: Sequence[str] = (),
) -> dict[str, Any]:
    """Load the inputs of a quantum.

    Parameters
    ----------
    butlerQC : `lsst.pipe.base.QuantumContext`
        Butler restricted to this quantum.
    inputRefs : `lsst.pipe.base.InputQuantizedConnection`
        References of the inputs. Modified: those that are left out are removed.
    log : `logging.Logger` or `lsst.utils.logging.LsstLogAdapter`
        Takes a warning for each that is left out.
    several : `~collections.abc.Sequence` [`str`], optional
        Names of connections with many datasets, of which those that cannot be read are left out.

    Returns
    -------
    inputs : `dict`
        What was read, by the names of the connections.

    Raises
    ------
    lsst.cp.sky.UnreadableInputError
        Raised if a file is damaged or missing that is not one of several.
    """
    names = dataNames(butlerQC.quantum.dataId)
    try:
        with unreadable(names):
            return butlerQC.get(inputRefs)
    except UnreadableInputError:
        kept = {name: _readableOf(butlerQC, getattr(inputRefs, name), log) for name in several}
        if not all(kept.values()):
            raise
    for name, refs in kept.items():
        setattr(inputRefs, name, refs)
    with unreadable(names):
        return butlerQC.get(inputRefs)


def _readableOf(butlerQC: QuantumContext, refs: Sequence[DatasetRef], log: LsstLoggers) -> list[DatasetRef]:
    """References of the files that can be read."""
    kept = []
    for ref in refs:
        try:
            with unreadable(dataNames(ref.dataId)):
                butlerQC.get(ref)
        except UnreadableInputError as error:
            log.warning("%s It is left out.", error)
        else:
            kept.append(ref)
    return kept
