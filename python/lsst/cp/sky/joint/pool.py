# SPDX-License-Identifier: GPL-3.0-or-later
"""Joint chain, each pass: measure on all exposures how far wings reach, and whether objects stay in place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from astropy.table import Table

import lsst.pex.config as pexConfig
import lsst.pipe.base as pipeBase
import lsst.pipe.base.connectionTypes as cT

from .._naming import phrase
from .._quantum import AnnotatedTask
from .._reading import loadEach
from ..errors import MismatchedInputsError
from ._configs import StaticConfig, WingConfig, parameters_of
from ._pixels import names_of, place_of
from ._static import RecurrenceSums, recurrence_sums, warn_of_recurrence
from ._tables import read_objects, read_profiles, write_wings
from ._wings import ProfileSums, pool_profiles

if TYPE_CHECKING:
    from lsst.utils.logging import LsstLoggers

    from .._protocols import Handle

__all__ = ("CpSkyJointPoolConfig", "CpSkyJointPoolConnections", "CpSkyJointPoolTask")


class CpSkyJointPoolConnections(
    pipeBase.PipelineTaskConnections,
    dimensions=("instrument", "physical_filter"),
    defaultTemplates={"solution": "1"},
):
    """Connections of `CpSkyJointPoolTask`; template ``solution`` numbers what comes from a solve."""

    inputProfiles = cT.Input(
        name="cpSkyJointProfiles{solution}",
        doc="Sums of residuals in rings around the objects of all exposures (units of the pixel noise).",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "exposure", "detector"),
        multiple=True,
        deferLoad=True,
    )
    inputObjects = cT.Input(
        name="cpSkyJointObjects{solution}",
        doc="Coarse maps of the objects of all exposures.",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "exposure", "detector"),
        multiple=True,
        deferLoad=True,
    )
    outputWings = cT.Output(
        name="cpSkyJointWings{solution}",
        doc="How far masks reach beyond objects (pixels), by size of the object; how often objects recur.",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "physical_filter"),
    )


class CpSkyJointPoolConfig(pipeBase.PipelineTaskConfig, pipelineConnections=CpSkyJointPoolConnections):
    """Configuration of `CpSkyJointPoolTask`."""

    wings = pexConfig.ConfigField[WingConfig](
        doc="Parameters of the wings: classes of objects, and which wings are masked."
    )
    static = pexConfig.ConfigField[StaticConfig](
        doc="Parameters of objects that stay in place: when to search for them."
    )


class CpSkyJointPoolTask(AnnotatedTask):
    """Measure how far the wings of objects reach, and whether objects stay in place."""

    ConfigClass = CpSkyJointPoolConfig
    _DefaultName = "cpSkyJointPool"
    config: CpSkyJointPoolConfig

    def run(self, inputProfiles: Sequence[Handle], inputObjects: Sequence[Handle]) -> pipeBase.Struct:
        """Combine the measurements of all exposures.

        Parameters
        ----------
        inputProfiles, inputObjects : `list` [`lsst.daf.butler.DeferredDatasetHandle`]
            Handles of the profiles and maps of all detectors of all exposures, in any order.

        Returns
        -------
        results : `lsst.pipe.base.Struct`
            With attribute

            ``outputWings``
                A row per class of objects (`astropy.table.Table`), with the recurrence of
                objects, and whether to search for those that stay in place.

        Raises
        ------
        lsst.pipe.base.NoWorkFound
            Raised if there are no profiles.
        lsst.cp.sky.MismatchedInputsError
            Raised if tables are not those of the step before, or of another configuration.
        lsst.cp.sky.UnreadableInputError
            Raised if no file can be read; some that cannot are left out.
        """
        profiles, objects = (sorted(handles or (), key=place_of) for handles in (inputProfiles, inputObjects))
        if not profiles:
            raise pipeBase.NoWorkFound("There are no profiles of objects to pool.")
        parameters = parameters_of(self.config)
        shape = ProfileSums.empty(parameters.wings).total.shape
        sums = [(h, read_profiles(table, shape, names_of(h))) for h, table in loadEach(profiles, self.log)]
        wings = pool_profiles((one for _, one in sums), parameters.wings)
        self._report_left_out([sums[i][0] for i in wings.left_out])
        recurrence = _recurrence(objects, self.log)
        search = recurrence > parameters.static.recurrence
        radii = ", ".join(f"{radius:.0f}" for radius in wings.radius)
        self.log.info("Wings reach %s pixels; objects meet %.2f x as often as by chance.", radii, recurrence)
        if (warning := warn_of_recurrence(recurrence, parameters.static)) is not None:
            self.log.warning("%s", warning)
        self.metadata["leftOut"] = len(wings.left_out)
        self.metadata["recurrence"] = float(recurrence)
        self.metadata["search"] = bool(search)
        table: Table = write_wings(wings, parameters.wings, recurrence, search)
        return pipeBase.Struct(outputWings=table)

    def _report_left_out(self, handles: Sequence[Handle]) -> None:
        """Warn of exposures that say nothing of wings, one line each."""
        by_exposure: dict[int, list[int]] = {}
        for handle in handles:
            exposure, detector = place_of(handle)
            by_exposure.setdefault(exposure, []).append(detector)
        for exposure, detectors in by_exposure.items():
            self.log.warning(
                "Around its objects exposure %d is unlike the others, and left out where wings are measured "
                "(detectors %s). Stray light, or a bias that drifts?",
                exposure,
                ", ".join(map(str, detectors)),
            )


def _recurrence(handles: Sequence[Handle], log: LsstLoggers) -> float:
    """Return how many times more often than by chance objects recur, over all detectors.

    Handles are in order of exposure and detector, so that sums are the same to the last digit.
    """
    detectors = sorted({detector for _, detector in map(place_of, handles)})
    sums = (
        recurrence_sums(_maps([h for h in handles if place_of(h)[1] == detector], log))
        for detector in detectors
    )
    return sum(sums, RecurrenceSums()).recurrence


def _maps(handles: Sequence[Handle], log: LsstLoggers) -> Iterator[np.ndarray]:
    """Load the maps of one detector, one after the other."""
    shape: tuple[int, ...] | None = None
    for handle, table in loadEach(handles, log):
        found = read_objects(table, names_of(handle))
        if shape is not None and found.shape != shape:
            raise MismatchedInputsError(
                f"The map of the objects of {phrase(names_of(handle))} has the shape {found.shape}, those of "
                f"other exposures {shape}; use exposures of one size.",
                **names_of(handle),
            )
        shape = found.shape
        yield found
