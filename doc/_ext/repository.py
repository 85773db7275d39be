# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of the repository that are not below ``doc``: pages include some, links lead to those pages.

A link such as ``../benchmarks/README.md`` is right where the repository is looked at; here it goes to the
page that includes the file. Any other file is offered for download.
"""

import os
import pathlib
import re

DOC = pathlib.Path(__file__).resolve().parents[1]
#: Page that includes a file, relative to ``doc``; both as in links.
PAGES = {
    "../benchmarks/README.md": "project/benchmarks.md",
    "../CHANGELOG.md": "project/changelog.md",
    "../CONTRIBUTING.md": "project/contributing.md",
    "../pipelines/README.md": "project/pipelines.md",
    "../portable/README.md": "project/portable.md",
    "../README.md": "index.md",
    "../SECURITY.md": "project/security.md",
    "../portable/tests/data/golden/README.md": "project/goldens.md",
    "changes/README.md": "project/changes.md",
}
_LINK = re.compile(r"(?<=\]\()([^)#:\s]+)(?=[)#])")


def rewrite(text, file, page):
    """Return text of a file of the repository with links that are right on a page of the site.

    Files and pages are relative to ``doc``.
    """

    def lead(match):
        target = os.path.relpath(DOC / os.path.dirname(file) / match[1], DOC)
        target = PAGES.get(target, target)
        if (DOC / target).is_dir():
            target = f"{target}/README.md"
        return os.path.relpath(target, os.path.dirname(page) or ".")

    return _LINK.sub(lead, text)


def read(app, name, content):
    """Fill a page that is to include a file, and lead links to such pages."""
    page = f"{name}.md"
    file = next((file for file, one in PAGES.items() if one == page and file != "../README.md"), None)
    if file:
        content[0] = (DOC / file).read_text(encoding="utf-8")
        app.env.note_dependency(str(DOC / file))
    if pathlib.Path(app.env.doc2path(name)).suffix == ".md":
        content[0] = rewrite(content[0], file or page, page)


def setup(app):
    """Register the listener."""
    app.connect("source-read", read)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
