"""What users of the stack type every day: masks."""

import numpy as np
import pytest

import lsst.afw.image as afwImage
import lsst.geom as geom
import lsst.pex.exceptions as pexExceptions
from lsst.daf.base import PropertyList

BBOX = geom.Box2I(geom.Point2I(10, 20), geom.Extent2I(8, 6))


@pytest.fixture
def mask():
    mask = afwImage.Mask(BBOX)
    mask.array[2, 3] |= mask.getPlaneBitMask("SAT")
    mask.array[1, 1] |= mask.getPlaneBitMask(["BAD", "CR"])
    return mask


def test_which_pixels_are_bad(mask):
    bad = (mask.array & mask.getPlaneBitMask(["SAT", "BAD"])) != 0
    assert bad.sum() == 2
    assert mask.getPlaneBitMask("CR") == 1 << mask.getMaskPlane("CR") == 1 << mask.getMaskPlaneDict()["CR"]
    assert mask[13, 22] == afwImage.Mask.getPlaneBitMask("SAT")
    assert mask.getAsString(1, 1) == "BAD,CR"
    assert mask.interpret(mask.getPlaneBitMask("EDGE")) == "EDGE"


def test_flag_pixels(mask):
    mask.addMaskPlane("MINE")
    assert "MINE" in mask.getMaskPlaneDict()
    mask.array[mask.array > 0] |= mask.getPlaneBitMask("MINE")
    mask[geom.Box2I(geom.Point2I(10, 20), geom.Extent2I(2, 1))].array |= mask.getPlaneBitMask("MINE")
    assert ((mask.array & mask.getPlaneBitMask("MINE")) > 0).sum() == 4
    mask.clearMaskPlane(mask.getMaskPlane("SAT"))
    assert not (mask.array & mask.getPlaneBitMask("SAT")).any()
    mask.removeAndClearMaskPlane("MINE", True)
    assert "MINE" not in afwImage.Mask(1, 1).getMaskPlaneDict()
    mask.clearAllMaskPlanes()
    assert not mask.array.any()


def test_operators(mask):
    other = afwImage.Mask(BBOX, 4)
    other |= mask
    other &= 5
    other ^= 1
    np.testing.assert_array_equal(other.array, ((mask.array | 4) & 5) ^ 1)
    mask |= 2
    assert (mask.array & 2).all()
    with pytest.raises(pexExceptions.RuntimeError, match="conformMaskPlanes"):
        mask |= afwImage.Mask(BBOX, {"ALIEN": 3})


def test_planes_of_the_class():
    used = afwImage.Mask.getNumPlanesUsed()
    assert afwImage.Mask.addMaskPlane("FRESH") == afwImage.Mask.getMaskPlane("FRESH")
    assert afwImage.Mask.getNumPlanesUsed() == used + 1
    assert afwImage.Mask.getNumPlanesMax() == 32
    afwImage.Mask.removeMaskPlane("FRESH")
    for call in (afwImage.Mask.getPlaneBitMask, afwImage.Mask.getMaskPlane, afwImage.Mask.removeMaskPlane):
        with pytest.raises(pexExceptions.InvalidParameterError, match="FRESH"):
            call("FRESH")


def test_planes_in_headers():
    header = PropertyList()
    header["MP_OLD"] = 30
    afwImage.Mask.addMaskPlanesToMetadata(header)
    assert "MP_OLD" not in header
    assert afwImage.Mask.parseMaskPlaneMetadata(header) == afwImage.Mask(1, 1).getMaskPlaneDict()
    header["MP_TWICE"] = header["MP_SAT"]
    with pytest.raises(pexExceptions.RuntimeError, match="SAT and TWICE of a header have the same bit"):
        afwImage.Mask.parseMaskPlaneMetadata(header)


def test_mask_of_a_mask(mask):
    assert np.shares_memory(mask[BBOX].array, mask.array)
    assert afwImage.MaskX is afwImage.Mask["X"]
    assert isinstance(mask, afwImage.Mask)
    assert afwImage.Mask(3, 4, {"X": 1}).getMaskPlaneDict() == {"X": 1}
