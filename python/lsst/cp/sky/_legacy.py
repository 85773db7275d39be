# SPDX-License-Identifier: GPL-3.0-or-later
"""Methods of tasks that newer releases of the middleware no longer have, kept for callers of older ones."""

from __future__ import annotations

from typing import Any

__all__ = ("LegacyTaskMethods",)


class LegacyTaskMethods:
    """The three documented methods of a task that ``lsst.pipe.base`` 30 dropped.

    Mixed into the tasks of this package so that code written against their documented interface keeps
    working. None of our tasks has a schema, so the first two have nothing to report unless a retargeted
    subtask does.
    """

    config: Any

    def getSchemaCatalogs(self) -> dict[str, Any]:
        """Empty catalogs for the schemas that this task produces.

        Returns
        -------
        schemaCatalogs : `dict` [`str`, `typing.Any`]
            Keyed by dataset type name; empty, because this task produces no catalog.
        """
        return {}

    def getAllSchemaCatalogs(self) -> dict[str, Any]:
        """Empty catalogs for the schemas of all tasks of the hierarchy that this task belongs to.

        Returns
        -------
        schemaCatalogs : `dict` [`str`, `typing.Any`]
            Keyed by dataset type name. The same whichever task of the hierarchy is asked; tasks without
            ``getSchemaCatalogs`` contribute nothing.
        """
        catalogs: dict[str, Any] = {}
        for reference in self.getTaskDict().values():  # type: ignore[attr-defined]
            task = reference()
            if (report := getattr(task, "getSchemaCatalogs", None)) is not None:
                catalogs.update(report())
        return catalogs

    def getResourceConfig(self) -> Any | None:
        """Resources that the configuration of this task asks for.

        Returns
        -------
        resources : `lsst.pex.config.Config` or `None`
            The ``resources`` field of the configuration where it has one; ours do not, so `None`.
        """
        return getattr(self.config, "resources", None)
