# SPDX-License-Identifier: GPL-3.0-or-later
"""`makeStatistics` of masked images: weights, errors from variances, nothing left."""

from agreement import compare
from golden import each_case


@each_case("statistics_masked")
def test_statistics_masked(path):
    assert compare("statistics_masked", path).problems == []
