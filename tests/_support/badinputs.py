"""Bad inputs of all kinds, and how a task ended that was given one."""

import dataclasses
import json
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import skydata

import lsst.afw.image as afwImage
import lsst.geom
from lsst.cp.sky import CpSkyError
from lsst.pex.config import FieldValidationError
from lsst.pipe.base import NoWorkFound

DOCUMENTED = (CpSkyError, NoWorkFound, FieldValidationError, TypeError, ValueError)
BAD_NUMBERS = (float("nan"), float("inf"), -float("inf"), -1.0, 0.0)


@dataclasses.dataclass
class Kind:
    """One way in which an input is bad."""

    name: str
    call: Callable[[], list[Any]]
    """Runs the task; returns arrays that have to be finite, but for NaN in cells without a good pixel."""
    inputs: list[Any] = dataclasses.field(default_factory=list)
    """What must not change where the task raises."""
    modifies: bool = False
    """Whether the first of them is modified where there is a product."""


def pixels_of(exposure, value, where=np.s_[:]):
    exposure.image.array[where] = value
    return exposure


def variance_of(exposure, value):
    exposure.variance.array[:] = value
    return exposure


def masked(exposure, plane, where=np.s_[:]):
    exposure.mask.array[where] |= exposure.mask.getPlaneBitMask(plane)
    return exposure


def part(exposure, x, y, width, height):
    return exposure[lsst.geom.Box2I(lsst.geom.Point2I(x, y), lsst.geom.Extent2I(width, height))].clone()


def structured(exposure, amplitude):
    y, x = np.mgrid[: skydata.HEIGHT, : skydata.WIDTH]
    exposure.image.array[:] += amplitude * np.sin(x / 15) * np.cos(y / 15)
    return exposure


def of_type(exposure, letter):
    other = getattr(afwImage, f"Exposure{letter}")(exposure.getBBox())
    other.image.array[:] = exposure.image.array.astype(other.image.array.dtype)
    other.variance.array[:] = exposure.variance.array
    other.setDetector(exposure.getDetector())
    return other


def exposures(camera, far) -> Iterator[tuple[str, Any]]:
    """Exposures with something wrong with them."""

    def good():
        return skydata.make_exposure(camera[0])

    for value in (float("nan"), float("inf"), -float("inf"), 0.0, -700.0, 1e38, -1e38, 1e-38, 3.4e38):
        yield f"pixels {value}", pixels_of(good(), value)
        yield f"a pixel {value}", pixels_of(good(), value, np.s_[17, 23])
        yield f"half the pixels {value}", pixels_of(good(), value, np.s_[:48])
        yield f"a column {value}", pixels_of(good(), value, np.s_[:, 40])
    for value in (float("nan"), float("inf"), 0.0, -5.0, 1e-30, 1e-4, 1e38):
        yield f"variance {value}", variance_of(good(), value)
    for plane in ("BAD", "SAT", "NO_DATA", "EDGE", "DETECTED", "DETECTED_NEGATIVE", "INTRP", "CR", "SUSPECT"):
        yield f"all {plane}", masked(good(), plane)
        yield f"all but a row {plane}", masked(good(), plane, np.s_[1:])
    for amplitude in (60, 500, 1e6, 1e30):
        yield f"structure of {amplitude}", structured(good(), amplitude)
    sizes = [
        (1, 1),
        (2, 2),
        (5, 5),
        (8, 8),
        (16, 16),
        (30, 30),
        (128, 1),
        (1, 96),
        (128, 15),
        (15, 96),
        (36, 96),
    ]
    for width, height in sizes:
        yield f"{width} x {height} pixels", part(good(), 0, 0, width, height)
        yield (
            f"{width} x {height} pixels in the corner",
            part(good(), 128 - width, 96 - height, width, height),
        )
    for letter in "DIU":
        yield f"Exposure{letter}", of_type(good(), letter)
    yield "no detector", skydata.make_exposure(None)
    for number in (0, 7, 19):
        yield f"detector {number} of another camera", skydata.make_exposure(far[number])
    nameless = good()
    nameless.getInfo().setVisitInfo(None)
    yield "no visit information, variance 0", variance_of(nameless, 0.0)
    for thing in (None, "exposure", 5, [good()], good().maskedImage, good().image):
        yield f"a {type(thing).__name__} for an exposure", thing


def assign(config, path, field, value):
    for name in filter(None, path.split(".")):
        config = getattr(config, name)
        config = getattr(config, "value", config)
    setattr(config, field, value)


def finite(arrays):
    """Whether a product holds numbers; a cell without a good pixel is NaN by design."""
    return all(not np.isinf(array).any() for array in arrays)


def judge(kind):
    """How a kind ended, and what is wrong with that."""
    before = skydata.content_of(kind.inputs)
    raised, product = None, []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            product = kind.call()
        except (Exception, NoWorkFound) as error:  # the latter is not an Exception
            raised = error
    name = "product" if raised is None else type(raised).__name__
    first = 1 if kind.modifies and raised is None else 0
    try:
        np.testing.assert_equal(skydata.content_of(kind.inputs[first:]), before[first:])
    except AssertionError:
        return name, f"an input was changed ({raised})"
    if raised is None:
        return name, "" if finite(product) else "the product is not finite"
    return name, fault_of(raised)


def fault_of(error):
    """What is wrong with an error."""
    name = type(error).__name__
    if not isinstance(error, DOCUMENTED):
        return f"{name} is not documented: {error}"
    if isinstance(error, CpSkyError):
        json.dumps(error.metadata, allow_nan=False)
        if not any(word in str(error) for word in ("exposure", "detector", "input number")):
            return f"the message does not name the data: {error}"
    return "" if len(str(error)) > 15 else f"{name} says too little: {error}"
