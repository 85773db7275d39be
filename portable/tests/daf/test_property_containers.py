"""PropertySet and PropertyList."""

import copy
import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsst.daf.base import DateTime, PropertyList, PropertySet
from lsst.pex.config import Config, Field
from lsst.pex.config.convert import makePropertySet
from lsst.pex.exceptions import InvalidParameterError, NotFoundError
from lsst.pex.exceptions import TypeError as StackTypeError
from lsst.pipe.base import TaskMetadata

BOTH = [PropertySet, PropertyList]
NOW = DateTime("2024-03-31T06:00:00", DateTime.TAI)

text = st.text("aZ é\n'\":#-{}[]!&*0", max_size=12)
integers = st.integers(-(2**63), 2**64 - 1)
scalars = st.one_of(st.booleans(), integers, st.floats(), text, st.none(), st.just(NOW))
arrays = st.one_of(
    st.lists(st.booleans(), min_size=1),
    st.lists(st.integers(-(2**31), 2**31 - 1), min_size=1),
    st.lists(st.floats(), min_size=1),
    st.lists(text, min_size=1),
)
names = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", min_size=1, max_size=8)
contents = st.dictionaries(names, scalars | arrays)


def same(a, b):
    """Equal, NaN included."""
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b or (isinstance(a, float) and math.isnan(a) and math.isnan(b))


@pytest.mark.parametrize("cls", BOTH)
@pytest.mark.parametrize(
    ("value", "type_name"),
    [
        (True, "Bool"),
        (3, "Int"),
        (-(2**31), "Int"),
        (2**31, "LongLong"),
        (-(2**63), "LongLong"),
        (2**63, "UnsignedLongLong"),
        (np.int64(5), "Int"),
        (1.5, "Double"),
        (np.float64(1.5), "Double"),
        ("text", "String"),
        (NOW, "DateTime"),
        (None, "Undef"),
        ([1, 2], "Int"),
        ([1, 2**40], "LongLong"),
        ([2**63, 0], "UnsignedLongLong"),
        ((1.5, 2), "Double"),
        (np.array([1.5, 2.5]), "Double"),
        (["a", "b"], "String"),
        ([None, None], "Undef"),
    ],
)
def test_type_follows_value(cls, value, type_name):
    c = cls()
    c.set("name", value)
    assert c.typeOf("name") == getattr(cls, f"TYPE_{type_name}")
    expected = list(value) if np.ndim(value) else [value]
    assert c.getArray("name") == expected
    assert getattr(c, f"getArray{type_name}")("name") == expected
    assert (
        getattr(c, f"get{type_name}")("name")
        == c.getScalar("name")
        == c["name"]
        == c.get("name")
        == expected[-1]
    )
    assert c.valueCount("name") == len(expected)
    assert c.isArray("name") == (len(expected) > 1)


@pytest.mark.parametrize("cls", BOTH)
def test_integer_type_of_what_is_there(cls):
    c = cls()
    c.set("n", 2**40)
    c.set("n", 3)
    assert c.typeOf("n") == cls.TYPE_LongLong
    c.set("n", "text")
    c.set("n", 3)
    assert c.typeOf("n") == cls.TYPE_Int
    c.add("n", 4)
    assert c.getArray("n") == [3, 4]
    with pytest.raises(StackTypeError, match="n has mismatched type: it holds Int and cannot take LongLong"):
        c.add("n", 2**40)


@pytest.mark.parametrize("cls", BOTH)
def test_explicit_types(cls):
    c = cls()
    c.setFloat("f", 0.1)
    assert c["f"] == np.float32(0.1)
    c.setShort("s", 7)
    c.setLongLong("l", 7)
    c.setDouble("d", 7)
    assert isinstance(c["d"], float)
    assert c.getAsDouble("s") == c.getAsDouble("l") == 7.0
    assert c.getAsInt("s") == c.getAsInt64("l") == 7
    assert c.getDouble("none", 2.5) == 2.5
    with pytest.raises(StackTypeError, match="LongLong"):
        c.getAsInt("l")
    with pytest.raises(StackTypeError, match="Double, not Int"):
        c.getInt("d")
    with pytest.raises(StackTypeError, match="Double"):
        c.getAsString("d")
    with pytest.raises(NotFoundError, match="none not found"):
        c.getAsDouble("none")
    with pytest.raises(TypeError, match="2147483648"):
        c.setInt("i", 2**31)
    with pytest.raises(TypeError, match="Int"):
        c.setInt("i", 1.5)
    with pytest.raises(TypeError, match="'i' as String"):
        c.setString("i", 1)


@pytest.mark.parametrize("cls", BOTH)
def test_add(cls):
    c = cls()
    c.add("a", 1.5)
    c.add("a", [2.5, 3.5])
    assert c.getArray("a") == [1.5, 2.5, 3.5]
    assert c["a"] == 3.5
    c.add("a", [])
    c.set("a", [])
    assert c.valueCount("a") == 3
    with pytest.raises(StackTypeError, match="a has mismatched type"):
        c.add("a", 1)
    with pytest.raises(TypeError, match="Unknown value type for key 'x'"):
        c.set("x", object())
    with pytest.raises(TypeError, match="Unknown value type for key 'x'"):
        c.set("x", 1j)


@pytest.mark.parametrize("cls", BOTH)
def test_like_a_dict(cls):
    c = cls()
    c["b"] = 1
    c["a"] = [1.5, 2.5]
    assert list(c) == list(c.keys()) == c.names() == ["b", "a"]
    assert list(c.items()) == [("b", 1), ("a", 2.5)]
    assert list(c.values()) == [1, 2.5]
    assert len(c) == c.nameCount() == 2
    assert "a" in c
    assert "z" not in c
    assert dict(c) == {"b": 1, "a": 2.5}
    assert c.toDict() == {"b": 1, "a": [1.5, 2.5]}
    assert c.pop("b") == 1
    assert c.pop("b", 7) == 7
    del c["a"]
    assert len(c) == 0
    for call in (lambda: c["z"], lambda: c.getArray("z"), lambda: c.pop("z"), lambda: c.__delitem__("z")):
        with pytest.raises(KeyError, match="z"):
            call()
    with pytest.raises(NotFoundError, match="z not found"):
        c.typeOf("z")
    assert c.get("z") is None
    assert c.get("z", 3) == 3
    with pytest.raises(TypeError, match="unhashable"):
        hash(c)


def test_hierarchy():
    ps = PropertySet()
    ps.set("a.b", 1)
    ps.set("a.c.d", [1.5, 2.5])
    ps["e"] = {"f": "g"}
    assert ps.names() == ["a", "e"]
    assert ps.names(topLevelOnly=False) == ["a", "a.b", "a.c", "a.c.d", "e", "e.f"]
    assert ps.paramNames(False) == ["a.b", "a.c.d", "e.f"]
    assert ps.paramNames() == []
    assert ps.propertySetNames() == ["a", "e"]
    assert ps.propertySetNames(False) == ["a", "a.c", "e"]
    assert ps.nameCount(False) == 6
    assert ps.valueCount() == 4
    assert ps.toDict() == {"a": {"b": 1, "c": {"d": [1.5, 2.5]}}, "e": {"f": "g"}}
    assert ps["a.c.d"] == 2.5
    assert ps.exists("a.c")
    assert "a.c" not in ps
    assert ps.isPropertySetPtr("a.c")
    assert ps.getPropertySet("a")["b"] == 1
    assert ps.getAsPropertySetPtr("a.c")["d"] == 2.5
    assert ps.get_dict("a") == ps.toDict()["a"]
    assert ps.get_dict("zz") == {}
    ps["a"]["b"] = 7  # a live reference
    assert ps["a.b"] == 7
    ps.remove("a.c.d")
    assert not ps.exists("a.c.d")
    with pytest.raises(InvalidParameterError, match="does not contain a PropertySet"):
        ps.set("a.b.x", 1)
    with pytest.raises(InvalidParameterError, match="cycle"):
        ps["a"].set("loop", ps)


def test_list_is_flat_and_ordered():
    pl = PropertyList()
    pl.set("ESO INS.X", 1, "first")
    pl.set("B", [1.5, 2.5], "second")
    pl.set("A", "x")
    pl.set("ESO INS.X", 2)
    assert pl.getOrderedNames() == list(pl) == ["ESO INS.X", "B", "A"]
    assert "ESO INS.X" in pl
    assert not pl.exists("ESO INS")
    assert pl.getComment("ESO INS.X") == "first"
    assert pl.getComment("A") == ""
    assert pl.toList() == [
        ("ESO INS.X", 2, "first"),
        ("B", 1.5, "second"),
        ("B", 2.5, "second"),
        ("A", "x", ""),
    ]
    assert pl.toOrderedDict() == {"ESO INS.X": 2, "B": [1.5, 2.5], "A": "x"}
    pl.add("B", 3.5, "third")
    pl["A#COMMENT"] = "changed"
    assert (pl.getComment("B"), pl.getComment("A")) == ("third", "changed")
    pl.remove("B")
    assert pl.getOrderedNames() == ["ESO INS.X", "A"]
    with pytest.raises(KeyError, match="B"):
        pl.setComment("B", "gone")
    with pytest.raises(NotFoundError, match="B not found"):
        pl.getComment("B")


def test_list_takes_sets_apart():
    ps = PropertySet()
    ps.set("b", 1)
    ps.set("c.d", 2)
    pl = PropertyList()
    pl.set("a", ps)
    pl.add("a", ps)
    assert pl.toDict() == {"a.b": [1, 1], "a.c.d": [2, 2]}
    assert pl.get_dict("a") == {"b": [1, 1], "c": {"d": [2, 2]}}
    pl.set_dict("z", {"y": {"x": 1.5}})
    assert pl["z.y.x"] == 1.5
    pl["m"] = {"n": 1}
    assert pl["m.n"] == 1
    assert PropertySet(pl).toDict() == {
        "a": {"b": [1, 1], "c": {"d": [2, 2]}},
        "z": {"y": {"x": 1.5}},
        "m": {"n": 1},
    }


def test_comments_travel():
    first, second = PropertyList(), PropertyList()
    first.set("a", 1, "one")
    second.set("a", 2, "two")
    second.set("b", 3, "three")
    combined = first.deepCopy()
    combined.combine(second)
    assert combined.toList() == [("a", 1, "two"), ("a", 2, "two"), ("b", 3, "three")]
    updated = first.deepCopy()
    updated.update(second)
    assert updated.toList() == [("a", 2, "two"), ("b", 3, "three")]
    updated.update({"c": 4.5})
    updated.copy("d", combined, "a", asScalar=True)
    assert updated["d"] == 2
    assert updated.getComment("d") == "two"
    assert first.toList() == [("a", 1, "one")]
    with pytest.raises(InvalidParameterError, match="zz not in source"):
        updated.copy("d", combined, "zz")
    second.set("a", "text")
    with pytest.raises(StackTypeError, match="a has mismatched type"):
        first.combine(second)


def test_equality():
    a, b = PropertyList(), PropertyList()
    for c in (a, b):
        c.set("x", math.nan, "nothing")
        c.set("y", [1.5, math.nan])
    assert a == b
    b.setComment("x", "something")
    assert a != b
    assert PropertySet() != PropertyList()
    c = PropertySet()
    c.setInt("n", 1)
    d = PropertySet()
    d.setLongLong("n", 1)
    assert c != d


def test_text():
    pl = PropertyList()
    pl.set("EXPTIME", 30.0, "seconds")
    pl.set("FLAG", [True, False])
    pl.set("NAME", "x")
    pl.set("EMPTY", None)
    expected = 'EXPTIME = 30.000000000000\n// seconds\nFLAG = [ 1, 0 ]\nNAME = "x"\nEMPTY = <Unknown>\n'
    assert str(pl) == pl.toString() == expected
    ps = PropertySet()
    ps.set("b.c", 1)
    ps.set("a", NOW)
    assert str(ps) == "a = 2024-03-31T05:59:23.000000000Z\nb = {\n..c = 1\n}\n"
    assert ps.toString(topLevelOnly=True) == "a = 2024-03-31T05:59:23.000000000Z\nb = { ... }\n"


def test_middleware():
    ps = PropertySet()
    ps.set("task.runs", 3)
    ps.set("task.times", [1.5, 2.5])
    metadata = TaskMetadata.from_metadata(ps)
    assert metadata["task.runs"] == 3
    assert PropertySet.from_mapping(metadata) == ps
    assert PropertySet.from_mapping({"a": {"b": 1}})["a.b"] == 1
    with pytest.raises(ValueError, match="Unable to extract mappings"):
        PropertySet.from_mapping(3)

    class SomeConfig(Config):
        size = Field(dtype=int, default=32, doc="A size.")

    assert makePropertySet(SomeConfig()).toDict() == {"size": 32}


@pytest.mark.parametrize("cls", BOTH)
@settings(deadline=None)
@given(contents)
def test_round_trips(cls, content):
    c = cls.from_mapping(content)
    for other in (pickle.loads(pickle.dumps(c)), copy.copy(c), copy.deepcopy(c), c.deepCopy()):
        assert type(other) is cls
        assert other == c
        assert other.names() == c.names()
    expected = {k: v[0] if isinstance(v, list) and len(v) == 1 else v for k, v in content.items()}
    result = c.toDict()
    assert result.keys() == expected.keys()
    assert all(same(result[k], expected[k]) for k in expected)


@pytest.mark.parametrize("cls", BOTH)
@pytest.mark.parametrize(
    "value",
    [
        b"x",
        bytearray(b"x"),
        memoryview(b"x"),
        {1, 2},
        {"a": 1},
        (n for n in (1, 2)),
        object(),
        [b"x"],
        [[1], [2]],
    ],
)
def test_values_that_properties_cannot_hold(cls, value):
    container = cls()
    for put in (container.set, container.add):
        with pytest.raises(TypeError, match="K"):
            put("K", value)
    if not isinstance(value, dict):  # a mapping is set as a property set
        with pytest.raises(TypeError, match="K"):
            container["K"] = value
    assert len(container) == 0


@pytest.mark.parametrize("cls", BOTH)
@pytest.mark.parametrize("values", [[-1, 2**63], [2**64 - 1, -(2**63)]])
def test_no_type_holds_both_signs_of_64_bits(cls, values):
    container = cls()
    with pytest.raises(TypeError, match="not in the range"):
        container.set("K", values)
    with pytest.raises(RuntimeError, match="more than 64 bits"):
        container.set("K", [*values, 2**64])


@pytest.mark.parametrize("cls", BOTH)
def test_integers_without_sign(cls):
    container = cls()
    for value in (0, 7, 2**31, 2**63, 2**64 - 1, -1, True):
        container.set("K", value)
        assert container.getAsUInt64("K") == value % 2**64
    for value in (1.5, "text", None):
        container.set("K", value)
        with pytest.raises(StackTypeError, match="K"):
            container.getAsUInt64("K")


@pytest.mark.parametrize("cls", BOTH)
def test_combine_takes_a_mapping(cls):
    container = cls()
    container.set("A", 1)
    container.combine({"A": 2, "B": {"C": [3, 4]}})
    assert container.getArray("A") == [1, 2]
    assert container.getArray("B.C") == [3, 4]
    with pytest.raises(StackTypeError, match="mismatched"):
        container.combine({"A": "text"})


def test_a_flat_set_flattens_what_is_nested():
    nested = PropertySet.from_mapping({"b": 1, "c": {"d": [2, 3]}})
    for container in (PropertySet(flat=True), PropertyList()):
        container.set("a", nested)
        assert sorted(container.names()) == ["a.b", "a.c.d"]
        assert container.getArray("a.c.d") == [2, 3]
        container.setPropertySet("a", nested)  # appends, as in the stack
        assert container.getArray("a.b") == [1, 1]
        with pytest.raises(StackTypeError, match=r"a\.b has mismatched type"):
            container.set("a", PropertySet.from_mapping({"b": "text"}))


@pytest.mark.parametrize("cls", BOTH)
@pytest.mark.parametrize("wrong", [3, None, b"K", object()])
def test_wrong_types(cls, wrong):
    container = cls()
    container.set("K", 1)
    names = (container.get, container.getScalar, container.getArray, container.getInt, container.getAsInt)
    more = (
        container.exists,
        container.typeOf,
        container.isArray,
        container.valueCount,
        container.isUndefined,
    )
    for read in (*names, *more):
        if wrong is None and read == container.valueCount:
            continue  # all names
        with pytest.raises(TypeError):
            read(wrong)
    for write in (container.set, container.add, container.__setitem__, container.setInt, container.addInt):
        with pytest.raises(TypeError):
            write(wrong, 1)
    for take in (container.combine, container.update):
        with pytest.raises(TypeError):
            take(wrong)
    with pytest.raises(TypeError):
        container.copy("L", wrong, "K")
    with pytest.raises(TypeError):
        container.copy("L", container, wrong)
    with pytest.raises(TypeError):
        container.remove(wrong)
    assert list(container) == ["K"]


def test_names_of_a_set_stay_in_order():
    ps = PropertySet()
    keys = [f"K{(7 * i) % 31}.A" for i in range(31)]
    for i, key in enumerate(keys):
        ps.set(key, i)
    assert ps.paramNames(topLevelOnly=False) == keys
    assert list(PropertyList.from_mapping(ps.toDict())) == keys
    ps.set(keys[5], -1)
    assert ps.paramNames(topLevelOnly=False) == keys
