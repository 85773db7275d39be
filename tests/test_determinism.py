"""The same bytes in, the same bytes out, whatever the order of inputs, the processes or the threads."""

import types

import nights
import numpy as np
import pytest
import skydata

from lsst.cp.sky import CpSkyCombineTask, CpSkyScaleMeasureTask
from lsst.pipe.base import InMemoryDatasetHandle
from lsst.pipe.tasks.background import SkyMeasurementTask


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Products of one night made in different ways."""
    folder = tmp_path_factory.mktemp("determinism")
    nights.make_night(folder)
    ways = {
        "one process": (("-j", "1"), {}),
        "again": (("-j", "1"), {}),
        "two processes": (("-j", "2"), {}),
        "four threads": (("-j", "1"), {"OMP_NUM_THREADS": "4", "NUMBA_NUM_THREADS": "4"}),
        "other hashes": (("-j", "1"), {"PYTHONHASHSEED": "12345", "TZ": "Asia/Tokyo"}),
    }
    found = {}
    for name, (options, variables) in ways.items():
        run = name.replace(" ", "_")
        done = nights.pipetask(folder, run, *options, env={**nights.environment(), **variables})
        assert done.returncode == 0, done.stdout + done.stderr
        found[name] = nights.products(folder, run)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("way", ["again", "two processes", "four threads", "other hashes"])
def test_runs(runs, way):
    assert len(runs["one process"]) == sum(nights.PRODUCTS.values())
    assert runs[way] == runs["one process"]
    assert len(set(runs[way].values())) == len(runs[way])  # the digest tells files apart


class Quantum:
    """Hands inputs to a task in the order given, and keeps what it makes of them."""

    def __init__(self, **inputs):
        self.inputs, self.quantum = inputs, types.SimpleNamespace(dataId={"detector": 1})

    def get(self, refs):
        return dict(self.inputs)

    def put(self, result, refs):
        self.result = result


def run_in_order(task, dataIds, order, **inputs):
    """Result of a task whose inputs come in an order."""
    quantum = Quantum(**{name: [values[i] for i in order] for name, values in inputs.items()})
    refs = [types.SimpleNamespace(dataId=dataIds[i]) for i in order]
    task.runQuantum(quantum, types.SimpleNamespace(inputBkgs=refs), None)
    return quantum.result


ORDERS = [np.random.default_rng(seed).permutation(6).tolist() for seed in range(8)]


def test_order_of_detectors(camera):
    """Sums in float32 depend on their order; what is made of them does not."""
    rng, dataIds = (
        np.random.default_rng(3),
        [skydata.DataId(exposure=7, detector=number) for number in range(6)],
    )
    models = [skydata.make_models(camera)[number % 4] for number in range(6)]
    for model in models:
        model._values.array[:] = rng.lognormal(6, 3, model._values.array.shape)
        model._numbers.array[:] = 500
    task = CpSkyScaleMeasureTask()
    direct = {task.run([models[i] for i in order]).outputBkg._values.array.tobytes() for order in ORDERS}
    assert len(direct) > 1
    results = [run_in_order(task, dataIds, order, inputBkgs=models) for order in ORDERS]
    assert len({result.outputBkg._values.array.tobytes() for result in results}) == 1
    assert len({result.outputScale.get("scale") for result in results}) == 1


def test_order_of_exposures(camera):
    visits = [101 + number for number in range(6)]
    exposures = [skydata.make_exposure(camera[1], visit=visit, level=visit) for visit in visits]
    handles = [
        InMemoryDatasetHandle(exposure, storageClass="ExposureF", exposure=visit)
        for exposure, visit in zip(exposures, visits, strict=True)
    ]
    sky = SkyMeasurementTask()
    backgrounds = [sky.measureBackground(exposure.maskedImage) for exposure in exposures]
    dataIds = [skydata.DataId(exposure=visit) for visit in visits]
    found = set()
    for order in ORDERS:
        result = run_in_order(
            CpSkyCombineTask(), dataIds, order, inputBkgs=backgrounds, inputExpHandles=handles
        ).outputCalib
        cards = [
            (name, value) for name, value in result.getMetadata().toDict().items() if "CREATION" not in name
        ]
        found.add((result.image.array.tobytes(), result.variance.array.tobytes(), str(cards)))
    assert len(found) == 1
    assert [
        value for name, value in cards if name.startswith("CPP_INPUT_") and name[10:].isdecimal()
    ] == visits
