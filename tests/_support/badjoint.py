"""Bad inputs to the tasks of the joint chain."""

import copy
import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
import skydata
from astropy.table import Table
from badinputs import BAD_NUMBERS, Kind, assign, exposures
from jointnight import handle, tables

import lsst.cp.sky as sky
from lsst.afw.fits import FitsError
from lsst.afw.image import MaskX

VISITS, DETECTORS = (101, 102, 103), (0, 1)
NOTES = "StructuredDataDict"


def joint_task(name, change=lambda config: None):
    cls = getattr(sky, f"CpSkyJoint{name}Task")
    config = cls.ConfigClass()
    change(config)
    return cls(config=config)


def with_star(detector, visit, level, seed):
    """Exposure of a detector with a star that stays in its place."""
    exposure = skydata.make_exposure(detector, visit, level, seed)
    if seed:
        x, y = 8 + 12 * (seed % 9), 10 + 8 * (seed % 9)
        exposure.image.array[y : y + 7, x : x + 7] += 60 * np.sqrt(level)
    return exposure


@dataclasses.dataclass
class Good:
    """What the tasks make of a small night, each of which a kind takes a copy of."""

    exposures: dict
    bins: dict
    noise: dict
    masks: dict
    profiles: dict
    objects: dict
    skies: Table
    patterns: dict
    wings: Table

    @classmethod
    def make(cls, camera, level=700.0, seed=0):
        exposures = {
            (e, d): handle(with_star(camera[d], e, level, seed), "ExposureF", exposure=e, detector=d)
            for e in VISITS
            for d in DETECTORS
        }
        first = {key: joint_task("Median").run(h) for key, h in exposures.items()}
        bins, noise = (
            {key: getattr(r, n) for key, r in first.items()} for n in ("outputBins", "outputNoise")
        )
        start = joint_task("Start").run(tables(bins), tables(noise, NOTES))
        patterns = dict(zip(start.detectors, start.outputPatterns, strict=True))
        masked = {
            (e, d): joint_task("Mask").run(h, noise[e, d], start.outputSkies, patterns[d])
            for (e, d), h in exposures.items()
        }
        parts = [
            {key: getattr(r, n) for key, r in masked.items()}
            for n in ("outputMask", "outputProfiles", "outputObjects")
        ]
        wings = joint_task("Pool").run(tables(parts[1]), tables(parts[2])).outputWings
        wings["search"] = True  # so that a stack is made
        return cls(exposures, bins, noise, *parts, start.outputSkies, patterns, wings)


def values_of(tables_or_exposure):
    """Arrays of numbers of what a task returned."""
    found = []
    for thing in tables_or_exposure:
        if isinstance(thing, Table):
            found += [np.asarray(thing[n], float) for n in thing.colnames if thing[n].dtype.kind in "biuf"]
        elif isinstance(thing, dict):
            found += [np.array(thing["noise"]["slope"]), np.array(thing["noise"]["floor"])]
        elif hasattr(thing, "image"):
            found += [thing.image.array, thing.variance.array]
    return found


def changed_tables(table, columns) -> Iterator[tuple[str, Any]]:
    """Tables that are not what the task before wrote."""
    for column in columns:
        for value in (np.nan, np.inf, -1.0, 0.0, 1e30):
            for where, name in ((np.s_[:], "all"), (np.s_[0], "one")):
                found = table.copy()
                found[column] = found[column].astype(float)
                found[column][where] = value
                yield f"{name} of {column} {value}", found
        found = table.copy()
        found.remove_column(column)
        yield f"without {column}", found
        found = table.copy()
        found[column] = [str(value) for value in found[column]]
        yield f"text in {column}", found
    yield "shorter", table[: len(table) - 1]
    yield "longer", Table(np.concatenate([table.as_array(), table.as_array()[:1]]))
    yield "without rows", table[:0]
    yield "without anything", Table()
    for thing in (None, "table", 5, {}, [1, 2]):
        yield f"a {type(thing).__name__}", thing


def changed_notes(note) -> Iterator[tuple[str, Any]]:
    """Notes on geometry and noise that are not what the first task wrote."""
    for path, value in (
        ("sizes.bin", 0), ("sizes.bin", -5), ("sizes.bin", 8), ("sizes.bin", 10**7), ("sizes.cell", 0),
        ("sizes.bin", "many"), ("sizes.other", 3), ("noise.slope", []), ("noise.slope", "steep"),
        ("noise.slope", [[float("nan")]]), ("noise.floor", [[float("inf")]]), ("noise.slope", [[-1e9]]),
        ("noise.floor", [[1.0, 2.0]]), ("geometry.shape", [0, 0]), ("geometry.shape", [96]),
        ("geometry.shape", [96, 129]), ("geometry.shape", [1 << 40, 1 << 40]), ("geometry.amplifiers", []),
        ("geometry.amplifiers", [[0, 0, 0, 0]]), ("geometry.amplifiers", [[-50, 500, -50, 500]]),
        ("geometry.matrix", [[0.0, 0.0], [0.0, 0.0]]), ("geometry.matrix", [[float("nan")] * 2] * 2),
        ("geometry.offset", [float("inf"), 0.0]), ("geometry.offset", []), ("geometry.detector", "R22"),
        ("planes", None), ("planes", []), ("planes", ["MISSPELT"]),
    ):  # fmt: skip
        found = copy.deepcopy(note)
        *outer, last = path.split(".")
        inner = found
        for key in outer:
            inner = inner[key]
        inner[last] = value
        yield f"{path}={value!r}", found
    for key in note:
        yield f"without {key}", {other: value for other, value in note.items() if other != key}
    for thing in (None, "note", 5, {}, []):
        yield f"a {type(thing).__name__} for a note", thing


class Broken:
    """Handle of a file that cannot be read."""

    def __init__(self, **dataId):
        self.dataId = dataId

    def get(self, component=None):
        raise FitsError("x.fits[1]: truncated")


def changed_handles(handles) -> Iterator[tuple[str, Any]]:
    """Lists of handles with something wrong with them."""
    yield "one of which cannot be read", [Broken(exposure=101, detector=0), *handles[1:]]
    yield "none of which can be read", [Broken(**dict(h.dataId)) for h in handles]
    yield "one of which has no data ID", [handle(handles[0].get(), "ArrowAstropy"), *handles[1:]]
    yield "one of which is twice", [*handles, handles[0]]
    yield "in a generator", (h for h in handles)
    yield "none of which is a handle", [1, 2, 3]
    yield "of a detector that others lack", [*handles, Broken(exposure=101, detector=77)]
    for thing in (None, [], "handles", [None] * 3):
        yield f"which are {thing!r}", thing


def median_kinds(good, camera, far) -> Iterator[Kind]:
    def run(one, change=lambda config: None):
        result = joint_task("Median", change).run(one)
        return values_of([result.outputBins, result.outputNoise])

    for name, exposure in exposures(camera, far):
        one = handle(exposure, "ExposureF", exposure=101, detector=0)
        one = exposure if not hasattr(exposure, "getMaskedImage") else one
        yield Kind(f"JointMedian, {name}", lambda o=one: run(o), [one])
    one = good.exposures[101, 0]
    for field in ("size", "cell", "minimum", "clip"):
        for value in (*BAD_NUMBERS, 10**7, "much", None):
            change = lambda config, f=field, v=value: assign(config, "bins", f, v)  # noqa: E731
            yield Kind(f"JointMedian, bins.{field}={value!r}", lambda o=one, c=change: run(o, c), [one])
    for value in (["MISSPELT"], [], "BAD", [""], None):
        change = lambda config, v=value: assign(config, "", "badPlanes", v)  # noqa: E731
        yield Kind(f"JointMedian, badPlanes={value!r}", lambda o=one, c=change: run(o, c), [one])
    yield Kind("JointMedian, unreadable", lambda: run(Broken(exposure=101, detector=0)))


def solve_kinds(good) -> Iterator[Kind]:
    """Of both tasks that solve."""
    before = [handle(p, "ArrowAstropy", detector=d) for d, p in good.patterns.items()]
    bins, notes = tables(good.bins), tables(good.noise, NOTES)

    def start(b, n, change=lambda config: None):
        result = joint_task("Start", change).run(b, n)
        return values_of([result.outputSkies]) + values_of(result.outputPatterns)

    def solve(b=bins, n=notes, skies=good.skies, p=before, w=good.wings, change=lambda config: None):
        result = joint_task("Solve", change).run(b, n, skies, p, w)
        return values_of([result.outputSkies]) + values_of(result.outputPatterns)

    def both(name, b, n):
        yield Kind(f"JointStart, {name}", lambda: start(b, n), [b, n])
        yield Kind(f"JointSolve, {name}", lambda: solve(b, n), [b, n])

    for name, table in changed_tables(good.bins[101, 0], ("mean", "count", "variance")):
        yield from both(f"bins {name}", tables(good.bins | {(101, 0): table}), notes)
    for value in (np.nan, 0.0, -700.0, 1e30, np.inf):
        worse = {key: table.copy() for key, table in good.bins.items()}
        for table in worse.values():
            table["mean"] = np.float32(value)
        yield from both(f"all bins {value}", tables(worse), notes)
    for name, note in changed_notes(good.noise[101, 0]):
        yield from both(f"note {name}", bins, tables(good.noise | {(101, 0): note}, NOTES))
    for name, _ in changed_handles(bins):
        for b, n, what in ((changed(bins, name), notes, "bins"), (bins, changed(notes, name), "notes")):
            yield Kind(f"JointStart, {what} {name}", lambda b=b, n=n: start(b, n))
    for name, _ in changed_handles(bins):
        yield Kind(f"JointSolve, bins {name}", lambda n=name: solve(b=changed(bins, n)))
        yield Kind(f"JointSolve, patterns {name}", lambda n=name: solve(p=changed(before, n)))
    columns = ("exposure", "coefficients", "radius", "common_order", "weight")
    for name, table in changed_tables(good.skies, columns):
        yield Kind(f"JointSolve, skies {name}", lambda t=table: solve(skies=t), [table])
    for name, table in changed_tables(good.patterns[0], ("pattern", "information", "model")):
        worse = [handle(table, "ArrowAstropy", detector=0), *before[1:]]
        yield Kind(f"JointSolve, pattern {name}", lambda p=worse: solve(p=p), [worse])
    for name, table in changed_tables(good.wings, ("recurrence",)):
        yield Kind(f"JointSolve, wings {name}", lambda t=table: solve(w=t), [table])
    groups = {
        "solve": ("order", "maxOrder", "robust", "iterations", "tolerance", "raiseAll"),
        "judge": ("maxExtra", "minShare", "minExposures"), "pattern": ("threshold", "levels", "fill"),
        "mode": ("rounds", "least"), "gauge": ("xSize", "least"),
    }  # fmt: skip
    for group, fields in groups.items():
        for field in fields:
            for value in (*BAD_NUMBERS, 10**10, None):
                change = lambda config, g=group, f=field, v=value: assign(config, g, f, v)  # noqa: E731
                yield Kind(f"JointSolve, {group}.{field}={value}", lambda c=change: solve(change=c))
    tiny = lambda config: assign(config, "gauge", "xSize", 1e-8)  # noqa: E731
    yield Kind("JointSolve, gauge.xSize=1e-8", lambda: solve(change=tiny))
    for number in (0, 4):
        few = lambda config, n=number: assign(config, "", "minInputs", n)  # noqa: E731
        yield Kind(f"JointSolve, minInputs={number}", lambda c=few: solve(change=c))
        yield Kind(f"JointStart, minInputs={number}", lambda c=few: start(bins, notes, c))


def changed(handles, name):
    """The change of a list of handles that has a name; made anew, as a generator can be used once."""
    return dict(changed_handles(handles))[name]


def pool_kinds(good) -> Iterator[Kind]:
    profiles, objects = tables(good.profiles), tables(good.objects)

    def run(p=profiles, o=objects, change=lambda config: None):
        return values_of([joint_task("Pool", change).run(p, o).outputWings])

    for name, table in changed_tables(good.profiles[101, 0], ("class", "ring", "total", "count")):
        worse = tables(good.profiles | {(101, 0): table})
        yield Kind(f"JointPool, profiles {name}", lambda p=worse: run(p=p), [worse])
    for name, table in changed_tables(good.objects[101, 0], ("columns",)):
        worse = tables(good.objects | {(101, 0): table})
        yield Kind(f"JointPool, objects {name}", lambda o=worse: run(o=o), [worse])
    for name, _ in changed_handles(profiles):
        yield Kind(f"JointPool, profiles {name}", lambda n=name: run(p=changed(profiles, n)))
        yield Kind(f"JointPool, objects {name}", lambda n=name: run(o=changed(objects, n)))
    for field in ("classes", "distances", "far", "brightness", "count"):
        for value in (
            [],
            [3.0, 2.0],
            [float("nan")] * 2,
            [-1.0, 2.0],
            [1.0],
            "abc",
            None,
            -1.0,
            float("nan"),
        ):
            change = lambda config, f=field, v=value: assign(config, "wings", f, v)  # noqa: E731
            yield Kind(f"JointPool, wings.{field}={value}", lambda c=change: run(change=c))


def mask_kinds(good, camera, far) -> Iterator[Kind]:
    def run(one=good.exposures[101, 0], note=good.noise[101, 0], skies=good.skies, pattern=good.patterns[0],
            wings=None, static=None, change=lambda config: None):  # fmt: skip
        result = joint_task("Mask", change).run(one, note, skies, pattern, wings, static)
        return values_of([result.outputBins, result.outputProfiles, result.outputObjects])

    for name, exposure in exposures(camera, far):
        one = handle(exposure, "ExposureF", exposure=101, detector=0)
        one = exposure if not hasattr(exposure, "getMaskedImage") else one
        yield Kind(f"JointMask, {name}", lambda o=one: run(o), [one])
    for name, note in changed_notes(good.noise[101, 0]):
        yield Kind(f"JointMask, note {name}", lambda n=note: run(note=n), [note])
    for name, table in changed_tables(good.skies, ("exposure", "coefficients", "radius")):
        yield Kind(f"JointMask, skies {name}", lambda t=table: run(skies=t), [table])
    for name, table in changed_tables(good.patterns[0], ("model",)):
        yield Kind(f"JointMask, pattern {name}", lambda t=table: run(pattern=t), [table])
    for name, table in changed_tables(good.wings, ("radius",)):
        if table is not None:
            yield Kind(f"JointMask, wings {name}", lambda t=table: run(wings=t), [table])
    for number, static in enumerate((MaskX(3, 3), MaskX(96, 128), "mask", 5, [])):
        yield Kind(
            f"JointMask, {type(static).__name__} {number} for what stays",
            lambda s=static: run(static=s),
            [static],
        )
    everything = MaskX(128, 96)
    everything.array[:] = everything.getPlaneBitMask("DETECTED")
    yield Kind("JointMask, everything stays in place", lambda: run(static=everything), [everything])
    yield Kind("JointMask, unreadable", lambda: run(Broken(exposure=101, detector=0)))
    yield Kind("JointMask, an exposure without a sky", lambda: run(Broken(exposure=9, detector=0)))
    for field in ("strong", "low", "sigma", "faint", "grow", "local", "peak", "floor", "ceiling"):
        for value in (float("nan"), float("inf"), -1e10, 1e10, None):
            change = lambda config, f=field, v=value: assign(config, "detect", f, v)  # noqa: E731
            yield Kind(f"JointMask, detect.{field}={value}", lambda c=change: run(change=c))
    for value in (float("nan"), -0.1, 7.0, 0.0):
        change = lambda config, v=value: assign(config, "", "runaway", v)  # noqa: E731
        yield Kind(f"JointMask, runaway={value}", lambda c=change: run(change=c))


def detector_kinds(good, camera) -> Iterator[Kind]:
    """Of the tasks that take all exposures of a detector."""
    own = {key: h for key, h in good.exposures.items() if key[1] == 0}
    parts = [
        [h for h in tables(found, kind) if h.dataId["detector"] == 0]
        for found, kind in ((good.noise, NOTES), (good.masks, "Mask"), (good.bins, "ArrowAstropy"))
    ]
    notes, masks, bins = parts
    handles = list(own.values())

    def stack(e=handles, n=notes, m=masks, skies=good.skies, pattern=good.patterns[0], wings=good.wings,
              change=lambda config: None):  # fmt: skip
        found = joint_task("Stack", change).run(e, n, m, skies, pattern, wings).outputStatic
        return [found.array]

    def frame(pattern=good.patterns[0], skies=good.skies, b=bins, n=notes, e=handles,
              change=lambda config: None):  # fmt: skip
        return values_of([joint_task("Frame", change).run(pattern, skies, b, n, e).outputCalib])

    for name, table in changed_tables(good.skies, ("exposure", "coefficients", "weight", "radius")):
        yield Kind(f"JointStack, skies {name}", lambda t=table: stack(skies=t), [table])
        yield Kind(f"JointFrame, skies {name}", lambda t=table: frame(skies=t), [table])
    for name, table in changed_tables(good.patterns[0], ("pattern", "information", "model", "smooth")):
        yield Kind(f"JointStack, pattern {name}", lambda t=table: stack(pattern=t), [table])
        yield Kind(f"JointFrame, pattern {name}", lambda t=table: frame(pattern=t), [table])
    for name, table in changed_tables(good.wings, ("search", "recurrence")):
        yield Kind(f"JointStack, wings {name}", lambda t=table: stack(wings=t), [table])
    for name, table in changed_tables(good.bins[101, 0], ("count",)):
        worse = [handle(table, "ArrowAstropy", exposure=101, detector=0), *bins[1:]]
        yield Kind(f"JointFrame, bins {name}", lambda b=worse: frame(b=b), [worse])
    for name, note in changed_notes(good.noise[101, 0]):
        worse = [handle(note, NOTES, exposure=101, detector=0), *notes[1:]]
        yield Kind(f"JointStack, note {name}", lambda n=worse: stack(n=n), [worse])
        yield Kind(f"JointFrame, note {name}", lambda n=worse: frame(n=n), [worse])
    for name, _ in changed_handles(handles):
        yield Kind(f"JointStack, exposures {name}", lambda n=name: stack(e=changed(handles, n)))
        yield Kind(f"JointStack, notes {name}", lambda n=name: stack(n=changed(notes, n)))
        yield Kind(f"JointStack, masks {name}", lambda n=name: stack(m=changed(masks, n)))
        yield Kind(f"JointFrame, exposures {name}", lambda n=name: frame(e=changed(handles, n)))
        yield Kind(f"JointFrame, notes {name}", lambda n=name: frame(n=changed(notes, n)))
        yield Kind(f"JointFrame, bins {name}", lambda n=name: frame(b=changed(bins, n)))
    small = [handle(MaskX(3, 3), "Mask", exposure=101, detector=0), *masks[1:]]
    yield Kind("JointStack, a mask of another size", lambda: stack(m=small))
    for value in (float("nan"), -1.0, 2.0, None):
        poor = lambda config, v=value: assign(config, "frame", "poor", v)  # noqa: E731
        often = lambda config, v=value: assign(config, "static", "often", v)  # noqa: E731
        yield Kind(f"JointFrame, frame.poor={value}", lambda c=poor: frame(change=c))
        yield Kind(f"JointStack, static.often={value}", lambda c=often: stack(change=c))
    for value in ([], [0.0], [3.0, 1.0], [float("nan")]):
        ease = lambda config, v=value: assign(config, "static", "ease", v)  # noqa: E731
        yield Kind(f"JointStack, static.ease={value}", lambda c=ease: stack(change=c))
    for value in ("none", None, 3):
        gauge = lambda config, v=value: assign(config, "frame", "gauge", v)  # noqa: E731
        yield Kind(f"JointFrame, frame.gauge={value}", lambda c=gauge: frame(change=c))


def joint_kinds(camera, far) -> list[Kind]:
    good = Good.make(camera)
    return [
        *median_kinds(good, camera, far),
        *solve_kinds(good),
        *pool_kinds(good),
        *mask_kinds(good, camera, far),
        *detector_kinds(good, camera),
    ]
