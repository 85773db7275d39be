# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tasks of the joint chain that look at one exposure of one detector have in common."""

from __future__ import annotations

from typing import Any

import lsst.pipe.base as pipeBase
from lsst.afw.fits import FitsError

from .._checks import phrase
from ..errors import CpSkyError, UnreadableInputError
from ._pixels import names_of

__all__ = ("LeaveOutMixin", "SolveMixin", "load")


def load(handle: Any, component: str | None = None) -> Any:
    """Load what a handle refers to.

    Raises
    ------
    lsst.cp.sky.UnreadableInputError
        Raised if its file is damaged.
    """
    try:
        return handle.get() if component is None else handle.get(component=component)
    except (FitsError, OSError) as error:
        names = names_of(handle)
        raise UnreadableInputError(
            f"A file of {phrase(names)} cannot be read: {error}. Make it anew, or leave it out.", **names
        ) from error


class LeaveOutMixin:
    """Let a detector of an exposure whose data are no good be left out, and the night go on without it."""

    config: Any
    log: Any
    metadata: Any

    def runQuantum(self, butlerQC: Any, inputRefs: Any, outputRefs: Any) -> None:
        """Load the inputs, run, and store the outputs.

        Parameters
        ----------
        butlerQC : `lsst.pipe.base.QuantumContext`
            Butler restricted to this quantum.
        inputRefs : `lsst.pipe.base.InputQuantizedConnection`
            References of the inputs.
        outputRefs : `lsst.pipe.base.OutputQuantizedConnection`
            References of the outputs.

        Raises
        ------
        lsst.pipe.base.NoWorkFound
            Raised if the data are no good, unless ``failOnBadData`` is set: a task that fails would take
            along all tasks that follow, and those are of all exposures.
        """
        try:
            butlerQC.put(self.run(**butlerQC.get(inputRefs)), outputRefs)  # type: ignore[attr-defined]
        except CpSkyError as error:
            if self.config.failOnBadData:
                raise
            self.log.error("%s Left out (failOnBadData is not set).", error)
            self.metadata["leftOut"] = f"{type(error).__name__}: {error}"
            raise pipeBase.NoWorkFound(f"Left out: {error}") from error


class SolveMixin:
    """Store a pattern per detector, for the detectors that there are."""

    def runQuantum(self, butlerQC: Any, inputRefs: Any, outputRefs: Any) -> None:
        """Load the inputs, run, and store the outputs.

        Parameters
        ----------
        butlerQC : `lsst.pipe.base.QuantumContext`
            Butler restricted to this quantum.
        inputRefs : `lsst.pipe.base.InputQuantizedConnection`
            References of the inputs.
        outputRefs : `lsst.pipe.base.OutputQuantizedConnection`
            References of the outputs.

        Notes
        -----
        A detector that earlier tasks left out of all exposures has no pattern, and nothing is stored for it.
        """
        results = self.run(**butlerQC.get(inputRefs))  # type: ignore[attr-defined]
        butlerQC.put(results.outputSkies, outputRefs.outputSkies)
        places = {int(ref.dataId["detector"]): ref for ref in outputRefs.outputPatterns}
        for detector, table in zip(results.detectors, results.outputPatterns, strict=True):
            butlerQC.put(table, places[detector])
