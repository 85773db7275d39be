"""Images and exposures through a real butler with its default configuration."""

import logging
import pathlib
import shutil
import uuid

import numpy as np
import pytest

from lsst.afw.cameraGeom import Camera, makeUpdatedDetector
from lsst.afw.cameraGeom.testUtils import CameraWrapper
from lsst.afw.fits import readMetadata
from lsst.afw.image import ExposureF, FilterLabel, ImageF, MaskedImageF, MaskX, VisitInfo
from lsst.daf.base import PropertyList
from lsst.daf.butler import Butler, Config, DatasetProvenance
from lsst.daf.butler.tests import addDatasetType, makeTestCollection, makeTestRepo
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.obs.base.tests import make_ramp_exposure_untrimmed
from lsst.portable.fits import FitsReader
from lsst.portable.fits._tiles import TiledImage

BOX = Box2I(Point2I(-3, 7), Extent2I(31, 23))
PART = Box2I(Point2I(2, 10), Extent2I(6, 4))
DATA_ID = {"instrument": "Cam", "physical_filter": "r_03", "detector": 4}


DATASTORE = {"datastore": {"cls": "lsst.daf.butler.datastores.fileDatastore.FileDatastore"}}
"""Files on disk, read and written as the default configuration has it."""


def make_repo(tmp_path, config):
    data = {"instrument": ["Cam"], "physical_filter": ["r_03"], "detector": [4]}
    return makeTestRepo(str(tmp_path / "repo"), data, config=Config(config))


@pytest.fixture
def butler(tmp_path):
    repo = make_repo(tmp_path, DATASTORE)
    dimensions = {"instrument", "physical_filter", "detector"}
    for name in ("Exposure", "ExposureF", "Image", "ImageF", "Mask", "MaskedImageF", "Camera"):
        addDatasetType(repo, name.lower() + "Type", dimensions, name)
    yield makeTestCollection(repo)
    repo.close()


def masked_image():
    rng = np.random.default_rng(11)
    image = MaskedImageF(BOX)
    image.image.array[:] = rng.normal(1000, 30, image.image.array.shape)
    image.image.array[3, 4] = np.nan
    image.variance.array[:] = rng.uniform(900, 1100, image.image.array.shape)
    image.mask.array[5:8, 6:9] = image.mask.getPlaneBitMask("BAD")
    return image


def exposure(detector=None, label=None):
    result = ExposureF(masked_image())
    result.setDetector(detector)
    result.setFilter(label)
    result.getInfo().setVisitInfo(VisitInfo(exposureTime=30.0, darkTime=31.5))
    metadata = PropertyList()
    metadata.set("OBSERVER", "nobody", "who observed")
    metadata.set("LSST BUTLER RUN", "an older one")
    result.setMetadata(metadata)
    return result


def assert_same(one, other):
    assert one.getBBox() == other.getBBox()
    np.testing.assert_array_equal(one.array, other.array)


def assert_planes(one, other):
    for plane in ("image", "mask", "variance"):
        assert_same(getattr(one, plane), getattr(other, plane))


def file_of(butler, dataset_type):
    return butler.getURI(dataset_type, DATA_ID).ospath


def test_image_and_mask(butler):
    image = masked_image()
    for name, one in (("imageType", image.image), ("imagefType", image.image), ("maskType", image.mask)):
        butler.put(one, name, DATA_ID)
        assert_same(butler.get(name, DATA_ID), one)
        assert_same(butler.get(name, DATA_ID, parameters={"bbox": PART}), one[PART])
    assert isinstance(butler.get("imageType", DATA_ID), ImageF)
    assert isinstance(butler.get("maskType", DATA_ID), MaskX)


def test_masked_image(butler):
    image = masked_image()
    butler.put(image, "maskedimagefType", DATA_ID)
    back = butler.get("maskedimagefType", DATA_ID)
    assert isinstance(back, MaskedImageF)
    assert_planes(back, image)
    assert_planes(butler.get("maskedimagefType", DATA_ID, parameters={"bbox": PART}), image[PART])
    for plane in ("image", "mask", "variance"):
        assert_same(butler.get(f"maskedimagefType.{plane}", DATA_ID), getattr(image, plane))


@pytest.mark.parametrize("name", ["exposureType", "exposurefType"])
def test_exposure(butler, name):
    original = exposure(label=FilterLabel(band="r", physical="r_03"))
    butler.put(original, name, DATA_ID)
    back = butler.get(name, DATA_ID)
    assert isinstance(back, ExposureF)
    assert_planes(back, original)
    assert back.getMetadata()["OBSERVER"] == "nobody"
    assert back.getMetadata().getComment("OBSERVER") == "who observed"
    assert back.getInfo().getVisitInfo().exposureTime == 30.0
    part = butler.get(name, DATA_ID, parameters={"bbox": PART})
    assert_planes(part, original[PART])
    assert part.getInfo().getVisitInfo().darkTime == 31.5


def test_components(butler):
    original = exposure(label=FilterLabel(band="r", physical="r_03"))
    butler.put(original, "exposurefType", DATA_ID)

    def get(component, **parameters):
        return butler.get(f"exposurefType.{component}", DATA_ID, parameters=parameters)

    for plane in ("image", "mask", "variance"):
        assert_same(get(plane), getattr(original, plane))
        assert_same(get(plane, bbox=PART), getattr(original, plane)[PART])
    assert get("bbox") == BOX
    assert get("dimensions") == BOX.getDimensions()
    assert get("xy0") == BOX.getMin()
    assert get("visitInfo").exposureTime == 30.0
    assert get("metadata")["OBSERVER"] == "nobody"
    assert get("filter").physicalLabel == "r_03"
    for nothing in ("detector", "summaryStats", "id"):
        assert get(nothing) is None
    with pytest.raises(KeyError):
        get("nonsense")


def test_default_is_lossless_compression(butler):
    butler.put(exposure(), "exposurefType", DATA_ID)
    with FitsReader(file_of(butler, "exposurefType")) as reader:
        assert [reader.hdu(i).get("ZCMPTYPE") for i in (1, 2, 3)] == ["GZIP_2"] * 3


@pytest.mark.parametrize(("recipe", "algorithm"), [("lossy16", "RICE_ONE"), ("noCompression", None)])
def test_recipes(tmp_path, recipe, algorithm):
    formatter = "lsst.obs.base.formatters.fitsExposure.FitsExposureFormatter"
    settings = {"formatter": formatter, "parameters": {"recipe": recipe}}
    repo = make_repo(
        tmp_path, {"datastore": DATASTORE["datastore"] | {"formatters": {"ExposureF": settings}}}
    )
    addDatasetType(repo, "exposurefType", {"instrument", "detector"}, "ExposureF")
    butler = makeTestCollection(repo)
    original = exposure()
    butler.put(original, "exposurefType", DATA_ID)
    back = butler.get("exposurefType", DATA_ID)
    with FitsReader(file_of(butler, "exposurefType")) as reader:
        assert reader.hdu(1).get("ZCMPTYPE") == algorithm
        assert reader.hdu(2).get("ZCMPTYPE") == ("GZIP_2" if algorithm else None)
    assert_same(back.mask, original.mask)
    assert np.nanmax(np.abs(back.image.array - original.image.array)) < (2 if algorithm else 1e-30)
    repo.close()


def test_provenance(butler):
    original = exposure()
    ref = butler.put(masked_image().image, "imagefType", DATA_ID)
    provenance = DatasetProvenance(quantum_id=uuid.uuid4())
    provenance.add_input(ref)
    mine = butler.put(original, "exposurefType", DATA_ID, provenance=provenance)
    header = readMetadata(file_of(butler, "exposurefType"), 0)
    names = [name for name in header.getOrderedNames() if name.startswith("LSST BUTLER")]
    assert names[:8] == [
        "LSST BUTLER ID",
        "LSST BUTLER RUN",
        "LSST BUTLER DATASETTYPE",
        "LSST BUTLER DATAID DETECTOR",
        "LSST BUTLER DATAID INSTRUMENT",
        "LSST BUTLER DATAID PHYSICAL_FILTER",
        "LSST BUTLER QUANTUM",
        "LSST BUTLER N_INPUTS",
    ]
    assert header["LSST BUTLER ID"] == str(mine.id)
    assert header["LSST BUTLER RUN"] == mine.run
    assert header.getComment("LSST BUTLER ID") == "Dataset ID"
    assert header["LSST BUTLER INPUT 0 ID"] == str(ref.id)
    comments = {
        "ID": "Dataset ID",
        "RUN": "Run collection",
        "DATASETTYPE": "Dataset type",
        "DATAID DETECTOR": "Data identifier",
        "QUANTUM": "",
        "N_INPUTS": "",
        "INPUT 0 ID": "Dataset ID",
        "INPUT 0 RUN": "Run collection",
        "INPUT 0 DATASETTYPE": "Dataset type",
    }
    assert {name: header.getComment(f"LSST BUTLER {name}") for name in comments} == comments


@pytest.mark.parametrize(
    ("label", "warns"),
    [
        (None, False),
        (FilterLabel(physical="r_03"), False),
        (FilterLabel(band="g", physical="r_03"), True),
        (FilterLabel(physical="g_01"), True),
    ],
)
def test_filter_is_that_of_the_data_id(butler, label, warns, caplog):
    butler.put(exposure(label=label), "exposurefType", DATA_ID)
    with caplog.at_level(logging.WARNING, logger="lsst.obs.base"):
        for got in (
            butler.get("exposurefType", DATA_ID).getFilter(),
            butler.get("exposurefType.filter", DATA_ID),
        ):
            assert got.physicalLabel == "r_03"
    assert bool(caplog.records) is warns


def test_amplifiers_of_a_raw_image(butler):
    detector = makeUpdatedDetector(CameraWrapper().camera[20])
    original = make_ramp_exposure_untrimmed(detector)
    butler.put(original, "exposureType", DATA_ID)
    for number, amplifier in enumerate(detector):
        part = butler.get("exposureType", DATA_ID, parameters={"amp": number})
        assert part.getBBox() == amplifier.getRawBBox()
        assert_planes(part, original[amplifier.getRawBBox()])
        moved = amplifier.rebuild().transform(outFlipX=True, outOffset=Extent2I(5, 4)).finish()
        part = butler.get("exposureType", DATA_ID, parameters={"amp": moved})
        assert part.getXY0() == moved.getRawBBox().getMin() + moved.getRawXYOffset()
        np.testing.assert_array_equal(part.image.array, original[amplifier.getRawBBox()].image.array[:, ::-1])
        assert part.getDetector()[0] == moved


def test_failure_leaves_no_dataset(butler):
    original = exposure()
    original.getMetadata().set("A=B", 1)
    with pytest.raises(Exception) as info:  # noqa: PT011
        butler.put(original, "exposurefType", DATA_ID)
    assert "printable" in str(info.value.__cause__)
    assert not butler.exists("exposurefType", DATA_ID)


def test_amplifiers(butler, golden_dir):
    camera = Camera.readFits(str(golden_dir / "files/camera.fits"))
    detector = camera[0]
    original = ExposureF(detector.getBBox())
    original.image.array[:] = np.random.default_rng(2).normal(size=original.image.array.shape)
    original.setDetector(detector)
    butler.put(original, "exposurefType", DATA_ID)
    amplifier = detector[1]
    for amp in (1, amplifier.getName(), amplifier):
        part = butler.get("exposurefType", DATA_ID, parameters={"amp": amp})
        assert_planes(part, original[amplifier.getBBox()])
        assert [one.getName() for one in part.getDetector()] == [amplifier.getName()]
    for flip_x, flip_y in ((True, False), (False, True), (True, True)):
        turned = amplifier.rebuild().transform(outFlipX=flip_x, outFlipY=flip_y).finish()
        part = butler.get("exposurefType", DATA_ID, parameters={"amp": turned})
        expected = original[amplifier.getBBox()].image.array[:: -1 if flip_y else 1, :: -1 if flip_x else 1]
        np.testing.assert_array_equal(part.image.array, expected)
        assert part.getBBox() == amplifier.getBBox()
        assert part.getDetector()[0] == turned
    with pytest.raises(ValueError, match="Failure from formatter") as info:
        butler.get("exposurefType", DATA_ID, parameters={"amp": "nonsense"})
    assert "nonsense not found" in str(info.value.__cause__)
    bare = exposure()
    butler.put(bare, "exposureType", DATA_ID)
    with pytest.raises(ValueError, match="Failure from formatter") as info:
        butler.get("exposureType", DATA_ID, parameters={"amp": 1})
    assert "No detector" in str(info.value.__cause__)


def test_camera(butler, golden_dir):
    camera = Camera.readFits(str(golden_dir / "files/camera.fits"))
    butler.put(camera, "cameraType", DATA_ID)
    back = butler.get("cameraType", DATA_ID)
    assert [one.getName() for one in back] == [one.getName() for one in camera]


def test_repository_of_the_stack(golden_dir, tmp_path):
    shutil.copytree(golden_dir / "repo", tmp_path / "repo")
    butler = Butler.from_config(
        str(tmp_path / "repo"), collections=["GoldCam/raw", "stack/cpSky", "GoldCam/calib"]
    )
    seen = set()
    for name in ("cpSkyIsrExp", "cpSkyMaskedIsrExp", "sky"):
        for ref in sorted(butler.query_datasets(name, find_first=False))[:2]:
            one = butler.get(ref)
            assert isinstance(one, ExposureF)
            assert one.getDetector() is not None
            assert butler.get(ref.makeComponentRef("bbox")) == one.getBBox()
            assert one.getMetadata()["LSST BUTLER ID"] == str(ref.id)
            seen.add(name)
    assert len(seen) == 3
    butler.close()


def test_only_what_is_asked_for_is_read(butler):
    """Damage in the variance does not show when the image is read."""
    original = exposure()
    butler.put(original, "exposurefType", DATA_ID)
    path = pathlib.Path(file_of(butler, "exposurefType"))
    with FitsReader(path) as reader:
        hdu = reader.hdu(reader.find("VARIANCE"))
        start, stop = hdu.data_start, hdu.data_start + hdu.data_size
    data = bytearray(path.read_bytes())
    data[start:stop] = bytes(stop - start)
    path.write_bytes(data)
    assert_same(butler.get("exposurefType.image", DATA_ID), original.image)
    with pytest.raises(Exception, match=r"VARIANCE|variance|tile 0"):
        butler.get("exposurefType.variance", DATA_ID)


def test_a_variance_nobody_asks_for_is_not_decompressed(butler, monkeypatch):
    one = exposure()
    butler.put(one, "exposureType", DATA_ID)
    reads = []
    original = TiledImage.read
    monkeypatch.setattr(TiledImage, "read", lambda self, *args: reads.append(args) or original(self, *args))
    back = butler.get("exposureType", DATA_ID)
    back.maskedImage -= 1.0
    assert len(reads) == 2
    pathlib.Path(file_of(butler, "exposureType")).unlink()
    assert_same(back.variance, one.variance)
    assert len(reads) == 3
