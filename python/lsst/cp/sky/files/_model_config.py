# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration of a focal-plane model as header cards, and as text in pickles."""

from __future__ import annotations

import ast
import json
import math
from collections.abc import Iterator, Mapping

from lsst.pex.config import ListField
from lsst.pipe.tasks.background import FocalPlaneBackgroundConfig

__all__ = ("cards_from_config", "config_from_cards", "config_from_text")

_FLOAT_LENGTH = 20
"""Longest number (characters) that fits into a card without losing digits."""
_LONGEST_TEXT = 50_000
"""Characters of a configuration; its comments are most of the two thousand that it has."""


def cards_from_config(config: FocalPlaneBackgroundConfig) -> Iterator[tuple[str, object]]:
    """Yield the name and value of each field in a form suitable for header cards.

    A list becomes JSON text. A number that does not fit into a card exactly becomes text.

    Parameters
    ----------
    config : `lsst.pipe.tasks.background.FocalPlaneBackgroundConfig`
        The configuration.
    """
    for name, value in config.toDict().items():
        if isinstance(value, float) and not (math.isfinite(value) and len(repr(value)) <= _FLOAT_LENGTH):
            yield name, repr(value)
        elif isinstance(value, list | tuple):
            yield name, json.dumps(list(value))
        else:
            yield name, value


def config_from_cards(cards: Mapping[str, object]) -> FocalPlaneBackgroundConfig:
    """Make a configuration from header cards.

    Parameters
    ----------
    cards : `~collections.abc.Mapping`
        Values by name (case-insensitive); a field without a card keeps its default.

    Raises
    ------
    ValueError
        Raised if a name is not a field, or a field does not accept its value.
    """
    config = FocalPlaneBackgroundConfig()
    names = {name.upper(): name for name in config.toDict()}
    for key, value in cards.items():
        if key.upper() not in names:
            msg = f"the configuration has no field {key!r}; it has {', '.join(sorted(names.values()))}"
            raise ValueError(msg)
        _set(config, names[key.upper()], value)
    return config


def config_from_text(text: str) -> FocalPlaneBackgroundConfig:
    """Make a configuration from the Python text written by `lsst.pex.config.Config.saveToString`.

    The text is not executed.

    Parameters
    ----------
    text : `str`
        Assignments of literals to fields of ``config``. The import and the assertion at the top are skipped.

    Raises
    ------
    ValueError
        Raised if the text contains anything else, or a field does not accept its value.
    """
    if len(text) > _LONGEST_TEXT:
        msg = f"the configuration has {len(text)} characters; expected at most {_LONGEST_TEXT}"
        raise ValueError(msg)
    config = FocalPlaneBackgroundConfig()
    for statement in ast.parse(text).body:
        if isinstance(statement, ast.Import | ast.Assert):
            continue
        match statement:
            case ast.Assign(targets=[ast.Attribute(value=ast.Name(id="config"), attr=name)], value=value):
                if name not in config.toDict():
                    msg = f"the configuration has no field {name!r}"
                    raise ValueError(msg)
                _set(config, name, _literal(value))
            case _:
                msg = f"the configuration has the statement {ast.unparse(statement)[:60]!r}"
                raise ValueError(msg)
    return config


def _literal(node: ast.expr) -> object:
    """Return the value of a literal, or of ``float('nan')`` and the like."""
    match node:
        case ast.Call(func=ast.Name(id="float"), args=[ast.Constant(value=str(text))], keywords=[]):
            return float(text)
        case _:
            return ast.literal_eval(node)


def _set(config: FocalPlaneBackgroundConfig, name: str, value: object) -> None:
    """Set a field, converting the value of a card to the type of the field."""
    field = getattr(type(config), name)
    try:
        if isinstance(value, str) and isinstance(field, ListField):
            value = json.loads(value)
        elif isinstance(value, str | int) and not isinstance(value, bool) and field.dtype is float:
            value = float(value)
        setattr(config, name, value)
    except Exception as exc:  # raised by the field itself, which may be anything
        msg = f"the configuration field {name} does not take {value!r:.60}"
        raise ValueError(msg) from exc
