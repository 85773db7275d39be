"""Archives: what the stack wrote comes back, and goes out again as it was."""

import copy
import pickle

import numpy as np
import pytest

from lsst.afw.fits import FitsError, MemFileManager
from lsst.afw.image import FilterLabel
from lsst.portable.archive import (
    ArchiveCatalog,
    InputArchive,
    OpaquePersistable,
    OutputArchive,
    _registry,
    read_persistable,
    register,
    write_persistable,
)
from lsst.portable.archive import _input as archive_in
from lsst.portable.fits import Column, FitsReader, FitsWriter

FILES = [
    "golden/files/camera.fits",
    "golden/files/exposure_sub.fits",
    "golden/files/exposure_gzip.fits",
    "real/exposures/calexp.fits",
    "real/exposures/exposure-version-2.fits",
]


def read_archive(path):
    with FitsReader(path) as reader:
        index = next(i for i in range(len(reader)) if reader.hdu(i).get("EXTTYPE") == "ARCHIVE_INDEX")
        return reader, index, InputArchive.read(reader, index)


def top_ids(reader):
    cards = reader.hdu(0).cards
    named = [card.value for card in cards if card.key.startswith("ARCHIVE_ID_")]
    named = named or [
        card.value for card in cards if card.key.endswith("_ID") and isinstance(card.value, int)
    ]
    return named or [1]


# Known classes are written in today's form; what came in an older one comes out equal only where unknown.
@pytest.mark.parametrize(
    ("name", "known"),
    [(name, known) for name in FILES for known in (True, False) if not (known and "version" in name)],
)
def test_objects_go_out_as_they_came(name, known, golden_dir, real_dir, monkeypatch):
    """All tables are written again as they were, with the classes of the stack known or not."""
    if not known:
        monkeypatch.setattr(archive_in, "find_reader", lambda name, module: None)
    path = (golden_dir if name.startswith("golden") else real_dir) / name.partition("/")[2]
    with FitsReader(path) as reader:
        index = next(i for i in range(len(reader)) if reader.hdu(i).get("EXTTYPE") == "ARCHIVE_INDEX")
        archive = InputArchive.read(reader, index)
        output = OutputArchive()
        for number in top_ids(reader):
            assert output.put(archive.get(number)) == number
        manager = MemFileManager()
        with FitsWriter(manager) as writer:
            output.write(writer)
        with FitsReader(manager) as ours:
            assert len(ours) - 1 == len(reader) - index
            for i in range(len(ours) - 1):
                theirs, mine = reader.hdu(index + i), ours.hdu(1 + i)
                assert data(ours, mine) == data(reader, theirs), theirs.name
                assert ours.read_table(1 + i).columns == reader.read_table(index + i).columns
                if "version" not in name:
                    assert mine.cards == theirs.cards


def data(reader, hdu):
    return bytes(reader._data[hdu.data_start : hdu.data_start + hdu.data_size])


class Node:
    """A thing that refers to others."""

    columns = (
        Column("flag", "X", "a flag"),
        Column("label", "1QA", "a label", "", "String"),
        Column("other", "1J", "archive ID of another node"),
    )

    def __init__(self, label, other=None):
        self.label, self.other = label, other


class Other(Node):
    """A thing that nobody knows how to read."""


def write_node(node, archive):
    row = {"flag": node.other is None, "label": node.label, "other": archive.put(node.other)}
    return [ArchiveCatalog("PortableTestNode", Node.columns, [row])]


def read_node(archive, catalogs):
    (row,) = catalogs[0].rows
    return Node(row["label"], archive.get(row["other"]))


@pytest.fixture
def known():
    register(Node, "PortableTestNode", "lsst.afw.fits", read=read_node, write=write_node)
    yield
    del _registry._readers["PortableTestNode"], _registry._writers[Node]


def test_shared_objects_stay_shared(known):
    last = Node("last")
    archive = OutputArchive()
    first, second = Node("first", last), Node("second", last)
    assert [archive.put(first), archive.put(second), archive.put(last), archive.put(first)] == [1, 3, 2, 1]
    assert archive.put(None) == 0
    assert len(archive) == 3
    manager = MemFileManager()
    with FitsWriter(manager) as writer:
        archive.write(writer)
    back = InputArchive.read(FitsReader(manager), 1)
    assert back.get(0) is None
    assert back.get(1).other is back.get(3).other is back.get(2)
    assert back.get(2).label == "last"
    assert 3 in back
    assert 4 not in back
    with pytest.raises(FitsError, match="no object 4"):
        back.get(4)


def test_opaque_objects_keep_what_they_refer_to(known, monkeypatch):
    """An unknown object goes into another archive with what it refers to, whatever numbers are taken."""
    manager = MemFileManager()
    write_persistable(Node("outer", Node("inner")), manager)
    find = archive_in.find_reader
    monkeypatch.setattr(archive_in, "find_reader", lambda name, module: None)
    opaque = read_persistable(manager)
    assert isinstance(opaque, OpaquePersistable)
    assert copy.deepcopy(opaque) is opaque
    again = pickle.loads(pickle.dumps(opaque))
    assert again.catalogs[0].rows == opaque.catalogs[0].rows
    with pytest.raises(AttributeError, match="'PortableTestNode' has no 'label' here"):
        opaque.label  # noqa: B018
    archive = OutputArchive()
    archive.put(Node("taken", Node("taken, too")))
    assert archive.put(opaque) == 3
    second = MemFileManager()
    with FitsWriter(second) as writer:
        archive.write(writer)
    monkeypatch.setattr(archive_in, "find_reader", find)
    back = InputArchive.read(FitsReader(second), 1)
    assert (back.get(3).label, back.get(3).other.label) == ("outer", "inner")


def test_refusals(known, tmp_path):
    with pytest.raises(FitsError, match="type int cannot be stored"):
        write_persistable(3, tmp_path / "three.fits")
    assert not (tmp_path / "three.fits").exists()
    with pytest.raises(ValueError, match="module 'os'"):
        register(Node, "Name", "os", read=read_node)
    manager = MemFileManager()
    with FitsWriter(manager) as writer:
        writer.write_image(None)
    with pytest.raises(FitsError, match="has no archive"):
        read_persistable(manager)
    with pytest.raises(FitsError, match="expected 'ARCHIVE_INDEX'"):
        InputArchive.read(FitsReader(manager), 0)


def test_modules_outside_the_stack_are_not_imported(known, monkeypatch):
    """A file cannot make other modules be imported."""
    node = Other("x")
    monkeypatch.setitem(_registry._writers, Other, ("PortableTestOther", "antigravity", write_node))
    manager = MemFileManager()
    write_persistable(node, manager)
    import sys

    assert isinstance(read_persistable(manager), OpaquePersistable)
    assert "antigravity" not in sys.modules


def test_objects_that_refer_to_each_other(known):
    a, b = Node("a"), Node("b")
    a.other, b.other = b, a
    manager = MemFileManager()
    write_persistable(a, manager)
    with pytest.raises(FitsError, match="refers to itself"):
        read_persistable(manager)


def test_reader_that_fails_names_the_object(known):
    manager = MemFileManager()
    write_persistable(Node("x"), manager)

    def fail(archive, catalogs):
        raise KeyError("no such column")

    register(Node, "PortableTestNode", "lsst.afw.fits", read=fail)
    with pytest.raises(FitsError, match=r"object 1 \(PortableTestNode\) cannot be read: KeyError"):
        read_persistable(manager)


def read_everything(data):
    """Every header, image, table and object of a file."""
    with FitsReader(data) as reader:
        for i in range(len(reader)):
            reader.header(i, strip=False)
            hdu = reader.hdu(i)
            if hdu.get("EXTTYPE") == "ARCHIVE_INDEX":
                archive = InputArchive.read(reader, i)
                for number in archive.ids():
                    archive.get(number)
            elif hdu.is_compressed or (not hdu.is_table and hdu.get_int("NAXIS")):
                reader.read_image(i)


@pytest.mark.parametrize("name", ["exposure_sub", "exposure_rice", "camera"])
def test_damage_ends_in_one_error(name, golden_dir):
    """Whatever is wrong with a file, what comes is a FitsError."""
    original = (golden_dir / f"files/{name}.fits").read_bytes()
    with FitsReader(original) as reader:
        headers = [(reader.hdu(i).header_start, reader.hdu(i).data_start) for i in range(len(reader))]
    read_everything(original)
    rng = np.random.default_rng(8)
    messages = []
    for i in range(45):
        data = bytearray(original)
        if i % 3 == 0:
            for pos in rng.integers(0, len(data), 20):
                data[pos] = rng.integers(0, 256)
        elif i % 3 == 1:
            for start, stop in rng.choice(headers, 3):
                data[rng.integers(start, stop)] = rng.choice(list(b"0123456789 ATF'=-&/"))
        else:
            del data[rng.integers(0, len(data)) :]
        try:
            read_everything(bytes(data))
        except FitsError as error:
            messages.append(str(error))
    assert len(messages) > 20
    assert all(message.startswith("<memory>") for message in messages)


def test_archives_without_a_version(tmp_path):
    """Tables had no version once, and underscores in the names of columns for all dots."""
    manager = MemFileManager()
    write_persistable(FilterLabel("k", "K-1"), manager)
    data = bytes(manager.getData())
    while b"AFW_TABLE_VERSION" in data:
        start = data.index(b"AFW_TABLE_VERSION") // 80 * 80
        data = data[:start] + b" " * 80 + data[start + 80 :]
    old = data.replace(b"'cat.archive'", b"'cat_archive'").replace(b"'cat.persistable'", b"'cat_persistable'")
    assert old != data
    (tmp_path / "old.fits").write_bytes(old)
    assert FilterLabel.readFits(tmp_path / "old.fits") == FilterLabel("k", "K-1")
