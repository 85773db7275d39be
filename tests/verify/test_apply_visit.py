"""Sky frames taken out of visits."""

import logging

import numpy as np
import pytest
import verifynight
from click.testing import CliRunner

from lsst.afw.math import (
    BackgroundControl,
    BackgroundList,
    Interpolate,
    UndersampleStyle,
    makeBackground,
)
from lsst.cp.sky.apply import CpSkyApplyTask
from lsst.cp.sky.apply_visit import CpSkyApplyVisitTask
from lsst.cp.sky.cli import cli
from lsst.cp.sky.simulate import (
    CALIB_COLLECTION,
    RAW_COLLECTION,
    Night,
    NightConfig,
    bin_camera,
    make_raft_camera,
    make_repository,
    pixel_size,
)
from lsst.daf.butler import Butler, DatasetType, Timespan
from lsst.pipe.base import InMemoryDatasetHandle, NoWorkFound
from lsst.pipe.base.testUtils import lintConnections
from lsst.sphgeom import ConvexPolygon, LonLat, UnitVector3d

VISIT, EXPOSURE = 7, 2024032800002


def subtract_background(exposure):
    """Do what calibration does: subtract a background from an exposure, in place, and return it as a list."""
    background = makeBackground(exposure.getMaskedImage(), BackgroundControl(6, 6))
    style = (Interpolate.AKIMA_SPLINE, UndersampleStyle.REDUCE_INTERP_ORDER)
    image = exposure.getImage()
    image -= background.getImageF(*style)
    made = BackgroundList()
    made.append(
        (
            background,
            *style,
            background.getBackgroundControl().getApproximateControl().getStyle(),
            0,
            0,
            False,
        )
    )
    return made


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """A night with sky frames, certified, and one of its exposures as a visit."""
    camera = bin_camera(make_raft_camera(), 3)
    night = Night(camera, NightConfig(exposures=3, sources=None, sky=verifynight.SKY))
    root, pixel = str(tmp_path_factory.mktemp("visit") / "repo"), pixel_size(camera)
    make_repository(root, night, detectors=verifynight.DETECTORS)
    sizes = {"xSize": round(170 * pixel, 6), "ySize": round(170 * pixel, 6), "pixelSize": round(pixel, 9)}
    made = verifynight.Made(
        root, {f"largeScaleBackground.{name}": size for name, size in sizes.items()}, night
    )
    verifynight.run(root, verifynight.chain_pipeline(made.sizes), [RAW_COLLECTION, CALIB_COLLECTION], "sky")
    butler = Butler.from_config(made.root, writeable=True, instrument="SkySim")
    refs = butler.query_datasets("sky", collections="sky")
    butler.registry.certify(CALIB_COLLECTION, refs, Timespan(None, None))
    registry = butler.registry
    record = butler.query_dimension_records("exposure", exposure=EXPOSURE)[0]
    shared = {"instrument": "SkySim", "day_obs": record.day_obs, "physical_filter": record.physical_filter}
    registry.insertDimensionData("visit_system", {"instrument": "SkySim", "id": 0, "name": "one-to-one"})
    registry.insertDimensionData(
        "visit", shared | {"id": VISIT, "name": "v7", "timespan": record.timespan, "exposure_time": 30.0}
    )
    registry.insertDimensionData(
        "visit_definition", {"instrument": "SkySim", "visit": VISIT, "exposure": EXPOSURE}
    )
    butler.collections.register("calexps")
    dimensions = butler.dimensions.conform({"instrument", "visit", "detector"})
    for name, storage_class in (("calexp", "ExposureF"), ("calexpBackground", "Background")):
        registry.registerDatasetType(DatasetType(name, dimensions, storage_class))
    corners = [LonLat.fromDegrees(*place) for place in ((40, -30), (41, -30), (40.5, -29))]
    region = ConvexPolygon.convexHull([UnitVector3d(corner) for corner in corners])
    for detector in verifynight.DETECTORS:
        registry.insertDimensionData(
            "visit_detector_region",
            {"instrument": "SkySim", "visit": VISIT, "detector": detector, "region": region},
        )
        exposure = butler.get("cpSkyIsrExp", exposure=EXPOSURE, detector=detector, collections=RAW_COLLECTION)
        background = subtract_background(exposure)
        butler.put(exposure, "calexp", visit=VISIT, detector=detector, run="calexps")
        butler.put(background, "calexpBackground", visit=VISIT, detector=detector, run="calexps")
    return made


def test_connections():
    lintConnections(CpSkyApplyVisitTask.ConfigClass.ConnectionsClass)


def test_command(repository):
    """What is to be subtracted puts the background back and takes out the sky and the sky frame."""
    inputs = f"calexps,sky,{CALIB_COLLECTION}"
    options = ["-o", "corr", "--dataset-type", "calexp", "-d", f"instrument='SkySim' AND visit={VISIT}"]
    result = CliRunner().invoke(cli, ["apply", repository.root, "-i", inputs, *options])
    assert result.exit_code == 0, result.output
    assert f"Visit {VISIT}: {len(verifynight.DETECTORS)} detectors, scale " in result.output
    assert "skyCorr in corr" in result.output

    exposures = [
        "-o",
        "whole",
        "--dataset-type",
        "cpSkyIsrExp",
        "-d",
        f"instrument='SkySim' AND exposure={EXPOSURE}",
    ]
    inputs = f"{RAW_COLLECTION},sky,{CALIB_COLLECTION}"
    done = CliRunner().invoke(cli, ["apply", repository.root, "-i", inputs, "--subtract-sky", *exposures])
    assert done.exit_code == 0, done.output
    butler = Butler.from_config(repository.root, collections=["corr", "whole"], instrument="SkySim")
    metrics = butler.get("skyCorrMetrics", visit=VISIT)
    theirs = butler.get("cpSkyCorrectionMetrics", exposure=EXPOSURE)
    assert metrics["scale"][0] == pytest.approx(theirs["scale"][0], rel=1e-3)
    assert np.median(metrics["residualRmsAfter"]) < np.median(metrics["residualRmsBefore"])
    for detector in verifynight.DETECTORS:
        calexp = butler.get("calexp", visit=VISIT, detector=detector)
        correction = butler.get("skyCorr", visit=VISIT, detector=detector)
        assert len(correction) == 3
        put_back = butler.get("calexpBackground", visit=VISIT, detector=detector)[0][0].getStatsImage()
        np.testing.assert_array_equal(correction[0][0].getStatsImage().image.array, -put_back.image.array)
        whole = butler.get("cpSkyCorrectedExp", exposure=EXPOSURE, detector=detector)
        corrected = calexp.image.array - correction.getImage().array
        good = np.isfinite(whole.image.array)
        np.testing.assert_allclose(corrected[good], whole.image.array[good], atol=0.05)


def test_earlier_runs_stay(repository):
    options = [
        "--dataset-type",
        "cpSkyIsrExp",
        "-i",
        f"{RAW_COLLECTION},sky,{CALIB_COLLECTION}",
        "-o",
        "both",
    ]
    for exposure in (2024032800001, 2024032800003):
        where = ["-d", f"instrument='SkySim' AND exposure={exposure}"]
        done = CliRunner().invoke(cli, ["apply", repository.root, *options, *where])
        assert done.exit_code == 0, done.output
        assert done.output.count("Exposure ") == 1
    butler = Butler.from_config(repository.root, collections="both", instrument="SkySim")
    assert len(butler.query_datasets("cpSkyCorrectionMetrics")) == 2


def test_nothing_to_do_leaves_nothing(repository):
    options = ["-i", f"calexps,sky,{CALIB_COLLECTION}", "-o", "none", "--dataset-type", "calexp"]
    done = CliRunner().invoke(
        cli, ["apply", repository.root, *options, "-d", "instrument='SkySim' AND visit=8"]
    )
    assert done.exit_code == 1
    assert len(done.stderr.splitlines()) == 1
    assert not Butler.from_config(repository.root).collections.query_info("none*")


def test_sizes_without_a_run_of_the_stock_chain(repository):
    options = ["-i", f"{RAW_COLLECTION},{CALIB_COLLECTION}", "-o", "alone", "--dataset-type", "cpSkyIsrExp"]
    where = ["-d", f"instrument='SkySim' AND exposure={EXPOSURE}"]
    done = CliRunner().invoke(cli, ["apply", repository.root, *options, *where])
    assert done.exit_code == 0, done.output
    butler = Butler.from_config(repository.root, collections="alone")
    model = butler.get("cpSkyApply_config").largeScaleBackground
    camera = butler.get("camera", instrument="SkySim", collections=CALIB_COLLECTION)
    side = max(max(detector.getBBox().getDimensions()) for detector in camera)
    assert model.pixelSize == camera[0].getPixelSize().x
    assert model.xSize == pytest.approx(side * model.pixelSize)


def handles(repository, detectors):
    butler = Butler.from_config(
        repository.root, collections=["calexps", "sky", CALIB_COLLECTION], instrument="SkySim"
    )

    def held(name, storage_class, **data_id):
        return [
            InMemoryDatasetHandle(
                butler.get(name, detector=detector, **data_id),
                storageClass=storage_class,
                dataId={"detector": detector},
            )
            for detector in detectors
        ]

    return (
        held("calexp", "ExposureF", visit=VISIT),
        held("calexpBackground", "Background", visit=VISIT),
        held("sky", "ExposureF", physical_filter="sim_r"),
        butler.get("camera", instrument="SkySim"),
    )


def make_task(cls, repository):
    config = cls.ConfigClass()
    for field, value in repository.sizes.items():
        setattr(config.largeScaleBackground, field.rpartition(".")[2], value)
    return cls(config=config)


def test_what_is_loaded_is_not_modified(repository):
    exposures, backgrounds, frames, camera = handles(repository, (0, 1))
    before = [handle.get().clone() for handle in exposures]
    cells = [handle.get()[0][0].getStatsImage().image.array.copy() for handle in backgrounds]
    found = make_task(CpSkyApplyVisitTask, repository).run(exposures, backgrounds, frames, camera)
    assert found.skyCorr.keys() == {0, 1}
    make_task(CpSkyApplyTask, repository).run(exposures, frames, camera)
    for handle, copy in zip(exposures, before, strict=True):
        np.testing.assert_array_equal(handle.get().image.array, copy.image.array)
        np.testing.assert_array_equal(handle.get().mask.array, copy.mask.array)
    for handle, copy in zip(backgrounds, cells, strict=True):
        np.testing.assert_array_equal(handle.get()[0][0].getStatsImage().image.array, copy)


def test_detectors_that_lack_something_are_left_out(repository, caplog):
    exposures, backgrounds, frames, camera = handles(repository, (0, 1, 3))
    task = make_task(CpSkyApplyVisitTask, repository)
    with caplog.at_level(logging.WARNING):
        found = task.run(exposures, backgrounds[1:], frames[:2], camera)
    assert found.skyCorr.keys() == {1}
    assert "backgrounds of detectors 0 are missing" in caplog.text
    assert "no sky frames for detectors 3" in caplog.text
    with pytest.raises(NoWorkFound):
        task.run(exposures, [], frames, camera)
