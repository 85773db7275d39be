"""Arguments by the names that overloads in the stack have."""

import pytest

from lsst.afw.fits import CompressionOptions, MemFileManager, readMetadata
from lsst.afw.image import (
    DecoratedImageF,
    ExposureF,
    ExposureFitsReader,
    ExposureInfo,
    ImageF,
    ImageFitsReader,
    Mask,
    MaskedImageF,
    MaskedImageFitsReader,
    MaskFitsReader,
    X,
)
from lsst.daf.base import PropertyList
from lsst.geom import Extent2I, Point2I


@pytest.mark.parametrize(
    ("cls", "reader"),
    [
        (ImageF, ImageFitsReader),
        (Mask, MaskFitsReader),
        (MaskedImageF, MaskedImageFitsReader),
        (ExposureF, ExposureFitsReader),
    ],
)
def test_files(tmp_path, cls, reader):
    obj = cls(Extent2I(3, 2))
    manager = MemFileManager()
    obj.writeFits(manager=manager)
    assert reader(manager=manager).read().getDimensions() == Extent2I(3, 2)
    assert cls.readFits(manager=manager).getDimensions() == Extent2I(3, 2)
    assert cls(manager=manager).getDimensions() == Extent2I(3, 2)
    path = str(tmp_path / "file.fits")
    obj.writeFits(filename=path)
    assert cls.readFits(filename=path).getDimensions() == Extent2I(3, 2)
    assert reader(fileName=path).fileName == path


@pytest.mark.parametrize("obj", [ImageF(2, 2), MaskedImageF(2, 2), ExposureF(2, 2)])
def test_origin(obj):
    obj.setXY0(y0=4, x0=3)
    assert obj.getXY0() == Point2I(3, 4)
    obj.setXY0(xy0=Point2I(5, 6))
    assert obj.getXY0() == Point2I(5, 6)
    assert obj.indexToPosition(2, X) == 7.0


def test_positions():
    image = ImageF(4, 4)
    image.setXY0(5, 6)
    assert image.indexToPosition(index=2, xOrY=X) == 7.0
    assert image.positionToIndex(position=7.25, xOrY=X) == (2, 0.25)


def test_decorated_image_with_compression(tmp_path):
    path = str(tmp_path / "file.fits")
    image = DecoratedImageF(Extent2I(3, 2))
    cards = PropertyList()
    cards.set("KEY", 1)
    image.writeFits(path, CompressionOptions(), cards)
    assert readMetadata(path)["ZCMPTYPE"] == "GZIP_2"
    assert DecoratedImageF(path).getMetadata()["KEY"] == 1
    image.writeFits(path, cards, "a")
    assert DecoratedImageF(path, 2).getMetadata()["KEY"] == 1


def test_ids_have_64_bits():
    info = ExposureInfo()
    info.setId(-(1 << 63))
    assert info.id == -(1 << 63)
    with pytest.raises(TypeError, match="64 bits"):
        info.setId(1 << 63)
