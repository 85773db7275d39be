"""The codecs that are borrowed from a private module of astropy: where they are, and what they give.

If this fails with a newer astropy, read "Borrowed codecs" in portable/README.md.
"""

import importlib
import importlib.metadata
import pathlib
import re

import numpy as np
import pytest

from lsst.portable.fits._codecs import other_codec
from lsst.portable.fits._guarded import decode_other

DIRECTIONS = (
    "astropy has moved or changed its private codecs. Either adapt lsst.portable.fits._codecs.other_codec to "
    "where they are now and raise the cap of astropy in portable/pyproject.toml, or keep the cap; see "
    "'Borrowed codecs' in portable/README.md."
)
NUMBERS = (np.arange(64, dtype="i4").reshape(8, 8) ** 2) % 37
PACKED = {
    "RICE_1": (
        "000000002c256d79258fbc5cb3e7974fe3d79c2981d41460e902a61d102aa8f7358cadaf24b1f78b967cf2e9fc7af385"
        "303a828c1d"
    ),
    "PLIO_1": (
        "000007009cff4500000000000000025003600560076009600b6018700f6014701360107017600c700a7008701f600470"
        "02300240026004601f7008600a600c6017701060137014600f7018600b70097007700570037002500360056007600960"
        "0b6018700f6014701360107017600c700a7008701f60047002300240026004601f7008600a600c601770"
    ),
    "HCOMPRESS_1": (
        "dd990000000800000008000000000000000000000130070605f2ff4103885fea28059ebc2ffbf644849128311d864267"
        "c667fc10a900a5ca0d4080343c15e35ff07fffffc19067ff06419800ffc0704a3dc1007e"
    ),
}


def test_they_are_where_they_were():
    try:
        codecs = importlib.import_module("astropy.io.fits.hdu.compressed._codecs")
        routines = importlib.import_module("astropy.io.fits.hdu.compressed._compression")
        found = [getattr(codecs, name) for name in ("Rice1", "PLIO1", "HCompress1")]
        found += [getattr(routines, f"decompress_{name}_1_c") for name in ("rice", "plio", "hcompress")]
    except (ImportError, AttributeError) as exc:
        pytest.fail(f"{exc}. {DIRECTIONS}")
    assert all(callable(codec) for codec in found), DIRECTIONS


@pytest.mark.parametrize("name", PACKED)
def test_they_decode_what_they_did(name):
    stream = np.frombuffer(bytes.fromhex(PACKED[name]), np.uint8)
    found = decode_other(name, {"BLOCKSIZE": 32, "BYTEPIX": 4}, NUMBERS.shape, stream)
    assert found.reshape(NUMBERS.shape).tolist() == NUMBERS.tolist(), DIRECTIONS


def test_rice_encodes_as_it_did():
    codec = other_codec("RICE_1", {"BLOCKSIZE": 32, "BYTEPIX": 4}, NUMBERS.shape)
    assert bytes(codec.encode(NUMBERS)).hex() == PACKED["RICE_1"], DIRECTIONS


def test_astropy_is_capped():
    """A newer one is not installed before somebody has looked."""
    text = (pathlib.Path(__file__).parents[3] / "pyproject.toml").read_text()
    cap = re.search(r'"astropy>=[\d.]+,<(\d+)"', text)
    assert cap, DIRECTIONS
    installed = int(importlib.metadata.version("astropy").partition(".")[0])
    assert installed < int(cap[1]), DIRECTIONS
