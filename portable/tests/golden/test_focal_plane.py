# SPDX-License-Identifier: GPL-3.0-or-later
"""`FocalPlaneBackground`: measured per detector, merged, evaluated, as the compiled stack has it."""

from agreement import compare
from golden import each_case


@each_case("focal_plane")
def test_focal_plane(path):
    assert compare("focal_plane", path).problems == []
