"""Header cards: laid out, parsed, and both ways."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsst.afw.fits import FitsError
from lsst.portable.fits._cards import Card, Undefined, format_card, pack_header, parse_cards

PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=300)


def only(raw):
    cards = parse_cards(raw)
    assert len(cards) == 1
    return cards[0]


@pytest.mark.parametrize(
    ("card", "text"),
    [
        (Card("EXPID", 101), "EXPID   =                  101"),
        (Card("AIRTEMP", 10.0, "[C] outside"), "AIRTEMP =                  10. / [C] outside"),
        (Card("SHUTTER", True), "SHUTTER =                    T"),
        (Card("QUOTE", "it's here"), "QUOTE   = 'it''s here'"),
        (Card("OBSTYPE", "science", "what"), "OBSTYPE = 'science '           / what"),
        (Card("expinfo_v", 2), "HIERARCH EXPINFO_V =         2"),
        (Card("MP_DETECTED_NEGATIVE", 6), "HIERARCH MP_DETECTED_NEGATIVE = 6"),
        (Card("BOX.MINX", -3), "HIERARCH BOX.MINX =         -3"),
        (Card("LSST BUTLER RUN", "stack/cpSky", "Run"), "HIERARCH LSST BUTLER RUN = 'stack/cpSky' / Run"),
        (Card("BIG", 1e20), "BIG     =               1.E+20"),
        (Card("SMALL", -9.26063607875088e-11), "SMALL   = -9.26063607875088E-11"),
        (Card("NOTHING", Undefined), "NOTHING ="),
        (Card("BAD", math.nan), "BAD     = 'NAN     '"),
        (Card("COMMENT", None, "first comment"), "COMMENT first comment"),
    ],
)
def test_layout_is_that_of_the_stack(card, text):
    raw = format_card(card)
    assert len(raw) == 80
    assert raw.decode().rstrip() == text


def test_long_string_continues_and_keeps_its_comment():
    card = Card(
        "TDOC1", "Archive ID of the persistable object that owns the records pointed at by this entry"
    )
    raw = format_card(card).decode()
    assert raw[:80] == "TDOC1   = 'Archive ID of the persistable object that owns the records pointed &'"
    assert raw[80:].rstrip() == "CONTINUE  'at by this entry'"
    named = Card("AR_NAME", "SpatiallyConstantTransmissionCurve", "Class name for objects stored here")
    lines = format_card(named).decode()
    assert lines[:80].rstrip() == "AR_NAME = 'SpatiallyConstantTransmissionCurve&'"
    assert lines[80:].rstrip() == "CONTINUE  ''                   / Class name for objects stored here"
    assert only(format_card(named)) == named


@settings(deadline=None)
@given(value=PRINTABLE, comment=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=200))
def test_any_printable_string_survives(value, comment):
    if value.rstrip() in ("NAN", "+INFINITY", "-INFINITY"):
        return
    card = only(format_card(Card("A LONG NAME", value, comment)))
    assert card.value == value.rstrip()
    assert card.comment == comment


@settings(deadline=None)
@given(value=PRINTABLE, comment=PRINTABLE)
def test_any_comment_survives(value, comment):
    if value.rstrip() not in ("NAN", "+INFINITY", "-INFINITY"):
        assert only(format_card(Card("KEY", value, comment.strip()))).comment == comment.strip()


def test_comments_join_without_a_blank():
    """CFITSIO cuts comments wherever 47 characters end, be it within a word."""
    words = "the temperature that the outer ring of the primary mirror had at the middle"
    lines = format_card(Card("RINGTEMP", "warm", words)).decode()
    assert lines[:80] == "RINGTEMP= 'warm&'              / the temperature that the outer ring of the prim"
    assert lines[80:].rstrip() == "CONTINUE  ''                   / ary mirror had at the middle"
    assert only(lines.encode()) == Card("RINGTEMP", "warm", words)


@settings(deadline=None)
@given(st.one_of(st.integers(-(2**63), 2**64 - 1), st.booleans(), st.floats(allow_nan=False)))
def test_any_number_survives(value):
    card = only(format_card(Card("KEY", value)))
    assert card.value == value
    assert type(card.value) is type(value)


def test_nan_survives():
    assert math.isnan(only(format_card(Card("KEY", math.nan))).value)


@pytest.mark.parametrize("key", ["WITH\nNEWLINE", "=", "K" * 70, "Ä"])
def test_impossible_keyword_is_refused(key):
    with pytest.raises(FitsError, match="FITS keyword"):
        format_card(Card(key, "a value"))


def test_what_is_not_printable_becomes_blank():
    """As CFITSIO has it: what could be read can be written."""
    (card,) = parse_cards(format_card(Card("KEY", "two\nlines, Jos\u00e9", "a\tb")))
    assert card == Card("KEY", "two lines, Jos", "a b")
    (card,) = parse_cards(format_card(Card("HISTORY", None, "Jos\u00e9 was here")))
    assert card.comment == "Jos  was here"


def test_values_of_other_writers():
    raw = b"".join(
        text.ljust(80)
        for text in (
            b"A       = 1.5D3 / fortran",
            b"B       =",
            b"C       = 'ends with &'",
            b"HIERARCH ESO DET ID='x'/c",
            b"        blank",
            b"D       = (1.0, 2.0)",
            b"END",
            b"E       = 1",
        )
    )
    cards = {card.key: card for card in parse_cards(raw)}
    assert cards["A"].value == 1500.0
    assert cards["B"].value is Undefined
    assert cards["C"].value == "ends with &"
    assert cards["ESO DET ID"] == Card("ESO DET ID", "x", "c")
    assert cards["D"].value == "(1.0, 2.0)"
    assert cards[""].comment == "blank"
    assert "E" not in cards


@pytest.mark.parametrize(
    ("text", "value", "comment"),
    [
        ("12 sec", 12, "sec"),
        ("12 m/s", 12, "m/s"),
        ("T yes", True, "yes"),
        ("-1.5E3 a / b", -1500.0, "a / b"),
        ("'it is' so", "it is", "so"),
        ("'a'    b/c", "a", "b/c"),
        ("'a'/b/c", "a", "b/c"),
        ("no number / c", "no number", "c"),
        ("(1, 2) / c", "(1, 2)", "c"),
    ],
)
def test_comment_without_a_slash(text, value, comment):
    assert only(f"KEY     = {text}".ljust(80).encode()) == Card("KEY", value, comment)


def test_header_fills_blocks():
    raw = pack_header([Card(f"KEY{i}", i) for i in range(40)])
    assert len(raw) == 2 * 2880
    assert len(parse_cards(raw)) == 40
