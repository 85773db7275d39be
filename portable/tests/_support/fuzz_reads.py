"""Reads files that are changed at random: ``python fuzz_reads.py FOLDER FIRST COUNT``, seeds from FIRST on.

In a process of its own, with 4 GB and 15 s for each file: what is looked for is also that it does not die.
Prints what ended in another error than `FitsError`, or took a quarter of a gigabyte, and the seed of each.
"""

import contextlib
import faulthandler
import io
import logging
import pathlib
import random
import resource
import sys
import warnings

import numpy as np
from astropy.io import fits

from lsst.afw.cameraGeom import FOCAL_PLANE, PIXELS, Camera
from lsst.afw.fits import FitsError, MemFileManager, readMetadata
from lsst.afw.image import ExposureF, ExposureFitsReader, ImageF, MaskedImageF, MaskX
from lsst.afw.math import BackgroundList
from lsst.geom import Point2D
from lsst.portable.archive import InputArchive
from lsst.portable.fits import FitsReader

SECONDS, BYTES, KILOBYTES_MORE = 15, 4 << 30, 250_000
VALUES = (
    "0 1 -1 2 3 7 8 15 16 32 64 255 256 32767 65536 2147483647 2147483648 -2147483648 99999999999 "
    "9223372036854775807 18446744073709551616 1e300 1E400 NaN inf T F 'abc' '' (1,2) '1PB(99999999)' '0J' "
    "'99999999X' '1QB(3)' '9999A' '0A' '1L' '1J' '1K' '1QJ' 'RICE_1' 'HCOMPRESS_1' 'PLIO_1' 'GZIP_1' "
    "'GZIP_2' 'NOCOMPRESS' 'IMAGE' 'BINTABLE' 'TABLE' 'NO_DITHER' 'SUBTRACTIVE_DITHER_2' 'ARCHIVE_INDEX' "
    "'unclosed 1.5.5 - 0x10 1_000 1e +5 .5 5. 1D3"
).split() + [f"'1P{code}(3)'" for code in "LXBIJKAEDCM"]
KEYS = (
    "BITPIX NAXIS NAXIS1 NAXIS2 NAXIS3 PCOUNT GCOUNT TFIELDS TFORM1 TFORM2 TTYPE1 TDIM1 THEAP ZIMAGE ZBITPIX "
    "ZNAXIS ZNAXIS1 ZNAXIS2 ZTILE1 ZTILE2 ZCMPTYPE ZQUANTIZ ZNAME1 ZVAL1 ZVAL2 ZDITHER0 ZBLANK BZERO BSCALE "
    "BLANK TZERO1 TSCAL1 EXTNAME XTENSION SIMPLE END CONTINUE ZSCALE ZZERO AR_HDU EXTTYPE LTV1 MASKPLANE "
    "MP_BAD DATASUM AFW_TYPE"
).split()
WORDS = [bytes.fromhex(word) for word in (
    "00000000 7fffffff ffffffff 00000001 7fc00000 80000000 00010000 00000010 7f800000 0000ffff 00000007"
).split()]  # fmt: skip


def compressed():
    """Small images of every codec, by other writers."""
    y, x = np.mgrid[:32, :40]
    numbers = (100 + (x * y) % 37).astype("i4")
    for codec in ("GZIP_1", "GZIP_2", "RICE_1", "HCOMPRESS_1", "PLIO_1", "NOCOMPRESS"):
        for kind in ("f4", "i4", "i2"):
            if (codec, kind) != ("PLIO_1", "f4"):
                file = io.BytesIO()
                hdu = fits.CompImageHDU(numbers.astype(kind), compression_type=codec, tile_shape=(16, 40))
                fits.HDUList([fits.PrimaryHDU(), hdu]).writeto(file)
                yield f"image_{codec}_{kind}", file.getvalue()


def spans_of(data):
    with FitsReader(data) as reader:
        hdus = [reader.hdu(i) for i in range(len(reader))]
    return [(hdu.header_start, hdu.data_start, hdu.data_size) for hdu in hdus]


def sources(folder):
    """Name, bytes and places of HDUs of each file."""
    stored = [(path.stem, path.read_bytes()) for path in sorted(pathlib.Path(folder).glob("*.fits"))]
    return [(name, data, spans_of(data)) for name, data in [*stored, *compressed()]]


def change_header(rng, result, data, span):
    """Change a value, a key or the order of cards."""
    header, start, _ = span
    cards = range(header, start, 80)
    kind = rng.randrange(4)
    valued = [place for place in cards if data[place + 8 : place + 10] == b"= "]
    if kind < 2 and valued:
        text = rng.choice(VALUES)
        place = rng.choice(valued)
        result[place + 10 : place + 80] = (text if text[0] == "'" else text.rjust(20)).ljust(70).encode()
    elif kind == 2:
        place = rng.choice(cards)
        result[place : place + 8] = rng.choice(KEYS).ljust(8).encode()
    else:
        one, other = (slice(place, place + 80) for place in (rng.choice(cards), rng.choice(cards)))
        result[one], result[other] = result[other], result[one]


def change_data(rng, result, span):
    """Change a word of the pixels, of the descriptors at the beginning, or of the heap at the end."""
    _, start, size = span
    if size < 8:
        return
    anywhere, early, late = (rng.randrange(min(size, most)) for most in (size, 256, 4096))
    place = start + rng.choice((anywhere, early, size - 1 - late)) // 4 * 4
    result[place : place + 4] = rng.choice((*WORDS, rng.randbytes(4)))


def moved(rng, result, spans, others):
    """Cut the file, drop or insert bytes, or swap, repeat and exchange HDUs."""
    kind, place = rng.randrange(5), rng.randrange(len(result))
    if kind == 0:
        return result[:place]
    if kind == 1:
        return result[:place] + result[place + rng.choice((1, 80, 2880)) :]
    if kind == 2:
        return result[:place] + rng.choice((b" ", b" " * 80, bytes(2880))) + result[place:]
    ends = [*(header for header, _, _ in spans[1:]), len(result)]
    parts = [bytes(result[header:end]) for (header, _, _), end in zip(spans, ends, strict=True)]
    one, other = rng.randrange(len(parts)), rng.randrange(len(parts))
    if kind == 3:
        parts[one], parts[other] = parts[other], parts[one]
    else:
        _, data, its = rng.choice(others)
        header = rng.choice(its)[0]
        parts.insert(one, data[header:])
    return b"".join(parts)


def changed(rng, source, others):
    """A file with up to six changes."""
    _, data, spans = source
    result = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        kind = rng.randrange(8)
        if kind < 3:
            change_header(rng, result, data, rng.choice(spans))
        elif kind < 6:
            change_data(rng, result, rng.choice(spans))
        elif kind == 6:
            result[rng.randrange(len(result))] = rng.randrange(256)
        else:
            return bytes(moved(rng, result, spans, others))
    return bytes(result)


def read_parts(data):
    """Every header, image, table and object, each by itself."""
    with FitsReader(data) as reader:
        for number in range(len(reader)):
            with contextlib.suppress(FitsError):
                hdu = reader.hdu(number)
                reader.header(number, strip=False)
                if hdu.get("EXTTYPE") == "ARCHIVE_INDEX":
                    archive = InputArchive.read(reader, number)
                    for key in archive.ids():
                        with contextlib.suppress(FitsError):
                            archive.get(key)
                elif hdu.is_compressed or not hdu.is_table:
                    reader.read_image(number)
                else:
                    reader.read_table(number)


def use_detector(detector):
    detector.getCorners(FOCAL_PLANE)
    detector.getTransform(PIXELS, FOCAL_PLANE).applyForward([Point2D(0, 0), Point2D(9, 20)])
    list(detector.getAmplifiers())


def read_exposure(data):
    found = ExposureF.readFits(MemFileManager(data))
    for plane in (found.image, found.mask, found.variance):
        assert plane.array.shape == (found.getHeight(), found.getWidth())
    if (detector := found.getDetector()) is not None:
        use_detector(detector)
    reader = ExposureFitsReader(MemFileManager(data))
    reader.readMetadata(), reader.readDetector(), reader.readVisitInfo(), reader.readFilter()


def read_camera(data):
    for detector in Camera.readFits(MemFileManager(data)):
        use_detector(detector)


def read_whole(name, data):
    """Read as what the file was."""
    memory = MemFileManager(data)
    if name.startswith("exposure"):
        read_exposure(data)
    elif name.startswith("camera"):
        read_camera(data)
    elif name.startswith("background"):
        BackgroundList.readFits(memory)
    else:
        {"masked_image": MaskedImageF, "mask": MaskX}.get(name, ImageF).readFits(memory)
    readMetadata(MemFileManager(data), 1)


def main(folder, first, count):
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    files = sources(folder)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for seed in range(first, first + count):
        faulthandler.dump_traceback_later(SECONDS, exit=True)
        rng = random.Random(seed)
        source = rng.choice(files)
        data = changed(rng, source, files)
        for read in (read_parts, lambda data, name=source[0]: read_whole(name, data)):
            try:
                read(data)
            except FitsError:
                pass
            except Exception as error:
                print(f"seed {seed} of {source[0]}: {type(error).__name__}: {error}"[:300], flush=True)
        now = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        if now - peak > KILOBYTES_MORE:
            print(f"seed {seed} of {source[0]}: {(now - peak) // 1000} MB", flush=True)
        peak = max(now, peak)
    faulthandler.cancel_dump_traceback_later()
    print(f"{count} files")


def run():
    """Run with the arguments of the command."""
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))


if __name__ == "__main__":
    run()
