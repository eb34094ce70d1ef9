"""What a stranger returned is shown at a bounded cost, whatever its size, depth and number of axes."""

from __future__ import annotations

import time

import numpy as np
import pytest

from autograder.grading.showing import show
from autograder.notebook.time_limit import TookTooLong, at_most
from autograder.sandbox import wire


def nested(width: int, depth: int):
    value = [0.5] * width
    for _ in range(depth):
        value = [value] * width
    return value


HUGE = {
    "ten axes": np.zeros((6,) * 10, np.uint8),
    "twenty axes of two": np.zeros((2,) * 20, np.float32),
    "a long row": np.zeros(8_000_000, np.float32),
    "long rows": np.ones((3, 2_000_000), np.float32),
    "half precision": np.zeros((7,) * 7, np.float16),
    "lists of eight, twenty deep": nested(8, 20),
    "a wide list": list(range(50_000)),
    "a wide dict": {str(i): [i] * 8 for i in range(50_000)},
    "a dict of dicts": {str(i): {str(j): nested(8, 6) for j in range(8)} for i in range(8)},
    "a long text": "x" * 1_000_000,
    "a long key": {"k" * 1_000_000: 1},
    "bytes": b"\x00" * 1_000_000,
    "a wide set": frozenset(range(50_000)),
    "records in records": wire.Record("State", ("a",), (nested(8, 12),)),
    "a raw array": wire.Raw(np.zeros((6,) * 9, np.uint8)),
}


@pytest.mark.parametrize("name", HUGE)
def test_a_huge_value_is_shown_with_little_work(name):
    before = time.process_time()
    text = show(HUGE[name])
    # No benchmark: without a bound on the work these take between ten seconds and for ever.
    assert time.process_time() - before < 2
    assert 0 < len(text) < 1400


def test_many_axes_are_shown_by_their_ends():
    array = np.arange(6**5, dtype=np.int32).reshape((6,) * 5)
    assert show(array) == "[0, 1, 2, ..., 7773, 7774, 7775]  (its 7776 entries in one row; int32, shape (6, 6, 6, 6, 6))"


def test_small_values_are_shown_whole():
    assert show([1.5, (2, "a\x1b[31m")]) == "[1.5, (2, 'a\\x1b[31m')]"
    assert show(np.array([[1.0, 2.0]], np.float32)) == "[[1., 2.]]  (float32, shape (1, 2))"
    assert show({"w": np.float32(0.5)}) == "{'w': 0.5}"
    assert show(wire.Record("State", ("count", "dtype"), (3, None))) == "State(count=3, dtype=None)"


def test_a_bound_on_processor_time_is_not_swallowed():
    class Slow:
        def __repr__(self):
            while True:
                pass

    with pytest.raises(TookTooLong), at_most(0.2):
        show([Slow()])


def test_a_bound_on_processor_time_comes_again_where_a_library_swallows_it():
    seen = 0
    with pytest.raises(TookTooLong), at_most(0.1):
        while True:
            try:
                while True:
                    pass
            except TookTooLong:
                seen += 1
                if seen == 2:
                    raise
