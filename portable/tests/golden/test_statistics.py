# SPDX-License-Identifier: GPL-3.0-or-later
"""`makeStatistics` of images of four pixel types, with and without masks, as the compiled stack has it."""

from agreement import compare
from golden import each_case


@each_case("statistics")
def test_statistics(path):
    assert compare("statistics", path).problems == []
