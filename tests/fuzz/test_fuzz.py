"""A few thousand mutated frames, notebooks and archives; `make fuzz` tries a million."""

from __future__ import annotations

import fuzzing
import pytest
import replies
from small_course import SmallCourse

from autograder.course import load_course
from autograder.sandbox.wire_decoder import Decoder


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
    monkeypatch.setitem(Decoder._READERS, "l", lambda self, rest, depth: 1 // 0)
    with pytest.raises(fuzzing.Fault, match="ZeroDivisionError"):
        fuzzing.fuzz_frames(500)
    monkeypatch.undo()
    monkeypatch.setitem(Decoder._READERS, "c", lambda self, rest, depth: fuzzing.np.zeros(10**6))
    with pytest.raises(fuzzing.Fault, match="bytes of arrays"):
        fuzzing.fuzz_frames(3000)


@pytest.mark.slow
def test_the_frames_take_nearly_every_branch_of_the_decoder():
    taken, total, missing = fuzzing.decoder_branches(20_000)
    assert taken / total > 0.95, missing


ASSIGNMENTS = load_course(replies.ROOT).assignments()
SAMPLED = ASSIGNMENTS[::5]  # a jail and a suite each, some four seconds of processor time


@pytest.mark.parametrize(
    "assignment", [pytest.param(a, marks=() if a in SAMPLED else pytest.mark.slow) for a in ASSIGNMENTS]
)
def test_no_reply_is_the_graders_fault(assignment):
    """Three tests of a suite with a few odd replies; `make fuzz` tries every one in every test of every suite."""
    seen, broken = replies.fuzz_replies(assignment, share=0.15, tests=3, seed=14)
    assert broken == [] and sum(seen.values()) > 5


_FRAIL = """
@question("double", reference="2 x")
class TestDouble:
    def test_values(self, student, rng):
        \"\"\"Twice the input.\"\"\"
        x = rng.normal(size=3)
        doubled = student.double(x)
        if not isinstance(doubled, np.ndarray):
            raise RuntimeError("a suite that breaks on a wrong form")
        assert_close(doubled, 2 * x)

    def test_twice(self, student, rng):
        \"\"\"Twice the input, and again: the answer goes back in.\"\"\"
        x = rng.normal(size=3)
        assert_close(student.double(student.double(x)), 4 * x)
"""


def test_replies_that_break_a_suite_are_found_and_those_that_are_handed_back_fail_the_test(tmp_path):
    course = SmallCourse(tmp_path / "course")
    assignment = course.add(1, {"double": "def double(x):\n    return 2 * x"}, _FRAIL)
    seen, broken = replies.fuzz_replies(assignment, course=course.root)
    assert {each.swap.test for each in broken} == {"TestDouble::test_values"}
    assert any("breaks on a wrong form" in str(each) for each in broken)
    assert seen["failed"] > len(replies.KINDS)
