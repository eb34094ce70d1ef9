"""From outcomes to marks."""

from __future__ import annotations

import pytest

from autograder.grading.scoring import block, earned_share, score_question
from autograder.model import Outcome, Question, TestResult

P, F, N, G = Outcome.PASSED, Outcome.FAILED, Outcome.NOT_RUN, Outcome.GRADER_FAULT


def results_of(*outcomes, weights=None, gated=()):
    weights = weights or [1.0] * len(outcomes)
    return [
        TestResult(f"t{i}", "q", "", o, weight=w, gated=i in gated)
        for i, (o, w) in enumerate(zip(outcomes, weights, strict=True))
    ]


def test_points_are_shared_by_weight():
    result = score_question(Question("q", "", 4.0), results_of(P, F, weights=[1.0, 3.0]))
    assert (result.score, result.outcome) == (1.0, Outcome.PARTIAL)


def test_a_gated_test_counts_only_when_the_values_are_right():
    assert earned_share(results_of(F, P, gated=[1])) == 0
    assert earned_share(results_of(P, P, gated=[1])) == 1
    assert earned_share(results_of(P, F, gated=[1])) == 0.5


@pytest.mark.parametrize(("outcomes", "score", "outcome"), [
    ((P, P), 4.0, Outcome.PASSED), ((F, F), 0.0, Outcome.FAILED), ((N, N), 0.0, Outcome.NOT_RUN),
    ((P, N), 2.0, Outcome.PARTIAL), ((P, G), None, Outcome.GRADER_FAULT), ((), None, Outcome.GRADER_FAULT),
])  # fmt: skip
def test_the_kinds_of_outcome_are_kept_apart(outcomes, score, outcome):
    result = score_question(Question("q", "", 4.0), results_of(*outcomes))
    assert (result.score, result.outcome) == (score, outcome)


def test_a_banned_function_costs_the_question_and_says_so():
    result = score_question(Question("q", "", 4.0), results_of(P, P), banned="Uses jax.grad.")
    assert (result.score, result.outcome, result.notes) == (0.0, Outcome.FAILED, ("Uses jax.grad.",))


@pytest.mark.parametrize(("marking", "score"), [("as_run", 2.0), ("zero", 0.0), ("manual", None)])
def test_a_blocked_question_is_marked_as_the_course_says(marking, score):
    questions = [Question("a", "", 4.0), Question("b", "", 4.0, needs=("a",))]
    results = [score_question(questions[0], results_of(F)), score_question(questions[1], results_of(P, F))]
    blocked = block(results, questions, marking, lambda result, needed: [q.id for q in needed])[1]
    assert (blocked.outcome, blocked.blocked_by, blocked.score) == (Outcome.BLOCKED, ("a",), score)


def test_a_right_question_is_never_blocked():
    questions = [Question("a", "", 4.0), Question("b", "", 4.0, needs=("a",))]
    results = [score_question(questions[0], results_of(F)), score_question(questions[1], results_of(P))]
    assert block(results, questions, "zero", lambda result, needed: [q.id for q in needed])[1].score == 4.0


@pytest.mark.parametrize("marking", ["as_run", "zero", "manual"])
def test_a_question_whose_calls_did_not_use_the_other_one_is_not_blocked_by_it(marking):
    questions = [Question("a", "", 4.0), Question("b", "", 4.0, needs=("a",))]
    results = [score_question(questions[0], results_of(F)), score_question(questions[1], results_of(P, F))]
    assert block(results, questions, marking, lambda result, needed: ())[1] == results[1]
