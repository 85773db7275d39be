# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the copies of the golden cases that are kept beside this file, verify them and print their sizes.

Usage: ``python copy_goldens.py``. The cases are in ``../shared`` beside the checkout, or in the folder that
``CP_SKY_SHARED`` names.
"""

import filecmp
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "_support"))

import golden

HERE = pathlib.Path(__file__).resolve().parent
#: Cases of the largest kinds that are not kept, so that all copies stay below 20 MB. What they alone
#: would show is shown by others: interpolation by Akima and natural splines and constants, and medians,
#: by ``background``; a fine grid on the focal plane by ``tasks``; fewer rounds of detection by the last
#: of ``mask_objects``; the chain of tasks without the alternate background by the repository.
LEFT_OUT = {
    "focal_plane": {"001", "002"},
    "mask_objects": {"001"},
    "sky_measurement": {"001", "003"},
    "tasks": {"000"},
}
#: Files that are kept as they are.
PLAIN = ("files", "repo-camera.yaml")
LIMIT = 20_000_000


def verify(source: pathlib.Path, copy: pathlib.Path) -> None:
    """Raise unless every bit of a case is in its copy."""
    (params, arrays), (params_of_copy, found) = golden.load_golden(source), golden.load_golden(copy)
    if params_of_copy != params or list(found) != list(arrays):
        raise AssertionError(f"{copy} has other parameters or names than {source}")
    for name, array in arrays.items():
        copied = found[name]
        same_form = (copied.dtype, copied.shape) == (array.dtype, array.shape)
        if not same_form or copied.tobytes() != array.tobytes():
            raise AssertionError(f"array {name} of {copy} is not that of {source}")


def copy_cases(kind: str) -> tuple[int, int, int, int]:
    """Copy a kind; returns numbers of cases and bytes, of the originals and of the copies."""
    cases = golden.original_cases(kind)
    left_out = {f"{stem}.npz" for stem in LEFT_OUT.get(kind, ())}
    folder = HERE / kind
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    size = 0
    for name, case in cases.items():
        if name in left_out:
            continue
        params, arrays = golden.load_golden(case)
        copy = folder / name
        golden.save_golden(copy, params, arrays)
        verify(case, copy)
        size += copy.stat().st_size
    before = sum(case.stat().st_size for case in cases.values())
    return len(cases), len(cases.keys() - left_out), before, size


def copy_plain(source: pathlib.Path, name: str) -> int:
    """Copy a file or folder as it is; returns its size in bytes."""
    paths = sorted((source / name).iterdir()) if (source / name).is_dir() else [source / name]
    for path in paths:
        copy = HERE / path.relative_to(source)
        copy.parent.mkdir(exist_ok=True)
        shutil.copyfile(path, copy)
        if not filecmp.cmp(path, copy, shallow=False):
            raise AssertionError(f"{copy} is not {path}")
    return sum(path.stat().st_size for path in paths)


def copy_repository(source: pathlib.Path) -> tuple[int, int]:
    """Keep the repository in one file; returns numbers of bytes, of the source and of the copy."""
    golden.save_repository(source, golden.REPOSITORY)
    copy = golden.unpacked_repository()
    found = {path.relative_to(copy): path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    files = {path.relative_to(source): path.read_bytes() for path in source.rglob("*") if path.is_file()}
    if found != files:
        raise AssertionError(f"{golden.REPOSITORY} does not give the files of {source} back")
    return sum(map(len, files.values())), golden.REPOSITORY.stat().st_size


def main() -> None:
    """Copy everything and print a table of sizes."""
    source = golden.shared_dir() / "golden"
    if not source.is_dir():
        sys.exit(f"{source} is not a folder of golden cases")
    total = 0
    print(f"{'kind':<20}{'cases':>7}{'bytes':>12}{'copied':>8}{'bytes':>12}")
    for kind in golden.KINDS:
        count, kept, before, after = copy_cases(kind)
        print(f"{kind:<20}{count:>7}{before:>12,}{kept:>8}{after:>12,}")
        total += after
    for name in PLAIN:
        size = copy_plain(source, name)
        print(f"{name:<20}{'':>7}{size:>12,}{'':>8}{size:>12,}")
        total += size
    before, after = copy_repository(source / "repo")
    print(f"{'repo':<20}{'':>7}{before:>12,}{'':>8}{after:>12,}")
    total += after
    print(f"{'total':<47}{total:>12,}")
    if total >= LIMIT:
        sys.exit(f"the copies take {total:,} bytes, more than the {LIMIT:,} that are allowed")


if __name__ == "__main__":
    main()
