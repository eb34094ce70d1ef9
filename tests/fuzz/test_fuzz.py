"""A few thousand mutated frames, notebooks and archives; `make fuzz` tries a million."""

from __future__ import annotations

import fuzzing
import pytest

from autograder.sandbox import wire


def test_frames():
    seen = fuzzing.fuzz_frames(3000, seed=11)
    assert seen["values"] > 300 and seen["refused"] > 1000, "both ways are tried"


def test_notebooks():
    seen = fuzzing.fuzz_notebooks(400, seed=12)
    assert seen["read"] > 50 and seen["refused"] > 50


def test_archives():
    seen = fuzzing.fuzz_archives(400, seed=13)
    assert seen["read"] > 20 and seen["refused"] > 50


def test_code_that_is_slow_to_read():
    fuzzing.check_code_that_is_slow_to_read()


def test_the_fuzzer_sees_a_decoder_that_breaks_its_promise(monkeypatch):
    """The controls: another exception, and more bytes than came."""
    monkeypatch.setitem(wire.Decoder._READERS, "l", lambda self, rest, depth: 1 // 0)
    with pytest.raises(fuzzing.Fault, match="ZeroDivisionError"):
        fuzzing.fuzz_frames(500)
    monkeypatch.undo()
    monkeypatch.setitem(wire.Decoder._READERS, "c", lambda self, rest, depth: fuzzing.np.zeros(10**6))
    with pytest.raises(fuzzing.Fault, match="bytes of arrays"):
        fuzzing.fuzz_frames(3000)


@pytest.mark.slow
def test_the_frames_take_nearly_every_branch_of_the_decoder():
    taken, total, missing = fuzzing.decoder_branches(20_000)
    assert taken / total > 0.95, missing
