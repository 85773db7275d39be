"""Background lists that the compiled stack wrote are read, and written the same."""

import numpy as np
import pytest

from lsst.afw import math as afw_math


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
