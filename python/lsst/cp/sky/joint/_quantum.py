# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tasks of the joint chain have in common: how a quantum is run."""

from __future__ import annotations

import lsst.pipe.base as pipeBase

from .._quantum import annotated
from .._reading import readInputs

__all__ = ("JointSolveTask", "JointTask")


class JointTask(pipeBase.PipelineTask):
    """Task of the joint chain: data that are no good are noted in its metadata, and the others can go on."""

    def runQuantum(
        self,
        butlerQC: pipeBase.QuantumContext,
        inputRefs: pipeBase.InputQuantizedConnection,
        outputRefs: pipeBase.OutputQuantizedConnection,
    ) -> None:
        """Load the inputs, run, and store the outputs.

        Parameters
        ----------
        butlerQC : `lsst.pipe.base.QuantumContext`
            Butler restricted to this quantum.
        inputRefs : `lsst.pipe.base.InputQuantizedConnection`
            References of the inputs.
        outputRefs : `lsst.pipe.base.OutputQuantizedConnection`
            References of the outputs.
        """
        with annotated(self):
            results = self.run(**readInputs(butlerQC, inputRefs, self.log))
        self.store(butlerQC, results, outputRefs)

    def store(
        self,
        butlerQC: pipeBase.QuantumContext,
        results: pipeBase.Struct,
        outputRefs: pipeBase.OutputQuantizedConnection,
    ) -> None:
        """Store the outputs; see `runQuantum`."""
        butlerQC.put(results, outputRefs)


class JointSolveTask(JointTask):
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
