"""The tests of the plugin, and what they share with those of the portable stack, import public names only."""

import ast
import pathlib

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]
SHARED = ROOT / "portable/tests/_support"


def imported(path):
    """Names of the stack that a file imports, as written; a module and each name taken from it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def private(name):
    """Whether a name is the business of another package than ours."""
    parts = name.split(".")
    if parts[0] != "lsst" or parts[:3] == ["lsst", "cp", "sky"]:
        return False
    return parts[1:2] == ["portable"] or any(part.startswith("_") for part in parts)


def shared_modules():
    """Modules of the other tree's support that the tests here use, with what these import of one another."""
    known = {path.stem: [path] for path in SHARED.glob("*.py")}
    known |= {path.name: sorted(path.glob("*.py")) for path in SHARED.iterdir() if path.is_dir()}
    found, left = set(), sorted((ROOT / "tests").rglob("*.py"))
    while left:
        for name in imported(left.pop()):
            for path in known.get(name.split(".")[0], []):
                if path not in found:
                    found.add(path)
                    left.append(path)
    return sorted(found)


FILES = [*sorted((ROOT / "tests").rglob("*.py")), *shared_modules()]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_public_names(path):
    assert not [name for name in imported(path) if private(name)]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("lsst.afw.image._mask_dict", True),
        ("lsst.portable.arrays", True),
        ("lsst.afw.image.MaskX", False),
        ("lsst.cp.sky._strips", False),
        ("numpy", False),
    ],
)
def test_what_is_private(name, expected):
    assert private(name) is expected


def test_support_is_followed():
    assert SHARED / "golden.py" in FILES
    assert SHARED / "packing.py" in FILES
