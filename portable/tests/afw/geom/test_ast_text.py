"""Texts of mappings that would end the process or keep it busy if AST read them as they are."""

import subprocess
import sys

import pytest
from starlink import Ast

from lsst.afw.geom import TransformPoint2ToPoint2
from lsst.afw.geom._ast_text import _check_lines, check_mapping_text
from lsst.geom import Point2D
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
        ("Nin = 2", "Nin = 99999999", "whole number from 0 to 16"),
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


def outcome(check, text):
    try:
        check(text)
    except ValueError as error:
        return str(error)
    return "fine"


def test_texts_of_one_form_are_checked_once_and_judged_as_line_by_line():
    """Numbers that no class looks at are left out of what is remembered; no other value is."""
    values = [
        "0",
        "-1.5",
        "1e-08",
        "2",
        "17",
        "1e51",
        "-1e400",
        "nan",
        "1.0",
        "0.5 ",
        ".5",
        "5.",
        '"Full"',
        "--1",
    ]
    judged = set()
    for text in [COMPOUND, *TEXTS.values()]:
        lines = text.splitlines(True)
        for number, line in enumerate(lines):
            name, equals, _ = line.partition(" = ")
            if not equals:
                continue
            for value in values:
                changed = "".join([*lines[:number], f"{name} = {value}\n", *lines[number + 1 :]])
                expected = outcome(_check_lines, changed)
                assert outcome(check_mapping_text, changed) == expected
                judged.add(expected == "fine")
    assert judged == {True, False}


def test_transforms_of_one_text_share_a_mapping_and_stay_apart():
    one, other = read(COMPOUND), read(COMPOUND)
    assert one is not other
    assert one == other
    assert one._mapping is other._mapping
    one.getMapping().ast.invert()  # a copy
    assert one.inverted() != other
    assert other.writeString() == one.writeString()


def test_parts_missing():
    lines = COMPOUND.splitlines(True)
    text = "".join(lines[:4] + lines[-1:])
    with pytest.raises(InvalidParameterError, match="lacks MapA and MapB"):
        read(text)


def test_parts_that_do_not_fit_together():
    text = COMPOUND.replace("Begin WinMap\n          Nin = 2", "Begin WinMap\n          Nin = 3")
    with pytest.raises(InvalidParameterError, match="with parts that do not fit"):
        read(text)


def test_too_deep():
    text = "Begin CmpMap\n Nin = 2\nIsA Mapping\nMapA =\n" * 300
    with pytest.raises(InvalidParameterError, match="out of place"):
        read(text)


KINDS = {
    "UnitMap": "Nin = 2\nIsA Mapping",
    "ShiftMap": "Nin = 2\nIsA Mapping\nSft1 = 1\nSft2 = 2",
    "ZoomMap": "Nin = 2\nIsA Mapping\nZoom = 3",
    "WinMap": "Nin = 2\nIsA Mapping\nSft1 = 2\nScl1 = 2\nSft2 = 3\nScl2 = 3",
    "MatrixMap": "Nin = 2\nIsA Mapping\nM0 = 0\nM1 = 1\nM2 = 1\nM3 = 0\nIM0 = 0\nIM1 = 1\nIM2 = 1"
    '\nIM3 = 0\nForm = "Full"',
    "PermMap": "Nin = 2\nIsA Mapping\nOut1 = 2\nOut2 = -1\nIn1 = 2\nIn2 = 1\nNconst = 1\nCon1 = 7",
    "PcdMap": "Nin = 2\nIsA Mapping\nPcdCn0 = 0\nPcdCn1 = 0.5\nDisco = 0.1",
    "PolyMap": "Nin = 2\nIsA Mapping\nMPF1 = 1\nMPF2 = 2\nNCF1 = 1\nNCF2 = 2\nCF1 = 1.5\nCF2 = 2\nCF3 = 0.5\n"
    "PF2 = 1\nPF3 = 1\nPF6 = 2\nMPI1 = 1\nMPI2 = 1\nNCI1 = 1\nNCI2 = 1\nCI1 = 1.5\nCI2 = 2\nPI2 = 1\nPI3 = 1",
}
TEXTS = {name: f"Begin {name}\n{body}\nEnd {name}\n" for name, body in KINDS.items()}


def norm(*, inverted):
    invert = "Invert = 1\n" if inverted else ""
    return f"Begin UnitNormMap\nNin = 2\nNout = 3\n{invert}IsA Mapping\nCtr1 = 1\nCtr2 = 2\nEnd UnitNormMap\n"


ROUND = (
    "Begin CmpMap\nNin = 2\nIsA Mapping\nInvB = 1\nMapA =\n"
    f"{norm(inverted=False)}MapB =\n{norm(inverted=True)}End CmpMap\n"
)
TEXTS["UnitNormMap"] = ROUND
TEXTS["TranMap"] = (
    f"Begin TranMap\nNin = 2\nIsA Mapping\nMapA =\n{TEXTS['ZoomMap']}MapB =\n{TEXTS['ShiftMap']}End TranMap\n"
)
TEXTS["CmpMap"] = (
    "Begin CmpMap\nNin = 2\nIsA Mapping\nSeries = 0\nMapA =\n"
    "Begin ZoomMap\nNin = 1\nIsA Mapping\nZoom = 3\nEnd ZoomMap\n"
    "MapB =\nBegin ShiftMap\nNin = 1\nIsA Mapping\nSft1 = 3\nEnd ShiftMap\nEnd CmpMap\n"
)


@pytest.mark.parametrize("name", TEXTS)
def test_every_class_that_is_admitted_is_read(name):
    transform = read(TEXTS[name])
    assert name in transform.writeString()
    assert read(transform.writeString().split(" ", 2)[2]) == transform


@pytest.mark.parametrize(
    ("name", "old", "new", "match"),
    [
        ("UnitNormMap", "Nout = 3", "Nout = 2", "2 axes that become 2"),
        ("UnitNormMap", "Nout = 3\n", "", "2 axes that become 2"),
        ("UnitNormMap", "InvB = 1\n", "", "parts that do not fit"),
        ("UnitNormMap", "Ctr2", "Ctr3", "number for something"),
        ("UnitNormMap", "Ctr2 = 2", "Ctr2 = <bad>", "no value that can be read"),
        ("WinMap", "Sft1 = 2", "Sft1 = 1e308", "beyond what a camera has"),
        ("WinMap", "Scl1 = 2", "Scl1 = -1e51", "beyond what a camera has"),
        ("UnitMap", "Nin = 2", "Nin = 2\nNout = 3", "2 axes that become 3"),
        ("ZoomMap", "Nin = 2", "Nin = 2\nNout = 3", "2 axes that become 3"),
        ("WinMap", "Nin = 2", "Nin = 2\nNout = 1", "2 axes that become 1"),
        ("WinMap", "Nin = 2", "Nin = 2\nReport = 1", "nothing that a WinMap has"),
        ("MatrixMap", "Nin = 2", "Nin = 9999", "whole number from 0 to 16"),
        ("MatrixMap", "Nin = 2", "Nin = 9", "4 of 81 elements"),
        ("MatrixMap", '"Full"', '"Diagonal"', "number for something"),
        ("MatrixMap", '"Full"', '"Else"', "the form"),
        ("MatrixMap", 'Form = "Full"\n', "", "the form"),
        ("MatrixMap", "IM3 = 0\n", "", "3 of 4 elements"),
        ("PermMap", "Out1 = 2", "Out1 = 3", "joined to one that does not exist"),
        ("PermMap", "Out2 = -1", "Out2 = -2", "joined to one that does not exist"),
        ("PermMap", "Out2 = -1", "Out2 = 0.5", "whole number"),
        ("PermMap", "Nconst = 1\n", "", "other constants than 0"),
        ("PermMap", "In1 = 2", "In3 = 2", "number for something"),
        ("PermMap", "Nin = 2", "Nin = 3\nNout = 2", "joined to one that does not exist"),
        ("PcdMap", "Nin = 2", "Nin = 3", "other axes than 2 and 2"),
        ("PolyMap", "\nCF2 = 2\n", "\n", "2 coefficients for 3 terms"),
        ("PolyMap", "NCI2 = 1\n", "", "number for something"),
        ("PolyMap", "Nin = 2", "Nin = 2\nNout = 1", "number for something"),
        ("TranMap", "Begin ZoomMap\nNin = 2", "Begin ZoomMap\nNin = 3", "parts that do not fit"),
        ("TranMap", "MapB", "MapA", "begins MapA again"),
        ("CmpMap", "Series = 0\n", "", "parts that do not fit"),
    ],
)
def test_what_classes_need(name, old, new, match):
    text = TEXTS[name].replace(old, new, 1)
    assert text != TEXTS[name]
    with pytest.raises(InvalidParameterError, match=match):
        read(text)


@pytest.mark.parametrize(
    "cls", ["Ellipse", "Moc", "PointList", "RateMap", "SlaMap", "FrameSet", "LutMap", "MathMap", "Nothing"]
)
def test_classes_that_are_not_admitted(cls):
    with pytest.raises(InvalidParameterError, match="class that no transform of a camera is made of"):
        read(f"Begin {cls}\nNin = 2\nNout = 1\nIsA Mapping\nEnd {cls}\n")


def test_what_would_not_be_read_is_not_written(tmp_path):
    transform = TransformPoint2ToPoint2(Ast.MathMap(2, 2, ["a=x+y", "b=x-y"], ["x=(a+b)/2", "y=(a-b)/2"]))
    assert transform.applyForward(Point2D(3, 1)) == Point2D(4, 2)
    with pytest.raises(InvalidParameterError, match=r"cannot be stored.*Begin MathMap"):
        transform.writeFits(tmp_path / "transform.fits")
    assert not list(tmp_path.iterdir())


def test_ast_that_gives_up_is_one_error():
    """The message of AST may be rubbish then, which is no text in UTF-8."""
    text = COMPOUND.replace("          PF6 = 1\n", "").replace("          Sft1 = -0.5\n", "")
    transform = read(text)
    with pytest.raises(RuntimeError, match="AST cannot simplify a mapping"):
        transform.then(transform.inverted())


def test_too_much():
    part = "\n".join(f"Sft{i} = 1" for i in range(100_000))
    with pytest.raises(InvalidParameterError, match="characters; expected at most"):
        read(f"Begin ShiftMap\nNin = 2\nIsA Mapping\n{part}\nEnd ShiftMap\n")
    tree = TEXTS["UnitMap"]
    for _ in range(10):
        tree = f"Begin CmpMap\nNin = 2\nIsA Mapping\nMapA =\n{tree}MapB =\n{tree}End CmpMap\n"
    with pytest.raises(InvalidParameterError, match="one object too many"):
        read(tree)


#: Changes texts at random, in a process of its own: what is tested is that it does not die, and that what was
#: read can be used.
FUZZ = r"""
import random, resource, sys
from lsst.afw.geom import TransformPoint2ToPoint2, makeRadialTransform
from lsst.geom import Point2D
from lsst.pex.exceptions import Exception as PexException, InvalidParameterError
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
seed, count, texts = int(sys.argv[1]), int(sys.argv[2]), sys.stdin.read().split("\f")
texts.append(makeRadialTransform([0.0, 1.0, 0.0, 1e-7]).writeString().split(" ", 2)[2])
values = "0 -1 1 2 3 4 16 9999 99999999 2147483647 1e308 -1e50 1e-300 1e50 nan <bad>".split()
values += ['"x"', '"Diagonal"', '"Unit"', ""]
begun = [line.split() for text in texts for line in text.splitlines() if line.split()[0] == "Begin"]
classes = sorted({cls for _, cls in begun})
read = 0


def change(rng, lines):
    i, j = rng.randrange(len(lines)), rng.randrange(len(lines))
    kind = rng.randrange(8)
    if kind == 0:
        k = rng.randrange(len(lines[i]) or 1)
        lines[i] = lines[i][:k] + chr(rng.randrange(32, 127)) + lines[i][k + 1 :]
    elif kind == 1 and len(lines) > 1:
        del lines[i]
    elif kind == 2:
        lines.insert(i, lines[j])
    elif kind == 3:
        lines[i] = lines[i].split("=")[0] + "= " + rng.choice(values)
    elif kind == 4:
        lines[i], lines[j] = lines[j], lines[i]
    elif kind == 5:
        old, new = rng.sample(classes, 2)
        lines[:] = [line.replace(old, new) for line in lines]
    elif kind == 6:
        begins = [k for k, line in enumerate(lines) if line.split()[:1] == ["Begin"]]
        if begins:
            addition = rng.choice(["Nout = 1", "Nout = 3", "Invert = 1", "Nin = 3"])
            lines.insert(rng.choice(begins) + 1, addition)
    else:
        begins = [k for k, line in enumerate(lines) if line.split()[:1] == ["Begin"]]
        if begins:
            k = rng.choice(begins)
            depth, end = 0, k
            for end in range(k, len(lines)):
                word = lines[end].split()[:1]
                depth += (word == ["Begin"]) - (word == ["End"])
                if depth == 0:
                    break
            lines[k : end + 1] = rng.choice(texts).splitlines()


for number in range(seed, seed + count):
    rng = random.Random(number)
    lines = rng.choice(texts).splitlines()
    for _ in range(rng.choice((1, 1, 2, 3))):
        change(rng, lines)
    try:
        found = TransformPoint2ToPoint2.readString("1 TransformPoint2ToPoint2 " + "\n".join(lines) + "\n")
    except InvalidParameterError:
        continue
    read += 1
    points = [Point2D(0, 0), Point2D(100.5, -3), Point2D(1e300, float("nan"))]
    for use in (
        lambda: found.applyForward(points),
        lambda: found.applyInverse(points),
        lambda: found.getJacobian(points[1]),
        lambda: found.then(found.inverted()).applyForward(points),
    ):
        try:
            use()
        except PexException:
            pass
print(read)
"""


@pytest.mark.parametrize("count", [400, pytest.param(32_000, marks=pytest.mark.slow)])
def test_changed_texts_do_not_end_the_process(count):
    command = [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{FUZZ}", "7", str(count)]
    texts = "\f".join([COMPOUND, *TEXTS.values()])
    result = subprocess.run(command, input=texts, capture_output=True, text=True, timeout=600)
    assert result.returncode == 0, result.stderr[-2000:]
    assert int(result.stdout) > count // 20  # enough of them are still texts that can be read
