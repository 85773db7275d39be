# SPDX-License-Identifier: GPL-3.0-or-later
# The same as in the pipelines of this camera, for use with others (-C cpSkyImage:FILE).
# A superpixel of the focal-plane model covers one detector (4096 pixels).
config.largeScaleBackground.xSize = 40.96  # mm
config.largeScaleBackground.ySize = 40.96  # mm
config.largeScaleBackground.pixelSize = 0.01  # mm, of a detector pixel
