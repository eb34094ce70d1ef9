"""Follows what a notebook reaches into the student's own modules: files beside it, and those that `%%writefile` cells write.

Reads text only; nothing is run. What is imported from a module that is neither theirs nor a library cannot be decided by reading.
"""

from __future__ import annotations

import functools
import importlib.metadata
import re
import sys
from collections import deque
from collections.abc import Iterator, Mapping

from course_lib.name_resolution import Program, TooTangled, Use

_MOST = 2_000  # (module, name) pairs of one question
_WRITES = re.compile(r"\s*+%%(?:writefile|file)[ \t]++((?:-\S++[ \t]++)*+)([^\s]++)[^\n]*+(?:\n|\Z)")
_LIBRARIES = frozenset({
    "jax", "numpy", "scipy", "optax", "course_lib", "jaxtyping", "matplotlib", "sklearn", "networkx", "<builtin>",
})  # fmt: skip


def written_modules(cells: list[str]) -> dict[str, str]:
    """Dotted name -> source of the Python files that cells write by `%%writefile` (with `-a`, one behind the other)."""
    files: dict[str, str] = {}
    for cell in cells:
        if (match := _WRITES.match(cell)) and match[2].endswith(".py"):
            parts = match[2].removesuffix(".py").strip("\"'").removeprefix("./").split("/")
            name = ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)
            before = files.get(name, "") if "-a" in match[1].split() else ""
            files[name] = before + cell[match.end() :]
    return files


def uses(notebook: Program, names: tuple[str, ...], modules: Mapping[str, str]) -> Iterator[tuple[Use, str]]:
    """(use, module) of all that `names` of the notebook reach; the module is "" in the notebook itself.

    Raises:
        TooTangled: as `Program.uses`.
    """
    programs = {"": notebook}
    waiting: deque[tuple[str, str, str]] = deque(("", name, "") for name in names)
    seen: set[tuple[str, str, str]] = set()
    while waiting:
        place = waiting.popleft()
        if place in seen:
            continue
        seen.add(place)
        if len(seen) > _MOST:
            raise TooTangled
        module, name, rest = place
        if module not in programs:
            programs[module] = Program([modules[module]], _package(module, modules))
        program = programs[module]
        for use in (*program.uses((name,)), *program.exports(name, rest)):
            inner = _inside(use.name, modules)
            if inner is None:
                yield use, module
                if not use.dynamic and is_unknown(use.name):
                    name = f"{use.name}, of a module that is no library here and was not handed in"
                    yield Use(use.cell, use.line, name, use.written, True), module
            elif inner[1] == "*":
                yield Use(use.cell, use.line, f"{use.name} as a value", use.written, True), module
            else:
                waiting.append(inner)


def _package(module: str, modules: Mapping[str, str]) -> str:
    is_package = any(other.startswith(module + ".") for other in modules)
    return module if is_package else module.rpartition(".")[0]


def _inside(dotted: str, modules: Mapping[str, str]) -> tuple[str, str, str] | None:
    """(module, name, the rest) where a dotted name leads into one of the student's modules; `*`: the module itself."""
    parts = dotted.split(".")
    for n in range(len(parts), 0, -1):
        module = ".".join(parts[:n])
        if module in modules:
            rest = parts[n:]
            return (module, rest[0], "".join(f".{p}" for p in rest[1:])) if rest else (module, "*", "")
    return None


def is_unknown(dotted: str) -> bool:
    """Whether a dotted name begins with a module that is no library here, and nothing that reading can follow."""
    root = dotted.partition(".")[0]
    return not (root in _LIBRARIES or root in sys.stdlib_module_names or not root.isidentifier() or root in _installed())


@functools.cache
def _installed() -> frozenset[str]:
    return frozenset(importlib.metadata.packages_distributions())
