"""Sky frames: what a camera does to a featureless sky, measured from many exposures of it."""
