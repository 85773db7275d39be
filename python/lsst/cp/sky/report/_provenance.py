# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the numbers come from: collections, versions, and configuration that differs from the default."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lsst.daf.butler import Butler
    from lsst.pex.config import Config

__all__ = ("Provenance", "Setting", "collect_provenance")

_CONFIG = "_config"


@dataclasses.dataclass(frozen=True)
class Setting:
    """A field of a configuration that differs from its default."""

    task: str
    field: str
    value: str
    default: str


@dataclasses.dataclass(frozen=True)
class Provenance:
    """Provenance of the numbers."""

    collections: list[str]
    """As they were asked for."""
    runs: list[str]
    """The runs within them."""
    versions: dict[str, str]
    settings: list[Setting]


def collect_provenance(butler: Butler, collections: Sequence[str]) -> Provenance:
    """Collect the provenance of the datasets in some collections.

    Parameters
    ----------
    butler : `lsst.daf.butler.Butler`
        Butler of the collections.
    collections : `~collections.abc.Sequence` [`str`]
        Names of the collections.

    Returns
    -------
    provenance : `Provenance`
        Runs, versions and settings.
    """
    runs = [name for name in butler.collections.query(list(collections), flatten_chains=True)]
    settings: list[Setting] = []
    for dataset_type in sorted(
        butler.registry.queryDatasetTypes(f"cpSky*{_CONFIG}"), key=lambda one: one.name
    ):
        for ref in butler.query_datasets(dataset_type, explain=False):
            settings += _differences(dataset_type.name.removesuffix(_CONFIG), butler.get(ref))
    return Provenance(list(collections), runs, _versions(butler), settings)


def _versions(butler: Butler) -> dict[str, str]:
    """Versions of the packages of all runs; several, where runs differ."""
    found: dict[str, set[str]] = {}
    if not list(butler.registry.queryDatasetTypes("packages")):
        return {}
    for ref in butler.query_datasets("packages", find_first=False, explain=False):
        for name, version in butler.get(ref).items():
            found.setdefault(str(name), set()).add(str(version))
    return {name: ", ".join(sorted(versions)) for name, versions in sorted(found.items())}


def _differences(task: str, config: Config) -> list[Setting]:
    """Fields that differ from what the class of the configuration has as default."""
    mine, default = (dict(_flatten(one.toDict())) for one in (config, type(config)()))
    return [
        Setting(task, field, repr(mine.get(field)), repr(default.get(field)))
        for field in sorted(mine.keys() | default.keys())
        if mine.get(field) != default.get(field)
    ]


def _flatten(values: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
