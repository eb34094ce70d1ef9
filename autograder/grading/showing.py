"""Values as short text, for reports: what a stranger returned may be large, deep or wide, and costs little to show all the same.

Work is bounded by size before anything is formatted: at most so many numbers, items and characters in all, whatever the value's
shape. NumPy abridges an array by its length along each axis only, so that ten axes of length six would be sixty million numbers.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from autograder.notebook.time_limit import TookTooLong
from autograder.sandbox import wire
from autograder.sandbox.remote import Function, Handle

_NUMBERS = 360  # of one array: what NumPy shows of six along three axes, and some more
_ENDS = 6  # entries that an abridged array shows along each axis
_ITEMS = 8  # of one container
_BUDGET = 120  # items of all containers together
_DEPTH = 6


def show(value: Any, limit: int = 1200) -> str:
    """A value as text, safe to print: arrays and containers abridged, no control characters.

    Args:
        value: anything, a student's reply included.
        limit: characters, at most (and a mark where something was cut).

    Returns:
        The text. The work for it is bounded whatever the value's size, depth and number of axes.

    Raises:
        TookTooLong: the caller's bound on processor time; nothing else.
    """
    try:
        return wire.printable(_Writer().text(value, limit), limit)
    except TookTooLong:
        raise
    except Exception:  # a stranger's value: whatever cannot be shown costs nobody a report
        return f"a {wire.printable(type(value).__name__, 60)} that cannot be shown"


class _Writer:
    """Writes one value; what it may still write is counted over all its parts."""

    def __init__(self) -> None:
        self._left, self._depth = _BUDGET, 0

    def text(self, value: Any, limit: int) -> str:
        self._left -= 1
        if self._left < 0 or self._depth > _DEPTH or limit < 8:
            return "..."
        self._depth += 1
        try:
            return self._text(value, limit)
        finally:
            self._depth -= 1

    def _text(self, value: Any, limit: int) -> str:
        if isinstance(value, np.ndarray):
            return array_text(value, limit)
        if isinstance(value, wire.Record):  # before its fields are asked for: one may be called dtype
            return self._record(value, limit)
        if type(value) is wire.Raw:
            return array_text(value.array, limit)
        if hasattr(value, "dtype") and hasattr(value, "shape") and not isinstance(value, Handle | Function):
            return _array_like(value, limit)
        if type(value) in (list, tuple):
            return self._sequence(value, limit)
        if type(value) is dict:
            first = itertools.islice(value.items(), _ITEMS)
            items = [f"{self.text(k, limit // 4)}: {self.text(v, limit // 2)}" for k, v in first]
            return "{" + ", ".join(items + _more(value)) + "}"
        if type(value) in (set, frozenset):
            return "{" + ", ".join([self.text(v, limit // 2) for v in itertools.islice(value, _ITEMS)] + _more(value)) + "}"
        if type(value) in (str, bytes):
            return repr(value[:limit]) + (" ..." if len(value) > limit else "")
        if isinstance(value, wire.PrngKey):
            return f"a PRNG key ({value.impl})"
        if isinstance(value, wire.Code | wire.Asked):
            return "a function"
        return repr(value)

    def _sequence(self, value: list | tuple, limit: int) -> str:
        """Items side by side, or one below the other when one of them needs several lines."""
        items = [self.text(v, limit // 2) for v in value[:_ITEMS]] + _more(value)
        opening, closing = "[]" if type(value) is list else "()"
        if not any("\n" in item for item in items):
            return opening + ", ".join(items) + closing
        return opening + ",\n".join(items).replace("\n", "\n ") + closing

    def _record(self, value: wire.Record, limit: int) -> str:
        fields = list(zip(value._fields, value, strict=True))[:_ITEMS]
        shown = [f"{name[:60]}={self.text(item, limit // 2)}" for name, item in fields]
        return f"{value._kind[:60]}({', '.join(shown + _more(value))})"


def _more(value: Any) -> list[str]:
    return ["..."] if len(value) > _ITEMS else []


def array_text(array: np.ndarray, limit: int = 1200) -> str:
    """An array's entries, dtype and shape. Where too many axes are long, its first and last entries in one row."""
    if array.ndim == 0:
        return f"{array.item()!r}" if array.dtype.kind in "biufc" else str(array)
    about = f"{array.dtype.name}, shape {array.shape}"
    abridged = 1
    for length in array.shape:
        abridged *= min(length, _ENDS + 1)
    if array.size and min(array.size, abridged) > _NUMBERS:
        places = (0, 1, 2, array.size - 3, array.size - 2, array.size - 1)
        ends = np.array([array[np.unravel_index(i, array.shape)] for i in places])
        first, last = (np.array2string(part, precision=5, separator=", ")[1:-1] for part in (ends[:3], ends[3:]))
        return f"[{first}, ..., {last}]  (its {array.size} entries in one row; {about})"
    body = np.array2string(array, precision=5, threshold=40, edgeitems=_ENDS // 2, max_line_width=100, separator=", ")
    return f"{body[:limit]}{' ...' if len(body) > limit else ''}  ({about})"


def _array_like(value: Any, limit: int) -> str:
    """A jax array of ours, or a NumPy scalar."""
    try:
        return array_text(np.asarray(value), limit)
    except TypeError:  # a typed PRNG key has no values to show
        return f"a PRNG key ({value.dtype})"
