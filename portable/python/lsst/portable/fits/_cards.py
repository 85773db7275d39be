# SPDX-License-Identifier: GPL-3.0-or-later
"""FITS header cards: from bytes to keyword, value and comment, and back.

Layout of a card after the FITS standard 4.0, sections 4.1 and 4.2, with the conventions CONTINUE (long
strings) and HIERARCH (long keywords). Numbers are laid out as CFITSIO does it, which is what the LSST stack's
own files show.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ._errors import FitsError

__all__ = ("BLOCK", "CARD", "Card", "Undefined", "end_of_header", "format_card", "pack_header", "parse_cards")

CARD = 80
"""Length of a card (bytes)."""

BLOCK = 2880
"""Length of a FITS block (bytes)."""


class Undefined:
    """Stands for the value of a card that has a keyword but no value."""

    def __repr__(self) -> str:
        return "Undefined"


class Card(NamedTuple):
    """One keyword of a header, its long-string continuation merged."""

    key: str
    value: bool | int | float | str | type[Undefined] | None
    comment: str = ""


COMMENTARY = frozenset(("COMMENT", "HISTORY", ""))
"""Keywords whose text is in `Card.comment`; their value is `None`."""

_CONTINUE = "CONTINUE  "
_COMMENT_COLUMNS = 50
"""Columns that have to be free beside a string for its comment to begin there."""
_INT = re.compile(r"[+-]?\d+")
_FLOAT = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[EDed][+-]?\d+)?")
_NOT_PRINTABLE = re.compile(r"[^\x20-\x7e]")
_STANDARD_KEY = re.compile(r"[A-Z0-9_-]{1,8}")
_NON_FINITE = {"NAN": math.nan, "+INFINITY": math.inf, "-INFINITY": -math.inf}


def end_of_header(data: memoryview | bytes, start: int) -> int:
    """Offset of the first byte after the header that begins at ``start``.

    Returns
    -------
    end : `int`
        A multiple of the block length after ``start``, or -1 when no END card comes before the data run out.
    """
    pos = start
    while pos + BLOCK <= len(data):
        block = bytes(data[pos : pos + BLOCK])
        if b"END     " in block:
            for offset in range(0, BLOCK, CARD):
                if block[offset : offset + 8] == b"END     ":
                    return pos + BLOCK
        pos += BLOCK
    return -1


def parse_cards(raw: bytes) -> list[Card]:
    """Take the bytes of a header apart.

    Parameters
    ----------
    raw : `bytes`
        Whole cards, END included or not.

    Returns
    -------
    cards : `list` [`Card`]
        In the order of the file, without END and without wholly blank cards. A string such as ``NAN`` or
        ``-INFINITY`` becomes the number, as the stack has it.
    """
    return list(_merge_continued(_split_cards(raw)))


def _split_cards(raw: bytes) -> Iterator[tuple[str, str]]:
    """Give (keyword, rest of the card) for each card up to END."""
    text = raw.decode("ascii", "replace")
    for pos in range(0, len(text), CARD):
        card = text[pos : pos + CARD]
        key = card[:8].rstrip()
        if key == "END":
            return
        if key == "HIERARCH" and "=" in card:
            name, _, rest = card[8:].partition("=")
            yield name.strip().upper(), "= " + rest.strip()
        elif key or card.strip():
            yield key.upper(), card[8:]


def _merge_continued(pairs: Iterable[tuple[str, str]]) -> Iterator[Card]:
    """Parse values, joining strings that go on over CONTINUE cards."""
    pending: _LongString | None = None
    for key, rest in pairs:
        if key == "CONTINUE" and pending is not None and pending.goes_on:
            pending.append(*_parse_value(rest))
            continue
        if pending is not None:
            yield _finish(pending.card())
            pending = None
        if key in COMMENTARY:
            yield Card(key, None, rest.rstrip())
        elif not rest.startswith("="):
            if key != "CONTINUE":
                yield Card(key, Undefined, "")
        else:
            value, comment = _parse_value(rest[1:])
            if isinstance(value, str):
                pending = _LongString(key, value, comment)
            else:
                yield Card(key, value, comment)
    if pending is not None:
        yield _finish(pending.card())


class _LongString:
    """A string that may go on over CONTINUE cards: its pieces, and those of its comment."""

    def __init__(self, key: str, value: str, comment: str) -> None:
        self._key = key
        self._pieces = [value]
        self._comments = [comment]

    @property
    def goes_on(self) -> bool:
        """Whether the last piece says that another follows."""
        return self._pieces[-1].endswith("&")

    def append(self, value: object, comment: str) -> None:
        """Add what the next card has."""
        self._pieces[-1] = self._pieces[-1][:-1]
        if not self._pieces[-1] and len(self._pieces) > 1:
            self._pieces.pop()
        if isinstance(value, str) and value:
            self._pieces.append(value)
        self._comments.append(comment)

    def card(self) -> Card:
        """Put the pieces together."""
        return Card(self._key, "".join(self._pieces), "".join(self._comments).strip())


def _finish(card: Card) -> Card:
    """Turn the strings that stand for non-finite numbers into those."""
    number = _NON_FINITE.get(card.value) if isinstance(card.value, str) else None
    return card if number is None else card._replace(value=number)


def _parse_value(field: str) -> tuple[bool | int | float | str | type[Undefined], str]:
    """Take a value field (what comes after ``=``) apart into value and comment."""
    field = field.strip()
    if field.startswith("'"):
        return _parse_string(field)
    token, _, comment = field.partition("/")
    token = token.strip()
    comment = comment.strip()
    if not token:
        return Undefined, comment
    value = _parse_token(token)
    if value is None:
        first, _, rest = field.partition(" ")
        value = _parse_token(first)
        if value is None:
            return token, comment
        comment = rest.strip()  # without a slash of its own
    return value, comment


def _parse_token(token: str) -> bool | int | float | None:
    """Parse a value that is not a string, or return `None` if it is none."""
    if token in ("T", "F", "t", "f"):
        return token in ("T", "t")
    if _INT.fullmatch(token):
        number = int(token)
        # No property list holds a larger one.
        return number if -(1 << 63) <= number < 1 << 64 else float(token)
    if _FLOAT.fullmatch(token):
        return float(token.replace("D", "E").replace("d", "e"))
    return None


def _parse_string(field: str) -> tuple[str, str]:
    """Take a quoted value field apart; a doubled quote stands for one.

    One blank parts the comment from its slash; further ones belong to it, where it goes on from another card.
    """
    pos = 1
    parts = []
    while True:
        end = field.find("'", pos)
        if end < 0:
            parts.append(field[pos:])
            return "".join(parts).rstrip(), ""
        parts.append(field[pos:end])
        if field[end + 1 : end + 2] != "'":
            break
        parts.append("'")
        pos = end + 2
    comment = field[end + 1 :].lstrip()
    return "".join(parts).rstrip(), comment[1:].removeprefix(" ") if comment.startswith("/") else comment


def format_float(value: float) -> str:
    """Write a finite float: 15 significant digits as CFITSIO does, or as many as it takes to get it back."""
    text = f"{value:.15G}"
    if float(text) != value:
        text = repr(value).upper()
    if "." not in text:
        mantissa, e, exponent = text.partition("E")
        text = mantissa + "." + e + exponent
    return text


def format_card(card: Card) -> bytes:
    """Lay a card out as one or more lines of 80 bytes.

    Parameters
    ----------
    card : `Card`
        Keyword (any case), value and comment.

    Returns
    -------
    raw : `bytes`
        A multiple of 80 bytes.

    Raises
    ------
    FitsError
        Raised if the keyword has characters other than printable ASCII, or leaves no room for a value.
    """
    key = card.key.upper().removeprefix("HIERARCH ").strip()
    if key in COMMENTARY:
        return _format_commentary(key, card.comment)
    if _NOT_PRINTABLE.search(key) or "=" in key or not key.strip():
        msg = f"FITS keyword {card.key!r} cannot be written: only printable ASCII without '=' is allowed."
        raise FitsError(msg)
    prefix = f"{key:8s}= " if _STANDARD_KEY.fullmatch(key) else f"HIERARCH {key} = "
    comment = _NOT_PRINTABLE.sub(" ", card.comment)
    value = card.value
    if isinstance(value, float) and not math.isfinite(value):
        value = "NAN" if math.isnan(value) else ("+INFINITY" if value > 0 else "-INFINITY")
    if isinstance(value, str):
        return _format_string(card.key, prefix, value, comment)
    token = _format_token(value)
    width = CARD - len(prefix)
    if len(token) > width:
        prefix = prefix.replace(" = ", "= ")
        width = CARD - len(prefix)
    if len(token) > width:
        msg = f"FITS keyword {card.key!r} of {len(card.key)} characters leaves no room for the value {token}."
        raise FitsError(msg)
    line = prefix + token.rjust(30 - len(prefix))
    if comment:
        line = f"{line} / {comment}"
    return line[:CARD].ljust(CARD).encode("ascii")


def _format_token(value: bool | int | float | type[Undefined] | None) -> str:
    """Text of a value that is not a string."""
    if value is None or value is Undefined:
        return ""
    if isinstance(value, bool):
        return "T" if value else "F"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return format_float(value)
    msg = f"A value of type {type(value).__name__} cannot be written to a FITS header."
    raise FitsError(msg)


def _format_string(key: str, prefix: str, value: str, comment: str) -> bytes:
    """Lay out a string card, over CONTINUE cards when value or comment need more than one line."""
    value = _NOT_PRINTABLE.sub(" ", value)  # as CFITSIO has it
    if len(prefix) > CARD - 12:
        msg = f"FITS keyword {key!r} of {len(key)} characters leaves no room for a string."
        raise FitsError(msg)
    line = prefix + _quoted(f"{value:8s}")
    if not comment and len(line) <= CARD:
        return line.ljust(CARD).encode("ascii")
    if comment and len(full := f"{line:30s} / {comment}") <= CARD:
        return full.ljust(CARD).encode("ascii")
    lines = []
    while True:
        piece = _cut(value, CARD - len(prefix) - 2)
        if len(piece) == len(value) and not (comment and len(prefix + _quoted(piece)) == CARD):
            break
        piece = _cut(value, CARD - len(prefix) - 3)  # the ampersand
        lines.append(prefix + _quoted(piece + "&"))
        value, prefix = value[len(piece) :], _CONTINUE
    lines += _last_lines(prefix, value, comment)
    return b"".join(each.ljust(CARD).encode("ascii") for each in lines)


def _cut(value: str, room: int) -> str:
    """The beginning of a string that takes so much room once its quotes are doubled."""
    end = min(len(value), room)
    while end + value.count("'", 0, end) > room:
        end -= 1
    return value[:end]


def _last_lines(prefix: str, piece: str, comment: str) -> list[str]:
    """Lay out the end of a long string with the comment, which may itself go on over CONTINUE cards.

    The comment begins beside the string where 50 columns are free, and is cut as CFITSIO cuts it, but never
    after a blank: that would be lost.
    """
    line = prefix + _quoted(piece)
    if not comment or (CARD - len(line) >= _COMMENT_COLUMNS and len(f"{line:30s}{comment}") <= CARD - 3):
        return [f"{line:30s} / {comment}" if comment else line]
    begun = CARD - len(line) >= _COMMENT_COLUMNS
    lines, line = ([], prefix + _quoted(piece + "&")) if begun else ([prefix + _quoted(piece + "&")], "")
    while comment:
        left = line or f"{_CONTINUE}{_quoted('&'):20s}"
        room = CARD - 3 - max(30, len(left))
        text = comment if len(comment) <= room else comment[:room].rstrip() or comment[:room]
        comment = comment[len(text) :]
        if not comment and not line:
            left = f"{_CONTINUE}{_quoted(''):20s}"
        lines.append(f"{left:30s} / {text}")
        line = ""
    return lines


def _quoted(piece: str) -> str:
    """Put single quotes around text, and double those in it."""
    return "'" + piece.replace("'", "''") + "'"


def _format_commentary(key: str, text: str) -> bytes:
    """Lay out COMMENT, HISTORY or a blank keyword, cut into as many cards as it takes."""
    text = _NOT_PRINTABLE.sub(" ", text)
    pieces = [text[pos : pos + CARD - 8] for pos in range(0, len(text), CARD - 8)] or [""]
    return b"".join(f"{key:8s}{piece}".ljust(CARD).encode("ascii") for piece in pieces)


def pack_header(cards: Iterable[Card]) -> bytes:
    """Lay out a whole header, with END and the filling up to a full block."""
    raw = b"".join(format_card(card) for card in cards) + b"END".ljust(CARD)
    return raw + b" " * (-len(raw) % BLOCK)
