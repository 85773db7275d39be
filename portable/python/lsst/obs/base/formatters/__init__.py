# SPDX-License-Identifier: GPL-3.0-or-later
"""Formatters, which read and write the files of each storage class for the butler."""

__all__ = ()
