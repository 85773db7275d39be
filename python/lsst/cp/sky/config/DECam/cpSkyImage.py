# SPDX-License-Identifier: GPL-3.0-or-later
# The same as in the pipelines of this camera, for use with others (-C cpSkyImage:FILE).
# A superpixel of the focal-plane model covers 4096 x 4096 pixels, two detectors by one.
config.largeScaleBackground.xSize = 61.44  # mm
config.largeScaleBackground.ySize = 61.44  # mm
config.largeScaleBackground.pixelSize = 0.015  # mm, of a detector pixel
