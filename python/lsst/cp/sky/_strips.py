# SPDX-License-Identifier: GPL-3.0-or-later
"""Images in strips, for what need not be in memory as a whole.

The image of a model has as many bytes as that of the exposure, and a worker that has to find room for it
takes longer over that than over its arithmetic. The price is small on either stack: for each strip the
columns of cells are interpolated anew over the height of the detector, which is a value per cell in each row
(64 of them, for 4096 pixels in cells of 64) beside the 4096 of the row itself.
"""

from __future__ import annotations

from lsst.geom import Box2I, Extent2I, Point2I

__all__ = ("strips",)

#: Most pixels of a strip: many enough for several threads, few beside those of a detector.
_PIXELS = 3 << 20


def strips(box: Box2I) -> list[Box2I]:
    """Cut a box into strips of whole rows, about equally many in each; a small one into one."""
    width, height = box.getWidth(), box.getHeight()
    count = max(-(-width * height // _PIXELS), 1)
    rows = max(-(-height // count), 1)
    return [
        Box2I(Point2I(box.getMinX(), box.getMinY() + top), Extent2I(width, min(rows, height - top)))
        for top in range(0, height, rows)
    ]
