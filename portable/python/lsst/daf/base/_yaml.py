# SPDX-License-Identifier: GPL-3.0-or-later
"""Property containers and instants of time in YAML.

A property list is a sequence of [name, type, value, comment] under the tag ``lsst.daf.base.PropertyList``, a
property set the same without comments, and an instant a string in TAI. All of PyYAML's loaders, including the
safe ones, read them; the standard dumper writes them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import yaml

from ._date_time import DateTime
from ._property_list import PropertyList
from ._property_set import PropertySet

__all__ = ("register",)

_LOADERS = (
    "Loader",
    "FullLoader",
    "UnsafeLoader",
    "SafeLoader",
    "CLoader",
    "CFullLoader",
    "CUnsafeLoader",
    "CSafeLoader",
)


def _represent_date_time(dumper: yaml.Dumper, data: DateTime) -> yaml.Node:
    return dumper.represent_scalar("lsst.daf.base.DateTime", data.toString(DateTime.TAI))


def _represent_container(dumper: yaml.Dumper, data: PropertySet) -> yaml.Node:
    state = [[_unshared(element) for element in item] for item in data._get_state()]
    return dumper.represent_sequence(f"lsst.daf.base.{type(data).__name__}", state, flow_style=None)


def _unshared(value: Any) -> Any:
    """Return a value that YAML does not recognize as one it has seen, so that it writes it out in full."""
    if isinstance(value, DateTime):
        return DateTime(value.nsecs())
    return [_unshared(element) for element in value] if isinstance(value, list) else value


def _construct_date_time(loader: yaml.Loader, node: yaml.ScalarNode) -> DateTime:
    return DateTime(str(loader.construct_scalar(node)), DateTime.TAI)


def _constructor(
    cls: type[PropertySet],
) -> Callable[[yaml.Loader, yaml.SequenceNode], Iterator[PropertySet]]:
    def construct(loader: yaml.Loader, node: yaml.SequenceNode) -> Iterator[PropertySet]:
        result = cls()
        yield result
        result._set_state(loader.construct_sequence(node, deep=True))

    return construct


def register() -> None:
    """Teach PyYAML to read and write property containers and instants of time."""
    yaml.add_representer(DateTime, _represent_date_time)
    yaml.add_representer(PropertySet, _represent_container)
    yaml.add_representer(PropertyList, _represent_container)
    for loader in (getattr(yaml, name) for name in _LOADERS if hasattr(yaml, name)):
        yaml.add_constructor("lsst.daf.base.DateTime", _construct_date_time, Loader=loader)
        yaml.add_constructor("lsst.daf.base.PropertySet", _constructor(PropertySet), Loader=loader)
        yaml.add_constructor("lsst.daf.base.PropertyList", _constructor(PropertyList), Loader=loader)
