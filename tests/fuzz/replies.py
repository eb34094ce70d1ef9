"""Swaps each reply of each hidden test for an odd value: nothing that a student returns may end as the grader's fault.

    python replies.py [--share 1.0] [--seed 0] [ASSIGNMENT ...]

The promise: whatever comes back, the test passes or fails, soon. Who could make the grader fail at will could have a
report "incomplete" whenever a mark would be low.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autograder.course import load_course
from autograder.grading.cases import TestCase
from autograder.grading.engine import Engine
from autograder.model import Outcome
from autograder.sandbox import wire
from autograder.verify.bench import Bench
from autograder.verify.session import OpenSuite, with_suite
from autograder.verify.workshop import Workshop

ROOT = Path(__file__).resolve().parents[2]
MOST_PLACES = 4  # replies of one test that are swapped: its first ones; loops repeat themselves
SLOWEST = 60.0  # CPU seconds of one test, far above what any takes with the right reply


def _like(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[Any], Any]:
    """A kind made from the right reply: its arrays and numbers changed, everything else as it is."""

    def changed(value: Any) -> Any:
        if type(value) in (int, float, complex):
            return change(np.asarray(value))
        if isinstance(value, np.ndarray) and value.dtype.kind in "iufc":
            return change(value)
        if type(value) in (list, tuple):
            return type(value)(changed(v) for v in value)
        if type(value) is dict:
            return {k: changed(v) for k, v in value.items()}
        if isinstance(value, wire.Record):
            return wire.Record(value._kind, value._fields, tuple(changed(v) for v in value))
        return value

    return changed


def _deep(value: Any) -> Any:
    for _ in range(22):
        value = [value]
    return value


_TEN_AXES = np.zeros((6,) * 9, np.uint8)
_LONG = np.zeros(7_000_000, np.float32)

# What one can return instead. Each takes the right reply.
KINDS: dict[str, Callable[[Any], Any]] = {
    "None": lambda _: None,
    "True": lambda _: True,
    "zero": lambda _: 0,
    "a negative integer": lambda _: -(2**62),
    "a long integer": lambda _: 10**300,
    "nan": lambda _: float("nan"),
    "infinity": lambda _: float("-inf"),
    "a complex number": lambda _: complex(1, float("inf")),
    "no text": lambda _: "",
    "a long text": lambda _: "\u202e<b>" * 100_000,
    "bytes": lambda _: b"\x00\xff" * 1000,
    "an empty list": lambda _: [],
    "an empty tuple": lambda _: (),
    "an empty dict": lambda _: {},
    "a ragged list": lambda _: [[1.0], [1.0, 2.0], 3.0],
    "a list of texts": lambda _: ["1.0", "2.0"],
    "a wide list": lambda _: list(range(40_000)),
    "a wide dict": lambda _: {str(i): i for i in range(10_000)},
    "a dict with tuples": lambda _: {(1, 2): {"x": [1]}, 0: None, "shape": (2,)},
    "a set": lambda _: frozenset(["a", "b", "c"]),
    "a deep list": lambda right: _deep(1.0),
    "a named tuple": lambda right: wire.Record("State", ("count", "index", "dtype", "shape"), (right, 1, "f", (2,))),
    "an empty named tuple": lambda _: wire.Record("EmptyState", (), ()),
    "a key": lambda _: wire.PrngKey("threefry2x32", np.zeros(2, np.uint32)),
    "an object": lambda _: wire.Reference(0, "Namespace"),
    "objects": lambda _: [wire.Reference(0, "function"), wire.Reference(0, "list")],
    "an array without entries": lambda _: np.zeros((0,), np.float32),
    "an array with an empty axis": lambda _: np.zeros((3, 0, 2), np.float32),
    "a single entry": lambda _: np.asarray(np.nan, np.float32),
    "booleans": lambda _: np.ones((2, 3), bool),
    "small integers": lambda _: np.full((4,), 200, np.uint8),
    "half precision": lambda _: np.full((2, 2), 7e4, np.float16),
    "complex entries": lambda _: np.full((3, 3), 1j, np.complex64),
    "nine axes": lambda _: _TEN_AXES,
    "millions of entries": lambda _: _LONG,
    "the right one in a list": lambda right: [right],
    "the right one twice": lambda right: (right, right),
    "the right one with an axis more": _like(lambda a: a[None]),
    "the right one without its last axis": _like(lambda a: a[..., 0] if a.ndim and a.shape[-1] else a),
    "the right one transposed": _like(lambda a: a.T),
    "the right one, all nan": _like(lambda a: np.full(a.shape, np.nan, np.float32)),
    "the right one, all enormous": _like(lambda a: np.full(a.shape, 3e38, np.float32)),
    "the right one, all minus one": _like(lambda a: np.full(a.shape, -1, a.dtype if a.dtype.kind != "u" else np.int32)),
    "the right one as booleans": _like(lambda a: a != 0),
    "the right one as integers": _like(lambda a: np.nan_to_num(np.real(a), posinf=0, neginf=0).astype(np.int32)),
}


@dataclass(frozen=True)
class Swap:
    """One reply of one test, and what stands in its place."""

    test: str
    place: int
    kind: str


@dataclass(frozen=True)
class Broken:
    """A swap that broke the promise, and how."""

    swap: Swap
    words: str

    def __str__(self) -> str:
        return f"{self.swap.test}, reply {self.swap.place + 1} is {self.swap.kind}: {self.words}"


def fuzz_replies(assignment: str, share: float = 1.0, seed: int = 0, tests: int | None = None,
                 course: Path = ROOT) -> tuple[Counter, list[Broken]]:  # fmt: skip
    """Swaps replies in every test of a notebook's suite, the solution answering everything else.

    Args:
        assignment: e.g. "week03/lab".
        share: of all swaps, drawn at random.
        seed: of the draw.
        tests: at most so many tests, drawn at random; None for all.
        course: folder of the course.

    Returns:
        How many swapped tests passed and failed; and the swaps that ended otherwise or took too long.
    """
    workshop = Workshop.open(load_course(course), assignment)
    rng = random.Random(f"{assignment} {seed}")
    return with_suite(workshop.target.suite, lambda suite: _swap_all(workshop, suite, rng, share, tests))


def _swap_all(workshop: Workshop, suite: OpenSuite, rng: random.Random, share: float, tests: int | None):
    bench = workshop.bench(Engine(), suite)
    seen, broken = Counter(), []
    cases = list(suite.cases)
    if tests is not None and tests < len(cases):
        cases = rng.sample(cases, tests)
    try:
        replies = _Replies(bench)
        for case in cases:
            for swap in _swaps(bench, replies, case, rng, share):
                outcome, words = _tried(bench, replies, case, swap)
                seen[outcome.value] += 1
                if words:
                    broken.append(Broken(swap, words))
    finally:
        bench.close()
    return seen, broken


class _Replies:
    """Stands before the notebook's requests: counts replies, and swaps the one that is asked for."""

    def __init__(self, bench: Bench):
        self._request = bench.notebook.request
        self.swap: Swap | None = None
        self.count = 0
        bench.notebook.request = self._answer

    def begin(self, swap: Swap | None) -> None:
        self.swap, self.count = swap, 0

    def _answer(self, *args: Any, **kwargs: Any) -> dict:
        reply = self._request(*args, **kwargs)
        here, self.count = self.count, self.count + 1
        if self.swap is None or here != self.swap.place or "ok" not in reply:
            return reply
        return {"ok": KINDS[self.swap.kind](reply["ok"])}


def _swaps(bench: Bench, replies: _Replies, case: TestCase, rng: random.Random, share: float) -> Iterator[Swap]:
    replies.begin(None)
    result = bench.run(case, "replies")
    assert result.outcome is Outcome.PASSED, f"{case.id} fails on the solution: {result.message}"
    for place in range(min(replies.count, MOST_PLACES)):
        for kind in KINDS:
            if share >= 1 or rng.random() < share:
                yield Swap(case.id, place, kind)


def _tried(bench: Bench, replies: _Replies, case: TestCase, swap: Swap) -> tuple[Outcome, str]:
    replies.begin(swap)
    began = time.process_time()
    result = bench.run(case, "replies")
    spent = time.process_time() - began
    if result.outcome not in (Outcome.PASSED, Outcome.FAILED):
        last = (result.staff_detail.strip().splitlines() or [result.message])[-1]
        return result.outcome, f"{result.outcome.value}: {last[:300]}"
    return result.outcome, f"{spent:.0f} s of processor time" if spent > SLOWEST else ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("assignments", nargs="*")
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    course = load_course(ROOT)
    faults = 0
    for assignment in options.assignments or course.assignments():
        began = time.monotonic()
        seen, broken = fuzz_replies(assignment, options.share, options.seed)
        faults += len(broken)
        print(f"{assignment}: {dict(seen)}, {len(broken)} broken, {time.monotonic() - began:.0f} s", flush=True)
        for each in broken[:20]:
            print(f"  {each}", flush=True)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
