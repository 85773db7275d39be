"""A simulated night in a real repository."""

import dataclasses

import numpy as np
import pytest

from lsst.cp.sky.simulate import (
    CALIB_COLLECTION,
    RAW_COLLECTION,
    DefectConfig,
    Night,
    NightConfig,
    SkySim,
    bin_camera,
    detector_pattern,
    focal_plane_grid,
    make_raft_camera,
    make_repository,
)
from lsst.pipe.base import Instrument


@pytest.fixture(scope="module")
def night():
    camera = bin_camera(make_raft_camera(), 4)
    defects = DefectConfig(dead_pixels_per_megapixel=2000.0)
    return Night(camera, dataclasses.replace(NightConfig(), exposures=2, defects=defects))


@pytest.fixture(scope="module")
def butler(night, tmp_path_factory):
    steps = []
    butler = make_repository(
        str(tmp_path_factory.mktemp("repo")),
        night,
        detectors=[1, 5],
        progress=lambda *step: steps.append(step),
    )
    assert steps == [(1, 4), (2, 4), (3, 4), (4, 4)]
    return butler


def test_exposure_is_dressed_as_post_isr(night):
    detector = night.camera[1]
    exposure = night.exposure(0, detector)
    assert exposure.getBBox() == detector.getBBox()
    assert exposure.getDetector().getName() == detector.getName()
    assert exposure.getFilter().bandLabel == "r"
    info = exposure.info.getVisitInfo()
    assert info.exposureTime == 30.0
    assert info.hasSimulatedContent
    mask = exposure.mask
    dead = np.isnan(exposure.image.array)
    assert dead.any()
    assert (mask.array[dead] & mask.getPlaneBitMask("NO_DATA")).all()
    assert (mask.array & mask.getPlaneBitMask("BAD")).any()
    assert np.isfinite(exposure.variance.array).all()


def test_pixels_are_sky_times_pattern_without_noise(night):
    perfect = Night(night.camera, night.config.without_noise())
    detector = night.camera[1]
    sky = perfect.skies[1](*focal_plane_grid(detector))
    expected = (sky * (1 + detector_pattern(detector, night.config))).astype(np.float32)
    np.testing.assert_array_equal(perfect.exposure(1, detector).image.array, expected)


def test_sky_is_continuous_across_detectors(night):
    sky = night.skies[0]
    left, right = night.camera[3], night.camera[4]
    x_left, y_left = focal_plane_grid(left)
    x_right, y_right = focal_plane_grid(right)
    assert x_left[0, -1] < x_right[0, 0]
    step = abs(sky(x_left[:, -1], y_left[:, -1]) - sky(x_right[:, 0], y_right[:, 0])).max()
    across = np.ptp(sky(x_left, y_left))
    assert step < across


def test_repository_holds_the_night(butler, night):
    refs = butler.query_datasets("cpSkyIsrExp", collections=RAW_COLLECTION)
    assert {(ref.dataId["exposure"], ref.dataId["detector"]) for ref in refs} == {
        (2024032800001 + i, detector) for i in range(2) for detector in (1, 5)
    }
    exposure = butler.get(refs[0])
    number = refs[0].dataId["exposure"] - 2024032800001
    expected = night.exposure(number, night.camera[refs[0].dataId["detector"]])
    np.testing.assert_array_equal(exposure.image.array, expected.image.array)
    np.testing.assert_array_equal(exposure.mask.array, expected.mask.array)
    np.testing.assert_array_equal(exposure.variance.array, expected.variance.array)


def test_records_describe_the_exposures(butler):
    records = butler.query_dimension_records("exposure", instrument="SkySim")
    assert len(records) == 2
    for record in records:
        assert record.observation_type == "science"
        assert record.physical_filter == "sim_r"
        assert (record.timespan.end - record.timespan.begin).to_value("s") == pytest.approx(30.0)
    assert len(butler.query_dimension_records("detector", instrument="SkySim")) == 9


def test_camera_is_certified_for_all_times(butler, night):
    record = butler.query_dimension_records("exposure", instrument="SkySim")[0]
    camera = butler.get("camera", exposure=record.id, instrument="SkySim", collections=CALIB_COLLECTION)
    assert [d.getName() for d in camera] == [d.getName() for d in night.camera]


def test_instrument_is_found_by_name(butler):
    instrument = Instrument.fromName("SkySim", butler.registry)
    assert isinstance(instrument, SkySim)
    with pytest.raises(NotImplementedError, match="SkySim has no raw data"):
        instrument.getRawFormatter({})


def test_a_repository_is_not_overwritten(butler, night):
    with pytest.raises(FileExistsError):
        make_repository(butler._config.configDir.ospath, night)
