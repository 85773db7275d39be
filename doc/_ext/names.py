# SPDX-License-Identifier: GPL-3.0-or-later
"""Long names in tables and titles may break between their words, and nowhere else."""

import re

from docutils import nodes

#: Before a capital letter after a small one, and after a dot, an underscore or a slash.
_BETWEEN = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[._/])(?=\w)")


def allow_breaks(app, doctree, name):
    """Put a place to break between the words of each name."""
    if app.builder.format != "html":
        return
    names = [one for table in doctree.findall(nodes.table) for one in table.findall(nodes.literal)]
    names += [title for title in doctree.findall(nodes.title) if " " not in title.astext()]
    for one in names:
        first, *rest = _BETWEEN.split(one.astext())
        one.clear()
        one += nodes.Text(first)
        for word in rest:
            one += [nodes.raw("", "<wbr>", format="html"), nodes.Text(word)]


def setup(app):
    """Register the listener."""
    app.connect("doctree-resolved", allow_breaks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
