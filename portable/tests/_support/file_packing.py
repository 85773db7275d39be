# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder of files as a few arrays, in which `packing` finds what compression had hidden.

The planes of an exposure in a file are compressed tile by tile, each plane by itself; nothing that comes
after can tell that two exposures share most of their pixels. Here the planes are taken out of their tiles,
and everything else, headers, tables and files of other kinds, is one long array of bytes. Putting it
together again compresses the tiles anew. The files are those that went in, byte for byte, where zlib is the
one that the compiled stack was linked with; another one may give tiles of other lengths, with the same
pixels in them.
"""

import gzip
import itertools
import pathlib
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

_BLOCK = 2880
_CARD = 80
#: What the stack asks zlib for, and the wrapping of a stream as gzip has it.
_LEVEL, _GZIP = 1, 31
#: Name of the array of all bytes that are not pixels.
REST = "rest"

Pieces = list[dict[str, Any]]


def _compress(tile: bytes) -> bytes:
    """One tile as the stack writes it."""
    compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    return compressor.compress(tile) + compressor.flush()


def _with_value(header: bytes, name: str, value: str) -> bytes:
    """Header with another value in a card; the comment stays."""
    start = next(i for i in range(0, len(header), _CARD) if header[i : i + 8].decode().rstrip() == name)
    return header[: start + 10] + value.encode() + header[start + 10 + len(value) :]


def _tiled_hdu(header: bytes, plane: np.ndarray) -> bytes:
    """HDU with a tile per row, whose bytes are sorted by significance (``GZIP_2``)."""
    big_endian = plane.astype(plane.dtype.newbyteorder(">"))
    width = plane.dtype.itemsize
    tiles = [_compress(row.view(np.uint8).reshape(-1, width).T.tobytes()) for row in big_endian]
    lengths = [len(tile) for tile in tiles]
    offsets = itertools.accumulate(lengths[:-1], initial=0)
    table = np.array(list(zip(lengths, offsets, strict=True)), ">i4").tobytes()
    header = _with_value(header, "PCOUNT", f"{sum(lengths):>20}")
    header = _with_value(header, "TFORM1", f"'1PB({max(lengths)})'".ljust(20))
    data = table + b"".join(tiles)
    return header + data + bytes(-len(data) % _BLOCK)


def _plane(hdu: Any) -> np.ndarray | None:
    """Pixels of an HDU that `_tiled_hdu` can write; None for others."""
    header = hdu.header
    types = {-32: np.float32, 32: np.int32}
    if header.get("ZCMPTYPE") != "GZIP_2" or header["ZBITPIX"] not in types or header["ZTILE2"] != 1:
        return None
    dtype = np.dtype(types[header["ZBITPIX"]])
    rows = [gzip.decompress(row.tobytes()) for row in hdu.data["COMPRESSED_DATA"]]
    sorted_bytes = np.frombuffer(b"".join(rows), np.uint8).reshape(len(rows), dtype.itemsize, -1)
    pixels = np.ascontiguousarray(sorted_bytes.transpose(0, 2, 1)).view(dtype.newbyteorder(">"))[:, :, 0]
    return pixels.astype(dtype)


def _pieces_of_fits(path: pathlib.Path) -> Iterator[bytes | tuple[bytes, str, np.ndarray]]:
    """Bytes of a file in order; an HDU of pixels as its header, its name and its plane."""
    from astropy.io import fits

    content = path.read_bytes()
    with fits.open(path, disable_image_compression=True) as hdus:
        for hdu in hdus:
            place = hdu.fileinfo()
            end = place["datLoc"] + place["datSpan"]
            header, whole = content[place["hdrLoc"] : place["datLoc"]], content[place["hdrLoc"] : end]
            plane = _plane(hdu)
            if plane is not None and _tiled_hdu(header, plane) == whole:
                yield header, hdu.header["EXTNAME"].lower(), plane
            else:
                yield whole


def pack_files(
    folder: pathlib.Path, label: Callable[[pathlib.Path], str]
) -> tuple[dict[str, Pieces], dict[str, np.ndarray]]:
    """Take the pixels out of all files below a folder.

    Parameters
    ----------
    folder : `pathlib.Path`
        The folder.
    label : callable
        Gives the name of the arrays of a file, for the place of the file relative to the folder. Numbers
        in it, set off by ``_``, say which files may be alike.

    Returns
    -------
    files : `dict`
        The pieces of each file in order, fit for JSON.
    arrays : `dict` of `numpy.ndarray`
        Planes, and all other bytes under `REST`.
    """
    files: dict[str, Pieces] = {}
    arrays: dict[str, np.ndarray] = {}
    rest: list[bytes] = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        place = path.relative_to(folder)
        pieces = files[place.as_posix()] = []
        for piece in _pieces_of_fits(path) if path.suffix == ".fits" else [path.read_bytes()]:
            if isinstance(piece, bytes):
                rest.append(piece)
                pieces.append({"size": len(piece)})
            else:
                header, plane, pixels = piece
                name = f"{plane}_{label(place)}"
                arrays[name] = pixels
                rest.append(header)
                pieces.append({"size": len(header), "pixels": name})
    arrays[REST] = np.frombuffer(b"".join(rest), np.uint8)
    return files, arrays


def unpack_files(files: Mapping[str, Pieces], arrays: Mapping[str, np.ndarray], folder: pathlib.Path) -> None:
    """Write the files that `pack_files` took apart below a folder."""
    rest, start = arrays[REST].tobytes(), 0
    for name, pieces in files.items():
        content = []
        for piece in pieces:
            part = rest[start : start + piece["size"]]
            start += piece["size"]
            content.append(_tiled_hdu(part, arrays[piece["pixels"]]) if "pixels" in piece else part)
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join(content))
