# SPDX-License-Identifier: GPL-3.0-or-later
"""`makeInterpolate` in every style, within the samples and beyond, or with too few of them."""

from agreement import compare
from golden import each_case


@each_case("interpolate")
def test_interpolate(path):
    assert compare("interpolate", path).problems == []
