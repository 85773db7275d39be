# SPDX-License-Identifier: GPL-3.0-or-later
"""Processing of images in strips, to limit memory.

The image of a model takes as many bytes as that of the exposure, and a worker that has to allocate memory for
it spends longer on that than on its arithmetic. The price is small on either stack: for each strip the
columns of cells are interpolated again over the height of the detector, which adds one value per cell to each
row (64, for 4096 pixels in cells of 64) beside the 4096 of the row itself.
"""

from __future__ import annotations

from lsst.geom import Box2I, Extent2I, Point2I

__all__ = ("strips",)

#: Maximum number of pixels in a strip: enough for several threads, few compared with a detector.
_PIXELS = 3 << 20


def strips(box: Box2I) -> list[Box2I]:
    """Cut a box into strips of whole rows of about equal height; a small box is a single strip."""
    width, height = box.getWidth(), box.getHeight()
    count = max(-(-width * height // _PIXELS), 1)
    rows = max(-(-height // count), 1)
    return [
        Box2I(Point2I(box.getMinX(), box.getMinY() + top), Extent2I(width, min(rows, height - top)))
        for top in range(0, height, rows)
    ]
