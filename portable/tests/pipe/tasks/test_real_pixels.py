"""Masking of objects on pixels of real cameras."""

import numpy as np
import pytest
from exposures import make_exposure

from lsst.afw.image import ExposureF
from lsst.pipe.tasks.background import (
    MaskObjectsConfig,
    MaskObjectsTask,
    SkyMeasurementConfig,
    SkyMeasurementTask,
)

PIECES = [
    "c4d_170316_062107_{}_z_ls9.N2",
    "c4d_171113_060340_{}_r_ls9.N6",
    "k4m_160319_075112_{}_zd_ls9.CCD3",
]


def read_piece(folder, name):
    """Piece of a calibrated exposure: its flagged pixels are BAD, its weights the inverse of the variance."""
    from astropy.io import fits

    image, flags, weight = (
        fits.getdata(folder / "pixels" / f"{name.format(plane)}.fits") for plane in ("ooi", "ood", "oow")
    )
    exposure = make_exposure(image)
    bad = (flags != 0) | ~(weight > 0)
    exposure.variance.array[:] = 1 / np.where(bad, np.median(weight[~bad]), weight)
    exposure.mask.array[bad] = exposure.mask.getPlaneBitMask("BAD")
    return exposure


def read_hsc(folder):
    """Piece of an exposure of Hyper Suprime-Cam as the compiled stack wrote it."""
    return ExposureF.readFits(str(folder / "exposures" / "HSC-0908120-056-small.fits"))


@pytest.fixture(params=[*PIECES, "HSC"])
def exposure(request, real_dir):
    return read_hsc(real_dir) if request.param == "HSC" else read_piece(real_dir, request.param)


def planes(exposure, *names):
    return (exposure.mask.array & exposure.mask.getPlaneBitMask(list(names))) != 0


def test_objects_are_masked_and_sky_is_not(exposure):
    before = exposure.image.array.copy()
    MaskObjectsTask(config=MaskObjectsConfig()).findObjects(exposure)
    np.testing.assert_allclose(exposure.image.array, before, rtol=1e-5, atol=1e-3)
    detected, edge, bad = (planes(exposure, name) for name in ("DETECTED", "EDGE", "BAD"))
    assert edge[:17].all()
    assert not edge[17:-17, 17:-17].any()

    noise = float(np.sqrt(np.median(exposure.variance.array)))
    sky = before[~detected & ~edge & ~bad]
    level = np.median(sky)
    # Stars and galaxies are masked with their wings ...
    bright = (before > level + 20 * noise) & ~edge & ~bad
    assert bright.sum() > 20
    assert detected[bright].all()
    # ... and leave sky between them that is as noisy as it should be, and symmetric about its median.
    assert 0.05 < detected[~edge].mean() < 0.9
    assert np.mean(sky) == pytest.approx(level, abs=0.1 * noise)
    spread = 0.7413 * np.subtract(*np.percentile(sky, [75, 25]))
    assert spread == pytest.approx(noise, rel=0.2)


def test_objects_give_way_to_sky(exposure):
    config = MaskObjectsConfig()
    task = MaskObjectsTask(config=config)
    task.findObjects(exposure)
    used = planes(exposure, *config.interpolate.ignoredPixelMask)
    level = exposure.image.array[~used].mean(dtype=float)
    noise = float(np.sqrt(np.median(exposure.variance.array)))
    found = planes(exposure, "DETECTED")
    task.removeObjects(exposure, ["DETECTED", "BAD", "NO_DATA", "SAT"])
    assert not planes(exposure, "DETECTED").any()
    filled = exposure.image.array[found]
    assert np.abs(filled - level).max() < noise


def test_background_of_masked_pixels_is_level(exposure):
    MaskObjectsTask(config=MaskObjectsConfig()).findObjects(exposure)
    config = SkyMeasurementConfig()
    background = SkyMeasurementTask(config=config).measureBackground(exposure.maskedImage)
    cells = background[0][0].getStatsImage()
    good = np.isfinite(cells.image.array)
    assert good.any()
    unmasked = ~planes(exposure, *config.background.mask)
    level = np.median(exposure.image.array[unmasked])
    noise = float(np.sqrt(np.median(exposure.variance.array)))
    assert np.abs(cells.image.array[good] - level).max() < 1.5 * noise
    assert np.isfinite(background.getImage().array).all()
