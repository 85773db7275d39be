# SPDX-License-Identifier: GPL-3.0-or-later
"""Each benchmark runs, on tiny input."""

import importlib
import logging
import pathlib
import sys

import pytest

FOLDER = pathlib.Path(__file__).parents[1] / "benchmarks"
_PIECES = FOLDER.parents[1] / "shared" / "real" / "pixels"
SMALL = ["--width", "300", "--height", "260", "--stars", "20", "--repeat", "1"]
ROWS = (
    "read",
    "mask_objects",
    "background_image",
    "measure_background",
    "subtract",
    "subtract_quantum",
    "memory",
)


@pytest.fixture
def load(monkeypatch):
    """Import a benchmark by its name; afterwards forget all of them, and let warnings be heard again."""
    for path in FOLDER.glob("*.py"):
        monkeypatch.delitem(sys.modules, path.stem, raising=False)  # a support module of the same name
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(FOLDER))
    yield importlib.import_module
    logging.disable(logging.NOTSET)
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(FOLDER)):
            del sys.modules[name]


@pytest.mark.parametrize("name", ROWS)
def test_row(load, name, capsys):
    rows = load(name).main(SMALL)
    load("_setup").print_rows(rows)
    assert rows
    assert all(row.ours > 0 and row.yardstick > 0 for row in rows)
    assert rows[0].step in capsys.readouterr().out


@pytest.mark.slow
def test_first_hour(load, tmp_path, capsys):
    """Every command of the first screen, and every command that those print."""
    module = load("first_hour")
    steps = module.main(
        ["--existing", "--small", "--pages", "README.md", "--folder", str(tmp_path / "an hour")]
    )
    assert module.report(steps) == 0, capsys.readouterr().out
    ran = [step.command for step in steps if step.status == 0]
    for begin in (
        "cpsky demo sky-demo",
        "pipetask run -b sky-demo/repo",
        "pipetask run -b 'my repo'",
        "cpsky frame",
    ):
        assert any(command.startswith(begin) for command in ran), begin
    assert sum(command.startswith("pipetask run -b sky-demo/repo") for command in ran) == 3
    failing = [module.Step("cpsky nothing", 0.0, 2, "No such command")]
    assert module.report(failing) == 1


def test_scaling(load, capsys):
    results = load("scaling").main(
        ["--sides", "200", "300", "--detectors", "1", "2", "--side", "200", "--repeat", "1"]
    )
    assert len(results) == 6
    assert "per megapixel" in capsys.readouterr().out


def test_profile(load, monkeypatch):
    # That the functions of the portable stack are found is for its own tests.
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    found = load("profile_mask").main(SMALL)
    assert found.keys() == {"CpSkyImageTask.run", "CpSkySubtractBackgroundTask.run"}
    for shares in found.values():
        assert sum(shares.values()) == pytest.approx(1)


def test_quanta(load, monkeypatch, capsys):
    quanta = load("quanta")
    assert 0 < quanta.import_time("cpSkyCombine", 1) < 5
    monkeypatch.setattr(quanta, "import_time", lambda task, repeat: 0.04)
    monkeypatch.setattr(quanta, "time_import", lambda repeat: (1.0, 1.0))
    run = quanta.main(["--exposures", "1", "--detectors", "1"])
    assert [part.quanta for part in run.parts] == [1] * 4
    assert all(0 < part.ours < part.wall for part in run.parts)
    assert 0 < run.ours < run.cpu
    assert "cpSkyCombine" in capsys.readouterr().out


def test_whole_table_names_every_row(load):
    assert load("run").STEPS == ROWS
    assert (FOLDER / "pipetask.py").exists()


@pytest.mark.slow
def test_accuracy_of_the_undithered_pipeline(load):
    """Objects that stay in place in all exposures are taken for pattern unless they are sought in a stack."""
    (figures,) = load("accuracy_pipeline").main(["--mocks", "nodither", "--seeds", "7"])["nodither"]
    assert 0.9 < figures["own"] < 1.6  # 1.39
    assert 0.02 < figures["flagged"] < 0.2


@pytest.mark.slow
def test_accuracy_of_the_pipeline(load, capsys):
    """An empty night comes to the limit, through a butler and by pipetask."""
    (figures,) = load("accuracy_pipeline").main(["--mocks", "empty", "--seeds", "7"])["empty"]
    assert 0.9 < figures["own"] < 1.1
    assert "| empty |" in capsys.readouterr().out


def test_exposures(load, tmp_path, capsys):
    options = ["--numbers", "2", "--seeds", "5", "--plot", str(tmp_path / "curve.png")]
    errors = load("exposures").main([*options, "--keep", str(tmp_path / "kept.json")])[2]
    assert errors["limit"] < errors["joint"] < errors["stock"] < 0.01
    assert (tmp_path / "curve.png").is_file()
    table = capsys.readouterr().out
    load("exposures").main([*options, "--keep", str(tmp_path / "kept.json")])  # without measuring again
    assert capsys.readouterr().out == table


def test_settings(load, tmp_path, capsys):
    ((kept, left),) = load("settings").main(["--sizes", "1", "--plots", str(tmp_path)]).values()
    assert 0.8 < kept < 1
    assert 0 < left < 0.003
    assert {path.name for path in tmp_path.iterdir()} == {"masks.png", "superpixels.png"}
    assert "| recommended values |" in capsys.readouterr().out


@pytest.mark.slow
def test_focal_plane(load, tmp_path, capsys, monkeypatch):
    """Both chains over parts of a raft; a second call reads what the first one has found."""
    camera = load("lsst.cp.sky.simulate").make_raft_camera()
    camera.writeFits(str(tmp_path / "camera.fits"))
    plane = load("focal_plane")
    scenes = (
        plane.Scene("plane", 2, 2, 2, "detectors", (1, 2)),
        plane.Scene("night", 4, 1, 3, "exposures", (2, 3)),
    )
    monkeypatch.setattr(plane, "SCENES", scenes)
    options = ["--camera", str(tmp_path / "camera.fits"), "--superpixel", "5.24", "--keep", str(tmp_path)]
    found = plane.main([*options, "--plot", str(tmp_path / "curves.png")])
    stock = found["plane"]["stock"]
    assert [len(stock[0].of(task)) for task in stock[0].tasks] == [4, 2, 4, 2]
    assert [stock[count].of("cpSkyScaleMeasure")[0].detectors for count in (1, 2)] == [1, 2]
    assert len(found["plane"]["joint"][0].of("cpSkyJointMask2")) == 4
    combined = [found["night"]["stock"][count].of("cpSkyCombine") for count in (2, 3)]
    assert [[one.exposures for one in quanta] for quanta in combined] == [[2], [3]]
    for run in (run for night in found.values() for runs in night.values() for run in runs.values()):
        assert all(one.work > 0 and one.io > 0 and one.memory > 50 and one.read > 0 for one in run.quanta)
    first = capsys.readouterr().out
    assert "plane: detectors 2, exposures 2" in first
    assert (tmp_path / "curves.png").stat().st_size > 10_000
    assert plane.main(options) == found
    assert capsys.readouterr().out == first


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.skipif(not _PIECES.is_dir(), reason="../shared/real is not there")
def test_pieces(load, capsys):
    """The commands of doc/cameras.md do what they say, from an empty folder."""
    found = load("pieces").main([])
    assert [len(timed) for timed in found.values()] == [5, 4]
    assert all(one.cpu > 0 for timed in found.values() for one in timed)
    assert capsys.readouterr().out.count("| Mosaic-3 | `cpsky frame night/*.fits --camera mycam.yaml") == 1


def test_commands_of_a_page(load, tmp_path, monkeypatch):
    pages = load("_pages")
    monkeypatch.setattr(pages, "DOC", tmp_path)
    (tmp_path / "a.md").write_text("cpsky no\n\n    cpsky a \\\n        -b  # c\n    A=1 bps x\n    text\n")
    assert pages.commands("a.md") == ["cpsky a -b", "A=1 bps x"]


@pytest.mark.parametrize("chain", ["joint", "stock"])
def test_report_rules(load, capsys, chain):
    options = ["--seeds", "1", "--nights", "untouched", "--size", "96", "--exposures", "3", "--density", "0"]
    load("report_rules").main([*options, "--chains", chain])
    assert f"untouched, seed 1, {chain}" in capsys.readouterr().out
