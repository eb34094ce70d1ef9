"""What may go into the jail: an allow-list. Everything else is refused before it is sent, as the author's mistake.

Functions travel by value: marshalled code with file names blanked, and the values that it closes over, each of which passes the
same list. So no reference code, expected value or proxy can slip in by way of a closure.
"""

from __future__ import annotations

import dis
import functools
import marshal
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.sandbox import wire

MODULES = ("jax", "numpy", "scipy", "optax", "course_lib", "math", "functools", "operator", "itertools")
_VERDICT_OPCODES = {"COMPARE_OP", "IS_OP", "CONTAINS_OP", "UNARY_NOT"}
_VERDICT_NAMES = {
    "allclose", "isclose", "array_equal", "array_equiv", "assert_allclose", "assert_array_equal", "assert_close",
    "isinstance", "issubclass", "hasattr", "callable",
}  # fmt: skip
_DEPTH = 20  # of nesting; a reply may be deeper
_PLAIN = (type(None), bool, int, float, complex, str, bytes, np.ndarray, np.generic, wire.PrngKey, wire.Reference)


class ProbeRefused(Exception):
    """An author's mistake: this probe or argument must not, or cannot, be sent. The message says why and what to do."""


class NotReturnable(ProbeRefused, ValueError):
    """A value that the student's code returned and that cannot go back in: its form is not what the test expects.

    An author meets it when the solution's own answer is of that kind; for a submission it is a wrong form, like any other.
    """


def sendable(fn: Callable) -> Callable:
    """Marks a function of a suite that contains nothing secret, so that probes may use it and tests may pass it.

    It is sent by value; whatever it uses must be sendable too.
    """
    fn.__sendable__ = True  # type: ignore[attr-defined]
    return fn


def as_argument(value: Any, depth: int = 0) -> Any:
    """`value` as the wire can carry it.

    Raises:
        NotReturnable: something in it can only be what the student's code returned, and must not go back in.
        ProbeRefused: something in it is not on the allow-list.
    """
    if depth > _DEPTH:
        raise NotReturnable(f"An argument is nested deeper than {_DEPTH} levels (or contains itself).")
    if type(value) in (list, tuple, set, frozenset):
        return type(value)(as_argument(v, depth + 1) for v in value)
    if type(value) is dict:
        return {as_argument(k, depth + 1): as_argument(v, depth + 1) for k, v in value.items()}
    if isinstance(value, _PLAIN) or type(value) in (wire.Raw, wire.Asked) or wire.is_jax_array(value):
        return value
    if isinstance(value, wire.Record) or (isinstance(value, tuple) and hasattr(type(value), "_fields")):
        raise NotReturnable(
            f"A NamedTuple ({type(value).__name__}) would arrive as a plain record: ask for it with `student.keep`, "
            "which returns a handle, and pass the handle."
        )
    if hasattr(type(value), "__sandbox_reference__"):
        return value.__sandbox_reference__()
    if isinstance(value, types.ModuleType):
        return _module(value)
    if isinstance(value, types.FunctionType):
        if not getattr(value, "__sendable__", False):
            raise ProbeRefused(
                f"The function `{value.__name__}` is not marked sendable. If it contains nothing that a student must not "
                "see, mark it with @sendable; reference code stays on this side."
            )
        return as_code(value)
    raise ProbeRefused(
        f"A {type(value).__name__} cannot be sent into the jail: send arrays, numbers, strings, containers of them, handles, "
        f"modules among {', '.join(MODULES[:5])}, or functions marked @sendable."
    )


def _module(module: types.ModuleType) -> wire.Module:
    if module.__name__.split(".")[0] not in MODULES:
        raise ProbeRefused(
            f"The module `{module.__name__}` is not sent into the jail; a probe may use {', '.join(MODULES)}."
        )
    return wire.Module(module.__name__)


def as_probe(fn: Callable) -> wire.Code:
    """A probe as code for the wire.

    Raises:
        ProbeRefused: it is no plain function, returns a verdict, or uses something that is not on the allow-list.
    """
    if not isinstance(fn, types.FunctionType):
        raise ProbeRefused(f"A probe is a lambda or a function defined in the test, not a {type(fn).__name__}.")
    verdict = _verdict(fn.__code__)
    if verdict:
        raise ProbeRefused(
            f"The probe returns a verdict ({verdict}). Return the value itself and compare it on this side, where "
            "student code cannot reach the comparison."
        )
    return as_code(fn)


@functools.lru_cache(maxsize=4096)
def _verdict(code: types.CodeType) -> str:
    """What makes the function's result a verdict; empty if nothing does."""
    last = ""
    for instruction in dis.get_instructions(code):
        if instruction.opname == "RETURN_VALUE" and last in _VERDICT_OPCODES:
            return "its last step is a comparison"
        last = instruction.opname
    names = sorted(_names(code) & _VERDICT_NAMES)
    return f"it uses {names[0]}" if names else ""


def _names(code: types.CodeType) -> set[str]:
    nested = (c for c in code.co_consts if isinstance(c, types.CodeType))
    return set(code.co_names).union(*(_names(c) for c in nested))


def as_code(fn: types.FunctionType) -> wire.Code:
    """A function by value, with everything it closes over checked against the allow-list."""
    captured = {}
    for name in _globals_used(fn.__code__):
        if name in fn.__globals__:
            captured[name] = _captured(fn, name, fn.__globals__[name])
    cells = {}
    for name, cell in zip(fn.__code__.co_freevars, fn.__closure__ or (), strict=True):
        try:
            contents = cell.cell_contents
        except ValueError:
            raise ProbeRefused(f"The probe uses `{name}` before it has a value.") from None
        cells[name] = _captured(fn, name, contents)
    defaults = tuple(as_argument(v) for v in fn.__defaults__ or ())
    kwdefaults = {k: as_argument(v) for k, v in fn.__kwdefaults__.items()} if fn.__kwdefaults__ else None
    return wire.Code(_marshalled(fn.__code__), captured, cells, defaults, kwdefaults, fn.__code__)


def _captured(fn: types.FunctionType, name: str, value: Any) -> Any:
    if value is fn:
        raise ProbeRefused(f"`{name}` calls itself: write it as a loop, or send it in pieces.")
    try:
        return as_argument(value)
    except ProbeRefused as refused:
        raise type(refused)(f"`{name}`, used in `{fn.__name__}`: {refused}") from None


@functools.lru_cache(maxsize=4096)
def _globals_used(code: types.CodeType) -> tuple[str, ...]:
    names = {i.argval for i in dis.get_instructions(code) if i.opname in ("LOAD_GLOBAL", "LOAD_NAME")}
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names |= set(_globals_used(constant))
    return tuple(sorted(names))


@functools.lru_cache(maxsize=4096)
def _marshalled(code: types.CodeType) -> bytes:
    return marshal.dumps(_blanked(code))


def _blanked(code: types.CodeType) -> types.CodeType:
    """The code without file names, test names and line numbers."""
    constants = tuple(_blanked(c) if isinstance(c, types.CodeType) else c for c in code.co_consts)
    name = code.co_name if code.co_name.startswith("<") else "probe"
    # Every instruction is on line 1. An empty table would mean "no line", and JAX's traceback filter, which runs when code under
    # jit raises, cannot take None for a line number: it would replace the student's error by one of its own.
    units = len(code.co_code) // 2
    table = b"".join(bytes([0x80 | 13 << 3 | min(8, units - at) - 1, 0]) for at in range(0, units, 8))
    return code.replace(
        co_filename="<probe>", co_name=name, co_qualname=name, co_firstlineno=1, co_linetable=table, co_consts=constants
    )
