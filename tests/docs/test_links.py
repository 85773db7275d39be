"""Links of all pages lead somewhere: to a file, a heading in it, or a known place outside."""

import os

import docpages
import pytest

PAGES = docpages.pages()
#: Places outside that somebody has looked up; a new one has to be looked up, and added.
OUTSIDE = {
    "https://arxiv.org/abs/1905.12221",
    "https://doi.org/10.1070/SM1967v001n04ABEH001994",
    "https://doi.org/10.1109/TIP.2006.887733",
    "https://doi.org/10.1145/321607.321609",
    "https://github.com/lsst/astro_metadata_translator",
    "https://parsl-project.org",
}


def broken(page):
    """Links of a page that lead nowhere."""
    for link in docpages.links(page.read_text(encoding="utf-8")):
        if link.startswith("https:"):
            if link not in OUTSIDE:
                yield link
            continue
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        if not target.exists() or (
            anchor and anchor not in docpages.anchors(target.read_text(encoding="utf-8"))
        ):
            yield link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(docpages.ROOT)))
def test_links(page):
    assert list(broken(page)) == []


def test_pages_are_found():
    names = {str(page.relative_to(docpages.ROOT)) for page in PAGES}
    assert {"README.md", "benchmarks/README.md", "doc/index.md", "doc/guide/judging.md"} <= names


def test_broken_links_are_noticed(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# One\n\n[a](#one) [b](#two) [c](none.md) ![d](none.png) [e](https://example.org)\n")
    assert list(broken(page)) == ["#two", "none.md", "none.png", "https://example.org"]


def test_every_picture_is_shown_and_small():
    """No picture is kept that no page shows; together they are small enough for a repository."""
    folder = docpages.ROOT / "doc/images"
    shown = {
        os.path.normpath(page.parent / link)
        for page in PAGES
        for link in docpages.links(page.read_text(encoding="utf-8"))
    }
    pictures = sorted(folder.iterdir())
    assert [path.name for path in pictures if str(path) not in shown] == []
    assert sum(path.stat().st_size for path in pictures) < 600_000
