"""The command that shows it all."""

import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from lsst.cp.sky.cli import cli
from lsst.daf.butler import Butler


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A small night, made by the command in a process of its own."""
    folder = tmp_path_factory.mktemp("demo") / "night"
    program = "from lsst.cp.sky.cli import cli; cli()"
    options = ["--exposures", "3", "--size", "170", "--detectors", "R00_S0,R00_S11", "--seed", "7"]
    done = subprocess.run(
        [sys.executable, "-c", program, "demo", str(folder), *options],
        capture_output=True,
        text=True,
        env={**os.environ, "MPLBACKEND": "Agg"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, done.stdout


def test_demo_prints_a_table(demo):
    folder, output = demo
    for name in ("R00_S00", "R00_S01", "R00_S02", "R00_S11", "all"):
        assert any(line.startswith(name) for line in output.splitlines())
    assert "check passed" in output
    assert "pipetask run" in output
    assert str(folder / "sky_demo.png") in output
    assert "\r" not in output


def test_demo_draws_a_picture(demo):
    folder, _ = demo
    assert (folder / "sky_demo.png").read_bytes()[:4] == b"\x89PNG"


def test_demo_certifies_the_sky_frames(demo):
    folder, _ = demo
    butler = Butler.from_config(str(folder / "repo"), collections="SkySim/calib", instrument="SkySim")
    exposure = butler.query_dimension_records("exposure")[1]
    sky = butler.get("sky", detector=4, exposure=exposure.id)
    assert sky.info.getVisitInfo().observationType == "SKY"
    assert sky.metadata["CPP_INPUT_2"] == exposure.id + 1


def test_demo_leaves_a_folder_in_use_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("precious")
    result = CliRunner().invoke(cli, ["demo", str(tmp_path)])
    assert result.exit_code == 1
    assert "is not an empty folder; nothing was touched" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_demo_knows_its_detectors(tmp_path):
    result = CliRunner().invoke(cli, ["demo", str(tmp_path / "x"), "--detectors", "R99"])
    assert result.exit_code == 2
    assert "SkySim has no detector whose name begins with 'R99'; it has R00_S00" in result.output
    assert not (tmp_path / "x").exists()


def test_help_tells_what_goes_where():
    result = CliRunner().invoke(cli, ["demo", "--help"])
    assert result.exit_code == 0
    assert "sky_demo.png" in result.output
