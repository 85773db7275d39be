# SPDX-License-Identifier: GPL-3.0-or-later
# Recommended for sky frames of any camera (-C cpSkyScaleMeasure:FILE); the defaults are the stock ones.
# Superpixels beyond the detectors, which are filled in, do not count.
config.scaleStatistic = "WEIGHTED"
