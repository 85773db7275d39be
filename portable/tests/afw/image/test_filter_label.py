"""FilterLabel."""

import copy
import pickle

import pytest

from lsst.afw.fits import MemFileManager
from lsst.afw.image import FilterLabel
from lsst.afw.image._filter_label import filter_label_from_name
from lsst.portable.fits import FitsReader

LABELS = [
    FilterLabel(band="r", physical="HSC-R2"),
    FilterLabel(band="VR"),
    FilterLabel(physical="solid plate 0.0 0.0"),
]


def test_factories():
    assert FilterLabel.fromBandPhysical("r", "HSC-R2") == LABELS[0]
    assert FilterLabel.fromBand("VR") == LABELS[1]
    assert FilterLabel.fromPhysical("solid plate 0.0 0.0") == LABELS[2]
    assert len(set(LABELS)) == 3
    assert FilterLabel.fromBand("r") != FilterLabel.fromPhysical("r")
    assert FilterLabel.fromBand("r") != "r"


def test_names():
    both, band, physical = LABELS
    assert both.hasBandLabel()
    assert both.hasPhysicalLabel()
    assert (both.bandLabel, both.physicalLabel) == ("r", "HSC-R2")
    assert band.hasBandLabel()
    assert not band.hasPhysicalLabel()
    assert physical.hasPhysicalLabel()
    assert not physical.hasBandLabel()
    with pytest.raises(RuntimeError, match="has no physical filter"):
        _ = band.physicalLabel
    with pytest.raises(RuntimeError, match="has no band"):
        _ = physical.bandLabel
    with pytest.raises(ValueError, match="neither was given"):
        FilterLabel()
    with pytest.raises(TypeError, match="physical of a FilterLabel must be a string, got 42"):
        FilterLabel(physical=42)
    with pytest.raises(TypeError, match="band of a FilterLabel"):
        FilterLabel.fromBand(b"r")


def test_text():
    assert repr(LABELS[0]) == str(LABELS[0]) == 'FilterLabel(band="r", physical="HSC-R2")'
    assert str(LABELS[1]) == 'FilterLabel(band="VR")'
    assert eval(repr(LABELS[2])) == LABELS[2]


@pytest.mark.parametrize("label", LABELS, ids=str)
def test_copies_and_files(label, tmp_path):
    assert copy.copy(label) == copy.deepcopy(label) == pickle.loads(pickle.dumps(label)) == label
    memory = MemFileManager()
    label.writeFits(memory)
    assert FilterLabel.readFits(memory) == label
    label.writeFits(str(tmp_path / "label.fits"))
    assert FilterLabel.readFits(str(tmp_path / "label.fits")) == label


def test_table_is_the_stack_s(golden_dir, tmp_path):
    FilterLabel("r", "r_03").writeFits(str(tmp_path / "label.fits"))
    with (
        FitsReader(golden_dir / "files" / "exposure_plain.fits") as ours,
        FitsReader(tmp_path / "label.fits") as new,
    ):
        expected, got = ours.read_table(ours.find("FilterLabel")), new.read_table(new.find("FilterLabel"))
    assert got.columns == expected.columns
    assert got.rows == expected.rows


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("r2", FilterLabel("r", "HSC-R2")),
        ("i2", FilterLabel("i", "HSC-I2")),
        ("SOLID", FilterLabel(physical="solid plate 0.0 0.0")),
        ("g   ", FilterLabel(band="g")),
        ("N656", FilterLabel(band="N656")),
        ("I945", FilterLabel(band="I945")),
        ("I2", FilterLabel(physical="I2")),
        ("ha", FilterLabel(physical="ha")),
        ("_unknown_", None),
    ],
)
def test_single_names_of_old_files(name, expected):
    assert filter_label_from_name(name) == expected
