"""Headers of HDUs that are chosen by name."""

import numpy as np
import pytest
from astropy.io import fits

from lsst.afw.fits import FitsError, readMetadata


@pytest.fixture
def path(tmp_path):
    hdus = [fits.PrimaryHDU()]
    for number, (name, version) in enumerate([("SCI", 1), ("SCI", 2), ("OTHER", 1)], 1):
        hdus.append(fits.ImageHDU(np.zeros((1, 2), "f4"), name=name, ver=version))
        hdus[-1].header["NUMBER"] = number
    fits.HDUList(hdus).writeto(tmp_path / "named.fits")
    return str(tmp_path / "named.fits")


@pytest.mark.parametrize(
    ("kwargs", "number"),
    [
        ({"hduName": "SCI"}, 1),
        ({"hduName": "sci", "hduVer": 2}, 2),
        ({"hduName": "SCI", "hduVer": 1}, 1),
        ({"hduName": "OTHER"}, 3),
        ({"hdu": "OTHER"}, 3),
        ({}, 1),
        ({"hdu": 2}, 2),
    ],
    ids=str,
)
def test_hdus_by_name(path, kwargs, number):
    assert readMetadata(path, **kwargs).getScalar("NUMBER") == number


@pytest.mark.parametrize("kwargs", [{"hduName": "NOPE"}, {"hduName": "SCI", "hduVer": 3}], ids=str)
def test_names_that_are_not_there(path, kwargs):
    with pytest.raises(FitsError, match=r"named\.fits: there is no HDU named .*'SCI', 'SCI', 'OTHER'"):
        readMetadata(path, **kwargs)
