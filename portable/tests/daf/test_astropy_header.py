"""Property lists made of headers of astropy, and the other way round."""

import pytest
from astropy.io import fits

from lsst.daf.base import DateTime, PropertyList
from lsst.pex.exceptions import NotFoundError


def cards(header):
    return [(card.keyword, card.value, card.comment) for card in header.cards]


@pytest.fixture
def header():
    header = fits.Header()
    header.append(("CAMERA", "wide", "which"), end=True)
    header.append(("TILT", 0.5), end=True)
    header.append(("TILT", -0.25), end=True)
    header.append(("HIERARCH outer ring", 3, "mm"), end=True)
    header.append(("SHUTTER", True), end=True)
    header.add_history("bias taken off")
    header.add_history("flat = 1.01")
    header.add_comment("zero point = 27.3")
    return header


def test_both_ways(header):
    metadata = PropertyList.from_astropy_header(header)
    assert metadata.getArray("TILT") == [0.5, -0.25]
    assert metadata.getArray("HISTORY") == ["bias taken off", "flat = 1.01"]
    assert metadata.getComment("CAMERA") == metadata["CAMERA#COMMENT"] == "which"
    back = metadata.to_astropy_header()
    assert cards(back) == cards(header)
    assert [str(card).rstrip() for card in back.cards][-1] == "COMMENT zero point = 27.3"


def test_blank_undefined_and_damaged_cards():
    text = ["FOCUS   =", "SEEING  = / not measured", "", "NOTE    = 'never closed &", "CONTINUE  'nor here&'"]
    header = fits.Header.fromstring("".join(line.ljust(80) for line in text))
    metadata = PropertyList.from_astropy_header(header)
    assert metadata.toList() == [("FOCUS", None, ""), ("SEEING", None, "not measured")]
    back = metadata.to_astropy_header()
    assert list(back) == ["FOCUS", "SEEING"]
    assert isinstance(back.cards["FOCUS"].value, fits.card.Undefined)


def test_what_no_card_can_hold():
    metadata = PropertyList()
    metadata["WIND"] = float("nan")
    metadata["WHEN"] = DateTime("2024-03-05T06:07:08", DateTime.TAI)
    metadata["outer.ring"] = 4
    header = metadata.to_astropy_header()
    assert isinstance(header.cards["WIND"].value, fits.card.Undefined)
    assert header["WHEN"] == "2024-03-05T06:07:08.000000000"
    assert header.cards[2].value == 4


def test_comments_by_suffix():
    metadata = PropertyList()
    metadata.set("EXPTIME", 30.0, "seconds")
    assert metadata["EXPTIME#COMMENT"] == "seconds"
    metadata["EXPTIME#COMMENT"] = "s"
    assert metadata.getComment("EXPTIME") == "s"
    with pytest.raises(NotFoundError):
        metadata["OTHER#COMMENT"]
