# SPDX-License-Identifier: GPL-3.0-or-later
"""Where `lsst.pipe.tasks.background` used to be, kept because old pickles name it."""

from lsst.portable import require_alone

require_alone(__name__)
