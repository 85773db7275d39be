# SPDX-License-Identifier: GPL-3.0-or-later
"""Pipeline tasks; of these, the ones of `lsst.pipe.tasks.background`."""
