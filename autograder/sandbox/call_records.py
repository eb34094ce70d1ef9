"""The calls of one test as they crossed into the jail, and which of the notebook's names they used."""

from __future__ import annotations

import dis
import functools
import itertools
import types
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from autograder.sandbox import wire
from autograder.sandbox.errors import JailError

_HELD_CALLS = 40
_HELD_OUTPUTS = 4  # a reply may be tens of megabytes


@dataclass
class CallRecord:
    """One call as it happened, values not yet turned into text (most tests pass and nobody reads them).

    Attributes:
        expression: in words, or as code.
        inputs: (name, value) of each argument, and of what a test's program closes over.
        labelled: the author wrote `expression`.
        unsolved: the stub of a question raised.
        op, arguments: the request as it was sent, in wire values.
        handles: of the objects that the reply keeps in the jail: key -> where in the reply, e.g. "[0]['a']".
    """

    expression: str
    inputs: tuple[tuple[str, Any], ...]
    output: Any = None
    answered: bool = False
    error: str = ""
    labelled: bool = False
    unsolved: bool = False
    op: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)
    handles: dict[int, str] = field(default_factory=dict)


@dataclass
class Recorder:
    """The calls of one test, the newest kept; what ended the process; and what XLA said, where it failed inside itself."""

    calls: list[CallRecord] = field(default_factory=list)
    broken: JailError | None = None
    library_fault: str = ""
    names: set[str] = field(default_factory=set)  # of the notebook, that the calls used

    def begin(self) -> None:
        self.calls, self.broken, self.library_fault, self.names = [], None, "", set()

    def add(self, record: CallRecord) -> CallRecord:
        self.calls.append(record)
        self.names.update(_names_in(record.arguments))
        del self.calls[:-_HELD_CALLS]
        if len(self.calls) > _HELD_OUTPUTS:
            self.calls[-_HELD_OUTPUTS - 1].output = None
        return record


def _names_in(arguments: dict[str, Any]) -> Iterator[str]:
    """Names of the notebook that a request uses."""
    target = arguments.get("fn", arguments.get("name"))
    if isinstance(target, str):
        yield target
    if not isinstance(target, wire.Code) or target.origin is None or not target.origin.co_argcount:
        return
    own, waiting = target.origin.co_varnames[0], [target]
    while waiting:
        code = waiting.pop()
        yield from _attributes_of(code.origin, own)
        waiting += [v for v in (*code.captured.values(), *code.cells.values()) if isinstance(v, wire.Code) and v.origin]


@functools.lru_cache(maxsize=4096)
def _attributes_of(code: types.CodeType, own: str) -> frozenset[str]:
    """Attributes of the variable `own` that a function and those inside it use."""
    found = set()
    for before, this in itertools.pairwise(dis.get_instructions(code)):
        loaded = before.argval[-1:] if isinstance(before.argval, tuple) else (before.argval,)
        variable = before.opname.startswith(("LOAD_FAST", "LOAD_DEREF")) and own in loaded
        if variable and this.opname in ("LOAD_ATTR", "LOAD_METHOD"):
            found.add(this.argval)
    inner = (c for c in code.co_consts if isinstance(c, types.CodeType))
    return frozenset(found).union(*(_attributes_of(c, own) for c in inner))
