"""Texts of mappings that would end the process or keep it busy if AST read them as they are."""

import subprocess
import sys

import pytest

from lsst.afw.geom import TransformPoint2ToPoint2
from lsst.afw.geom._ast_text import check_mapping_text
from lsst.pex.exceptions import InvalidParameterError

COMPOUND = """Begin CmpMap
    Nin = 2
 IsA Mapping
    InvB = 1
    MapA =
       Begin WinMap
          Nin = 2
       IsA Mapping
          Sft1 = -0.5
          Scl1 = 1e-05
          Sft2 = 0.25
       End WinMap
    MapB =
       Begin PolyMap
          Nin = 2
       IsA Mapping
          MPF1 = 1
          NCF1 = 2
          MPF2 = 1
          NCF2 = 1
          CF1 = 1
          CF2 = 2
          CF3 = 3
          PF1 = 1
          PF4 = 1
          PF6 = 1
          IterInv = 1
          NiterInv = 30
          TolInv = 1e-08
       End PolyMap
 End CmpMap
"""


def read(text):
    return TransformPoint2ToPoint2.readString(f"1 TransformPoint2ToPoint2 {text}")


def test_good_text():
    check_mapping_text(COMPOUND)
    assert "CmpMap" in read(COMPOUND).writeString()


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ("    MapB =\n", "", r"begins an object out of place"),
        ("MapA", "MapC", r"is nothing that a CmpMap has there"),
        ("    InvB = 1\n    MapA", "    MapA", None),
        (" IsA Mapping\n    InvB = 1\n", "    InvB = 1\n", "nothing that a CmpMap has"),
        ("Nin = 2", "Nin = 99999999", "whole number from 0 to 10000"),
        ("Nin = 2", "Nin = -2", "whole number"),
        ("Nin = 2", "Nin = 0", "not an AST mapping"),
        ("NCF1 = 2", "NCF1 = 2147483647", "whole number from 0"),
        (" PF1 = 1", " PF1 = 3", "with a number for something"),
        ("MPF2 = 1\n", "", "with a number for something"),
        ("InvB = 1", "InvB = nan", "no value that can be read"),
        ("InvB = 1", "InvB = 2", "whole number from 0 to 1"),
        ("Sft1 = -0.5", "Sft1 = -0.5\0", "no value that can be read"),
        ("Sft1 = -0.5", "Sft3 = -0.5", "with a number for something"),
        ("Sft1 = -0.5", "Sftx = -0.5", "nothing that a WinMap has"),
        ("NCF1 = 2\n", "", "with a number for something"),
        ("Sft1 = -0.5", "Sft1 = 1\n          Sft1 = 2", "gives a value again"),
        ("End WinMap", "End PolyMap", "ends a WinMap"),
        (" End CmpMap\n", "", "cut off"),
        ("End CmpMap\n", "End CmpMap\nEnd CmpMap\n", "does not belong"),
        ("Begin CmpMap", "Sft1 = 2\nBegin CmpMap", "belongs to no object"),
    ],
)
def test_damage(old, new, match):
    text = COMPOUND.replace(old, new, 1)
    assert text != COMPOUND
    if match is None:
        read(text)
        return
    with pytest.raises(InvalidParameterError, match=match):
        read(text)


def test_parts_missing():
    lines = COMPOUND.splitlines(True)
    text = "".join(lines[:4] + lines[-1:])
    with pytest.raises(InvalidParameterError, match="lacks MapA and MapB"):
        read(text)


def test_parts_that_do_not_fit_together():
    text = COMPOUND.replace("Begin WinMap\n          Nin = 2", "Begin WinMap\n          Nin = 3")
    with pytest.raises(InvalidParameterError, match="AST mapping"):
        read(text)


def test_too_deep():
    text = "Begin CmpMap\n Nin = 2\nIsA Mapping\nMapA =\n" * 300
    with pytest.raises(InvalidParameterError, match="out of place"):
        read(text)


#: Changes texts at random, in a process of its own: what is tested is that it does not die.
FUZZ = r"""
import random, resource, sys
from lsst.afw.geom import TransformPoint2ToPoint2, makeRadialTransform
from lsst.pex.exceptions import InvalidParameterError
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
seed, count, compound = int(sys.argv[1]), int(sys.argv[2]), sys.stdin.read()
texts = [compound, makeRadialTransform([0.0, 1.0, 0.0, 1e-7]).writeString().split(" ", 2)[2]]
values = "0 -1 1 2 99999999 2147483647 1e308 nan <bad>".split() + ['"x"', ""]
for number in range(seed, seed + count):
    rng = random.Random(number)
    lines = rng.choice(texts).splitlines()
    for _ in range(rng.choice((1, 1, 2, 3))):
        i, j = rng.randrange(len(lines)), rng.randrange(len(lines))
        kind = rng.randrange(5)
        if kind == 0:
            k = rng.randrange(len(lines[i]) or 1)
            lines[i] = lines[i][:k] + chr(rng.randrange(32, 127)) + lines[i][k + 1 :]
        elif kind == 1 and len(lines) > 1:
            del lines[i]
        elif kind == 2:
            lines.insert(i, lines[j])
        elif kind == 3:
            lines[i] = lines[i].split("=")[0] + "= " + rng.choice(values)
        else:
            lines[i], lines[j] = lines[j], lines[i]
    try:
        TransformPoint2ToPoint2.readString("1 TransformPoint2ToPoint2 " + "\n".join(lines) + "\n")
    except InvalidParameterError:
        pass
"""


@pytest.mark.parametrize("count", [300, pytest.param(30_000, marks=pytest.mark.slow)])
def test_changed_texts_do_not_end_the_process(count):
    command = [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{FUZZ}", "7", str(count)]
    result = subprocess.run(command, input=COMPOUND, capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr[-2000:]
