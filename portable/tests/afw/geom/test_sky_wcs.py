"""Sky coordinates, carried through files unread."""

import pickle

import pytest

from lsst.afw.geom import SkyWcs
from lsst.portable.archive import InputArchive, read_persistable
from lsst.portable.fits import FitsReader


def same_rows(left, right):
    """Whether two objects hold the same in their archive tables."""
    return [repr(catalog.rows) for catalog in left.catalogs] == [
        repr(catalog.rows) for catalog in right.catalogs
    ]


@pytest.fixture
def wcs(real_dir):
    with FitsReader(real_dir / "exposures" / "calexp.fits") as reader:
        return InputArchive.read(reader, reader.find("ARCHIVE_INDEX")).get(reader.header(0)["SKYWCS_ID"])


def test_kept_through_file_and_pickle(wcs, tmp_path):
    assert isinstance(wcs, SkyWcs)
    assert repr(wcs) == "SkyWcs(kept as read)"
    wcs.writeFits(tmp_path / "wcs.fits")
    for again in (read_persistable(tmp_path / "wcs.fits"), pickle.loads(pickle.dumps(wcs))):
        assert isinstance(again, SkyWcs)
        assert same_rows(again, wcs)


def test_refuses_to_calculate(wcs):
    with pytest.raises(AttributeError, match="not interpreted"):
        wcs.pixelToSky(1.0, 2.0)
    with pytest.raises(NotImplementedError, match="kept and written back"):
        SkyWcs()
