"""The decorators of a hidden suite: which question a test belongs to, what it weighs, when it counts.

They only attach attributes; the plugin in `suite` reads them, and so does `verify`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

_ATTRIBUTE = "__autograder__"


@dataclass(frozen=True)
class Mark:
    """What the decorators of a test and its class say together."""

    question: str = ""
    reference: str = ""
    weight: float = 1.0
    gated: bool = False
    fixed_inputs: str = ""
    fresh_state: bool = False


def _set(thing: Any, **values: Any) -> Any:
    own = thing.__dict__.get(_ATTRIBUTE, Mark())
    setattr(thing, _ATTRIBUTE, replace(own, **values))
    return thing


def question(question_id: str, reference: str = "") -> Callable:
    """On a test class: its tests belong to the question; `reference` says where expected values come from."""
    return lambda cls: _set(cls, question=question_id, reference=reference)


def reference(words: str) -> Callable:
    """On one test: another reference than its class states."""
    return lambda fn: _set(fn, reference=words)


def weight(share: float) -> Callable:
    """On a test: its share of the question's points, relative to the other tests' (1 if not said)."""
    if not share > 0:
        raise ValueError(f"a test's weight must be positive, not {share}")
    return lambda fn: _set(fn, weight=float(share))


def gated(fn: Callable) -> Callable:
    """On a test that zeros, the input, or a constant would pass: counts only if all ungated tests of its question pass."""
    return _set(fn, gated=True)


def fixed_inputs(reason: str) -> Callable:
    """On a test whose inputs do not depend on the seed: why that is enough."""
    return lambda fn: _set(fn, fixed_inputs=reason)


def fresh_state(fn: Callable) -> Callable:
    """On a test that needs a new process with the notebook's cells run again."""
    return _set(fn, fresh_state=True)


def mark_of(fn: Any, cls: Any = None) -> Mark:
    """The marks of a test function, those of its class underneath."""
    base = cls.__dict__.get(_ATTRIBUTE, Mark()) if cls is not None else Mark()
    own = getattr(fn, "__dict__", {}).get(_ATTRIBUTE)
    if own is None:
        return base
    return replace(own, question=own.question or base.question, reference=own.reference or base.reference)
