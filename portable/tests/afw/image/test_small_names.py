# SPDX-License-Identifier: GPL-3.0-or-later
"""Slices, defects and AB magnitudes."""

import numpy as np
import pytest

from lsst.afw.image import (
    DefectBase,
    ImageD,
    ImageF,
    ImageSliceD,
    ImageSliceF,
    abMagErrFromFluxErr,
    abMagFromFlux,
    fluxErrFromABMagErr,
    fluxFromABMag,
)
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pex.exceptions import InvalidParameterError, LengthError, OutOfRangeError

PIXELS = np.arange(1, 7, dtype="f4").reshape(2, 3)


def row(cls=ImageSliceF, image=ImageF):
    return cls(image(np.array([[1, 2, 4]], image._pixel_type), True))


def column():
    return ImageSliceF(ImageF(np.array([[1], [2]], "f4"), True))


class TestSlices:
    @pytest.mark.parametrize("piece", [row(), column()])
    def test_operators(self, piece):
        image = ImageF(PIXELS, True, Point2I(5, 6))
        for result, expected in (
            (image + piece, PIXELS + piece.array),
            (piece + image, PIXELS + piece.array),
            (image - piece, PIXELS - piece.array),
            (image * piece, PIXELS * piece.array),
            (piece * image, PIXELS * piece.array),
            (image / piece, PIXELS / piece.array),
        ):
            assert type(result) is ImageF
            assert result.getXY0() == Point2I(5, 6)
            np.testing.assert_array_equal(result.array, expected)
        np.testing.assert_array_equal(image.array, PIXELS)

    @pytest.mark.parametrize("piece", [row(), column()])
    def test_in_place(self, piece):
        image = ImageF(PIXELS, True)
        image += piece
        image *= piece
        image -= piece
        image /= piece
        assert type(image) is ImageF
        expected = ((PIXELS + piece.array) * piece.array - piece.array) / piece.array
        np.testing.assert_array_equal(image.array, expected)

    def test_a_slice_is_an_image(self):
        piece = row(ImageSliceD, ImageD)
        assert isinstance(piece, ImageD)
        piece += ImageD(np.array([[1.0, 1.0, 1.0]]))
        piece *= 2.0
        assert type(piece) is ImageSliceD
        assert piece.array.tolist() == [[4, 6, 10]]
        assert type(piece.clone()) is ImageD
        part = piece[1:3, 0:1]
        assert type(part) is ImageD
        part.array[:] = 0
        assert piece.array.tolist() == [[4, 0, 0]]

    def test_pixels_are_shared(self):
        image = ImageF(PIXELS, True)
        piece = ImageSliceF(img=image[0:3, 1:2])
        assert piece.getXY0() == Point2I(0, 1)
        image += 1
        assert piece.array.tolist() == [[5, 6, 7]]

    def test_type(self):
        assert row().getImageSliceType() == ImageSliceF.ROW == ImageSliceF.ImageSliceType.ROW
        assert column().getImageSliceType() == ImageSliceF.COLUMN

    def test_shapes(self):
        with pytest.raises(OutOfRangeError, match="3x2"):
            ImageSliceF(ImageF(PIXELS))
        with pytest.raises(InvalidParameterError, match="use its number"):
            ImageSliceF(ImageF(1, 1))
        with pytest.raises(LengthError, match="3 pixels does not fit an image of 2"):
            ImageF(2, 2) + row()
        with pytest.raises(LengthError):
            row().__iadd__(ImageF(PIXELS))

    def test_types(self):
        with pytest.raises(TypeError, match="expected ImageF"):
            ImageSliceF(ImageD(3, 1))
        with pytest.raises((TypeError, NotImplementedError)):
            ImageD(3, 2) + row()
        with pytest.raises(TypeError):
            row() + 1
        with pytest.raises(TypeError, match="cannot be combined"):
            ImageD(3, 2).__iadd__(row())


class TestDefects:
    def test_box(self):
        box = Box2I(Point2I(2, 3), Extent2I(4, 5))
        defect = DefectBase(box)
        assert (defect.getX0(), defect.getX1(), defect.getY0(), defect.getY1()) == (2, 5, 3, 7)
        defect.shift(1, -1)
        defect.shift(dx=1, dy=0)
        defect.shift(Extent2I(0, 2))
        assert defect.getBBox() == Box2I(Point2I(4, 4), Extent2I(4, 5))
        defect.clip(Box2I(Point2I(0, 0), Extent2I(6, 6)))
        assert defect.getBBox() == Box2I(Point2I(4, 4), Point2I(5, 5))
        assert box == Box2I(Point2I(2, 3), Extent2I(4, 5))

    def test_types(self):
        with pytest.raises(TypeError, match="Box2I"):
            DefectBase(Point2I(2, 3))
        for args in ((1,), (1, 2, 3), ()):
            with pytest.raises(TypeError):
                DefectBase(Box2I()).shift(*args)


class TestMagnitudes:
    def test_numbers(self):
        assert abMagFromFlux(3631.0) == 0
        assert abMagFromFlux(flux=36.31) == pytest.approx(5, rel=1e-15)
        assert fluxFromABMag(mag=5) == pytest.approx(36.31, rel=1e-15)
        assert abMagErrFromFluxErr(fluxErr=1.0, flux=100.0) == pytest.approx(0.010857362047581295, rel=1e-14)
        assert fluxErrFromABMagErr(magErr=0.1, mag=0.0) == pytest.approx(334.42745890645535, rel=1e-14)
        assert isinstance(abMagFromFlux(1), float)

    def test_there_and_back(self):
        mag, error = np.linspace(-3, 30, 9), np.linspace(-0.1, 0.3, 9)
        flux = fluxFromABMag(mag)
        np.testing.assert_allclose(abMagFromFlux(flux), mag, rtol=1e-14, atol=1e-14)
        back = abMagErrFromFluxErr(fluxErrFromABMagErr(error, mag), flux)
        np.testing.assert_allclose(back, np.abs(error), rtol=1e-14)

    @pytest.mark.parametrize("kind", ["f4", "f8"])
    def test_type_of_an_array(self, kind):
        assert abMagFromFlux(np.ones(3, kind)).dtype == kind
        assert abMagErrFromFluxErr(np.ones(3, kind), np.ones(3, kind)).dtype == kind

    def test_no_flux(self):
        assert abMagFromFlux(0.0) == np.inf
        assert np.isnan(abMagFromFlux(np.array([-1.0])))[0]
        assert abMagErrFromFluxErr(1.0, 0.0) == np.inf

    def test_arguments(self):
        with pytest.raises(TypeError):
            abMagFromFlux("bright")
        with pytest.raises(LengthError):
            abMagErrFromFluxErr(np.ones(3), np.ones(2))
