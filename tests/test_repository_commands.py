"""The ``butler`` command on a repository that the compiled stack wrote, and between repositories."""

import shutil

import numpy as np
import pytest

from lsst.daf.butler import Butler
from lsst.daf.butler.cli.butler import cli
from lsst.daf.butler.cli.utils import LogCliRunner

#: Dataset type, class that it is read as, and number of datasets of all runs.
CONTENT = {
    "camera": ("Camera", 1),
    "cpSkyIsrExp": ("ExposureF", 12),
    "cpSkyMaskedIsrExp": ("ExposureF", 12),
    "cpSkyDetectorBackground": ("FocalPlaneBackground", 12),
    "cpSkyExpBackground": ("FocalPlaneBackground", 3),
    "cpSkyExpScale": ("PropertyList", 3),
    "cpSkyExpResidualBackground": ("BackgroundList", 12),
    "sky": ("ExposureF", 4),
}


def run(*arguments):
    """Run the command in this process; starting a new one each time would take longer than what it does."""
    result = LogCliRunner().invoke(cli, [str(argument) for argument in arguments])
    assert result.exit_code == 0, f"{arguments}: {result.output}\n{result.exception!r}"
    return result.output


@pytest.fixture(scope="module")
def repo(golden_dir, tmp_path_factory):
    root = tmp_path_factory.mktemp("commands") / "repo"
    shutil.copytree(golden_dir / "repo", root, copy_function=shutil.copy)
    for path in [root, *root.rglob("*")]:
        path.chmod(path.stat().st_mode | 0o200)
    return root


def content(dataset):
    """What a dataset holds, as plain values and arrays."""
    kind = type(dataset).__name__
    if kind.startswith("Exposure"):
        planes = [plane.array for plane in (dataset.image, dataset.mask, dataset.variance)]
        return [dataset.getBBox(), dataset.getDetector().getName(), dataset.filter, *planes]
    if kind == "FocalPlaneBackground":
        return [dataset.config.toDict(), dataset.dims, dataset._values.array, dataset._numbers.array]
    if kind == "BackgroundList":
        return [member[0].getStatsImage().image.array for member in dataset]
    if kind == "Camera":
        return [dataset.getName(), [(detector.getId(), detector.getName()) for detector in dataset]]
    return [dataset.toDict()]


def all_datasets(root):
    """Every dataset of the types above, by type, data ID and run."""
    found = {}
    with Butler.from_config(str(root)) as butler:
        for name, (kind, _) in CONTENT.items():
            for ref in butler.query_datasets(name, collections="*", find_first=False, explain=False):
                dataset = butler.get(ref)
                assert type(dataset).__name__ == kind
                found[name, str(ref.dataId), ref.run] = content(dataset)
    return found


@pytest.fixture(scope="module")
def datasets(repo):
    return all_datasets(repo)


def test_every_dataset_loads(datasets):
    counts = {name: sum(key[0] == name for key in datasets) for name in CONTENT}
    assert counts == {name: count for name, (_, count) in CONTENT.items()}


def test_queries(repo):
    collections = run("query-collections", repo)
    assert all(name in collections for name in ("GoldCam/raw", "GoldCam/calib", "stack/cpSky"))
    sky = run("query-datasets", repo, "sky", "--collections", "stack/cpSky", "--show-uri")
    assert sky.count(".fits") == 4
    exposures = run("query-dimension-records", repo, "exposure", "--where", "instrument='GoldCam'")
    assert exposures.count("GC_20240328") >= 3
    detectors = run("query-dimension-records", repo, "detector", "--where", "instrument='GoldCam'")
    assert all(name in detectors for name in ("R00_S00", "R00_S01", "R00_S10", "R00_S11"))
    types = run("query-dataset-types", repo, "--verbose")
    assert all(name in types for name in CONTENT)


def test_export_and_import(repo, datasets, tmp_path):
    (tmp_path / "files").mkdir()
    with Butler.from_config(str(repo)) as butler:
        with butler.export(directory=str(tmp_path / "files"), format="yaml", transfer="copy") as export:
            for name in CONTENT:
                export.saveDatasets(butler.query_datasets(name, collections="*", find_first=False))
            for name in ("GoldCam/calib", "GoldCam/raw", "stack/cpSky"):
                export.saveCollection(name)
    run("create", tmp_path / "other")
    run("import", tmp_path / "other", tmp_path / "files", "--transfer", "copy")
    np.testing.assert_equal(all_datasets(tmp_path / "other"), datasets)
    with Butler.from_config(str(tmp_path / "other"), collections="GoldCam/calib") as butler:
        assert butler.get("camera", instrument="GoldCam").getName() == "GoldCam"


def test_transfer_datasets(repo, datasets, tmp_path):
    run("create", tmp_path / "other")
    types = [option for name in CONTENT for option in ("--dataset-type", name)]
    run(
        "transfer-datasets", repo, tmp_path / "other", *types, "--collections", "*",
        "--register-dataset-types", "--transfer-dimensions", "--transfer", "copy", "--no-find-first",
    )  # fmt: skip
    np.testing.assert_equal(all_datasets(tmp_path / "other"), datasets)


def test_retrieve_artifacts(repo, tmp_path):
    from lsst.afw.image import ExposureF
    from lsst.cp.sky.files import read_model_pickle

    target = tmp_path / "artifacts"
    target.mkdir()
    run(
        "retrieve-artifacts", repo, target, "--dataset-type", "sky", "--dataset-type", "cpSkyExpBackground",
        "--collections", "stack/cpSky", "--transfer", "copy",
    )  # fmt: skip
    frames, models = sorted(target.rglob("sky_*.fits")), sorted(target.rglob("*.pickle"))
    assert (len(frames), len(models)) == (4, 3)
    assert {ExposureF.readFits(str(path)).getDetector().getName() for path in frames} == {
        "R00_S00", "R00_S01", "R00_S10", "R00_S11",
    }  # fmt: skip
    assert all(read_model_pickle(path)._numbers.array.any() for path in models)


def test_certify_calibrations(repo):
    run(
        "certify-calibrations", repo, "stack/cpSky", "GoldCam/sky", "sky",
        "--begin-date", "2024-01-01", "--end-date", "2025-01-01",
    )  # fmt: skip
    with Butler.from_config(str(repo), collections=["GoldCam/sky", "GoldCam/raw"]) as butler:
        (record, *_) = butler.query_dimension_records("exposure", instrument="GoldCam")
        frame = butler.get("sky", instrument="GoldCam", exposure=record.id, detector=0)
        assert frame.getDetector().getId() == 0
        assert frame.metadata.exists("CALIB_CREATION_DATE")
    assert "GoldCam/sky" in run("query-collections", repo)
