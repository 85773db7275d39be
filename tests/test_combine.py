import logging

import numpy as np
import pytest
import skydata

import lsst.geom
from lsst.afw.image import FilterLabel, VisitInfo
from lsst.cp.sky import (
    CpSkyCombineTask,
    CpSkySubtractBackgroundTask,
    MismatchedInputsError,
    NoGoodPixelsError,
    TooFewInputsError,
)
from lsst.pipe.base import InMemoryDatasetHandle, NoWorkFound
from lsst.pipe.base.testUtils import assertValidOutput, lintConnections


def make_inputs(camera, detector=1, visits=(101, 102, 103), bbox=None, masked=()):
    """Residual backgrounds of some exposures of a detector, and handles of the exposures."""
    backgrounds, handles = [], []
    subtract = CpSkySubtractBackgroundTask()
    for i, visit in enumerate(visits):
        model = skydata.make_scale(camera, level=700.0 + 100 * i)
        exposure = skydata.make_exposure(
            camera[detector], visit=visit, level=700.0 + 100 * i, date=f"2024-03-31T06:0{i}:00"
        )
        if bbox is not None:
            exposure = exposure[bbox]
        if visit in masked:
            exposure.mask.array[:] |= exposure.mask.getPlaneBitMask("BAD")
        backgrounds.append(subtract.run(exposure, model.outputBkg, model.outputScale).outputBkg)
        handles.append(InMemoryDatasetHandle(exposure, storageClass="ExposureF"))
    return backgrounds, handles


def test_connections():
    lintConnections(CpSkyCombineTask.ConfigClass.ConnectionsClass)
    config = CpSkyCombineTask.ConfigClass()
    connections = config.ConnectionsClass(config=config)
    assert connections.dimensions == {"instrument", "physical_filter", "detector"}
    assert {c: getattr(connections, c).name for c in connections.allConnections} == {
        "inputBkgs": "cpSkyExpResidualBackground",
        "inputExpHandles": "cpSkyMaskedIsrExp",
        "outputCalib": "sky",
    }
    assert connections.inputExpHandles.deferLoad
    assert connections.outputCalib.isCalibration


def test_averages(camera):
    task = CpSkyCombineTask()
    backgrounds, handles = make_inputs(camera)
    with skydata.assert_unmodified(backgrounds, [h.get() for h in handles]):
        result = task.run(backgrounds, handles)
    assertValidOutput(task, result)
    calib = result.outputCalib
    mean = np.mean([b[0][0].getStatsImage().image.array for b in backgrounds], axis=0)
    np.testing.assert_allclose(calib.image.array, mean, rtol=1e-5, atol=1e-9)
    assert calib.getDetector().getName() == "D1"
    assert calib.getFilter().physicalLabel == "r_03"


def test_header(camera):
    backgrounds, handles = make_inputs(camera)
    handles[1].get().getMetadata().set("ONLYHERE", 4.5, "in one input")
    header = CpSkyCombineTask().run(backgrounds, handles).outputCalib
    cards = header.getMetadata().toDict()
    assert cards["OBSTYPE"] == "SKY"
    assert {"CALIB_CREATION_DATETIME", "CALIB_CREATION_DATE", "CALIB_CREATION_TIME"} <= cards.keys()
    assert cards["SHUTTER"] is True
    assert header.getMetadata().getComment("SHUTTER") == "was it open"
    assert cards["ONLYHERE"] == 4.5
    assert "EXPID" not in cards
    assert not any(name.startswith("LSST BUTLER") for name in cards)
    assert [cards[f"CPP_INPUT_{i}"] for i in range(3)] == [101, 102, 103]
    assert cards["CPP_INPUT_DATE_1"] == "2024-03-31T06:01:00.000"
    assert cards["CPP_INPUT_EXPT_2"] == 30.0
    assert cards["TIMESYS"] == "TAI"
    assert cards["DATE-OBS"] == cards["DATE-BEG"] == "2024-03-31T05:59:45.000"
    assert cards["DATE-END"] == "2024-03-31T06:02:15.000"
    assert cards["DATE-AVG"] == "2024-03-31T06:01:00.000"
    assert cards["MJD-AVG"] == pytest.approx(60400.25 + 1 / 1440, abs=1e-9)

    visit = header.getInfo().getVisitInfo()
    assert (visit.getExposureTime(), visit.getDarkTime()) == (1.0, 1.0)
    assert visit.instrumentLabel == "TestCam"


def test_header_without_visit_information_or_date(camera):
    backgrounds, handles = make_inputs(camera)
    handles[0].get().getInfo().setVisitInfo(None)
    handles[2].get().getInfo().setVisitInfo(VisitInfo(exposureTime=12.0, id=9))
    cards = CpSkyCombineTask().run(backgrounds, handles).outputCalib.getMetadata().toDict()
    assert not any(name.startswith("CPP_INPUT_0") for name in cards)
    assert cards["CPP_INPUT_2"] == 9
    assert "CPP_INPUT_DATE_2" not in cards
    assert cards["DATE-END"] == "2024-03-31T06:01:15.000"

    for handle in handles:
        handle.get().getInfo().setVisitInfo(None)
    calib = CpSkyCombineTask().run(backgrounds, handles).outputCalib
    assert calib.getInfo().getVisitInfo() is None
    assert not any(name.startswith("DATE-") for name in calib.getMetadata().toDict())


def test_header_without_exposure_times(camera, tmp_path):
    backgrounds, handles = make_inputs(camera)
    for handle in handles:
        info = handle.get().getInfo()
        info.setVisitInfo(VisitInfo(date=info.getVisitInfo().getDate(), id=info.getVisitInfo().id))
    calib = CpSkyCombineTask().run(backgrounds, handles).outputCalib
    cards = calib.getMetadata().toDict()
    assert cards["DATE-BEG"] == "2024-03-31T06:00:00.000"
    assert cards["DATE-END"] == "2024-03-31T06:02:00.000"
    calib.writeFits(str(tmp_path / "sky.fits"))


def test_an_exposure_without_good_pixels_is_left_out(camera):
    backgrounds, handles = make_inputs(camera, masked=(102,))
    calib = CpSkyCombineTask().run(backgrounds, handles).outputCalib
    mean = np.mean([b[0][0].getStatsImage().image.array for b in (backgrounds[0], backgrounds[2])], axis=0)
    np.testing.assert_allclose(calib.image.array, mean, rtol=1e-5, atol=1e-9)


def test_no_exposure_with_good_pixels(camera):
    backgrounds, handles = make_inputs(camera, masked=(101, 102, 103))
    with pytest.raises(NoGoodPixelsError, match=r"None of the 3 exposures of detector 1 \(D1\)"):
        CpSkyCombineTask().run(backgrounds, handles)


def test_no_inputs(camera):
    backgrounds, handles = make_inputs(camera, visits=(101,))
    with pytest.raises(NoWorkFound, match="no backgrounds"):
        CpSkyCombineTask().run([], handles)
    with pytest.raises(NoWorkFound, match="no exposures"):
        CpSkyCombineTask().run(backgrounds, [])


def test_mixed_detectors(camera):
    one, other = make_inputs(camera, detector=1), make_inputs(camera, detector=3, visits=(101,))
    with pytest.raises(MismatchedInputsError, match=r"of detectors \[1, 3\]"):
        CpSkyCombineTask().run(one[0] + other[0], one[1] + other[1])


def test_mixed_shapes(camera):
    box = lsst.geom.Box2I(lsst.geom.Point2I(32, 0), lsst.geom.Extent2I(64, 96))
    one, other = make_inputs(camera), make_inputs(camera, visits=(104,), bbox=box)
    with pytest.raises(
        MismatchedInputsError, match=r"number 3 of detector 1 \(D1\) covers .*cells, the first"
    ):
        CpSkyCombineTask().run(one[0] + other[0], one[1] + other[1])


def test_fewer_backgrounds_than_exposures(camera):
    backgrounds, handles = make_inputs(camera)
    with pytest.raises(MismatchedInputsError, match=r"2 backgrounds of detector 1 \(D1\), but 3 exposures"):
        CpSkyCombineTask().run(backgrounds[:2], handles)


def test_mixed_filters(camera):
    backgrounds, handles = make_inputs(camera)
    handles[2].get().setFilter(FilterLabel(band="g", physical="g_01"))
    with pytest.raises(MismatchedInputsError, match=r"of filters \['g_01', 'r_03'\]"):
        CpSkyCombineTask().run(backgrounds, handles)


def test_an_exposure_twice(camera):
    backgrounds, handles = make_inputs(camera)
    twice = [
        InMemoryDatasetHandle(h.get(), storageClass="ExposureF", exposure=v)
        for h, v in zip(handles, (1, 2, 1), strict=True)
    ]
    with pytest.raises(
        MismatchedInputsError, match=r"Exposures 1 are among the inputs of detector 1 \(D1\) more"
    ):
        CpSkyCombineTask().run(backgrounds, twice)


def test_fewest_exposures(camera):
    config = CpSkyCombineTask.ConfigClass()
    config.minInputs = 4
    with pytest.raises(TooFewInputsError, match=r"3 exposures of detector 1 \(D1\), where at least 4"):
        CpSkyCombineTask(config=config).run(*make_inputs(camera))


def test_says_what_it_did(camera, caplog):
    backgrounds, handles = make_inputs(camera)
    for background in backgrounds:
        background[0][0].getStatsImage().image.array[0, :2] = np.nan
    task = CpSkyCombineTask()
    with caplog.at_level(logging.INFO):
        header = task.run(backgrounds, handles, leftOut=[105, 99]).outputCalib.getMetadata()
    assert [header.getScalar(f"CPP_LEFTOUT_{i}") for i in range(2)] == [105, 99]
    assert {name: task.metadata[name] for name in ("inputs", "leftOut", "filledCells")} == {
        "inputs": 3,
        "leftOut": 2,
        "filledCells": 2,
    }
    assert "Averaged 3 exposures of detector 1 (D1) (2 left out): 2 of 12 cells filled." in caplog.text
