# SPDX-License-Identifier: GPL-3.0-or-later
"""`SkyMeasurementTask`: measure, average, scale, solve, subtract, as the compiled stack has it."""

from agreement import compare
from golden import each_case


@each_case("sky_measurement")
def test_sky_measurement(path):
    assert compare("sky_measurement", path).problems == []
