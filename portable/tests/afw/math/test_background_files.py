"""Background lists that the compiled stack wrote are read, and written the same."""

import numpy as np
import pytest

from lsst.afw import math as afw_math
from lsst.afw.fits import FitsError


def assert_close(actual, expected, rtol):
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape
    np.testing.assert_array_equal(np.isnan(actual), np.isnan(expected))
    np.testing.assert_allclose(actual, expected, rtol=rtol, atol=0)


@pytest.mark.parametrize(("name", "members"), [("background_one", 1), ("background_two", 2)])
def test_background_files(golden_dir, tmp_path, name, members):
    expected = np.load(golden_dir / "files" / "expected.npz")
    backgrounds = afw_math.BackgroundList.readFits(str(golden_dir / "files" / f"{name}.fits"))
    assert len(backgrounds) == members
    for index, member in enumerate(backgrounds):
        assert_close(member[0].getStatsImage().image.array, expected[f"{name}:stats{index}"], 0)
    assert_close(backgrounds.getImage().array, expected[f"{name}:read_image"], 2e-6)
    backgrounds.writeFits(tmp_path / "copy.fits")
    assert_same_file(golden_dir / "files" / f"{name}.fits", tmp_path / "copy.fits")


def cards(header):
    """Cards of a header but for comments; a plane that is not of the stack has whatever bit was free."""
    return [
        (card.keyword, None if card.keyword == "MP_GOLDEN_PLANE" else card.value)
        for card in header.cards
        if card.keyword != "COMMENT"
    ]


def assert_same_file(one, other):
    """Same HDUs: pixels, and cards in the same order with the same text but for planes of other tests."""
    fits = pytest.importorskip("astropy.io.fits")
    with fits.open(one) as a, fits.open(other) as b:
        assert len(a) == len(b)
        for old, new in zip(a, b, strict=True):
            np.testing.assert_array_equal(old.data, new.data)
            assert old.data.dtype == new.data.dtype
            expected = cards(old.header)
            known = {keyword for keyword, _ in expected} | {"MP_GOLDEN_PLANE"}
            found = [card for card in cards(new.header) if card[0] in known or not card[0].startswith("MP_")]
            assert found == expected


def test_older_files_say_nothing_about_approximations(golden_dir, tmp_path):
    fits = pytest.importorskip("astropy.io.fits")
    with fits.open(golden_dir / "files" / "background_one.fits") as hdus:
        for hdu in hdus:
            for name in [keyword for keyword in hdu.header if "APPROX" in keyword]:
                del hdu.header[name]
        hdus.writeto(tmp_path / "older.fits")
        del hdus[0].header["BKGD_X0"]
        hdus.writeto(tmp_path / "damaged.fits")
    older = afw_math.BackgroundList.readFits(tmp_path / "older.fits")
    newer = afw_math.BackgroundList.readFits(golden_dir / "files" / "background_one.fits")
    assert [member[3:] for member in older] == [(afw_math.ApproximateControl.UNKNOWN, 1, -1, True)]
    np.testing.assert_array_equal(older.getImage().array, newer.getImage().array)
    with pytest.raises(FitsError, match=r"HDU 0 .* it has no BKGD_X0"):
        afw_math.BackgroundList.readFits(tmp_path / "damaged.fits")
