# SPDX-License-Identifier: GPL-3.0-or-later
"""How a quantum is run, and how it ends if its data are at fault."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import lsst.pipe.base as pipeBase
from lsst.afw.fits import FitsError
from lsst.pipe.base import AnnotatedPartialOutputsError

from ._reading import asUnreadable, readInputs
from .errors import CpSkyError

__all__ = ("AnnotatedTask", "annotated")


@contextlib.contextmanager
def annotated(task: pipeBase.PipelineTask) -> Iterator[None]:
    """Convert a data error into one that lets other quanta proceed.

    The failure is recorded in the task's metadata. With ``pipetask run --no-raise-on-partial-outputs`` the
    quantum then counts as a success without outputs, and later quanta run with the inputs they have; without
    that option the original error is reported as if it had never been caught.
    """
    try:
        yield
    except CpSkyError as error:
        raise AnnotatedPartialOutputsError.annotate(error, task, log=task.log) from error
    except FitsError as error:
        # Pixels may be read only when they are needed.
        found = asUnreadable(error, {})
        if found is None:
            raise
        raise AnnotatedPartialOutputsError.annotate(found, task, log=task.log) from error


class AnnotatedTask(pipeBase.PipelineTask):
    """Task whose data, if they are no good, are noted in its metadata, so that other quanta can go on."""

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
