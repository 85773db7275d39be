# SPDX-License-Identifier: GPL-3.0-or-later
"""`warpImage` by affine transforms, as the compiled stack has it."""

from agreement import compare
from golden import each_case


@each_case("warp")
def test_warp(path):
    assert compare("warp", path).problems == []
