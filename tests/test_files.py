"""The safe form of focal-plane models: FITS, pickles of which nothing is run, the butler's formatter."""

import contextlib
import io
import os
import pathlib
import pickle
import re
import shutil
import subprocess
import textwrap
import time
import traceback

import click
import numpy as np
import pytest
import skydata
import yaml
from click.testing import CliRunner

import lsst.resources.file
from lsst.afw.fits import FitsError
from lsst.afw.geom import makeRadialTransform, makeTransform
from lsst.afw.image import ImageF
from lsst.cp.sky.cli import cli
from lsst.cp.sky.files import (
    UnsafePickleError,
    convert_model,
    convert_repository,
    model_from_bytes,
    model_from_fits,
    model_from_pickle,
    model_to_fits,
    read_model,
    read_model_pickle,
    write_model,
)
from lsst.daf.butler import Butler, DataCoordinate, DatasetRef, DatasetType, FileDataset
from lsst.geom import AffineTransform, Extent2D, Extent2I
from lsst.pipe.tasks.background import FocalPlaneBackground, FocalPlaneBackgroundConfig

#: The three lines of the documentation.
PAGE = pathlib.Path(__file__).parents[1] / "doc" / "files.md"
(THREE_LINES,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)


@pytest.fixture
def model():
    """Model with awkward numbers everywhere."""
    config = FocalPlaneBackgroundConfig()
    config.xSize, config.ySize, config.pixelSize = 1.2345678901234567e-05, 40.96, 1
    config.mask = ["BAD", "it's"]
    config.doSmooth = True
    rng = np.random.default_rng(11)
    planes = []
    for _ in range(2):
        plane = ImageF(Extent2I(7, 5))
        plane.array[:] = rng.normal(size=(5, 7)).astype(np.float32)
        plane.array[0, :4] = np.nan, np.inf, -0.0, 1e-42
        planes.append(plane)
    transform = makeTransform(
        AffineTransform.makeTranslation(Extent2D(1 / 3, 1e-17)) * AffineTransform.makeScaling(1 / 7, 3.0)
    )
    return FocalPlaneBackground(config, Extent2I(7, 5), transform, *planes)


def assert_same(actual, expected):
    """Equal to the last bit."""
    assert type(actual) is FocalPlaneBackground
    assert actual.config == expected.config
    assert actual.config.toDict() == expected.config.toDict()
    assert actual.dims == expected.dims
    assert actual.transform.writeString() == expected.transform.writeString()
    for name in ("_values", "_numbers"):
        assert getattr(actual, name).array.tobytes() == getattr(expected, name).array.tobytes()


class TestFits:
    def test_round_trip(self, model, tmp_path):
        write_model(model, tmp_path / "model.fits")
        assert_same(read_model(tmp_path / "model.fits"), model)
        assert not hasattr(read_model(tmp_path / "model.fits"), "physicalType")
        assert [path.name for path in tmp_path.iterdir()] == ["model.fits"]

    def test_same_model_same_bytes(self, model):
        assert model_to_fits(model) == model_to_fits(model_from_fits(model_to_fits(model)))

    def test_curved_transform(self, model):
        transform = makeRadialTransform([0.0, 1.0, 0.0, 1e-7]).then(model.transform)
        model = FocalPlaneBackground(model.config, model.dims, transform)
        assert_same(model_from_fits(model_to_fits(model)), model)

    def test_any_viewer_opens_it(self, model):
        fits = pytest.importorskip("astropy.io.fits")
        model.physicalType = "E2V"
        content = model_to_fits(model, {"LSST BUTLER RUN": "u/someone/" + "x" * 80})
        with fits.open(io.BytesIO(content), checksum=True) as hdus:
            hdus.verify("exception")
            assert [hdu.name for hdu in hdus] == ["PRIMARY", "VALUES", "NUMBERS", "TRANSFORM"]
            np.testing.assert_array_equal(hdus["VALUES"].data, model._values.array)
            np.testing.assert_array_equal(hdus["NUMBERS"].data, model._numbers.array)
            header = hdus[0].header
            assert (header["DIMX"], header["DIMY"], header["PHYSTYPE"]) == (7, 5, "E2V")
            assert (header["CONFIG YSIZE"], header["CONFIG MASK"]) == (40.96, '["BAD", "it\'s"]')
            assert header["LSST BUTLER RUN"].endswith("xxx")
            text = "\n".join(hdus["TRANSFORM"].data["AST"])
            assert text.startswith("Begin ")
        assert model_from_fits(content).physicalType == "E2V"

    def test_tasks_say_the_physical_type(self, camera):
        task = skydata.image_task()
        result = task.run(skydata.make_exposure(camera[1]), camera)
        assert result.maskedBkg.physicalType == "E2V"

    def test_parts_of_other_classes_are_refused(self, model):
        class Config(FocalPlaneBackgroundConfig):
            pass

        other = FocalPlaneBackground(Config(), model.dims, model.transform)
        with pytest.raises(TypeError, match="with a Config has no FITS form"):
            model_to_fits(other)

    def test_failure_leaves_nothing(self, model, tmp_path, monkeypatch):
        monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
        with pytest.raises(FitsError, match=r"model\.fits: cannot be written: disk full"):
            write_model(model, tmp_path / "model.fits")
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.filterwarnings("ignore")
    @pytest.mark.parametrize(
        ("old", "new", "match"),
        [
            (b"SIMPLE  =", b"SIMPLY  =", "not a FITS file"),
            (b"'FocalPlaneBackground'", b"'SomethingQuiteDiffer'", r"\[0\].*MODEL is"),
            (b"MODELVER=                    1", b"MODELVER=                    2", r"\[0\].*MODELVER is 2"),
            (
                b"DIMX    =                    7",
                b"DIMX    =                    8",
                r"\[1\] \(VALUES\).*shape",
            ),
            (b"DIMX    =                    7", b"DIMX    =                  7.5", r"\[0\].*DIMX is 7.5"),
            (b"DIMX    =                    7", b"DIMZ    =                    7", r"\[0\].*DIMX"),
            (b"NAXIS1  =                    7", b"NAXIS1  =           9999999999", r"\[1\]|truncated"),
            (b"BITPIX  =                  -32", b"BITPIX  =                   77", r"\[1\]"),
            (b"NAXIS   =                    0", b"NAXIS   =            999999999", r"\[0\].*NAXIS is 9999"),
            (b"NAXIS   =                    2", b"NAXIS   =            999999999", r"\[1\].*NAXIS is 9999"),
            (
                b"TFIELDS =                    1",
                b"TFIELDS =  9223372036854775807",
                r"\[3\].*TFIELDS is '= +92",
            ),
            (
                b"PCOUNT  =                    0",
                b"PCOUNT  =  9223372036854775807",
                r"\[1\].*PCOUNT is '= +92",
            ),
            (b"GCOUNT  =                    1", b"GCOUNT  =            999999999", r"\[1\].*GCOUNT is 999"),
            (b"CONFIG YSIZE =", b"CONFIG YSIZX =", r"\[0\].*no field 'YSIZX'"),
            (b"CONFIG DOSMOOTH = T", b"CONFIG DOSMOOTH = 3", r"\[0\].*doSmooth does not take 3"),
            (b"Begin WinMap", b"Begin Nothin", r"\[3\] \(TRANSFORM\)"),
            (b"'NUMBERS '", b"'NOMBRES '", r"\[2\] \(NUMBERS\): .*EXTNAME is 'NOMBRES'"),
        ],
    )
    def test_damage(self, model, old, new, match):
        content = model_to_fits(model)
        assert old in content
        with pytest.raises(FitsError, match=match):
            model_from_fits(content.replace(old, new, 1), "damaged.fits")

    def test_changed_pixels_do_not_match_their_checksum(self, model):
        content = bytearray(model_to_fits(model))
        start = content.index(model._values.array.astype(">f4").tobytes())
        content[start + 30] ^= 1
        with pytest.raises(FitsError, match=r"\[1\] \(VALUES\): .*checksum"):
            model_from_fits(bytes(content))

    @pytest.mark.filterwarnings("ignore")
    def test_no_flipped_bit_goes_unnoticed(self, model):
        content, rng = model_to_fits(model), np.random.default_rng(8)
        noticed = 0
        for _ in range(150):
            data = bytearray(content)
            data[rng.integers(len(data))] ^= 1 << int(rng.integers(8))
            try:
                assert_same(model_from_fits(bytes(data)), model)
            except FitsError:
                noticed += 1
        assert noticed > 75

    @pytest.mark.filterwarnings("ignore")
    def test_every_truncation(self, model):
        content = model_to_fits(model)
        for length in range(0, len(content) - 2880, 411):
            with pytest.raises(FitsError):
                model_from_fits(content[:length])

    @pytest.mark.filterwarnings("ignore")
    def test_random_damage(self, model):
        content = model_to_fits(model)
        rng = np.random.default_rng(4)
        for _ in range(200):
            data = bytearray(content)
            for pos in rng.integers(0, len(data), 3):
                data[pos] = rng.integers(0, 256)
            with contextlib.suppress(FitsError):
                model_from_fits(bytes(data))

    @pytest.mark.parametrize("number", range(4))
    @pytest.mark.parametrize(
        "cards",
        [
            ["NAXIS   =            999999999"],
            ["NAXIS   =                    3", "NAXIS3  =           1000000000"],
            ["NAXIS1  =          99999999999"],
            ["NAXIS2  =                   -1"],
            ["NAXIS2  =                  1e9"],
            ["PCOUNT  =           4000000000"],
            ["GCOUNT  =           4000000000"],
            ["TFIELDS =            999999999", "TDIM1   = '(1,1)   '"],
            ["TFORM1  = '999999999A'", "GROUPS  =                    T"],
            ["ZIMAGE  =                    T"],
            ["HIERARCH NAXIS = 999999999"],
            ["naxis   =            999999999"],
            ["BITPIX  =           -999999999"],
            ["END of the cards"],
        ],
    )
    def test_absurd_structure_is_seen_first(self, model, number, cards, monkeypatch):
        """Nothing that is wrong with the lengths of the parts gets as far as the library."""
        fits = pytest.importorskip("astropy.io.fits")
        content = model_to_fits(model)
        with fits.open(io.BytesIO(content)) as hdus:
            start, end = hdus[number].fileinfo()["hdrLoc"], hdus[number].fileinfo()["datLoc"]
        text = content[start:end].decode("ascii")
        lines = [
            line for i in range(0, len(text), 80) if (line := text[i : i + 80]).strip() not in ("", "END")
        ]
        for card in cards:
            places = [i for i, line in enumerate(lines) if line[:9] == card[:9]] or [len(lines)]
            lines[places[0] : places[0] + 1] = [card.ljust(80)]
        lines.append("END".ljust(80))
        header = "".join(lines).ljust(-(-len(lines) * 80 // 2880) * 2880)
        monkeypatch.setattr(fits, "open", lambda *_, **__: pytest.fail("handed on"))
        with pytest.raises(FitsError, match=rf"absurd\.fits\[{number}\]"):
            model_from_fits(content[:start] + header.encode() + content[end:], "absurd.fits")

    def test_a_header_without_end(self, model):
        content = model_to_fits(model)
        endless = content.replace(b"END".ljust(80), b"COMMENT".ljust(80), 1)
        with pytest.raises(FitsError, match=r"\[0\]"):
            model_from_fits(endless[:2880] + b"COMMENT ".ljust(80) * 100_000)

    def test_many_inputs_in_the_header(self, model):
        """Five hundred, each with three long cards."""
        cards = {
            f"LSST BUTLER INPUT {i} {name}": "x" * 100 for i in range(500) for name in ("ID", "RUN", "TYPE")
        }
        assert_same(model_from_fits(model_to_fits(model, cards)), model)

    def test_what_follows_is_left_alone(self, model):
        content = model_to_fits(model)
        assert_same(model_from_fits(content + b"XTENSION= 'NONSENSE'".ljust(2880)), model)

    def test_not_there(self, tmp_path):
        with pytest.raises(FitsError, match=r"nowhere\.fits: cannot be opened"):
            read_model(tmp_path / "nowhere.fits")


class Evil:
    """Pickles as a call of whatever is given."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


class TestPickle:
    def test_of_the_stack(self, golden_dir):
        path = golden_dir / "files/focal_plane_background.pickle"
        assert_same(read_model_pickle(path), pickle.loads(path.read_bytes()))

    @pytest.mark.parametrize("protocol", range(3, pickle.HIGHEST_PROTOCOL + 1))
    def test_ours(self, model, protocol):
        assert_same(model_from_pickle(pickle.dumps(model, protocol)), model)

    def test_numbers_that_are_none(self, model):
        model.config.minFrac = float("nan")
        again = model_from_pickle(pickle.dumps(model))
        assert np.isnan(again.config.minFrac)
        assert np.isnan(model_from_fits(model_to_fits(model)).config.minFrac)

    @pytest.mark.parametrize(
        ("function", "arguments", "name"),
        [
            (os.system, ("touch {}",), f"{os.system.__module__}.system"),
            (eval, ("open('{}', 'w').close()",), "builtins.eval"),
            (subprocess.call, (["touch", "{}"],), "subprocess.call"),
            (getattr, (FocalPlaneBackground, "merge"), "builtins.getattr"),
        ],
    )
    def test_malicious(self, tmp_path, function, arguments, name):
        mark = tmp_path / "mark"
        filled = tuple(
            [a.format(mark) for a in argument] if isinstance(argument, list)
            else argument.format(mark) if isinstance(argument, str) else argument
            for argument in arguments
        )  # fmt: skip
        content = pickle.dumps(Evil(function, *filled))
        (tmp_path / "evil.pickle").write_bytes(content)
        with pytest.raises(UnsafePickleError, match=rf"evil\.pickle: refused {name}: "):
            read_model_pickle(tmp_path / "evil.pickle")
        assert not mark.exists()
        if function is not getattr:
            pickle.loads(content)  # the stack's way, to see that it would have done it
            assert mark.exists()

    def test_code_in_the_configuration(self, model, tmp_path):
        """What pex_config stores is a program; the stack runs it."""
        mark = tmp_path / "mark"
        evil = f"__import__('os').mkdir('{mark}')"
        function, rest = model.config.__reduce__()[0], model.__reduce__()[1][1:]
        for stream in (evil, f"config.xSize = {evil}", "config.nothing = 3", "x = 3", f"assert {evil}"):
            config = Evil(function, FocalPlaneBackgroundConfig, stream.encode())
            content = pickle.dumps(Evil(FocalPlaneBackground, config, *rest))
            if stream.startswith("assert"):
                model_from_pickle(content)
                continue
            with pytest.raises(UnsafePickleError, match=r"configuration|malformed"):
                model_from_pickle(content)
        assert not mark.exists()
        with contextlib.suppress(AssertionError):
            pickle.loads(content)  # the stack's way
        assert mark.exists()

    def test_admitted_names_in_wrong_places(self, model):
        reduce = model.transform.__reduce__()
        unpickle = reduce[0]
        rest = model.__reduce__()[1]
        for wrong in (
            Evil(unpickle, FocalPlaneBackground, "text"),
            Evil(Extent2I, 1, 2),
            FocalPlaneBackground,
            "text",
        ):
            content = pickle.dumps(Evil(FocalPlaneBackground, *rest[:2], wrong, *rest[3:]))
            with pytest.raises(UnsafePickleError, match="in the place of"):
                model_from_pickle(content)
        with pytest.raises(UnsafePickleError, match=r"in the place of lsst\.pipe\.tasks\.background"):
            model_from_pickle(pickle.dumps(Extent2I(1, 2)))

    def test_classes_cannot_be_tampered_with(self, model):
        """A pickle can set attributes of what it names; here these only stand for the classes."""
        content = (
            b"\x80\x04\x8c\x1alsst.pipe.tasks.background\x8c\x14FocalPlaneBackground\x93"
            b"N}\x8c\x05merge\x8c\x04evils\x86b."
        )
        with pytest.raises(UnsafePickleError):
            model_from_pickle(content)
        assert callable(FocalPlaneBackground.merge)

    def test_images_of_another_size(self, model):
        rest = model.__reduce__()[1]
        content = pickle.dumps(Evil(FocalPlaneBackground, *rest[:4], ImageF(Extent2I(3, 4))))
        with pytest.raises(UnsafePickleError, match="image of the size of the grid"):
            model_from_pickle(content)

    def test_damage(self, model):
        content = pickle.dumps(model)
        rng = np.random.default_rng(4)
        for length in range(0, len(content), 997):
            with pytest.raises(UnsafePickleError):
                model_from_pickle(content[:length])
        for _ in range(200):
            data = bytearray(content)
            for pos in rng.integers(0, len(data), 3):
                data[pos] = rng.integers(0, 256)
            with contextlib.suppress(UnsafePickleError):
                model_from_pickle(bytes(data))

    @pytest.mark.parametrize(
        "bomb",
        [
            b"\x80\x05\x8e" + (1 << 40).to_bytes(8, "little") + b".",  # bytes that are not there
            b"\x80\x05\x96" + (1 << 40).to_bytes(8, "little") + b".",  # bytearray
            b"\x80\x05\x95" + (1 << 60).to_bytes(8, "little") + b".",  # frame
            b"\x80\x05Nr" + (0x7FFFFFFF).to_bytes(4, "little") + b".",  # memo
        ],
    )
    def test_no_memory_on_the_word_of_a_file(self, bomb):
        import resource

        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with pytest.raises(UnsafePickleError):
            model_from_pickle(bomb)
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000

    @pytest.mark.parametrize(
        "bomb",
        [
            # Tuples of the same tuple, twice each: 40 bytes of them have a text of 2 ** 40 parts.
            b"\x80\x04)\x94" + b"".join(b"h%ch%c\x86\x94" % (i, i) for i in range(40)) + b".",
            # The same as a key, which has to be hashed.
            b"\x80\x04)\x94}h\x00" + b"".join(b"h%ch%c\x86\x94" % (i, i) for i in range(40)) + b"Ns.",
            b"\x80\x04" + b"(" * 2_000_000 + b"t" * 2_000_000 + b".",
            b"\x80\x04)" + b"\x85" * 2_000_000 + b".",
            b"\x80\x04\x8c\x01a" + b"\x8c\x01b\x93" * 2_000_000 + b".",
            b"\x80\x04X" + (5_000_000).to_bytes(4, "little") + b"x" * 5_000_000 + b"\x8c\x01b\x93.",
            b"\x80\x04K\x01K\x02\x93.",
            b"\x80\x04K\x01K\x02R.",
            b"\x80\x04\x86.",
            b"\x80\x04t.",
            b"\x80\x04.",
            b"\x80\x04(i" + b"9" * 1_000_000 + b"\n.",
        ],
    )
    def test_bounded_work(self, bomb):
        start = time.process_time()
        with pytest.raises(UnsafePickleError) as caught:
            model_from_pickle(bomb)
        assert time.process_time() - start < 1.0
        assert len(str(caught.value)) < 500

    @pytest.mark.parametrize("place", range(5))
    def test_bombs_in_the_place_of_a_part(self, model, place):
        """What is refused is not printed."""
        bomb = ()
        for _ in range(100):
            bomb = (bomb, bomb)
        arguments = list(model.__reduce__()[1])
        arguments[place] = bomb
        with pytest.raises(UnsafePickleError, match="a tuple in the place of"):
            model_from_pickle(pickle.dumps(Evil(FocalPlaneBackground, *arguments)))

    @pytest.mark.parametrize(
        "text", ["(" * 60_000, "config.xSize = " + "-" * 60_000, "a" + ".a" * 30_000, "#" * 10**6]
    )
    def test_long_configurations(self, model, text):
        config = Evil(model.config.__reduce__()[0], FocalPlaneBackgroundConfig, text.encode())
        content = pickle.dumps(Evil(FocalPlaneBackground, config, *model.__reduce__()[1][1:]))
        with pytest.raises(UnsafePickleError, match=r"^<memory>: .{10,400}$"):
            model_from_pickle(content)


class TestConversion:
    def test_there_and_back(self, golden_dir, tmp_path):
        source = golden_dir / "files/focal_plane_background.pickle"
        convert_model(source, tmp_path / "model.fits")
        convert_model(tmp_path / "model.fits", tmp_path / "back.pickle")
        stack = pickle.loads(source.read_bytes())
        assert_same(read_model(tmp_path / "model.fits"), stack)
        assert_same(pickle.loads((tmp_path / "back.pickle").read_bytes()), stack)
        with pytest.raises(FitsError, match="not a FITS file"):
            model_from_bytes(b"hello")

    def test_command(self, golden_dir, tmp_path):
        source, target = golden_dir / "files/focal_plane_background.pickle", tmp_path / "model.fits"
        run = CliRunner().invoke
        assert run(cli, ["convert-background", str(source), str(target)]).exit_code == 0
        assert_same(read_model(target), pickle.loads(source.read_bytes()))
        result = run(cli, ["convert-background", str(source), str(target)])
        assert (result.exit_code, "exists; --overwrite" in result.output) == (1, True)
        assert run(cli, ["convert-background", "--overwrite", str(target), str(target)]).exit_code == 0
        (tmp_path / "evil.pickle").write_bytes(pickle.dumps(Evil(print, "evil")))
        result = run(cli, ["convert-background", str(tmp_path / "evil.pickle"), str(tmp_path / "x.fits")])
        assert result.exit_code == 1
        assert "refused builtins.print" in result.output
        assert not (tmp_path / "x.fits").exists()


class TestButler:
    @pytest.fixture
    def butler(self, tmp_path):
        Butler.makeRepo(tmp_path / "repo")
        path = tmp_path / "repo" / "butler.yaml"
        config = yaml.safe_load(path.read_text())
        config["datastore"] |= yaml.safe_load(THREE_LINES)["datastore"]
        path.write_text(yaml.dump(config))
        with Butler.from_config(tmp_path / "repo", writeable=True, run="run") as butler:
            for name, kind in (("model", "FocalPlaneBackground"), ("cards", "PropertyList")):
                butler.registry.registerDatasetType(DatasetType(name, (), kind, universe=butler.dimensions))
            yield butler

    def test_three_lines(self, butler, model):
        assert len(THREE_LINES.strip().splitlines()) == 3
        ref = butler.put(model, "model")
        uri = butler.getURI(ref)
        assert uri.getExtension() == ".fits"
        assert_same(butler.get(ref), model)
        fits = pytest.importorskip("astropy.io.fits")
        header = fits.getheader(uri.ospath)
        assert header["LSST BUTLER ID"] == str(ref.id)
        assert header["LSST BUTLER RUN"] == "run"
        with pytest.raises(Exception, match=r"component|foo"):
            butler.get("model.foo")

    def ingest(self, butler, name, run, path, formatter):
        """Take a file in as it is, and read it."""
        butler.collections.register(run)
        data_id = DataCoordinate.make_empty(butler.dimensions)
        ref = DatasetRef(butler.get_dataset_type(name), data_id, run=run)
        butler.ingest(FileDataset(str(path), [ref], formatter=formatter), transfer="copy")
        return butler.get(name, collections=run)

    def test_pickles_through_the_same_formatter(self, butler, golden_dir, tmp_path):
        """Datasets of the stack that are ingested under this formatter are read without running anything."""
        formatter = "lsst.cp.sky.files.FocalPlaneBackgroundFormatter"
        source = golden_dir / "files/focal_plane_background.pickle"
        good = self.ingest(butler, "model", "good", source, formatter)
        assert_same(good, pickle.loads(source.read_bytes()))
        evil = tmp_path / "evil.pickle"
        evil.write_bytes(pickle.dumps(Evil(os.mkdir, str(tmp_path / "mark"))))
        with pytest.raises(Exception, match=r"mkdir|Failure") as caught:
            self.ingest(butler, "model", "evil", evil, formatter)
        assert "refused posix.mkdir" in "".join(traceback.format_exception(caught.value))
        assert not (tmp_path / "mark").exists()

    def test_unsafe_yaml(self, butler, tmp_path):
        """Nor does YAML run anything: tags of Python objects are refused."""
        evil = tmp_path / "evil.yaml"
        evil.write_text(f"!!python/object/apply:os.mkdir ['{tmp_path / 'mark'}']")
        with pytest.raises(Exception, match=r"constructor|Failure") as caught:
            self.ingest(butler, "cards", "evil", evil, None)
        assert "could not determine a constructor" in "".join(traceback.format_exception(caught.value))
        assert not (tmp_path / "mark").exists()


class TestRepository:
    """Models that a repository holds already."""

    @pytest.fixture
    def root(self, golden_dir, tmp_path):
        root = tmp_path / "repo"
        shutil.copytree(golden_dir / "repo", root, copy_function=shutil.copy)
        for path in [root, *root.rglob("*")]:
            path.chmod(path.stat().st_mode | 0o200)
        return root

    def models(self, butler):
        return {
            ref: butler.get(ref)
            for name in ("cpSkyDetectorBackground", "cpSkyExpBackground")
            for ref in butler.query_datasets(name, collections="*", find_first=False)
        }

    def test_in_place(self, root, monkeypatch):
        with Butler.from_config(root) as butler:
            before = self.models(butler)
        assert len(before) == len(list(root.rglob("*.pickle"))) == 15
        monkeypatch.setattr(pickle, "load", lambda *_, **__: pytest.fail("a pickle was run"))
        monkeypatch.setattr(pickle, "loads", lambda *_, **__: pytest.fail("a pickle was run"))
        result = CliRunner().invoke(cli, ["convert-repository", str(root)])
        assert result.exit_code == 0, result.output
        assert "Converted 15 models; 0 were" in result.output
        assert not list(root.rglob("*.pickle"))
        with Butler.from_config(root, collections="stack/cpSky") as butler:
            after = self.models(butler)  # by IDs that are the same
            assert {ref: ref.run for ref in after} == {ref: ref.run for ref in before}
            for ref, model in before.items():
                assert_same(after[ref], model)
                assert butler.getURI(ref).getExtension() == ".fits"
        assert (
            "Converted 0 models; 15 were" in CliRunner().invoke(cli, ["convert-repository", str(root)]).output
        )

    def test_what_is_no_model_is_left_as_it_is(self, root, tmp_path):
        victim = sorted(root.rglob("*.pickle"))[0]
        evil = pickle.dumps(Evil(os.mkdir, str(tmp_path / "mark")))
        victim.write_bytes(evil)
        result = CliRunner().invoke(cli, ["convert-repository", str(root)])
        assert result.exit_code == 1
        assert "Converted 14 models" in result.output
        assert "1 were left as they are" in result.output
        assert "refused posix.mkdir" in result.output
        assert victim.read_bytes() == evil
        with Butler.from_config(root, writeable=True) as butler:
            (ref,) = [
                ref
                for name in ("cpSkyDetectorBackground", "cpSkyExpBackground")
                for ref in butler.query_datasets(name, collections="*", find_first=False)
                if butler.getURI(ref).ospath == str(victim)
            ]
            butler.pruneDatasets([ref], disassociate=True, unstore=True, purge=True)
        assert not victim.exists()
        assert not (tmp_path / "mark").exists()

    @pytest.mark.parametrize("step", ["write", "pruneDatasets", "ingest"])
    def test_interrupted(self, root, step, monkeypatch):
        """Whichever step is the last one, doing it again finds every model."""

        class Interrupted(Exception):
            pass

        def interrupt(*_, **__):
            raise Interrupted

        with Butler.from_config(root) as butler:
            before = self.models(butler)
        with Butler.from_config(root, writeable=True) as butler:
            with monkeypatch.context() as patch:
                owner = lsst.resources.file.FileResourcePath if step == "write" else type(butler)
                patch.setattr(owner, step, interrupt)
                with pytest.raises(Interrupted):
                    convert_repository(butler)
            assert convert_repository(butler) == (15, 0, ())
            for ref, model in before.items():
                assert_same(butler.get(ref), model)


def test_what_the_page_on_security_says():
    text = (PAGE.parents[1] / "SECURITY.md").read_text()
    assert THREE_LINES in textwrap.dedent("\n".join(re.findall(r"^    .*$", text, re.MULTILINE))) + "\n"
    assert {"convert-repository", "convert-background"} <= set(cli.list_commands(click.Context(cli)))
    assert {"convert-repository", "convert-background"} <= set(re.findall(r"cpsky ([\w-]+)", text))


def test_default_stays_the_pickle(tmp_path, model):
    Butler.makeRepo(tmp_path / "repo")
    with Butler.from_config(tmp_path / "repo", writeable=True, run="run") as butler:
        dataset_type = DatasetType("model", (), "FocalPlaneBackground", universe=butler.dimensions)
        butler.registry.registerDatasetType(dataset_type)
        assert butler.getURI(butler.put(model, dataset_type)).getExtension() == ".pickle"
        assert_same(butler.get("model"), model)
