# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain FITS files into a butler repository: all of them, or none."""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import astropy.units as u

from lsst.daf.butler import Butler, CollectionType, DatasetType, MissingCollectionError, Timespan

from ._camera import make_camera
from ._errors import IngestError
from ._exposure import make_exposure
from ._instrument import instrument_class

if TYPE_CHECKING:
    from lsst.afw.cameraGeom import Camera

    from ._description import CameraDescription
    from ._facts import ExposureFacts
    from ._match import Input

__all__ = ("calib_collection", "ingest", "raw_collection")

_DATASET = "cpSkyIsrExp"


def raw_collection(camera: str) -> str:
    """Name of the collection that ingested exposures go to."""
    return f"{camera}/raw/all"


def calib_collection(camera: str) -> str:
    """Name of the collection that the camera is certified in."""
    return f"{camera}/calib"


def ingest(
    root: str | os.PathLike[str],
    inputs: Sequence[Input],
    description: CameraDescription,
    progress: Callable[[int, int], None] | None = None,
) -> Butler:
    """Store exposures in a repository, which is made if there is none.

    Parameters
    ----------
    root : `str` or `os.PathLike`
        Folder of the repository.
    inputs : `~collections.abc.Sequence` [`Input`]
        From `match_planes`.
    description : `CameraDescription`
        The camera.
    progress : `~collections.abc.Callable`, optional
        Called as ``progress(done, total)`` after every detector of every exposure.

    Returns
    -------
    butler : `lsst.daf.butler.Butler`
        Butler of the repository, which now holds instrument, detectors, filters, exposures, the ``camera`` in
        `calib_collection` and ``cpSkyIsrExp`` datasets in `raw_collection`.

    Raises
    ------
    IngestError
        Raised if files cannot be read, or contradict what the repository holds. It is as it was before then,
        and gone if it was not there.
    """
    with _repository(pathlib.Path(root)) as butler:
        camera = make_camera(description)
        dataset_type = _register(butler, description.name)
        _require_new(butler, inputs, description.name)
        with butler.transaction():
            instrument_class(description.name)().register(butler.registry)
            _insert_detectors(butler, description.name, camera)
            _put_camera(butler, description.name, camera)
            for facts in {one.facts.id: one.facts for one in inputs}.values():
                _insert_exposure(butler, description.name, facts)
            for done, one in enumerate(inputs, 1):
                exposure = make_exposure(one, camera[one.detector.id], description)
                data_id = {
                    "instrument": description.name,
                    "exposure": one.facts.id,
                    "detector": one.detector.id,
                }
                butler.put(exposure, dataset_type, data_id, run=raw_collection(description.name))
                if progress is not None:
                    progress(done, len(inputs))
        return butler


@contextlib.contextmanager
def _repository(root: pathlib.Path) -> Iterator[Butler]:
    """Writeable butler of a repository; one that was made for it goes again on failure."""
    known = (root / "butler.yaml").exists()
    if not known and root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise IngestError(f"{root} is neither a repository nor an empty folder.", repository=str(root))
    there = root.exists()
    try:
        if not known:
            Butler.makeRepo(str(root))
        yield Butler.from_config(str(root), writeable=True)
    except BaseException:
        if not known:
            shutil.rmtree(root, ignore_errors=True)
            if there:
                root.mkdir()
        raise


def _register(butler: Butler, name: str) -> DatasetType:
    """Register what transactions cannot: dataset types and collections, which hold nothing by themselves."""
    universe = butler.dimensions
    dataset_type = DatasetType(
        _DATASET, ("instrument", "exposure", "detector"), "Exposure", universe=universe
    )
    butler.registry.registerDatasetType(dataset_type)
    butler.registry.registerDatasetType(
        DatasetType("camera", ("instrument",), "Camera", isCalibration=True, universe=universe)
    )
    butler.collections.register(raw_collection(name))
    butler.collections.register(_camera_run(name))
    butler.collections.register(calib_collection(name), CollectionType.CALIBRATION)
    return dataset_type


def _camera_run(name: str) -> str:
    return f"{calib_collection(name)}/unbounded"


def _require_new(butler: Butler, inputs: Sequence[Input], name: str) -> None:
    """Make sure that the repository has none of the exposures, and no other camera of this name."""
    try:
        known = {
            (ref.dataId["exposure"], ref.dataId["detector"])
            for ref in butler.query_datasets(
                _DATASET, collections=raw_collection(name), limit=None, explain=False
            )
        }
    except MissingCollectionError:
        known = set()
    for one in inputs:
        if (one.facts.id, one.detector.id) in known:
            raise IngestError(
                f"{one.image}: the repository has detector {one.detector.name} of exposure {one.facts.id} "
                "already; leave the file out, or take another repository.",
                file=str(one.image.path),
                exposure=one.facts.id,
            )


def _insert_detectors(butler: Butler, name: str, camera: Camera) -> None:
    """Insert the records of detectors, or make sure that those there are the same."""
    known = {
        record.id: record.full_name
        for record in butler.registry.queryDimensionRecords("detector", instrument=name)
    }
    ours = {detector.getId(): detector.getName() for detector in camera}
    if known:
        if known != ours:
            raise IngestError(
                f"The repository has another camera {name}, with {len(known)} detectors that are not those "
                "of the description; give the camera another name.",
                camera=name,
            )
        return
    butler.registry.insertDimensionData(
        "detector",
        *(
            {"instrument": name, "id": number, "full_name": text, "purpose": "SCIENCE"}
            for number, text in ours.items()
        ),
    )


def _put_camera(butler: Butler, name: str, camera: Camera) -> None:
    """Store the camera and certify it for all times, unless there is one."""
    data_id = {"instrument": name}
    if butler.find_dataset("camera", data_id, collections=_camera_run(name)) is not None:
        return
    ref = butler.put(camera, "camera", data_id, run=_camera_run(name))
    butler.registry.certify(calib_collection(name), [ref], Timespan(None, None))


def _insert_exposure(butler: Butler, name: str, facts: ExposureFacts) -> None:
    """Insert the dimension records of an exposure."""
    registry = butler.registry
    registry.syncDimensionData(
        "physical_filter", {"instrument": name, "name": facts.filter, "band": facts.band}
    )
    registry.syncDimensionData("day_obs", {"instrument": name, "id": facts.day_obs})
    registry.syncDimensionData("group", {"instrument": name, "name": str(facts.id)})
    nan_is_none = {
        key: value if value == value else None
        for key, value in (("tracking_ra", facts.ra), ("tracking_dec", facts.dec))
    }
    registry.syncDimensionData(
        "exposure",
        {
            "instrument": name,
            "id": facts.id,
            "obs_id": str(facts.id),
            "day_obs": facts.day_obs,
            "group": str(facts.id),
            "physical_filter": facts.filter,
            "exposure_time": facts.exposure_time,
            "observation_type": "science",
            "observation_reason": "sky",
            "seq_num": _sequence(facts),
            "target_name": facts.object,
            "science_program": facts.program,
            "can_see_sky": True,
            "timespan": Timespan(facts.begin.tai, facts.begin.tai + facts.exposure_time * u.s),
            **nan_is_none,
        },
    )


def _sequence(facts: ExposureFacts) -> int:
    """Number of an exposure in its night: the second in which it began."""
    return int((facts.begin.utc.mjd % 1.0) * 86400)
