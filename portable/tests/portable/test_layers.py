"""Imports run downwards only, and the two source trees meet in the names of the stack alone."""

import ast
import pathlib
from collections.abc import Iterator

import pytest

_REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
_PORTABLE = _REPOSITORY / "portable" / "python"
_PLUGIN = _REPOSITORY / "python"

#: From the ground up; a package may import those before it.
_LAYERS = (
    "lsst.portable",
    "lsst.pex.exceptions",
    "lsst.portable.arrays",
    "lsst.daf.base",  # headers of FITS files are property lists
    "lsst.log",
    "lsst.portable.fits",
    "lsst.portable.archive",
    "lsst.geom",
    "lsst.afw.fits",
    "lsst.afw.geom",
    "lsst.afw.cameraGeom",
    "lsst.afw.coord",
    "lsst.afw.table",
    "lsst.afw.image",
    "lsst.afw.display",
    "lsst.display",
    "lsst.afw.math",
    "lsst.afw.cameraGeom.utils",
    "lsst.afw.detection",
    "lsst.obs.base",
    "lsst.meas.algorithms",
    "lsst.pipe.tasks",
    "lsst.pipe.drivers",
    "lsst.cp.pipe",
    "lsst.cp.sky",
)


def layer(module: str) -> int | None:
    """Place of a module among the layers, by the longest name that fits; None for what is not ours."""
    homes = [package for package in _LAYERS if f"{module}.".startswith(package + ".")]
    return _LAYERS.index(max(homes, key=len)) if homes else None


def imported(path: pathlib.Path) -> Iterator[str]:
    """Every absolute import of a file, those within functions included."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def module_name(path: pathlib.Path, root: pathlib.Path) -> str:
    return ".".join(path.relative_to(root).with_suffix("").parts)


def upward_imports(root: pathlib.Path) -> list[str]:
    found = []
    for path in sorted(root.rglob("*.py")):
        name = module_name(path, root)
        own = layer(name)
        for target in imported(path):
            place = layer(target)
            if own is not None and place is not None and place > own:
                found.append(f"{name} imports {target}")
    return found


def test_every_package_has_its_layer():
    packages = {
        module_name(path.parent / "x", _PORTABLE).removesuffix(".x") for path in _PORTABLE.rglob("_*.py")
    } - {"lsst"}
    nameless = {p for p in packages if layer(p) is None and (_PORTABLE / p.replace(".", "/")).is_dir()}
    namespaces = {"lsst.afw", "lsst.daf", "lsst.pex", "lsst.meas", "lsst.obs", "lsst.pipe", "lsst.cp"}
    assert nameless <= namespaces


def test_portable_stack_imports_downwards():
    # The hand-on of the tasks under their documented path is the one exception.
    upward = [line for line in upward_imports(_PORTABLE) if not line.startswith("lsst.cp.pipe")]
    assert upward == []


def test_plugin_does_not_know_who_provides_the_stack():
    wrong = [
        f"{path.name}: {target}"
        for path in sorted(_PLUGIN.rglob("*.py"))
        for target in imported(path)
        if target.startswith("lsst.portable")
        or (target.startswith("lsst.") and not target.startswith("lsst.cp.sky") and "._" in target)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import lsst.afw.math", True),
        ("def f():\n    from lsst.cp.sky import x", True),
        ("import lsst.geom", False),
    ],
)
def test_an_upward_import_is_seen(tmp_path, source, expected):
    folder = tmp_path / "lsst" / "afw" / "image"
    folder.mkdir(parents=True)
    (folder / "_a.py").write_text(source)
    assert bool(upward_imports(tmp_path)) is expected
