"""Thresholds, and the regions found with them on images with an origin."""

import numpy as np
import pytest
from exposures import make_masked_image

import lsst.afw.detection
from lsst.afw.detection import FootprintSet, Threshold, createThreshold
from lsst.afw.image import ImageI
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pex.exceptions import InvalidParameterError

XY0 = (-7, 40)


@pytest.fixture
def masked_image():
    image = np.zeros((12, 20), dtype=np.float32)
    image[3, 4:7] = 5.0
    image[4, 7] = 9.0
    image[9, 15] = -6.0
    return make_masked_image(image, variance=np.full(image.shape, 4.0), xy0=XY0)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("value", Threshold.VALUE),
        ("bitmask", Threshold.BITMASK),
        ("stdev", Threshold.STDEV),
        ("sigma", Threshold.STDEV),
        ("variance", Threshold.VARIANCE),
        ("pixel_stdev", Threshold.PIXEL_STDEV),
    ],
)
def test_threshold_by_name(name, kind):
    threshold = createThreshold(3.0, name, False)
    assert threshold.getType() is kind
    assert not threshold.getPolarity()
    assert Threshold.parseTypeString(Threshold.getTypeString(kind)) is kind


def test_unknown_threshold_type_is_refused():
    with pytest.raises(InvalidParameterError, match="Unsupported threshold type 'median'; expected one of"):
        createThreshold(3.0, "median")


def test_value_of_relative_thresholds():
    assert createThreshold(3.0, "value").getValue(17.0) == 3.0
    assert createThreshold(3.0, "stdev").getValue(2.0) == 6.0
    assert createThreshold(3.0, "variance").getValue(4.0) == 6.0
    with pytest.raises(InvalidParameterError, match=r"needs a positive variance, got -1\.0"):
        createThreshold(3.0, "variance").getValue()


def test_value_of_relative_threshold_measured_on_an_image(masked_image):
    """Outliers are clipped from the noise."""
    for kind in ("stdev", "variance"):
        with pytest.raises(InvalidParameterError, match="with more than one distinct good pixel"):
            createThreshold(2.0, kind).getValue(masked_image.image)
    noise = np.random.default_rng(3).normal(0, 2.0, masked_image.image.array.shape)
    masked_image.image.array[:] = noise
    plain = createThreshold(2.0, "stdev").getValue(masked_image.image)
    assert plain == pytest.approx(2.0 * noise.std(ddof=1), rel=0.1)
    masked_image.image.array[5, 5:8] = 4000.0
    for kind in ("stdev", "variance"):
        for image in (masked_image, masked_image.image):
            assert createThreshold(2.0, kind).getValue(image) == pytest.approx(plain, rel=0.1)


def test_touching_corners_are_one_footprint(masked_image):
    footprints = FootprintSet(masked_image, Threshold(4.0))
    assert len(footprints) == 1
    assert footprints.getRegion() == masked_image.getBBox()
    footprints.setMask(masked_image.mask, "DETECTED")
    bit = masked_image.mask.getPlaneBitMask("DETECTED")
    assert np.count_nonzero(masked_image.mask.array == bit) == 4


def test_negative_polarity_and_plane_of_searched_image(masked_image):
    footprints = FootprintSet(masked_image, Threshold(4.0, polarity=False), "DETECTED_NEGATIVE")
    assert len(footprints) == 1
    assert masked_image.mask.array[9, 15] == masked_image.mask.getPlaneBitMask("DETECTED_NEGATIVE")


def test_threshold_by_variance_of_each_pixel(masked_image):
    assert len(FootprintSet(masked_image, Threshold(2.5, Threshold.PIXEL_STDEV))) == 1
    masked_image.variance.array[3:5] = 100.0
    assert len(FootprintSet(masked_image, Threshold(2.5, Threshold.PIXEL_STDEV))) == 0


def test_footprint_below_the_include_multiplier_is_dropped(masked_image):
    masked_image.image.array[8, 1] = 5.0
    assert len(FootprintSet(masked_image, Threshold(4.0))) == 2
    assert len(FootprintSet(masked_image, Threshold(4.0, includeMultiplier=2.0))) == 1


def test_bits_of_a_mask(masked_image):
    mask = masked_image.mask
    mask.array[2:4, 3:5] |= mask.getPlaneBitMask("SAT")
    threshold = Threshold(mask.getPlaneBitMask(["SAT", "BAD"]), Threshold.BITMASK)
    assert len(FootprintSet(mask, threshold, "", 4)) == 1
    assert len(FootprintSet(mask, threshold, "", 5)) == 0
    assert len(FootprintSet(mask, threshold, 4)) == 1
    assert len(FootprintSet(mask, threshold, 5)) == 0
    level = Threshold(mask.getPlaneBitMask("SAT"))
    assert len(FootprintSet(mask, level)) == 1
    assert len(FootprintSet(mask, Threshold(level.getValue() + 1))) == 0
    for kind in (Threshold.STDEV, Threshold.PIXEL_STDEV):
        with pytest.raises(InvalidParameterError, match=f"type {kind.name} cannot search a Mask"):
            FootprintSet(mask, Threshold(1.0, kind))


def test_bits_of_an_image_are_a_level():
    image = ImageI(np.array([[0, 1, 6, 0, 4]], dtype=np.int32))
    assert len(FootprintSet(image, Threshold(2, Threshold.BITMASK))) == 2
    assert len(FootprintSet(image, Threshold(2, Threshold.BITMASK), 2)) == 0
    assert len(FootprintSet(image, Threshold(1), 2)) == 1


def test_plane_of_a_search_is_added(masked_image):
    FootprintSet(masked_image, Threshold(4.0), "GLOW")
    assert masked_image.mask.array[4, 7] == masked_image.mask.getPlaneBitMask("GLOW")
    with pytest.raises(InvalidParameterError, match="Only a MaskedImage has a plane to set, by its name"):
        FootprintSet(masked_image.image, Threshold(4.0), "GLOW")
    with pytest.raises(InvalidParameterError, match="planeName=2"):
        FootprintSet(masked_image, Threshold(4.0), 2)
    with pytest.raises(TypeError, match="must be Threshold, got NoneType"):
        FootprintSet(masked_image)


def test_sets_without_regions_and_copies(masked_image):
    empty = FootprintSet(masked_image.getBBox())
    assert (len(empty), empty.getRegion()) == (0, masked_image.getBBox())
    footprints = FootprintSet(masked_image, Threshold(4.0))
    copy = FootprintSet(footprints)
    copy.setRegion(Box2I(Point2I(0, 0), Extent2I(1, 1)))
    assert (len(copy), len(footprints)) == (0, 1)
    assert repr(footprints).startswith("<FootprintSet of 1 regions in ")


def test_growth_ends_at_the_region_and_mask_may_be_part_of_it(masked_image):
    footprints = FootprintSet(masked_image, Threshold(4.0))
    region = Box2I(Point2I(XY0[0] - 5, XY0[1] - 5), Extent2I(40, 30))
    footprints.setRegion(region)
    grown = FootprintSet(footprints, 4)
    assert grown.getRegion() == region
    whole = make_masked_image(np.zeros((30, 40)), xy0=(XY0[0] - 5, XY0[1] - 5))
    grown.setMask(whole.mask, "DETECTED")
    grown.setMask(masked_image.mask, "DETECTED")
    np.testing.assert_array_equal(whole.mask.array[5:17, 5:25], masked_image.mask.array)
    assert (whole.mask.array[4] != 0).any()
    assert (whole.mask.array != 0).sum() > (masked_image.mask.array != 0).sum()
    diamond = FootprintSet(footprints, 4, False)
    diamond.setMask(whole.mask, "DETECTED_NEGATIVE")
    assert (
        0 < (whole.mask.array > whole.mask.getPlaneBitMask("DETECTED")).sum() < (whole.mask.array > 0).sum()
    )


def test_growth_by_less_than_nothing_is_refused(masked_image):
    footprints = FootprintSet(masked_image, Threshold(4.0))
    with pytest.raises(InvalidParameterError, match="0 or more; got -1"):
        FootprintSet(footprints, -1)


def test_merged_sets(masked_image):
    above = FootprintSet(masked_image, Threshold(4.0))
    below = FootprintSet(masked_image, Threshold(4.0, polarity=False))
    assert (len(above), len(below)) == (1, 1)
    above.merge(below)
    assert (len(above), len(below)) == (2, 1)
    above.setMask(masked_image.mask, "DETECTED")
    assert np.argwhere(masked_image.mask.array).tolist() == [[3, 4], [3, 5], [3, 6], [4, 7], [9, 15]]
    merged = FootprintSet(masked_image, Threshold(4.0))
    merged.merge(below, 1, 2, False)
    grown = FootprintSet(FootprintSet(masked_image, Threshold(4.0)), 1, False)
    for footprints in (grown, FootprintSet(below, 2, False)):
        footprints.setMask(masked_image.mask, "DETECTED_NEGATIVE")
    merged.setMask(masked_image.mask, "BAD")
    planes = [masked_image.mask.getPlaneBitMask(name) for name in ("DETECTED_NEGATIVE", "BAD")]
    flags = [masked_image.mask.array & plane != 0 for plane in planes]
    np.testing.assert_array_equal(*flags)
    assert flags[0].sum() == 14 + 13
    with pytest.raises(InvalidParameterError, match="must have the same region"):
        merged.merge(FootprintSet(Box2I(Point2I(0, 0), Extent2I(3, 3))))
    with pytest.raises(TypeError, match="rhs of merge"):
        merged.merge(masked_image)


def test_arguments_by_name(masked_image):
    footprints = FootprintSet(img=masked_image, threshold=Threshold(4.0), planeName="DETECTED", npixMin=1)
    assert masked_image.mask.array.any()
    grown = FootprintSet(set=footprints, rGrow=4, isotropic=False)
    expected = FootprintSet(footprints, 4, False)
    flags = []
    for each in (grown, expected):
        masked_image.mask.array[:] = 0
        each.setMask(masked_image.mask, "DETECTED")
        flags.append(masked_image.mask.array.copy())
    np.testing.assert_array_equal(*flags)
    assert len(FootprintSet(region=masked_image.getBBox())) == 0
    assert createThreshold(3.0, type="stdev").getType() is Threshold.STDEV


def test_what_is_not_offered_says_so(masked_image):
    with pytest.raises(AttributeError, match="GaussianPsf is not part of the portable stack"):
        _ = lsst.afw.detection.GaussianPsf
    with pytest.raises(NotImplementedError, match="no Footprint objects"):
        FootprintSet(masked_image, Threshold(4.0)).getFootprints()


def test_threshold_by_variance_needs_a_masked_image(masked_image):
    with pytest.raises(InvalidParameterError, match="needs the variance plane of a MaskedImage"):
        FootprintSet(masked_image.image, Threshold(2.0, Threshold.PIXEL_STDEV))


def test_text_of_thresholds():
    """What is printed is short, what is represented has everything."""
    level = Threshold(2.5, Threshold.STDEV, False, 3.0)
    assert str(level) == "STDEV value=2.5 (negative) multiplier=3"
    assert repr(level) == "Threshold(value=2.5, type=STDEV, polarity=0, includeMultiplier=3)"
    assert str(Threshold(100.0)) == "VALUE value=100 (positive)"
