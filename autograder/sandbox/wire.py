"""The wire format between the trusted process and the jail: data, never code objects of the other side, never pickle.

Both sides import this module; it imports nothing of ours. One frame is

    header length (u32) | body length (u64) | header (msgpack) | body (raw array bytes)

The header is a tree of tagged lists; arrays in it point into the body. `decode` trusts nothing: every length is checked against
the bytes that are there before anything is allocated, and only built-in and NumPy types are built, so that no method of
an object of the sender ever runs on the receiving side.
"""

from __future__ import annotations

import dataclasses
import keyword
import math
import re
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ml_dtypes
import msgpack
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
# Header items per leaf, all tags and shapes included: an array of three axes has eight.
_ITEMS_PER_LEAF = 12


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


# ---------------------------------------------------------------------------------------------------------------- encode


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
        if _is_jax_array(value):
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


def _is_jax_array(value: Any) -> bool:
    jax = sys.modules.get("jax")
    return jax is not None and isinstance(value, jax.Array)


# ---------------------------------------------------------------------------------------------------------------- decode


class Decoder:
    """Rebuilds the value of one frame from untrusted bytes.

    Args:
        caps: bounds; anything above them is a WireError before it is allocated.
        from_trusted: True inside the jail: then functions, modules and raw arrays are accepted too, handed to `special`.
        special: (tag, payload) -> value, for what only the receiver can resolve ("h" a reference; in the jail also
            "a" an array, "k" a key, "m" a module, "f" a function, "q" the number of a function that is asked).
    """

    def __init__(self, caps: Caps, from_trusted: bool = False, special: Callable[[str, Any], Any] | None = None):
        self._caps, self._from_trusted, self._special = caps, from_trusted, special
        self._leaves = self._array_bytes = 0
        self._body: bytes | bytearray = b""

    def value(self, header: bytes, body: bytes | bytearray) -> Any:
        """The value of a frame.

        Raises:
            WireError: whatever is wrong with the bytes.
        """
        if len(header) > self._caps.header_bytes or len(body) > self._caps.body_bytes:
            raise WireError("a frame larger than its caps")
        self._body, self._array_bytes, self._leaves = body, 0, 0
        return self._value(_Header(header, self._caps).tree(), 0)

    def _value(self, tree: Any, depth: int) -> Any:
        if depth > self._caps.depth:
            raise WireError(f"nested deeper than {self._caps.depth} levels")
        self._leaves += 1
        if self._leaves > self._caps.leaves:
            raise WireError(f"more than {self._caps.leaves} items")
        kind = type(tree)
        if tree is None or kind in (bool, int, float, str, bytes):
            return tree
        if kind is not list or not tree or type(tree[0]) is not str:
            raise WireError("a header item without a tag")
        tag, rest = tree[0], tree[1:]
        reader = self._READERS.get(tag) or (self._TRUSTED_READERS.get(tag) if self._from_trusted else None)
        if reader is None:
            raise WireError("a header item with an unknown tag")
        return reader(self, rest, depth + 1)

    def _items(self, rest: list, depth: int) -> list:
        (items,) = _exactly(rest, list)
        return [self._value(v, depth) for v in items]

    def _list(self, rest: list, depth: int) -> list:
        return self._items(rest, depth)

    def _tuple(self, rest: list, depth: int) -> tuple:
        return tuple(self._items(rest, depth))

    def _set(self, rest: list, depth: int) -> frozenset:
        items = self._items(rest, depth)
        if not all(_hashes_well(v) for v in items):
            raise WireError("a set of something else than numbers and strings")
        return frozenset(items)

    def _dict(self, rest: list, depth: int) -> dict:
        (pairs,) = _exactly(rest, list)
        out = {}
        tuples = 0
        for pair in pairs:
            if type(pair) is not list or len(pair) != 2:
                raise WireError("a dict entry that is no pair")
            key = self._value(pair[0], depth)
            if type(key) is tuple and all(_hashes_well(k) for k in key):
                tuples += 1
            elif not _hashes_well(key):
                raise WireError("a dict key that is neither number nor string")
            if tuples > MAX_TUPLE_KEYS:
                raise WireError(f"a dict with more than {MAX_TUPLE_KEYS} tuples as keys")
            out[key] = self._value(pair[1], depth)
        return out

    def _integer(self, rest: list, depth: int) -> int:
        (digits,) = _exactly(rest, str)
        if len(digits) > MAX_DIGITS or not digits.removeprefix("-").isdecimal() or not digits.isascii():
            raise WireError("a malformed integer")
        return int(digits)

    def _complex(self, rest: list, depth: int) -> complex:
        return complex(*_exactly(rest, float, float))

    def _array(self, rest: list, depth: int) -> Any:
        array = self._plain_array(rest)
        return self._special("a", array) if self._from_trusted and self._special else array

    def _plain_array(self, rest: list) -> np.ndarray:
        name, shape, offset = _exactly(rest, str, list, int)
        dtype = DTYPES.get(name)
        if dtype is None:
            raise WireError("an unknown dtype")
        if len(shape) > MAX_NDIM or any(type(n) is not int or n < 0 or n >= 2**40 for n in shape):
            raise WireError("a malformed shape")
        # NumPy multiplies the axes other than zero even where the array is empty.
        if math.prod(n for n in shape if n) >= 2**48:
            raise WireError("a malformed shape")
        nbytes = math.prod(shape) * dtype.itemsize
        # Each byte of the body belongs to one array: a thousand arrays over the same bytes would be a thousand copies.
        self._array_bytes += nbytes
        if offset < 0 or offset + nbytes > len(self._body) or self._array_bytes > len(self._body):
            raise WireError("an array that is longer than its frame")
        flat = np.frombuffer(self._body, dtype=np.uint8, count=nbytes, offset=offset)
        if dtype == np.bool_:
            # A byte that is neither 0 nor 1 would be a bool that NumPy's loops disagree about.
            return (flat != 0).reshape(shape)
        return flat.copy().view(dtype).reshape(shape)

    def _prng_key(self, rest: list, depth: int) -> Any:
        impl, tree = _exactly(rest, str, list)
        data = self._tagged_array(tree)
        if impl not in PRNG_IMPLS or data.dtype != np.uint32 or data.ndim < 1:
            raise WireError("a malformed PRNG key")
        key = PrngKey(impl, data)
        return self._special("k", key) if self._from_trusted and self._special else key

    def _named(self, rest: list, depth: int) -> Record:
        kind, fields, values = _exactly(rest, str, list, list)
        if len(fields) != len(values) or len(kind) > MAX_NAME or not kind.isidentifier():
            raise WireError("a malformed NamedTuple")
        for f in fields:
            if type(f) is not str or len(f) > MAX_NAME or not f.isidentifier() or keyword.iskeyword(f) or f[0] == "_":
                raise WireError("a NamedTuple with a malformed field name")
        return Record(kind, tuple(fields), tuple(self._value(v, depth) for v in values))

    def _reference(self, rest: list, depth: int) -> Any:
        key, kind = _exactly(rest, int, str)
        reference = Reference(key, kind[:MAX_NAME])
        return self._special("h", reference) if self._special else reference

    def _raw(self, rest: list, depth: int) -> Any:
        (tree,) = _exactly(rest, list)
        return self._tagged_array(tree)

    def _tagged_array(self, tree: list) -> np.ndarray:
        if len(tree) != 4 or tree[0] != "a":
            raise WireError("a header item of the wrong form")
        return self._plain_array(tree[1:])

    def _module(self, rest: list, depth: int) -> Any:
        (name,) = _exactly(rest, str)
        return self._special("m", Module(name))

    def _asked(self, rest: list, depth: int) -> Any:
        (number,) = _exactly(rest, int)
        return self._special("q", number)

    def _code(self, rest: list, depth: int) -> Any:
        if len(rest) != 5 or type(rest[0]) is not bytes:
            raise WireError("a header item of the wrong form")
        payload, *parts = rest
        captured, cells, defaults, kwdefaults = (self._value(p, depth) for p in parts)
        return self._special("f", Code(payload, captured, cells, defaults, kwdefaults))

    _READERS = {
        "l": _list, "t": _tuple, "s": _set, "d": _dict, "i": _integer, "c": _complex,
        "a": _array, "k": _prng_key, "n": _named, "h": _reference,
    }  # fmt: skip
    _TRUSTED_READERS = {"r": _raw, "m": _module, "f": _code, "q": _asked}


class _Header:
    """msgpack to lists and scalars, item by item.

    msgpack makes room for as many items as an array claims to have: nested claims of a few kilobytes would reserve hundreds
    of megabytes. Here room is made for items that are there.
    """

    def __init__(self, header: bytes, caps: Caps):
        self._header, self._caps = header, caps
        self._items = 0
        self._unpacker = msgpack.Unpacker(
            raw=False, strict_map_key=True, max_buffer_size=max(len(header), 1), max_str_len=caps.text,
            max_bin_len=caps.header_bytes, max_array_len=caps.leaves, max_map_len=0, max_ext_len=0,
        )  # fmt: skip

    def tree(self) -> Any:
        try:
            self._unpacker.feed(self._header)
            tree = self._item(0)
        except WireError:
            raise
        except (ValueError, msgpack.UnpackException, OverflowError) as e:
            raise WireError(f"the header is no msgpack of ours ({type(e).__name__})") from None
        if self._unpacker.tell() != len(self._header):
            raise WireError("a header with something behind it")
        return tree

    def _item(self, depth: int) -> Any:
        # A tag, its list of items and an array's shape: up to three lists per level of the value.
        if depth > 3 * self._caps.depth + 3:
            raise WireError(f"nested deeper than {self._caps.depth} levels")
        self._items += 1
        if self._items > _ITEMS_PER_LEAF * self._caps.leaves:
            raise WireError(f"more than {self._caps.leaves} items")
        place = self._unpacker.tell()
        first = self._header[place] if place < len(self._header) else 0
        if not (0x90 <= first <= 0x9F or first in (0xDC, 0xDD)):
            return self._unpacker.unpack()
        count = self._unpacker.read_array_header()
        if count > len(self._header) - place:
            raise WireError("a list that is longer than its frame")
        return [self._item(depth + 1) for _ in range(count)]


def _hashes_well(value: Any) -> bool:
    """Whether many such values in one dict cannot be made to collide: no integers beyond 64 bits, no containers."""
    if type(value) is int:
        return -(2**63) <= value < 2**64
    return value is None or type(value) in (bool, float, str, bytes)


def _exactly(rest: list, *kinds: type) -> list:
    if len(rest) != len(kinds) or any(type(v) is not k for v, k in zip(rest, kinds, strict=True)):
        raise WireError("a header item of the wrong form")
    return rest


def check_prefix(prefix: bytes, caps: Caps) -> tuple[int, int]:
    """Header and body length of the frame that `prefix` announces.

    Raises:
        WireError: one of them is above its cap.
    """
    header, body = PREFIX.unpack(prefix)
    if header > caps.header_bytes:
        raise WireError(f"a reply whose structure takes {header} bytes, more than {caps.header_bytes}")
    if body > caps.body_bytes:
        raise WireError(f"a reply of {body} bytes, more than {caps.body_bytes}")
    return header, body


def caps_as_tuple(caps: Caps) -> tuple[int, ...]:
    """The caps as plain numbers, in the order of the dataclass's fields: what the fork request carries."""
    return dataclasses.astuple(caps)


_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def printable(text: str, limit: int = 4000) -> str:
    """Text of the other side, fit to be shown: no control, bidirectional or surrogate characters, and not endless."""
    shown = _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text[:limit])
    return shown + " ..." if len(text) > limit else shown
