"""The tutorial: its commands, pasted one after the other, and the notebook that looks at what they made."""

import contextlib
import io
import json
import os
import pathlib
import subprocess
import sys

import docpages
import numpy as np
import pytest

from lsst.daf.butler import Butler

PAGE = docpages.ROOT / "doc/tutorial.md"
NOTEBOOK = docpages.ROOT / "doc/notebooks/demo.ipynb"
#: What makes the night small.
SMALL = ["--exposures", "3", "--size", "170", "--detectors", "R00_S00,R00_S01", "--seed", "7"]


@pytest.fixture(scope="module")
def pasted(tmp_path_factory):
    """Folder in which every command of the page was run, and what each printed."""
    folder = tmp_path_factory.mktemp("tutorial")
    programs = pathlib.Path(sys.executable).parent
    environment = {**os.environ, "MPLBACKEND": "Agg", "OMP_NUM_THREADS": "1"}
    environment["PATH"] = f"{programs}{os.pathsep}{environment['PATH']}"
    printed = []
    for words in docpages.commands(PAGE.read_text(encoding="utf-8")):
        words += SMALL if words[:2] == ["cpsky", "demo"] and "--camera" not in words else []
        done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, f"{words}\n{done.stdout}{done.stderr}"
        printed.append((words, done.stdout))
    return folder, printed


def lost(folder, collection):
    """Fraction of the pixels that are masked or replaced, as the report gives it."""
    with Butler.from_config(str(folder / "sky-demo/repo"), collections=collection) as butler:
        tables = [butler.get(ref) for ref in butler.query_datasets("cpSkyExposureMetrics")]
    rows = [row for table in tables for row in table]
    return np.median([np.fmax(row["maskedFraction"], row["replacedFraction"]) for row in rows])


def test_commands(pasted):
    folder, printed = pasted
    names = ["demo", "run", "report", "run", "run", "report", "apply"]
    assert [words[1] for words, _ in printed] == names
    assert "check passed" in printed[0][1]
    assert lost(folder, "SkySim/verify-better") < lost(folder, "SkySim/verify")
    assert len([line for line in printed[6][1].splitlines() if line.startswith("Exposure ")]) == 3
    assert (folder / "sky-demo/report.html").is_file()


def test_notebook(pasted, monkeypatch):
    folder, _ = pasted
    monkeypatch.chdir(folder)
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    assert all(not cell.get("outputs") for cell in notebook["cells"])  # outputs are not kept in git
    code = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    names, printed = {}, io.StringIO()
    with contextlib.redirect_stdout(printed):
        for number, cell in enumerate(code):
            exec(compile(cell, f"cell {number}", "exec"), names)
    assert names["correlation"] > 0.9
    assert (folder / "pattern.png").is_file()
    text = printed.getvalue()
    assert text.count("residual ") == 3
    assert "R00_S00: (" in text
