"""Verdicts on made-up figures, each rule by itself."""

import numpy as np
import pytest
from astropy.table import Table

from lsst.cp.sky.verify import Rules, Verdict, judge, judge_joint, judge_solution, overall

EXPOSURES, DETECTORS = (101, 102, 103, 104, 105, 106), (0, 1, 2, 3)


def pairs(**columns):
    rows = [(e, d) for e in EXPOSURES for d in DETECTORS]
    table = Table({"exposure": [e for e, _ in rows], "detector": [d for _, d in rows]})
    table["detectorName"] = [f"D{d}" for _, d in rows]
    for name, value in columns.items():
        table[name] = value
    return table


@pytest.fixture
def exposures():
    return pairs(
        used=True, reason="", scale=1000.0, photonLimit=1e-3, maskedFraction=0.1, replacedFraction=0.05,
        coverage=1.0,
    )  # fmt: skip


@pytest.fixture
def frames():
    table = Table({"detector": DETECTORS, "detectorName": [f"D{d}" for d in DETECTORS]})
    table["inputs"] = len(EXPOSURES)
    table["splitHalfRatio"] = 1.1
    table["detectorStep"] = [0.001, -0.001, 0.002, 0.0]
    return table


@pytest.fixture
def pulls():
    return pairs(deviationRatio=1.2, structureRatio=1.1, outlierFraction=0.0)


def of(table, **where):
    chosen = np.ones(len(table), bool)
    for name, value in where.items():
        chosen &= np.asarray(table[name]) == value
    return chosen


def told(found):
    return [(finding.subject, finding.verdict) for finding in found]


def test_all_is_well(exposures, frames, pulls):
    found = judge(exposures, frames, pulls)
    assert found == []
    assert overall(found) is Verdict.GOOD
    assert overall(found).words == "good"


@pytest.mark.parametrize(("value", "verdict"), [(3.0, Verdict.LOOK), (6.0, Verdict.BAD)])
@pytest.mark.parametrize(
    ("where", "subject"), [({"exposure": 103}, "exposure 103"), ({"detector": 2}, "detector 2 (D2)")]
)
def test_outliers(exposures, frames, pulls, value, verdict, where, subject):
    pulls["deviationRatio"][of(pulls, **where)] = value
    (finding,) = judge(exposures, frames, pulls)
    assert (finding.subject, finding.verdict) == (subject, verdict)
    assert f"{value:.1f} times the photon limit" in finding.sentence
    assert "where 1.2 is usual" in finding.sentence


def test_outliers_within_the_photon_limit_are_none(exposures, frames, pulls):
    pulls["deviationRatio"] *= 0.2
    pulls["deviationRatio"][of(pulls, exposure=103)] = 1.2
    assert judge(exposures, frames, pulls) == []


def test_both_at_once(exposures, frames, pulls):
    pulls["deviationRatio"][of(pulls, exposure=103)] = 9.0
    pulls["deviationRatio"][of(pulls, detector=2)] = 8.0
    assert told(judge(exposures, frames, pulls)) == [
        ("exposure 103", Verdict.BAD),
        ("detector 2 (D2)", Verdict.BAD),
    ]


@pytest.mark.parametrize(("value", "verdict"), [(1.4, None), (1.8, Verdict.LOOK), (3.5, Verdict.BAD)])
def test_structure(exposures, frames, pulls, value, verdict):
    pulls["structureRatio"][of(pulls, exposure=103)] = value
    found = judge(exposures, frames, pulls)
    assert told(found) == ([] if verdict is None else [("exposure 103", verdict)])
    assert all(f"deviates by {value:.1f} times the photon limit" in finding.sentence for finding in found)
    # What deviates as a whole is named once.
    pulls["deviationRatio"][of(pulls, exposure=103)] = 3.0
    assert len(judge(exposures, frames, pulls)) == 1


@pytest.mark.parametrize(
    ("where", "subject"), [({"exposure": 103}, "exposure 103"), ({"detector": 2}, "detector 2 (D2)")]
)
def test_before_masking(exposures, frames, pulls, where, subject):
    pulls["firstStructureRatio"] = 2.4
    assert judge(exposures, frames, pulls) == []
    pulls["firstStructureRatio"][of(pulls, **where)] = 17.0
    (finding,) = judge(exposures, frames, pulls)
    assert (finding.subject, finding.verdict) == (subject, Verdict.LOOK)
    assert (
        "by 17.0 times the photon limit from other exposures (median), where 2.4 is usual" in finding.sentence
    )


def test_places(exposures, frames, pulls):
    pulls["outlierFraction"][of(pulls, exposure=105)] = 0.2
    (finding,) = judge(exposures, frames, pulls)
    assert (finding.subject, finding.verdict) == ("exposure 105", Verdict.LOOK)
    assert "20% of its cells" in finding.sentence


def test_one_detector_of_one_exposure(exposures, frames, pulls):
    pulls["deviationRatio"][of(pulls, exposure=103, detector=1)] = 7.0
    assert told(judge(exposures, frames, pulls)) == [("detector 1 (D1) of exposure 103", Verdict.LOOK)]


def test_left_out(exposures, frames, pulls):
    late = of(exposures, exposure=106)
    exposures["reason"] = np.where(late, "the sky frame was made without it", "")
    exposures["used"][late] = False
    (finding,) = judge(exposures, frames, pulls)
    assert finding.subject == "exposure 106"
    assert (
        "4 of its 4 detectors are not in the sky frame: the sky frame was made without it" in finding.sentence
    )


@pytest.mark.parametrize(("count", "verdict"), [(4, Verdict.LOOK), (2, Verdict.BAD), (1, Verdict.BAD)])
def test_few_inputs(exposures, frames, pulls, count, verdict):
    frames["inputs"] = count
    (finding,) = judge(exposures, frames, pulls)
    assert finding.verdict is verdict
    assert f"from {count} exposure" in finding.sentence


def test_noise(exposures, frames, pulls):
    frames["splitHalfRatio"][3] = 5.0
    assert told(judge(exposures, frames, pulls)) == [("detector 3 (D3)", Verdict.BAD)]
    frames["splitHalfRatio"] = 2.5
    assert told(judge(exposures, frames, pulls)) == [("sky frame", Verdict.LOOK)]


def test_steps(exposures, frames, pulls):
    frames["detectorStep"][2] = -0.06
    (finding,) = judge(exposures, frames, pulls)
    assert (finding.subject, finding.verdict) == ("detector 2 (D2)", Verdict.BAD)
    assert "-6.00 % of the sky" in finding.sentence


@pytest.mark.parametrize("column", ["maskedFraction", "replacedFraction"])
def test_lost(exposures, frames, pulls, column):
    exposures[column][of(exposures, detector=1)] = 0.9
    assert told(judge(exposures, frames, pulls)) == [("detector 1 (D1)", Verdict.BAD)]
    exposures[column] = 0.6
    assert told(judge(exposures, frames, pulls)) == [("all exposures", Verdict.LOOK)]


def test_empty(exposures, frames, pulls):
    exposures["coverage"][of(exposures, exposure=102)] = 0.3
    (finding,) = judge(exposures, frames, pulls)
    assert (finding.subject, finding.verdict) == ("exposure 102", Verdict.BAD)
    assert "70% of the cells have no value" in finding.sentence


@pytest.mark.parametrize("scale", [10.0, 60_000.0])
def test_scale(exposures, frames, pulls, scale):
    exposures["scale"][of(exposures, exposure=104)] = scale
    assert told(judge(exposures, frames, pulls)) == [("exposure 104", Verdict.LOOK)]


def test_what_is_not_known(exposures, frames, pulls):
    exposures["photonLimit"][5] = np.nan
    assert told(judge(exposures, frames, pulls)) == [("detector 1 (D1) of exposure 102", Verdict.LOOK)]


def test_rules_are_given(exposures, frames, pulls):
    frames["splitHalfRatio"] = 1.7
    assert judge(exposures, frames, pulls) == []
    assert overall(judge(exposures, frames, pulls, Rules(noise=(1.0, 1.5)))) is Verdict.BAD


def joint_table():
    table = Table({"exposure": EXPOSURES, "reason": ["-"] * len(EXPOSURES)})
    table["weight"], table["masked"], table["recurrence"], table["amplitude"] = 1.0, 0.2, 1.1, 0.0
    table["pull"], table["order"], table["common_order"] = [0.9, 1.1, 1.0, 1.2, 1.7, 1.0], 2, 2
    return table


def test_joint_chain():
    table = joint_table()
    assert judge_joint(table) == []
    table["reason"] = ["-", "-", "too much is left", "-", "-", "-"]
    table["weight"][2] = 0.0
    table["masked"][4] = 0.9
    assert told(judge_joint(table)) == [("exposure 105", Verdict.BAD), ("exposure 103", Verdict.LOOK)]
    assert "It was rejected: too much is left." in judge_joint(table)[1].sentence
    assert ("sky frame", Verdict.BAD) in told(judge_joint(table[1:3]))


def test_solution_of_the_joint_chain():
    table = joint_table()
    assert judge_solution(table) == []
    table["recurrence"] = 7.9
    (finding,) = judge_solution(table)
    assert (finding.subject, finding.verdict) == ("all exposures", Verdict.LOOK)
    assert "7.9 times more often than by chance" in finding.sentence
    table["recurrence"], table["amplitude"] = 1.0, [-1.0, 1.0, -1.0, 1.0, -1.5, 1.5]
    (finding,) = judge_solution(table)
    assert (finding.subject, finding.verdict) == ("sky frame", Verdict.LOOK)
    assert "from -1.5 to 1.5" in finding.sentence


def test_an_exposure_unlike_the_others_of_the_joint_chain():
    table = joint_table()
    table["pull"][3] = 11.5
    (finding,) = judge_solution(table)
    assert (finding.subject, finding.verdict) == ("exposure 104", Verdict.LOOK)
    assert "reduced chi square against them is 11.5, where 1.1 is usual" in finding.sentence
    table["weight"][3] = 0.0  # rejected, which is said elsewhere
    assert judge_solution(table) == []


@pytest.mark.parametrize(("order", "named"), [(3, []), (4, ["exposure 102"]), (5, ["exposure 102"])])
def test_moonlight_on_an_exposure_of_the_joint_chain(order, named):
    table = joint_table()
    table["order"][1] = order
    found = judge_solution(table)
    assert [finding.subject for finding in found] == named
    assert all(f"polynomials of order {order} were needed, where 2 is usual" in f.sentence for f in found)


def test_advice_is_for_maskers_that_replace(exposures, frames, pulls):
    exposures["maskedFraction"] = 0.6
    (finding,) = judge(exposures, frames, pulls)
    assert "maskTask.subtractBackground.binSize" in finding.sentence
    exposures["replacedFraction"] = 0.0
    (finding,) = judge(exposures, frames, pulls)
    assert finding.sentence == "60% of the pixels are masked or replaced (median)."
