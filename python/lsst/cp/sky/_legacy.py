# SPDX-License-Identifier: GPL-3.0-or-later
"""Task methods that newer releases of the middleware removed, kept for existing callers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lsst.pex.config import Config

__all__ = ("LegacyTaskMethods",)


class LegacyTaskMethods:
    """The three documented task methods that ``lsst.pipe.base`` 30 removed.

    Mixed into the tasks of this package so that code written against the documented interface keeps working.
    None of our tasks has a schema, so the first two return nothing unless a retargeted subtask does.
    """

    config: Any

    def getSchemaCatalogs(self) -> dict[str, object]:
        """Return empty catalogs for the schemas that this task produces.

        Returns
        -------
        schemaCatalogs : `dict` [`str`, `object`]
            Keyed by dataset type name; empty, because this task produces no catalog.
        """
        return {}

    def getAllSchemaCatalogs(self) -> dict[str, object]:
        """Return empty catalogs for the schemas of all tasks in the hierarchy of this task.

        Returns
        -------
        schemaCatalogs : `dict` [`str`, `object`]
            Keyed by dataset type name. The same for every task of the hierarchy; tasks without
            ``getSchemaCatalogs`` contribute nothing.
        """
        catalogs: dict[str, object] = {}
        for reference in self.getTaskDict().values():  # type: ignore[attr-defined]
            task = reference()
            if (report := getattr(task, "getSchemaCatalogs", None)) is not None:
                catalogs.update(report())
        return catalogs

    def getResourceConfig(self) -> Config | None:
        """Return the resources that the configuration of this task requests.

        Returns
        -------
        resources : `lsst.pex.config.Config` or `None`
            The ``resources`` field of the configuration, or `None` if it has none, as for our tasks.
        """
        return getattr(self.config, "resources", None)
