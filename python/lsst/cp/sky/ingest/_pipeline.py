# SPDX-License-Identifier: GPL-3.0-or-later
"""A pipeline for a camera that has none."""

from __future__ import annotations

import os
import pathlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._description import CameraDescription

__all__ = ("model_settings", "write_pipeline")

_HEAD = """\
description: Sky frames of {name}, from exposures after instrument signature removal.
imports:
  - location: resource://lsst.cp.sky/pipelines/_ingredients/cpSkyPostIsr.yaml
parameters:
  includeAlternateBackground: {alternate}  # whether there are detectors of two physical types
tasks:
  cpSkyImage:
    class: lsst.cp.sky.CpSkyImageTask
    config:
      maskNotFinite: true
      adaptMaskBins: true
"""


def model_settings(description: CameraDescription) -> dict[str, float]:
    """Fields of ``CpSkyImageConfig.largeScaleBackground`` for a camera, mm."""
    x, y = description.superpixel
    return {"xSize": x, "ySize": y, "pixelSize": description.pixel_size}


def write_pipeline(path: str | os.PathLike[str], description: CameraDescription) -> None:
    """Write the pipeline of a camera: the post-ISR pipeline with its superpixels."""
    types = len({detector.physical_type for detector in description.detectors})
    text = _HEAD.format(name=description.name, alternate=str(types > 1).lower())
    for field, value in model_settings(description).items():
        text += f"      largeScaleBackground.{field}: {value!r}  # mm\n"
    pathlib.Path(path).write_text(text, encoding="utf-8")
