"""The wire format between the trusted process and the jail: data, never code objects of the other side, never pickle.

Both sides import this module; it imports nothing of ours. wire_encoder.py writes frames, wire_decoder.py reads them. One frame is

    header length (u32) | body length (u64) | header (msgpack) | body (raw array bytes)

The header is a tree of tagged lists; arrays in it point into the body. The decoder trusts nothing: every length is checked
against the bytes that are there before anything is allocated, and only built-in and NumPy types are built, so that no method of
an object of the sender ever runs on the receiving side.
"""

from __future__ import annotations

import dataclasses
import re
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ml_dtypes
import numpy as np

PREFIX = struct.Struct("<IQ")

_NUMPY_NAMES = (
    "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 complex64 complex128".split()
)
DTYPES: dict[str, np.dtype] = {name: np.dtype(name) for name in _NUMPY_NAMES}
DTYPES["bfloat16"] = np.dtype(ml_dtypes.bfloat16)
PRNG_IMPLS = ("threefry2x32", "rbg", "unsafe_rbg")

MAX_NDIM = 32
MAX_NAME = 120
MAX_DIGITS = 1000
# Keys whose hashes a sender can choose make a dict quadratic: those of tuples are counted, integers beyond 64 bits refused.
MAX_TUPLE_KEYS = 1000


class WireError(ValueError):
    """The bytes are no valid frame, or a value cannot be sent. The message says which rule was broken."""


@dataclass(frozen=True)
class Caps:
    """Upper bounds on one frame, checked before allocation."""

    header_bytes: int = 4_000_000
    body_bytes: int = 64_000_000
    depth: int = 24
    leaves: int = 50_000
    text: int = 1_000_000


@dataclass(frozen=True)
class Reference:
    """A thing that stays on the other side: a key into its table, and words that describe it (untrusted)."""

    key: int
    kind: str = ""


@dataclass(frozen=True)
class Code:
    """A function sent by value, trusted side to jail only: marshalled code and the values that it closes over.

    `origin` is its code object with names and lines, by which its source is found. It is not sent.
    """

    payload: bytes
    captured: dict[str, Any]
    cells: dict[str, Any]
    defaults: tuple[Any, ...] = ()
    kwdefaults: dict[str, Any] | None = None
    origin: Any = dataclasses.field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Module:
    """A module by name, trusted side to jail only."""

    name: str


@dataclass(frozen=True)
class Asked:
    """A function that stays on the trusted side. The jail gets a stand-in; each call of that crosses, and is answered here.

    Trusted side to jail only.
    """

    function: Callable[..., Any]


@dataclass(frozen=True)
class Raw:
    """A NumPy array that is to arrive as a NumPy array, not as a jax array."""

    array: np.ndarray


@dataclass(frozen=True)
class PrngKey:
    """A typed JAX PRNG key (or an array of them) as data. `data` has dtype uint32 and the key's shape plus one axis."""

    impl: str
    data: np.ndarray


class Record(tuple):
    """A NamedTuple of the other side: a tuple whose items also have names. Compares and iterates as a tuple."""

    _fields: tuple[str, ...]
    _kind: str

    def __new__(cls, kind: str, fields: tuple[str, ...], values: tuple[Any, ...]) -> Record:
        record = super().__new__(cls, values)
        record._kind, record._fields = kind, fields
        return record

    def __getattribute__(self, name: str) -> Any:
        # Fields first: optax's states have one named `count`, which is also a method of tuples.
        if not name.startswith("_"):
            fields = super().__getattribute__("_fields")
            if name in fields:
                return self[fields.index(name)]
        return super().__getattribute__(name)

    def __repr__(self) -> str:
        inside = ", ".join(f"{k}={v!r}" for k, v in zip(self._fields, self, strict=True))
        return f"{self._kind}({inside})"


def is_jax_array(value: Any) -> bool:
    """Also without JAX loaded: nothing is one then."""
    jax = sys.modules.get("jax")
    return jax is not None and isinstance(value, jax.Array)


def caps_as_tuple(caps: Caps) -> tuple[int, ...]:
    """The caps as plain numbers, in the order of the dataclass's fields: what the fork request carries."""
    return dataclasses.astuple(caps)


_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def printable(text: str, limit: int = 4000) -> str:
    """Text of the other side, fit to be shown: no control, bidirectional or surrogate characters, and not endless."""
    shown = _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text[:limit])
    return shown + " ..." if len(text) > limit else shown
