# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of ``lsst.cp.pipe`` that makes sky frames, handed on from ``lsst.cp.sky``.

Stock pipeline files say ``class: lsst.cp.pipe.CpSkyImageTask``; with this package they run unmodified. None
of the other calibration tasks of ``lsst.cp.pipe`` is here.
"""

from typing import TYPE_CHECKING, Any

from lsst.portable import require_alone

require_alone(__name__)

from . import cpSky  # noqa: E402

if TYPE_CHECKING:
    from .cpSky import *  # noqa: F403

__all__ = cpSky.__all__


def __getattr__(name: str) -> Any:
    return getattr(cpSky, name)
