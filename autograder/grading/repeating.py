"""A recorded call as a small program: pasted into the student's notebook, it makes the call again.

Everything in it crossed into the student's process: arguments, the functions that were passed and the test's program around the
student's functions, as source. What stayed on this side (expected values, functions that were only asked) is not in it; of a
function that was asked, its answers are.
"""

from __future__ import annotations

import ast
import builtins
import functools
import keyword
import re
import textwrap
from collections.abc import Sequence
from typing import Any

from autograder.grading.function_source import Definition, attributes_of, has_plain_parameters, with_defaults, without_namespace
from autograder.grading.literals import UNPACK, Unwritable, Writer, layout
from autograder.grading.sent_values import definition_or_raise, definition_sent, needed, notebook_names, same, walk
from autograder.sandbox import wire
from autograder.sandbox.call_records import CallRecord
from autograder.sandbox.remote import Remembering

MOST_CHARS = 150_000
_NAME = "repeat_this_call"  # rarely a name of the notebook's
_OURS = {"jax": "jax", "jnp": "jax.numpy", "np": "numpy"}
_NOTEBOOK = "__main__"  # the module that a notebook's names live in
_WORDS = frozenset({*dir(builtins), *keyword.kwlist, *_OURS, "base64", "itertools", "notebook", "zlib", "unpack", _NAME})
_ASKED = '''
def {name}(*values):
    for given, answer in [{answers}
    ]:
        if jax.tree.all(jax.tree.map(np.allclose, given, values)):
            return answer
    raise ValueError("when this was checked, nobody asked for these values")
'''


class _Taken(Exception):
    """A name of the program is also one of the notebook's that it calls: these must be written with their module."""


class _Clash(Exception):
    """Two functions mean different things by one name: the second one needs a scope of its own."""


def program(calls: Sequence[CallRecord], last: int, x64: bool, most: int = MOST_CHARS) -> str:
    """A program that repeats one call.

    Args:
        calls: of one test, in order.
        last: index of the call in question. Calls whose objects it uses are repeated before it.
        x64: the notebook computes in double precision.
        most: characters.

    Returns:
        Source that defines a function and calls it, and leaves every other name of the notebook alone. "" where the call
        cannot be written down: a value too large, a function without source.
    """
    try:
        chosen = needed(calls, last)
        for qualified in (False, True):
            try:
                text = _Scope(x64, chosen, qualified).program(chosen)
            except _Taken:
                continue
            return text if len(text) <= most else ""
    except (Unwritable, _Clash, RecursionError):
        pass
    return ""


def expression(record: CallRecord) -> str:
    """The call in the words of code where the test's program is one expression of some length, else in `record`'s words."""
    code = record.arguments.get("fn")
    if record.labelled or not isinstance(code, wire.Code):
        return record.expression
    node = definition_sent(code)
    if not isinstance(node, ast.Lambda) or not node.args.args:
        return record.expression
    own = node.args.args[0].arg
    if {a.attr for a in attributes_of(node, own)} & {*code.captured, *code.cells}:
        return record.expression
    direct = without_namespace(node, own)
    text = ast.unparse(direct.body) if direct is not None else ""
    return text if 0 < len(text) <= 160 else record.expression


# ------------------------------------------------------------------------------------------------------------ the program


class _Scope(Writer):
    """The body of one function: its lines so far, and what its names stand for."""

    def __init__(self, x64: bool, records: Sequence[CallRecord], qualified: bool, outer: _Scope | None = None):
        super().__init__(x64)
        self._records, self._qualified, self._outer = records, qualified, outer
        self._notebook = frozenset() if qualified else frozenset(notebook_names(records))
        self._named: dict[str, Any] = {}  # name -> what it stands for, as it crossed
        self._handles: dict[int, str] = {}
        self._imports: dict[str, str] = {}
        self._lines: list[str] = []
        self._tools: set[str] = set()

    def program(self, records: Sequence[CallRecord]) -> str:
        for record in records[:-1]:
            name = self._free("made")
            self._named[name] = record
            self._lines.append(f"{name} = {self._call(record)}")
            self._handles |= {key: f"{name}{path}" for key, path in record.handles.items()}
        result = self._call(records[-1])
        body = "\n".join([*self._heads(), *self._lines, f"return {result}"])
        body = re.sub(r"\n{3,}", "\n\n", body)
        return f"def {_NAME}():\n{textwrap.indent(body, '    ')}\n\n\n{_NAME}()\n"

    def _heads(self) -> list[str]:
        """Imports and helpers that the lines need."""
        tools = self._tools | ({"base64", "zlib"} if self.unpacks else set())
        named = self._imports | {m: _OURS[m] for m in self.modules} | {t: t for t in tools}
        lines = [f"import {m}" if n == m else f"import {m} as {n}" for n, m in sorted(named.items(), key=lambda i: i[1])]
        return [*lines, *([""] if lines else []), *([UNPACK] if self.unpacks else [])]

    # ---- one call

    def _call(self, record: CallRecord) -> str:
        op, given = record.op, record.arguments
        if op == "call":
            return self._called(record, given["fn"], given["args"], given["kwargs"])
        if op == "get":
            return self._own(given["name"])
        if op == "has":
            self._imports["notebook"] = _NOTEBOOK
            return f"hasattr(notebook, {given['name']!r})"
        of = self.expression(given["of"])
        if op == "attribute":
            return f"{of}.{given['name']}"
        if op == "item":
            return f"{of}[{self.expression(given['key'])}]"
        if op == "items":
            self._tools.add("itertools")
            return f"list(itertools.islice({of}, {given['limit']}))"
        return of

    def _called(self, record: CallRecord, fn: Any, args: Sequence, kwargs: dict) -> str:
        if isinstance(fn, wire.Code) and args and args[0] == wire.Reference(0):
            return self._probe(fn, args[1:])
        names = [name if name.isidentifier() else f"x{i + 1}" for i, (name, _) in enumerate(record.inputs)]
        shown = [self._bound(name, value) for name, value in zip(names, args, strict=False)]
        shown += [f"{name}={self._bound(name, value)}" for name, value in kwargs.items()]
        return layout(f"{self._own(fn) if isinstance(fn, str) else self.expression(fn)}(", shown, ")")

    def _own(self, name: str) -> str:
        """A name of the notebook's."""
        if not self._qualified:
            return name
        self._imports["notebook"] = _NOTEBOOK
        return f"notebook.{name}"

    def _probe(self, code: wire.Code, args: Sequence) -> str:
        node = definition_or_raise(code)
        own = node.args.args[0].arg if node.args.args else ""
        if not self._qualified:
            direct = without_namespace(node, own)
            if direct is None:
                raise _Taken
            node = direct
        else:
            self._imports[own] = _NOTEBOOK
            self._named[own] = wire.Module(_NOTEBOOK)
            node.args.args.pop(0)
            if any(isinstance(n, ast.arg) and n.arg == own for n in ast.walk(node)):
                raise Unwritable("a parameter that hides the notebook")
        parameters = [a.arg for a in node.args.args]
        simple = isinstance(node, ast.Lambda) and len(args) == len(parameters) and has_plain_parameters(node)
        if simple and all(map(self._may_claim, parameters, args)):
            before = self._state()
            try:
                for name, value in zip(parameters, args, strict=True):
                    self._assign(name, value)
                self._capture(code)
                return ast.unparse(node.body)
            except _Clash:  # an argument has the name of a helper
                self._back_to(before)
        shown = [self._bound(name, value) for name, value in zip([*parameters, *["x"] * len(args)], args, strict=False)]
        return layout(f"{self._function(code, node, 'probe')}(", shown, ")")

    # ---- values

    def _bound(self, name: str, value: Any) -> str:
        """An argument: itself where it is short, else a variable of that name or a similar one."""
        if isinstance(value, wire.Code):
            return self._function(value, definition_or_raise(value), name)
        text = self.expression(value)
        if len(text) <= 24 or text.isidentifier():
            return text
        name = self._free(name)
        self._named[name] = value
        self._lines.append(f"{name} = {text}")
        return name

    def _free(self, name: str) -> str:
        taken = lambda n: n in self._named or n in self._notebook or n in _WORDS or n in self._captured_names
        return next(n for n in (name, *(f"{name}_{i}" for i in range(2, 1000))) if not taken(n))

    @functools.cached_property
    def _captured_names(self) -> set[str]:
        """Names that functions of the program bring along: variables must not take them first."""
        codes = [c for record in self._records for c in walk(record.arguments) if isinstance(c, wire.Code)]
        return {name for code in codes for name in (*code.captured, *code.cells)}

    def _may_claim(self, name: str, value: Any) -> bool:
        if name in self._notebook or name in _WORDS:
            return False
        return name not in self._named or same(self._named[name], value)

    def _assign(self, name: str, value: Any) -> None:
        if name not in self._named:
            self._named[name] = None  # nothing that its own expression defines may have this name
            self._lines.append(f"{name} = {self.expression(value)}")
            self._named[name] = value

    def _state(self) -> tuple:
        return dict(self._named), dict(self._imports), len(self._lines)

    def _back_to(self, state: tuple) -> None:
        self._named, self._imports = dict(state[0]), dict(state[1])
        del self._lines[state[2] :]

    def special(self, value: Any) -> str:
        if type(value) is wire.Reference and value.key in self._handles:
            return self._handles[value.key]
        if type(value) is wire.Reference and value.key == 0:
            raise _Taken  # the whole notebook as an argument
        if type(value) is wire.Code:
            return self._function(value, definition_or_raise(value), "function")
        if type(value) is wire.Module:
            return f"__import__('importlib').import_module({value.name!r})"
        if type(value) is wire.Asked:
            return self._asked(value)
        raise Unwritable(type(value).__name__)

    def _asked(self, value: wire.Asked) -> str:
        """A function that answers what the test's own answered; its source is the test's."""
        if not isinstance(value.function, Remembering) or value.function.forgot:
            raise Unwritable("a function that was asked")
        if all(answer is None for _, answer in value.function.answers):
            return "lambda *values: None"
        name = self._free("answer")
        self._named[name] = value
        self.modules |= {"jax", "np"}
        pairs = [f"({self.expression(given)}, {self.expression(answer)})," for given, answer in value.function.answers]
        answers = textwrap.indent("\n" + "\n".join(pairs), " " * 8)
        self._lines.append(_ASKED.format(name=name, answers=answers))
        return name

    # ---- functions

    def _function(self, code: wire.Code, node: Definition, hint: str) -> str:
        """An expression for a function that was sent; defined before, if it is no lambda."""
        before = self._state()
        try:
            return self._defined(code, node, hint)
        except _Clash:
            self._back_to(before)
        inner = _Scope(self._x64, self._records, self._qualified, self)
        inner._handles = self._handles
        result = inner._defined(code, node, hint)
        self.modules |= inner.modules
        self.unpacks |= inner.unpacks
        self._tools |= inner._tools
        name = self._free(f"make_{hint}")
        self._named[name] = code
        imports = [f"import {m} as {n}" for n, m in inner._imports.items()]
        body = textwrap.indent("\n".join([*imports, *inner._lines, f"return {result}"]), "    ")
        self._lines.append(f"\ndef {name}():\n{body}\n")
        return f"{name}()"

    def _defined(self, code: wire.Code, node: Definition, hint: str) -> str:
        self._capture(code)
        node = with_defaults(node, code.defaults, code.kwdefaults, self.expression)
        if isinstance(node, ast.Lambda):
            return f"({ast.unparse(node)})" if hint == "probe" else ast.unparse(node)
        if same(self._named.get(node.name), code):
            return node.name
        node.name = node.name if self._may_claim(node.name, code) else self._free(node.name)
        self._named[node.name] = code
        self._lines.append(f"\n{ast.unparse(node)}\n")
        return node.name

    def _capture(self, code: wire.Code) -> None:
        """Gives the function's global and closed-over names their values here."""
        for name, value in {**code.captured, **code.cells}.items():
            if isinstance(value, wire.Module):
                self._import(name, value)
                continue
            if name in self._notebook:
                raise _Taken
            if name in self._named and not same(self._named[name], value):
                raise _Clash
            if name in self._named:
                continue
            if isinstance(value, wire.Code):
                self._define_as(name, value)
            else:
                self._assign(name, value)

    def _import(self, name: str, module: wire.Module) -> None:
        if _OURS.get(name) == module.name:
            self.modules.add(name)
        elif name in _OURS or name in self._notebook or not same(self._named.get(name, module), module):
            raise _Clash
        else:
            self._named[name] = module
            self._imports[name] = module.name

    def _define_as(self, name: str, code: wire.Code) -> None:
        """Binds exactly this name to a function."""
        node = definition_or_raise(code)
        if isinstance(node, ast.FunctionDef):
            node.name = name
        self._capture(code)
        if name in self._named and not same(self._named[name], code):
            raise _Clash
        node = with_defaults(node, code.defaults, code.kwdefaults, self.expression)
        self._named[name] = code
        self._lines.append(f"{name} = {ast.unparse(node)}" if isinstance(node, ast.Lambda) else f"\n{ast.unparse(node)}\n")
