# SPDX-License-Identifier: GPL-3.0-or-later
"""Pipeline tasks; of these, the ones of `lsst.pipe.tasks.background`."""

from lsst.portable import require_alone

require_alone(__name__)
