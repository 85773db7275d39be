"""``doc/failures.md`` is true: its tests are there, its messages are those of the code, its cures work."""

import ast
import pathlib
import re
import subprocess
import sys

import nights
import pytest

import lsst.cp.sky.errors
from lsst.daf.butler import Butler, DatasetType
from lsst.daf.butler.cli.butler import cli
from lsst.daf.butler.cli.utils import LogCliRunner

ROOT = pathlib.Path(__file__).parents[1]
PAGE = (ROOT / "doc" / "failures.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith("| what happens")
]
#: The sources of the plugin, texts that go over several lines joined.
SOURCES = re.sub(r'"\s*\n\s*f?"', "", "\n".join(path.read_text() for path in (ROOT / "python").rglob("*.py")))


def named_tests(row):
    """File and name of each test of a row."""
    return [name.split("::", 1) for name in re.findall(r"`([\w/]+\.py::[\w:]+)`", row[-1])]


def source_of(path, name):
    """Text of a test with its decorators; empty if it is not there."""
    text = (ROOT / path).read_text()
    body = ast.parse(text).body
    for part in name.split("::"):
        found = [node for node in body if getattr(node, "name", None) == part]
        if not found:
            return ""
        body = found[0].body
    first = min([found[0].lineno, *(node.lineno for node in found[0].decorator_list)])
    return "\n".join(text.splitlines()[first - 1 : found[0].end_lineno])


def test_the_page_has_rows():
    assert len(ROWS) > 45
    assert all(len(row) == 6 for row in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_every_row_has_its_tests(row):
    classes = re.findall(r"`(\w+)`", row[1])
    assert named_tests(row)
    for path, name in named_tests(row):
        text = source_of(path, name)
        assert text, f"{path}::{name} is not there"
        if hasattr(lsst.cp.sky.errors, classes[0] if classes else ""):
            assert classes[0] in text, f"{path}::{name} is not about {classes[0]}"


@pytest.mark.parametrize(
    "row", [row for row in ROWS if "test_going_on_with_runs" not in row[-1]], ids=lambda row: row[0]
)
def test_messages_are_those_of_the_code(row):
    for part in filter(None, map(str.strip, row[2].split("..."))):
        assert part in SOURCES


def test_every_class_has_a_row():
    named = {name for row in ROWS for name in re.findall(r"`(\w+)`", row[1])}
    assert set(lsst.cp.sky.errors.__all__) - {"CpSkyError"} <= named


def test_links():
    anchors = {
        re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")
        for title in re.findall(r"^#+ (.*)$", PAGE, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([\w-]+)\)", PAGE)) <= anchors
    for name in re.findall(r"\]\(([\w./]+)\)", PAGE):
        assert (ROOT / "doc" / name).is_file()


KILLED = """
import os, signal, sqlite3, sys
database = sqlite3.connect(sys.argv[1])
database.execute("PRAGMA cache_size = 1")  # so that it writes before the end of the transaction
database.execute("BEGIN IMMEDIATE")
database.execute("CREATE TABLE half (text)")
for _ in range(500):
    database.execute("INSERT INTO half VALUES (?)", ("x" * 2000,))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_killed_inside_a_transaction(tmp_path):
    """The repository cannot be opened read-only, until the command of the page has opened it for writing."""
    root = tmp_path / "repo"
    Butler.makeRepo(root)
    with Butler.from_config(root, writeable=True, run="run") as butler:
        butler.registry.registerDatasetType(
            DatasetType("cards", (), "PropertyList", universe=butler.dimensions)
        )
    subprocess.run([sys.executable, "-c", KILLED, str(root / "gen3.sqlite3")], check=False)
    assert (root / "gen3.sqlite3-journal").exists()
    with pytest.raises(Exception, match="attempt to write a readonly database") as caught:
        Butler.from_config(root)
    assert type(caught.value).__name__ == "OperationalError"

    (line,) = re.findall(r"^    python -c '(.*)'$", PAGE, re.MULTILINE)
    subprocess.run([sys.executable, "-c", line.replace("REPO", str(root))], check=True)
    with Butler.from_config(root) as butler:
        assert butler.collections.query("*") == ["run"]
        assert butler.get_dataset_type("cards").storageClass_name == "PropertyList"


FULL = """
import pathlib, resource, sqlite3, sys
from lsst.daf.butler import Butler, DatasetType
butler = Butler.from_config(sys.argv[1], writeable=True)
path = pathlib.Path(sys.argv[1], "gen3.sqlite3")
with sqlite3.connect(path) as database:  # take what room there is within the file
    database.execute("CREATE TABLE filler (text)")
    while database.execute("PRAGMA freelist_count").fetchone() > (0,):
        database.execute("INSERT INTO filler VALUES (?)", ("x" * 3000,))
most = path.stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
kind = DatasetType("cards", ("instrument", "detector"), "PropertyList", universe=butler.dimensions)
butler.registry.registerDatasetType(kind)
"""


def test_full_disk_while_dataset_types_are_registered(tmp_path):
    """The registry names a table that is not there; removing the type, which has no datasets, cures it."""
    root = tmp_path / "repo"
    Butler.makeRepo(root)
    with Butler.from_config(root, writeable=True, run="run"):
        pass
    # The middleware takes the failure for another process having made the table.
    subprocess.run([sys.executable, "-c", FULL, str(root)], check=False)

    def find(butler):
        return butler.query_datasets("cards", collections="*", find_first=False, explain=False)

    with (
        Butler.from_config(root) as butler,
        pytest.raises(Exception, match="is missing from database schema") as caught,
    ):
        find(butler)
    assert type(caught.value).__name__ == "MissingDatabaseTableError"

    (line,) = re.findall(r"^    butler (remove-dataset-type .*)$", PAGE, re.MULTILINE)
    result = LogCliRunner().invoke(cli, line.replace("REPO", str(root)).replace("NAME", "cards").split())
    assert result.exit_code == 0, result.output
    with Butler.from_config(root, writeable=True) as butler:
        kind = DatasetType("cards", ("instrument", "detector"), "PropertyList", universe=butler.dimensions)
        butler.registry.registerDatasetType(kind)
        assert find(butler) == []


@pytest.mark.slow
def test_going_on_with_runs(tmp_path):
    def ends(status, printed, *options):
        done = nights.pipetask(tmp_path, "run", *options)
        text = done.stdout + done.stderr
        assert (done.returncode, printed in text) == (status, True), text

    nights.make_night(tmp_path)
    options = re.search(r"^    (--extend-run .*)$", PAGE, re.MULTILINE)[1].split()
    ends(1, "Cannot --extend-run; output collection 'run/1' does not exist", *options)
    ends(0, "")
    before = nights.products(tmp_path, "run")
    ends(1, "already exists, but --extend-run was not given")
    ends(1, "QuantumGraph contains no quanta", *options)
    assert nights.products(tmp_path, "run") == before
