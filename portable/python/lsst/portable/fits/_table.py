# SPDX-License-Identifier: GPL-3.0-or-later
"""Binary tables in the layout of the stack's ``lsst.afw.table``, read and written row by row.

Flag fields are bits of one column ``flags`` (named by card FLAGCOL), described by cards TFLAGn and TFDOCn;
the other fields have TTYPEn, TFORMn, TDOCn, TUNITn and TCCLSn. Fields are in the order of these cards. Older
files store the meaning of a field as the comment of its TTYPEn.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lsst.daf.base import PropertyList

from ._cards import Card
from ._errors import FitsError
from ._hdu import Hdu
from ._header import properties_from_cards
from ._rows import Rows

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ("Column", "FitsTable", "encode_table", "read_table")

_KINDS = {"B": "u1", "I": ">i2", "J": ">i4", "K": ">i8", "E": ">f4", "D": ">f8", "C": ">c8", "M": ">c16"}
_MAX_EMPTY = 1 << 16
"""Largest accepted number of rows without bytes, or bytes per row in a table without rows."""

_MAX_SHARE = 4
"""How many times variable-length arrays of a column may reuse the same data."""

_FORMAT = re.compile(r"(\d*)([PQ]?)([LXBIJKAEDCM])(?:\((\d*)\))?\s*")


@dataclasses.dataclass(frozen=True)
class Column:
    """One field of a table.

    Attributes
    ----------
    name : `str`
        Name of the field.
    format : `str`
        FITS format: a count and a letter (``1J``, ``9D``, ``64A``), ``1Q`` and a letter for arrays and
        strings whose length differs from row to row (``1QA``, ``1QB``), or ``X`` for a flag.
    doc : `str`
        Meaning of the field.
    unit : `str`
        Unit of the values.
    tccls : `str`
        Template of the field in ``lsst.afw.table``: ``Scalar``, ``Array``, ``String`` or ``Angle``.
    """

    name: str
    format: str
    doc: str = ""
    unit: str = ""
    tccls: str = "Scalar"

    @property
    def is_flag(self) -> bool:
        """Return whether this is a bit of the flags column."""
        return self.format == "X"


@dataclasses.dataclass
class FitsTable:
    """A table in memory.

    Attributes
    ----------
    columns : `tuple` [`Column`, ...]
        In the order of the header.
    rows : `~collections.abc.Sequence` [`dict`]
        Values by column name: `int`, `float`, `bool`, `str`; arrays as `numpy.ndarray`; arrays of bytes
        (``B``) of any length as `bytes`.
    header : `lsst.daf.base.PropertyList`
        The cards that do not describe columns.
    """

    columns: tuple[Column, ...]
    rows: Sequence[dict[str, Any]]
    header: PropertyList


@dataclasses.dataclass(frozen=True)
class _Form:
    """A parsed format."""

    repeat: int
    descriptor: str
    code: str

    @property
    def width(self) -> int:
        """Bytes per row."""
        if self.descriptor:
            return self.repeat * (8 if self.descriptor == "P" else 16)
        if self.code == "X":
            return -(-self.repeat // 8)
        return self.repeat * (1 if self.code in "AL" else np.dtype(_KINDS[self.code]).itemsize)


def _parse_form(text: str, what: str) -> _Form:
    match = _FORMAT.fullmatch(text)
    if match is None:
        msg = f"{what}: unknown column format {text!r}."
        raise FitsError(msg)
    return _Form(int(match[1] or 1), match[2], match[3])


def read_table(hdu: Hdu, data: memoryview) -> FitsTable:
    """Read a binary table.

    Parameters
    ----------
    hdu : `Hdu`
        Its header.
    data : `memoryview`
        The whole file.

    Raises
    ------
    FitsError
        Raised if this is not a binary table, or is truncated or damaged.
    """
    if not hdu.is_table:
        msg = f"{hdu.name}: not a binary table (XTENSION is {hdu.get('XTENSION')!r})."
        raise FitsError(msg)
    if hdu.available < hdu.data_size:
        msg = f"{hdu.name}: truncated: {hdu.available} bytes of data are there, {hdu.data_size} should be."
        raise FitsError(msg)
    width, n_rows = hdu.get_int("NAXIS1"), hdu.get_int("NAXIS2")
    forms = [
        _parse_form(str(hdu.get(f"TFORM{i}", "")), f"{hdu.name}: TFORM{i}")
        for i in range(1, hdu.get_int("TFIELDS") + 1)
    ]
    _check_sizes(hdu, forms, width, n_rows)
    table = np.frombuffer(data, np.uint8, width * n_rows, hdu.data_start).reshape(n_rows, width)
    heap = data[hdu.data_start + hdu.get_int("THEAP", width * n_rows) : hdu.data_start + hdu.data_size]
    values: dict[str, list[Any]] = {}
    columns: dict[str, Column] = {}
    flag_column = hdu.get_int("FLAGCOL", 0)
    pos = 0
    for i, form in enumerate(forms, start=1):
        cell = table[:, pos : pos + form.width]
        pos += form.width
        if i == flag_column:
            bits = np.unpackbits(cell, axis=1).astype(bool)
            for j in range(1, form.repeat + 1):
                name = str(hdu.get(f"TFLAG{j}", f"flag{j}"))
                values[name] = bits[:, j - 1].tolist()
                columns[f"TFLAG{j}"] = Column(name, "X", str(hdu.get(f"TFDOC{j}", "")), "", "Flag")
            continue
        column = _column(hdu, i, form)
        columns[f"TTYPE{i}"] = column
        values[column.name] = _scaled(hdu, i, _decode(cell, form, heap, f"{hdu.name}: column {column.name}"))
    ordered = _in_card_order(hdu, columns)
    rows = Rows({column.name: values[column.name] for column in ordered}, range(n_rows if ordered else 0))
    return FitsTable(ordered, rows, properties_from_cards(hdu.cards, strip=True, table=True))


def _check_sizes(hdu: Hdu, forms: list[_Form], width: int, n_rows: int) -> None:
    """Reject sizes that are inconsistent, or that exceed the data of the HDU."""
    if sum(form.width for form in forms) != width:
        msg = f"{hdu.name}: the columns take {sum(form.width for form in forms)} bytes, a row has {width}."
        raise FitsError(msg)
    if (width == 0 and n_rows > _MAX_EMPTY) or (n_rows == 0 and width > _MAX_EMPTY):
        msg = f"{hdu.name}: {n_rows} rows of {width} bytes make no table."
        raise FitsError(msg)
    if (heap := hdu.get_int("THEAP", width * n_rows)) < width * n_rows:
        msg = f"{hdu.name}: the heap begins at byte {heap}, within the {width * n_rows} bytes of the table."
        raise FitsError(msg)


def _column(hdu: Hdu, i: int, form: _Form) -> Column:
    """Describe a column from its cards."""
    default = "String" if form.code == "A" else "Array" if form.descriptor or form.repeat > 1 else "Scalar"
    text = f"{form.repeat}{form.descriptor}{form.code}"
    comment = next((card.comment for card in hdu.cards if card.key == f"TTYPE{i}"), "")
    return Column(
        str(hdu.get(f"TTYPE{i}", f"column{i}")),
        text,
        str(hdu.get(f"TDOC{i}", "" if comment.startswith("label for field") else comment)),
        str(hdu.get(f"TUNIT{i}", "")),
        str(hdu.get(f"TCCLS{i}", default)),
    )


def _in_card_order(hdu: Hdu, columns: dict[str, Column]) -> tuple[Column, ...]:
    """Sort columns and flags as their cards are."""
    ordered = {card.key: columns[card.key] for card in hdu.cards if card.key in columns}
    ordered.update((key, column) for key, column in columns.items() if key not in ordered)
    return tuple(ordered.values())


def _scaled(hdu: Hdu, i: int, values: list[Any]) -> list[Any]:
    """Apply TZEROn and TSCALn, which mostly encode unsigned integers."""
    zero, scale = hdu.get(f"TZERO{i}", 0), hdu.get(f"TSCAL{i}", 1)
    if zero == 0 and scale == 1:
        return values
    try:
        return [value * scale + zero for value in values]
    except TypeError as exc:
        msg = f"{hdu.name}: column {i} cannot be scaled by TSCAL{i} {scale!r} and TZERO{i} {zero!r}."
        raise FitsError(msg) from exc


def _decode(cell: np.ndarray, form: _Form, heap: memoryview, what: str) -> list[Any]:
    """Return the values of a column, one per row.

    Parameters
    ----------
    cell : `numpy.ndarray`
        Its bytes, uint8 of shape ``(n_rows, width)``.
    form : `_Form`
        Its format.
    heap : `memoryview`
        The heap with the variable-length arrays.
    what : `str`
        File and column, for messages.
    """
    if form.descriptor:
        return _decode_variable(cell, form, heap, what)
    cell = np.ascontiguousarray(cell)
    if form.code == "A":
        return [_text(bytes(row)) for row in cell]
    if form.code == "X":
        return list(np.unpackbits(cell, axis=1)[:, : form.repeat].astype(bool))
    if form.code == "L":
        return (cell == ord("T"))[:, 0].tolist() if form.repeat == 1 else list(cell == ord("T"))
    kind = np.dtype(_KINDS[form.code])
    numbers = cell.view(kind).astype(kind.newbyteorder("=")).reshape(len(cell), form.repeat)
    return numbers[:, 0].tolist() if form.repeat == 1 else list(numbers)


def _decode_variable(cell: np.ndarray, form: _Form, heap: memoryview, what: str) -> list[Any]:
    """Return the values of a column of variable-length arrays."""
    kind = np.dtype("u1" if form.code in "AL" else _KINDS.get(form.code, "u1"))
    pairs = np.ascontiguousarray(cell).view(">i4" if form.descriptor == "P" else ">i8").reshape(-1, 2)
    values: list[Any] = []
    total = 0
    # Two flat lists: a small list a row would have Python look for garbage in all of the process.
    for length, offset in zip(pairs[:, 0].tolist(), pairs[:, 1].tolist(), strict=True):
        end = offset + length * kind.itemsize
        if length < 0 or offset < 0 or end > len(heap):
            msg = f"{what} points outside the data of the HDU ({length} elements at byte {offset})."
            raise FitsError(msg)
        total += end - offset
        if total > _MAX_SHARE * len(heap):
            msg = f"{what} claims more than {_MAX_SHARE} times the {len(heap)} bytes of data of the HDU."
            raise FitsError(msg)
        raw = bytes(heap[offset:end])
        if form.code == "A":
            values.append(_text(raw))
        elif form.code == "B":
            values.append(raw)
        else:
            values.append(np.frombuffer(raw, kind).astype(kind.newbyteorder("=")))
    return values


def _text(raw: bytes) -> str:
    """Return the string of a field: up to the first NUL, without trailing blanks."""
    return raw.split(b"\0", 1)[0].decode("utf-8", "replace").rstrip(" ")


def encode_table(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> tuple[list[Card], bytes]:
    """Encode a table.

    Parameters
    ----------
    columns : sequence of `Column`
        The fields.
    rows : sequence of `~collections.abc.Mapping`
        Values by field name; every field must be present.

    Returns
    -------
    cards : `list` [`Card`]
        Cards from XTENSION to the last one that describes a field.
    data : `bytes`
        Data unit, not padded to a block.

    Raises
    ------
    FitsError
        Raised if a value is missing or does not match its field.
    """
    cells, forms, heap = _encode_columns(columns, rows)
    table = np.concatenate(cells, axis=1) if cells else np.empty((len(rows), 0), np.uint8)
    cards = [
        Card("XTENSION", "BINTABLE", "binary table extension"),
        Card("BITPIX", 8, "8-bit bytes"),
        Card("NAXIS", 2, "2-dimensional binary table"),
        Card("NAXIS1", table.shape[1], "width of table in bytes"),
        Card("NAXIS2", len(rows), "number of rows in table"),
        Card("PCOUNT", len(heap), "size of special data area"),
        Card("GCOUNT", 1, "one data group (required keyword)"),
        Card("TFIELDS", len(forms), "number of fields in each row"),
    ]
    return cards + _column_cards(columns, forms), table.tobytes() + heap


def _encode_columns(
    columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]
) -> tuple[list[np.ndarray], list[str], bytes]:
    """Return the bytes of each column (uint8, shape ``(n_rows, width)``), their formats, and the heap."""
    flags = [column for column in columns if column.is_flag]
    cells: list[np.ndarray] = []
    forms: list[str] = []
    if flags:
        bits = np.array([[bool(_value(row, c)) for c in flags] for row in rows], dtype=bool)
        cells.append(np.packbits(bits.reshape(len(rows), len(flags)), axis=1))
        forms.append(f"{len(flags)}X")
    variable: list[tuple[np.ndarray, list[bytes]]] = []
    for column in columns:
        if column.is_flag:
            continue
        form = _parse_form(column.format, f"Table field {column.name!r}")
        values = [_value(row, column) for row in rows]
        try:
            if form.descriptor:
                pairs, raws, written = _encode_variable(form, values)
                variable.append((pairs, raws))
                cells.append(pairs)
                forms.append(written)
            else:
                cells.append(_encode(form, values))
                forms.append(column.format)
        except (TypeError, ValueError, OverflowError) as exc:
            msg = (
                f"Table field {column.name!r} with format {column.format!r} does not take its values: {exc}."
            )
            raise FitsError(msg) from exc
    heap = _fill_heap(variable, len(rows))
    cells = [cell.view(np.uint8).reshape(len(rows), cell.shape[1] * cell.itemsize) for cell in cells]
    return cells, forms, heap


def _value(row: Mapping[str, Any], column: Column) -> Any:
    """Return the value of a field in a row."""
    try:
        return row[column.name]
    except KeyError:
        msg = f"A table row has no value for the field {column.name!r}; it has {sorted(row)}."
        raise FitsError(msg) from None


def _column_cards(columns: Sequence[Column], forms: list[str]) -> list[Card]:
    """Return the cards that describe the fields."""
    cards = []
    number = flag = 0
    if any(column.is_flag for column in columns):
        number = 1
        cards = [
            Card("TTYPE1", "flags", "bits for all Flag fields; see also TFLAGn"),
            Card("TFORM1", forms[0], "format of field"),
            Card("FLAGCOL", 1, "Column number for the bitflags."),
        ]
    for column in columns:
        if column.is_flag:
            flag += 1
            cards.append(Card(f"TFLAG{flag}", column.name))
            cards.append(Card(f"TFDOC{flag}", column.doc))
            continue
        number += 1
        cards.append(Card(f"TTYPE{number}", column.name, "label for field"))
        cards.append(Card(f"TFORM{number}", forms[number - 1], "format of field"))
        if column.doc:
            cards.append(Card(f"TDOC{number}", column.doc))
        if column.unit:
            cards.append(Card(f"TUNIT{number}", column.unit))
        cards.append(Card(f"TCCLS{number}", column.tccls, "Field template used by lsst.afw.table"))
    return cards


def _encode(form: _Form, values: list[Any]) -> np.ndarray:
    """Return the values of a column as stored, shape ``(n_rows, repeat)``."""
    shape = (len(values), form.repeat)
    if form.code == "A":
        cell = np.full(shape, ord(" "), np.uint8)
        for i, value in enumerate(values):
            raw = str(value).encode("utf-8")
            if len(raw) > form.repeat:
                msg = f"string {value!r} of {len(raw)} bytes is longer than the {form.repeat} of the field"
                raise ValueError(msg)
            cell[i, : len(raw)] = np.frombuffer(raw, np.uint8)
        return cell
    if form.code == "L":
        return np.where(np.array(values, dtype=bool).reshape(shape), np.uint8(ord("T")), np.uint8(ord("F")))
    if form.code not in _KINDS:
        msg = f"columns of bits that are not flags cannot be written ({form.code})"
        raise ValueError(msg)
    kind = np.dtype(_KINDS[form.code])
    return np.array([_checked(value, kind) for value in values], dtype=kind).reshape(shape)


def _checked(value: npt.ArrayLike, kind: np.dtype) -> np.ndarray:
    """Convert a value to an array of a field's type, rejecting integers that do not fit."""
    array = np.asarray(value)
    if kind.kind in "iu" and array.size:
        limits = np.iinfo(kind)
        if array.dtype.kind not in "iub" or int(array.min()) < limits.min or int(array.max()) > limits.max:
            msg = f"{value!r} is not an integer from {limits.min} to {limits.max}"
            raise ValueError(msg)
    return array


def _encode_variable(form: _Form, values: list[Any]) -> tuple[np.ndarray, list[bytes], str]:
    """Encode the values of a column of variable-length arrays.

    Returns
    -------
    pairs : `numpy.ndarray`
        Length (elements) and offset of each value, shape ``(n_rows, 2)``; `_fill_heap` sets the offsets.
    raws : `list` [`bytes`]
        The values.
    form : `str`
        The format with the largest length.
    """
    pairs = np.zeros((len(values), 2), ">i4" if form.descriptor == "P" else ">i8")
    raws = []
    for i, value in enumerate(values):
        if form.code == "A":
            raw = str(value).encode("utf-8") or b"\0"  # the stack never writes a string of no length
            length = len(raw)
        elif isinstance(value, bytes | bytearray | memoryview):
            raw = bytes(value)
            length = len(raw) // np.dtype(_KINDS[form.code]).itemsize
        else:
            array = np.asarray(value, dtype=_KINDS[form.code]).ravel()
            raw, length = array.tobytes(), array.size
        pairs[i, 0] = length
        raws.append(raw)
    longest = int(pairs[:, 0].max()) if values else 0
    return pairs, raws, f"1{form.descriptor}{form.code}({longest})"


def _fill_heap(variable: list[tuple[np.ndarray, list[bytes]]], n_rows: int) -> bytes:
    """Lay out the variable-length arrays row by row and set their offsets."""
    parts: list[bytes] = []
    size = 0
    for i in range(n_rows):
        for pairs, raws in variable:
            pairs[i, 1] = size if raws[i] else 0
            parts.append(raws[i])
            size += len(raws[i])
    return b"".join(parts)
