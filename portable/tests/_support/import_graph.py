# SPDX-License-Identifier: GPL-3.0-or-later
"""Which module imports which, read off the source without running it.

Imports inside functions count, and so do relative ones, `importlib.import_module`, and the modules that a
package hands on when a name is first used. What is imported for type checkers alone does not: it is not
there when the program runs.
"""

import ast
import dataclasses
import pathlib
from collections.abc import Iterable, Iterator, Mapping

#: Stands for a name that is only known when the program runs.
UNREADABLE = "?"


@dataclasses.dataclass(frozen=True)
class Import:
    """One import statement, or one name of it."""

    source: str
    """Module that imports."""
    target: str
    """What is imported, absolute: a module, or a module and a name in it."""
    line: int
    """Line in the source."""
    in_function: bool = False
    """Whether it waits until a function is called."""
    handed_on: bool = False
    """Whether it waits until somebody asks the module for the name."""

    def __str__(self) -> str:
        return f"{self.source}:{self.line} imports {self.target}"


def module_name(path: pathlib.Path, root: pathlib.Path) -> str:
    """Name of the module in a file below a root of packages; that of the package for an ``__init__.py``."""
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


class _Reader(ast.NodeVisitor):
    """Collects the imports of one file."""

    def __init__(self, module: str, is_package: bool) -> None:
        self.module = module
        self.package = module if is_package else module.rpartition(".")[0]
        self.depth = 0
        self.found: list[Import] = []
        self.for_type_checkers: list[Import] = []
        self.has_getattr = False

    def _add(self, target: str, node: ast.stmt | ast.expr) -> None:
        self.found.append(Import(self.module, target, node.lineno, self.depth > 0))

    def _absolute(self, level: int, name: str | None) -> str:
        """Name of a module as seen from the top."""
        if not level:
            return name or ""
        above = self.package.split(".")
        base = above[: len(above) - level + 1]
        return ".".join([*base, *([name] if name else [])])

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._add(alias.name, node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = self._absolute(node.level, node.module)
        for alias in node.names:
            self._add(module if alias.name == "*" else f"{module}.{alias.name}", node)

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in ("import_module", "__import__"):
            argument = node.args[0] if node.args else None
            readable = isinstance(argument, ast.Constant) and isinstance(argument.value, str)
            text = argument.value if readable else UNREADABLE  # type: ignore[union-attr]
            level = len(text) - len(text.lstrip("."))
            self._add(self._absolute(level, text[level:]), node)
        self.generic_visit(node)

    def visit_If(self, node: ast.If) -> None:
        test = node.test
        name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", "")
        if name != "TYPE_CHECKING":
            self.generic_visit(node)
            return
        before, self.found = self.found, []
        for statement in node.body:
            self.visit(statement)
        self.for_type_checkers += self.found
        self.found = before
        for statement in node.orelse:
            self.visit(statement)

    def _visit_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> None:
        self.depth += 1
        self.generic_visit(node)
        self.depth -= 1

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.has_getattr |= node.name == "__getattr__" and self.depth == 0
        self._visit_function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._visit_function(node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._visit_function(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        # A __getattr__ of a class is none of the module.
        before = self.has_getattr
        self.generic_visit(node)
        self.has_getattr = before


def imports_of(path: pathlib.Path, module: str) -> list[Import]:
    """Every import of a file, in order of lines.

    A module with a ``__getattr__`` finds names of others when they are first used; it says which to type
    checkers, and these count here.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    reader = _Reader(module, path.name == "__init__.py")
    reader.visit(tree)
    assigned = any(
        isinstance(node, ast.Assign)
        and "__getattr__" in {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}
        for node in tree.body
    )
    late = reader.for_type_checkers if reader.has_getattr or assigned else []
    found = [*reader.found, *(dataclasses.replace(one, handed_on=True) for one in late)]
    return sorted(dict.fromkeys(found), key=lambda one: one.line)


@dataclasses.dataclass(frozen=True)
class Tree:
    """The modules below a root of packages, with their imports."""

    root: pathlib.Path
    imports: Mapping[str, list[Import]]

    @classmethod
    def read(cls, root: pathlib.Path) -> "Tree":
        """Read every file below a root."""
        paths = {module_name(path, root): path for path in sorted(root.rglob("*.py"))}
        return cls(root, {module: imports_of(path, module) for module, path in paths.items()})

    def __iter__(self) -> Iterator[Import]:
        for found in self.imports.values():
            yield from found


def module_of(target: str, modules: Iterable[str]) -> str | None:
    """The longest beginning of a target that is a module; None if it is none of these modules'."""
    known = set(modules)
    parts = target.split(".")
    for end in range(len(parts), 0, -1):
        if (name := ".".join(parts[:end])) in known:
            return name
    return None


def circles(trees: Iterable[Tree]) -> list[list[str]]:
    """Sets of modules each of which imports, by way of others, every other one.

    That to import a module runs the packages above it is not counted: whoever imports a private module of
    the same package would be in a circle with it.
    """
    imports = {module: found for tree in trees for module, found in tree.imports.items()}
    edges: dict[str, set[str]] = {}
    for module, found in imports.items():
        targets = {module_of(one.target, imports) for one in found}
        edges[module] = {target for target in targets if target is not None}
    return sorted(
        sorted(group) for group in _strongly_connected(edges) if len(group) > 1 or group[0] in edges[group[0]]
    )


def _strongly_connected(edges: Mapping[str, set[str]]) -> list[list[str]]:
    """Tarjan's algorithm, without recursion."""
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []
    for start in edges:
        if start in number:
            continue
        work = [(start, iter(sorted(edges[start])))]
        number[start] = lowest[start] = len(number)
        stack.append(start)
        while work:
            node, targets = work[-1]
            for target in targets:
                if target not in number:
                    number[target] = lowest[target] = len(number)
                    stack.append(target)
                    work.append((target, iter(sorted(edges[target]))))
                    break
                if target in stack:
                    lowest[node] = min(lowest[node], number[target])
            else:
                work.pop()
                if work:
                    above = work[-1][0]
                    lowest[above] = min(lowest[above], lowest[node])
                if lowest[node] == number[node]:
                    cut = stack.index(node)
                    found.append(stack[cut:])
                    del stack[cut:]
    return found


def has_comment(tree: Tree, one: Import) -> bool:
    """Whether an import has a comment, on its line or on the one before."""
    path = tree.root.joinpath(*one.source.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    lines = ["", *file.read_text(encoding="utf-8").splitlines()]
    return "  # " in lines[one.line] or lines[one.line - 1].lstrip().startswith("# ")


def private_owner(target: str) -> str | None:
    """Package that keeps a name to itself: what stands before the first part that begins with ``_``."""
    parts = target.split(".")
    for place, part in enumerate(parts):
        if part.startswith("_") and not (part.startswith("__") and part.endswith("__")):
            return ".".join(parts[:place])
    return None


def is_within(module: str, package: str) -> bool:
    """Whether a module is a package or in it."""
    return module == package or module.startswith(f"{package}.")


def borrowed_privates(tree: Tree) -> list[Import]:
    """Imports of private modules and names from outside the package that they belong to."""
    found = []
    for one in tree:
        owner = private_owner(one.target)
        if owner is not None and not is_within(one.source, owner):
            found.append(one)
    return found


def layer(module: str, layers: Iterable[str]) -> int | None:
    """Place of a module among layers, that of the longest name that fits; None for what is in none."""
    fitting = [(len(package), place) for place, package in enumerate(layers) if is_within(module, package)]
    return max(fitting)[1] if fitting else None


def upward(tree: Tree, layers: Iterable[str]) -> list[Import]:
    """Imports of a layer that stands above the module's own."""
    layers = tuple(layers)
    found = []
    for one in tree:
        own, place = layer(one.source, layers), layer(one.target, layers)
        if own is not None and place is not None and place > own:
            found.append(one)
    return found
