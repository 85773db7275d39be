"""The figures of the demo."""

import numpy as np
import pytest

from lsst.cp.sky.demo import (
    Recovery,
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


def make_result(joint=1.0, stock=0.5, flagged=0):
    """Result whose residuals are ``joint`` times the errors given, and ``stock`` times the pattern."""
    rng = np.random.default_rng(4)
    injected = rng.normal(size=(8, 9))
    expected = injected - injected.mean()
    poor = np.arange(72).reshape(8, 9) < flagged
    spoilt = np.where(poor, 99.0, 0.0)
    pattern = np.sqrt(np.mean(expected**2))
    recoveries = {
        "joint": Recovery(expected, expected + 0.02 * joint + spoilt, np.full((8, 9), 0.02**2), poor),
        "stock": Recovery(
            expected, expected + stock * pattern, np.zeros((8, 9)), np.zeros((8, 9), dtype=bool)
        ),
    }
    return compare_detector("R00_S00", "ITL", injected=injected, recoveries=recoveries, limit=0.01)


MASKED = {"joint": 0.26, "stock": 0.71}


def test_residuals_are_in_units_of_limit_and_errors():
    joint = make_result(1.2).chains["joint"]
    assert joint.ratio == pytest.approx(2.4)
    assert joint.own_ratio == pytest.approx(1.2)


def test_flagged_cells_do_not_count_and_are_named():
    result = make_result(flagged=5)
    assert result.chains["joint"].own_ratio == pytest.approx(1.0)
    assert result.chains["joint"].cells == 67
    assert "5 of 72 cells are flagged" in format_results([result], MASKED)


def test_summary_is_the_root_mean_square():
    total = summarise([make_result(1.0), make_result(7.0)])
    assert total.chains["joint"].own_ratio == pytest.approx(5.0)
    assert total.chains["joint"].cells == 144
    assert total.limit == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("joint", "stock", "verdicts"),
    [
        (1.4, 0.9, ["check passed.", "check passed."]),
        (1.6, 0.9, ["CHECK FAILED.", "check passed."]),
        (1.4, 1.1, ["check passed.", "CHECK FAILED."]),
    ],
)
def test_table_says_whether_the_check_is_passed(joint, stock, verdicts):
    results = [make_result(joint, stock)]
    text = format_results(results, MASKED)
    assert [line[-13:] for line in text.splitlines() if line.endswith(("passed.", "FAILED."))] == verdicts
    assert check_passed(results) == ("CHECK FAILED." not in verdicts)
    assert f"{joint:.2f} x the errors" in text
    assert f"{stock:.2f} x the pattern itself" in text
    assert "26% of the pixels masked" in text
    assert "its masker replaced 71% of the pixels" in text
    assert max(len(line) for line in text.splitlines()) <= 80


def test_a_missing_cell_is_not_hidden():
    cells, good = np.zeros((4, 4)), np.zeros((4, 4), dtype=bool)
    hole = cells.copy()
    hole[1, 2] = np.nan
    recovery = Recovery(cells, hole, np.ones((4, 4)), good)
    result = compare_detector("a", "b", injected=cells, recoveries={"joint": recovery}, limit=1.0)
    assert np.isnan(result.chains["joint"].ratio)
    assert not check_passed([result])


def test_no_cell_at_all_does_not_pass():
    cells = np.zeros((4, 4))
    recovery = Recovery(cells, cells, np.ones((4, 4)), np.ones((4, 4), dtype=bool))
    result = compare_detector("a", "b", injected=cells, recoveries={"joint": recovery}, limit=1.0)
    assert not check_passed([result])
