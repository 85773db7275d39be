# SPDX-License-Identifier: GPL-3.0-or-later
"""How a quantum ends where its data are at fault."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from lsst.pipe.base import AnnotatedPartialOutputsError, PipelineTask

from .errors import CpSkyError

__all__ = ("annotated",)


@contextlib.contextmanager
def annotated(task: PipelineTask) -> Iterator[None]:
    """Turn an error of the data into one that lets the others go on.

    The failure is noted in the metadata of the task. With ``pipetask run --no-raise-on-partial-outputs`` the
    quantum then counts as a success without outputs, and those that follow run with what there is; without
    that option the error itself is reported, as if it had never been caught.
    """
    try:
        yield
    except CpSkyError as error:
        raise AnnotatedPartialOutputsError.annotate(error, task, log=task.log) from error
