"""The structure of the package: what is private, what a room exports, and that no name means two things."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = sorted((ROOT / "extractor").rglob("*.py"))
OTHERS = [
    path for folder in ("tests", "benchmarks", "corpus", "docs") for path in sorted((ROOT / folder).rglob("*.py"))
]
OTHERS += [ROOT / "conftest.py"]
TEXTS = [ROOT / "README.md", ROOT / "pyproject.toml", *sorted((ROOT / "docs").rglob("*.md"))]
# Documented by these names, as their room must not load scikit-learn and spaCy for everybody
DOCUMENTED = {"extractor.label.component", "extractor.label.estimator"}
COMMAND = {"EXAMPLE", "add_options", "run"}  # what each file of cli/commands has: one idea, called by its module's name


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


MODULES = {module_of(path): path for path in PACKAGE}
ROOMS = {name for name, path in MODULES.items() if path.name == "__init__.py" and name != "extractor"}


@cache
def names_in(path: Path) -> frozenset[str]:
    """The names that a module defines itself, at its top level."""
    names = set()
    for node in tree_of(path).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        names |= {name.id for target in targets if target for name in ast.walk(target) if isinstance(name, ast.Name)}
    return frozenset(name for name in names if not name.startswith("__"))


def imports_in(path: Path) -> Iterator[tuple[str, str]]:
    """What a file imports from the package: (module, name)."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "extractor":
            yield from ((node.module, alias.name) for alias in node.names)


def room_of(module: str) -> str:
    """The innermost room that a module is in, "" for the ground floor."""
    parents = [module.rsplit(".", cut)[0] for cut in range(module.count(".") + 1)]
    return next((name for name in parents if name in ROOMS), "")


def may_look_inside(path: Path, room: str) -> bool:
    """Whether a file is in a room, or among the tests of it."""
    inside = f"{room.replace('.', '/')}/"
    tests = f"tests/{room.split('.')[1]}"
    here = path.relative_to(ROOT).as_posix()
    return here.startswith((inside, f"{tests}/", f"{tests}.", f"{tests.replace('tests/', 'tests/test_')}."))


def test_no_file_imports_past_the_init_of_a_room():
    past = [
        f"{path.relative_to(ROOT)}: from {module} import {name}"
        for path in (*PACKAGE, *OTHERS)
        for module, name in imports_in(path)
        if module not in ROOMS | DOCUMENTED and (room := room_of(module)) and not may_look_inside(path, room)
    ]
    assert past == []


def test_no_file_imports_a_private_name():
    private = [
        f"{path.relative_to(ROOT)}: from {module} import {name}"
        for path in PACKAGE
        for module, name in imports_in(path)
        if name.startswith("_") and name != "__version__"
    ]
    assert private == []


def test_the_init_of_each_room_says_what_it_is_and_lists_what_it_exports():
    for room in sorted(ROOMS):
        tree = tree_of(MODULES[room])
        assert ast.get_docstring(tree), room
        imported = {name for _, name in imports_in(MODULES[room])}
        listed = [node.value for node in tree.body if isinstance(node, ast.Assign) and node.targets[0].id == "__all__"]
        assert {name for value in listed for name in ast.literal_eval(value)} == imported, room


def test_no_public_name_means_two_things():
    owners = defaultdict(list)
    for module, path in MODULES.items():
        for name in names_in(path):
            if not (name.startswith("_") or (name in COMMAND and module.startswith("extractor.cli.commands."))):
                owners[name].append(module)
    assert {name: modules for name, modules in owners.items() if len(modules) > 1} == {}


def test_what_no_other_file_mentions_is_private():
    words = {path: set(ast_words(path)) for path in (*PACKAGE, *OTHERS)}
    texts = " ".join(path.read_text(encoding="utf-8") for path in TEXTS)
    alone = [
        f"{module}.{name}"
        for module, path in MODULES.items()
        for name in names_in(path)
        if not name.startswith("_") and module not in ("extractor.records", "extractor.errors")
        if not any(name in found for file, found in words.items() if file != path) and name not in texts
    ]
    assert alone == []


def ast_words(path: Path) -> Iterator[str]:
    """The names and attributes that a file uses, and its strings, which patches name things by."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.alias):
            yield node.name
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 200:
            yield node.value.rpartition(".")[2]
