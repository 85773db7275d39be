# SPDX-License-Identifier: GPL-3.0-or-later
"""A name of ours is found from every module, if there is only one of that name."""


def find(app, env, node, content):
    """Resolve a reference that its own module does not explain."""
    if node.get("refdomain") != "py":
        return None
    domain = env.domains["py"]
    found = [name for name in domain.objects if name.endswith(f".{node['reftarget']}")]
    if len(found) != 1:
        return None
    return domain.resolve_xref(env, node["refdoc"], app.builder, "obj", found[0], node, content)


def setup(app):
    """Register the listener."""
    app.connect("missing-reference", find)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
