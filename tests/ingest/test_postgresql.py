"""A repository whose registry is in PostgreSQL, on a server of the test's own."""

import importlib.util
import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile

import pytest
from plainfits import CAMERA, COLUMNS, ROWS, header, pixels, write

from lsst.cp.sky.ingest import IngestError, find_planes, ingest, match_planes, parse_description
from lsst.daf.butler import Butler, Config


def server_program(name):
    """Program of the server: Debian keeps them off the path, by version."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(found[-1]) if found else shutil.which(name)


def why_not():
    """What is missing, if anything."""
    if server_program("initdb") is None:
        return "there is no PostgreSQL server (Debian: postgresql)"
    if importlib.util.find_spec("psycopg2") is None:
        return "there is no psycopg2"
    if os.geteuid() == 0 and "postgres" not in {user.pw_name for user in pwd.getpwall()}:
        return "a server is not run by root, and there is no user postgres"
    return None


pytestmark = pytest.mark.skipif(why_not() is not None, reason=str(why_not()))


@pytest.fixture(scope="module")
def server():
    """Folder of the socket of a server that nobody else uses."""
    # Not below pytest's folders, which are for the user alone who runs the tests.
    with tempfile.TemporaryDirectory(prefix="postgres", ignore_cleanup_errors=True) as name:
        yield from run_server(pathlib.Path(name))


def run_server(folder):
    """Run a server while the tests do."""
    as_user = []
    if os.geteuid() == 0:  # which initdb refuses
        shutil.chown(folder, "postgres")
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]

    def call(program, *arguments):
        subprocess.run(
            [*as_user, server_program(program), *arguments], check=True, capture_output=True, cwd=folder
        )

    call("initdb", "-D", f"{folder}/data", "-U", "butler", "--auth=trust", "-E", "UTF8", "--no-sync")
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
    call("pg_ctl", "-D", f"{folder}/data", "-w", "-l", f"{folder}/log", "-o", options, "start")
    try:
        call("createdb", "-h", str(folder), "-U", "butler", "sky")
        call("psql", "-h", str(folder), "-U", "butler", "-c", "CREATE EXTENSION btree_gist", "sky")
        yield folder
    finally:
        call("pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "stop")


@pytest.fixture
def repository(server, tmp_path):
    """Repository made as doc/cluster.md says."""
    seed = Config()
    seed["registry", "db"] = f"postgresql+psycopg2://butler@/sky?host={server}"
    seed["registry", "namespace"] = tmp_path.name.lower()
    Butler.makeRepo(str(tmp_path / "repo"), config=seed)
    return tmp_path / "repo"


def files(folder, gain=1.0):
    """Two detectors of an exposure."""
    return [
        write(folder / f"{name}.fits", (header(name, GAIN=gain), pixels(seed)[0], None))
        for seed, name in enumerate("AB")
    ]


def test_ingested(repository, tmp_path):
    camera = parse_description(CAMERA, "x")
    butler = ingest(repository, match_planes(find_planes(files(tmp_path)), camera), camera)
    refs = butler.query_datasets("cpSkyIsrExp", collections="Toy/raw/all")
    assert {ref.dataId["detector"] for ref in refs} == {0, 1}
    for ref in refs:
        image = butler.get(ref).image.array
        assert image.shape == (ROWS, COLUMNS)
        assert (image == pixels(ref.dataId["detector"])[0]).all()


def test_nothing_is_half_ingested(repository, tmp_path):
    camera = parse_description(CAMERA, "x")
    paths = files(tmp_path)
    inputs = match_planes(find_planes(paths), camera)
    with paths[1].open("r+b") as file:
        file.truncate(paths[1].stat().st_size - 2880 * 3)
    with pytest.raises(IngestError, match=r"B\.fits.* cannot be read"):
        ingest(repository, inputs, camera)
    butler = Butler.from_config(str(repository))
    assert butler.query_datasets("cpSkyIsrExp", collections="*", find_first=False, explain=False) == []
    assert list(butler.registry.queryDimensionRecords("exposure")) == []
    assert not list(repository.rglob("*.fits"))
