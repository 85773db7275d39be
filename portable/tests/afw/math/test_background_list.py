"""Lists of backgrounds: sums, list protocol, files and pickles."""

import pickle

import numpy as np
import pytest

from lsst.afw import math as afw_math
from lsst.afw.fits import FitsError
from lsst.afw.image import ImageF
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.portable.fits import FitsReader

BOX = Box2I(Point2I(5, -9), Extent2I(40, 30))


@pytest.fixture
def backgrounds():
    image = ImageF(BOX)
    image.array[:] = np.random.default_rng(2).normal(10, 1, (30, 40))
    first = afw_math.makeBackground(image, afw_math.BackgroundControl(5, 6))
    approximation = afw_math.ApproximateControl(afw_math.ApproximateControl.CHEBYSHEV, 2, 2, False)
    control = afw_math.BackgroundControl("LINEAR", 6, 7, "REDUCE_INTERP_ORDER", None, "MEDIAN", approximation)
    second = afw_math.makeBackground(image, control)
    first.getImageF("NATURAL_SPLINE", "REDUCE_INTERP_ORDER")
    second.getImageF("LINEAR", "REDUCE_INTERP_ORDER")
    return afw_math.BackgroundList(first, second)


def test_sum_of_members(backgrounds):
    expected = sum(background.getImageF(interp, under).array for background, interp, under, *_ in backgrounds)
    image = backgrounds.getImage()
    assert image.getBBox() == BOX
    np.testing.assert_allclose(image.array, expected, rtol=1e-6)
    assert afw_math.BackgroundList().getImage() is None


def test_list_protocol(backgrounds):
    assert len(backgrounds) == 2
    background, interp, under, approx, order_x, order_y, weighting = backgrounds[1]
    assert (interp, under) == (afw_math.Interpolate.LINEAR, afw_math.UndersampleStyle.REDUCE_INTERP_ORDER)
    assert (approx, order_x, order_y, weighting) == (afw_math.ApproximateControl.CHEBYSHEV, 2, 2, False)
    assert backgrounds[0][1] == afw_math.Interpolate.NATURAL_SPLINE
    copy = backgrounds.clone()
    copy.append(backgrounds[0])
    assert (len(backgrounds), len(copy)) == (2, 3)
    assert copy[0][0] is backgrounds[0][0]
    with pytest.raises(TypeError, match="A member of a BackgroundList"):
        backgrounds.append((background, interp))
    with pytest.raises(IndexError):
        backgrounds[2]


def test_styles_of_the_last_image_are_kept(backgrounds):
    single = afw_math.BackgroundList(backgrounds[0][0])
    backgrounds[0][0].getImageF("LINEAR", "THROW_EXCEPTION")
    assert single[0][1:3] == (afw_math.Interpolate.LINEAR, afw_math.UndersampleStyle.THROW_EXCEPTION)


def test_file_round_trip(backgrounds, tmp_path):
    backgrounds.writeFits(str(tmp_path / "list.fits"))
    copy = afw_math.BackgroundList.readFits(tmp_path / "list.fits")
    assert len(copy) == 2
    for (old, *old_rest), (new, *new_rest) in zip(backgrounds, copy, strict=True):
        assert old_rest == new_rest
        assert new.getImageBBox() == BOX
        for name in ("image", "mask", "variance"):
            old_plane, new_plane = (getattr(b.getStatsImage(), name).array for b in (old, new))
            np.testing.assert_array_equal(old_plane, new_plane)
    np.testing.assert_array_equal(copy.getImage().array, backgrounds.getImage().array)


def test_files_of_another_kind(backgrounds, tmp_path):
    path = tmp_path / "image.fits"
    backgrounds.getImage().writeFits(str(path))
    with pytest.raises(FitsError, match="3 for each member"):
        afw_math.BackgroundList.readFits(path)


def test_pickle(backgrounds):
    copy = pickle.loads(pickle.dumps(backgrounds))
    assert [member[1:] for member in copy] == [member[1:] for member in backgrounds]
    np.testing.assert_array_equal(copy.getImage().array, backgrounds.getImage().array)


def damaged(path, number, key, value):
    """Change a card of an HDU of a file, which keeps its length."""
    with FitsReader(path) as reader:
        hdu = reader.hdu(number)
        start, stop = hdu.header_start, hdu.data_start
    content = bytearray(path.read_bytes())
    at = content.index(key.encode(), start, stop)
    content[at : at + 80] = f"{key:8s}= {value}".encode().ljust(80)
    path.write_bytes(bytes(content))


@pytest.mark.parametrize(
    ("number", "key", "value"),
    [
        (0, "NAXIS1", "2"),
        (1, "NAXIS1", "3"),
        (2, "NAXIS2", "2"),
        (3, "BKGD_WIDTH", "50"),
        (1, "MP_BAD", "1E999"),
        (1, "MP_BAD", "'bit'"),
        (1, "MP_BAD", "99"),
    ],
)
def test_damaged_files(backgrounds, tmp_path, number, key, value):
    """What is wrong is said when the file is read, not when the image is made of it."""
    path = tmp_path / "list.fits"
    backgrounds.writeFits(str(path))
    damaged(path, number, key, value)
    with pytest.raises(FitsError, match=r"list\.fits"):
        afw_math.BackgroundList.readFits(str(path))


def test_text():
    background = afw_math.makeBackground(ImageF(20, 10, 3.0), afw_math.BackgroundControl(2, 2))
    backgrounds = afw_math.BackgroundList(background)
    assert repr(backgrounds) == "<BackgroundList of 1: [(minimum=(0, 0), maximum=(19, 9))]>"
    assert str(afw_math.BackgroundList()) == "<BackgroundList of 0: []>"


def test_names_by_which_the_stack_calls_its_arguments():
    image = ImageF(20, 10, 3.0)
    background = afw_math.makeBackground(img=image, bgCtrl=afw_math.BackgroundControl(2, 2))
    same = afw_math.BackgroundMI(imageDimensions=image.getBBox(), statsImage=background.getStatsImage())
    assert (same.getImageF(interpStyle=afw_math.Interpolate.LINEAR).array == 3.0).all()
    control = afw_math.ApproximateControl(
        style=afw_math.ApproximateControl.CHEBYSHEV, orderX=1, weighting=False
    )
    fit = afw_math.makeApproximate(
        x=[4.5, 14.5], y=[2.0, 7.0], im=background.getStatsImage(), bbox=image.getBBox(), ctrl=control
    )
    np.testing.assert_allclose(fit.getImage().array, 3.0, rtol=1e-6)
