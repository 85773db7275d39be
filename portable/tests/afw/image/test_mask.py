"""Masks in memory: planes, dictionaries, bit operators."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsst.afw.image import ImageF, Mask, MaskPixel, MaskX, makeMaskFromArray
from lsst.afw.image._mask_dict import MaskDict, default_planes, set_default_planes
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pex.exceptions import InvalidParameterError, LengthError
from lsst.pex.exceptions import RuntimeError as PexRuntimeError

BOX = Box2I(Point2I(-3, 5), Extent2I(7, 4))
STANDARD = {
    "BAD": 0,
    "CR": 3,
    "DETECTED": 5,
    "DETECTED_NEGATIVE": 6,
    "EDGE": 4,
    "INTRP": 2,
    "NO_DATA": 8,
    "SAT": 1,
    "STREAK": 10,
    "SUSPECT": 7,
    "VIGNETTED": 9,
}


@pytest.fixture(autouse=True)
def _standard_planes():
    """Every test starts from the standard planes and leaves the process as it was."""
    before = default_planes()
    set_default_planes(MaskDict(STANDARD))
    yield
    set_default_planes(before)


def make_mask(seed=1, **kwargs):
    mask = Mask(BOX, **kwargs)
    mask.array = np.random.default_rng(seed).integers(0, 1 << 9, (4, 7)).astype(np.int32)
    return mask


def test_class():
    assert Mask["X"] is Mask[MaskPixel] is MaskX
    mask = Mask(BOX)
    assert type(mask) is MaskX
    assert isinstance(mask, Mask)
    assert type(mask).__module__ == "lsst.afw.image._image"
    assert mask.array.dtype == np.int32
    assert mask.array.shape == (4, 7)
    assert mask.dtype is np.int32
    assert Mask(3, 2).getBBox() == Box2I(Point2I(0, 0), Extent2I(3, 2))
    assert (Mask(Extent2I(3, 2), 5).array == 5).all()
    assert (Mask(3, 2, 5).array == 5).all()


def test_standard_planes():
    assert Mask(1, 1).getMaskPlaneDict() == STANDARD
    assert list(Mask(1, 1).getMaskPlaneDict()) == sorted(STANDARD)
    assert Mask(1, 1).getNumPlanesUsed() == 11
    assert Mask.getNumPlanesMax() == 32
    assert Mask.getMaskPlane("EDGE") == 4
    assert Mask.getPlaneBitMask("EDGE") == 16
    assert Mask.getPlaneBitMask(["BAD", "SAT", "NO_DATA"]) == 1 + 2 + 256
    assert Mask.getPlaneBitMask([]) == 0
    assert MaskX(1, 1).getPlaneBitMask("SAT") == 2


def test_initial_planes_of_a_process():
    from lsst.afw.image._mask_dict import INITIAL_PLANES

    assert {name: bit for bit, name in enumerate(INITIAL_PLANES)} == STANDARD


@pytest.mark.parametrize("call", [Mask.getMaskPlane, Mask.getPlaneBitMask, Mask.removeMaskPlane])
def test_unknown_plane(call):
    with pytest.raises(
        InvalidParameterError, match=r"no mask plane 'NOPE'; planes are BAD, CR.*addMaskPlane"
    ):
        call("NOPE")


def test_add_plane_reaches_masks_in_use():
    mask = make_mask()
    assert Mask.addMaskPlane("ONE") == 11
    assert Mask.addMaskPlane("ONE") == 11
    assert mask.getMaskPlaneDict()["ONE"] == 11
    assert mask.addMaskPlane("TWO") == 12
    assert Mask(2, 2).getMaskPlaneDict()["TWO"] == 12


def test_add_plane_spares_dictionaries_where_it_clashes():
    own = Mask(BOX, planeDefs={"A": 0, "B": 11})
    other = Mask(BOX, planeDefs={"A": 0, "NEW": 3})
    free = Mask(BOX, planeDefs={"A": 0})
    assert Mask.addMaskPlane("NEW") == 11
    assert own.getMaskPlaneDict() == {"A": 0, "B": 11}
    assert other.getMaskPlaneDict() == {"A": 0, "NEW": 3}
    assert free.getMaskPlaneDict() == {"A": 0, "NEW": 11}


def test_add_plane_fills_gaps():
    Mask.removeMaskPlane("CR")
    assert Mask.addMaskPlane("GAP") == 3


def test_too_many_planes():
    for number in range(11, 32):
        assert Mask.addMaskPlane(f"P{number}") == number
    with pytest.raises(PexRuntimeError, match="all 32 mask planes"):
        Mask.addMaskPlane("P32")
    assert Mask.getPlaneBitMask("P31") == -(1 << 31)
    mask = Mask(2, 1)
    mask |= Mask.getPlaneBitMask("P31")
    assert (mask.array == -(1 << 31)).all()
    assert mask.getAsString(0, 0) == "P31"
    mask &= ~Mask.getPlaneBitMask("P31")
    assert not mask.array.any()
    mask |= 1 << 31
    mask.clearMaskPlane(31)
    assert not mask.array.any()


def test_remove_plane_leaves_masks_in_use_alone():
    mask = make_mask()
    Mask.removeMaskPlane("CR")
    assert mask.getMaskPlaneDict() == STANDARD
    assert "CR" not in Mask(1, 1).getMaskPlaneDict()


def test_remove_and_clear_plane():
    mask, other = make_mask(), make_mask()
    expected = mask.array & ~8
    mask.removeAndClearMaskPlane("CR")
    np.testing.assert_array_equal(mask.array, expected)
    assert "CR" not in mask.getMaskPlaneDict()
    assert other.getMaskPlaneDict() == STANDARD
    assert Mask.getMaskPlane("CR") == 3
    other.removeAndClearMaskPlane("SAT", removeFromDefault=True)
    assert "SAT" not in other.getMaskPlaneDict()
    assert "SAT" not in Mask(1, 1).getMaskPlaneDict()
    mask.array[...] = 8  # a plane that the mask lacks is cleared by the bit that the default has for it
    mask.removeAndClearMaskPlane("CR")
    assert not mask.array.any()
    with pytest.raises(InvalidParameterError, match="SAT"):
        mask.removeAndClearMaskPlane("SAT")


def test_clear_dictionary():
    Mask.clearMaskPlaneDict()
    assert Mask(1, 1).getMaskPlaneDict() == {}
    assert Mask.addMaskPlane("FIRST") == 0


def test_planes_are_shared_by_copies_and_parts():
    mask = make_mask(planeDefs={"A": 0, "B": 1})
    for other in (mask.clone(), mask[0:2, 5:7], Mask(mask)):
        assert other.getMaskPlaneDict() == {"A": 0, "B": 1}
        other |= 0
    part = mask[Box2I(Point2I(-2, 6), Extent2I(2, 2))]
    part |= mask[Box2I(Point2I(0, 6), Extent2I(2, 2))]


def test_bit_operators():
    for name, operation in (
        ("__ior__", np.bitwise_or),
        ("__iand__", np.bitwise_and),
        ("__ixor__", np.bitwise_xor),
    ):
        mask, other = make_mask(), make_mask(2)
        expected = operation(mask.array, other.array)
        assert getattr(mask, name)(other) is mask
        np.testing.assert_array_equal(mask.array, expected)
        getattr(mask, name)(0x105)
        np.testing.assert_array_equal(mask.array, operation(expected, np.int32(0x105)))
    mask = make_mask()
    expected = mask.array.copy()
    expected[1:3, 2:4] |= 64
    mask[Box2I(Point2I(-1, 6), Extent2I(2, 2))] |= 64
    np.testing.assert_array_equal(mask.array, expected)


def test_bit_operator_errors():
    mask = make_mask()
    with pytest.raises(PexRuntimeError, match="dictionaries differ"):
        mask |= Mask(BOX, planeDefs={"A": 0})
    with pytest.raises(LengthError, match="different size"):
        mask |= Mask(2, 2)
    with pytest.raises(TypeError, match="beyond the 32"):
        mask |= 1 << 32
    with pytest.raises(TypeError):
        mask |= 1.0
    with pytest.raises(NotImplementedError, match="in-place"):
        mask | 1


def test_assignment():
    mask = make_mask()
    mask[:] = 3
    assert (mask.array == 3).all()
    mask[1, 6] = 7
    assert mask[1, 6] == 7
    assert mask.array[1, 4] == 7
    mask[:] = make_mask(2)
    np.testing.assert_array_equal(mask.array, make_mask(2).array)


def test_clear_and_set_planes():
    mask = make_mask()
    expected = mask.array & ~np.int32(32)
    mask.clearMaskPlane(5)
    np.testing.assert_array_equal(mask.array, expected)
    mask.setMaskPlaneValues(5, 1, 3, 2)
    expected[2, 1:4] |= 32
    np.testing.assert_array_equal(mask.array, expected)
    mask.clearAllMaskPlanes()
    assert not mask.array.any()
    with pytest.raises(InvalidParameterError, match="bit 20"):
        mask.clearMaskPlane(20)


def test_interpret():
    assert Mask.interpret(0) == ""
    assert Mask.interpret(0b1011) == "BAD,CR,SAT"
    mask = Mask(2, 2)
    mask.array[1, 0] = 17
    assert mask.getAsString(0, 1) == "BAD,EDGE"


def test_conform_moves_bits():
    mask = Mask(np.array([[1, 2, 4, 8, 7]], np.int32))
    mask.conformMaskPlanes({"SAT": 0, "BAD": 1, "FRESH": 2, "CR": 3})
    assert Mask.getMaskPlane("FRESH") == 11
    np.testing.assert_array_equal(mask.array, [[2, 1, 2048, 8, 2051]])
    assert mask.getMaskPlaneDict() == {**STANDARD, "FRESH": 11}


def test_conform_own_planes():
    own = {"CR": 31, "EDGE": 4}
    mask = Mask(Box2I(Point2I(2, 3), Extent2I(2, 1)), planeDefs=own)
    mask.array = np.array([[-(1 << 31), 16]], np.int32)
    mask.conformMaskPlanes(own)
    np.testing.assert_array_equal(mask.array, [[8, 16]])
    assert mask.getMaskPlaneDict() == STANDARD
    mask |= Mask(2, 1)


def test_conform_of_a_part_leaves_the_rest():
    mask = Mask(np.full((2, 3), 1, np.int32))
    mask[1:3, 0:1].conformMaskPlanes({"SAT": 0})
    np.testing.assert_array_equal(mask.array, [[1, 2, 2], [1, 1, 1]])


def test_wrong_types():
    with pytest.raises(TypeError, match="cannot be made from ImageF"):
        Mask(ImageF(BOX))
    with pytest.raises(TypeError, match="no Mask of int64 pixels; types are int32"):
        makeMaskFromArray(np.zeros((2, 2), np.int64))
    assert makeMaskFromArray(None) is None
    array = np.zeros((2, 2), np.int32)
    assert makeMaskFromArray(array).array is array


def test_text(capsys):
    mask = Mask(2, 1, planeDefs={"B": 1, "A": 0})
    assert "maskPlaneDict={'A': 0, 'B': 1}" in str(mask)
    mask.printMaskPlanes()
    assert capsys.readouterr().out == "Plane 0 -> A\nPlane 1 -> B\n"


@settings(deadline=None, max_examples=40)
@given(st.permutations(range(11)), st.integers(0, 2**32 - 1))
def test_conform_any_order(order, seed):
    """Every plane keeps its pixels wherever its bit was."""
    names = sorted(STANDARD)
    planes = dict(zip(names, order, strict=True))
    pixels = np.random.default_rng(seed).integers(0, 1 << 11, (3, 4)).astype(np.int32)
    mask = Mask(pixels, deep=True)
    mask.conformMaskPlanes(planes)
    for name in names:
        np.testing.assert_array_equal((mask.array >> STANDARD[name]) & 1, (pixels >> planes[name]) & 1)


def test_a_plane_that_exists_goes_into_masks_that_lack_it():
    own = make_mask(planeDefs={"MINE": 20})
    taken = make_mask(planeDefs={"OTHER": 3})
    assert Mask.addMaskPlane("CR") == 3
    assert own.getMaskPlaneDict() == {"CR": 3, "MINE": 20}
    assert taken.getMaskPlaneDict() == {"OTHER": 3}


def test_a_plane_that_exists_is_found_when_all_bits_are_taken():
    for bit in range(len(STANDARD), 32):
        Mask.addMaskPlane(f"PLANE{bit}")
    assert Mask.addMaskPlane("CR") == 3
    with pytest.raises(PexRuntimeError, match="all 32 mask planes"):
        Mask.addMaskPlane("ONE_TOO_MANY")


def test_removing_a_plane_from_one_mask_leaves_its_copies_alone():
    mask = make_mask(planeDefs={"CR": 3, "MINE": 20})
    part = mask[Box2I(mask.getXY0(), Extent2I(1, 1))]
    mask.removeAndClearMaskPlane("CR")
    assert mask.getMaskPlaneDict() == {"MINE": 20}
    assert part.getMaskPlaneDict() == {"CR": 3, "MINE": 20}
