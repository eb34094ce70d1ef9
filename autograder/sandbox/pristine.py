"""Runs inside the jail: the libraries as they were before student code ran, for probes.

A notebook may replace `jax.grad` in the module that everybody shares. Probes get modules of their own, made in the warm parent:
the same functions under the same names, which an assignment to the student's module does not reach. Nothing in one process is out
of reach for good, so a probe's word is still no verdict: see docs/writing-tests.md. Imports nothing of ours.
"""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Iterable, Iterator
from typing import Any

# Libraries that probes may name.
ROOTS = ("jax", "numpy", "scipy", "optax", "course_lib", "math", "functools", "operator", "itertools")
_shadows: dict[str, types.ModuleType] = {}
_CODE_KEPT = ("jax", "optax")  # looked at before every probe: a tenth of a millisecond
_code: list[tuple[types.FunctionType, types.CodeType]] = []


class _Shadow(types.ModuleType):
    """A module's names at the time of the snapshot. A submodule that nobody had imported then is imported when asked for."""

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_"):
            try:
                return importlib.import_module(f"{self.__name__}.{name}")
            except ImportError:
                pass
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")


def keep() -> None:
    """Takes the snapshot: every public module below `ROOTS` that is loaded. To be called before any code of a student's."""
    originals = {name: m for name, m in list(sys.modules.items()) if _is_public(name) and isinstance(m, types.ModuleType)}
    _shadows.update({name: _Shadow(name) for name in originals})
    of = {id(module): _shadows[name] for name, module in originals.items()}
    seen: set[int] = set()
    for name, module in originals.items():
        names = {k: of.get(id(v), v) for k, v in vars(module).items()}
        vars(_shadows[name]).update(names)
        if name.split(".")[0] in _CODE_KEPT:
            _code.extend((function, function.__code__) for function in _plain_functions(names.values(), seen))


def module(name: str) -> types.ModuleType:
    """The module for a probe. Functions of JAX whose code was exchanged have theirs back."""
    for function, code in [pair for pair in _code if pair[0].__code__ is not pair[1]]:
        function.__code__ = code
    return _shadows.get(name) or importlib.import_module(name)


def _is_public(name: str) -> bool:
    first, *rest = name.split(".")
    return first in ROOTS and not any(part.startswith("_") for part in rest)


def _plain_functions(values: Iterable[Any], seen: set[int]) -> Iterator[types.FunctionType]:
    """The functions written in Python, and those that they wrap; each once."""
    for value in values:
        while isinstance(value, types.FunctionType) and id(value) not in seen:
            seen.add(id(value))
            yield value
            value = getattr(value, "__wrapped__", None)
