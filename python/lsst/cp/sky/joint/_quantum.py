# SPDX-License-Identifier: GPL-3.0-or-later
"""How the tasks of the joint chain that solve store what they found."""

from __future__ import annotations

import lsst.pipe.base as pipeBase

from .._quantum import AnnotatedTask

__all__ = ("JointSolveTask",)


class JointSolveTask(AnnotatedTask):
    """Task that makes a pattern per detector, for the detectors that there are."""

    def store(
        self,
        butlerQC: pipeBase.QuantumContext,
        results: pipeBase.Struct,
        outputRefs: pipeBase.OutputQuantizedConnection,
    ) -> None:
        """Store skies and patterns; nothing for a detector that earlier tasks left out of all exposures."""
        butlerQC.put(results.outputSkies, outputRefs.outputSkies)
        places = {int(ref.dataId["detector"]): ref for ref in outputRefs.outputPatterns}
        for detector, table in zip(results.detectors, results.outputPatterns, strict=True):
            butlerQC.put(table, places[detector])
