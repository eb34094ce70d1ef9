"""`assert_close` believes nothing: finite first, then shape, then values; and its public words give nothing away."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.grading.assertions import Mismatch, as_array, assert_close, require, show, start_noting
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
    "a ragged list": ([[1.0, 2.0], [3.0]], np.ones((2, 2)), "ragged list, which is no array: its entries have"),
    "a list with something else in it": ([1.0, None], np.ones(2), "The result[1] is no array of numbers but None"),
    "a list of strings": (["1.0"], [1.0], "str"),
    "a list of another shape": ([1.0, 2.0], np.ones((1, 2)), "shape (2,); (1, 2) is asked for"),
    "a list of one number for a number": ([1.0], 1.0, "shape"),
    "an empty list": ([], np.ones(2), "shape (0,)"),
    "a list with NaN": ([float("nan"), 1.0], [0.0, 1.0], "not finite"),
    "a number beyond floats": (10**400, 1.0, "not finite"),
    "a list of numbers beyond floats": ([10**400, -(10**400)], [1.0, 1.0], "not finite"),
    "a wrong entry of a nested list": ([[1.0, 2.0], [3.0, 5.0]], np.array([[1.0, 2.0], [3.0, 4.0]]), "wrong values"),
    "a small wrong result beside a large one": ([1e6, 2.0], (1e6, 1.0), "The result[1] has wrong values"),
    "the same in one array": (np.array([1e6, 2.0]), (1e6, 1.0), "The result[1] has wrong values"),
    "too few rows for several results": (np.ones((1, 2)), (np.ones(2), np.ones(2)), "2 items"),
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
    "a list for an array": ([1.0, 2.0], np.array([1.0, 2.0])),
    "a nested list": ([[1.0, 2.0], [3.0, 4.0]], np.array([[1, 2], [3, 4]])),
    "a tuple for an array": ((1.0, 2.0), np.array([1.0, 2.0])),
    "an array for several results": (np.array([[1.0, 2.0], [3.0, 4.0]]), (np.array([1.0, 2.0]), [3.0, 4.0])),
    "a tuple of arrays for one": ((np.array([1.0, 2.0]), np.array([3.0, 4.0])), np.array([[1.0, 2.0], [3.0, 4.0]])),
    "rows of a list that are arrays": ([np.float32([1, 2]), [3, 4]], [[1.0, 2.0], [3.0, 4.0]]),
    "several results of which one is a list": ({"a": ([1, 2], 3)}, {"a": (np.array([1.0, 2.0]), 3.0)}),
    "a pair of layers as nested lists": ([([[1.0], [2.0]], [0.0])], [(np.array([[1.0], [2.0]]), np.zeros(1))]),
    "ragged where results are": ([[1.0, 2.0], [3.0]], [np.array([1.0, 2.0]), np.array([3.0])]),
    "a list as ragged as what is expected": ([[1.0, 2.0], [3.0]], [[1.0, 2.0], [3.0]]),
    "an array of shape () for a number": (np.array(2.0), 2.0),
    "a NumPy number for a number": (np.float32(2.0), 2.0),
    "a list of NumPy numbers": ([np.array(1.0), np.float32(2.0)], [1.0, 2.0]),
    "truth values": ([True, False], [1.0, 0.0]),
    "large integers": ([2**70, 1], [float(2**70), 1.0]),
    "no imaginary part to speak of": ([1 + 0j, 2 + 1e-9j], [1.0, 2.0]),
    "complex lists": ([[1j, 2.0]], np.array([[1j, 2.0]])),
    "lists that are too empty to show their shape": ([[], []], np.zeros((2, 0, 3))),
    "bfloat16 in a list": ([np.array([1.0, 2.0], dtype=wire.DTYPES["bfloat16"])], [[1.0, 2.0]]),
    "a named tuple of numbers": (wire.Record("P", ("x", "y"), (1.0, 2.0)), np.array([1.0, 2.0])),
    "nothing": (np.zeros((0, 3)), np.zeros((0, 3))),
}


@pytest.mark.parametrize(("actual", "expected"), ACCEPTED.values(), ids=ACCEPTED.keys())
def test_what_is_close_is_accepted(actual, expected):
    assert_close(actual, expected)


def test_a_test_that_computes_takes_lists_for_arrays_too():
    assert as_array([[1, 2.5], (3, 4)], (2, 2)).sum() == 10.5
    assert as_array([1 + 0j, 2]).dtype == np.float64 and as_array(2).shape == ()
    assert as_array([[], []], (2, 0, 3)).shape == (2, 0, 3)
    wrong = {"The matrix is a ragged list": [[1.0], [2.0, 3.0]], r"The matrix has shape \(1,\)": [1.0], "a str": "x",
             "The matrix is complex": [[1, 1j], [0, 0]]}  # fmt: skip
    for words, value in wrong.items():
        with pytest.raises(Mismatch, match=words):
            as_array(value, (2, 2), "The matrix")


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
