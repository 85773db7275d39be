# SPDX-License-Identifier: GPL-3.0-or-later
"""`MaskObjectsTask` on exposures with stars, as the compiled stack has it."""

from agreement import compare
from golden import each_case


@each_case("mask_objects")
def test_mask_objects(path):
    assert compare("mask_objects", path).problems == []
