"""Every task has a page, which is made from the task itself."""

import importlib
import pkgutil

import docpages
import pytest

import lsst.cp.sky
from lsst.pipe.base import PipelineTask

FOLDER = docpages.ROOT / "doc/lsst.cp.sky"


def tasks():
    """Full names of all tasks, by the shortest public path."""
    for one in pkgutil.walk_packages(lsst.cp.sky.__path__, "lsst.cp.sky."):
        if "._" in one.name or ".config" in one.name:
            continue
        module = importlib.import_module(one.name)
        for name in getattr(module, "__all__", ()):
            value = getattr(module, name)
            if isinstance(value, type) and issubclass(value, PipelineTask) and value.__module__ == one.name:
                places = (lsst.cp.sky, importlib.import_module(one.name.rpartition(".")[0]), module)
                place = next(place for place in places if name in place.__all__)
                yield f"{place.__name__}.{name}"


TASKS = sorted(tasks())


@pytest.mark.parametrize("task", TASKS)
def test_page(task):
    text = (FOLDER / "tasks" / f"{task}.md").read_text(encoding="utf-8")
    assert f"```{{skytask}} {task}\n" in text
    assert f".. autoclass:: {task}\n" in text
    titles = ("## Algorithm", "## What can go wrong", "## Python interface")
    assert [title for title in titles if f"\n{title}\n" not in text] == []


def test_pages_are_listed():
    listed = (FOLDER / "index.md").read_text(encoding="utf-8")
    assert [task for task in TASKS if f"\ntasks/{task}\n" not in listed] == []
    assert {path.stem for path in (FOLDER / "tasks").iterdir()} == set(TASKS)
