"""Descriptions of cameras."""

import pathlib

import numpy as np
import pytest
from astropy.io import fits
from click.testing import CliRunner

from lsst.afw.cameraGeom import FOCAL_PLANE, PIXELS
from lsst.cp.sky.cli import cli
from lsst.cp.sky.ingest import (
    CameraDescriptionError,
    describe_headers,
    find_planes,
    make_camera,
    parse_description,
    read_description,
    shipped_cameras,
)
from lsst.cp.sky.simulate import make_raft_camera
from lsst.geom import Box2D, Point2D
from lsst.pipe.tasks.background import FocalPlaneBackground, FocalPlaneBackgroundConfig

_PIECES = pathlib.Path(__file__).resolve().parents[3] / "shared" / "real" / "pixels"
_GRID = "{name: Cam, plate_scale: 20, pixel_size: 0.01, size: [100, 80], rows: [A B, C D]}"


def outline(detector):
    """Box of a detector in the focal plane."""
    box = Box2D()
    for corner in detector.getCorners(FOCAL_PLANE):
        box.include(corner)
    return box


class TestShipped:
    @pytest.mark.parametrize("name", shipped_cameras())
    def test_detectors_do_not_overlap(self, name):
        boxes = [outline(detector) for detector in make_camera(read_description(name))]
        for number, box in enumerate(boxes):
            assert not any(box.overlaps(other) for other in boxes[:number])

    @pytest.mark.parametrize("name", shipped_cameras())
    def test_descriptions_are_short(self, name):
        (folder,) = {
            path.parent for path in pathlib.Path(make_camera.__code__.co_filename).parent.rglob("*.yaml")
        }
        lines = (folder / f"{name}.yaml").read_text().splitlines()
        assert len([line for line in lines if line and not line.startswith("#")]) <= 20

    def test_decam(self):
        camera = make_camera(read_description("DECam"))
        assert len(camera) == 62
        # Numbers that headers of the camera give (CCDNUM).
        for name, number in {"S29": 1, "S31": 3, "S7": 31, "N1": 32, "N2": 33, "N6": 37, "N31": 62}.items():
            assert camera[name].getId() == number
        # Centres as lsst.obs.decam has them, which were measured (mm).
        centres = {
            "S29": (-185.592, -63.748),
            "S31": (-185.618, 63.776),
            "S25": (-151.832, -95.611),
            "S27": (-151.904, 31.901),
            "N26": (151.800, -31.935),
            "N31": (185.550, 63.794),
        }
        for name, (x, y) in centres.items():
            centre = camera[name].getCenter(FOCAL_PLANE)
            assert np.hypot(centre.x - x, centre.y - y) < 0.15

    def test_raft_is_that_of_the_demo(self):
        ours, demo = make_camera(read_description("SkySim")), make_raft_camera()
        assert [d.getName() for d in ours] == [d.getName() for d in demo]
        for one, other in zip(ours, demo, strict=True):
            assert one.getBBox() == other.getBBox()
            assert one.getPhysicalType() == other.getPhysicalType()
            assert [a.getBBox() for a in one] == [a.getBBox() for a in other]
            for point in (Point2D(0, 0), Point2D(300, 70)):
                apart = one.transform(point, PIXELS, FOCAL_PLANE) - other.transform(
                    point, PIXELS, FOCAL_PLANE
                )
                assert np.hypot(*apart) < 1e-9


class TestGrid:
    def test_lines_are_centred(self):
        text = _GRID.replace("rows: [A B, C D]", "pitch: [2, 1], rows: [A, B C - D], first_id: 7")
        found = {d.name: (d.id, d.at) for d in parse_description(text, "x").detectors}
        assert found == {"A": (7, (0, -0.5)), "B": (8, (-3, 0.5)), "C": (9, (-1, 0.5)), "D": (11, (3, 0.5))}

    def test_columns(self):
        text = _GRID.replace("rows", "columns")
        found = {d.name: d.at for d in parse_description(text, "x").detectors}
        assert found == {"A": (-0.5, -0.4), "B": (-0.5, 0.4), "C": (0.5, -0.4), "D": (0.5, 0.4)}

    def test_one_by_one(self):
        text = _GRID.replace(
            "rows: [A B, C D]", "detectors: [{name: A, at: [3, 4], yaw: 90, size: [10, 20]}]"
        )
        detector = make_camera(parse_description(text, "x"))["A"]
        box = outline(detector)
        np.testing.assert_allclose([*box.getMin(), *box.getMax()], [2.9, 3.95, 3.1, 4.05])
        place = detector.transform(Point2D(9, 9.5), PIXELS, FOCAL_PLANE)  # x of pixels runs upwards
        assert place.x == pytest.approx(3.0)
        assert place.y > 4.0


class TestSuperpixels:
    @pytest.mark.parametrize("name", [*shipped_cameras(), "grid"])
    def test_none_is_a_sliver(self, name):
        description = parse_description(_GRID, "x") if name == "grid" else read_description(name)
        config = FocalPlaneBackgroundConfig()
        config.xSize, config.ySize = description.superpixel
        config.pixelSize = description.pixel_size
        box = make_camera(description).getFpBBox()
        model = FocalPlaneBackground.fromCamera(config, make_camera(description))
        if description.superpixel_is_default:
            assert model.dims.x - 2 == pytest.approx(box.getWidth() / config.xSize, abs=1e-3)
            assert model.dims.y - 2 == pytest.approx(box.getHeight() / config.ySize, abs=1e-3)

    def test_default_is_about_a_detector(self):
        assert parse_description(_GRID, "x").superpixel == pytest.approx((1.0, 0.8), abs=1e-5)
        assert parse_description(_GRID, "x").superpixel_is_default
        own = parse_description(_GRID.replace("plate", "superpixel: [3, 4], plate"), "x")
        assert (own.superpixel, own.superpixel_is_default) == ((3, 4), False)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("name: Cam", "name: my cam", "name: must be letters"),
        ("plate_scale: 20", "plate_scale: 0", "plate_scale: must be more than 0"),
        ("plate_scale: 20", "plate_scale: .nan", "plate_scale: must be a finite number"),
        ("plate_scale: 20,", "", "plate_scale: is missing"),
        ("pixel_size: 0.01", "pixelsize: 0.01", "pixelsize: is not known; known are name"),
        ("size: [100, 80]", "size: [100]", "size: must be two numbers"),
        ("size: [100, 80]", "size: [0, 80]", "two whole numbers from 1 on"),
        ("rows: [A B, C D]", "rows: [A B, C a]", "two of them have the name 'a'"),
        ("rows: [A B, C D]", "rows: A B", "must be a list of lines"),
        ("rows: [A B, C D]", "rows: [A], columns: [B]", "give the detectors once"),
        ("rows: [A B, C D]", "rows: [-]", "there is no detector in it"),
        ("rows: [A B, C D]", "pitch: [0.1, 0.1], rows: [A B, C D]", "B lies on A"),
        ("rows: [A B, C D]", "detectors: [{name: A}]", "detector 1: at: is missing"),
        ("rows: [A B, C D]", "detectors: [{name: A, at: [0, 0]}, {name: B, at: [5, 0], id: 0}]", "the id 0"),
        ("name: Cam", "name: Cam, readout: XX", "readout: must be one of LL"),
        ("name: Cam", "name: Cam, amplifiers: [200, 1]", "more of them than pixels"),
        ("name: Cam", "name: Cam, mask: {SAT: [x]}", "mask.SAT: must be of int"),
        ("{name", "{{name", "is not YAML"),
        (_GRID, "just words", "needs a mapping"),
    ],
)
def test_refusals(old, new, words):
    with pytest.raises(CameraDescriptionError) as caught:
        parse_description(_GRID.replace(old, new), "my.yaml")
    assert "my.yaml" in str(caught.value)
    assert words in str(caught.value)


def test_a_camera_that_is_not_there(tmp_path):
    with pytest.raises(CameraDescriptionError, match="DECam, Mosaic2x2, SkySim are"):
        read_description(tmp_path / "none.yaml")


def write_header_files(folder, cards, shape=(40, 30)):
    """Files with a header each."""
    paths = []
    for number, own in enumerate(cards):
        hdu = fits.PrimaryHDU(np.zeros(shape, np.float32))
        for key, value in {"DATE-OBS": "2024-01-01T00:00:00", **own}.items():
            hdu.header[key] = value
        paths.append(folder / f"f{number}.fits")
        hdu.writeto(paths[-1])
    return paths


class TestFromHeaders:
    def wcs(self, name, crpix1, *, sign=1, ra=10.0):
        scale = 0.3 / 3600
        return {
            "CCDNAME": name,
            "INSTRUME": "My-Cam",
            "CRPIX1": crpix1,
            "CRPIX2": 20.5,
            "CRVAL1": ra,
            "CRVAL2": 0.0,
            "CD1_1": -scale * sign,
            "CD1_2": 0.0,
            "CD2_1": 0.0,
            "CD2_2": scale,
        }

    def describe(self, folder, cards):
        text, notes = describe_headers(find_planes(write_header_files(folder, cards)))
        return parse_description(text, "x"), notes

    def test_by_reference_pixels(self, tmp_path):
        camera, _ = self.describe(tmp_path, [self.wcs("A", 35.5), self.wcs("B", -4.5)])
        assert camera.name == "MyCam"
        assert [d.name for d in camera.detectors] == ["A", "B"]
        assert camera.detectors[0].at == pytest.approx((-20 * 0.015, 0))
        assert camera.detectors[1].at == pytest.approx((20 * 0.015, 0))
        assert camera.plate_scale == pytest.approx(0.3 / 0.015)

    def test_reference_points_of_their_own(self, tmp_path):
        # B says the same by another point of the sky, 40 pixels to the west.
        cards = [self.wcs("A", 35.5), self.wcs("B", 35.5, ra=10.0 - 40 * 0.3 / 3600)]
        camera, _ = self.describe(tmp_path, cards)
        assert camera.detectors[1].at[0] - camera.detectors[0].at[0] == pytest.approx(40 * 0.015, abs=1e-4)

    def test_by_sections(self, tmp_path):
        cards = [
            {"CCDNAME": "A", "DETSEC": "[1:30,1:40]", "INSTRUME": "X"},
            {"CCDNAME": "B", "DETSEC": "[31:60,1:40]", "INSTRUME": "X"},
        ]
        camera, notes = self.describe(tmp_path, cards)
        assert [d.at for d in camera.detectors] == [(-0.225, 0), (0.225, 0)]
        assert any("knows no gaps" in note for note in notes)

    @pytest.mark.parametrize(
        ("cards", "words"),
        [
            ([{"CCDNAME": "A"}], "neither by CRPIX and CD nor by DETSEC"),
            ([{"DETSEC": "[1:30,1:40]"}], "does not name its detector"),
        ],
    )
    def test_refusals(self, tmp_path, cards, words):
        with pytest.raises(CameraDescriptionError, match=words):
            self.describe(tmp_path, cards)

    def test_mirror_images(self, tmp_path):
        with pytest.raises(CameraDescriptionError, match="mirror image"):
            self.describe(tmp_path, [self.wcs("A", 35.5), self.wcs("B", -4.5, sign=-1)])

    @pytest.mark.shared
    @pytest.mark.skipif(not _PIECES.is_dir(), reason="../shared/real is not there")
    def test_real_pieces_lie_in_the_detectors_of_the_shipped_camera(self):
        text, notes = describe_headers(find_planes(sorted(_PIECES.glob("c4d*"))))
        decam = make_camera(read_description("DECam"))
        pieces = make_camera(parse_description(text, "x"))
        assert {d.getName(): d.getId() for d in pieces} == {"N2": 33, "N6": 37}
        for piece in pieces:
            assert outline(decam[piece.getName()]).contains(outline(piece))
        assert sum("of DETSEC" in note for note in notes) == 2


class TestCommand:
    def run(self, *arguments):
        return CliRunner().invoke(cli, ["camera", *map(str, arguments)])

    def test_draws(self, tmp_path):
        result = self.run("DECam", "--plot", tmp_path / "camera.svg")
        assert result.exit_code == 0, result.output
        assert "DECam: 62 detectors; superpixels of 61.44 x 61.44 mm." in result.output
        assert (tmp_path / "camera.svg").read_text().count("<!-- N") == 31

    def test_says_what_it_chose(self):
        assert "by default about a detector" in self.run("Mosaic2x2").output

    def test_from_headers_and_back(self, tmp_path):
        files = write_header_files(tmp_path, [{"CCDNAME": "A", "DETSEC": "[1:30,1:40]", "INSTRUME": "X"}])
        result = self.run("--from-headers", *files, "--name", "Mine", "-o", tmp_path / "c.yaml")
        assert result.exit_code == 0, result.output
        assert "Mine: 1 detector;" in self.run(tmp_path / "c.yaml").output

    def test_complains_in_words(self, tmp_path):
        (tmp_path / "bad.yaml").write_text("name: 3")
        result = self.run(tmp_path / "bad.yaml")
        assert result.exit_code == 1
        assert result.output.startswith("Error: ")
        assert self.run("DECam", "SkySim").exit_code == 2
