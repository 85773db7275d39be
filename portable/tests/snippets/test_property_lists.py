"""What users of the stack type every day: headers and other property containers, dates."""

import copy
import pickle

import pytest
import yaml

import lsst.pex.exceptions as pexExceptions
from lsst.daf.base import DateTime, PropertyList, PropertySet


@pytest.fixture
def header():
    header = PropertyList()
    header.set("EXPTIME", 30.0, "seconds")
    header["OBJECT"] = "M31"
    header.add("N", 1)
    header.add("N", 2)
    header["FLAG"] = True
    header["BIG"] = 2**40
    header["NOTHING"] = None
    return header


def test_read(header):
    assert header["EXPTIME"] == header.get("EXPTIME") == header.getScalar("EXPTIME") == 30.0
    assert header.get("NOPE", 3) == 3
    assert header["N"] == header.getScalar("N") == 2
    assert list(header.getArray("N")) == [1, 2]
    assert header.getComment("EXPTIME") == "seconds"
    assert header["NOTHING"] is None
    assert header.getDouble("EXPTIME") == header.getAsDouble("EXPTIME") == 30.0
    assert "OBJECT" in header
    assert header.exists("OBJECT")
    assert len(header) == 6
    with pytest.raises(KeyError):
        header["NOPE"]


def test_all_of_it(header):
    names = ["EXPTIME", "OBJECT", "N", "FLAG", "BIG", "NOTHING"]
    assert header.getOrderedNames() == list(header) == list(header.keys()) == names
    assert dict(header.items())["OBJECT"] == "M31"
    assert header.toDict()["N"] == header.toOrderedDict()["N"] == [1, 2]
    assert [name for name, _, _ in header.toList()] == [*names[:3], *names[2:]]
    assert "M31" in header.toString()
    assert "M31" in str(header)


def test_change(header):
    header["EXPTIME"] = 15.0
    assert header.getComment("EXPTIME") == "seconds"
    header["S"] = [1.5, 2.5]
    header.update({"OBJECT": "M33"})
    other = PropertyList()
    other.set("N", 3)
    header.combine(other)
    assert list(header.getArray("N")) == [1, 2, 3]
    del header["FLAG"]
    header.remove("BIG")
    assert header.pop("OBJECT") == "M33"
    assert header.pop("OBJECT", "none") == "none"
    with pytest.raises(KeyError):  # a default of None is none
        header.pop("OBJECT", None)
    header["A.B"] = 1
    assert header["A.B"] == 1
    with pytest.raises(pexExceptions.TypeError):
        header.add("N", "text")
    with pytest.raises(TypeError):
        header.set("N", object())


def test_copies(header):
    for same in (
        copy.copy(header),
        copy.deepcopy(header),
        header.deepCopy(),
        pickle.loads(pickle.dumps(header)),
        yaml.load(yaml.dump(header), Loader=yaml.FullLoader),
    ):
        assert same == header
        assert same.getOrderedNames() == header.getOrderedNames()
        assert same.getComment("EXPTIME") == "seconds"
        same["EXPTIME"] = 1.0
        assert header["EXPTIME"] == 30.0


def test_from_mapping():
    header = PropertyList.from_mapping({"a": 1, "b": [1.0, 2.0], "c": "x"})
    assert header.toDict() == {"a": 1, "b": [1.0, 2.0], "c": "x"}
    assert PropertySet.from_mapping({"a": {"b": 1}})["a.b"] == 1


def test_hierarchy():
    properties = PropertySet()
    properties.set("a.b", 3)
    properties["c"] = {"d": 1}
    assert properties["a"]["b"] == properties.getPropertySet("a").getScalar("b") == 3
    assert sorted(properties.names()) == ["a", "c"]
    assert sorted(properties.paramNames(False)) == ["a.b", "c.d"]
    assert properties.toDict() == {"a": {"b": 3}, "c": {"d": 1}}
    assert pickle.loads(pickle.dumps(properties)) == properties.deepCopy() == properties


def test_dates():
    date = DateTime("2024-03-28T05:06:07.123", DateTime.TAI)
    again = DateTime(date.get(DateTime.MJD, DateTime.TAI), DateTime.MJD, DateTime.TAI)
    assert again.nsecs() == pytest.approx(date.nsecs(), abs=1e6)
    assert date.toString(DateTime.TAI).startswith("2024-03-28T05:06:07.123")
    assert date.toString(DateTime.UTC).startswith("2024-03-28T05:05:30.123")
    assert date.toAstropy().scale == "tai"
    assert pickle.loads(pickle.dumps(date)) == date
    assert DateTime(2024, 3, 28, 5, 5, 30, DateTime.UTC).nsecs() < date.nsecs()
    assert date.isValid()
    assert not DateTime().isValid()
