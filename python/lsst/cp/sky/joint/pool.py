# SPDX-License-Identifier: GPL-3.0-or-later
"""Joint chain, each pass: measure on all exposures how far wings reach, and whether objects stay in place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from astropy.table import Table

import lsst.pex.config as pexConfig
import lsst.pipe.base as pipeBase
import lsst.pipe.base.connectionTypes as cT

from ._configs import StaticConfig, WingConfig, parameters_of
from ._pixels import names_of
from ._quantum import JointTask, load
from ._static import RecurrenceSums, recurrence_sums, warn_of_recurrence
from ._tables import read_objects, read_profiles, write_wings
from ._wings import pool_profiles

if TYPE_CHECKING:
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


class CpSkyJointPoolTask(JointTask):
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
        """
        if not inputProfiles:
            raise pipeBase.NoWorkFound("There are no profiles of objects to pool.")
        parameters = parameters_of(self.config)
        wings = pool_profiles((read_profiles(load(h)) for h in _in_order(inputProfiles)), parameters.wings)
        recurrence = _recurrence(inputObjects)
        search = recurrence > parameters.static.recurrence
        radii = ", ".join(f"{radius:.0f}" for radius in wings.radius)
        self.log.info("Wings reach %s pixels; objects meet %.2f x as often as by chance.", radii, recurrence)
        if (warning := warn_of_recurrence(recurrence, parameters.static)) is not None:
            self.log.warning("%s", warning)
        self.metadata["recurrence"] = float(recurrence)
        self.metadata["search"] = bool(search)
        table: Table = write_wings(wings, parameters.wings, recurrence, search)
        return pipeBase.Struct(outputWings=table)


def _recurrence(handles: Sequence[Handle]) -> float:
    """Return how many times more often than by chance objects recur, over all detectors."""
    detectors = sorted({names_of(handle)["detector"] for handle in handles})
    sums = (
        recurrence_sums(
            read_objects(load(h)) for h in _in_order(handles) if names_of(h)["detector"] == detector
        )
        for detector in detectors
    )
    return sum(sums, RecurrenceSums()).recurrence


def _in_order(handles: Sequence[Handle]) -> list[Handle]:
    """Sort handles by exposure and detector, so that sums are the same to the last digit."""
    return sorted(handles, key=lambda handle: tuple(names_of(handle).values()))
