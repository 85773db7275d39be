# SPDX-License-Identifier: GPL-3.0-or-later
"""Access to the numbers that the compiled stack computed.

The full set lies beside the checkout in ``../shared/golden`` where there is one, cases that were made later
in ``../shared/cases/golden``; copies of most of them belong to this repository
(``portable/tests/data/golden``, see the README there). Tests ask here and need not know which they get.
"""

import json
import os
import pathlib
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
from packing import pack, unpack

_HERE = pathlib.Path(__file__).resolve()
#: Copies that belong to this repository.
COPIES = _HERE.parents[1] / "data" / "golden"
#: Folders of kinds beside the checkout, and what is put before the names of their cases in the copies:
#: numbers begin anew in each folder.
ORIGINALS = {"golden": "", "cases/golden": "cells_"}
#: Kinds of cases, by the names of their folders.
KINDS = (
    "statistics",
    "statistics_masked",
    "interpolate",
    "background",
    "approximate",
    "stack",
    "warp",
    "focal_plane",
    "real_camera",
    "sky_measurement",
    "smooth_array",
    "mask_objects",
    "tasks",
)


def shared_dir() -> pathlib.Path:
    """Folder with the full set of reference files, beside the checkout."""
    return pathlib.Path(os.environ.get("CP_SKY_SHARED", _HERE.parents[4] / "shared"))


def golden_cases(kind: str, folder: pathlib.Path | None = None) -> list[pathlib.Path]:
    """All cases of a kind.

    Parameters
    ----------
    kind : `str`
        One of `KINDS`.
    folder : `pathlib.Path`, optional
        Where to look, a folder of kinds; without it, the full set beside the checkout and those copies of
        this repository that are not in it.

    Returns
    -------
    cases : `list` of `pathlib.Path`
        In order of their numbers. Empty if there are none, so that a test with cases as parameters is
        skipped.

    Raises
    ------
    ValueError
        Raised if there is no such kind.
    """
    if kind not in KINDS:
        raise ValueError(f"no kind of golden case is named {kind!r}; there are {', '.join(KINDS)}")
    folders = [folder] if folder is not None else [COPIES, shared_dir() / "golden"]
    cases = {path.name: path for place in folders for path in (place / kind).glob("*.npz")}
    return [cases[name] for name in sorted(cases)]


def original_cases(kind: str) -> dict[str, pathlib.Path]:
    """Cases beside the checkout, by the names that their copies have."""
    return {
        prefix + path.name: path
        for folder, prefix in ORIGINALS.items()
        for path in sorted((shared_dir() / folder / kind).glob("*.npz"))
    }


def each_case(kind: str) -> Any:
    """Parametrise a test by the paths of the cases of a kind; it is skipped where there are none."""
    import pytest

    paths: list[Any] = list(golden_cases(kind))
    reason = f"no golden case of kind {kind} is in {shared_dir() / 'golden'} or in {COPIES}"
    nothing = pytest.param(None, id="none", marks=pytest.mark.skip(reason=reason))
    return pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in paths] or [nothing])


def load_golden(path: pathlib.Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Parameters and arrays (``in_*`` and ``out_*``) of one case, in either form."""
    with np.load(path, allow_pickle=False) as data:
        params = json.loads(str(data["params"])) if "params" in data.files else {}
        if "recipes" in data.files:
            return params, unpack(json.loads(str(data["recipes"])), data["packed"].tobytes())
        return params, {name: data[name] for name in data.files if name != "params"}


def save_golden(path: pathlib.Path, params: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
    """Keep one case in the form of this repository, which `load_golden` reads.

    The file is an ordinary ``.npz`` of three members, the parameters, the recipes and what they need,
    compressed by LZMA. The same case always gives the same bytes.
    """
    recipes, data = pack(arrays)
    members = {
        "params": np.array(json.dumps(params)),
        "recipes": np.array(json.dumps(recipes, separators=(",", ":"))),
        "packed": np.frombuffer(data, np.uint8),
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, member in members.items():
            info = zipfile.ZipInfo(f"{name}.npy")  # of no date, unlike what a name alone would get
            info.compress_type = zipfile.ZIP_LZMA
            with archive.open(info, "w") as stream:
                np.lib.format.write_array(stream, member, allow_pickle=False)


class GoldenFolder:
    """Folder of files that the compiled stack wrote.

    ``folder / "files" / name`` is a file beside the checkout or else its copy in this repository; a test
    that asks for one that is in neither place is skipped.
    """

    def __truediv__(self, name: str) -> pathlib.Path:
        for folder in (shared_dir() / "golden", COPIES):
            if (path := folder / name).exists():
                return path
        import pytest

        pytest.skip(f"{name} of the compiled stack is neither in {shared_dir() / 'golden'} nor in {COPIES}")
