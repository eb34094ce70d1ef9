"""The points of a page add up: of the checks to the question, of those that count to its score."""

from __future__ import annotations

import random

import pytest
import report_samples as samples

from autograder.grading.scoring import score_question
from autograder.model import Outcome, Question, QuestionResult, TestResult
from autograder.report.feedback_questions import shown_questions
from autograder.report.worth import worths

P, F = Outcome.PASSED, Outcome.FAILED


def drawn(seed: int) -> QuestionResult:
    """A question with weights that do not divide its points, some of its checks gated, some right."""
    draw = random.Random(seed)
    one = lambda i: TestResult(f"t{i}", "q", f"Title {i}.", draw.choice((P, F)), weight=draw.choice((1.0, 2.0, 3.0, 0.7)),
                               gated=draw.random() < 0.4)  # fmt: skip
    tests = [one(i) for i in range(draw.randint(1, 9))]
    return score_question(Question("q", "Q", draw.choice((1.0, 2.0, 3.0, 4.0, 2.5))), tests)


def cents(points: float) -> int:
    assert abs(100 * points - round(100 * points)) < 1e-6
    return round(100 * points)


@pytest.mark.parametrize("seed", range(60))
def test_the_points_of_the_checks_add_up_to_the_cent(seed):
    question = drawn(seed)
    found = worths(question)
    assert sum(cents(w.points) for w in found) == cents(question.points)
    counted = [w for w, t in zip(found, question.tests, strict=True) if t.outcome is P and not w.waits]
    assert sum(cents(w.points) for w in counted) == cents(question.score)
    values_right = all(t.outcome is P for t in question.tests if not t.gated)
    assert [w.waits for w in found] == [t.outcome is P and t.gated and not values_right for t in question.tests]
    exact = [question.points * t.weight / sum(t.weight for t in question.tests) for t in question.tests]
    assert all(abs(w.points - e) < 0.021 for w, e in zip(found, exact, strict=True))


def shown(question: QuestionResult):
    return shown_questions(samples.report("x", question))[question.id]


def test_the_page_says_what_each_check_is_worth_and_what_waits():
    tests = (
        TestResult("t0", "q", "Values.", P), TestResult("t1", "q", "Large values.", F, weight=2.0),
        TestResult("t2", "q", "Symmetry.", P, weight=3.0, gated=True), TestResult("t3", "q", "Form.", P, weight=4.0, gated=True),
    )  # fmt: skip
    page = shown(score_question(Question("q", "Q", 5.0), tests))
    waits = "3.5 more points wait: they count once the checks of the values are right."
    assert page.summary == f"3 of 4 checks are right: 0.5 of 5 points. {waits}"
    (failed,) = page.failed
    assert failed.tests[0].worth == "1 point; 3.5 points of other checks wait for it"
    later = "counted once the checks of the values are right"
    assert [t.worth for t in page.passed] == ["0.5 points", f"1.5 points, {later}", f"2 points, {later}"]


def test_a_gated_check_that_failed_holds_nothing_back():
    tests = (TestResult("t0", "q", "Values.", P), TestResult("t1", "q", "Symmetry.", F, weight=3.0, gated=True))
    page = shown(score_question(Question("q", "Q", 4.0), tests))
    assert page.summary == "1 of 2 checks is right: 1 of 4 points."
    assert page.failed[0].tests[0].worth == "3 points" and page.passed[0].worth == "1 point"


def test_a_mark_that_a_rule_took_away_leaves_the_checks_their_worth():
    banned = score_question(Question("q", "Q", 4.0), (TestResult("t0", "q", "Values.", P),), banned="Uses `jax.grad`.")
    assert shown(banned).passed[0].worth == "4 points" and "The check is right, but" in shown(banned).summary
