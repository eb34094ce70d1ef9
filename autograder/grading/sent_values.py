"""What recorded calls sent: the values in them, the source of their functions, and which calls go together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from autograder.grading.function_source import Definition, attributes_of, definition
from autograder.grading.literals import Unwritable
from autograder.sandbox import wire
from autograder.sandbox.call_records import CallRecord


def needed(calls: Sequence[CallRecord], last: int) -> list[CallRecord]:
    """The call, and those before it that have to do with the objects that it uses: these may change what it finds."""
    touched = [_handles_in(record.arguments) | record.handles.keys() for record in calls[: last + 1]]
    known, chosen = set(touched[last]), {last}
    while more := [i for i, keys in enumerate(touched) if i not in chosen and keys & known]:
        chosen |= set(more)
        known = known.union(*(touched[i] for i in more))
    return [calls[i] for i in sorted(chosen)]


def _handles_in(value: Any) -> set[int]:
    return {r.key for r in walk(value) if isinstance(r, wire.Reference)} - {0}


def walk(value: Any) -> Iterator[Any]:
    """The value, and all that it holds."""
    yield value
    if isinstance(value, wire.Code):
        inner: Any = [value.captured, value.cells, value.defaults, value.kwdefaults or {}]
    else:
        inner = [*value, *value.values()] if type(value) is dict else value
    if isinstance(inner, list | tuple | set | frozenset):
        for part in inner:
            yield from walk(part)


def same(one: Any, other: Any) -> bool:
    """Whether two wire values are certainly the same: also a function that was sent twice."""
    if one is other:
        return True
    if isinstance(one, wire.Code) and isinstance(other, wire.Code):
        values = lambda c: {**c.captured, **c.cells, "defaults": c.defaults}
        a, b = values(one), values(other)
        return one.payload == other.payload and one.origin is other.origin and a.keys() == b.keys() and all(
            same(a[k], b[k]) for k in a
        )
    if type(one) is type(other) and type(one) in (bool, int, float, str, bytes, type(None), wire.Module):
        return one == other
    if type(one) is type(other) and type(one) in (list, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return False


def definition_sent(code: wire.Code) -> Definition | None:
    """The source of a function that was sent, if it can be found."""
    return definition(code.origin) if code.origin is not None else None


def definition_or_raise(code: wire.Code) -> Definition:
    """As `definition_sent`. Raises Unwritable where there is none."""
    node = definition_sent(code)
    if node is None:
        raise Unwritable("a function without source")
    return node


def notebook_names(records: Sequence[CallRecord]) -> Iterator[str]:
    """Names of the notebook that the calls use."""
    for record in records:
        fn = record.arguments.get("fn", record.arguments.get("name") if record.op in ("get", "has") else None)
        if isinstance(fn, str):
            yield fn
        if isinstance(fn, wire.Code) and (node := definition_sent(fn)) is not None and node.args.args:
            own = node.args.args[0].arg
            yield from (a.attr for a in attributes_of(node, own))
