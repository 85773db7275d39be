# SPDX-License-Identifier: GPL-3.0-or-later
"""`smoothArray`, as the compiled stack has it."""

from agreement import compare
from golden import each_case


@each_case("smooth_array")
def test_smooth_array(path):
    assert compare("smooth_array", path).problems == []
