"""Metrics and plots of nights that went through the butler."""

import io

import badothers
import matplotlib.image
import numpy as np
import pytest
import verifynight

from lsst.afw.math import BackgroundList
from lsst.cp.sky import MismatchedInputsError
from lsst.cp.sky.apply import CpSkyApplyTask
from lsst.cp.sky.verify import (
    CpSkyPlotExposureTask,
    CpSkyPlotFrameTask,
    CpSkyVerifyExposureTask,
    CpSkyVerifyFrameTask,
)
from lsst.daf.base import PropertyList
from lsst.pipe.base import NoWorkFound, Pipeline
from lsst.pipe.base.testUtils import lintConnections

TASKS = [
    CpSkyApplyTask, CpSkyPlotExposureTask, CpSkyPlotFrameTask, CpSkyVerifyExposureTask, CpSkyVerifyFrameTask,
]  # fmt: skip
PLOTS = ["cpSkyFramePlot", "cpSkyFrameNoisePlot", "cpSkyResidualLevelPlot", "cpSkyDeviationPlot",
         "cpSkyPullPlot", "cpSkyMaskedPlot"]  # fmt: skip


@pytest.mark.parametrize("task", TASKS)
def test_connections(task):
    lintConnections(task.ConfigClass.ConnectionsClass)


def cells_of(butler, name, **data_id):
    return butler.get(name, **data_id)[0][0].getStatsImage().image.array.astype(float)


def test_exposure_metrics_are_those_of_the_datasets(good):
    butler = good.butler()
    exposure, detector = verifynight.BAD_EXPOSURE, 3
    table = butler.get("cpSkyExposureMetrics", exposure=exposure)
    assert list(table["detector"]) == list(verifynight.DETECTORS)
    assert np.all(table["used"])
    assert set(table["reason"]) == {""}
    row = table[list(table["detector"]).index(detector)]
    masked = butler.get("cpSkyMaskedIsrExp", exposure=exposure, detector=detector)
    scale = butler.get("cpSkyExpScale", exposure=exposure)["scale"]
    bad = masked.mask.getPlaneBitMask(["SAT", "BAD", "EDGE", "DETECTED", "DETECTED_NEGATIVE", "NO_DATA"])
    pixels = (masked.mask.array & bad) == 0
    assert row["scale"] == scale
    assert row["maskedFraction"] == pytest.approx(1 - pixels.mean())
    assert row["skyBg"] == pytest.approx(masked.image.array[pixels].mean(), rel=1e-6)
    assert row["meanVar"] == pytest.approx(masked.variance.array[pixels].mean(), rel=1e-6)
    metadata = butler.get("cpSkyImage_metadata", exposure=exposure, detector=detector)
    assert row["replacedFraction"] == metadata["cpSkyImage"]["replacedFraction"]
    assert (row["airmass"], row["expTime"], row["zenithDistance"]) == pytest.approx((1.155, 30.0, 30.0))
    # The moon of 28 March 2024, three days after full moon: right ascension 14 h, declination -20 degrees.
    assert row["moonIllumination"] == pytest.approx(0.92, abs=0.03)
    assert 100 < row["moonSeparation"] < 150

    residual = cells_of(butler, "cpSkyExpResidualBackground", exposure=exposure, detector=detector)
    frame = butler.get("sky", physical_filter="sim_r", detector=detector).image.array
    assert row["coverage"] == np.isfinite(residual).mean()
    left = (residual - frame)[np.isfinite(residual)]
    if row["clippedFraction"] == 0:
        assert row["residualRms"] == pytest.approx(left.std(), rel=1e-6)
    assert row["residualRms"] <= left.std() * (1 + 1e-9)
    assert 0.3 < row["residualRatio"] < 2.5


def test_frame_metrics_are_those_of_the_datasets(good):
    butler = good.butler()
    metrics = butler.get("cpSkyFrameMetrics", physical_filter="sim_r")
    frames = [
        butler.get("sky", physical_filter="sim_r", detector=d).image.array for d in verifynight.DETECTORS
    ]
    np.testing.assert_array_equal(metrics["inputs"], 5)
    np.testing.assert_array_equal(metrics["leftOut"], 0)
    np.testing.assert_allclose(metrics["frameLevel"], [np.median(frame) for frame in frames], rtol=1e-6)
    for kind in ("ITL", "E2V"):
        assert np.median(metrics["detectorStep"][metrics["physicalType"] == kind]) == pytest.approx(
            0, abs=1e-12
        )
    assert np.all(metrics["splitHalfRatio"] < 2)


def test_pulls_are_those_of_the_datasets(good):
    butler = good.butler()
    pulls = butler.get("cpSkyFramePulls", physical_filter="sim_r")
    assert len(pulls) == 5 * len(verifynight.DETECTORS)
    exposures = np.unique(pulls["exposure"])
    stack = np.array([
        cells_of(butler, "cpSkyExpResidualBackground", exposure=int(e), detector=0) for e in exposures
    ])  # fmt: skip
    row = pulls[(pulls["detector"] == 0) & (pulls["exposure"] == exposures[1])][0]
    difference = stack[1] - np.nanmedian(np.delete(stack, 1, axis=0), axis=0)
    assert row["deviationRms"] <= np.nanstd(difference) * (1 + 1e-9)
    assert row["deviationRms"] == pytest.approx(np.nanstd(difference), rel=0.5)


def test_tasks_say_what_they_found(good):
    butler = good.butler()
    table = butler.get("cpSkyExposureMetrics", exposure=verifynight.BAD_EXPOSURE)
    metadata = butler.get("cpSkyVerifyExposure_metadata", exposure=verifynight.BAD_EXPOSURE)
    assert metadata["cpSkyVerifyExposure"]["detectors"] == len(table)
    assert metadata["cpSkyVerifyExposure"]["residualRatio"] == pytest.approx(
        np.median(table["residualRatio"])
    )
    frames = butler.get("cpSkyFrameMetrics", physical_filter="sim_r")
    metadata = butler.get("cpSkyVerifyFrame_metadata", physical_filter="sim_r")["cpSkyVerifyFrame"]
    assert metadata["splitHalfNoise"] == pytest.approx(np.median(frames["splitHalfNoise"]))


@pytest.mark.parametrize("name", PLOTS)
def test_plots_are_pictures(good, name):
    butler = good.butler()
    picture = matplotlib.image.imread(
        io.BytesIO(butler.getURI(name, physical_filter="sim_r").read()), format="png"
    )
    assert min(picture.shape[:2]) > 250
    assert len(np.unique(picture[::3, ::3, :3].reshape(-1, 3), axis=0)) > 20


def test_every_exposure_is_drawn(good):
    assert len(good.butler().query_datasets("cpSkyExposurePlot")) == 5


def test_nothing_to_do():
    with pytest.raises(NoWorkFound, match="no exposures to verify"):
        CpSkyVerifyExposureTask().run([], PropertyList())
    with pytest.raises(NoWorkFound, match="no sky frames to verify"):
        CpSkyVerifyFrameTask().run([], [])


def test_an_exposure_after_the_frame(good):
    # What --extend-run --skip-existing leaves: a residual background that the sky frame does not list.
    butler = good.butler()
    task, exposure = CpSkyVerifyExposureTask(), verifynight.BAD_EXPOSURE
    handles = {
        name: [butler.getDeferred(ref) for ref in butler.query_datasets(name, exposure=exposure)]
        for name in ("cpSkyMaskedIsrExp", "cpSkyExpResidualBackground")
    }
    frames = [butler.getDeferred(ref) for ref in butler.query_datasets("sky")]
    masked, residuals = handles["cpSkyMaskedIsrExp"], handles["cpSkyExpResidualBackground"]
    found = task.run(masked, _scale(butler), residuals, frames, exposure=999).metrics
    assert not np.any(found["used"])
    assert all("the sky frame was made without it" in reason for reason in found["reason"])


def _scale(butler):
    return butler.get("cpSkyExpScale", exposure=verifynight.BAD_EXPOSURE)


def test_exposures_without_residual_or_frame(good):
    butler = good.butler()
    exposures = [
        butler.getDeferred(ref)
        for ref in butler.query_datasets("cpSkyMaskedIsrExp", exposure=verifynight.BAD_EXPOSURE)
    ]
    found = CpSkyVerifyExposureTask().run(exposures, _scale(butler)).metrics
    assert all("no residual background" in reason for reason in found["reason"])
    np.testing.assert_array_equal(found["coverage"], 0.0)
    assert np.isnan(found["residualRatio"]).all()


@pytest.mark.parametrize("camera", ["HSC", "DECam", "LSSTCam", "LSSTComCam", "LATISS"])
@pytest.mark.parametrize("kind", ["cpSkyVerify", "cpSkyApply", "cpSkyApplyVisit"])
def test_pipelines_of_cameras(camera, kind):
    folder = "resource://lsst.cp.sky/pipelines"
    graph = Pipeline.from_uri(f"{folder}/{camera}/{kind}.yaml").to_graph()
    if kind == "cpSkyVerify":
        assert len(graph.tasks) == 4
        return
    model = graph.tasks[kind].config.largeScaleBackground
    chain = Pipeline.from_uri(f"{folder}/{camera}/cpSkyPostIsr.yaml").to_graph()
    theirs = chain.tasks["cpSkyImage"].config.largeScaleBackground
    assert (model.xSize, model.ySize, model.pixelSize) == (theirs.xSize, theirs.ySize, theirs.pixelSize)


@pytest.mark.parametrize(
    ("label", "key", "match"),
    [
        ("cpSkyVerifyExposure", "connections.skyFrames", "the sky frames"),
        ("cpSkyVerifyFrame", "connections.inputBkgs", "the residuals"),
        ("cpSkyVerifyExposure", "connections.metrics", "cpSkyVerifyExposure.connections.metrics"),
        ("cpSkyVerifyFrame", "connections.pulls", "cpSkyVerifyFrame.connections.pulls"),
    ],
)
def test_contracts(label, key, match):
    pipeline = Pipeline.from_uri(f"{verifynight.PIPELINES}/cpSkyVerify.yaml")
    pipeline.addConfigOverride(label, key, "other")
    with pytest.raises(Exception, match=match):
        pipeline.to_graph()


def test_beside_the_chain(tmp_path):
    path = tmp_path / "both.yaml"
    names = "".join(
        f"  - location: {verifynight.PIPELINES}/{name}.yaml\n" for name in ("cpSkyPostIsr", "cpSkyVerify")
    )
    path.write_text(f"description: both\nimports:\n{names}")
    pipeline = Pipeline.from_uri(str(path))
    pipeline.addConfigOverride("cpSkyImage", "largeScaleBackground.xSize", 10.0)
    pipeline.addConfigOverride("cpSkyImage", "largeScaleBackground.ySize", 10.0)
    graph = pipeline.to_graph()
    assert graph.producer_of("sky").label == "cpSkyCombine"
    assert {task.label for task in graph.consumers_of("sky")} >= {"cpSkyVerifyExposure", "cpSkyVerifyFrame"}


def test_frames_that_are_none(camera):
    good = badothers.Good(camera)
    for name, frame in badothers.worse_frames(good.frames[0].get()):
        worse = badothers.swapped(good.frames, 0, frame, "ExposureF")
        if name == "BOX.MINX=None":
            with pytest.raises(MismatchedInputsError, match=r"detector 0 .* is not one"):
                CpSkyVerifyFrameTask().run(worse, good.residuals)
    masked = good.of(good.masked)
    empty = badothers.swapped(good.of(good.residuals), 0, BackgroundList(), "Background")
    with pytest.raises(MismatchedInputsError, match="has no members"):
        CpSkyVerifyExposureTask().run(masked, good.scale, empty, good.frames, 101)


def test_pixels_that_are_not_finite(camera):
    """They are no part of any metric."""
    good = badothers.Good(camera)
    masked = good.of(good.masked)
    spoilt = masked[0].get().clone()
    spoilt.image.array[10, 20] = np.inf
    worse = badothers.swapped(masked, 0, spoilt, "ExposureF")
    found, expected = (
        CpSkyVerifyExposureTask()
        .run(handles, good.scale, good.of(good.residuals), good.frames, 101)
        .metrics[0]
        for handles in (worse, masked)
    )
    assert found["skyBg"] == pytest.approx(expected["skyBg"], rel=1e-4)
    assert found["maskedFraction"] > expected["maskedFraction"]
