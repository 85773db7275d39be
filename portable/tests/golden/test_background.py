# SPDX-License-Identifier: GPL-3.0-or-later
"""`makeBackground`: statistics of cells, empty ones included, and images in every style."""

from agreement import compare
from golden import each_case


@each_case("background")
def test_background(path):
    assert compare("background", path).problems == []
