"""Plain FITS files into a repository."""

import hashlib
import importlib
import pathlib

import numpy as np
import pytest
from astropy.io import fits
from click.testing import CliRunner
from plainfits import CAMERA, COLUMNS, ROWS, header, pixels, write

from lsst.cp.sky.cli import cli
from lsst.cp.sky.ingest import (
    IngestError,
    Kind,
    describe_headers,
    find_planes,
    ingest,
    match_planes,
    parse_description,
    read_facts,
)
from lsst.daf.butler import Butler
from lsst.pipe.base import Instrument

_PIECES = pathlib.Path(__file__).resolve().parents[3] / "shared" / "real" / "pixels"


@pytest.fixture
def camera():
    return parse_description(CAMERA, "toy.yaml")


def match(paths, camera, patterns=None):
    return match_planes(find_planes(paths, patterns), camera)


# Ways of laying out two detectors with image, mask and weight; each gives the files.


def files_per_plane(folder):
    paths = []
    for seed, name in enumerate("AB"):
        for word, data in zip(("ooi", "ood", "oow"), pixels(seed), strict=True):
            paths.append(write(folder / f"toy_{word}_r.{name}.fits", (header(name), data, None)))
    return paths


def files_without_facts(folder):
    """Masks and weights that say nothing of exposure and detector."""
    paths = []
    for seed, name in enumerate("AB"):
        for word, data in zip(("image", "mask", "weight"), pixels(seed), strict=True):
            cards = header(name) if word == "image" else fits.Header()
            paths.append(write(folder / f"{name}.{word}.fits.gz", (cards, data, None)))
    return paths


def one_file(folder):
    """Extensions SCI, MASK1 and so on, with what they share in the primary HDU."""
    hdus = []
    shared = header(None)
    for seed, name in enumerate("AB"):
        for word, data in zip(("SCI", "MASK", "WHT"), pixels(seed), strict=True):
            hdus.append((fits.Header({"CCDNAME": name}), data, f"{word}{seed + 1}"))
    return [write(folder / "all.fits", *hdus, primary=shared)]


def a_file_per_detector(folder):
    return [
        write(
            folder / f"x{name}.fits",
            *(
                (fits.Header(), data, word)
                for word, data in zip(("IMAGE", "DQ", "IVAR"), pixels(seed), strict=True)
            ),
            primary=header(name),
        )
        for seed, name in enumerate("AB")
    ]


def mosaics_per_plane(folder):
    """A file of all images, one of all masks, one of all weights, by names of extensions."""
    paths = []
    for place, word in enumerate(("ooi", "ood", "oow")):
        hdus = [(fits.Header(), pixels(seed)[place], name) for seed, name in enumerate("AB")]
        paths.append(write(folder / f"m_{word}.fits", *hdus, primary=header(None)))
    return paths


def compressed(folder):
    paths = files_per_plane(folder)
    for path in paths:
        with fits.open(path) as hdus:
            data, cards = hdus[0].data, hdus[0].header
            packed = fits.CompImageHDU(data, header=cards, compression_type="GZIP_2", quantize_level=0)
            hdus = fits.HDUList([fits.PrimaryHDU(), packed])
        hdus.writeto(path, overwrite=True)
    return paths


@pytest.mark.parametrize(
    "layout",
    [files_per_plane, files_without_facts, one_file, a_file_per_detector, mosaics_per_plane, compressed],
)
def test_layouts(layout, tmp_path, camera):
    inputs = match(layout(tmp_path), camera)
    butler = ingest(tmp_path / "repo", inputs, camera)
    for seed, name in enumerate("AB"):
        image, mask, weight = pixels(seed)
        got = butler.get(
            "cpSkyIsrExp", instrument="Toy", exposure=1, detector=seed, collections="Toy/raw/all"
        )
        assert got.getDetector().getName() == name
        np.testing.assert_array_equal(got.image.array, image)
        good = weight > 0
        np.testing.assert_array_equal(got.variance.array[good], (1 / weight[good].astype(float)).astype("f4"))
        assert np.isfinite(got.variance.array).all()
        flags = {
            plane: got.mask.array & got.mask.getPlaneBitMask(plane) != 0
            for plane in ("BAD", "SAT", "NO_DATA")
        }
        np.testing.assert_array_equal(flags["BAD"], mask == 1)
        np.testing.assert_array_equal(flags["SAT"], mask == 2)
        np.testing.assert_array_equal(flags["NO_DATA"], weight == 0)


def test_what_is_known_of_an_exposure(tmp_path, camera):
    butler = ingest(tmp_path / "repo", match(files_per_plane(tmp_path), camera), camera)
    (record,) = butler.query_dimension_records("exposure", instrument="Toy")
    assert (record.id, record.physical_filter, record.exposure_time) == (1, "r", 30.0)
    assert record.day_obs == 20240229  # five hours after midnight in Greenwich: still the evening before
    assert record.timespan.begin.utc.isot[:23] == "2024-03-01T05:01:00.000"
    assert (record.tracking_ra, record.tracking_dec) == pytest.approx((150.0, -30.0))
    exposure = butler.get("cpSkyIsrExp", instrument="Toy", exposure=1, detector=0, collections="Toy/raw/all")
    visit = exposure.getInfo().getVisitInfo()
    assert visit.getExposureTime() == 30.0
    assert visit.getDate().toAstropy().utc.isot[:23] == "2024-03-01T05:01:15.000"
    assert visit.getBoresightRaDec().getRa().asDegrees() == pytest.approx(150.0)
    assert exposure.getFilter().physicalLabel == "r"
    assert [d.getName() for d in butler.get("camera", instrument="Toy", collections="Toy/calib")] == [
        "A",
        "B",
    ]
    assert Instrument.fromName("Toy", butler.registry).getName() == "Toy"


def test_more_exposures_later(tmp_path, camera):
    first = match(files_per_plane(tmp_path), camera)
    ingest(tmp_path / "repo", first, camera)
    image, _, weight = pixels(5)
    more = [
        write(tmp_path / "n.image.fits", (header("B", 2), image, None)),
        write(tmp_path / "n.weight.fits", (header("B", 2), weight, None)),
    ]
    butler = ingest(tmp_path / "repo", match(more, camera), camera)
    assert len(butler.query_datasets("cpSkyIsrExp", collections="Toy/raw/all")) == 3
    with pytest.raises(IngestError, match="has detector B of exposure 2 already"):
        ingest(tmp_path / "repo", match(more, camera), camera)


class TestVariance:
    @pytest.mark.parametrize(
        ("cards", "expected"),
        [
            ({"GAIN": 2.0, "RDNOISE": 4.0}, 1000 / 2 + 4.0),
            ({"GAINA": 1.0, "GAINB": 3.0}, 1000 / 2),
            ({"BUNIT": "electron"}, 1000),
            ({"GAIN": 2.0, "BUNIT": "adu/s"}, 1000 / 60),
        ],
    )
    def test_made_from_the_gain(self, tmp_path, camera, cards, expected):
        image = np.full((ROWS, COLUMNS), 1000, np.float32)
        path = write(tmp_path / "x.fits", (header("A", **cards), image, None))
        butler = ingest(tmp_path / "repo", match([path], camera), camera)
        got = butler.get("cpSkyIsrExp", instrument="Toy", exposure=1, detector=0, collections="Toy/raw/all")
        np.testing.assert_allclose(got.variance.array, expected, rtol=1e-6)

    def test_made_from_the_gain_of_the_description(self, tmp_path):
        camera = parse_description(CAMERA.replace("mask", "gain: 4.0, read_noise: 8.0, mask"), "x")
        path = write(tmp_path / "x.fits", (header("A"), np.full((ROWS, COLUMNS), 1000, np.float32), None))
        butler = ingest(tmp_path / "repo", match([path], camera), camera)
        got = butler.get("cpSkyIsrExp", instrument="Toy", exposure=1, detector=0, collections="Toy/raw/all")
        np.testing.assert_allclose(got.variance.array, 254.0)

    def test_patterns_tell_kinds(self, tmp_path, camera):
        image, _, weight = pixels()
        paths = [
            write(tmp_path / "one.fits", (header("A"), image, None)),
            write(tmp_path / "two.fits", (header("A"), weight, None)),
        ]
        (one,) = match(paths, camera, {Kind.VARIANCE: "two*"})
        assert one.variance.kind is Kind.VARIANCE


def test_trimmed_images_are_put_in_their_place(tmp_path, camera):
    image = np.full((ROWS - 2, COLUMNS - 2), 1000, np.float32)
    cards = header("A", GAIN=1.0, LTV1=-1.0, LTV2=-1.0)
    butler = ingest(
        tmp_path / "repo", match([write(tmp_path / "x.fits", (cards, image, None))], camera), camera
    )
    got = butler.get("cpSkyIsrExp", instrument="Toy", exposure=1, detector=0, collections="Toy/raw/all")
    missing = got.mask.array == got.mask.getPlaneBitMask("NO_DATA")
    assert got.image.array.shape == (ROWS, COLUMNS)
    assert not missing[1:-1, 1:-1].any()
    assert missing.sum() == 2 * ROWS + 2 * COLUMNS - 4
    assert np.isfinite(got.variance.array).all()


def good_file(folder, detector="A", number=1, name="x.fits", shape=(ROWS, COLUMNS), **cards):
    cards = {"GAIN": 1.0, **cards}
    return write(folder / name, (header(detector, number, **cards), pixels(0, shape)[0], None))


REFUSALS = {
    "no gain": (lambda f: [good_file(f, GAIN=None)], "neither a variance nor a weight, nor a gain"),
    "per second without a time": (
        lambda f: [good_file(f, BUNIT="adu/s", EXPTIME=None)],
        "neither a variance nor a weight, nor a gain",
    ),
    "unknown detector": (lambda f: [good_file(f, "Z")], "of no detector of Toy: its header says CCDNAME = Z"),
    "no detector": (lambda f: [good_file(f, None)], "its header has none of CCDNAME"),
    "wrong size": (
        lambda f: [good_file(f, shape=(20, COLUMNS))],
        "64 x 20 pixels, but detector A of Toy has 64 x 48",
    ),
    "trimmed beyond the edge": (
        lambda f: [good_file(f, shape=(ROWS - 1, COLUMNS), LTV2=-2.0)],
        "64 x 47 pixels, but detector A",
    ),
    "twice": (
        lambda f: [good_file(f), good_file(f, name="y.fits")],
        "both detector A of exposure 1; leave one",
    ),
    "the same file": (lambda f: [good_file(f)] * 2, "is given twice"),
    "two filters": (
        lambda f: [good_file(f), good_file(f, "B", name="y.fits", FILTER="g")],
        "its filter is g, the other r",
    ),
    "two times": (
        lambda f: [good_file(f), good_file(f, "B", name="y.fits", **{"DATE-OBS": "2024-03-02T05:00:00"})],
        "began at 2024-03-02",
    ),
    "no filter": (lambda f: [good_file(f, FILTER=None)], "does not say its filter"),
    "no time": (lambda f: [good_file(f, **{"DATE-OBS": None})], "does not say when its exposure began"),
    "bad time": (lambda f: [good_file(f, **{"DATE-OBS": "yesterday"})], "when its exposure began"),
    "no exposure time": (lambda f: [good_file(f, EXPTIME=None)], "does not say its exposure time"),
    "a mask of another size": (
        lambda f: [good_file(f), write(f / "x.mask.fits", (header("A"), np.zeros((9, 9), np.int16), None))],
        "9 x 9 pixels, but .*x.fits.*, which it belongs to, has 64 x 48",
    ),
    "a mask of nothing": (
        lambda f: [good_file(f), write(f / "q.mask.fits", (header("B"), pixels()[1], None))],
        "belongs to none of the images",
    ),
    "masks alone": (lambda f: [write(f / "q.mask.fits", (header("B"), pixels()[1], None))], "no image among"),
    "no pixels": (lambda f: [write(f / "x.fits", (header("A"), None, None))], "no two-dimensional image"),
    "a mask that is none": (
        lambda f: [good_file(f), write(f / "x.mask.fits", (header("A"), pixels()[0], None))],
        "not of integers",
    ),
    "no weight at all": (
        lambda f: [good_file(f), write(f / "x.weight.fits", (header("A"), 0 * pixels()[2], None))],
        "has no positive value",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refusals(case, tmp_path, camera):
    make, words = REFUSALS[case]
    paths = make(tmp_path)
    with pytest.raises(IngestError, match=words):
        ingest(tmp_path / "repo", match(paths, camera), camera)
    assert not (tmp_path / "repo").exists()


def test_files_that_are_none(tmp_path, camera):
    (tmp_path / "x.fits").write_text("nothing of the kind")
    with pytest.raises(IngestError, match="cannot be read as FITS"):
        match([tmp_path / "x.fits"], camera)


def contents(root):
    """What a repository holds: files, and datasets and records by the registry."""
    butler = Butler.from_config(str(root))
    files = {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("*.fits")
    }
    datasets = {
        str(ref.dataId)
        for ref in butler.query_datasets("cpSkyIsrExp", collections="*", find_first=False, explain=False)
    }
    records = {str(record) for record in butler.query_dimension_records("exposure", instrument="Toy")}
    return files, datasets, records


@pytest.mark.parametrize("there", [True, False])
def test_nothing_is_half_ingested(tmp_path, camera, there):
    """The second of two files breaks off in the middle of its pixels."""
    repo = tmp_path / "repo"
    if there:
        ingest(repo, match([good_file(tmp_path, number=9, name="nine.fits")], camera), camera)
        before = contents(repo)
    paths = [good_file(tmp_path), good_file(tmp_path, "B", name="y.fits")]
    inputs = match(paths, camera)
    size = paths[1].stat().st_size
    with paths[1].open("r+b") as file:
        file.truncate(size - 2880 * 3)
    seen = []
    with pytest.raises(IngestError, match=r"y.fits.* cannot be read"):
        ingest(repo, inputs, camera, lambda done, total: seen.append(done))
    assert seen == [1]  # the first was stored already
    if there:
        assert contents(repo) == before
        paths[1].unlink()
        ingest(repo, match([paths[0], good_file(tmp_path, "B", name="y.fits")], camera), camera)
        assert len(contents(repo)[1]) == 3
    else:
        assert not repo.exists()


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path, camera):
    (tmp_path / "repo").mkdir()
    (tmp_path / "repo" / "thesis.tex").write_text("dear")
    with pytest.raises(IngestError, match="neither a repository nor an empty folder"):
        ingest(tmp_path / "repo", match([good_file(tmp_path)], camera), camera)
    assert (tmp_path / "repo" / "thesis.tex").read_text() == "dear"


def test_another_camera_of_the_same_name(tmp_path, camera):
    ingest(tmp_path / "repo", match([good_file(tmp_path)], camera), camera)
    other = parse_description(CAMERA.replace("A B", "A B C"), "x")
    with pytest.raises(IngestError, match="another camera Toy, with 2 detectors"):
        ingest(tmp_path / "repo", match([good_file(tmp_path, number=3, name="z.fits")], other), other)


class TestHeaders:
    def facts(self, folder, camera=CAMERA, **cards):
        (plane,) = find_planes([good_file(folder, **cards)])
        return read_facts(plane, parse_description(camera, "x"))

    def test_cards_of_the_description_come_first(self, tmp_path):
        camera = CAMERA.replace(
            "mask", "headers: {filter: COLOUR, exposure: [NONE, SHOT]}, bands: {teal: g}, mask"
        )
        facts = self.facts(tmp_path, camera, COLOUR="teal", SHOT=77)
        assert (facts.filter, facts.band, facts.id) == ("teal", "g", 77)

    def test_exposures_without_a_number_are_numbered_by_time(self, tmp_path):
        assert self.facts(tmp_path, EXPNUM=None).id == 20240301050100

    @pytest.mark.parametrize(
        "cards",
        [
            {"DATE-OBS": "2024-03-01", "TIME-OBS": "05:01:00"},
            {"DATE-OBS": None, "MJD-OBS": 60370 + (5 * 60 + 1) / 1440},
            {"DATE-OBS": "2024-03-01T05:01:37", "TIMESYS": "TAI"},
        ],
    )
    def test_times(self, tmp_path, cards):
        assert abs((self.facts(tmp_path, **cards).begin.utc.mjd - 60370) * 1440 - 301) < 1e-4


@pytest.mark.shared
@pytest.mark.skipif(not _PIECES.is_dir(), reason="../shared/real is not there")
class TestRealPieces:
    @pytest.mark.parametrize(("glob", "count"), [("c4d*", 2), ("k4m*", 1)])
    def test_ingested(self, tmp_path, glob, count):
        paths = sorted(_PIECES.glob(glob))
        text, _ = describe_headers(find_planes(paths), "Pieces")
        camera = parse_description(text, "x")
        butler = ingest(tmp_path / "repo", match(paths, camera), camera)
        refs = butler.query_datasets("cpSkyIsrExp", collections="Pieces/raw/all")
        assert len(refs) == count
        for ref in refs:
            exposure = butler.get(ref)
            path = next(p for p in paths if exposure.getMetadata()["INGESTED"] == p.name)
            image, flags, weight = (
                fits.getdata(str(path).replace("_ooi_", f"_{word}_"), 1) for word in ("ooi", "ood", "oow")
            )
            np.testing.assert_array_equal(exposure.image.array, image)
            assert ((exposure.mask.array != 0) == ((flags != 0) | (weight == 0))).all()
            good = weight > 0
            np.testing.assert_allclose(exposure.variance.array[good], 1 / weight[good], rtol=1e-6)

    def test_mapping_says_the_same_as_the_translator(self, monkeypatch):
        """astro_metadata_translator and the table of cards, on a header that both know."""
        if importlib.util.find_spec("astro_metadata_translator") is None:
            pytest.skip("astro_metadata_translator is not installed")
        plane = next(p for p in find_planes(sorted(_PIECES.glob("c4d_1703*"))) if p.kind is Kind.IMAGE)
        camera = parse_description(CAMERA, "x")
        by_translator = read_facts(plane, camera)
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
        by_cards = read_facts(plane, camera)
        assert by_translator.id == by_cards.id == 630780
        assert by_translator.filter == by_cards.filter
        assert by_translator.band == by_cards.band == "z"
        assert abs((by_translator.begin - by_cards.begin).sec) < 1e-3
        assert by_translator.exposure_time == by_cards.exposure_time == 107.0
        assert by_translator.day_obs == by_cards.day_obs == 20170315
        # The translator knows of cards that say where the telescope pointed in the end.
        assert by_translator.ra == pytest.approx(by_cards.ra, abs=10 / 3600)


class TestCommand:
    def run(self, *arguments):
        return CliRunner().invoke(cli, ["ingest", *map(str, arguments)])

    def test_says_how_to_go_on(self, tmp_path):
        (tmp_path / "toy.yaml").write_text(CAMERA)
        result = self.run(tmp_path / "repo", "--camera", tmp_path / "toy.yaml", *files_per_plane(tmp_path))
        assert result.exit_code == 0, result.output
        assert "1 exposures, 2 images; filters: r." in result.output
        assert "pipetask run" in result.output
        assert (tmp_path / "repo" / "cpSky-Toy.yaml").exists()

    def test_says_what_is_wrong(self, tmp_path):
        result = self.run(tmp_path / "repo", "--camera", "DECam", good_file(tmp_path))
        assert result.exit_code == 1
        assert "of no detector of DECam" in result.output
        assert "Nothing was ingested." in result.output
