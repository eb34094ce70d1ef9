"""The one rule for what students return: a (nested) list or tuple of numbers is an array. docs/authoring.md tells it to authors.

Numbers are Python's and NumPy's, booleans among them; a number by itself is an array of shape (). Values come from the wire:
built-in and NumPy types only, sizes capped.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.sandbox import wire
from autograder.sandbox.remote import Function, Handle

_SHOWN = 3


class NoArray(Exception):
    """The value is no array of numbers. The message says why and may be read by students."""


def array_of(value: Any, path: str) -> np.ndarray:
    """The value as an array of numbers; its own dtype where it is an array already.

    Args:
        path: what messages call it, e.g. "The result[1]".

    Raises:
        NoArray: it holds something else, or lists of unequal lengths.
    """
    if isinstance(value, list | tuple):
        if all(type(v) is float for v in value):  # the usual list, and as long as the wire lets it be
            return np.array(value, dtype=np.float64)
        return _stacked([array_of(v, f"{path}[{i}]") for i, v in enumerate(value)], path)
    if type(value) in (bool, float, complex):
        return np.asarray(value)
    if type(value) is int:
        return _integer(value)
    if isinstance(value, np.ndarray | np.generic) and (value.dtype.kind in "biufc" or value.dtype == wire.DTYPES["bfloat16"]):
        return np.asarray(value)
    raise NoArray(f"{path} is no array of numbers but {_words(value)}.")


def is_one_array(value: Any) -> bool:
    """Whether an expected value stands for one array: all but dicts, tuples, ragged lists, and lists that hold these or arrays.

    An author writes a list of numbers for an array, and a tuple or a list of arrays for several results.
    """
    if isinstance(value, list):
        return _holds_numbers(value) and _rectangular(value)
    return not isinstance(value, dict | tuple)


def _holds_numbers(value: list) -> bool:
    return all(_holds_numbers(v) if isinstance(v, list) else isinstance(v, int | float | complex | np.generic) for v in value)


def _rectangular(value: list) -> bool:
    try:
        return np.asarray(value).dtype.kind in "biufc"
    except ValueError:
        return False


def entries_of(value: Any, count: int) -> list | tuple | np.ndarray | None:
    """The `count` results in a container, which may also be one array with so many rows; None if it is none."""
    container = isinstance(value, list | tuple) or (isinstance(value, np.ndarray) and value.ndim > 0)
    return value if container and len(value) == count else None


def fits(array: np.ndarray, shape: tuple[int, ...], value: Any) -> bool:
    """Whether it has a shape. Nested lists cannot say how long the entries of an empty list would be."""
    listed = isinstance(value, list | tuple)
    return array.shape == shape or (listed and array.size == 0 == np.prod(shape) and array.shape == shape[: array.ndim])


def _stacked(entries: list[np.ndarray], path: str) -> np.ndarray:
    shapes = list(dict.fromkeys(e.shape for e in entries))
    if len(shapes) > 1:
        shown = ", ".join(map(str, shapes[:_SHOWN])) + (", ..." if len(shapes) > _SHOWN else "")
        raise NoArray(f"{path} is a ragged list, which is no array: its entries have the shapes {shown}.")
    wide = [e.astype(np.float32) if e.dtype.kind == "V" else e for e in entries]
    return np.stack(wide)


def _integer(value: int) -> np.ndarray:
    try:
        return np.asarray(value) if abs(value) < 2**63 else np.asarray(float(value))
    except OverflowError:  # beyond 1e308: infinite, as it would be in an array
        return np.asarray(np.inf if value > 0 else -np.inf)


def _words(value: Any) -> str:
    if isinstance(value, Handle | Function):
        return f"a {wire.printable(value.kind if isinstance(value, Handle) else 'function', 60)}"
    return "None (is a return missing?)" if value is None else f"a {type(value).__name__}"
