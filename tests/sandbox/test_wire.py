"""What crosses the wire arrives as it was sent; what is forged is refused before anything is allocated."""

from __future__ import annotations

import collections
import contextlib
import struct
import tracemalloc

import jax
import jax.numpy as jnp
import msgpack
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.sandbox import wire
from autograder.sandbox.wire_decoder import Decoder, check_prefix
from autograder.sandbox.wire_encoder import Encoder

CAPS = wire.Caps()


def across(value, foreign=lambda v: wire.Reference(1, type(v).__name__)):
    frame = b"".join(bytes(p) for p in Encoder(CAPS, foreign).frame(value))
    header, body = check_prefix(frame[: wire.PREFIX.size], CAPS)
    start = wire.PREFIX.size
    assert len(frame) == start + header + body
    return Decoder(CAPS).value(frame[start : start + header], frame[start + header :])


LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(), st.binary())
TREES = st.recursive(
    LEAVES, lambda t: st.one_of(st.lists(t), st.tuples(t, t), st.dictionaries(st.text(), t)), max_leaves=20
)


@given(TREES)
def test_plain_containers_arrive_as_they_were_sent(value):
    assert across(value) == value


@settings(max_examples=60)
@given(hnp.arrays(st.sampled_from(["f4", "f8", "i4", "u1", "?", "c8", "f2"]), hnp.array_shapes(min_dims=0, min_side=0)))
def test_arrays_keep_dtype_shape_and_bits(array):
    back = across(array)
    assert type(back) is np.ndarray
    assert (back.dtype, back.shape) == (array.dtype, array.shape)
    assert back.tobytes() == array.tobytes()


def test_bfloat16_keys_and_named_tuples_have_a_form_of_their_own():
    state = collections.namedtuple("State", "count mu")(3, jnp.ones(2, jnp.bfloat16))
    back = across({"state": state, "key": jax.random.key(5)})
    assert back["state"].count == 3 and back["state"]._fields == ("count", "mu")
    assert back["state"].mu.dtype == jnp.bfloat16
    assert np.array_equal(back["key"].data, jax.random.key_data(jax.random.key(5)))


class Evil(np.ndarray):
    def __array__(self, *a, **k):
        raise SystemExit

    def __reduce__(self):
        raise SystemExit


def test_what_is_no_data_becomes_a_reference():
    assert across(lambda: 0) == wire.Reference(1, "function")
    assert across(x for x in [1]) == wire.Reference(1, "generator")
    assert across(np.array([object()], dtype=object)) == wire.Reference(1, "ndarray")
    assert type(across(np.zeros(2).view(Evil))) is np.ndarray


def header(tree) -> bytes:
    return msgpack.packb(tree, use_bin_type=True)


FORGED = {
    "an array longer than the frame": ["a", "float32", [10**6], 0],
    "four TiB": ["a", "float64", [2**39], 0],
    "a product that overflows": ["a", "float64", [2**39, 2**39, 2**39], 0],
    "a negative axis": ["a", "float64", [-1, -1], 0],
    "a negative offset": ["a", "uint8", [1], -5],
    "an axis that is a bool": ["a", "uint8", [True], 0],
    "an unknown dtype": ["a", "O", [1], 0],
    "a dtype to parse": ["a", "f4,(1000,1000,1000)f8", [1], 0],
    "a hundred axes": ["a", "uint8", [1] * 100, 0],
    "a bare dict": {"data": 1},
    "no tag": [1, 2],
    "an unknown tag": ["z", 1],
    "an empty list": [],
    "code": ["f", b"", {}, {}, [], None],
    "a module": ["m", "os"],
    "a raw array": ["r", ["a", "uint8", [0], 0]],
    "a list dict key": ["d", [[["l", []], 1]]],
    "a dict entry of three": ["d", [[1, 2, 3]]],
    "an underscore field": ["n", "T", ["_asdict"], [1]],
    "a keyword field": ["n", "T", ["class"], [1]],
    "a field name with code": ["n", "T", ["a=__import__('os')"], [1]],
    "more fields than values": ["n", "T", ["a", "b"], [1]],
    "a huge integer": ["i", "9" * 5000],
    "an integer in other digits": ["i", "٣"],
    "a key of another kind": ["k", "evil", ["a", "uint32", [0], 0]],
    "a key that is no array": ["k", "rbg", ["l", []]],
    "a set of lists": ["s", [["l", []]]],
}


@pytest.mark.parametrize("tree", FORGED.values(), ids=FORGED.keys())
def test_a_forged_header_is_refused_without_being_believed(tree):
    tracemalloc.start()
    with pytest.raises(wire.WireError):
        Decoder(CAPS).value(header(tree), b"12345678")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000


def test_depth_and_number_of_items_are_bounded():
    deep = 1
    for _ in range(60):
        deep = ["l", [deep]]
    with pytest.raises(wire.WireError):
        Decoder(CAPS).value(header(deep), b"")
    with pytest.raises(wire.WireError):
        Decoder(wire.Caps(leaves=100)).value(header(["l", [1] * 101]), b"")
    with pytest.raises(wire.WireError, match="items"):
        across([0] * 10**6)


def test_a_huge_announcement_is_refused_before_reading():
    with pytest.raises(wire.WireError, match="more than"):
        check_prefix(struct.pack("<IQ", 10, 2**60), CAPS)
    with pytest.raises(wire.WireError, match="more than"):
        check_prefix(struct.pack("<IQ", 2**32 - 1, 0), CAPS)


@settings(max_examples=300)
@given(st.binary(max_size=200), st.binary(max_size=50))
def test_no_bytes_make_the_decoder_fail_otherwise(head, body):
    with contextlib.suppress(wire.WireError):
        Decoder(CAPS).value(head, body)


def test_a_bool_array_holds_only_true_and_false():
    back = Decoder(CAPS).value(header(["a", "bool", [4], 0]), bytes([0, 1, 2, 255]))
    assert back.view(np.uint8).tolist() == [0, 1, 1, 1]


def test_unprintable_characters_are_replaced():
    assert wire.printable("a\x1b[31mb\u202ec\ud800") == "a\ufffd[31mb\ufffdc\ufffd"


def _refused(tree, body: bytes = b"", caps: wire.Caps | None = None) -> str:
    with pytest.raises(wire.WireError) as caught:
        Decoder(caps or wire.Caps()).value(msgpack.packb(tree), body)
    return str(caught.value)


def test_a_byte_of_the_body_belongs_to_one_array():
    """Five thousand arrays over one megabyte would be five gigabytes."""
    assert "longer than its frame" in _refused(["l", [["a", "uint8", [1000], 0]] * 2], bytes(1999))
    halves = ["l", [["a", "uint8", [1000], 0], ["a", "uint8", [1000], 1000]]]
    assert len(Decoder(wire.Caps()).value(msgpack.packb(halves), bytes(2000))) == 2


def test_an_empty_array_with_huge_axes_is_refused():
    assert "malformed shape" in _refused(["a", "float32", [0, 2**39, 2**39], 0])
    assert Decoder(wire.Caps()).value(msgpack.packb(["a", "float32", [0, 5], 0]), b"").shape == (0, 5)


def test_nested_claims_of_lists_reserve_nothing():
    import tracemalloc

    header = b"\xdd\x00\x00\xc3\x50" * 60 + bytes(60_000)
    tracemalloc.start()
    with pytest.raises(wire.WireError):
        Decoder(wire.Caps()).value(header, b"")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


def test_millions_of_empty_lists_are_refused_before_they_are_made():
    assert "more than" in _refused(["l", [[[]] * 40_000] * 40])


def test_keys_whose_hashes_collide_are_refused():
    prime = 2**61 - 1
    assert "neither number" in _refused(["d", [[["i", str(k * prime)], 0] for k in range(10, 20)]])
    assert "something else" in _refused(["s", [["i", str(k * prime)] for k in range(10, 20)]])
    assert "tuples as keys" in _refused(["d", [[["t", [k, 1]], 0] for k in range(wire.MAX_TUPLE_KEYS + 1)]])


def test_nothing_may_stand_behind_the_header():
    with pytest.raises(wire.WireError, match="behind it"):
        Decoder(wire.Caps()).value(msgpack.packb(1) + msgpack.packb(2), b"")
