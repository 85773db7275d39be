"""Every test that the list of deviations names is there."""

import ast
import pathlib
import re

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
TEXT = (REPOSITORY / "doc/deviations.md").read_text()


def functions_of(path):
    return {
        node.name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`((?:portable/)?tests/[^`]+)`", TEXT))))
def test_named_test_exists(name):
    path, _, function = name.partition("::")
    assert function.split("::")[-1] in functions_of(REPOSITORY / path)


def test_every_row_names_a_test():
    rows = [line for line in TEXT.splitlines() if line.startswith("| ") and not line.startswith("| what ")]
    assert len(rows) > 50
    assert not [row for row in rows if "tests/" not in row]
