"""Imports run downwards only, and the two source trees meet in the names of the stack alone."""

import pathlib

import pytest
from import_graph import (
    UNREADABLE,
    Tree,
    borrowed_privates,
    circles,
    has_comment,
    is_within,
    layer,
    module_of,
    private_owner,
    upward,
)

_REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
_PORTABLE = _REPOSITORY / "portable" / "python"
_PLUGIN = _REPOSITORY / "python"

#: From the ground up; a package may import those before it.
LAYERS = (
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
#: Packages that only hold others.
NAMESPACES = {"lsst", "lsst.afw", "lsst.daf", "lsst.pex", "lsst.meas", "lsst.obs", "lsst.pipe", "lsst.cp"}
#: Offers the tasks under their documented path, and is the one to reach up.
HAND_ON = "lsst.cp.pipe"

#: Private modules of others that we borrow, each with what watches over it.
BORROWED = {
    "astropy.io.fits.hdu.compressed._codecs": "no public library does as well: doc/dependencies.md",
    "astropy.io.fits.hdu.compressed._compression": "its codecs cannot be given what follows a stream",
}
#: Modules that import by a name that only shows when they run, and why.
BY_NAME = {
    "lsst.portable._lazy": "hands on names of packages, which say them to type checkers",
    "lsst.portable.archive._registry": "finds the reader of what a file names",
    "lsst.portable.arrays.compiled": "hands on the twins",
    "lsst.cp.sky": "hands on its names, and says them to type checkers",
    "lsst.cp.sky.cli._group": "imports the module of the command that is run",
    "lsst.afw.display._backend": "finds the backend that a user names",
}
#: Tests that look inside a package other than the one that their folder is named after, and why.
LOOK_INSIDE = {
    "_support.planes": "lsst.afw.image",  # puts the dictionary of mask planes back between tests
    "afw.image.test_lazy_planes": "lsst",  # counts how often files are opened and read, two floors below
    "obs.base.test_formatters": "lsst.portable.fits",  # counts which tiles are read
}


@pytest.fixture(scope="module")
def portable():
    return Tree.read(_PORTABLE)


@pytest.fixture(scope="module")
def plugin():
    return Tree.read(_PLUGIN)


def lines(imports):
    """Imports as a failing test should print them."""
    return [str(one) for one in imports]


def test_every_package_has_its_layer(portable):
    packages = {name for name in portable.imports if (_PORTABLE / name.replace(".", "/")).is_dir()}
    assert {name for name in packages - NAMESPACES if layer(name, LAYERS) is None} == set()
    # A layer that is no more would let its name through unseen.
    assert {name for name in LAYERS if not is_within(name, "lsst.cp.sky")} <= set(portable.imports)


def test_portable_stack_imports_downwards(portable):
    assert lines(one for one in upward(portable, LAYERS) if not is_within(one.source, HAND_ON)) == []


def test_plugin_does_not_know_who_provides_the_stack(plugin):
    assert lines(one for one in plugin if is_within(one.target, "lsst.portable")) == []
    assert lines(one for one in borrowed_privates(plugin) if is_within(one.target, "lsst")) == []


def test_no_circle(portable, plugin):
    assert circles([portable, plugin]) == []


def test_no_package_uses_what_is_private_to_another(portable, plugin):
    found = [one for tree in (portable, plugin) for one in borrowed_privates(tree)]
    assert lines(one for one in found if one.target not in BORROWED) == []
    assert {one.target for one in found} == set(BORROWED)  # none is named that is not needed


def test_nothing_of_ours_is_imported_within_functions(portable, plugin):
    ours = {*portable.imports, *plugin.imports} - NAMESPACES
    for tree in (portable, plugin):
        late = [one for one in tree if one.in_function and one.target != UNREADABLE]
        own = [one for one in late if module_of(one.target, ours) and not is_within(one.source, HAND_ON)]
        assert lines(own) == []
        others = [one for one in late if module_of(one.target, ours) is None]
        assert lines(one for one in others if not has_comment(tree, one)) == []


def test_names_that_only_show_when_they_run(portable, plugin):
    found = {one.source for tree in (portable, plugin) for one in tree if one.target == UNREADABLE}
    assert found == set(BY_NAME)


def test_tests_look_only_into_what_they_test(portable):
    tree = Tree.read(_REPOSITORY / "portable" / "tests")
    inside = [one for one in borrowed_privates(tree) if is_within(one.target, "lsst")]
    allowed = {one: LOOK_INSIDE.get(one.source, f"lsst.{one.source.rpartition('.')[0]}") for one in inside}
    assert lines(one for one in inside if not is_within(private_owner(one.target), allowed[one])) == []


def test_tests_of_the_plugin_pass_on_any_stack():
    for folder in ("tests", "benchmarks"):
        inside = [
            one for one in borrowed_privates(Tree.read(_REPOSITORY / folder)) if is_within(one.target, "lsst")
        ]
        assert lines(one for one in inside if not is_within(one.target, "lsst.cp.sky")) == []
    tests = Tree.read(_REPOSITORY / "tests")
    assert lines(one for one in tests if is_within(one.target, "lsst.portable")) == []


class TestReading:
    """What is seen of made-up sources."""

    @staticmethod
    def read(folder, sources):
        """Tree of modules, given as sources by name."""
        for name, source in sources.items():
            path = folder.joinpath(*name.split(".")).with_suffix(".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source)
            for parent in path.relative_to(folder).parents[:-1]:
                (folder / parent / "__init__.py").touch()
        return Tree.read(folder)

    @pytest.mark.parametrize(
        ("source", "targets"),
        [
            ("import a.b", ["a.b"]),
            ("import a.b as c, d", ["a.b", "d"]),
            ("from a import b, c", ["a.b", "a.c"]),
            ("from a import *", ["a"]),
            ("from . import b", ["top.inner.b"]),
            ("from .b import c", ["top.inner.b.c"]),
            ("from ..b import c", ["top.b.c"]),
            ("from .. import b", ["top.b"]),
            ("import importlib\nx = importlib.import_module('a.b')", ["importlib", "a.b"]),
            ("x = __import__('a')", ["a"]),
            ("x = import_module('.b', __package__)", ["top.inner.b"]),
            ("x = import_module(name)", [UNREADABLE]),
            ("try:\n    import a\nexcept ImportError:\n    import b", ["a", "b"]),
            ("if TYPE_CHECKING:\n    import a\nelse:\n    import b", ["b"]),
            ("import typing\nif typing.TYPE_CHECKING:\n    from a import b", ["typing"]),
            ("if TYPE_CHECKING:\n    from ._b import c\ndef __getattr__(name): ...", ["top.inner._b.c"]),
            ("if TYPE_CHECKING:\n    from ._b import c\n__getattr__ = late(1)", ["top.inner._b.c"]),
            ("if TYPE_CHECKING:\n    from ._b import c\n__getattr__, x = late(1)", ["top.inner._b.c"]),
            ("if TYPE_CHECKING:\n    from ._b import c\nclass A:\n    def __getattr__(self, name): ...", []),
        ],
    )
    def test_targets(self, tmp_path, source, targets):
        tree = self.read(tmp_path, {"top.inner.module": source})
        assert [one.target for one in tree.imports["top.inner.module"]] == targets

    def test_relative_to_a_package_itself(self, tmp_path):
        tree = self.read(tmp_path, {"top.inner.__init__": "from ._a import b\nfrom ..c import d"})
        assert [one.target for one in tree.imports["top.inner"]] == ["top.inner._a.b", "top.c.d"]

    @pytest.mark.parametrize(
        ("source", "late"),
        [
            ("import a", False),
            ("def f():\n    import a", True),
            ("async def f():\n    import a", True),
            ("class A:\n    import a", False),
            ("class A:\n    def f(self):\n        from a import b", True),
            ("f = lambda: __import__('a')", True),
        ],
    )
    def test_within_functions(self, tmp_path, source, late):
        (one,) = self.read(tmp_path, {"module": source})
        assert one.in_function is late

    def test_handed_on(self, tmp_path):
        source = "if TYPE_CHECKING:\n    from ._b import c\ndef __getattr__(name): ..."
        (one,) = self.read(tmp_path, {"p.a": source})
        assert (one.handed_on, one.in_function) == (True, False)

    @pytest.mark.parametrize(
        ("source", "expected"),
        [
            ("import a  # takes long", True),
            ("# takes long\nimport a", True),
            ("x = 1  # one\nimport a", False),
            ("import a", False),
        ],
    )
    def test_comments(self, tmp_path, source, expected):
        tree = self.read(tmp_path, {"p.__init__": source})
        (one,) = tree
        assert has_comment(tree, one) is expected

    def test_says_where(self, tmp_path):
        (one,) = self.read(tmp_path, {"top.module": "\n\nfrom . import a"})
        assert str(one) == "top.module:3 imports top.a"


class TestRules:
    """What the rules find in made-up trees."""

    read = staticmethod(TestReading.read)

    @pytest.mark.parametrize(
        ("source", "found"),
        [
            ("import lsst.afw.math", True),
            ("def f():\n    from lsst.cp.sky import x", True),
            ("from ...cp import sky", True),
            ("from ..math import x", True),
            ("from lsst.portable.fits import x", False),
            ("import lsst.geom", False),
            ("from ._b import x", False),
            ("import numpy", False),
        ],
    )
    def test_upward(self, tmp_path, source, found):
        tree = self.read(tmp_path, {"lsst.afw.image._a": source})
        assert bool(upward(tree, LAYERS)) is found

    def test_floors_below_the_stack_are_told_from_the_ground(self, tmp_path):
        tree = self.read(
            tmp_path,
            {
                "lsst.portable._lazy": "import lsst.portable.arrays",
                "lsst.portable.arrays.boxes": "from lsst.portable import lazy\nimport lsst.portable.fits",
                "lsst.portable.fits.cards": "from lsst.pex.exceptions import A\nimport lsst.portable.arrays",
            },
        )
        assert lines(upward(tree, LAYERS)) == [
            "lsst.portable._lazy:1 imports lsst.portable.arrays",
            "lsst.portable.arrays.boxes:2 imports lsst.portable.fits",
        ]

    def test_circles(self, tmp_path):
        tree = self.read(
            tmp_path,
            {
                "p._a": "from ._b import x",
                "p._b": "def f():\n    from . import _c",
                "p._c": "import p._a",
                "p._d": "from ._a import x\nfrom ._e import y",
                "p._e": "if TYPE_CHECKING:\n    from ._d import z",
                "p._f": "from ._f import x",
            },
        )
        assert circles([tree]) == [["p._a", "p._b", "p._c"], ["p._f"]]

    def test_circle_through_a_package(self, tmp_path):
        tree = self.read(
            tmp_path,
            {
                "p.q.__init__": "if TYPE_CHECKING:\n    from ._a import x\n__getattr__ = late(__name__)",
                "p.q._a": "def f():\n    from p.q import y",
            },
        )
        assert circles([tree]) == [["p.q", "p.q._a"]]

    def test_circle_through_two_trees(self, tmp_path):
        one = self.read(tmp_path / "one", {"p.a": "import q.b"})
        other = self.read(tmp_path / "other", {"q.b": "import p.a"})
        assert circles([one]) == circles([other]) == []
        assert circles([one, other]) == [["p.a", "q.b"]]

    @pytest.mark.parametrize(
        ("source", "found"),
        [
            ("from lsst.afw.math._boxes import x", True),
            ("from lsst.afw.math import _boxes", True),
            ("import lsst.afw.math._boxes", True),
            ("def f():\n    from ..math._boxes import x", True),
            ("from astropy.io.fits._codecs import x", True),
            ("from lsst.afw.image._b import x", False),
            ("from ._b import x", False),
            ("from lsst.afw.math import __version__", False),
            ("from __future__ import annotations", False),
        ],
    )
    def test_borrowed_privates(self, tmp_path, source, found):
        tree = self.read(tmp_path, {"lsst.afw.image._a": source})
        assert bool(borrowed_privates(tree)) is found

    def test_a_package_within_uses_what_is_private_to_the_one_around_it(self, tmp_path):
        tree = self.read(
            tmp_path, {"p.inner.module": "from p._a import x", "q.module": "from p.inner._b import y"}
        )
        assert lines(borrowed_privates(tree)) == ["q.module:1 imports p.inner._b.y"]
        assert private_owner("p.inner._b.y") == "p.inner"
