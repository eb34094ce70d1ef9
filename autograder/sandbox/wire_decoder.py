"""Reads frames of the wire: untrusted bytes as a value, every length checked before anything is allocated."""

from __future__ import annotations

import keyword
import math
from collections.abc import Callable
from typing import Any

import msgpack
import numpy as np

from autograder.sandbox.wire import (
    DTYPES,
    MAX_DIGITS,
    MAX_NAME,
    MAX_NDIM,
    MAX_TUPLE_KEYS,
    PREFIX,
    PRNG_IMPLS,
    Caps,
    Code,
    Module,
    PrngKey,
    Record,
    Reference,
    WireError,
)

# Header items per leaf, all tags and shapes included: an array of three axes has eight.
_ITEMS_PER_LEAF = 12


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
