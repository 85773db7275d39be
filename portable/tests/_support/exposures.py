"""Cameras and exposures made of the arrays of reference cases."""

import pathlib
import tempfile
from collections.abc import Mapping
from typing import Any

import numpy as np

from lsst.afw.cameraGeom import Camera
from lsst.afw.image import MaskedImageF
from lsst.geom import Extent2I, Point2I


def make_camera(text: str) -> Camera:
    """Make a camera of its YAML document."""
    from lsst.obs.base.yamlCamera import makeCamera

    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "camera.yaml"
        path.write_text(text)
        return makeCamera(str(path))


def make_masked_image(
    image: np.ndarray,
    mask: np.ndarray | None = None,
    variance: np.ndarray | None = None,
    xy0: tuple[int, int] = (0, 0),
) -> MaskedImageF:
    """Make a masked image of arrays of shape ``(ny, nx)``, which are copied."""
    ny, nx = image.shape
    masked_image = MaskedImageF(Extent2I(nx, ny))
    masked_image.image.array[:] = image
    if mask is not None:
        masked_image.mask.array[:] = mask
    masked_image.variance.array[:] = 1.0 if variance is None else variance
    masked_image.setXY0(Point2I(*xy0))
    return masked_image


def make_exposure(
    image: np.ndarray,
    mask: np.ndarray | None = None,
    variance: np.ndarray | None = None,
    xy0: tuple[int, int] = (0, 0),
    detector: Any = None,
) -> Any:
    """Make an exposure of arrays of shape ``(ny, nx)``, which are copied."""
    from lsst.afw.image import ExposureF

    exposure = ExposureF(make_masked_image(image, mask, variance, xy0))
    if detector is not None:
        exposure.setDetector(detector)
    return exposure


def set_fields(config: Any, values: Mapping[str, Any]) -> Any:
    """Set fields of a configuration, those of configurations within it included; returns it."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            set_fields(getattr(config, name), value)
        else:
            setattr(config, name, value)
    return config
