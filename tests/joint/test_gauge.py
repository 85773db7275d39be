"""What counts as sky: polynomials of the joint chain, or what the superpixels of the stock chain follow."""

import jointnight
import numpy as np
import pytest

from lsst.afw.image import ExposureF
from lsst.cp.sky.joint import (
    GaugeParameters,
    Grid,
    Placement,
    Site,
    divide_out,
    project_pattern,
    superpixel_part,
)
from lsst.cp.sky.joint.geometry import FocalPlane, Geometry, Sizes
from lsst.cp.sky.simulate import Mosaic, MosaicConfig, MosaicNight
from lsst.pipe.tasks.background import FocalPlaneBackground, FocalPlaneBackgroundConfig

SIZE = 512 * 0.015
"""Side of a detector, mm."""
GAUGE = GaugeParameters(SIZE, SIZE)


@pytest.fixture(scope="module")
def mosaic():
    config = MosaicConfig(grid=(3, 3), exposures=1, sources=None, cosmic_rays=0, bad_columns=0, dead=0)
    return MosaicNight(Mosaic(config, 3))


@pytest.fixture(scope="module")
def plane(mosaic):
    return FocalPlane.around([Geometry.of(d, d.getBBox()) for d in mosaic.camera])


@pytest.fixture(scope="module")
def sites(mosaic, plane):
    return [Geometry.of(d, d.getBBox()).site(plane, Sizes(16, 32)) for d in mosaic.camera]


def wide(u, v):
    """A term over the focal plane that no polynomial of order 2 follows, and superpixels do."""
    return 0.02 * np.cos(4 * np.hypot(u, v)) + 0.01 * np.sin(2 * u) + 0.005 * v


def narrow(site):
    """A pattern within detectors, without a mean over any superpixel worth mentioning."""
    row, column = site.grid.y.centre, site.grid.x.centre
    return 0.003 * np.sin(2 * np.pi * column / 128) * np.cos(2 * np.pi * row[:, np.newaxis] / 128)


def pattern_of(site):
    return divide_out(narrow(site), divide_out(0.0, wide(*site.plane).reshape(site.grid.shape)))


def rms(planes):
    return np.sqrt(np.mean(np.square(planes)))


def test_it_is_what_the_focal_plane_model_follows(mosaic, sites, plane):
    """`FocalPlaneBackground`, with the pattern for an exposure, evaluated on each detector."""
    config = FocalPlaneBackgroundConfig()
    config.xSize = config.ySize = SIZE
    config.pixelSize, config.binning = 0.015, 16
    model = FocalPlaneBackground.fromCamera(config, mosaic.camera)
    for detector, site in zip(mosaic.camera, sites, strict=True):
        exposure = ExposureF(detector.getBBox())
        exposure.setDetector(detector)
        exposure.image.array[:] = 1 + site.grid.pixels(pattern_of(site))
        model.addCcd(exposure)
    ours = superpixel_part(sites, [pattern_of(site) for site in sites], plane.radius, GAUGE)
    for detector, site, smooth in zip(mosaic.camera, sites, ours, strict=True):
        stock = site.grid.mean(model.toCcdBackground(detector, detector.getBBox()).getImage().array) - 1
        assert rms(smooth - stock) < 0.03 * np.ptp(stock)


def test_a_pattern_with_a_term_over_the_focal_plane_in_both_gauges(sites, plane):
    pattern = [pattern_of(site) for site in sites]
    polynomials, _ = project_pattern(sites, pattern, 2)
    gauge = GaugeParameters(SIZE / 2, SIZE / 2)
    smooth = superpixel_part(sites, polynomials, plane.radius, gauge)
    superpixels = [divide_out(p, g) for p, g in zip(polynomials, smooth, strict=True)]
    local = [narrow(site) for site in sites]
    # Polynomials of order 2 leave part of the wide term in; superpixels take out nearly all of it, ...
    assert rms(np.array(polynomials) - local) > 3 * rms(np.array(superpixels) - local)
    # ... and both leave what lies within detectors.
    for planes in (polynomials, superpixels):
        assert np.vdot(planes, local) / np.vdot(local, local) == pytest.approx(1, abs=0.15)
    # What the superpixels follow of what is left is little.
    again = superpixel_part(sites, superpixels, plane.radius, gauge)
    assert rms(again) < 0.4 * rms(smooth)


def test_a_flat_pattern_is_all_sky(sites, plane):
    flat = [np.full(site.grid.shape, 0.01) for site in sites]
    for smooth in superpixel_part(sites, flat, plane.radius, GAUGE):
        np.testing.assert_allclose(smooth, 0.01, rtol=1e-12)


def test_gaps_and_detectors_without_anything_do_not_count():
    grid = Grid((256, 256))
    sites = [Site(grid, Placement(np.eye(2) / 400, np.array([x / 400, 0.0]))) for x in (0, 300, 600)]
    pattern = [np.full(grid.shape, 0.01) for _ in sites]
    pattern[1][:] = np.nan
    pattern[0][3:9, 3:9] = np.nan
    for smooth in superpixel_part(sites, pattern, 1.0, GaugeParameters(0.3, 0.3)):
        np.testing.assert_allclose(smooth, 0.01, rtol=1e-12)


def test_the_frame_task_passes_it_on():
    night = jointnight.make_night()
    exposures = jointnight.exposure_handles(night)
    run = jointnight.run_tasks(exposures, passes=1)
    assert run.frames[0].getMetadata()["SKYGAUGE"] == "polynomials"
    bins = jointnight.only(jointnight.tables(run.bins), 0)
    notes = jointnight.only(jointnight.tables(run.noise, "StructuredDataDict"), 0)
    handles = jointnight.only(exposures.values(), 0)
    pattern = run.patterns[0].copy()
    pattern["smooth"] = 0.01
    task = jointnight.task("Frame")
    task.config.frame.gauge = "superpixels"
    frame = task.run(pattern, run.skies, bins, notes, handles).outputCalib
    assert frame.getMetadata()["SKYGAUGE"] == "superpixels"
    expected = divide_out(run.frames[0].image.array.astype(float), 0.01)
    np.testing.assert_allclose(frame.image.array, expected, rtol=0, atol=3e-6)
