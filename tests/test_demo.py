"""The command that shows it all."""

import os
import pathlib
import re
import shlex
import subprocess
import sys

import astropy.io.fits
import matplotlib.image
import numpy as np
import pytest
from click.testing import CliRunner

from lsst.afw.image import ExposureF
from lsst.cp.sky.cli import cli
from lsst.cp.sky.cli._demo import choose_detectors
from lsst.cp.sky.demo import Demo, PipelineError, find_pipetask, read_camera, run_pipeline, write_pipeline
from lsst.cp.sky.simulate import Night, NightConfig, bin_camera, binning_for_size, make_raft_camera
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
    assert [line.strip() for line in done.stderr.splitlines()] == [
        "simulating the night",
        "running the joint chain",
        "running the stock chain",
        "applying the sky frames",
        "comparing with the truth",
    ]
    return folder, done.stdout


def test_demo_prints_a_table(demo):
    folder, output = demo
    for name in ("R00_S00", "R00_S01", "R00_S02", "R00_S11", "all"):
        assert any(line.startswith(name) for line in output.splitlines())
    assert "check passed" in output
    assert "pipetask run" in output
    assert str(folder / "sky_demo.png") in output
    assert "\r" not in output
    # A terminal of 80 columns holds the table and what follows from it.
    table = output[output.index("detector type") : output.index("Picture:")]
    assert max(len(line) for line in table.splitlines()) <= 80


def test_demo_quotes_commands_that_can_be_pasted(demo):
    folder, output = demo
    commands = [line.strip() for line in output.splitlines() if line.strip().startswith("pipetask run")]
    for chain, command in zip(("joint", "stock", "apply"), commands, strict=True):
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


def test_an_exposure_before_and_after(demo):
    """The sky frames were made without it, and flatten it."""
    folder, _ = demo
    assert matplotlib.image.imread(folder / "sky_applied.png").shape[0] > 300
    butler = Butler.from_config(str(folder / "repo"), collections="SkySim/applied", instrument="SkySim")
    (ref,) = butler.query_datasets("cpSkyCorrectionMetrics")
    sky = butler.get("sky", detector=4, physical_filter="sim_r", collections="SkySim/joint")
    cards = sky.metadata.toDict().items()
    inputs = [value for name, value in cards if re.fullmatch(r"CPP_INPUT_\d+", name)]
    assert len(inputs) == 3
    assert ref.dataId["exposure"] not in inputs
    metrics = butler.get(ref)
    assert len(metrics) == 4
    # Objects remain in the cells of small detectors, and decide on some of them.
    assert metrics["residualRmsAfter"].mean() < 0.85 * metrics["residualRmsBefore"].mean()


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


@pytest.mark.parametrize("names", ["", "R00_S00,", " , "])
def test_an_empty_name_is_not_all_detectors(tmp_path, names):
    result = CliRunner().invoke(cli, ["demo", str(tmp_path / "x"), "--detectors", names])
    assert result.exit_code == 2
    assert "has an empty name in it" in result.output
    assert not (tmp_path / "x").exists()


def test_blanks_between_names_do_not_count():
    camera = make_raft_camera()
    assert choose_detectors(camera, "R00_S0, R00_S11") == [0, 1, 2, 4]


def test_camera_from_any_of_its_files(tmp_path):
    raft = make_raft_camera("Mine")
    raft.writeFits(str(tmp_path / "camera.fits"))
    assert read_camera(str(tmp_path / "camera.fits")).getName() == "Mine"
    assert len(read_camera("DECam")) == 62


def test_files_that_are_no_camera(tmp_path):
    ExposureF(4, 4).writeFits(str(tmp_path / "exposure.fits"))
    astropy.io.fits.PrimaryHDU().writeto(tmp_path / "empty.fits")
    (tmp_path / "text.txt").write_text("nothing")
    whole = tmp_path / "whole.fits"
    make_raft_camera().writeFits(str(whole))
    (tmp_path / "cut.fits").write_bytes(whole.read_bytes()[:9000])
    for name in ("exposure.fits", "empty.fits", "cut.fits", "text.txt"):
        result = CliRunner().invoke(cli, ["demo", str(tmp_path / "x"), "--camera", str(tmp_path / name)])
        assert result.exit_code == 1
        (line,) = result.stderr.splitlines()
        assert str(tmp_path / name) in line
        assert name == "text.txt" or "has no camera in it" in line
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("place", ["/proc/x", "/dev/null/x"])
def test_folders_that_cannot_be_made(place):
    result = CliRunner().invoke(cli, ["demo", place, "--size", "64"])
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1].startswith(f"Error: {place}: ")


def test_a_full_disk_is_named(tmp_path):
    """A disk of a few blocks stands in for a file system that is full."""
    program = (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000));"
        "from lsst.cp.sky.cli import cli; cli()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "demo", str(tmp_path / "x"), "--size", "64"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("Error: ")
    assert "Traceback" not in done.stderr


def test_the_smallest_size_works_and_the_folder_may_have_any_name(tmp_path, monkeypatch):
    """The commands that are printed run as they are pasted into a shell."""
    monkeypatch.setenv("NIGHT", "first night")
    name = '$NIGHT\'s 1 & "only"'
    options = ["--exposures", "2", "--size", "64", "--detectors", "R00_S0", "--chain", "stock"]
    result = CliRunner().invoke(cli, ["demo", str(tmp_path / name), *options])
    assert result.exit_code == 0, result.output
    assert [path.name for path in tmp_path.iterdir()] == [name.replace("$NIGHT", "first night")]
    commands = [line for line in result.stdout.splitlines() if line.strip().startswith("pipetask run")]
    assert len(commands) == 2
    folder = pathlib.Path(find_pipetask()).parent
    for command in commands:
        done = subprocess.run(
            ["bash", "-c", command],
            env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("size", "settings"), [(512, set()), (170, set()), (64, {"adaptMaskBins"})])
def test_the_stock_chain_is_stock_where_that_works(tmp_path, size, settings):
    camera = make_raft_camera()
    camera = bin_camera(camera, binning_for_size(camera, size))
    demo = Demo(tmp_path / "night", Night(camera, NightConfig()), [0])
    assert settings <= demo.masker.keys()
    assert bool(demo.masker) == bool(settings)


def test_a_failure_of_pipetask_is_named_in_one_line(tmp_path):
    pipeline = tmp_path / "p.yaml"
    write_pipeline(pipeline, {"xSize": -1.0})
    with pytest.raises(PipelineError, match=r"status 1: .*does not exist.*log: .*p\.log") as caught:
        run_pipeline(
            tmp_path / "repo",
            pipeline,
            tmp_path / "p.log",
            inputs=["a"],
            output="b",
            jobs=1,
            progress=lambda done, total: None,
        )
    assert "\n" not in str(caught.value)


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
