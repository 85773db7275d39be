# SPDX-License-Identifier: GPL-3.0-or-later
"""Number crunching: functions of arrays, with no image, model or configuration in sight.

One module per concern; what a loop does faster than NumPy has a twin in `lsst.portable.arrays.compiled` that
gives the same bits. The packages with the stack's names are thin over these modules.
"""
