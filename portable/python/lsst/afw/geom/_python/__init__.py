# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules whose names stand in pickles."""
