"""``doc/files.md`` names every card and HDU that we write."""

import pathlib
import re

import pytest
import skydata

from lsst.afw.math import BackgroundList, BackgroundMI
from lsst.cp.sky.files import write_model

TEXT = (pathlib.Path(__file__).parents[1] / "doc" / "files.md").read_text()
#: Every keyword that the page has between backquotes, with its placeholders.
NAMES = {name for quoted in re.findall(r"`([^`\n]+)`", TEXT) for name in re.split(r"[ ,]+", quoted)}
PATTERNS = [
    re.compile(re.sub(r"<[A-Z]+>", r"[A-Z_]+", name).replace("n", r"\d+").replace("i_j", r"\d_\d") + "$")
    for name in NAMES
    if re.fullmatch(r"[A-Z<][A-Z0-9_.<>-]*(n|i_j|_n)?", name)
]
#: Of FITS itself, or given by whoever made the input.
STANDARD = {"EXTEND", "COMMENT", "CONTINUE", "", "SHUTTER", "NAXIS"}


def undocumented(path):
    fits = pytest.importorskip("astropy.io.fits")
    with fits.open(path, disable_image_compression=True) as hdus:
        keys = {key for hdu in hdus for key in hdu.header}
        names = {hdu.name for hdu in hdus if hdu.name != "PRIMARY"}
    keys = {key for key in keys if not key.startswith(("CONFIG ", "LSST BUTLER"))}
    missing = {key for key in keys - STANDARD if not any(p.match(key) for p in PATTERNS)}
    return missing | {name for name in names if f"`{name}`" not in TEXT}


def test_every_card_is_in_the_page(camera, tmp_path):
    exposure = skydata.make_exposure(camera[1])
    exposure.writeFits(str(tmp_path / "exposure.fits"))
    camera.writeFits(str(tmp_path / "camera.fits"))
    cells = exposure.maskedImage[:4, :3]
    member = (BackgroundMI(exposure.getBBox(), cells), 5, 1, -1, 1, 1, True)
    BackgroundList(member).writeFits(str(tmp_path / "background.fits"))
    write_model(skydata.make_models(camera)[0], tmp_path / "model.fits")
    for path in sorted(tmp_path.glob("*.fits")):
        assert undocumented(path) == set(), path.name


def test_links_and_tests_are_there():
    root = pathlib.Path(__file__).parents[1]
    for name in re.findall(r"`((?:portable/)?tests/[\w/]+\.py)`", TEXT):
        assert (root / name).is_file()
    anchors = {
        re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")
        for title in re.findall(r"^#+ (.*)$", TEXT, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([\w-]+)\)", TEXT)) <= anchors
