"""The house stands as docs/architecture.md draws it: imports lead down or stay in their room, and none leads in a circle."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from autograder.cli import _COMMANDS, main

ROOT = Path(__file__).parents[1]
LONGEST = 400
# From the ground up; a room is a package, or a module of autograder/ itself. Rooms of one floor do not import each other.
FLOORS = (
    ("course_lib", "errors", "garbage", "gradebook_place", "interrupts", "locks", "model", "toml_lines", "wording"),
    ("files", "platforms", "secret", "temporary", "toml_table", "week_folders"),
    ("course_about", "late_rules", "report", "sandbox", "term"),
    ("course", "roster"),
    ("lock",),
    ("notebook",),
    ("grading", "platforms.nbgrader", "similarity"),
    ("marks", "readiness", "release", "testing", "verify"),
    ("results",),
    ("gradebook",),
    ("mark_page", "packaging"),
    ("commands",),
    ("cli",),
)
# Two parts of one room: what is outside of the walls, and what is inside.
WITHIN = {"sandbox.jail": "sandbox", "packaging.in_container": "packaging"}


def modules(root: Path = ROOT) -> dict[str, Path]:
    """Dotted name -> file, of everything that is installed."""
    files = [p for package in ("autograder", "course_lib") for p in (root / package).rglob("*.py")]
    return {".".join(p.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): p for p in files}


def imports(path: Path, known: dict[str, Path]) -> set[str]:
    """Our modules that a file imports, inside functions and for annotations too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {a.name for a in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path} imports relatively: write the whole name"
            found |= {f"{node.module}.{a.name}" if f"{node.module}.{a.name}" in known else str(node.module) for a in node.names}
    return found & known.keys()


def room(module: str, path: Path) -> str:
    if module.startswith("course_lib"):
        return "course_lib"
    inner = module.removeprefix("autograder").removeprefix(".")
    package = inner if path.name == "__init__.py" else inner.rpartition(".")[0]
    return WITHIN.get(package, package) or inner


def wrong_imports(root: Path = ROOT) -> list[str]:
    """Imports that do not lead down, and circles of modules, in words."""
    known, floor = modules(root), {r: n for n, rooms in enumerate(FLOORS) for r in rooms}
    graph = {m: imports(path, known) - {m} for m, path in known.items() if m != "autograder"}
    found = []
    for module, targets in graph.items():
        here = room(module, known[module])
        for target in targets - {"autograder"}:
            there = room(target, known[target])
            if here != there and floor[there] >= floor[here]:
                found.append(f"{module} imports {target}, which stands on the same floor or above")
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        found.append("a circle: " + " -> ".join(error.args[1]))
    return found


def test_imports_lead_down_and_never_in_a_circle():
    assert wrong_imports() == []


@pytest.mark.parametrize(
    ("file", "line", "said"),
    [
        ("autograder/sandbox/process.py", "import autograder.grading.engine", "process imports autograder.grading.engine"),
        ("autograder/commands/mark.py", "def f():\n    from autograder.cli import main", "commands.mark imports autograder.cli"),
        ("course_lib/bans.py", "import course_lib.checks", "a circle: "),
    ],
)  # fmt: skip
def test_an_import_that_leads_up_is_found(tmp_path, file, line, said):
    for path in modules().values():
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(path.read_text())
    with open(tmp_path / file, "a") as out:
        out.write(f"\n{line}\n")
    assert any(said in words for words in wrong_imports(tmp_path)), wrong_imports(tmp_path)


def test_a_module_says_what_it_is_for_and_is_short():
    for module, path in modules().items():
        text = path.read_text()
        if text.strip():
            assert ast.get_docstring(ast.parse(text)), f"{module} does not begin with what it is for"
        assert len(text.splitlines()) <= LONGEST, f"{module} has {len(text.splitlines())} lines"


def test_the_list_of_commands_says_what_each_says_of_itself():
    for name, words in _COMMANDS.items():
        command = main.get_command(None, name)  # type: ignore[arg-type]
        assert command is not None and command.get_short_help_str(200) == words, name
