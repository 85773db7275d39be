"""Compression options, also as the butler's write recipes spell them; pickling by way of FITS."""

import pickle

import numpy as np
import pytest

from lsst.afw.fits import (
    CompressionAlgorithm,
    CompressionOptions,
    DitherAlgorithm,
    FitsError,
    MemFileManager,
    QuantizationOptions,
    ScalingAlgorithm,
    reduceToFits,
    unreduceFromFits,
)
from lsst.portable.fits import FitsReader, FitsWriter


def test_defaults_are_lossless():
    options = CompressionOptions()
    assert options.algorithm is CompressionAlgorithm.GZIP_2
    assert (options.tile_width, options.tile_height) == (0, 1)
    assert options.quantization is None
    assert not options.uses_mask
    quantization = QuantizationOptions()
    assert quantization.dither is DitherAlgorithm.NO_DITHER
    assert quantization.scaling is ScalingAlgorithm.STDEV_MASKED
    assert quantization.mask_planes == ["NO_DATA"]
    assert CompressionOptions(quantization=quantization).uses_mask


def test_mappings_there_and_back():
    config = {
        "algorithm": "RICE_1",
        "tile_width": 16,
        "tile_height": 0,
        "quantization": {
            "dither": "SUBTRACTIVE_DITHER_2",
            "scaling": "MANUAL",
            "mask_planes": ["SAT"],
            "level": 0.5,
            "seed": 7,
        },
    }
    assert CompressionOptions.from_mapping(config).to_dict() == config
    assert CompressionOptions().to_dict()["quantization"] is None


def test_recipes_of_the_butler():
    """Every recipe in the default configuration makes options."""
    import yaml

    from lsst.obs.base import FitsExposureFormatter
    from lsst.resources import ResourcePath

    name = "lsst.obs.base.formatters.fitsExposure.FitsExposureFormatter"
    path = ResourcePath("resource://lsst.daf.butler/configs/datastores/writeRecipes.yaml")
    recipes = yaml.safe_load(path.read())[name]
    checked = FitsExposureFormatter.validate_write_recipes(recipes)
    assert checked["noCompression"] is None
    assert checked["default"] == checked["lossless"]
    lossy = CompressionOptions.from_mapping(checked["lossy16"]["image"])
    assert lossy == CompressionOptions(
        CompressionAlgorithm.RICE_1,
        quantization=QuantizationOptions(
            DitherAlgorithm.SUBTRACTIVE_DITHER_2, ScalingAlgorithm.STDEV_MASKED, ["NO_DATA", "INTRP"], 16.0
        ),
    )
    assert CompressionOptions.from_mapping(checked["lossy16"]["mask"]) == CompressionOptions()


@pytest.mark.parametrize(
    ("config", "match"),
    [
        ({"algorithm": "ZIP"}, "algorithm is 'ZIP'; expected one of"),
        ({"level": 3}, r"Unknown CompressionOptions parameters \['level'\]"),
        ({"quantization": {"dither": "MUCH"}}, "dither is 'MUCH'"),
        ({"quantization": {"depth": 1}}, "Unknown QuantizationOptions"),
    ],
)
def test_unknown_options(config, match):
    with pytest.raises(ValueError, match=match):
        CompressionOptions.from_mapping(config)


def test_unusable_recipes():
    from lsst.obs.base import FitsImageFormatter

    with pytest.raises(RuntimeError, match="'mine' has unusable options for image"):
        FitsImageFormatter.validate_write_recipes({"mine": {"image": {"algorithm": "ZIP"}}})
    with pytest.raises(RuntimeError, match=r"'mine' has entries \['picture'\]"):
        FitsImageFormatter.validate_write_recipes({"mine": {"picture": None}})


class Thing:
    """Something that writes itself to a FITS file."""

    def __init__(self, array):
        self.array = array

    def writeFits(self, target):
        with FitsWriter(target) as writer:
            writer.write_image(self.array)

    @classmethod
    def readFits(cls, source):
        with FitsReader(source) as reader:
            return cls(reader.read_image(0))


def test_pickling_through_fits():
    thing = Thing(np.arange(12.0).reshape(3, 4))
    function, arguments = reduceToFits(thing)
    assert function is unreduceFromFits
    assert function.__module__ == "lsst.afw.fits._pickleFits"
    assert arguments[0] is Thing
    np.testing.assert_array_equal(function(*arguments).array, thing.array)
    assert pickle.loads(pickle.dumps(function)) is function


def test_memory_file():
    manager = MemFileManager()
    assert manager.getLength() == 0
    Thing(np.zeros((2, 2))).writeFits(manager)
    assert manager.getLength() == len(manager.getData()) == 2 * 2880
    copy = MemFileManager(manager.getLength())
    copy.setData(manager.getData(), manager.getLength())
    assert copy.getData() == manager.getData()
    copy.reset()
    assert copy.getLength() == 0


def test_pickle_of_the_stack_names_our_function(golden_dir):
    data = (golden_dir / "files/focal_plane_background.pickle").read_bytes()
    assert b"lsst.afw.fits._pickleFits" in data
    assert b"unreduceFromFits" in data


def test_names_that_are_not_offered():
    import lsst.afw.fits

    with pytest.raises(AttributeError, match="ImageWriteOptions is not part of the portable stack"):
        lsst.afw.fits.ImageWriteOptions  # noqa: B018


def test_only_names_of_the_stack_are_offered():
    """Any other name would not be found on the compiled stack."""
    import lsst.afw.fits

    theirs = {
        "DEFAULT_HDU",
        "CompressionAlgorithm",
        "CompressionOptions",
        "DitherAlgorithm",
        "Fits",
        "FitsError",
        "FitsTypeError",
        "MemFileManager",
        "QuantizationOptions",
        "ScalingAlgorithm",
        "combineMetadata",
        "makeLimitedFitsHeader",
        "readMetadata",
        "reduceToFits",
        "unreduceFromFits",
        "writeMetadata",
    }
    assert {name for name in dir(lsst.afw.fits) if not name.startswith("_")} <= theirs | {
        "Any",
        "require_alone",
    }
    assert set(lsst.afw.fits.__all__) == theirs


def test_there_is_one_error_of_files():
    import lsst.afw.fits
    import lsst.pex.exceptions
    import lsst.portable.fits

    assert lsst.portable.fits.FitsError is lsst.afw.fits.FitsError
    assert f"{FitsError.__module__}.{FitsError.__qualname__}" == "lsst.afw.fits.FitsError"
    assert issubclass(FitsError, lsst.pex.exceptions.IoError)
    again = pickle.loads(pickle.dumps(FitsError("message")))
    assert type(again) is FitsError
