"""The tasks of the joint chain, called in memory: what they make, and what they do with what is wrong."""

import concurrent.futures
import copy
import dataclasses
import random
import types

import jointnight
import numpy as np
import pytest

import lsst.cp.sky as sky
from lsst.afw.image import ExposureF
from lsst.cp.sky import joint
from lsst.cp.sky.joint._configs import (
    BinConfig,
    DetectConfig,
    FrameConfig,
    GaugeConfig,
    JudgeConfig,
    ModeConfig,
    PatternConfig,
    SolveConfig,
    StaticConfig,
    WingConfig,
    parameters_of,
)
from lsst.cp.sky.joint.geometry import FocalPlane, Geometry, Sizes
from lsst.cp.sky.simulate import MosaicConfig
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pex.config import FieldValidationError
from lsst.pipe.base import AnnotatedPartialOutputsError, NoWorkFound
from lsst.pipe.base.testUtils import assertValidOutput, lintConnections
from lsst.pipe.tasks.background import SkyMeasurementTask

NAMES = ("Median", "Start", "Mask", "Pool", "Solve", "Stack", "Frame")


@pytest.fixture(scope="module")
def night():
    return jointnight.make_night()


@pytest.fixture(scope="module")
def run(night):
    return jointnight.run_tasks(jointnight.exposure_handles(night))


@pytest.fixture(scope="module")
def driver(night):
    """The same by the functions alone."""
    mosaic = night.mosaic
    geometries = [Geometry.of(detector, detector.getBBox()) for detector in night.camera]
    plane = FocalPlane.around(geometries)
    sites = [geometry.site(plane, Sizes(16, 32)) for geometry in geometries]

    def read(e, d):
        if not mosaic.have[e, d]:
            return None
        good = mosaic.good(e, d) & np.isfinite(mosaic.images[e, d])
        return joint.Pixels(mosaic.images[e, d], good, np.nan_to_num(mosaic.variance[e, d]))

    noise = [joint.NoiseModel.uniform(site.grid, 1.0, mosaic.config.read_noise**2) for site in sites]
    return joint.run_chain(read, mosaic.config.exposures, sites, noise)


def test_tasks_and_functions_agree(run, driver):
    """Between tasks bins are in single precision, as they are in the driver."""
    cells = np.array([one.value for one in driver.cells])
    np.testing.assert_allclose(jointnight.frames_of(run), cells, rtol=0, atol=2e-7)
    for (e, d), mask in driver.masks.items():
        found = (run.masks[e, d].array & run.masks[e, d].getPlaneBitMask("SUSPECT")) != 0
        np.testing.assert_array_equal(found, mask)


def test_frames_are_near_the_truth(night, run, driver):
    """Within half more than the limit of the pixels left: three exposures of stars and galaxies."""
    plane = FocalPlane.around([Geometry.of(d, d.getBBox()) for d in night.camera])
    sites = [Geometry.of(d, d.getBBox()).site(plane, Sizes(16, 32)) for d in night.camera]
    truth, _ = joint.project_cells(sites, list(night.mosaic.truth()), driver.solution.order)
    found, _ = joint.project_cells(sites, list(jointnight.frames_of(run)), driver.solution.order)
    use = np.zeros((*night.mosaic.shape, 512, 512), dtype=bool)
    for place, mask in run.masks.items():
        use[place] = mask.array == 0
    limit = night.mosaic.limit(use)
    flags = np.array([run.frames[d].mask.array for d in (0, 1)])
    known = np.isfinite(limit) & (flags == 0)
    error = (np.array(found) - np.array(truth))[known]
    assert np.sqrt(np.mean(error**2)) < 1.5 * np.sqrt(np.mean(limit[known] ** 2))


def test_inputs_are_left_as_they_are(night):
    handles = jointnight.exposure_handles(night)
    before = {key: h.get().image.array.copy() for key, h in handles.items()}
    planes = {key: h.get().mask.array.copy() for key, h in handles.items()}
    jointnight.run_tasks(handles, passes=1)
    for key, h in handles.items():
        np.testing.assert_array_equal(h.get().image.array, before[key])
        np.testing.assert_array_equal(h.get().mask.array, planes[key])


def test_format_is_the_stock_one(night, run):
    """The stock task turns a sky frame into a background, and the cells are the stock chain's."""
    stock = SkyMeasurementTask()
    exposure = night.exposure(0, night.camera[0])
    cells = stock.measureBackground(exposure.getMaskedImage())[0][0].getStatsImage()
    frame = run.frames[0]
    assert frame.getBBox() == cells.getBBox()
    background = stock.exposureToBackground(frame)
    assert background.getImage().getBBox() == exposure.getBBox()
    assert frame.getDetector().getName() == "D0"
    assert frame.getFilter().physicalLabel == "sim_r"
    assert frame.info.getVisitInfo().exposureTime == 1.0
    header = frame.getMetadata()
    assert header["OBSTYPE"] == "SKY"
    assert header["CPSKY GAUGE ORDER"] == 2
    used = [h.dataId["exposure"] for h in jointnight.only(run.exposures.values(), 0)]
    assert sum(name.startswith("CPP_INPUT_") and name[10:].isdigit() for name in header) == len(used)
    assert (frame.variance.array > 0).all()


def test_cells_of_awkward_detectors():
    """For sizes that the cell does not divide the grid is that of the stock chain."""
    for width, height in ((508, 500), (100, 47), (31, 90), (16, 16)):
        exposure = ExposureF(Box2I(Point2I(0, 0), Extent2I(width, height)))
        stock = SkyMeasurementTask().measureBackground(exposure.getMaskedImage())[0][0].getStatsImage()
        grid = joint.Grid((height, width))
        assert grid.cells == stock.image.array.shape


@pytest.mark.parametrize("name", NAMES)
def test_connections(name):
    lintConnections(getattr(sky, f"CpSkyJoint{name}Connections"))


def test_order_of_inputs_and_threads_do_not_matter(run):
    """The same task called from eight threads with inputs in any order gives the same to the last bit."""
    solve, notes = jointnight.task("Solve"), jointnight.tables(run.noise, "StructuredDataDict")
    before = [jointnight.handle(p, "ArrowAstropy", detector=d) for d, p in run.patterns.items()]

    def solve_shuffled(seed):
        order = random.Random(seed)
        bins = order.sample(jointnight.tables(run.bins), len(run.bins))
        shuffled = order.sample(notes, len(notes))
        return solve.run(bins, shuffled, run.skies, order.sample(before, len(before)), run.wings)

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        first, *others = pool.map(solve_shuffled, range(8))
    assertValidOutput(solve, first)
    for other in others:
        assert other.detectors == first.detectors
        for a, b in zip(
            [first.outputSkies, *first.outputPatterns],
            [other.outputSkies, *other.outputPatterns],
            strict=True,
        ):
            for name in a.colnames:
                np.testing.assert_array_equal(a[name], b[name])


def test_pool_does_not_depend_on_the_order(run):
    pool = jointnight.task("Pool")
    profiles, objects = jointnight.tables(run.profiles), jointnight.tables(run.objects)
    first = pool.run(profiles, objects)
    assertValidOutput(pool, first)
    np.testing.assert_array_equal(
        pool.run(profiles[::-1], objects[::-1]).outputWings["radius"], first.outputWings["radius"]
    )


def test_exposure_without_a_detector(night):
    exposure = night.exposure(0, night.camera[0])
    exposure.setDetector(None)
    with pytest.raises(sky.MissingDetectorError, match="exposure 7"):
        jointnight.task("Median").run(jointnight.handle(exposure, "ExposureF", exposure=7, detector=0))


def test_exposure_without_a_good_pixel(night):
    exposure = night.exposure(0, night.camera[0])
    exposure.mask.array[:] = exposure.mask.getPlaneBitMask("SAT")
    with pytest.raises(sky.NoGoodPixelsError, match="detector 0 of exposure 7") as caught:
        jointnight.task("Median").run(jointnight.handle(exposure, "ExposureF", exposure=7, detector=0))
    assert caught.value.metadata == {"exposure": 7, "detector": 0}


class Damaged:
    """Handle of a file that cannot be read."""

    dataId = {"exposure": 7, "detector": 1}

    def get(self, component=None):
        raise OSError("unexpected end of file")


def test_damaged_file():
    with pytest.raises(sky.UnreadableInputError, match="unexpected end of file"):
        jointnight.task("Median").run(Damaged())


def broken(handles, *places):
    """Handles of which some refer to files that cannot be read."""
    found = []
    for h in handles:
        place = dict(h.dataId)
        found.append(h if tuple(place.values()) not in places else Damaged())
        if found[-1] is not h:
            found[-1].dataId = place
    return found


def test_files_that_cannot_be_read(run, caplog):
    """They are left out: bins of one exposure, and of all detectors of another; a note, profiles, a map."""
    bins = broken(jointnight.tables(run.bins), (0, 1), (2, 0), (2, 1))
    notes = broken(jointnight.tables(run.noise, "StructuredDataDict"), (0, 0))
    fewer = {key: t for key, t in run.bins.items() if key[0] != 2 and key != (0, 1)}
    before = [jointnight.handle(p, "ArrowAstropy", detector=d) for d, p in run.patterns.items()]
    solve = jointnight.task("Solve")
    found = solve.run(bins, notes, run.skies, before, run.wings)
    expected = solve.run(jointnight.tables(fewer), notes[1:], run.skies, before, run.wings)
    assert list(found.outputSkies["exposure"]) == [0, 1]
    for one, other in zip(found.outputPatterns, expected.outputPatterns, strict=True):
        np.testing.assert_array_equal(one["pattern"], other["pattern"])
    assert caplog.text.count("It is left out.") >= 4

    profiles, objects = jointnight.tables(run.profiles), jointnight.tables(run.objects)
    pool = jointnight.task("Pool")
    found = pool.run(broken(profiles, (0, 0)), broken(objects, (0, 0)))
    expected = pool.run(profiles[1:], objects[1:])
    np.testing.assert_array_equal(found.outputWings["radius"], expected.outputWings["radius"])
    with pytest.raises(sky.UnreadableInputError, match="unexpected end of file"):
        pool.run([Damaged()], objects)


def test_frame_without_a_file(run):
    """Bins of one exposure cannot be read: the frame is made without it, and says so."""
    bins = jointnight.only(jointnight.tables(run.bins), 0)
    exposure = bins[0].dataId["exposure"]
    frame = jointnight.task("Frame").run(
        run.patterns[0],
        run.skies,
        broken(bins, (exposure, 0)),
        broken(jointnight.only(jointnight.tables(run.noise, "StructuredDataDict"), 0), (exposure, 0)),
        jointnight.only(run.exposures.values(), 0),
    )
    header = frame.outputCalib.getMetadata()
    assert header["CPP_LEFTOUT_0"] == exposure


def test_tables_of_something_else(run):
    notes = jointnight.tables(run.noise, "StructuredDataDict")
    for table in (run.wings, run.bins[0, 0][:0], run.skies):
        with pytest.raises(sky.MismatchedInputsError, match="with the same version"):
            jointnight.task("Start").run(jointnight.tables(run.bins | {(0, 0): table}), notes)
    with pytest.raises(sky.MismatchedInputsError, match="The pattern of detector 0 of exposure 0 has 3 bins"):
        jointnight.task("Mask").run(run.exposures[0, 0], run.noise[0, 0], run.skies, run.patterns[0][:3])
    note = copy.deepcopy(run.noise[0, 0])
    del note["planes"]
    with pytest.raises(sky.MismatchedInputsError, match="detector 0 of exposure 0 is not one"):
        jointnight.task("Mask").run(run.exposures[0, 0], note, run.skies, run.patterns[0])


@pytest.mark.parametrize(
    ("name", "group", "field", "value"),
    [
        ("Median", "bins", "size", 0),
        ("Mask", "detect", "sigma", float("nan")),
        ("Mask", "detect", "local", 1e9),
        ("Solve", "solve", "order", 21),
        ("Solve", "judge", "maxMasked", 1.5),
        ("Pool", "wings", "distances", [4.0, 2.0]),
        ("Pool", "wings", "distances", [4.0]),
        ("Stack", "static", "ease", []),
        ("Frame", "frame", "poor", -0.1),
    ],
)
def test_settings_out_of_range(name, group, field, value):
    def check(config):
        setattr(getattr(config, group), field, value)
        parameters_of(config)

    config = getattr(sky, f"CpSkyJoint{name}Task").ConfigClass()
    with pytest.raises(FieldValidationError, match=f"{group}.{field}"):
        check(config)


def test_what_is_no_good_is_noted():
    """With --no-raise-on-partial-outputs all others go on."""

    class Butler:
        quantum = types.SimpleNamespace(dataId=Damaged.dataId)

        def get(self, refs):
            return {"inputExp": Damaged()}

        def put(self, *arguments):
            pytest.fail("there is nothing to store")

    task = jointnight.task("Median")
    with pytest.raises(AnnotatedPartialOutputsError):
        task.runQuantum(Butler(), None, None)
    assert "unexpected end of file" in task.metadata["failure"]["message"]


def test_solve_goes_on_with_what_there_is(run, caplog):
    """Without any bins of an exposure, and without one detector of another."""
    bins = {(e, d): t for (e, d), t in run.bins.items() if e != 1 and (e, d) != (2, 1)}
    before = [jointnight.handle(p, "ArrowAstropy", detector=d) for d, p in run.patterns.items()]
    notes = jointnight.tables(run.noise, "StructuredDataDict")
    result = jointnight.task("Solve").run(jointnight.tables(bins), notes, run.skies, before, run.wings)
    assert list(result.outputSkies["exposure"]) == [0, 2]
    assert "No detector of exposure 1" in caplog.text


def test_too_few_exposures(run):
    notes = jointnight.tables(run.noise, "StructuredDataDict")
    with pytest.raises(sky.TooFewInputsError, match="minInputs asks for 4"):
        jointnight.task("Start", minInputs=4).run(jointnight.tables(run.bins), notes)


def test_single_exposure(run, caplog):
    bins = {key: t for key, t in run.bins.items() if key[0] == 0}
    notes = jointnight.tables(run.noise, "StructuredDataDict")
    result = jointnight.task("Start").run(jointnight.tables(bins), notes)
    assert len(result.outputSkies) == 1
    assert "one exposure only" in caplog.text


def test_nothing_to_do(run):
    with pytest.raises(NoWorkFound):
        jointnight.task("Start").run([], [])
    with pytest.raises(NoWorkFound):
        jointnight.task("Pool").run([], [])
    with pytest.raises(NoWorkFound):
        jointnight.task("Frame").run(run.patterns[0], run.skies, [], [], [])


def test_bins_that_do_not_match(run):
    notes = {key: copy.deepcopy(note) for key, note in run.noise.items()}
    notes[0, 1]["sizes"]["bin"] = 8
    with pytest.raises(sky.MismatchedInputsError, match="detector 1 of exposure"):
        jointnight.task("Start").run(
            jointnight.tables(run.bins), jointnight.tables(notes, "StructuredDataDict")
        )


def test_exposure_of_another_size(night, run):
    small = ExposureF(night.exposure(0, night.camera[0]), Box2I(Point2I(0, 0), Extent2I(256, 256)))
    with pytest.raises(sky.MismatchedInputsError, match="256, 256"):
        jointnight.task("Mask").run(
            jointnight.handle(small, "ExposureF", exposure=0, detector=0),
            run.noise[0, 0],
            run.skies,
            run.patterns[0],
        )


def test_exposure_that_the_solve_left_out(run):
    with pytest.raises(NoWorkFound, match="left out before"):
        jointnight.task("Mask").run(
            run.exposures[0, 0], run.noise[0, 0], run.skies[run.skies["exposure"] != 0], run.patterns[0]
        )


def test_frame_of_rejected_exposures(run):
    skies = run.skies.copy()
    skies["weight"] = 0.0
    with pytest.raises(sky.NoGoodPixelsError, match="cpSkyJointExposures"):
        jointnight.task("Frame").run(
            run.patterns[0],
            skies,
            jointnight.only(jointnight.tables(run.bins), 0),
            jointnight.only(jointnight.tables(run.noise, "StructuredDataDict"), 0),
            jointnight.only(run.exposures.values(), 0),
        )


def test_mask_that_runs_away(run, caplog):
    task = jointnight.task("Mask", runaway=0.01)
    result = task.run(run.exposures[0, 0], run.noise[0, 0], run.skies, run.patterns[0])
    assert "only sure objects are masked" in caplog.text
    assert task.metadata["ranAway"]
    masked = (result.outputMask.array & result.outputMask.getPlaneBitMask("SUSPECT")) != 0
    assert 0 < masked.mean() < (run.masks[0, 0].array != 0).mean()


def test_stray_light_masks_no_other_exposure(caplog):
    """Waves look like objects with wide wings; exposures without them are masked as if they were alone."""
    night = jointnight.make_night(MosaicConfig(grid=(2, 1), exposures=4))
    exposures = jointnight.exposure_handles(night)
    alone = jointnight.run_tasks({key: h for key, h in exposures.items() if key[0] < 3})
    assert "unlike the others" not in caplog.text
    y, x = np.mgrid[:512, :512]
    for detector in (0, 1):
        image = exposures[3, detector].get().image.array
        image += 0.02 * np.nanmedian(image) * np.sin(2 * np.pi * (x + 0.3 * y) / 200)
    run = jointnight.run_tasks(exposures)
    for place, mask in alone.masks.items():
        assert (run.masks[place].array != 0).mean() == pytest.approx((mask.array != 0).mean(), abs=0.02)
    assert "objects exposure 3 is unlike the others" in caplog.text
    assert "(detectors 0, 1)" in caplog.text
    assert [bool(reason != "-") for reason in run.skies["reason"]] == [False, False, False, True]


def test_exposures_table_says_it_all(run):
    names = {"exposure", "weight", "level", "level_error", "order", "extra", "masked", "pull", "reason"}
    assert names | {"recurrence"} <= set(run.skies.colnames)
    assert (run.skies["level_error"] > 0).all()
    assert list(run.skies["exposure"]) == [0, 1, 2]


GROUPS = {
    BinConfig: joint.BinParameters,
    SolveConfig: joint.SolveParameters,
    JudgeConfig: joint.JudgeParameters,
    PatternConfig: joint.PatternParameters,
    DetectConfig: joint.DetectParameters,
    WingConfig: joint.WingParameters,
    StaticConfig: joint.StaticParameters,
    FrameConfig: joint.FrameParameters,
    GaugeConfig: joint.GaugeParameters,
    ModeConfig: joint.ModeParameters,
}


@pytest.mark.parametrize("config", GROUPS)
def test_configurations_are_the_parameters(config):
    """A parameter that is added has to be added to the configuration, too."""
    kind = GROUPS[config]
    assert config().parameters(kind) == kind()
    assert len(dict(config().items())) == len(dataclasses.fields(kind))


def test_undithered_night_is_stacked(caplog):
    """Without dithers objects recur: there is a warning, and what stays in place is masked."""
    caplog.set_level("INFO")
    night = jointnight.make_night(MosaicConfig(grid=(1, 1), exposures=3, dither=0.0))
    run = jointnight.run_tasks(jointnight.exposure_handles(night))
    assert "cannot be told from the pattern" in caplog.text
    assert "hold objects that stay in place" in caplog.text
    assert run.wings["search"].all()
    assert run.frames[0].getMetadata()["CPSKY RECURRENCE"] > 2
    masked = [(mask.array & mask.getPlaneBitMask("SUSPECT")) != 0 for mask in run.masks.values()]
    # Pixels that are masked in all exposures are many more than chance has it.
    assert np.all(masked, axis=0).mean() > 3 * np.prod([one.mean() for one in masked])


def test_pixels_that_are_not_finite(night, run):
    """They are masked (BAD) in any case, and all else is as with a mask over them."""
    exposure = night.exposure(0, night.camera[0])
    bad = exposure.clone()
    bad.image.array[100:103, 200] = np.nan
    exposure.mask.array[100:103, 200] |= exposure.mask.getPlaneBitMask("NO_DATA")
    found, expected = (
        jointnight.task("Mask").run(
            jointnight.handle(one, "ExposureF", exposure=0, detector=0),
            run.noise[0, 0],
            run.skies,
            run.patterns[0],
        )
        for one in (bad, exposure)
    )
    mask = found.outputMask
    assert ((mask.array[100:103, 200] & mask.getPlaneBitMask("BAD")) != 0).all()
    np.testing.assert_array_equal(mask.array, expected.outputMask.array)
    np.testing.assert_array_equal(found.outputBins["mean"], expected.outputBins["mean"])
