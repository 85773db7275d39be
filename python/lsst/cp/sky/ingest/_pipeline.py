# SPDX-License-Identifier: GPL-3.0-or-later
"""Pipelines for cameras without their own."""

from __future__ import annotations

import os
import pathlib
import textwrap
from typing import TYPE_CHECKING

from lsst.resources import ResourcePath

if TYPE_CHECKING:
    from ._description import CameraDescription

__all__ = ("model_settings", "recommended", "write_pipeline")

_HEAD = """\
description: Sky frames of {name}, from exposures after instrument signature removal.
imports:
  - location: resource://lsst.cp.sky/pipelines/_ingredients/cpSkyPostIsr.yaml
parameters:
  includeAlternateBackground: {alternate}  # whether there are detectors of two physical types
tasks:
"""
_TASK = """\
  {label}:
    class: lsst.cp.sky.{label_class}Task
    config:
      python: |  # recommended for any camera
{settings}
"""
_RECOMMENDED = "resource://lsst.cp.sky/config/recommended"


def recommended(label: str) -> str:
    """Settings of a task that suit any camera, as Python that sets fields of ``config``."""
    return ResourcePath(f"{_RECOMMENDED}/{label}.py").read().decode()


def model_settings(description: CameraDescription) -> dict[str, float]:
    """Return fields of ``CpSkyImageConfig.largeScaleBackground`` for a camera, mm."""
    x, y = description.superpixel
    return {"xSize": x, "ySize": y, "pixelSize": description.pixel_size}


def write_pipeline(path: str | os.PathLike[str], description: CameraDescription) -> None:
    """Write the post-ISR pipeline of a camera, with its superpixels and the recommended settings."""
    types = len({detector.physical_type for detector in description.detectors})
    text = _HEAD.format(name=description.name, alternate=str(types > 1).lower())
    for label in ("cpSkyScaleMeasure", "cpSkyImage"):
        lines = [line for line in recommended(label).splitlines() if not line.startswith("#")]
        text += _TASK.format(
            label=label,
            label_class=label[0].upper() + label[1:],
            settings=textwrap.indent("\n".join(lines), " " * 8),
        )
    for field, value in model_settings(description).items():
        text += f"      largeScaleBackground.{field}: {value!r}  # mm\n"
    pathlib.Path(path).write_text(text, encoding="utf-8")
