"""Colours of objects."""

import math

import pytest

from lsst.afw.image import Color


def test_color():
    color = Color(colorValue=0.75, colorType="r-i")
    assert (color.getColorValue(), color.getColorType()) == (0.75, "r-i")
    assert not color.isIndeterminate()
    assert color == Color(0.75, "r-i")
    assert color != Color(0.75, "g-i")
    assert color != Color(0.5, "r-i")
    assert color != 0.75


def test_no_color():
    color = Color()
    assert color.isIndeterminate()
    assert math.isnan(color.getColorValue())
    assert color == Color()
    assert color != Color(math.nan, "")


@pytest.mark.parametrize("arguments", [(0.5,), (None, "g-r"), ("0.5", "g-r"), (0.5, 3)])
def test_wrong_arguments(arguments):
    with pytest.raises(TypeError, match="needs a number and a type"):
        Color(*arguments)
