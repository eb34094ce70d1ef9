"""Replies compared: what makes a mutant dead, what makes two versions differ, and what one hash stands for."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.sandbox import wire
from autograder.verify.tape import Request, dead_because, difference, fingerprint, map_references, signature

ONE = {"ok": [np.array([1.0, 2.0], np.float32), 3]}


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ({"ok": [np.array([5.0, 6.0], np.float32), 7]}, ""),
        ({"ok": [np.array([np.nan, 6.0], np.float32), 7]}, "not finite"),
        ({"ok": [np.array([5.0], np.float32), 7]}, "shape (1,) for (2,)"),
        ({"ok": [np.array([5.0, 6.0]), 7]}, "dtype float64 for float32"),
        ({"ok": [np.array([5.0, 6.0], np.float32)]}, "another structure"),
        ({"ok": [np.array([5.0, 6.0], np.float32), "7"]}, "a str for a int"),
        ({"error": {"type": "TypeError"}}, "raises TypeError"),
    ],
)
def test_live_or_dead(reply, reason):
    assert dead_because(ONE, reply) == reason


def test_what_the_solution_leaves_not_finite_may_stay_so():
    infinite = {"ok": np.array([np.inf, 1.0])}
    assert dead_because(infinite, {"ok": np.array([np.inf, 2.0])}) == ""


def test_difference_ignores_rounding_and_nothing_more():
    assert difference(ONE, {"ok": [np.array([1.0, 2.000001], np.float32), 3]}) == ""
    assert "differs by" in difference(ONE, {"ok": [np.array([1.0, 2.001], np.float32), 3]})
    assert difference(ONE, {"ok": [np.array([1.0, 2.0], np.float32), 4]}) != ""
    assert difference({"ok": np.array(np.nan)}, {"ok": np.array(0.0)}) != ""
    assert difference({"error": {"type": "A"}}, {"error": {"type": "B"}}) == ""
    assert difference({"error": {"type": "A"}}, ONE) == "returns where the solution raises"


def test_signature_tells_versions_apart_at_four_digits():
    near, far = {"ok": np.array([1.0, 2.0000001])}, {"ok": np.array([1.0, 2.01])}
    assert signature([{"ok": np.array([1.0, 2.0])}]) == signature([near]) != signature([far])
    assert signature([{"ok": np.array(0.0)}]) == signature([{"ok": np.array(-0.0)}])
    assert len({signature([{"ok": x}]) for x in (2.0, 3.0, -2.0, 20.0, np.array(2.0), np.float32(0.5) * np.ones(1))}) == 5


def request(*args) -> Request:
    return Request("call", {"fn": "f", "args": list(args), "kwargs": {}}, False, {"ok": None}, 0.0)


def test_fingerprint_sees_every_bit_that_is_sent_but_no_handle_numbers():
    a, b = np.array([1.0, 2.0]), np.array([1.0, np.nextafter(2.0, 3.0)])
    assert fingerprint([request(a)]) == fingerprint([request(a.copy())]) != fingerprint([request(b)])
    assert fingerprint([request(wire.Reference(3))]) == fingerprint([request(wire.Reference(8))])
    assert fingerprint([request(wire.Reference(3))]) != fingerprint([request(wire.Reference(0))])


def test_references_are_changed_inside_code_and_containers():
    code = wire.Code(b"", {"f": wire.Reference(2)}, {"c": [wire.Reference(2)]}, (wire.Reference(2),))
    moved = map_references({"a": code, "b": (wire.Reference(2), 1)}, lambda r: wire.Reference(r.key + 5))
    assert moved["a"].captured["f"] == moved["a"].cells["c"][0] == moved["a"].defaults[0] == moved["b"][0] == wire.Reference(7)
