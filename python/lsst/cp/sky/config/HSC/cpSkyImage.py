# SPDX-License-Identifier: GPL-3.0-or-later
# The same as in the pipelines of this camera, for use with others (-C cpSkyImage:FILE).
# A superpixel of the focal-plane model covers 8192 x 8192 pixels, four detectors by two.
config.largeScaleBackground.xSize = 122.88  # mm
config.largeScaleBackground.ySize = 122.88  # mm
config.largeScaleBackground.pixelSize = 0.015  # mm, of a detector pixel
