"""Property containers in YAML, as the compiled stack and the middleware read and write them."""

import shutil

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from lsst.daf.base import DateTime, PropertyList, PropertySet
from lsst.daf.butler import Butler, DatasetType

LOADERS = [yaml.Loader, yaml.FullLoader, yaml.UnsafeLoader, yaml.SafeLoader, yaml.CLoader, yaml.CSafeLoader]


@pytest.fixture
def golden(golden_dir):
    return (golden_dir / "files" / "property_list.yaml").read_text()


@pytest.mark.parametrize("loader", LOADERS)
def test_file_of_the_compiled_stack(golden, loader):
    pl = yaml.load(golden, Loader=loader)
    assert pl.toDict() == {
        "scale": 812.25,
        "detectorType": "E2V",
        "n": 3,
        "flag": True,
        "list": [1.5, 2.5],
        "when": DateTime("2024-03-31T06:00:00", DateTime.TAI),
    }
    assert pl.getComment("scale") == "median level"
    assert yaml.dump(pl, sort_keys=False) == golden


def test_through_a_butler(golden, tmp_path):
    pl = yaml.safe_load(golden)
    Butler.makeRepo(tmp_path / "repo")
    with Butler.from_config(tmp_path / "repo", writeable=True, run="run") as butler:
        for name, value in (("PropertyList", pl), ("PropertySet", PropertySet(pl))):
            dataset_type = DatasetType(name.lower(), (), name, universe=butler.dimensions)
            butler.registry.registerDatasetType(dataset_type)
            ref = butler.put(value, dataset_type)
            assert butler.get(ref) == value
            if name == "PropertyList":
                assert butler.getURI(ref).read().decode() == golden


def test_repository_of_the_compiled_stack(golden_dir, tmp_path):
    shutil.copytree(golden_dir / "repo", tmp_path / "repo")
    with Butler.from_config(tmp_path / "repo", collections=["stack/cpSky"]) as butler:
        refs = butler.query_datasets("cpSkyExpScale")
        assert len(refs) == 3
        for ref in refs:
            scale = butler.get(ref)
            assert isinstance(scale, PropertyList)
            assert isinstance(scale["scale"], float)
            assert yaml.dump(scale, sort_keys=False).encode() == butler.getURI(ref).read()


def test_shared_values_are_written_out():
    pl, now = PropertyList(), DateTime(60000.25)
    pl.set("a", now)
    pl.set("b", now)
    assert "*id" not in yaml.dump(pl)
    ps = PropertySet()
    ps["x"] = {"y": [now, now]}
    assert yaml.safe_load(yaml.dump(ps)) == ps


text = st.text("aZ é\n'\":#-{}[]!&*0", max_size=12)
values = st.one_of(st.booleans(), st.integers(-(2**63), 2**64 - 1), st.floats(), text, st.none())


@settings(deadline=None)
@given(st.dictionaries(text, st.tuples(values, text)))
def test_round_trip(content):
    pl = PropertyList()
    for name, (value, comment) in content.items():
        pl.set(name, value, comment)
    assert yaml.safe_load(yaml.dump(pl, sort_keys=False)) == pl
