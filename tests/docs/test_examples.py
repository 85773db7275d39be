"""Examples in pages and docstrings print what they say."""

import doctest
import importlib
import pathlib
import pkgutil

import docpages
import pytest

import lsst.cp.sky

OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
PAGES = [page for page in docpages.pages() if ">>> " in page.read_text(encoding="utf-8")]
MODULES = [
    one.name
    for one in pkgutil.walk_packages(lsst.cp.sky.__path__, "lsst.cp.sky.")
    if ".config." not in one.name
    and ">>> " in pathlib.Path(importlib.util.find_spec(one.name).origin).read_text(encoding="utf-8")
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(docpages.ROOT)))
def test_pages(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    failed, tried = doctest.testfile(str(page), module_relative=False, optionflags=OPTIONS)
    assert failed == 0
    assert tried


@pytest.mark.parametrize("name", MODULES)
def test_docstrings(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    failed, tried = doctest.testmod(importlib.import_module(name), optionflags=OPTIONS)
    assert failed == 0
    assert tried


def test_there_are_examples():
    assert PAGES
    assert MODULES
