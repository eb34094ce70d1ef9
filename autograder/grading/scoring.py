"""From test results to marks: weights, gates, blocked questions, bans. Pure; the policy's words are course.toml's."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from autograder.model import Outcome, Question, QuestionResult, TestResult


def score_question(question: Question, tests: Sequence[TestResult], notes: Sequence[str] = (), banned: str = "",
                   needs_review: Sequence[str] = ()) -> QuestionResult:  # fmt: skip
    """The result of one question that the machine marks.

    Points are shared among tests by weight. A gated test counts only if all ungated tests of the question pass.

    Args:
        banned: what its code uses that the question does not allow, as a sentence; empty if nothing.
    """
    common = {"id": question.id, "title": question.title, "points": question.points, "tests": tuple(tests),
              "needs_review": tuple(dict.fromkeys((*needs_review, *(t.review for t in tests if t.review))))}  # fmt: skip
    if any(t.outcome is Outcome.GRADER_FAULT for t in tests) or not tests:
        return QuestionResult(**common, score=None, outcome=Outcome.GRADER_FAULT, notes=tuple(notes))
    if banned:
        return QuestionResult(**common, score=0.0, outcome=Outcome.FAILED, notes=(banned, *notes))
    share = earned_share(tests)
    outcome = Outcome.PASSED if share == 1 else Outcome.PARTIAL if share > 0 else Outcome.FAILED
    if all(t.outcome is Outcome.NOT_RUN for t in tests):
        outcome = Outcome.NOT_RUN
    return QuestionResult(**common, score=round(question.points * share, 2), outcome=outcome, notes=tuple(notes))


def score_written(question: Question, untouched: bool, answer_sha256: str) -> QuestionResult:
    """The result of a written question: a person's to give, but for an answer that was left as released, which is worth nothing.

    Args:
        answer_sha256: of the answer's text; "" where nothing was written.
    """
    score = 0.0 if untouched else None
    return QuestionResult(question.id, question.title, question.points, score, Outcome.MANUAL, answer_sha256=answer_sha256)


def earned_share(tests: Sequence[TestResult]) -> float:
    """The part of a question's points that its tests give, between 0 and 1."""
    values_right = all(t.outcome is Outcome.PASSED for t in tests if not t.gated)
    earned = sum(t.weight for t in tests if t.outcome is Outcome.PASSED and (values_right or not t.gated))
    total = sum(t.weight for t in tests)
    return 1.0 if all(t.outcome is Outcome.PASSED for t in tests) else earned / total


def block(results: Sequence[QuestionResult], questions: Sequence[Question], marking: str,
          used: Callable[[QuestionResult, Sequence[Question]], Collection[str]]) -> tuple[QuestionResult, ...]:  # fmt: skip
    """Marks questions whose needs are not right, apart from plainly wrong ones.

    Args:
        used: (result, questions that are not right and that it is declared to need) -> ids of those that the calls of its
            failed tests used.
        marking: "as_run" keeps the points that their tests gave, "zero" takes them, "manual" leaves them to a person.
    """
    by_id = {r.id: r for r in results}
    declared = {q.id: [n for n in questions if n.id in q.needs and by_id[n.id].outcome is not Outcome.PASSED] for q in questions}
    return tuple(_blocked(by_id[q.id], declared[q.id], marking, used) for q in questions)


def _blocked(result: QuestionResult, declared: Sequence[Question], marking: str,
             used: Callable[[QuestionResult, Sequence[Question]], Collection[str]]) -> QuestionResult:  # fmt: skip
    if result.outcome not in (Outcome.FAILED, Outcome.PARTIAL, Outcome.NOT_RUN) or not declared:
        return result
    found = used(result, declared)
    blockers = tuple(n.id for n in declared if n.id in found)
    if not blockers:
        return result
    score = {"zero": 0.0, "manual": None}.get(marking, result.score)
    review = (*result.needs_review, f"blocked by {', '.join(blockers)}") if marking == "manual" else result.needs_review
    return replace(result, score=score, outcome=Outcome.BLOCKED, blocked_by=blockers, needs_review=review)
