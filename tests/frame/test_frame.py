"""Sky frames without a butler."""

import pathlib

import matplotlib.figure
import numpy as np
import pytest
from astropy.io import fits
from click.testing import CliRunner
from plainfits import header, write

from lsst.cp.sky import CpSkyError
from lsst.cp.sky.cli import cli
from lsst.cp.sky.frame import (
    DetectorPixels,
    SkyFrame,
    apply_sky_frame,
    build_sky_frame,
    draw_sky_frame,
    exposures_of_files,
    read_sky_frame,
)
from lsst.cp.sky.ingest import (
    find_planes,
    ingest,
    make_camera,
    match_planes,
    parse_description,
    write_pipeline,
)
from lsst.daf.butler import Butler, Timespan
from lsst.pipe.base import Pipeline
from lsst.pipe.base.simple_pipeline_executor import SimplePipelineExecutor

_PIECES = pathlib.Path(__file__).resolve().parents[3] / "shared" / "real" / "pixels"
ROWS, COLUMNS, EXPOSURES = 128, 160, 4
CAMERA = "{name: Toy, plate_scale: 20, pixel_size: 0.01, size: [160, 128], pitch: [1.7, 1.4], rows: [A B]}"
_CELLS = (np.add.outer(np.arange(4), np.arange(5)) % 2 - 0.5) * 0.003
PATTERN = {
    "A": np.kron(_CELLS, np.ones((32, 32))),
    "B": np.kron(-_CELLS, np.ones((32, 32))),
}
"""A chequered pattern, of which no sky takes anything, in cells of a sky frame."""


def night():
    """Exposures of known patterns: image, bad pixels and variance by detector."""
    rng = np.random.default_rng(5)
    out = []
    for number in range(EXPOSURES):
        level = 4000.0 + 500 * number
        one = {}
        for name, pattern in PATTERN.items():
            image = rng.normal(level * (1 + pattern), np.sqrt(level)).astype(np.float32)
            bad = np.zeros((ROWS, COLUMNS), bool)
            bad[10, 20:40] = True
            image[bad] = 60000
            one[name] = DetectorPixels(image, bad, np.full((ROWS, COLUMNS), level, np.float32))
        out.append(one)
    return out


@pytest.fixture(scope="module")
def camera():
    return parse_description(CAMERA, "toy.yaml")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The night as plain files."""
    folder = tmp_path_factory.mktemp("night")
    paths = []
    for number, exposure in enumerate(night(), 1):
        for name, pixels in exposure.items():
            cards = header(name, number)
            planes = {"image": pixels.image, "mask": pixels.bad.astype(np.int16), "var": pixels.variance}
            for word, data in planes.items():
                paths.append(write(folder / f"e{number}_{name}_{word}.fits", (cards, data, None)))
    return paths


@pytest.fixture(scope="module")
def frames(camera):
    return {chain: build_sky_frame(night(), camera, chain=chain) for chain in ("joint", "stock")}


@pytest.mark.parametrize("chain", ["joint", "stock"])
def test_finds_the_pattern(frames, chain):
    frame = frames[chain]
    assert (frame.camera, frame.chain) == ("Toy", chain)
    assert list(frame.detectors) == ["A", "B"]
    for name, pattern in PATTERN.items():
        image = frame.image(name)
        assert image.shape == (ROWS, COLUMNS)
        cells, truth = frame.detectors[name].image.array, pattern[::32, ::32]
        np.testing.assert_allclose(cells, truth, atol=0.0012)


def test_nothing_is_changed(camera):
    before, given = night(), night()
    build_sky_frame(given, camera, chain="stock")
    for one, other in zip(before, given, strict=True):
        for name in PATTERN:
            np.testing.assert_array_equal(one[name].image, other[name].image)


@pytest.mark.parametrize("chain", ["joint", "stock"])
def test_files_and_arrays_give_the_same(files, frames, camera, chain):
    found = exposures_of_files(files, camera)
    assert list(found) == ["r"]
    again = build_sky_frame(found["r"], camera, chain=chain)
    for name, exposure in frames[chain].detectors.items():
        np.testing.assert_array_equal(again.detectors[name].image.array, exposure.image.array)
        np.testing.assert_array_equal(again.detectors[name].mask.array, exposure.mask.array)


def test_pipeline_makes_the_same(files, camera, tmp_path):
    """The same files by a repository and the stock pipeline, bit by bit."""
    repo = tmp_path / "repo"
    ingest(repo, match_planes(find_planes(files), camera), camera)
    write_pipeline(tmp_path / "p.yaml", camera)
    butler = Butler.from_config(
        str(repo), writeable=True, collections=["Toy/raw/all", "Toy/calib"], run="out"
    )
    executor = SimplePipelineExecutor.from_pipeline(
        Pipeline.from_uri(str(tmp_path / "p.yaml")), where="instrument = 'Toy'", butler=butler
    )
    executor.run(register_dataset_types=True)
    frame = build_sky_frame(exposures_of_files(files, camera)["r"], camera, chain="stock")
    for number, name in enumerate("AB"):
        made = butler.get("sky", instrument="Toy", detector=number, physical_filter="r", collections="out")
        ours = frame.detectors[name]
        np.testing.assert_array_equal(ours.image.array, made.image.array)
        np.testing.assert_array_equal(ours.variance.array, made.variance.array)
        np.testing.assert_array_equal(ours.mask.array, made.mask.array)
        ours_header, header_made = ours.getMetadata().toDict(), made.getMetadata().toDict()
        for key in ("BOX.MAXX", "ALGORITHM", "CPP_INPUT_0", "CPP_INPUT_3", "MJD-BEG"):
            assert ours_header[key] == header_made[key]


def test_applied_to_an_exposure(frames, camera):
    exposure = night()[2]
    applied = apply_sky_frame(exposure, frames["joint"], camera)
    assert applied.scale == pytest.approx(1.0, abs=0.25)
    for name, pattern in PATTERN.items():
        assert applied.sky[name] == pytest.approx(5000, rel=0.01)
        after, before = applied.detectors[name].image.array, exposure[name].image
        expected = applied.scale * applied.sky[name] * frames["joint"].image(name)
        np.testing.assert_allclose(before - after, expected, atol=0.01)
        cells = [np.median(image.reshape(4, 32, 5, 32), axis=(1, 3)) for image in (before, after)]
        left = [np.mean(values * np.sign(pattern[::32, ::32])) for values in cells]
        assert abs(left[1]) < 0.3 * left[0]


def test_apply_gives_what_the_command_gives(files, frames, camera, tmp_path):
    """Pixels of a repository's exposure, bit by bit."""
    repo = str(tmp_path / "repo")
    ingest(repo, match_planes(find_planes(files), camera), camera)
    write_pipeline(tmp_path / "p.yaml", camera)
    collections = ["Toy/raw/all", "Toy/calib"]
    butler = Butler.from_config(repo, writeable=True, collections=collections, run="out")
    pipeline = Pipeline.from_uri(str(tmp_path / "p.yaml"))
    SimplePipelineExecutor.from_pipeline(pipeline, where="instrument = 'Toy'", butler=butler).run(True)
    refs = butler.query_datasets("sky", collections="out")
    butler.registry.certify("Toy/calib", refs, Timespan(None, None))
    exposure = butler.query_dimension_records("exposure")[2].id
    options = ["--dataset-type", "cpSkyIsrExp", "-d", f"instrument = 'Toy' AND exposure = {exposure}"]
    result = CliRunner().invoke(
        cli, ["apply", repo, "-i", ",".join([*collections, "out"]), "-o", "applied", *options]
    )
    assert result.exit_code == 0, result.output
    sources = {
        number: lambda number=number: butler.get(
            "cpSkyIsrExp", instrument="Toy", exposure=exposure, detector=number, collections=collections
        )
        for number in (0, 1)
    }
    applied = apply_sky_frame(sources, frames["stock"], camera)
    metrics = butler.get("cpSkyCorrectionMetrics", instrument="Toy", exposure=exposure, collections="applied")
    assert list(metrics["scale"]) == [applied.scale * applied.sky[name] for name in "AB"]
    for number, name in enumerate("AB"):
        theirs = butler.get(
            "cpSkyCorrectedExp", instrument="Toy", exposure=exposure, detector=number, collections="applied"
        )
        assert np.abs(theirs.image.array - sources[number]().image.array).max() > 1
        np.testing.assert_array_equal(applied.detectors[name].image.array, theirs.image.array)


class TestKinds:
    """What exposures may be given as."""

    def test_arrays_alone(self, camera):
        exposures = [{name: pixels.image for name, pixels in one.items()} for one in night()]
        assert list(build_sky_frame(exposures, camera, chain="stock").detectors) == ["A", "B"]

    def test_exposures_of_the_stack(self, files, camera, frames):
        made = [{d: source() for d, source in one.items()} for one in exposures_of_files(files, camera)["r"]]
        before = made[0][0].image.array.copy()
        again = build_sky_frame(made, make_camera(camera), chain="stock", superpixel=camera.superpixel)
        for name, exposure in frames["stock"].detectors.items():
            np.testing.assert_array_equal(again.detectors[name].image.array, exposure.image.array)
        np.testing.assert_array_equal(made[0][0].image.array, before)

    def test_a_detector_that_an_exposure_lacks(self, camera):
        exposures = night()
        del exposures[0]["B"]
        assert list(build_sky_frame(exposures, camera).detectors) == ["A", "B"]


class TestRefusals:
    @pytest.mark.parametrize(
        ("exposures", "words"),
        [
            ([], "There are no exposures"),
            ([{}], "There are no exposures"),
            ([{"Z": np.zeros((ROWS, COLUMNS))}], "no detector 'Z'; it has A, B"),
            ([{"A": np.zeros((3, 4))}], r"image of detector A in exposure 0 has the shape \(3, 4\)"),
            (
                [{"A": DetectorPixels(np.zeros((ROWS, COLUMNS)), np.zeros((1, 1)))}],
                r"bad of detector A in exposure 0 has the shape \(1, 1\)",
            ),
        ],
    )
    def test_exposures(self, camera, exposures, words):
        with pytest.raises(CpSkyError, match=words):
            build_sky_frame(exposures, camera)

    def test_chain(self, camera):
        with pytest.raises(ValueError, match="'joint' and 'stock', not 'golden'"):
            build_sky_frame(night(), camera, chain="golden")

    def test_superpixels(self, camera):
        with pytest.raises(ValueError, match="Say how large superpixels are"):
            build_sky_frame(night(), make_camera(camera), chain="stock")

    def test_apply_to_another_detector(self, frames, camera):
        frame = SkyFrame({"A": frames["stock"].detectors["A"]}, "Toy", "stock")
        with pytest.raises(CpSkyError, match="no detector B; it has A"):
            apply_sky_frame(night()[0], frame, camera)


@pytest.mark.parametrize("chain", ["joint", "stock"])
def test_file(frames, chain, tmp_path):
    frames[chain].write(tmp_path / "sky.fits")
    again = read_sky_frame(tmp_path / "sky.fits")
    assert (again.camera, again.chain) == ("Toy", chain)
    for name in PATTERN:
        np.testing.assert_array_equal(again.image(name), frames[chain].image(name))
        for plane in ("image", "variance"):
            np.testing.assert_array_equal(
                getattr(again.detectors[name], plane).array,
                getattr(frames[chain].detectors[name], plane).array,
            )
    with pytest.raises(OSError, match="already exists"):
        frames[chain].write(tmp_path / "sky.fits")


def test_a_file_of_something_else(tmp_path):
    fits.PrimaryHDU().writeto(tmp_path / "x.fits")
    with pytest.raises(CpSkyError, match="is no sky frame"):
        read_sky_frame(tmp_path / "x.fits")


def test_picture(frames, camera, tmp_path, monkeypatch):
    drawn = []
    savefig = matplotlib.figure.Figure.savefig
    monkeypatch.setattr(
        matplotlib.figure.Figure, "savefig", lambda f, *a, **k: (drawn.append(f), savefig(f, *a, **k))
    )
    draw_sky_frame(frames["joint"], camera, tmp_path / "sky.png")
    axes = drawn[0].axes[0]
    cells = [mesh.get_array() for mesh in axes.collections]
    for name, shown in zip("AB", cells, strict=True):
        np.testing.assert_allclose(shown, 100 * frames["joint"].detectors[name].image.array)
    assert [text.get_text() for text in axes.texts] == ["A", "B"]
    assert (tmp_path / "sky.png").stat().st_size > 10_000


class TestCommand:
    def run(self, *arguments):
        return CliRunner().invoke(cli, ["frame", *map(str, arguments)])

    def test_makes_and_draws(self, files, frames, tmp_path):
        (tmp_path / "toy.yaml").write_text(CAMERA)
        options = ["--camera", tmp_path / "toy.yaml", "-o", tmp_path / "s.fits", "--plot", tmp_path / "s.png"]
        result = self.run(*files, *options)
        assert result.exit_code == 0, result.output
        assert "4 exposures in r, 2 detectors: wrote" in result.output
        np.testing.assert_array_equal(
            read_sky_frame(tmp_path / "s.fits").image("A"), frames["joint"].image("A")
        )
        assert (tmp_path / "s.png").stat().st_size > 10_000
        assert "--overwrite replaces it" in self.run(*files, *options).output

    def test_asks_for_a_filter(self, files, tmp_path):
        (tmp_path / "toy.yaml").write_text(CAMERA)
        (other,) = [
            write(
                tmp_path / "v.fits",
                (header("A", 9, FILTER="V Johnson", GAIN=1.0), night()[0]["A"].image, None),
            )
        ]
        options = ["--camera", tmp_path / "toy.yaml", "-o", tmp_path / "s.fits"]
        for wrong in ((), ("--filter", "Johnson")):
            result = self.run(*files, other, *options, *wrong)
            assert "'r', 'V Johnson'; name one of them" in result.output
        result = self.run(*files, other, *options, "--filter", "V")
        assert "1 exposures in V Johnson, 1 detectors: wrote" in result.output


@pytest.mark.shared
@pytest.mark.skipif(not _PIECES.is_dir(), reason="../shared/real is not there")
def test_real_pieces_by_two_commands(tmp_path):
    paths = [str(path) for path in sorted(_PIECES.glob("c4d_1703*"))]
    camera, sky = str(tmp_path / "c.yaml"), str(tmp_path / "sky.fits")
    for command in (
        ["camera", "--from-headers", *paths, "-o", camera],
        ["frame", *paths, "--camera", camera, "-o", sky, "--plot", str(tmp_path / "sky.png")],
    ):
        result = CliRunner().invoke(cli, command)
        assert result.exit_code == 0, result.output
    assert np.isfinite(read_sky_frame(sky).image("N2")).all()
