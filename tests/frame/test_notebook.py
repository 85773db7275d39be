"""The notebook, cell by cell as Jupyter would run it."""

import contextlib
import io
import json
import pathlib

import numpy as np

_NOTEBOOK = pathlib.Path(__file__).resolve().parents[2] / "doc" / "notebooks" / "sky_frame.ipynb"


def test_notebook(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    notebook = json.loads(_NOTEBOOK.read_text(encoding="utf-8"))
    code = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    names, printed = {}, io.StringIO()
    with contextlib.redirect_stdout(printed):
        for number, cell in enumerate(code):
            exec(compile(cell, f"cell {number}", "exec"), names)
    found = names["sky_frame"].detectors["A"].image.array
    np.testing.assert_allclose(found, names["cells"], atol=0.0012)
    assert abs(names["applied"].scale - 1) < 0.3
    assert "scale " in printed.getvalue()
    assert {path.name for path in tmp_path.iterdir()} == {"camera.png", "sky.fits", "sky.png"}
    assert all(not cell.get("outputs") for cell in notebook["cells"])  # outputs are not kept in git
