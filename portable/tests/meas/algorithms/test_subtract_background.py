"""Background of one exposure."""

import logging
import pickle

import numpy as np
import pytest
from exposures import make_exposure, make_masked_image

import lsst.meas.algorithms
from lsst.afw import math as afwMath
from lsst.geom import Point2I
from lsst.meas.algorithms import (
    SubtractBackgroundConfig,
    SubtractBackgroundTask,
    TooManyMaskedPixelsError,
    backgroundFlatContext,
)
from lsst.pipe.base import AlgorithmError


def make_task(**fields):
    config = SubtractBackgroundConfig()
    config.update(**fields)
    return SubtractBackgroundTask(config=config)


@pytest.fixture
def ramp():
    y, x = np.indices((150, 260), dtype=np.float32)
    return 500 + 0.1 * x - 0.2 * y


def test_default_configuration():
    config = SubtractBackgroundConfig()
    assert config.toDict() == {
        "statisticsProperty": "MEANCLIP",
        "undersampleStyle": "REDUCE_INTERP_ORDER",
        "binSize": 128,
        "binSizeX": 0,
        "binSizeY": 0,
        "algorithm": "AKIMA_SPLINE",
        "ignoredPixelMask": ["BAD", "EDGE", "DETECTED", "DETECTED_NEGATIVE", "NO_DATA"],
        "isNanSafe": False,
        "useApprox": True,
        "approxOrderX": 6,
        "approxOrderY": -1,
        "weighting": True,
        "doApplyFlatBackgroundRatio": False,
        "doFilterSuperPixels": False,
        "superPixelFilterSize": 3,
    }
    with pytest.raises(ValueError, match="not a valid value: NO_SUCH_PLANE"):
        config.ignoredPixelMask = ["NO_SUCH_PLANE"]


@pytest.mark.parametrize("settings", [{"useApprox": False}, {"useApprox": True, "approxOrderX": 1}])
def test_ramp_is_removed_and_its_statistics_recorded(ramp, settings):
    exposure = make_exposure(ramp, xy0=(30, -20))
    task = make_task(binSize=20, **settings)
    result = task.run(exposure)
    assert np.abs(exposure.image.array).max() < 0.05
    assert len(result.background) == 1
    model = result.background.getImage()
    assert model.getXY0() == (Point2I(0, 0) if task.config.useApprox else exposure.getXY0())
    np.testing.assert_allclose(model.array + exposure.image.array, ramp, rtol=1e-6)
    metadata = exposure.getMetadata()
    assert metadata.getScalar("BGMEAN") == pytest.approx(ramp.mean(dtype=float), rel=1e-4)
    assert metadata.getScalar("BGVAR") == pytest.approx(ramp.var(dtype=float), rel=1e-2)


def test_background_is_appended_to_the_one_before(ramp):
    exposure = make_exposure(ramp)
    task = make_task(binSize=50, useApprox=False)
    first = task.run(exposure, stats=False).background
    second = task.run(exposure, background=first, statsKeys=("MEAN", "VAR")).background
    assert second is first
    assert len(second) == 2
    assert exposure.getMetadata().exists("MEAN")
    assert not exposure.getMetadata().exists("BGMEAN")


def test_number_of_cells(ramp):
    image = make_masked_image(ramp)
    cells = make_task(binSize=100, binSizeX=26, useApprox=False).fitBackground(image).getStatsImage()
    assert (cells.getWidth(), cells.getHeight()) == (10, 2)
    cells = make_task(useApprox=False).fitBackground(image, nx=3, ny=2).getStatsImage()
    assert (cells.getWidth(), cells.getHeight()) == (3, 2)


@pytest.mark.parametrize(
    ("size", "cells"), [(4096, 4), (4097, 5), (4095, 4), (2048, 2), (1024, 1), (1025, 2), (200, 1)]
)
def test_cells_cover_the_image_and_no_more(size, cells):
    background = make_task(binSize=1024, useApprox=False).fitBackground(make_masked_image(np.ones((1, size))))
    stats = background.getStatsImage()
    assert (stats.getWidth(), stats.getHeight()) == (cells, 1)


def test_image_that_is_all_masked_is_refused(ramp):
    image = make_masked_image(ramp)
    image.mask.array[:] = image.mask.getPlaneBitMask("NO_DATA")
    task = make_task()
    with pytest.raises(TooManyMaskedPixelsError, match="All 39000 pixels are masked by one of BAD") as caught:
        task.fitBackground(image)
    assert isinstance(caught.value, AlgorithmError)
    assert caught.value.metadata == {"nPixels": 39000}
    copy = pickle.loads(pickle.dumps(caught.value))
    assert copy.metadata == caught.value.metadata
    assert str(copy) == str(caught.value)


def test_a_nan_is_left_out_of_clipped_means_but_not_of_means(ramp, caplog):
    expected = make_task(binSize=1024, useApprox=False).fitBackground(make_masked_image(ramp))
    ramp[20, 30] = np.nan
    image = make_masked_image(ramp)
    found = make_task(binSize=1024, useApprox=False).fitBackground(image).getStatsImage()
    np.testing.assert_allclose(found.image.array, expected.getStatsImage().image.array, rtol=1e-4)
    with caplog.at_level(logging.WARNING):
        mean = make_task(binSize=1024, useApprox=False, statisticsProperty="MEAN").fitBackground(image)
    assert np.isnan(mean.getStatsImage().image.array).all()
    assert "1 pixels are not finite. Mask them (NO_DATA), or set isNanSafe=True" in caplog.text
    safe = make_task(binSize=1024, useApprox=False, statisticsProperty="MEAN", isNanSafe=True)
    assert np.isfinite(safe.fitBackground(image).getStatsImage().image.array).all()


def test_order_of_polynomial_must_suit_the_grid(ramp, caplog):
    image = make_masked_image(ramp)
    with pytest.raises(ValueError, match="approxOrderY=2 must be -1 or equal approxOrderX=6"):
        make_task(approxOrderY=2).fitBackground(image)
    with pytest.raises(ValueError, match="grid of 3 x 2 cells is too small for a polynomial of order 6"):
        make_task(undersampleStyle="THROW_EXCEPTION").fitBackground(image)
    with caplog.at_level(logging.WARNING):
        reduced = make_task().fitBackground(image)
    assert reduced.getBackgroundControl().getApproximateControl().getOrderX() == 1
    more = make_task(undersampleStyle="INCREASE_NXNYSAMPLE").fitBackground(image)
    assert more.getStatsImage().getHeight() == 7


def test_flat_ratio_is_applied_and_taken_back(ramp):
    exposure = make_exposure(np.full_like(ramp, 100.0))
    ratio = make_masked_image(1 + 0.001 * ramp).image
    task = make_task(doApplyFlatBackgroundRatio=True, useApprox=False, binSize=20)
    background = task.run(exposure, backgroundToPhotometricRatio=ratio).background
    np.testing.assert_allclose(background.getImage().array, 100 * ratio.array, rtol=1e-4)
    assert np.abs(exposure.image.array).max() < 0.02
    with pytest.raises(RuntimeError, match="backgroundToPhotometricRatio is None"):
        task.run(exposure)
    with pytest.raises(ValueError, match=r"must be an lsst\.afw\.image\.Image, got float"):
        with backgroundFlatContext(exposure.maskedImage, True, 1.0):
            pass


def test_what_is_not_offered_says_so(ramp):
    with pytest.raises(NotImplementedError, match="set doFilterSuperPixels=False"):
        make_task(doFilterSuperPixels=True).fitBackground(make_masked_image(ramp))
    with pytest.raises(AttributeError, match="PsfCandidate is not part of the portable stack"):
        _ = lsst.meas.algorithms.PsfCandidate


def test_model_carries_its_settings(ramp):
    exposure = make_exposure(ramp)
    member = make_task(useApprox=False).run(exposure).background[0]
    assert member[1] == afwMath.Interpolate.AKIMA_SPLINE
    assert member[4:] == (0, 0, False) or len(member) == 7
