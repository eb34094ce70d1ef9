"""Comparisons for hidden tests: finite first, then shape, then closeness in float64; each leaves a note for the staff.

A failure carries two texts: `public`, which the student may read and which names no expected value, and the full one.
"""

from __future__ import annotations

import contextvars
import operator
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.grading.array_rule import NoArray, array_of, entries_of, fits, is_one_array
from autograder.grading.showing import show
from autograder.model import Comparison
from autograder.wording import counted

RTOL, ATOL = 1e-4, 1e-6
_KEPT = 20  # notes of a test, the last ones


@dataclass(frozen=True)
class Note:
    """A comparison as it was made: the values themselves, because most are never shown, and writing them costs more."""

    got: Any
    expected: Any
    detail: str
    passed: bool

    def written(self, values: bool = True) -> Comparison:
        """As text; without `values`, only how it went."""
        got, expected = (show(self.got), show(self.expected)) if values else ("", "")
        return Comparison(got, expected, self.detail, self.passed)


_notes: contextvars.ContextVar[deque[Note] | None] = contextvars.ContextVar("notes", default=None)


class Mismatch(AssertionError):
    """A comparison of a hidden test failed. `public` is fit for the student."""

    def __init__(self, public: str, staff: str = ""):
        self.public = public
        super().__init__(staff or public)


# pytest leaves this module's frames out of what staff read: the suite's line says it all, and each frame takes milliseconds.
__tracebackhide__ = operator.methodcaller("errisinstance", Mismatch)


def start_noting() -> deque[Note]:
    """Where every comparison from now on (in this context) is noted; the last twenty are kept."""
    notes: deque[Note] = deque(maxlen=_KEPT)
    _notes.set(notes)
    return notes


def require(condition: Any, public: str) -> None:
    """Fails the test with words that the student may read, unless `condition` is true.

    Write the condition so that a NaN makes it false: `err <= tol`, never `not err > tol`.
    """
    passed = bool(condition)
    _note(Note(condition, True, public, passed))
    if not passed:
        raise Mismatch(public)


def assert_close(actual: Any, expected: Any, rtol: float = RTOL, atol: float = ATOL, why: str = "") -> None:
    """Fails unless |actual - expected| <= atol + rtol max|expected| everywhere, in float64 (complex128).

    Args:
        actual: what the student's code returned: an array, a number, a (nested) list or tuple of numbers, which is an array,
            or a container of them.
        expected: the reference; its shape is the shape that is asked for. An array, a number or a list of numbers is one
            array. A tuple, a dict, or a list that holds one of them or arrays is several results: each is compared by
            itself, with its own tolerance.
        rtol: relative to the largest entry of `expected`, because sums round by the size of their terms.
        atol: for references that are zero.
        why: the reason for the tolerance; noted for the staff.

    Raises:
        Mismatch: not finite where the reference is, another shape, another structure, no array, or too far away.
    """
    for path, a, e in _pairs(actual, expected, "The result"):
        _compare(path, a, e, rtol, atol, why)


def _compare(path: str, actual: Any, expected: Any, rtol: float, atol: float, why: str) -> None:
    want = np.asarray(expected)
    got = _array(actual, expected, path)
    if not fits(got, want.shape, actual):
        # Shapes are in the docstring that the student has, so naming the right one gives nothing away.
        _fail(f"{path} has shape {got.shape}; {want.shape} is asked for.", actual, expected)
    wide = np.complex128 if np.iscomplexobj(got) or np.iscomplexobj(want) else np.float64
    got, want = got.astype(wide).reshape(want.shape), want.astype(wide)
    bad = np.isfinite(want) & ~np.isfinite(got)
    if bad.any():
        count = counted(int(bad.sum()), "entry that is", "entries that are")
        _fail(f"{path} has {count} not finite (NaN or infinite).", actual, expected)
    finite = np.isfinite(want)
    scale = float(np.max(np.abs(want[finite]))) if finite.any() else 0.0
    tolerance = atol + rtol * scale
    error = np.abs(np.where(finite, got - want, 0.0))
    infinite_agree = np.array_equal(got[~finite], want[~finite], equal_nan=True)
    worst = float(error.max()) if error.size else 0.0
    passed = bool(worst <= tolerance) and infinite_agree
    detail = f"{path}: largest difference {worst:.3g}, allowed {tolerance:.3g}" + (f" ({why})" if why else "")
    if not passed:
        where = tuple(int(i) for i in np.unravel_index(int(error.argmax()), error.shape)) if error.shape else ()
        _fail(f"{path} has wrong values.", actual, expected, f"{detail}, at {where}")
    _note(Note(actual, expected, detail, True))


def _fail(public: str, actual: Any, expected: Any, detail: str = "") -> None:
    _note(Note(actual, expected, detail or public, False))
    raise Mismatch(public, f"{detail or public}\n got      {show(actual)}\n expected {show(expected)}")


def as_array(actual: Any, shape: tuple[int, ...] | None = None, what: str = "The result") -> np.ndarray:
    """What the student's code returned as real numbers in float64, for a test that computes with them: see `assert_close`.

    Args:
        shape: the shape that is asked for; None for any.
        what: what messages call it.

    Raises:
        Mismatch: no array of numbers, another shape, or imaginary parts beyond the usual tolerance.
    """
    got = _array(actual, "an array", what)
    if shape is not None and not fits(got, shape, actual):
        _fail(f"{what} has shape {got.shape}; {shape} is asked for.", actual, f"shape {shape}")
    if np.iscomplexobj(got):
        if not np.all(np.abs(got.imag) <= ATOL + RTOL * np.max(np.abs(got), initial=0.0)):
            _fail(f"{what} is complex; real numbers are asked for.", actual, "real numbers")
        got = got.real
    return got.astype(np.float64).reshape(got.shape if shape is None else shape)


def _array(actual: Any, expected: Any, path: str) -> np.ndarray:
    try:
        return array_of(actual, path)
    except NoArray as e:
        words = str(e)
    _fail(words, actual, expected)
    raise AssertionError  # not reached


def _pairs(actual: Any, expected: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    """Leaves of both, side by side; lists, tuples and an array's rows count as the same structure."""
    if isinstance(expected, dict):
        if not isinstance(actual, dict) or set(actual) != set(expected):
            _fail(f"{path} should be a dict with the keys {sorted(map(str, expected))}.", actual, expected)
        for key in expected:
            yield from _pairs(actual[key], expected[key], f"{path}[{key!r}]")
    elif is_one_array(expected):
        yield path, actual, expected
    else:
        entries = entries_of(actual, len(expected))
        if entries is None:
            _fail(f"{path} should be a sequence of {counted(len(expected), 'item')}.", actual, expected)
        for i, (a, e) in enumerate(zip(entries, expected, strict=True)):
            yield from _pairs(a, e, f"{path}[{i}]")


def _note(note: Note) -> None:
    notes = _notes.get()
    if notes is not None:
        notes.append(note)
