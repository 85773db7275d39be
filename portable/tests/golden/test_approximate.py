# SPDX-License-Identifier: GPL-3.0-or-later
"""Chebyshev approximations of backgrounds, as the compiled stack has it."""

from agreement import compare
from golden import each_case


@each_case("approximate")
def test_approximate(path):
    assert compare("approximate", path).problems == []
