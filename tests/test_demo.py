"""The command that shows it all."""

import os
import subprocess
import sys

import matplotlib.image
import numpy as np
import pytest
from click.testing import CliRunner

from lsst.cp.sky.cli import cli
from lsst.cp.sky.demo import PipelineError, find_pipetask
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
    assert [line for line in output.splitlines() if line.strip() == "running pipetask"]


def test_demo_draws_a_picture(demo):
    folder, _ = demo
    picture = matplotlib.image.imread(folder / "sky_demo.png")[..., :3]
    # Four panels on one colour scale: none of them is empty, and none is the same as another.
    middle_y, middle_x = picture.shape[0] // 2, picture.shape[1] * 9 // 20
    panels = [picture[:middle_y, :middle_x], picture[:middle_y, middle_x:-200]]
    panels += [picture[middle_y:, :middle_x], picture[middle_y:, middle_x:-200]]
    coloured = [np.ptp(panel, axis=-1) > 0.1 for panel in panels]
    assert all(np.mean(found) > 0.02 for found in coloured)
    assert len({float(panel.sum()) for panel in panels}) == 4


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


def test_pipetask_is_found_wherever_the_shell_would(tmp_path, monkeypatch):
    elsewhere, bare = tmp_path / "stack", tmp_path / "bare"
    for folder in (elsewhere, bare):
        folder.mkdir()
    script = elsewhere / "pipetask"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(bare / "python"))
    monkeypatch.setenv("PATH", str(bare))
    with pytest.raises(PipelineError, match=r"no pipetask command beside .*python or on the PATH"):
        find_pipetask()
    monkeypatch.setenv("PATH", f"{bare}:{elsewhere}")
    assert find_pipetask() == str(script)
