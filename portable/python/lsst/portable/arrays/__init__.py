# SPDX-License-Identifier: GPL-3.0-or-later
"""Numerical functions of arrays, independent of images, models and configurations.

There is one module per concern. Loops that are faster than NumPy have a twin in
`lsst.portable.arrays.compiled` that gives the same bits. The packages with the stack's names are thin layers
over these modules.
"""
