"""Exposures and images taken apart and put together in memory."""

import numpy as np
import pytest

from lsst.afw.cameraGeom import Camera
from lsst.afw.image import PARENT, ExposureF, FilterLabel, ImageF, MaskedImageF, VisitInfo
from lsst.daf.base import PropertyList
from lsst.daf.butler import StorageClassFactory
from lsst.daf.butler.tests import addDatasetType, makeTestCollection, makeTestRepo
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.obs.base import ExposureAssembler

BOX = Box2I(Point2I(-3, 7), Extent2I(31, 23))
PART = Box2I(Point2I(2, 10), Extent2I(6, 4))


def storage_class(name):
    factory = StorageClassFactory()
    if "ExposureF" not in factory:
        from lsst.daf.butler import StorageClassConfig

        factory.addFromConfig(StorageClassConfig())
    return factory.getStorageClass(name)


@pytest.fixture
def exposure():
    rng = np.random.default_rng(4)
    result = ExposureF(BOX)
    result.image.array[:] = rng.normal(size=result.image.array.shape)
    result.variance.array[:] = rng.uniform(1, 2, result.image.array.shape)
    result.mask.array[3, 4] = 5
    result.setFilter(FilterLabel(band="r", physical="r_03"))
    result.getInfo().setVisitInfo(VisitInfo(exposureTime=30.0, darkTime=31.5))
    result.getInfo().id = 77
    metadata = PropertyList()
    metadata.set("A", 1)
    result.setMetadata(metadata)
    return result


@pytest.fixture
def assembler():
    return ExposureAssembler(storage_class("ExposureF"))


def assert_planes(one, other):
    for plane in ("image", "mask", "variance"):
        assert getattr(one, plane).getBBox() == getattr(other, plane).getBBox()
        np.testing.assert_array_equal(getattr(one, plane).array, getattr(other, plane).array)


def test_the_butler_names_this_delegate():
    assert isinstance(storage_class("Exposure").delegate(), ExposureAssembler)
    assert isinstance(storage_class("ImageF").delegate(), ExposureAssembler)


def test_apart_and_together(exposure, assembler):
    parts = assembler.disassemble(exposure)
    assert {"image", "mask", "variance", "metadata", "filter", "visitInfo", "id"} <= set(parts)
    assert "wcs" not in parts
    back = assembler.assemble({name: part.component for name, part in parts.items()})
    assert isinstance(back, ExposureF)
    assert_planes(back, exposure)
    assert back.getFilter() == exposure.getFilter()
    assert back.getInfo().id == 77
    assert back.getInfo().getVisitInfo().exposureTime == 30.0
    assert back.getMetadata()["A"] == 1


@pytest.mark.parametrize(
    ("name", "cls"),
    [
        ("Exposure", ExposureF),
        ("ExposureF", ExposureF),
        ("MaskedImage", MaskedImageF),
        ("MaskedImageF", MaskedImageF),
    ],
)
def test_templates_are_put_together_as_their_types_are(exposure, name, cls):
    assembler = ExposureAssembler(storage_class(name))
    whole = exposure if cls is ExposureF else exposure.maskedImage
    parts = assembler.disassemble(whole)
    back = assembler.assemble({key: part.component for key, part in parts.items()})
    assert type(back) is cls
    assert_planes(back, exposure)
    if cls is ExposureF:
        assert back.getFilter() == exposure.getFilter()


def test_every_component_can_be_asked_for(exposure, assembler):
    sc = storage_class("ExposureF")
    for name in (*sc.components, *sc.derivedComponents):
        assembler.getComponent(exposure, name)
    assert assembler.getComponent(exposure, "bbox") == BOX
    assert assembler.getComponent(exposure, "dimensions") == BOX.getDimensions()
    assert assembler.getComponent(exposure, "xy0") == BOX.getMin()
    with pytest.raises(AttributeError, match="no component 'nonsense'"):
        assembler.getComponent(exposure, "nonsense")
    with pytest.raises(AttributeError, match="no component 'wcs'"):
        assembler.getComponent(exposure.image, "wcs")


def test_masked_image(exposure):
    assembler = ExposureAssembler(storage_class("MaskedImageF"))
    planes = exposure.maskedImage
    parts = assembler.disassemble(planes)
    assert set(parts) == {"image", "mask", "variance"}
    back = assembler.assemble({name: part.component for name, part in parts.items()})
    assert isinstance(back, MaskedImageF)
    assert_planes(back, planes)


def test_refusals(exposure, assembler):
    with pytest.raises(TypeError, match="Cannot take a int apart"):
        assembler.disassemble(3)
    with pytest.raises(ValueError, match="no components"):
        assembler.disassemble(exposure, subset=["nonsense"])
    with pytest.raises(ValueError, match="without an image"):
        assembler.assemble({"mask": exposure.mask})
    with pytest.raises(ValueError, match="no components"):
        assembler.assemble({"image": exposure.image, "nonsense": 1})
    with pytest.raises(ValueError, match="Cannot apply"):
        assembler.handleParameters(exposure, {"nonsense": 1})


def test_parameters(exposure, assembler, golden_dir):
    assert assembler.handleParameters(exposure) is exposure
    assert_planes(assembler.handleParameters(exposure, {"bbox": PART}), exposure[PART])
    assert_planes(assembler.handleParameters(exposure, {"bbox": PART, "origin": PARENT}), exposure[PART])
    detector = Camera.readFits(str(golden_dir / "files/camera.fits"))[0]
    whole = ExposureF(detector.getBBox())
    whole.image.array[:] = np.arange(whole.image.array.size).reshape(whole.image.array.shape)
    part = assembler.handleParameters(whole, {"amp": 2, "detector": detector})
    assert_planes(part, whole[detector[2].getBBox()])
    with pytest.raises(ValueError, match="Cannot apply"):
        assembler.handleParameters(whole, {"amp": 2, "bbox": PART})


def test_raw_amplifier_is_turned_to_match(assembler, golden_dir):
    """An amplifier asked for with its readout turned round comes with its pixels turned round."""
    detector = Camera.readFits(str(golden_dir / "files/camera.fits"))[0]
    boxes = [amp.getRawBBox().shiftedBy(amp.getRawXYOffset()) for amp in detector]
    whole = ExposureF(Box2I(boxes[0]).expandedTo(boxes[-1]).dilatedBy(1))
    whole.image.array[:] = np.arange(whole.image.array.size).reshape(whole.image.array.shape)
    builder = detector[1].rebuild()
    builder.setRawFlipX(not detector[1].getRawFlipX())
    wanted = builder.finish()
    part = assembler.handleParameters(whole, {"amp": wanted, "detector": detector})
    np.testing.assert_array_equal(part.image.array, whole[boxes[1]].image.array[:, ::-1])
    assert whole.getDetector() is None


def test_choice_of_component():
    assert ExposureAssembler.selectResponsibleComponent("bbox", {"mask", "image", None}) == "image"
    assert ExposureAssembler.selectResponsibleComponent("xy0", {"variance"}) == "variance"
    with pytest.raises(ValueError, match="cannot be had"):
        ExposureAssembler.selectResponsibleComponent("bbox", {"psf"})


def test_in_memory_datastore(exposure, tmp_path):
    repo = makeTestRepo(str(tmp_path / "repo"), {"instrument": ["Cam"], "detector": [4]})
    addDatasetType(repo, "exp", {"instrument", "detector"}, "ExposureF")
    butler = makeTestCollection(repo)
    data_id = {"instrument": "Cam", "detector": 4}
    butler.put(exposure, "exp", data_id)
    back = butler.get("exp", data_id, parameters={"bbox": PART})
    assert back.getBBox() == PART
    assert back.image.array.any()
    assert isinstance(butler.get("exp.image", data_id), ImageF)
    assert butler.get("exp.bbox", data_id) == BOX
    repo.close()
