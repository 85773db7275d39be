# SPDX-License-Identifier: GPL-3.0-or-later
"""How a quantum ends if its data are at fault."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from lsst.afw.fits import FitsError
from lsst.pipe.base import AnnotatedPartialOutputsError, PipelineTask

from ._reading import asUnreadable
from .errors import CpSkyError

__all__ = ("annotated",)


@contextlib.contextmanager
def annotated(task: PipelineTask) -> Iterator[None]:
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
