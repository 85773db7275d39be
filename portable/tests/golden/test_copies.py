# SPDX-License-Identifier: GPL-3.0-or-later
"""The copies of the golden cases are the cases, bit for bit."""

import numpy as np
import pytest
from file_packing import REST, pack_files, unpack_files
from golden import (
    COPIES,
    KINDS,
    GoldenFolder,
    golden_cases,
    load_golden,
    original_cases,
    save_golden,
    shared_dir,
    unpacked_repository,
)
from packing import pack, unpack

from lsst.afw.image import ExposureF


def bits(arrays):
    return {name: (array.dtype, array.shape, array.tobytes()) for name, array in arrays.items()}


def related_arrays():
    """A noisy image and arrays that follow from it, with numbers that are easily lost."""
    rng = np.random.default_rng(5)
    y, x = np.indices((31, 42))
    image = rng.normal(3.0, 20.0, y.shape).astype(np.float32)
    image[3, 4:9] = [np.nan, np.inf, -np.inf, -0.0, 1e-42]
    image.view(np.uint32)[7, 7] = 0x7FC01234  # a NaN that carries a number
    image.view(np.uint32)[7, 8] = 0xFFA00001  # a signalling one
    patched = image.copy()
    patched[10:14, 20:30] = -1.5
    sky = (100 + 0.1 * x + 0.002 * y**2).astype(np.float32)
    with np.errstate(invalid="ignore"):
        subtracted = image - sky
    subtracted[20, 20] = 7.0
    return {
        "in_image": image,
        "in_sky": sky,
        "in_mask": (rng.random(y.shape) < 0.1).astype(np.int32) * -(2**31),
        "out_patched": patched,
        "out_subtracted": subtracted,
        "out_same": patched.copy(),
        "out_turned": patched.T,
        "out_cube": rng.integers(0, 2**16, (3, 5, 7)).astype(np.uint16),
        "out_values": np.array([0.0, -0.0, np.nan, 1e300, -5e-324]),
        "out_flags": rng.random((9, 11)) < 0.5,
        "out_number": np.array(17, dtype=np.int64),
        "out_nothing": np.zeros((0, 3), dtype=np.float64),
    }


def test_every_bit_comes_back():
    arrays = related_arrays()
    recipes, data = pack(arrays)
    assert bits(unpack(recipes, data)) == bits(arrays)
    forms = {name: next(iter(recipe)) for name, recipe in recipes.items()}
    assert forms["out_patched"] == "patch"
    assert forms["out_subtracted"] == "minus"
    assert forms["out_same"] == "same"
    assert forms["in_image"] == "orders"


def test_files_are_reproducible(tmp_path):
    arrays, params = related_arrays(), {"maskPlanes": {"BAD": 0}, "scale": 691.461308665805}
    for name in ("one", "other"):
        save_golden(tmp_path / f"{name}.npz", params, arrays)
    found_params, found = load_golden(tmp_path / "one.npz")
    assert found_params == params
    assert bits(found) == bits(arrays)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "other.npz").read_bytes()


def test_text_is_refused():
    with pytest.raises(TypeError, match="cannot pack 'in_name' of type <U5"):
        pack({"in_name": np.array("GoldC")})


@pytest.fixture(scope="module")
def full_set():
    """Folder of all cases."""
    folder = shared_dir() / "golden"
    if not folder.is_dir():
        pytest.skip(f"the full set of cases is not beside this checkout ({folder})")
    return folder


@pytest.mark.shared
@pytest.mark.parametrize("kind", KINDS)
def test_copies_are_the_cases(kind, full_set):
    originals = original_cases(kind)
    copies = golden_cases(kind, COPIES)
    assert copies
    firsts = {copy.name.rpartition("_")[0]: copy for copy in reversed(copies)}
    for copy in firsts.values():
        params, arrays = load_golden(copy)
        expected_params, expected = load_golden(originals[copy.name])
        assert params == expected_params
        assert bits(arrays) == bits(expected)


def test_cases_that_were_made_later_come_beside_those_of_the_same_number():
    names = [path.name for path in golden_cases("mask_objects")]
    assert {"000.npz", "cells_000.npz"} <= set(names)
    assert names == sorted(set(names))


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.shared
def test_repository_is_the_one_that_the_stack_wrote(full_set):
    # The tiles of pixels are compressed anew; those of another zlib have other bytes, and the same pixels.
    found, expected = contents(unpacked_repository()), contents(full_set / "repo")
    assert found.keys() == expected.keys()
    different = [path for path in expected if found[path] != expected[path]]
    assert not [path for path in different if "IsrExp" not in path.name]
    for path in different:
        ours, theirs = ExposureF(str(unpacked_repository() / path)), ExposureF(str(full_set / "repo" / path))
        np.testing.assert_array_equal(ours.image.array, theirs.image.array)
        np.testing.assert_array_equal(ours.mask.array, theirs.mask.array)
        np.testing.assert_array_equal(ours.variance.array, theirs.variance.array)


def test_packed_files_come_back(golden_dir, tmp_path):
    source = tmp_path / "source"
    (source / "inner").mkdir(parents=True)
    for name in ("exposure_gzip.fits", "exposure_rice.fits", "property_list.yaml"):
        (source / "inner" / name).write_bytes((golden_dir / "files" / name).read_bytes())
    files, arrays = pack_files(source, lambda path: path.stem)
    # Rice keeps floats as integers that they were rounded to: its tiles stay as they are.
    assert set(arrays) == {REST, "image_exposure_gzip", "variance_exposure_gzip"}
    unpack_files(files, arrays, tmp_path / "target")
    assert contents(tmp_path / "target") == contents(source)


def test_other_zlib_gives_other_files_with_the_same_pixels(golden_dir, tmp_path, monkeypatch):
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.fits").write_bytes((golden_dir / "files/exposure_gzip.fits").read_bytes())
    files, arrays = pack_files(source, lambda path: path.stem)
    monkeypatch.setattr("file_packing._LEVEL", 9)
    unpack_files(files, arrays, tmp_path / "target")
    assert contents(tmp_path / "target") != contents(source)
    ours, theirs = ExposureF(str(tmp_path / "target/a.fits")), ExposureF(str(source / "a.fits"))
    np.testing.assert_array_equal(ours.image.array, theirs.image.array)
    np.testing.assert_array_equal(ours.mask.array, theirs.mask.array)


def test_cases_that_are_not_there(tmp_path):
    assert golden_cases("tasks", tmp_path) == []
    with pytest.raises(ValueError, match="no kind of golden case is named 'task'; there are statistics, "):
        golden_cases("task")


def test_copies_serve_where_the_full_set_is_not(monkeypatch, tmp_path):
    monkeypatch.setenv("CP_SKY_SHARED", str(tmp_path))
    assert golden_cases("warp")[0] == COPIES / "warp" / "000.npz"
    assert GoldenFolder() / "files/camera.fits" == COPIES / "files" / "camera.fits"
    assert GoldenFolder() / "repo/butler.yaml" == unpacked_repository() / "butler.yaml"
    with pytest.raises(FileNotFoundError, match="repo/nothing of the compiled stack is neither in"):
        GoldenFolder() / "repo/nothing"


def test_copies_are_small():
    assert sum(path.stat().st_size for path in COPIES.rglob("*") if path.is_file()) < 20_000_000
