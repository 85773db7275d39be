# SPDX-License-Identifier: GPL-3.0-or-later
"""Where `lsst.pipe.tasks.background` used to be, kept because old pickles name it."""
