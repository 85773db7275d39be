"""Access to the numbers that the compiled stack computed."""

import json
import os
import pathlib
from typing import Any

import numpy as np

_HERE = pathlib.Path(__file__).resolve()
#: Copies that belong to this repository; see the README there.
COPIES = _HERE.parents[1] / "data" / "golden"


def shared_dir() -> pathlib.Path:
    """Folder with the full set of reference files, beside the checkout."""
    return pathlib.Path(os.environ.get("CP_SKY_SHARED", _HERE.parents[4] / "shared"))


def golden_cases(kind: str) -> list[pathlib.Path]:
    """All cases of a kind: the full set where it is available, otherwise the copies in this repository."""
    for folder in (shared_dir() / "golden" / kind, COPIES / kind):
        if cases := sorted(folder.glob("*.npz")):
            return cases
    raise FileNotFoundError(f"no golden cases of kind {kind!r} in {shared_dir()} or {COPIES}")


def load_golden(path: pathlib.Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Parameters and arrays (``in_*`` and ``out_*``) of one case."""
    with np.load(path, allow_pickle=False) as data:
        arrays = {name: data[name] for name in data.files if name != "params"}
        params = json.loads(str(data["params"])) if "params" in data.files else {}
    return params, arrays
