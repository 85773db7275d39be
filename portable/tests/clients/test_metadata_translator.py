"""Headers of other people's cameras, read here and translated by astro_metadata_translator."""

import warnings

import pytest

translator = pytest.importorskip(
    "astro_metadata_translator", reason="astro_metadata_translator is not installed"
)

import numpy as np  # noqa: E402
from astropy.io import fits  # noqa: E402

from lsst.afw.fits import readMetadata  # noqa: E402
from lsst.afw.image import ExposureF, VisitInfo  # noqa: E402

HEADERS = {
    "DECam": {
        "INSTRUME": "DECam",
        "TELESCOP": "CTIO 4.0-m telescope",
        "OBSID": "ct4m20130901t060255",
        "DATE-OBS": "2013-09-01T06:02:55.754",
        "EXPNUM": 229388,
        "EXPTIME": 200.0,
        "EXPREQ": 200.0,
        "DARKTIME": 201.15,
        "FILTER": "z DECam SDSS c0004 9260.0 1520.0",
        "CCDNUM": 1,
        "DETPOS": "S29",
        "DETECTOR": "S3-111_107419-8-3",
        "OBSTYPE": "object",
        "OBJECT": "DES supernova hex SN-S1 tiling 22",
        "PROPID": "2012B-0001",
        "AIRMASS": 1.26,
        "RA": "02:51:16.790",
        "DEC": "-00:00:05.699",
        "HA": "-01:05:37.150",
        "ZD": 37.3,
        "AZ": 61.4,
        "OBS-LAT": -30.16606,
        "OBS-LONG": 70.81489,
        "OBS-ELEV": 2215.0,
        "RADESYS": "FK5",
        "TELEQUIN": 2000.0,
        "DTCALDAT": "2013-08-31",
        "HUMIDITY": 22.0,
        "OUTTEMP": 9.9,
        "PRESSURE": 779.0,
    },
    "HSC": {
        "INSTRUME": "Hyper Suprime-Cam",
        "TELESCOP": "Subaru",
        "FRAMEID": "HSCA90402512",
        "EXP-ID": "HSCE00904024",
        "DATE-OBS": "2013-11-02",
        "MJD": 56598.26,
        "MJD-STR": 56598.2610653,
        "MJD-END": 56598.2614129,
        "UT": "06:15:56.063",
        "UT-STR": "06:15:56.063",
        "UT-END": "06:16:26.070",
        "EXPTIME": 30.0,
        "FILTER01": "HSC-I",
        "DET-ID": 12,
        "T_CCDSN": "064",
        "T_CCDID": 12,
        "DETECTOR": "1_55",
        "DATA-TYP": "OBJECT",
        "OBJECT": "STRIPE82L",
        "PROP-ID": "o13015",
        "AIRMASS": 1.12,
        "RA2000": "21:22:58.650",
        "DEC2000": "+00:29:43.100",
        "ALTITUDE": 64.2,
        "AZIMUTH": 151.7,
        "OUT-HUM": 33.1,
        "OUT-TMP": 272.35,
        "OUT-PRS": 621.7,
        "INST-PA": 270.0,
        "INR-STR": 146.1,
    },
    "MegaPrime": {
        "INSTRUME": "MegaPrime",
        "TELESCOP": "CFHT 3.6m",
        "DETECTOR": "MegaCam",
        "OBSID": "849375",
        "EXPNUM": 849375,
        "DATE-OBS": "2005-10-27",
        "UTC-OBS": "09:06:57.32",
        "UTIME": "09:06:57.32",
        "UTCEND": "09:15:57.32",
        "MJD-OBS": 53670.379830,
        "EXPTIME": 615.037,
        "EXPREQ": 615.0,
        "DARKTIME": 615.0,
        "FILTER": "i.MP9701",
        "EXTNAME": "ccd00",
        "EXTVER": 0,
        "CCDNAME": "834175",
        "OBSTYPE": "OBJECT",
        "OBJECT": "w2.+2+2",
        "RUNID": "08BL05",
        "AIRMASS": 1.095,
        "RA_DEG": 134.8,
        "DEC_DEG": -4.5,
        "RADECSYS": "FK5",
        "OBJRADEC": "FK5",
        "OBJEQN": 2000.0,
        "OBSEQUIN": 2000.0,
        "EQUINOX": 2000.0,
        "TELALT": 65.9,
        "TELAZ": 174.0,
        "LATITUDE": 19.8252,
        "LONGITUD": -155.4689,
        "RELHUMID": 31.0,
        "TEMPERAT": 3.0,
        "PRESSURE": 617.65,
    },
    "Imager on SDSS 2.5m": {
        "TELESCOP": "2.5m",
        "ORIGIN": "SDSS",
        "CCDMODE": "DRIFT",
        "RUN": 6377,
        "CAMCOL": 4,
        "FRAME": 407,
        "CCDLOC": 41,
        "FILTER": "g",
        "DATE-OBS": "2006-09-21",
        "TAIHMS": "10:19:17.46",
        "TAI": 4665577157.46,
        "SPA": 90.0,
        "EXPTIME": "53.907456",
        "OBJECT": "82 N",
        "FLAVOR": "science",
        "RA": 20.18,
        "DEC": 0.94,
    },
}


@pytest.fixture(autouse=True)
def offline(monkeypatch):
    """Places of observatories are not asked for in the web."""
    monkeypatch.setattr("astropy.utils.data.conf.allow_internet", False)


@pytest.fixture
def read(tmp_path):
    def read(cards):
        header = fits.Header(list(cards.items()))
        name = str(tmp_path / "raw.fits")
        fits.PrimaryHDU(np.zeros((2, 3), "f4"), header).writeto(name, overwrite=True)
        return readMetadata(name), name

    return read


@pytest.mark.parametrize("camera", HEADERS)
def test_translated(read, camera):
    metadata, name = read(HEADERS[camera])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # dates in the future of tables of leap seconds, and the like
        info = translator.ObservationInfo(metadata, filename=name, pedantic=False)
        same = translator.ObservationInfo(fits.getheader(name), filename=name, pedantic=False)
    assert info.instrument == camera
    assert info.observation_type == "science"
    assert info.exposure_time.to_value("s") == float(HEADERS[camera]["EXPTIME"])
    for field in ("exposure_id", "physical_filter", "object", "detector_num", "datetime_begin"):
        assert getattr(info, field) == getattr(same, field) is not None


def test_corrected_in_place(read):
    """A translator mends headers by assignment to the property list."""
    metadata, name = read(HEADERS["DECam"])
    translator.fix_header(metadata, filename=name)
    assert metadata["INSTRUME"] == "DECam"


@pytest.mark.parametrize("camera", HEADERS)
def test_read_as_an_exposure(read, camera):
    """The cards are kept, except those that a visit is made of."""
    _, name = read(HEADERS[camera])
    exposure = ExposureF(name)
    visit = exposure.info.getVisitInfo()
    assert isinstance(visit, VisitInfo)
    assert exposure.metadata.getScalar("TELESCOP") == HEADERS[camera]["TELESCOP"]
