"""Every page of the site is in the contents, once."""

import re

import docpages

FOLDER = docpages.ROOT / "doc"


def listed():
    """Pages in the contents of all pages, relative to ``doc``."""
    for page in FOLDER.glob("**/*.md"):
        for block in re.findall(r"```\{toctree\}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
            for name in block.split():
                if not name.startswith(":"):
                    yield (page.parent / f"{name}.md").relative_to(FOLDER).as_posix()


def test_contents():
    names = [name for name in listed() if (FOLDER / name).is_file()]
    pages = {path.relative_to(FOLDER).as_posix() for path in FOLDER.glob("**/*.md")}
    pages -= {one for one in pages if one.startswith(("changes/", "_"))}
    assert sorted(name for name in names if names.count(name) > 1) == []
    assert pages - set(names) == {"index.md"}
