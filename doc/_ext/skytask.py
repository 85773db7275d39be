# SPDX-License-Identifier: GPL-3.0-or-later
"""Directive ``skytask``: what a task takes, makes and can be told, as its own class says it."""

import importlib

from sphinx.util.docutils import SphinxDirective

from lsst.pex.config import ChoiceField, ConfigField, ConfigurableField

_GENERAL = ("connections", "saveLogOutput")
"""Fields that every task has."""
SUBTASKS = "Where the default is a class, the field is a subtask with a configuration of its own."
"""Below the table of a task that has any."""


class SkyTask(SphinxDirective):
    """Tables of connections and configuration of a task."""

    required_arguments = 1

    def run(self):
        """Return the sections."""
        module, _, name = self.arguments[0].rpartition(".")
        config = getattr(importlib.import_module(module), name).ConfigClass
        self.env.note_dependency(importlib.import_module(config.__module__).__file__)
        connections = config.ConnectionsClass
        lines = []
        inputs = [*connections.inputs, *connections.prerequisiteInputs]
        for title, names in (("Inputs", inputs), ("Outputs", connections.outputs)):
            lines += [f"## {title}", "", *connection_table(connections, sorted(names)), ""]
            if title == "Inputs":
                lines += [f"A quantum is {quantum(connections)}.", ""]
        lines += ["## Configuration", "", *config_table(config), ""]
        if any(isinstance(field, ConfigurableField) for field in config._fields.values()):
            lines += [SUBTASKS, ""]
        return self.parse_text_to_nodes("\n".join(lines), allow_section_headings=True)


def quantum(connections):
    """Say what a task is run on."""
    *first, last = sorted(connections.dimensions)
    return "one " + " and ".join(filter(None, [", ".join(first), last]))


def connection_table(connections, names):
    """Describe connections in a table."""
    yield "| connection | dataset type, storage class | per | what |"
    yield "|---|---|---|---|"
    for name in names:
        one = connections.allConnections[name]
        per = ", ".join(one.dimensions)
        yield f"| `{name}` | `{one.name}`, {one.storageClass} | {per} | {cell(one.doc)} |"


def config_table(config):
    """Describe fields in a table."""
    found = list(fields(config))
    if not found:
        yield "There is nothing to configure."
        return
    yield "| field | default | what |"
    yield "|---|---|---|"
    for name, default, doc in found:
        yield f"| `{name}` | {cell(default)} | {cell(doc)} |"


def fields(config, prefix=""):
    """Yield name, default and explanation of each field, nested ones too; of subtasks only the class."""
    defaults = config()
    for name, field in config._fields.items():
        if name in _GENERAL and not prefix:
            continue
        if isinstance(field, ConfigurableField):
            target = getattr(defaults, name).target
            yield prefix + name, f"`{target.__name__}`", field.doc
        elif isinstance(field, ConfigField):
            yield from fields(field.dtype, f"{prefix}{name}.")
        else:
            doc = field.doc
            if isinstance(field, ChoiceField):
                doc += " One of " + ", ".join(f"`{choice}`" for choice in field.allowed if choice) + "."
            yield prefix + name, f"`{getattr(defaults, name)!r}`", doc


def cell(text):
    """Make text fit into a cell of a table."""
    return " ".join(text.split()).replace("|", r"\|")


def setup(app):
    """Register the directive."""
    app.add_directive("skytask", SkyTask)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
