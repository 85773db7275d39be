# SPDX-License-Identifier: GPL-3.0-or-later
"""Sphinx configuration: ``sphinx-build -W -n doc OUT``."""

import builtins
import pathlib
import sys

DOC = pathlib.Path(__file__).parent
sys.path.insert(0, str(DOC / "_ext"))

project = "cp_sky"
author = "the authors of cp_sky"
copyright = author
release = version = (DOC.parent / "portable" / "VERSION").read_text().strip()

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "mathml",
    "names",
    "references",
    "repository",
    "skytask",
]
exclude_patterns = ["_*", "changes", "notebooks"]
html_theme = "furo"
html_title = f"cp_sky {release}"
html_static_path = ["_static"]
html_css_files = ["cp_sky.css"]
html_copy_source = False
html_show_sphinx = False
highlight_language = "text"  # of blocks that do not say
pygments_style = "friendly"

# Markdown, as GitHub understands it: anchors of headings, $formulas$.
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4
html_math_renderer = "mathml"

default_role = "py:obj"
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # docstrings name the types, with shapes and units
numpydoc_show_class_members = False  # autodoc lists them

# What belongs to others is not looked up, because that would need a network.
_OTHERS = "astropy|click|collections|dataclasses|datetime|enum|jinja2|matplotlib|numpy|os|pathlib|typing"
nitpick_ignore_regex = [
    (r"py:.*", rf"({_OTHERS})\..*"),
    (r"py:.*", r"lsst\.(?!cp\.sky\b).*"),
    (r"py:.*", "|".join(vars(builtins))),
]


def skip(app, what, name, member, skip, options):
    """Leave tasks, their configuration and their connections to the pages of the tasks."""
    return True if what == "module" and name.startswith("CpSky") and not name.endswith("Error") else None


def setup(app):
    """Register what is above."""
    app.connect("autodoc-skip-member", skip)
