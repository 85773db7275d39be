# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors of the demo."""

__all__ = ("DemoError",)


class DemoError(RuntimeError):
    """The demo cannot continue; the message says why and what to do."""
