"""Writes frames of the wire: a value as the pieces of one frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgpack
import numpy as np

from autograder.sandbox.wire import (
    DTYPES,
    MAX_DIGITS,
    MAX_NAME,
    PREFIX,
    Asked,
    Caps,
    Code,
    Module,
    PrngKey,
    Raw,
    Record,
    Reference,
    WireError,
    is_jax_array,
)


class Encoder:
    """Builds one frame. `foreign(value)` turns a value that is no data into a Reference, or raises WireError."""

    def __init__(self, caps: Caps, foreign: Callable[[Any], Any]):
        self._caps, self._foreign = caps, foreign
        self._buffers: list[bytes | memoryview] = []
        self._offset = 0
        self._leaves = 0
        self.asked: list[Callable[..., Any]] = []  # functions that the receiver may ask, by the number that it was told

    def frame(self, value: Any) -> list[bytes | memoryview]:
        """The pieces of the frame for `value`, ready to be written one after the other.

        Raises:
            WireError: larger or deeper than the caps allow.
        """
        header = msgpack.packb(self._value(value, 0), use_bin_type=True, unicode_errors="replace")
        if len(header) > self._caps.header_bytes:
            raise WireError(f"the value's structure takes {len(header)} bytes, more than {self._caps.header_bytes}")
        return [PREFIX.pack(len(header), self._offset), header, *self._buffers]

    def _value(self, value: Any, depth: int) -> Any:
        if depth > self._caps.depth:
            raise WireError(f"nested deeper than {self._caps.depth} levels")
        self._leaves += 1
        if self._leaves > self._caps.leaves:
            raise WireError(f"more than {self._caps.leaves} items")
        kind = type(value)
        if value is None or kind is bool or kind is float:
            return value
        if kind is int:
            return self._integer(value)
        if kind is str or kind is bytes:
            if len(value) > self._caps.text:
                raise WireError(f"a text of {len(value)} characters, more than {self._caps.text}")
            return value
        if kind is complex:
            return ["c", value.real, value.imag]
        if kind is list or kind is tuple or kind is set or kind is frozenset:
            tag = {list: "l", tuple: "t"}.get(kind, "s")
            self._fits(len(value))
            return [tag, [self._value(v, depth + 1) for v in value]]
        if kind is dict:
            self._fits(len(value))
            return ["d", [[self._value(k, depth + 1), self._value(v, depth + 1)] for k, v in value.items()]]
        if isinstance(value, (np.ndarray, np.generic)):
            return self._array(np.asarray(value))
        return self._special(value, depth)

    def _special(self, value: Any, depth: int) -> Any:
        if type(value) is Reference:
            return ["h", value.key, value.kind[:MAX_NAME]]
        if type(value) is Raw:
            return ["r", self._array(value.array)]
        if type(value) is Module:
            return ["m", value.name]
        if type(value) is Asked:
            self.asked.append(value.function)
            return ["q", len(self.asked) - 1]
        if type(value) is Code:
            parts = [
                self._value(p, depth + 1) for p in (value.captured, value.cells, value.defaults, value.kwdefaults)
            ]
            return ["f", value.payload, *parts]
        if type(value) is PrngKey:
            return ["k", value.impl, self._array(value.data)]
        if is_jax_array(value):
            return self._jax_array(value)
        if isinstance(value, Record):
            return self._named(value._kind, value._fields, tuple(value), depth)
        if isinstance(value, tuple) and isinstance(getattr(type(value), "_fields", None), tuple):
            return self._named(type(value).__name__, type(value)._fields, tuple(value), depth)  # type: ignore[attr-defined]
        return self._value(self._foreign(value), depth + 1)

    def _fits(self, n: int) -> None:
        # Before a list of a billion Nones is walked.
        if self._leaves + n > self._caps.leaves:
            raise WireError(f"more than {self._caps.leaves} items")

    def _integer(self, value: int) -> Any:
        if -(2**63) <= value < 2**63:
            return value
        if value.bit_length() > 3 * MAX_DIGITS:
            raise WireError(f"an integer of {value.bit_length()} bits")
        return ["i", str(value)]

    def _named(self, kind: str, fields: tuple[str, ...], values: tuple[Any, ...], depth: int) -> Any:
        return ["n", str(kind)[:MAX_NAME], [str(f) for f in fields], [self._value(v, depth + 1) for v in values]]

    def _array(self, array: np.ndarray) -> Any:
        name = array.dtype.name
        if DTYPES.get(name) != array.dtype.newbyteorder("="):
            return self._value(self._foreign(array), 0)
        if array.nbytes + self._offset > self._caps.body_bytes:
            raise WireError(f"arrays of more than {self._caps.body_bytes} bytes")
        plain = np.ascontiguousarray(array, dtype=DTYPES[name])
        offset, self._offset = self._offset, self._offset + plain.nbytes
        # A zero-size memoryview cannot be cast to bytes; there is nothing to send then.
        if plain.nbytes:
            self._buffers.append(memoryview(plain.reshape(-1).view(np.uint8)))
        return ["a", name, list(array.shape), offset]

    def _jax_array(self, value: Any) -> Any:
        import jax

        if jax.dtypes.issubdtype(value.dtype, jax.dtypes.prng_key):
            impl = str(jax.random.key_impl(value))
            return ["k", impl, self._array(np.asarray(jax.random.key_data(value)))]
        return self._array(np.asarray(value))
