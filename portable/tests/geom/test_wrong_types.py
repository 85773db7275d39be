"""What is of the wrong type is a TypeError, whichever method gets it."""

import inspect

import pytest

from lsst import geom
from lsst.geom import (
    AffineTransform,
    Angle,
    Box2D,
    Box2I,
    Extent2D,
    Extent2I,
    IntervalD,
    IntervalI,
    LinearTransform,
    Point2D,
    Point2I,
    SpherePoint,
    degrees,
)

OBJECTS = (
    Angle(1.0),
    Box2I(Point2I(0, 0), Extent2I(3, 4)),
    Box2D(Point2D(0, 0), Extent2D(3, 4)),
    Point2I(1, 2),
    Point2D(1, 2),
    Extent2I(1, 2),
    Extent2D(1, 2),
    IntervalI(min=0, max=3),
    IntervalD(min=0, max=3),
    SpherePoint(10, 20, degrees),
    LinearTransform(),
    AffineTransform(),
)


def calls() -> list:
    """Every public method of every class with an argument for each parameter, all of a type none takes."""
    found = []
    nothing = object()
    for instance in OBJECTS:
        for name, method in inspect.getmembers(instance, callable):
            if name.startswith("_") or inspect.isclass(method):
                continue
            needed = [
                p
                for p in inspect.signature(method).parameters.values()
                if p.kind in (p.POSITIONAL_OR_KEYWORD, p.VAR_POSITIONAL) and p.name != "dtype"
            ]
            if needed:
                found += [
                    pytest.param(
                        method,
                        len(needed),
                        wrong,
                        id=f"{type(instance).__name__}.{name}-{type(wrong).__name__}",
                    )
                    for wrong in ("text", None, nothing)
                ]
    return found


@pytest.mark.parametrize(("method", "count", "wrong"), calls())
def test_methods(method, count, wrong):
    with pytest.raises(TypeError):
        method(*[wrong] * count)


@pytest.mark.parametrize("cls", [type(instance) for instance in OBJECTS])
@pytest.mark.parametrize("wrong", ["text", object(), {1: 2}])
def test_constructors(cls, wrong):
    with pytest.raises(TypeError):
        cls(wrong)


@pytest.mark.parametrize(
    "function", [geom.floor, geom.ceil, geom.truncate, geom.all, geom.any, geom.degToRad]
)
@pytest.mark.parametrize("wrong", ["text", None, {}])
def test_functions(function, wrong):
    with pytest.raises(TypeError):
        function(wrong)
