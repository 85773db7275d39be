"""The command that shows it all."""

import os
import shlex
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
    for chain in ("joint", "stock"):
        assert [line for line in output.splitlines() if line.strip() == f"running the {chain} chain"]
    # A terminal of 80 columns holds the table and what follows from it.
    table = output[output.index("detector type") : output.index("Picture:")]
    assert max(len(line) for line in table.splitlines()) <= 80


def test_demo_quotes_commands_that_can_be_pasted(demo):
    folder, output = demo
    commands = [line.strip() for line in output.splitlines() if line.strip().startswith("pipetask run")]
    assert len(commands) == 2
    for chain, command in zip(("joint", "stock"), commands, strict=True):
        words = shlex.split(command)
        assert words[words.index("-d") + 1] == "instrument='SkySim'"
        assert words[words.index("-p") + 1] == str(folder / f"{chain}.yaml")


def test_joint_chain_alone(tmp_path):
    """One chain has its own columns only."""
    program = "from lsst.cp.sky.cli import cli; cli()"
    options = ["--exposures", "2", "--size", "100", "--detectors", "R00_S00", "--chain", "joint"]
    done = subprocess.run(
        [sys.executable, "-c", program, "demo", str(tmp_path / "night"), *options],
        capture_output=True,
        text=True,
        env={**os.environ, "MPLBACKEND": "Agg"},
    )
    assert "joint chain" in done.stdout, done.stdout + done.stderr
    assert "tock chain" not in done.stdout
    assert not (tmp_path / "night" / "stock.yaml").exists()


def test_demo_draws_a_picture(demo):
    folder, _ = demo
    pixels = matplotlib.image.imread(folder / "sky_demo.png")
    height, width = pixels.shape[0] // 2, int(0.87 * pixels.shape[1]) // 3  # of a panel, beside the scale
    for row in range(2):
        for column in range(2):  # injected and recovered; what is left between them need not have colours
            panel = pixels[row * height :, column * width :][:height, :width, :3]
            colours, counts = np.unique(panel.reshape(-1, 3), axis=0, return_counts=True)
            cells = colours[counts > 300]  # each of 64 cells has hundreds of pixels
            # What is above the sky is red, what is below it blue; the rest is white.
            redness = cells[:, 0] - cells[:, 2]
            assert len(cells) > 20
            assert redness.min() < -0.05
            assert redness.max() > 0.1
            assert np.mean(panel.min(axis=2) == 1.0) < 0.8


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
