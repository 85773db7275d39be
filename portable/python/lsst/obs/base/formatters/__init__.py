# SPDX-License-Identifier: GPL-3.0-or-later
"""Formatters: how the butler reads and writes the files of each storage class."""

__all__ = ()
