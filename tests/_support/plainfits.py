"""Plain FITS files of a made-up camera, in the ways in which observatories lay them out."""

import numpy as np
from astropy.io import fits

CAMERA = "{name: Toy, plate_scale: 20, pixel_size: 0.01, size: [64, 48], rows: [A B], mask: {SAT: [2]}}"
ROWS, COLUMNS = 48, 64


def header(detector, number=1, **cards):
    """Cards of one detector of an exposure."""
    known = {
        "CCDNAME": detector,
        "EXPNUM": number,
        "FILTER": "r",
        "DATE-OBS": f"2024-03-01T05:{number:02d}:00",
        "EXPTIME": 30.0,
        "RA": "10:00:00",
        "DEC": "-30:00:00",
        "OBJECT": "blank",
        **cards,
    }
    return fits.Header({key: value for key, value in known.items() if value is not None})


def pixels(seed=0, shape=(ROWS, COLUMNS)):
    """Image, mask and weight."""
    rng = np.random.default_rng(seed)
    image = rng.normal(1000, 10, shape).astype(np.float32)
    mask = np.zeros(shape, np.int16)
    mask[3, 4], mask[5, 6] = 1, 2
    weight = np.full(shape, 0.01, np.float32)
    weight[7, 8] = 0
    return image, mask, weight


def write(path, *hdus, primary=None):
    """Write a file of extensions, each a header, pixels and a name, or of one HDU without a name."""
    if len(hdus) == 1 and hdus[0][2] is None:
        fits.PrimaryHDU(hdus[0][1], header=hdus[0][0]).writeto(path)
        return path
    out = fits.HDUList([fits.PrimaryHDU(header=primary)])
    for cards, data, name in hdus:
        out.append(fits.ImageHDU(data, header=cards, name=name))
    out.writeto(path)
    return path
