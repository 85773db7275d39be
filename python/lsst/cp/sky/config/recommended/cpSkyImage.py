# SPDX-License-Identifier: GPL-3.0-or-later
# Recommended for sky frames of any camera (-C cpSkyImage:FILE); the defaults are those of the stock task.
config.maskNotFinite = True
# What the masker puts in the place of objects is a smooth model; it does not count as sky.
config.excludeReplaced = True
# Only sure objects, so that the static pattern of the detector is not taken for some.
config.adaptMaskBins = True
config.maskTask.detection.thresholdValue = 5.0  # standard deviations
config.maskTask.detectSigma = 1.5  # pixels
