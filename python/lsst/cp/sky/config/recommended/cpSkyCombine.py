# SPDX-License-Identifier: GPL-3.0-or-later
# Recommended for sky frames of any camera (-C cpSkyCombine:FILE); the defaults are those of the stock task.
# With fewer exposures an object at one place of the detector cannot be told from its pattern.
config.minInputs = 3
