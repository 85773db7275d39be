"""Metrics and plots of a night of the joint chain that went through the butler."""

import io

import matplotlib.image
import numpy as np
import pytest
import verifynight

from lsst.cp.sky.errors import MismatchedInputsError
from lsst.cp.sky.joint import basis, project_cells
from lsst.cp.sky.joint.geometry import FocalPlane, Geometry, Sizes
from lsst.cp.sky.simulate import RAW_COLLECTION, detector_pattern
from lsst.cp.sky.verify import (
    CpSkyPlotJointExposureTask,
    CpSkyPlotJointFrameTask,
    CpSkyVerifyExposureTask,
    CpSkyVerifyFrameTask,
    CpSkyVerifyJointExposureTask,
    CpSkyVerifyJointFrameTask,
)
from lsst.pipe.base import NoWorkFound, Pipeline
from lsst.pipe.base.testUtils import lintConnections

TASKS = [
    CpSkyPlotJointExposureTask, CpSkyPlotJointFrameTask,
    CpSkyVerifyJointExposureTask, CpSkyVerifyJointFrameTask,
]  # fmt: skip
PLOTS = ["FramePlot", "FrameNoisePlot", "ResidualLevelPlot", "DeviationPlot", "PullPlot", "MaskedPlot"]
FILTER = "sim_r"


@pytest.fixture
def butler(good):
    return good.butler("verify-joint,joint")


@pytest.mark.parametrize("task", TASKS)
def test_connections(task):
    lintConnections(task.ConfigClass.ConnectionsClass)


class Detector:
    """One detector by hand: arrays of bins ``(exposures, ny, nx)`` from the tables of the chain."""

    def __init__(self, butler, detector):
        table = butler.get("cpSkyJointExposures", physical_filter=FILTER)
        self.exposures = [int(e) for e in table["exposure"]]
        note = butler.get("cpSkyJointNoise", exposure=self.exposures[0], detector=detector)
        geometry, self.sizes = Geometry.from_dict(note["geometry"]), Sizes(**note["sizes"])
        self.grid = geometry.grid(self.sizes)
        x, y = np.meshgrid(self.grid.x.centre, self.grid.y.centre)
        place = np.array(geometry.matrix) @ [x.ravel(), y.ravel()] + np.array(geometry.offset)[:, np.newaxis]
        u = (place[0] - table["centre_x"][0]) / table["radius"][0]
        v = (place[1] - table["centre_y"][0]) / table["radius"][0]
        order = round((np.sqrt(8 * table["coefficients"].shape[1] + 1) - 3) / 2)
        shape = (-1, *self.grid.shape)
        self.sky = (np.array(table["coefficients"]) @ basis(u, v, order).T).reshape(shape)
        bins = [butler.get("cpSkyJointBins3", exposure=e, detector=detector) for e in self.exposures]
        self.mean, self.count, self.variance = (
            np.array([b[name] for b in bins], dtype=float).reshape(shape)
            for name in ("mean", "count", "variance")
        )
        pattern = butler.get("cpSkyJointPattern3", physical_filter=FILTER, detector=detector)
        self.pattern = np.array(pattern["pattern"]).reshape(self.grid.shape)
        self.residual = self.mean / self.sky - 1 - self.pattern
        pixels = np.where(self.count > 0, self.count, np.nan)
        self.photon = self.variance / (pixels * self.sky**2)

    def cells(self, i):
        """Residual of an exposure in cells, and its error, bin by bin and cell by cell."""
        value, error = np.full(self.grid.cells, np.nan), np.full(self.grid.cells, np.nan)
        for j in range(self.grid.cells[0]):
            for k in range(self.grid.cells[1]):
                inside = np.ix_(self.grid.y.cell == j, self.grid.x.cell == k)
                rest, photon = self.residual[i][inside].ravel(), self.photon[i][inside].ravel()
                known = np.isfinite(rest)
                if known.any():
                    value[j, k] = np.average(rest[known], weights=1 / photon[known])
                    error[j, k] = 1 / np.sqrt(np.sum(1 / photon[known]))
        return value, error


def clipped(values):
    finite = values[np.isfinite(values)]
    inside = finite
    for _ in range(3):
        inside = finite[np.abs(finite - inside.mean()) <= 3 * inside.std()]
    return inside


def test_exposure_metrics_are_those_of_the_datasets(butler):
    hand = Detector(butler, 3)
    skies = butler.get("cpSkyJointExposures", physical_filter=FILTER)
    for i, exposure in enumerate(hand.exposures):
        table = butler.get("cpSkyJointExposureMetrics", exposure=exposure)
        assert list(table["detector"]) == list(verifynight.DETECTORS)
        assert np.all(table["used"])
        row = table[list(table["detector"]).index(3)]
        assert (row["scale"], row["scaleUncertainty"]) == (skies["level"][i], skies["level_error"][i])
        assert (row["detectorName"], row["physicalType"], row["physicalFilter"]) == ("R00_S10", "ITL", FILTER)
        known = hand.count[i] > 0
        assert row["skyBg"] == pytest.approx(np.average(hand.mean[i][known], weights=hand.count[i][known]))
        assert row["meanVar"] == pytest.approx(
            np.average(hand.variance[i][known], weights=hand.count[i][known])
        )
        assert row["maskedFraction"] == pytest.approx(1 - hand.count[i].sum() / hand.grid.area.sum())
        assert row["replacedFraction"] == 0
        cells, errors = hand.cells(i)
        assert row["coverage"] == np.isfinite(cells).mean()
        assert row["photonLimit"] == pytest.approx(np.nanmedian(errors))
        assert row["residualOffset"] == pytest.approx(clipped(cells).mean(), rel=1e-6)
        assert row["residualRms"] == pytest.approx(clipped(cells).std(), rel=1e-6)
        assert row["airmass"] == pytest.approx(1.155)


def test_masked_is_what_the_chain_says(butler):
    skies = butler.get("cpSkyJointExposures", physical_filter=FILTER)
    areas = [Detector(butler, detector).grid.area.sum() for detector in verifynight.DETECTORS]
    for row in skies:
        table = butler.get("cpSkyJointExposureMetrics", exposure=int(row["exposure"]))
        assert np.average(table["maskedFraction"], weights=areas) == pytest.approx(row["masked"], rel=1e-5)


def test_what_is_left_is_photon_noise(butler):
    for ref in butler.query_datasets("cpSkyJointExposureMetrics"):
        table = butler.get(ref)
        # Three standard errors of a standard deviation from 36 cells.
        np.testing.assert_allclose(table["residualRatio"], 1.0, atol=3 / np.sqrt(2 * 36))


def test_frame_metrics_are_those_of_the_datasets(butler):
    hand = Detector(butler, 0)
    frame = butler.get("sky", physical_filter=FILTER, detector=0)
    table = butler.get("cpSkyJointFrameMetrics", physical_filter=FILTER)
    row = table[list(table["detector"]).index(0)]
    assert (row["inputs"], row["leftOut"]) == (5, 0)
    counts = sum(np.isfinite(hand.cells(i)[0]).astype(int) for i in range(5))
    assert row["inputsPerCellMin"] == counts.min()
    assert row["inputsPerCellMedian"] == np.median(counts)
    assert row["frameLevel"] == pytest.approx(np.median(frame.image.array))
    assert row["meanVariance"] == pytest.approx(
        np.mean(frame.variance.array[np.isfinite(frame.variance.array)])
    )
    # The bins of a cell count alike here, where hardly any pixel is masked.
    weight = np.where(hand.count > 0, 1 / hand.photon, 0)
    halves = [weight[start::2].sum(axis=0) for start in (0, 1)]
    means = [
        (weight[start::2] * np.nan_to_num(hand.residual[start::2])).sum(axis=0) / half
        for start, half in zip((0, 1), halves, strict=True)
    ]
    draw = np.sqrt(halves[0] * halves[1]) / (halves[0] + halves[1]) * (means[0] - means[1])
    cells = hand.grid.over_cells(draw * hand.grid.area) / hand.grid.over_cells(hand.grid.area)
    assert row["splitHalfNoise"] == pytest.approx(
        np.hypot(clipped(cells).mean(), clipped(cells).std()), rel=0.05
    )


def test_pulls_are_those_of_the_datasets(butler):
    hand = Detector(butler, 0)
    table = butler.get("cpSkyJointFramePulls", physical_filter=FILTER)
    assert len(table) == 25
    weight = np.where(hand.count > 0, 1 / hand.photon, 0)
    cells = np.array([hand.cells(i)[0] for i in range(5)])
    for i, exposure in enumerate(hand.exposures):
        row = table[(table["exposure"] == exposure) & (table["detector"] == 0)][0]
        without = np.delete(weight, i, axis=0)
        rest = (without * np.nan_to_num(np.delete(hand.residual, i, axis=0))).sum(axis=0) / without.sum(
            axis=0
        )
        pull = -hand.grid.over_cells(rest * hand.grid.area) / hand.grid.over_cells(hand.grid.area)
        assert row["pullRms"] == pytest.approx(np.hypot(clipped(pull).mean(), clipped(pull).std()), rel=0.1)
        deviation = cells[i] - np.nanmedian(np.delete(cells, i, axis=0), axis=0)
        assert row["deviationOffset"] == pytest.approx(clipped(deviation).mean(), rel=1e-5, abs=1e-9)
        assert row["deviationRms"] == pytest.approx(clipped(deviation).std(), rel=1e-5)


def test_halves_tell_the_noise(good, butler):
    """The noise from halves is the error of the sky frames, which only the simulator knows."""
    table = butler.get("cpSkyJointFrameMetrics", physical_filter=FILTER)
    skies = butler.get("cpSkyJointExposures", physical_filter=FILTER)
    plane = FocalPlane(*(float(skies[name][0]) for name in ("centre_x", "centre_y", "radius")))
    errors, places = [], []
    for detector in verifynight.DETECTORS:
        hand = Detector(butler, detector)
        ours = good.night.camera[detector]
        pattern = detector_pattern(ours, good.night.config)
        truth = hand.grid.over_cells(hand.grid.sum(pattern)) / hand.grid.over_cells(hand.grid.area)
        errors.append(butler.get("sky", physical_filter=FILTER, detector=detector).image.array - truth)
        places.append(Geometry.of(ours, ours.getBBox()).site(plane, hand.sizes))
    left, _ = project_cells(places, errors, int(skies["common_order"][0]))
    rms = [np.sqrt(np.mean(np.square(cells))) for cells in left]
    assert np.sqrt(np.mean(np.square(table["splitHalfNoise"]))) == pytest.approx(
        np.sqrt(np.mean(np.square(rms))), rel=0.2
    )


def test_tasks_say_what_they_found(butler):
    exposure = verifynight.BAD_EXPOSURE
    table = butler.get("cpSkyJointExposureMetrics", exposure=exposure)
    metadata = butler.get("cpSkyVerifyJointExposure_metadata", exposure=exposure)["cpSkyVerifyJointExposure"]
    assert (metadata["detectors"], metadata["used"]) == (5, 5)
    assert metadata["residualRatio"] == pytest.approx(np.median(table["residualRatio"]))
    frames = butler.get("cpSkyJointFrameMetrics", physical_filter=FILTER)
    metadata = butler.get("cpSkyVerifyJointFrame_metadata", physical_filter=FILTER)["cpSkyVerifyJointFrame"]
    assert metadata["splitHalfRatio"] == pytest.approx(np.median(frames["splitHalfRatio"]))


@pytest.mark.parametrize("name", PLOTS)
def test_plots_are_pictures(butler, name):
    content = butler.getURI(f"cpSkyJoint{name}", physical_filter=FILTER).read()
    picture = matplotlib.image.imread(io.BytesIO(content), format="png")
    assert min(picture.shape[:2]) > 250
    assert len(np.unique(picture[::3, ::3, :3].reshape(-1, 3), axis=0)) > 20


def test_every_exposure_is_drawn(butler):
    assert len(butler.query_datasets("cpSkyJointExposurePlot")) == 5


def handles(butler, *names, **dataId):
    return [[butler.getDeferred(ref) for ref in butler.query_datasets(name, **dataId)] for name in names]


def test_an_exposure_without_a_sky(butler):
    inputs = handles(butler, "cpSkyJointBins3", "cpSkyJointNoise", exposure=verifynight.BAD_EXPOSURE)
    patterns, frames = handles(butler, "cpSkyJointPattern3", "sky")
    skies = butler.get("cpSkyJointExposures", physical_filter=FILTER)
    skies = skies[skies["exposure"] != verifynight.BAD_EXPOSURE]
    found = CpSkyVerifyJointExposureTask().run(
        *inputs, patterns, skies, frames, exposure=verifynight.BAD_EXPOSURE
    )
    assert not np.any(found.metrics["used"])
    assert all("has no sky for it" in reason for reason in found.metrics["reason"])
    np.testing.assert_array_equal(found.metrics["coverage"], 0.0)


def test_a_detector_without_bins(good, butler):
    exposure = verifynight.BAD_EXPOSURE
    bins, notes = handles(butler, "cpSkyJointBins3", "cpSkyJointNoise", exposure=exposure)
    patterns, frames = handles(butler, "cpSkyJointPattern3", "sky")
    (exposures,) = handles(good.butler(RAW_COLLECTION), "cpSkyIsrExp", exposure=exposure)
    bins = [handle for handle in bins if handle.dataId["detector"] != 4]
    skies = butler.get("cpSkyJointExposures", physical_filter=FILTER)
    found = (
        CpSkyVerifyJointExposureTask().run(bins, notes, patterns, skies, frames, exposures, exposure).metrics
    )
    row = found[list(found["detector"]).index(4)]
    assert (row["used"], row["detectorName"]) == (False, "R00_S11")
    assert "it has no bins" in row["reason"]
    assert np.sum(found["used"]) == 4


def test_a_rejected_exposure(butler):
    exposure = verifynight.BAD_EXPOSURE
    inputs = handles(butler, "cpSkyJointBins3", "cpSkyJointNoise", exposure=exposure)
    patterns, frames = handles(butler, "cpSkyJointPattern3", "sky")
    skies = butler.get("cpSkyJointExposures", physical_filter=FILTER)
    skies["reason"] = np.where(skies["exposure"] == exposure, "pull above 30.0 (99)", "-")
    skies["weight"][skies["exposure"] == exposure] = 0
    found = CpSkyVerifyJointExposureTask().run(*inputs, patterns, skies, frames, exposure=exposure).metrics
    assert set(found["reason"]) == {"the joint chain rejected it: pull above 30.0 (99)"}


def test_nothing_to_do():
    with pytest.raises(NoWorkFound, match="no bins"):
        CpSkyVerifyJointExposureTask().run([], [], [], None)
    with pytest.raises(NoWorkFound, match="no sky frames"):
        CpSkyVerifyJointFrameTask().run([], [], [], [], None)


def test_sky_frames_of_the_other_chain(good):
    joint, stock = good.butler("joint"), good.butler("sky")
    ours = handles(joint, "sky", "cpSkyJointBins3", "cpSkyJointNoise", "cpSkyJointPattern3")
    theirs = handles(stock, "sky", "cpSkyExpResidualBackground")
    skies = joint.get("cpSkyJointExposures", physical_filter=FILTER)
    with pytest.raises(
        MismatchedInputsError, match=r"made by the stock chain.*collection of the joint chain first"
    ):
        CpSkyVerifyJointFrameTask().run(theirs[0], *ours[1:], skies)
    with pytest.raises(
        MismatchedInputsError, match=r"made by the joint chain.*collection of the stock chain first"
    ):
        CpSkyVerifyFrameTask().run(ours[0], theirs[1])
    (masked,) = handles(stock, "cpSkyMaskedIsrExp", exposure=verifynight.BAD_EXPOSURE)
    scale = stock.get("cpSkyExpScale", exposure=verifynight.BAD_EXPOSURE)
    with pytest.raises(MismatchedInputsError, match="made by the joint chain"):
        CpSkyVerifyExposureTask().run(masked, scale, theirs[1], ours[0])


def test_bins_of_another_run(butler):
    frames, bins, notes, patterns = handles(
        butler, "sky", "cpSkyJointBins3", "cpSkyJointNoise", "cpSkyJointPattern3"
    )
    skies = butler.get("cpSkyJointExposures", physical_filter=FILTER)
    with pytest.raises(MismatchedInputsError, match="no bins of detector 0"):
        CpSkyVerifyJointFrameTask().run(
            frames, [h for h in bins if h.dataId["detector"]], notes, patterns, skies
        )


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("cpSkyVerifyJointExposure", "connections.skyFrames"),
        ("cpSkyVerifyJointExposure", "connections.inputBins"),
        ("cpSkyVerifyJointExposure", "connections.skies"),
        ("cpSkyVerifyJointExposure", "connections.metrics"),
        ("cpSkyVerifyJointFrame", "connections.patterns"),
        ("cpSkyVerifyJointFrame", "connections.noise"),
        ("cpSkyVerifyJointFrame", "connections.pulls"),
        ("cpSkyVerifyJointFrame", "connections.solution"),
    ],
)
def test_contracts(label, key):
    pipeline = Pipeline.from_uri(f"{verifynight.PIPELINES}/cpSkyJointVerify.yaml")
    pipeline.addConfigOverride(label, key, "other")
    with pytest.raises(Exception, match=f"must be.*{key.removeprefix('connections.')}|{key} must be"):
        pipeline.to_graph()


def test_after_the_pass_for_undithered_nights():
    pipeline = Pipeline.from_uri(f"{verifynight.PIPELINES}/cpSkyJointVerify.yaml")
    pipeline.addConfigOverride("parameters", "solution", "4")
    graph = pipeline.to_graph()
    assert set(graph.dataset_types) >= {"cpSkyJointBins4", "cpSkyJointPattern4"}
    assert not set(graph.dataset_types) & {"cpSkyJointBins3", "cpSkyJointPattern3"}


def test_beside_the_chain(tmp_path):
    path = tmp_path / "both.yaml"
    names = "".join(
        f"  - location: {verifynight.PIPELINES}/{name}.yaml\n"
        for name in ("cpSkyJointPostIsr", "cpSkyJointVerify")
    )
    path.write_text(f"description: both\nimports:\n{names}")
    graph = Pipeline.from_uri(str(path)).to_graph()
    assert graph.producer_of("sky").label == "cpSkyJointFrame"
    assert {task.label for task in graph.consumers_of("cpSkyJointExposures")} >= {
        "cpSkyVerifyJointExposure", "cpSkyVerifyJointFrame",
    }  # fmt: skip


def test_before_masking_nothing_stands_out(butler):
    pulls = butler.get("cpSkyJointFramePulls", physical_filter=FILTER)
    # Medians are noisier than means by the square root of pi / 2.
    assert np.median(pulls["firstStructureRatio"]) == pytest.approx(np.sqrt(np.pi / 2), rel=0.3)
