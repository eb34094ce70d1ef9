"""Two runs side by side: who gains, who loses, why; and the flag that stops a publication."""

from __future__ import annotations

import dataclasses
import io

import pytest
import report_samples as samples
from rich.console import Console

from autograder.model import Mark, Outcome, QuestionResult, Report, Status, TestResult
from autograder.report.comparison import compare, render_comparison


def report(student: str = "alice", points: float = 4.0, sha: str = "aa", suite: str = "s1", **outcomes: Outcome) -> Report:
    """One question `q`; each test passes or not, the score is the passing share."""
    tests = tuple(TestResult(f"Test::{n}", "q", f"Title of {n}.", o) for n, o in outcomes.items())
    share = sum(t.outcome is Outcome.PASSED for t in tests) / len(tests)
    outcome = Outcome.PASSED if share == 1 else Outcome.PARTIAL if share else Outcome.FAILED
    made = samples.report(student, QuestionResult("q", "Q", points, points * share, outcome, tests), suite_sha256=suite)
    return dataclasses.replace(made, submission=dataclasses.replace(made.submission, sha256=sha))


GOOD, BAD = Outcome.PASSED, Outcome.FAILED


def words(old, new, width: int = 120) -> str:
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(render_comparison(compare(old, new)))
    return console.export_text()


def test_at_eighty_columns_reasons_stand_below_each_student():
    long = "maximiliane_von_und_zu_hohenstein"
    old, new = [report("bob", a=GOOD, b=GOOD), report(long, a=GOOD)], [report("bob", a=GOOD, b=BAD), samples.unreadable(long)]
    lines = words(old, new, 80).splitlines()
    assert [line.split()[0] for line in lines[:2]] == ["student", "maximiliane_von_und_z…"] and lines[1].split()[-1] == "lost"
    assert any(line.startswith("    q: 4 → 2 (b passed → failed)") for line in lines)
    assert len(lines) == 8 and max(map(len, lines)) <= 80


def test_a_mark_that_counts_less_lowers_although_the_score_is_the_same():
    marked = lambda counted, words: dataclasses.replace(report(a=GOOD), mark=Mark(4.0, counted, words=words))
    found = compare([marked(4.0, "")], [marked(3.2, "Handed in 2 days late.")])
    assert found.lowers and found.changed[0].difference == 0
    text = words([marked(4.0, "")], [marked(3.2, "Handed in 2 days late.")])
    assert "counts 4 → 3.2: Handed in 2 days late." in text and "1 lose" in text
    assert not compare([marked(3.2, "late")], [marked(4.0, "")]).lowers
    assert not compare([marked(4.0, "")], [marked(None, "pending")]).lowers


def test_the_same_run_twice_changes_nothing():
    reports = samples.class_of()
    found = compare(reports, reports[::-1])
    assert found.changed == () and not found.lowers and not found.suite_changed
    assert "24 of 24 unchanged" in words(reports, reports)


def test_a_loss_names_the_test_that_caused_it():
    old, new = [report(a=GOOD, b=GOOD)], [report(a=GOOD, b=BAD)]
    found = compare(old, new)
    (student,) = found.changed
    assert found.lowers and student.difference == -2.0 and not student.submission_changed
    (question,) = student.questions
    assert [(t.id, t.before, t.after) for t in question.tests] == [("Test::b", GOOD, BAD)]
    assert "q: 4 → 2 (b passed → failed)" in words(old, new) and "1 lose" in words(old, new)


def test_a_gain_does_not_lower():
    found = compare([report(a=BAD)], [report(a=GOOD)])
    assert not found.lowers and found.changed[0].difference == 4.0


def test_one_persons_gain_does_not_hide_anothers_loss():
    old = [report("alice", a=BAD), report("bob", a=GOOD)]
    new = [report("alice", a=GOOD), report("bob", a=BAD)]
    assert compare(old, new).lowers
    lines = words(old, new).splitlines()
    assert [line.split()[0] for line in lines[1:3]] == ["bob", "alice"], "losses first"


def test_new_and_removed_tests():
    text = words([report(a=GOOD, b=GOOD)], [report(a=GOOD, c=BAD, suite="s2")])
    assert "b is gone, was passed" in text and "c is new: failed" in text and "hidden suite changed" in text


def test_changed_weights_alone_are_seen():
    old, new = report(a=GOOD, b=BAD), report(a=GOOD, b=BAD)
    question = dataclasses.replace(new.questions[0], score=1.0)
    assert compare([old], [dataclasses.replace(new, questions=(question,))]).changed[0].difference == -1.0


def test_float_dust_is_no_change():
    old, new = report(a=GOOD, b=BAD), report(a=GOOD, b=BAD)
    question = dataclasses.replace(new.questions[0], score=2.0 - 1e-13)
    assert compare([old], [dataclasses.replace(new, questions=(question,))]).changed == ()


def test_float_dust_lowers_nobody():
    old, new = report(a=GOOD, b=BAD), report(a=BAD, b=GOOD)
    question = dataclasses.replace(new.questions[0], score=2.0 - 1e-13)
    found = compare([old], [dataclasses.replace(new, questions=(question,))])
    assert len(found.changed) == 1 and not found.lowers


def test_another_file_is_told():
    old, new = [report(sha="aa", a=GOOD)], [report(sha="bb", a=GOOD)]
    found = compare(old, new)
    assert found.changed[0].submission_changed and not found.lowers and "file handed in changed" in words(old, new)


@pytest.mark.parametrize("gone", [[], [samples.unreadable("alice")]])
def test_a_result_that_vanishes_lowers(gone):
    old = [report(a=GOOD)]
    found = compare(old, gone)
    assert found.lowers and found.changed[0].vanished and found.changed[0].difference == -4.0


def test_newly_unreadable_says_why():
    assert "graded → unreadable: alice.ipynb: the file is empty" in words([report(a=GOOD)], [samples.unreadable("alice")])


def test_a_graders_fault_is_pending_not_lost():
    old = [samples.report("alice", samples.complete("tape"), samples.complete("softplus"))]
    new = [samples.report("alice", samples.tape(), samples.complete("softplus"), status=Status.INCOMPLETE)]
    found = compare(old, new)
    assert not found.lowers and found.changed[0].difference == 0
    assert "tape: pending, the grader failed" in words(old, new)
    assert not compare(new, old).lowers


def test_somebody_new():
    found = compare([], [report(a=BAD)])
    assert not found.lowers and "new submission" in words([], [report(a=BAD)])


def test_a_removed_question_lowers():
    full = samples.report("alice", samples.complete("tape"), samples.complete("softplus"))
    less = samples.report("alice", samples.complete("tape"))
    assert compare([full], [less]).lowers and "softplus: question removed" in words([full], [less])
