# SPDX-License-Identifier: GPL-3.0-or-later
"""Cameras of observatories and focal-plane models on their detectors, as the compiled stack has it."""

from agreement import compare
from golden import each_case


@each_case("real_camera")
def test_real_camera(path, real_dir):
    assert compare("real_camera", path).problems == []
