# SPDX-License-Identifier: GPL-3.0-or-later
"""Access to the numbers that the compiled stack computed.

The full set lies beside the checkout in ``../shared/golden`` where there is one, cases that were made later
in ``../shared/cases/golden``; copies of most of them belong to this repository
(``portable/tests/data/golden``, see the README there). Tests ask here and need not know which they get.
"""

import functools
import json
import os
import pathlib
import re
import tempfile
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
from file_packing import pack_files, unpack_files
from packing import pack, unpack

_HERE = pathlib.Path(__file__).resolve()
#: Copies that belong to this repository.
COPIES = _HERE.parents[1] / "data" / "golden"
#: Folders of kinds beside the checkout, and what is put before the names of their cases in the copies:
#: numbers begin anew in each folder.
ORIGINALS = {"golden": "", "cases/golden": "cells_"}
#: The butler repository that the compiled stack wrote, all of its files in one.
REPOSITORY = COPIES / "repo.npz"
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
        In order of their numbers; empty if there are none.

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
    """Parametrise a test by the paths of the cases of a kind.

    Raises
    ------
    FileNotFoundError
        Raised if there are none, which would leave the test out without a word.
    """
    import pytest

    paths = golden_cases(kind)
    if not paths:
        raise FileNotFoundError(
            f"no golden case of kind {kind} is in {shared_dir() / 'golden'} or in {COPIES}"
        )
    return pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in paths])


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


def _exposure_label(path: pathlib.Path) -> str:
    """Dataset type, exposure and detector of a file of the repository."""
    numbers = re.search(r"_GC_(\d+)_R00_S(\d\d)_", path.name)
    return "_".join([path.name.partition("_")[0], *(numbers.groups() if numbers else ())])


def save_repository(source: pathlib.Path, target: pathlib.Path) -> None:
    """Keep a butler repository in one file, which `unpacked_repository` reads."""
    files, arrays = pack_files(source, _exposure_label)
    save_golden(target, {"files": files}, arrays)


@functools.cache
def _temporary_folder() -> tempfile.TemporaryDirectory:
    """Folder that goes away with the process."""
    return tempfile.TemporaryDirectory(prefix="golden-")


@functools.cache
def unpacked_repository() -> pathlib.Path:
    """Unpack the copy of the butler repository that the compiled stack wrote; it is not to be written to."""
    params, arrays = load_golden(REPOSITORY)
    folder = pathlib.Path(_temporary_folder().name) / "repo"
    unpack_files(params["files"], arrays, folder)
    return folder


class GoldenFolder:
    """Folder of files that the compiled stack wrote.

    ``folder / "files" / name`` is a file beside the checkout or else its copy in this repository;
    ``folder / "repo"`` is unpacked where it is not beside the checkout.
    """

    def __truediv__(self, name: str) -> pathlib.Path:
        first, *others = pathlib.PurePath(name).parts
        for folder in (shared_dir() / "golden", COPIES):
            if (path := folder / name).exists():
                return path
        if first == "repo":
            path = unpacked_repository().joinpath(*others)
            if path.exists():
                return path
        raise FileNotFoundError(
            f"{name} of the compiled stack is neither in {shared_dir() / 'golden'} nor in {COPIES}"
        )
