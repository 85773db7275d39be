# SPDX-License-Identifier: GPL-3.0-or-later
"""`statisticsStack` of masked images, with and without weights, as the compiled stack has it."""

from agreement import compare
from golden import each_case


@each_case("stack")
def test_stack(path):
    assert compare("stack", path).problems == []
