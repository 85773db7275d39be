"""Property containers as plain lists and back."""

import json

import pytest

from lsst.daf.base import (
    DateTime,
    PropertyList,
    PropertySet,
    getPropertyListState,
    getPropertySetState,
    setPropertyListState,
    setPropertySetState,
)

NOW = DateTime("2024-03-31T06:00:00", DateTime.TAI)


def make_list():
    pl = PropertyList()
    pl.set("GAIN", 1.5, "gain")
    pl.set("WHO", ["a", "b"])
    pl.set("BIG", 2**40, "large")
    pl.set("NONE", None, "nothing")
    pl.setFloat("HALF", 0.5)
    return pl


LIST_STATE = [
    ("GAIN", "Double", 1.5, "gain"),
    ("WHO", "String", ["a", "b"], ""),
    ("BIG", "LongLong", 2**40, "large"),
    ("NONE", "Undef", None, "nothing"),
    ("HALF", "Float", 0.5, ""),
]


@pytest.mark.parametrize("sequence", [tuple, list])
def test_of_a_list(sequence):
    pl = make_list()
    state = getPropertyListState(pl, asLists=sequence is list)
    assert state == [sequence(item) for item in LIST_STATE]
    copy = PropertyList()
    setPropertyListState(copy, state)
    assert copy == pl
    state[1][2].append("c")
    assert pl.getArray("WHO") == ["a", "b"]


def test_lists_survive_json():
    pl = PropertyList()
    setPropertyListState(pl, json.loads(json.dumps(getPropertyListState(make_list(), True))))
    assert pl == make_list()


def test_of_a_set():
    ps = PropertySet()
    ps.set("A", [1, 2])
    ps.set("B.C", NOW)
    ps.set("B.D", True)
    state = getPropertySetState(ps)
    assert [item[:2] for item in state] == [("A", "Int"), ("B", "PropertySet")]
    assert state[0][2] == [1, 2]
    assert getPropertySetState(state[1][2], asLists=True) == [["C", "DateTime", NOW], ["D", "Bool", True]]
    copy = PropertySet()
    setPropertySetState(copy, state)
    assert copy == ps


def test_of_a_list_as_if_it_were_a_set():
    state = getPropertySetState(make_list())
    assert state == [item[:3] for item in LIST_STATE]
    pl = PropertyList()
    setPropertySetState(pl, state)
    assert getPropertyListState(pl) == [(*item[:3], "") for item in LIST_STATE]


def test_adds_to_what_is_there():
    pl = PropertyList()
    pl.set("GAIN", "old", "old comment")
    pl.set("Z", 1)
    setPropertyListState(pl, LIST_STATE)
    assert list(pl) == ["GAIN", "Z", "WHO", "BIG", "NONE", "HALF"]
    assert (pl["GAIN"], pl.getComment("GAIN")) == (1.5, "gain")


@pytest.mark.parametrize("type_name", [None, "Complex", 3])
def test_unknown_types(type_name):
    with pytest.raises(ValueError, match="Unrecognized type"):
        setPropertySetState(PropertySet(), [("A", type_name, 1)])
    with pytest.raises(ValueError, match="Unrecognized type"):
        setPropertyListState(PropertyList(), [("A", type_name, 1, "")])
