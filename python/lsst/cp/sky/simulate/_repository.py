# SPDX-License-Identifier: GPL-3.0-or-later
"""A butler repository with a simulated night in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import astropy.time
import astropy.units as u

from lsst.daf.butler import Butler, CollectionType, DatasetType, Timespan

from ._exposure import Night, make_visit_info
from ._instrument import SkySim
from ._mosaic_night import MosaicNight

if TYPE_CHECKING:
    from lsst.afw.cameraGeom import Camera
    from lsst.afw.image import VisitInfo

__all__ = ("CALIB_COLLECTION", "RAW_COLLECTION", "make_repository", "put_exposure")

DAY_OBS = 20240328
"""Observing day of all simulated exposures."""
RAW_COLLECTION = "SkySim/raw/all"
"""Collection that holds the exposures (``cpSkyIsrExp``)."""
CALIB_COLLECTION = "SkySim/calib"
"""Calibration collection that holds the ``camera``."""


def make_repository(
    root: str,
    night: Night | MosaicNight,
    *,
    detectors: Iterable[int] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Butler:
    """Make a butler repository and fill it with a night of post-ISR exposures.

    The repository has the default configuration: a SQLite registry and a file datastore. It holds the
    instrument `SkySim`, a certified ``camera`` in `CALIB_COLLECTION` and ``cpSkyIsrExp`` datasets in
    `RAW_COLLECTION`.

    Parameters
    ----------
    root : `str`
        Folder of the repository; created if missing.
    night : `Night` or `MosaicNight`
        Night to simulate.
    detectors : `~collections.abc.Iterable` [`int`], optional
        Detectors to simulate; all by default.
    progress : `~collections.abc.Callable`, optional
        Called as ``progress(done, total)`` after every detector of every exposure.

    Returns
    -------
    butler : `lsst.daf.butler.Butler`
        Writeable butler for the repository.

    Raises
    ------
    FileExistsError
        Raised if there already is a repository.
    """
    chosen = [detector.getId() for detector in night.camera] if detectors is None else list(detectors)
    Butler.makeRepo(root)
    butler = Butler.from_config(root, writeable=True)
    instrument = SkySim()
    instrument.register(butler.registry)
    instrument.register_camera(butler.registry, night.camera)
    _put_camera(butler, instrument, night.camera)

    done, total = 0, night.config.exposures * len(chosen)
    for number in range(night.config.exposures):
        for _ in put_exposure(butler, night, number, chosen):
            done += 1
            if progress is not None:
                progress(done, total)
    return butler


def put_exposure(
    butler: Butler,
    night: Night | MosaicNight,
    number: int,
    detectors: Iterable[int],
    *,
    dataset_type: str = "cpSkyIsrExp",
    collection: str = RAW_COLLECTION,
) -> Iterator[int]:
    """Simulate an exposure and store it, one detector at a time.

    Parameters
    ----------
    butler : `lsst.daf.butler.Butler`
        Writeable butler of a repository that `make_repository` has made.
    night : `Night` or `MosaicNight`
        Night of the exposure.
    number : `int`
        Number of the exposure in the night, from 0.
    detectors : `~collections.abc.Iterable` [`int`]
        Detectors to simulate.
    dataset_type, collection : `str`, optional
        What to store them as, and where.

    Yields
    ------
    detector : `int`
        Each detector, when it is done.
    """
    name = SkySim.getName()
    exposure_type = DatasetType(
        dataset_type, ("instrument", "exposure", "detector"), "Exposure", universe=butler.dimensions
    )
    butler.registry.registerDatasetType(exposure_type)
    butler.collections.register(collection)
    exposure_id = DAY_OBS * 100_000 + number + 1
    visit_info = make_visit_info(number, exposure_id=exposure_id)
    _insert_exposure(butler, night, visit_info, number)
    for detector in detectors:
        image = night.exposure(number, night.camera[detector], visit_info)
        if image is not None:
            data_id = {"instrument": name, "exposure": exposure_id, "detector": detector}
            butler.put(image, exposure_type, data_id, run=collection)
        yield detector


def _put_camera(butler: Butler, instrument: SkySim, camera: Camera) -> None:
    """Store the camera and certify it for all time."""
    dataset_type = DatasetType(
        "camera", ("instrument",), "Camera", isCalibration=True, universe=butler.dimensions
    )
    butler.registry.registerDatasetType(dataset_type)
    run = instrument.makeUnboundedCalibrationRunName()
    butler.collections.register(run)
    ref = butler.put(camera, dataset_type, {"instrument": instrument.getName()}, run=run)

    butler.collections.register(CALIB_COLLECTION, CollectionType.CALIBRATION)
    butler.registry.certify(CALIB_COLLECTION, [ref], Timespan(None, None))


def _insert_exposure(butler: Butler, night: Night | MosaicNight, visit_info: VisitInfo, number: int) -> None:
    """Insert the dimension records of one exposure."""
    name = SkySim.getName()
    middle = visit_info.date.toAstropy()
    half = 0.5 * visit_info.exposureTime * u.s
    registry = butler.registry
    registry.syncDimensionData("day_obs", {"instrument": name, "id": DAY_OBS})
    registry.syncDimensionData("group", {"instrument": name, "name": str(visit_info.id)})
    ra_dec, az_alt = visit_info.boresightRaDec, visit_info.boresightAzAlt
    registry.insertDimensionData(
        "exposure",
        {
            "instrument": name,
            "id": visit_info.id,
            "obs_id": f"SS_{visit_info.id}",
            "day_obs": DAY_OBS,
            "group": str(visit_info.id),
            "physical_filter": night.filter.physicalLabel,
            "exposure_time": visit_info.exposureTime,
            "dark_time": visit_info.darkTime,
            "observation_type": visit_info.observationType,
            "observation_reason": visit_info.observationReason,
            "seq_num": number + 1,
            "seq_start": number + 1,
            "seq_end": number + 1,
            "target_name": visit_info.object,
            "science_program": visit_info.scienceProgram,
            "tracking_ra": ra_dec.getRa().asDegrees(),
            "tracking_dec": ra_dec.getDec().asDegrees(),
            "sky_angle": visit_info.boresightRotAngle.asDegrees(),
            "azimuth": az_alt.getLongitude().asDegrees(),
            "zenith_angle": 90.0 - az_alt.getLatitude().asDegrees(),
            "has_simulated": True,
            "can_see_sky": True,
            "timespan": Timespan(astropy.time.Time(middle) - half, astropy.time.Time(middle) + half),
        },
    )
