"""`assert_close` believes nothing: finite first, then shape, then values; and its public words give nothing away."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.grading.assertions import Mismatch, assert_close, require, show, start_noting
from autograder.sandbox import wire

REJECTED = {
    "NaN": (np.array([np.nan, 1.0]), [0.0, 1.0], "not finite"),
    "infinite": (np.array([np.inf]), [1.0], "not finite"),
    "another shape that broadcasts": (np.ones((3, 1)), np.ones(3), "shape"),
    "a scalar for a vector": (1.0, np.ones(3), "shape"),
    "a vector for a scalar": (np.ones(1), 1.0, "shape"),
    "None": (None, 1.0, "return"),
    "a string": ("1.0", 1.0, "str"),
    "an object array": (np.array([object()]), [1.0], "ndarray"),
    "too short": ([np.ones(2)], [np.ones(2), np.ones(2)], "2 items"),
    "a missing key": ({"a": 1.0}, {"a": 1.0, "b": 1.0}, "keys"),
    "a dict for an array": ({"data": (1, True)}, np.ones(1), "dict"),
    "a wrong entry among many": (np.r_[np.zeros(999), 1.0], np.zeros(1000), "wrong values"),
    "finite where infinity is right": (np.array([1e30]), [np.inf], "wrong values"),
    "an imaginary part": (np.array([1 + 1j]), [1.0], "wrong values"),
}


@pytest.mark.parametrize(("actual", "expected", "words"), REJECTED.values(), ids=REJECTED.keys())
def test_what_is_not_close_is_rejected_in_words_a_student_may_read(actual, expected, words):
    with pytest.raises(Mismatch) as caught:
        assert_close(actual, expected)
    assert words in caught.value.public
    assert "expected" not in caught.value.public


ACCEPTED = {
    "float32": (np.float32(1) / np.ones(3, np.float32) / 3, np.full(3, 1 / 3)),
    "a Python number": (2, 2.0),
    "a tuple for a list": ((np.ones(2), 3.0), [np.ones(2), 3.0]),
    "integers": (np.array([1, 2]), [1, 2]),
    "a small entry beside a large one": (np.array([1e4, 0.01]), [1e4, 0.0]),
    "infinity where it is right": (np.array([-np.inf, 1.0]), [-np.inf, 1.0]),
    "nothing": (np.zeros((0, 3)), np.zeros((0, 3))),
}


@pytest.mark.parametrize(("actual", "expected"), ACCEPTED.values(), ids=ACCEPTED.keys())
def test_what_is_close_is_accepted(actual, expected):
    assert_close(actual, expected)


def test_require_reads_nan_as_false_when_written_as_it_should_be():
    with pytest.raises(Mismatch, match="too large"):
        require(np.nan <= 1.0, "The error is too large.")


def test_every_comparison_is_noted_for_the_staff():
    notes = start_noting()
    assert_close(1.0, 1.0, why="exact")
    with pytest.raises(Mismatch):
        assert_close(1.0, 2.0)
    assert [n.passed for n in notes] == [True, False]
    assert notes[1].expected == 2.0 and "largest difference 1" in notes[1].detail
    assert notes[1].written().expected == "2.0"
    assert notes[0].written(values=False).got == "" and "exact" in notes[0].written(values=False).detail


def test_whatever_a_student_returns_can_be_shown():
    """A NamedTuple may have fields called dtype and shape; showing it must not end in the grader's fault."""
    odd = wire.Record("Pair", ("dtype", "shape"), ([1, [2, 3]], "\x1b[2Jx"))
    assert show(odd).startswith("Pair(dtype=[1, [2, 3]], shape=") and "\x1b" not in show(odd)

    class Worse:
        def __repr__(self):
            raise ValueError("no")

    assert show(Worse()) == "a Worse that cannot be shown"
