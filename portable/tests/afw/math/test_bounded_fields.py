# SPDX-License-Identifier: GPL-3.0-or-later
"""Fields within a box: values, fits, images, files and bad input."""

import itertools
import pickle

import numpy as np
import pytest

from lsst.afw import math as afw_math
from lsst.afw.fits import FitsError
from lsst.afw.image import ImageD, ImageF, Mask, MaskedImageF
from lsst.afw.math import (
    BoundedField,
    ChebyshevBoundedField,
    ChebyshevBoundedFieldConfig,
    ChebyshevBoundedFieldControl,
    ProductBoundedField,
)
from lsst.geom import Box2I, Extent2I, Point2D, Point2I
from lsst.pex.exceptions import InvalidParameterError, LengthError, LogicError, RuntimeError

BOX = Box2I(Point2I(-4, 10), Extent2I(13, 9))
PART = Box2I(Point2I(0, 12), Extent2I(3, 4))
TERMS = [
    (order_x, order_y, triangular)
    for order_x, order_y, triangular in itertools.product(range(4), range(3), (False, True))
]


def make_field(order_x=3, order_y=2, triangular=False, box=BOX):
    control = ChebyshevBoundedFieldControl(order_x, order_y, triangular)
    coefficients = np.random.default_rng(7).normal(size=(order_y + 1, order_x + 1))
    return ChebyshevBoundedField(box, np.where(control.terms(), coefficients, 0.0)), control


def positions(count=60):
    rng = np.random.default_rng(3)
    return rng.uniform(-4.5, 8.5, count), rng.uniform(9.5, 18.5, count)


@pytest.mark.parametrize(("order_x", "order_y", "triangular"), TERMS)
def test_values(order_x, order_y, triangular):
    field, _ = make_field(order_x, order_y, triangular)
    x, y = positions()
    across, up = np.arccos((x - 2.0) / 6.5), np.arccos((y - 14.0) / 4.5)
    expected = sum(
        field.getCoefficients()[j, i] * np.cos(j * up) * np.cos(i * across)
        for j in range(order_y + 1)
        for i in range(order_x + 1)
    )
    np.testing.assert_allclose(field.evaluate(x, y), expected, atol=1e-12)
    assert field.evaluate(x[0], y[0]) == field.evaluate(Point2D(x[0], y[0])) == field.evaluate(x, y)[0]
    assert isinstance(field.evaluate(x[0], y[0]), float)


@pytest.mark.parametrize(("order_x", "order_y", "triangular"), TERMS)
def test_fits_return_the_coefficients(order_x, order_y, triangular):
    field, control = make_field(order_x, order_y, triangular)
    x, y = positions()
    z = field.evaluate(x, y)
    weights = np.random.default_rng(1).uniform(0.5, 2.0, len(x))
    for kind, tolerance in ((ImageF, 1e-6), (ImageD, 1e-12)):
        image = kind(BOX)
        field.fillImage(image)
        fitted = ChebyshevBoundedField.fit(image, control)
        np.testing.assert_allclose(fitted.getCoefficients(), field.getCoefficients(), atol=tolerance)
    for fitted in (
        ChebyshevBoundedField.fit(BOX, x, y, z, control),
        ChebyshevBoundedField.fit(BOX, x, y, z, weights, control),
    ):
        np.testing.assert_allclose(fitted.getCoefficients(), field.getCoefficients(), atol=1e-11)
    matrix = ChebyshevBoundedField.makeFitMatrix(BOX, x, y, control)
    assert matrix.shape == (60, control.computeSize())
    np.testing.assert_allclose(matrix @ field.getCoefficients()[control.terms()], z, atol=1e-12)


def test_weights_multiply_both_sides():
    control = ChebyshevBoundedFieldControl(0, 0)
    z, weights = np.array([1.0, 4.0]), np.array([1.0, 2.0])
    fitted = ChebyshevBoundedField.fit(BOX, np.zeros(2), np.full(2, 12.0), z, weights, control)
    assert fitted.mean() == pytest.approx((1.0 + 4.0 * 4.0) / 5.0)


def test_terms():
    assert ChebyshevBoundedFieldControl() == ChebyshevBoundedFieldControl(5, 5, True)
    assert [ChebyshevBoundedFieldControl(3, 1, flag).computeSize() for flag in (True, False)] == [7, 8]
    config = ChebyshevBoundedField.ConfigClass()
    assert isinstance(config, ChebyshevBoundedFieldConfig)
    control = ChebyshevBoundedField.Control(3, 1, False)
    config.readControl(control)
    assert (config.makeControl(), config.computeSize()) == (control, 8)


def test_fewer_terms():
    field, control = make_field()
    assert field.truncate(control) == field
    shorter = field.truncate(ChebyshevBoundedFieldControl(2, 1, triangular=True))
    expected = field.getCoefficients()[:2, :3]
    expected[1, 2] = 0.0
    np.testing.assert_array_equal(shorter.getCoefficients(), expected)
    with pytest.raises(LengthError, match="orders 3 and 2 cannot be truncated to 3 and 3"):
        field.truncate(ChebyshevBoundedFieldControl(3, 3))


def test_mean_and_integral():
    field, _ = make_field()
    fine = np.linspace(-6.5, 6.5, 2001) + 2.0, np.linspace(-4.5, 4.5, 2001) + 14.0
    x, y = (0.5 * (edges[1:] + edges[:-1]) for edges in fine)
    mean = field.evaluate(*(each.ravel() for each in np.meshgrid(x, y))).mean()
    assert field.mean() == pytest.approx(mean, abs=1e-5)
    assert field.integrate() == pytest.approx(field.mean() * 13 * 9)
    assert ChebyshevBoundedField(BOX, [[5.0, 9.0, 3.0]]).mean() == 4.0
    for refused in (ProductBoundedField([field]).mean, ProductBoundedField([field]).integrate):
        with pytest.raises(LogicError, match="of a ProductBoundedField is not known"):
            refused()


def test_scaling_and_equality():
    field, _ = make_field()
    for scaled in (field * 2.5, 2.5 * field, field / 0.4):
        np.testing.assert_array_equal(scaled.getCoefficients(), field.getCoefficients() * 2.5)
    product = ProductBoundedField([field, make_field(1, 1)[0]])
    assert (product * 2.5).evaluate(1.0, 12.0) == pytest.approx(2.5 * product.evaluate(1.0, 12.0))
    assert product == ProductBoundedField([make_field()[0], make_field(1, 1)[0]])
    assert product != ProductBoundedField([field])
    for other in (
        field * 2,
        ChebyshevBoundedField(PART, field.getCoefficients()),
        make_field(2, 2)[0],
        product,
        3.0,
    ):
        assert field != other
    assert ChebyshevBoundedField(BOX, [[1.0, 0.0]]) != ChebyshevBoundedField(BOX, [[1.0], [0.0]])
    with pytest.raises(TypeError):
        field * field


def test_product():
    factors = [make_field()[0], make_field(1, 2)[0], make_field(0, 0)[0]]
    product = ProductBoundedField(factors)
    x, y = positions()
    values = [factor.evaluate(x, y) for factor in factors]
    np.testing.assert_allclose(product.evaluate(x, y), values[0] * values[1] * values[2])
    with pytest.raises(LengthError, match="a factor or more"):
        ProductBoundedField([])
    with pytest.raises(InvalidParameterError, match="different boxes"):
        ProductBoundedField([factors[0], make_field(box=PART)[0]])


def test_images():
    field, _ = make_field()
    values = ImageD(BOX)
    field.fillImage(values)
    assert values[Point2I(3, 15)] == pytest.approx(field.evaluate(3, 15))
    pixels = np.random.default_rng(0).uniform(1, 2, (9, 13)).astype(np.float32)
    for method, arguments, expected in (
        ("addToImage", {"scaleBy": 3.0}, pixels + 3.0 * values.array),
        ("multiplyImage", {}, pixels * values.array),
        ("divideImage", {}, pixels / values.array),
    ):
        image = ImageF(pixels, True, Point2I(-4, 10))
        getattr(field, method)(image, **arguments)
        np.testing.assert_allclose(image.array, expected, rtol=1e-6, atol=1e-6)
        if method != "addToImage":
            masked = MaskedImageF(ImageF(pixels, True, Point2I(-4, 10)))
            masked.variance.array[:] = 2.0
            getattr(field, method)(masked)
            np.testing.assert_array_equal(masked.image.array, image.array)
            factor = values.array if method == "multiplyImage" else 1.0 / values.array
            np.testing.assert_allclose(masked.variance.array, 2.0 * factor**2, rtol=1e-6)
    with pytest.raises(TypeError, match="image of fillImage must be Image, got MaskX"):
        field.fillImage(Mask(BOX))


def test_images_of_another_box():
    field, _ = make_field()
    whole = ImageF(BOX, 1.0)
    with pytest.raises(RuntimeError, match="use overlapOnly=True"):
        field.multiplyImage(whole[PART])
    field.multiplyImage(whole[PART], overlapOnly=True)
    changed = np.argwhere(whole.array != 1.0)
    assert changed.min(axis=0).tolist() == [2, 4]
    assert changed.max(axis=0).tolist() == [5, 6]
    other = ImageF(BOX, 1.0)
    make_field(box=PART)[0].multiplyImage(other, overlapOnly=True)
    assert ((other.array != 1.0) == (whole.array != 1.0)).all()
    off = ImageF(Box2I(Point2I(100, 100), Extent2I(3, 3)), 1.0)
    field.fillImage(off, overlapOnly=True)
    assert (off.array == 1.0).all()


@pytest.mark.parametrize(("x_step", "y_step"), [(3, 1), (1, 4), (5, 7), (400, 400)])
def test_interpolated_images(x_step, y_step):
    box = Box2I(Point2I(20, -30), Extent2I(121, 86))
    plane = ChebyshevBoundedField(box, [[1.0, 0.5], [-0.25, 0.0]])
    exact, interpolated = ImageD(box), ImageD(box)
    plane.fillImage(exact)
    plane.fillImage(interpolated, xStep=x_step, yStep=y_step)
    np.testing.assert_allclose(interpolated.array, exact.array, rtol=1e-12)
    curved = make_field(box=box)[0]
    curved.fillImage(exact)
    curved.fillImage(interpolated, xStep=x_step, yStep=y_step)
    np.testing.assert_array_equal(interpolated.array[::y_step, ::x_step], exact.array[::y_step, ::x_step])
    assert (interpolated.array != exact.array).any()
    with pytest.raises(InvalidParameterError, match="1 or more, got 0"):
        plane.fillImage(exact, xStep=0)


def test_approximation_of_another_field():
    product = ProductBoundedField([make_field(1, 1)[0], make_field(2, 1)[0]])
    close = ChebyshevBoundedField.approximate(product, orderX=3, orderY=2, nStepX=20, nStepY=10)
    x, y = positions()
    np.testing.assert_allclose(close.evaluate(x, y), product.evaluate(x, y), atol=1e-12)


def test_files(tmp_path):
    path = tmp_path / "field.fits"
    for field in (
        make_field()[0],
        ChebyshevBoundedField(Box2I(), [[1.0, 2.0], [3.0, 4.0]]),
        ProductBoundedField([make_field()[0], make_field(0, 1)[0]]),
    ):
        field.writeFits(path)
        again = type(field).readFits(path)
        assert again == field
        assert again.getBBox() == field.getBBox()
        assert BoundedField.readFits(path) == field
        assert pickle.loads(pickle.dumps(field)) == field


def test_damaged_file(tmp_path):
    fits = pytest.importorskip("astropy.io.fits")
    make_field()[0].writeFits(tmp_path / "field.fits")
    with fits.open(tmp_path / "field.fits") as hdus:
        hdus[2].data["order_x"] = 4
        hdus.writeto(tmp_path / "damaged.fits")
    with pytest.raises(FitsError, match=r"damaged.*12 coefficients, which is no multiple of 5"):
        ChebyshevBoundedField.readFits(tmp_path / "damaged.fits")


def test_bad_input():
    field, control = make_field()
    for coefficients in ([1.0, 2.0], np.zeros((0, 2))):
        with pytest.raises(InvalidParameterError, match=r"must be an array \(ny, nx\)"):
            ChebyshevBoundedField(BOX, coefficients)
    with pytest.raises(InvalidParameterError, match="Shapes of x and y differ"):
        field.evaluate(np.zeros(3), np.zeros(2))
    with pytest.raises(TypeError, match="x and y, or a Point2D"):
        field.evaluate(3.0)
    with pytest.raises(TypeError, match="fit takes"):
        ChebyshevBoundedField.fit(BOX, control, 3)
    with pytest.raises(TypeError, match="control of ChebyshevBoundedField"):
        ChebyshevBoundedField.fit(ImageF(BOX), 3)


def test_text():
    field, _ = make_field()
    assert str(field) == "ChebyshevBoundedField ((3,4) coefficients in y,x)"
    assert repr(field) == f"BoundedField({field})"
    assert str(ProductBoundedField([field])) == f"ProductBoundedField([{field}, ])"
    assert "ChebyshevBoundedField" in afw_math.__all__
