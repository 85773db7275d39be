"""The figures of the demo."""

import numpy as np
import pytest

from lsst.cp.sky.demo import (
    cell_means,
    check_passed,
    compare_detector,
    format_results,
    photon_limit,
    summarise,
)


def test_cell_means_of_uneven_cells():
    image = np.arange(7.0 * 5).reshape(7, 5)
    found = cell_means(image, (3, 2))
    # Rows end at 2, 5, 7 ((7 + 1) // 3, (14 + 1) // 3, ...), columns at 3, 5.
    expected = [[image[a:b, c:d].mean() for c, d in ((0, 3), (3, 5))] for a, b in ((0, 2), (2, 5), (5, 7))]
    np.testing.assert_allclose(found, expected)


def test_cell_means_of_one_cell_is_the_mean():
    image = np.random.default_rng(2).normal(size=(31, 17))
    assert cell_means(image, (1, 1))[0, 0] == pytest.approx(image.mean())


def test_photon_limit_of_equal_exposures():
    # One exposure of n pixels: sqrt((S + r^2)/n)/S; N equal ones: smaller by sqrt(N).
    one = photon_limit([900.0], 5.0, 100)
    assert one == pytest.approx(np.sqrt(925 / 100) / 900)
    assert photon_limit([900.0] * 4, 5.0, 100) == pytest.approx(one / 2)


def test_photon_limit_is_the_scatter_of_averaged_cells():
    rng = np.random.default_rng(3)
    levels, pixels, trials = [500.0, 2000.0, 900.0], 64, 4000
    cells = np.zeros(trials)
    for level in levels:
        frames = rng.poisson(level, (trials, pixels)) + rng.normal(0, 6.0, (trials, pixels))
        cells += frames.mean(axis=1) / level / len(levels)
    # A standard deviation of 4000 trials is known to 1/sqrt(8000) = 1.1 %.
    assert cells.std() == pytest.approx(photon_limit(levels, 6.0, pixels), rel=0.05)


def make_result(scale=1.0):
    rng = np.random.default_rng(4)
    injected = rng.normal(size=(8, 9))
    expected = injected - injected.mean()
    return compare_detector(
        "R00_S00",
        "ITL",
        injected=injected,
        expected=expected,
        recovered=expected + 3e-4 * scale,
        unmasked=expected - 1.2e-4 * scale,
        limit=1e-4,
    )


def test_residuals_are_in_units_of_the_limit():
    result = make_result()
    assert result.ratio == pytest.approx(3.0)
    assert result.unmasked_ratio == pytest.approx(1.2)
    assert result.injected == pytest.approx(result.expected)


def test_summary_is_the_root_mean_square():
    total = summarise([make_result(1.0), make_result(7.0)])
    assert total.unmasked_ratio == pytest.approx(1.2 * 5.0)
    assert total.limit == pytest.approx(1e-4)


@pytest.mark.parametrize(("scale", "verdict"), [(1.0, "check passed"), (1.3, "CHECK FAILED")])
def test_table_says_whether_the_check_is_passed(scale, verdict):
    text = format_results([make_result(scale)])
    assert check_passed([make_result(scale)]) == (verdict == "check passed")
    assert verdict in text
    assert "R00_S00" in text
    assert max(len(line) for line in text.splitlines()) <= 100


def test_a_missing_cell_is_not_hidden():
    cells = np.zeros((4, 4))
    hole = cells.copy()
    hole[1, 2] = np.nan
    result = compare_detector(
        "a", "b", injected=cells, expected=cells, recovered=hole, unmasked=cells, limit=1.0
    )
    assert np.isnan(result.ratio)
    unknown = compare_detector(
        "a", "b", injected=cells, expected=cells, recovered=cells, unmasked=hole, limit=1.0
    )
    assert not check_passed([unknown])
