"""Which errors while reading are of the data, and what goes on without them."""

import errno
import logging
import types

import pytest
import skydata

from lsst.afw.fits import FitsError
from lsst.cp.sky import CpSkyCombineTask, CpSkyImageTask, CpSkyScaleMeasureTask, UnreadableInputError
from lsst.cp.sky._reading import load, readInputs
from lsst.daf.butler import FileIntegrityError
from lsst.pipe.base import AnnotatedPartialOutputsError, InMemoryDatasetHandle
from lsst.pipe.tasks.background import SkyMeasurementTask

LOG = logging.getLogger("lsst.test")


def caused(error, cause):
    """The error as one that another was the cause of."""
    error.__cause__ = cause
    return error


def of_formatter(cause):
    """What the butler makes of an error of a formatter."""
    return caused(ValueError(f"Failure from formatter 'F' for dataset 7: {cause}"), cause)


OF_DATA = [
    FitsError("x.fits[1]: truncated."),
    OSError("unexpected end of file"),
    FileNotFoundError(errno.ENOENT, "No such file"),
    FileIntegrityError("size differs"),
    of_formatter(FitsError("x.fits[1]: truncated")),
    of_formatter(KeyError("no such column")),
]
OF_MACHINE = [
    OSError(errno.EIO, "I/O error"),
    PermissionError(errno.EACCES, "Permission denied"),
    of_formatter(MemoryError("Unable to allocate")),
    of_formatter(caused(FitsError("cannot be read any more"), OSError(errno.EMFILE, "Too many open files"))),
    caused(FitsError("x.fits: cannot be written"), OSError(errno.ENOSPC, "No space left")),
    ValueError("not about a file"),
]


class Broken:
    """Handle, or context, whose reading ends in an error."""

    dataId = {"exposure": 7, "detector": 1}

    def __init__(self, error):
        self.error = error

    def get(self, *args, **kwargs):
        raise self.error


@pytest.mark.parametrize("error", OF_DATA, ids=repr)
def test_errors_of_the_data(error):
    with pytest.raises(UnreadableInputError, match="detector 1 of exposure 7 cannot be read: ") as caught:
        load(Broken(error))
    assert caught.value.metadata == Broken.dataId


@pytest.mark.parametrize("error", OF_MACHINE, ids=repr)
def test_errors_of_the_machine_are_left_alone(error):
    """What can be read an hour later is not left out for good."""
    with pytest.raises(type(error)) as caught:
        load(Broken(error))
    assert caught.value is error


class Refs(types.SimpleNamespace):
    """References of a quantum; those of a connection in a list."""


class Ref:
    def __init__(self, name, **dataId):
        self.name, self.dataId = name, skydata.DataId(dataId)


class Context:
    """Butler of a quantum of which some files cannot be read."""

    def __init__(self, found, **dataId):
        self.found, self.stored = found, []
        self.quantum = types.SimpleNamespace(dataId=skydata.DataId(dataId))

    def get(self, refs):
        if isinstance(refs, Refs):
            return {name: self.get(value) for name, value in vars(refs).items()}
        if isinstance(refs, list):
            return [self.get(ref) for ref in refs]
        if isinstance(self.found[refs.name], Exception):
            raise self.found[refs.name]
        return self.found[refs.name]

    def put(self, result, refs):
        self.stored.append(result)


def make(**found):
    """A context and its references: of one input and of several."""
    refs = Refs(one=Ref("one"), many=[Ref(name, detector=i) for i, name in enumerate(sorted(found)[:-1])])
    return Context(found, exposure=7), refs


def test_several_are_read_without_the_one(caplog):
    context, refs = make(a=1, b=OF_DATA[0], c=3, one=0)
    assert readInputs(context, refs, LOG, several=["many"]) == {"one": 0, "many": [1, 3]}
    assert [ref.name for ref in refs.many] == ["a", "c"]
    assert (
        "detector 1 cannot be read: x.fits[1]: truncated. Make it anew, or leave it out. It is left"
        in caplog.text
    )


@pytest.mark.parametrize(
    "found", [{"a": OF_DATA[0], "b": OF_DATA[1], "one": 0}, {"a": 1, "b": OF_DATA[0], "one": OF_DATA[0]}]
)
def test_nothing_goes_on_without_all_or_the_one(found):
    context, refs = make(**found)
    with pytest.raises(UnreadableInputError, match="exposure 7"):
        readInputs(context, refs, LOG, several=["many"])


def test_several_are_not_left_out_because_of_the_machine():
    context, refs = make(a=1, b=OF_MACHINE[0], one=0)
    with pytest.raises(OSError, match="I/O error"):
        readInputs(context, refs, LOG, several=["many"])


def test_image_is_annotated():
    """With --no-raise-on-partial-outputs, other exposures go on."""
    context = Context({"exposure": OF_DATA[4], "camera": None}, exposure=101, detector=2)
    task = skydata.image_task()
    with pytest.raises(AnnotatedPartialOutputsError):
        task.runQuantum(context, Refs(inputExp=Ref("exposure"), camera=Ref("camera")), None)
    assert "detector 2 of exposure 101 cannot be read" in task.metadata["failure"]["message"]
    assert context.stored == []


def test_pixels_that_are_read_late(camera, monkeypatch):
    """What is wrong with a tile shows when its pixels are asked for."""

    def run(self, **inputs):
        raise FitsError("x.fits[1]: tile 3: damaged gzip data.")

    monkeypatch.setattr(CpSkyImageTask, "run", run)
    task = skydata.image_task()
    context = Context({"exposure": skydata.make_exposure(camera[0]), "camera": camera}, exposure=101)
    with pytest.raises(AnnotatedPartialOutputsError):
        task.runQuantum(context, Refs(inputExp=Ref("exposure"), camera=Ref("camera")), None)
    assert "tile 3: damaged gzip data. Make it anew" in task.metadata["failure"]["message"]


def test_scale_goes_on_without_a_model(camera, caplog):
    models = skydata.make_models(camera)
    found = {f"m{i}": model for i, model in enumerate(models)} | {"m1": OF_DATA[4], "camera": camera}
    refs = Refs(
        inputBkgs=[Ref(f"m{i}", exposure=101, detector=i) for i in range(4)], camera=Ref("camera", detector=0)
    )
    context = Context(found, exposure=101)
    CpSkyScaleMeasureTask().runQuantum(context, refs, None)
    expected = CpSkyScaleMeasureTask().run([model for i, model in enumerate(models) if i != 1])
    assert bytes(context.stored[0].outputBkg._values.array) == bytes(expected.outputBkg._values.array)
    assert "It is left out" in caplog.text


def test_combine_goes_on_without_a_background(camera, caplog):
    sky, found, exposures = SkyMeasurementTask(), {}, []
    for visit in (101, 102, 103):
        exposure = skydata.make_exposure(camera[0], visit=visit)
        found[f"b{visit}"] = sky.measureBackground(exposure.maskedImage)
        found[f"h{visit}"] = InMemoryDatasetHandle(exposure, storageClass="ExposureF", exposure=visit)
        exposures.append(visit)
    found["b102"] = OF_DATA[4]
    refs = Refs(
        inputBkgs=[Ref(f"b{visit}", exposure=visit, detector=0) for visit in exposures],
        inputExpHandles=[Ref(f"h{visit}", exposure=visit, detector=0) for visit in exposures],
    )
    context = Context(found, detector=0)
    CpSkyCombineTask().runQuantum(context, refs, None)
    header = context.stored[0].outputCalib.getMetadata()
    assert [header["CPP_INPUT_0"], header["CPP_INPUT_1"], header["CPP_LEFTOUT_0"]] == [101, 103, 102]
    assert "It is left out" in caplog.text
