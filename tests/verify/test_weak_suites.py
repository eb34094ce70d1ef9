"""The point of it all: a weak suite is found out, weakness by weakness, and a careful one is left in peace."""

from __future__ import annotations

import pytest
from verify_samples import CAREFUL, QUESTIONS, WEAK

from autograder.grading.cases import TestCase
from autograder.grading.decorators import Mark
from autograder.verify.independence import lint_suite
from autograder.verify.records import Fate


def problems(verdict) -> str:
    return "\n".join(f"{p.where}: {p.message}" for p in verdict.problems if not p.note)


def survivors(verdict) -> list[str]:
    return [m.diff for m in verdict.mutants if m.fate is Fate.SURVIVED]


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_careful_suite_is_trusted(careful, question):
    verdict = careful[question]
    assert problems(verdict) == ""
    assert verdict.score == 1.0 and verdict.live >= 3
    assert verdict.stub_share == 0
    assert {a.share for a in verdict.degenerate} == {0.0}


def test_square_inputs_only(weak):
    assert "only asked with square matrices" in problems(weak["pullback"])


def test_all_ones_cotangent(weak):
    assert "all-ones cotangent" in problems(weak["pullback"])
    # And it is no mere matter of taste: the transposed cotangent passes.
    assert any("cotangent.T" in diff for diff in survivors(weak["pullback"]))
    assert weak["pullback"].score < 0.95


def test_nan_is_not_greater_than_the_tolerance(weak):
    nan = next(a for a in weak["log_cosh"].degenerate if a.name == "NaN")
    assert nan.share == 1.0
    assert "degenerate answer `NaN`: earns 100% of the points" in problems(weak["log_cosh"])


def test_snapshot_with_a_wide_tolerance(weak):
    verdict = weak["step"]
    assert verdict.score < 0.6
    assert any("theta + rate * slope" in diff for diff in survivors(verdict))
    assert "sends the same inputs under every seed" in problems(verdict)
    assert "degenerate answer `the first argument back`: earns 100%" in problems(verdict)


def test_self_comparing_probe(weak):
    verdict = weak["smooth"]
    assert "degenerate answer `zeros`: earns 100% of the points" in problems(verdict)
    assert verdict.score < 0.5


def test_a_survivor_says_where_it_differs(weak):
    notes = [m.note for m in weak["step"].mutants if m.fate is Fate.SURVIVED]
    assert any("differs on input" in note for note in notes)


def _cases(text: str) -> tuple[TestCase, ...]:
    reference = "" if '@question("step")' in text else "stated"
    return (TestCase("TestStep::test_snapshot", Mark("step", reference), "", ""),)


def test_the_lint_finds_the_same_in_the_text():
    found = "\n".join(f"{p.where}: {p.message}" for p in lint_suite(WEAK, _cases(WEAK)))
    assert "TestPullback::test_gradient: line" in found and "an all-ones cotangent" in found
    assert "TestLogCosh::test_values: line" in found and "which a NaN is not" in found
    assert "atol = 0.01 without a reason" in found
    assert "TestSmooth::test_linear: line" in found and "difference of two student results" in found
    assert "TestStep::test_snapshot: says nowhere" in found


def test_the_lint_finds_nothing_in_the_careful_suite():
    assert lint_suite(CAREFUL, _cases(CAREFUL)) == []
