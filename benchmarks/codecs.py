# SPDX-License-Identifier: GPL-3.0-or-later
"""Time what libraries offer for the parts of a FITS file; `doc/dependencies.md` quotes it.

imagecodecs is not installed with the benchmarks; its lines appear where it is.
"""

from __future__ import annotations

import importlib.util
import io
import pathlib
import tempfile
import time
import zlib
from collections.abc import Callable
from typing import Any

import astropy.io.fits
import deflate
import fitsio
import numpy as np

from lsst.afw.fits import CompressionAlgorithm, CompressionOptions, MemFileManager
from lsst.portable.fits import FitsReader, FitsWriter

SHAPE = (4000, 4072)


def report(what: str, function: Callable[[], Any], runs: int = 5) -> Any:
    """Print the median time of some runs, after one that does not count; return what the last one gave."""
    times = []
    result = function()
    for _ in range(runs):
        start = time.perf_counter()
        result = function()
        times.append(time.perf_counter() - start)
    print(f"{what:58s} {sorted(times)[runs // 2] * 1e3:8.1f} ms")
    return result


def make_file(array: np.ndarray, algorithm: CompressionAlgorithm) -> bytes:
    """Write an image, a tile a row, and return the file."""
    manager = MemFileManager()
    with FitsWriter(manager) as writer:
        writer.write_image(array, compression=CompressionOptions(algorithm))
    return manager.getData()


def tiles(data: bytes) -> list[bytes]:
    """Return the compressed tiles of a file that `make_file` returned."""
    with FitsReader(data) as reader:
        hdu = reader.hdu(1)
        count, start = hdu.get_int("NAXIS2"), hdu.data_start
        cells = np.frombuffer(data, ">i4", 2 * count, start).reshape(-1, 2) + [0, start + 8 * count]
        return [data[offset : offset + length] for length, offset in cells.tolist()]


def read_all(data: bytes, name: str) -> None:
    """Read an image with all three readers; fitsio only reads files that have a name."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "image.fits"
        path.write_bytes(data)
        ours = report(f"read an image, {name}: lsst.portable.fits", lambda: FitsReader(data).read_image(1))
        theirs = report(f"read an image, {name}: fitsio", lambda: fitsio.read(str(path), ext=1))
        third = report(f"read an image, {name}: astropy", lambda: _with_astropy(data))
        assert (ours == theirs).all()
        assert (ours == third).all()


def _with_astropy(data: bytes) -> np.ndarray:
    with astropy.io.fits.open(io.BytesIO(data)) as hdus:
        return hdus[1].data


def time_rice(pixels: np.ndarray) -> None:
    """Time Rice coding and decoding, tile by tile."""
    from astropy.io.fits.hdu.compressed import _codecs

    codec = _codecs.Rice1(blocksize=32, bytepix=4, tilesize=pixels.shape[1])
    packed = report("Rice, encode: astropy", lambda: [bytes(codec.encode(row)) for row in pixels])
    report("Rice, decode: astropy", lambda: [codec.decode(np.frombuffer(t, "u1")) for t in packed])
    if importlib.util.find_spec("imagecodecs") is None:
        return
    import imagecodecs

    other = report(
        "Rice, encode: imagecodecs", lambda: [imagecodecs.rcomp_encode(row, nblock=32) for row in pixels]
    )
    assert [bytes(tile) for tile in other] == packed
    options = {"shape": pixels.shape[1:], "dtype": "i4", "nblock": 32}
    report("Rice, decode: imagecodecs", lambda: [imagecodecs.rcomp_decode(t, **options) for t in packed])


def time_gzip(pixels: np.ndarray) -> None:
    """Time inflating, tile by tile, and deflating at CFITSIO's level."""
    packed = tiles(make_file(pixels, CompressionAlgorithm.GZIP_2))
    one = report("gzip, inflate: deflate", lambda: [deflate.gzip_decompress(tile) for tile in packed])
    two = report("gzip, inflate: zlib", lambda: [zlib.decompress(tile, 31) for tile in packed])
    assert [bytes(tile) for tile in one] == two
    report("gzip, deflate: deflate", lambda: [deflate.gzip_compress(tile, 1) for tile in two], 3)
    report("gzip, deflate: zlib", lambda: [zlib.compress(tile, 1, 31) for tile in two], 3)


def main() -> None:
    """Print the times."""
    rng = np.random.default_rng(1)
    numbers = rng.normal(1000, 12, SHAPE).astype("i4")
    time_rice(numbers)
    time_gzip(rng.normal(1000, 12, SHAPE).astype("f4"))
    read_all(make_file(numbers, CompressionAlgorithm.RICE_1), "RICE_1")
    read_all(make_file(rng.normal(1000, 12, SHAPE).astype("f4"), CompressionAlgorithm.GZIP_2), "GZIP_2")


if __name__ == "__main__":
    main()
