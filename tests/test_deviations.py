"""The list of deviations is true: each row names tests that run by default and that can fail."""

import ast
import builtins
import pathlib
import re

import pytest

import lsst.cp.sky

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
TEXT = (REPOSITORY / "doc/deviations.md").read_text()
TEST = re.compile(r"`((?:portable/)?tests/[^`]+)`")
ROWS = [line for line in TEXT.splitlines() if line.startswith("| ") and not line.startswith("| what ")]
#: Marks under which a test of the default run does not run, or may fail.
LEFT_OUT = {"slow", "shared", "skip", "skipif", "xfail"}


def functions_of(path):
    """Tests of a file by name, those of classes included."""
    tree = ast.parse((REPOSITORY / path).read_text())
    return {
        node.name: node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def named_tests(row):
    """Functions of the tests that a row names."""
    for name in TEST.findall(row):
        path, *_, function = name.split("::")
        yield functions_of(path)[function]


def names_in(node):
    """Every name, attribute and text within some source."""
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            yield part.id
        elif isinstance(part, ast.Attribute):
            yield part.attr
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def checks(node):
    """Whether a test can fail: it asserts something, or expects an exception, or asks a helper to."""
    words = ("assert", "same", "check", "raises", "warns")
    return any(isinstance(part, ast.Assert) for part in ast.walk(node)) or any(
        any(word in name.lower() for word in words) for name in names_in(node)
    )


@pytest.mark.parametrize("name", sorted(set(TEST.findall(TEXT))))
def test_named_test_runs_and_can_fail(name):
    path, *_, function = name.split("::")
    test = functions_of(path)[function]
    marks = {mark for decorator in test.decorator_list for mark in names_in(decorator)}
    assert not marks & LEFT_OUT
    assert "real_dir" not in {argument.arg for argument in test.args.args}
    assert checks(test)


def test_every_row_names_a_test():
    assert len(ROWS) > 50
    assert not [row for row in ROWS if "tests/" not in row]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip()[:50])
def test_exceptions_of_a_row_are_expected_by_its_tests(row):
    cells = [cell.strip() for cell in row.strip("| ").split(" | ")]
    here = cells[2] if len(cells) == 5 else ""  # the others list what is kept as it is
    bases = set(re.findall(r"still an? `(\w+)`", here))
    promised = set(re.findall(r"`(?:\w+\.)*(\w+(?:Error|Exception|Warning))`", here)) - bases
    found = {name for test in named_tests(row) for name in names_in(test)}
    assert promised <= found
    for base in bases:
        assert all(issubclass(getattr(lsst.cp.sky, name), getattr(builtins, base)) for name in promised)
