"""What each check of a question is worth in points, so that the numbers of a page add up to the cent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.model import Outcome, QuestionResult, TestResult


@dataclass(frozen=True)
class Worth:
    """A check's points, in cents of a point exact; `waits` if it is right and its points wait for the checks of the values."""

    points: float
    waits: bool


def worths(question: QuestionResult) -> tuple[Worth, ...]:
    """One for each test, in order. Together they are the question's points; those that count are its score where tests decide."""
    tests = question.tests
    held_back = any(t.outcome is not Outcome.PASSED for t in tests if not t.gated)
    counts = [t.outcome is Outcome.PASSED and not (t.gated and held_back) for t in tests]
    total = round(100 * question.points)
    earned = None if question.score is None else round(100 * question.score)
    exact = _shares(tests, total)
    by_tests = sum(share for share, c in zip(exact, counts, strict=True) if c)
    # Rounded apart, the points that count give the score as it is written, whatever its own rounding was.
    if earned is not None and abs(by_tests - earned) < 1:
        cents = [0] * len(tests)
        for group, whole in ((True, earned), (False, total - earned)):
            places = [i for i, c in enumerate(counts) if c is group]
            for place, value in zip(places, _rounded([exact[i] for i in places], whole), strict=True):
                cents[place] = value
    else:
        cents = _rounded(exact, total)
    return tuple(
        Worth(c / 100, t.outcome is Outcome.PASSED and t.gated and held_back) for c, t in zip(cents, tests, strict=True)
    )


def _shares(tests: Sequence[TestResult], total: int) -> list[float]:
    weight = sum(t.weight for t in tests)
    return [total * t.weight / weight if weight else 0.0 for t in tests]


def _rounded(exact: Sequence[float], whole: int) -> list[int]:
    """Integers near `exact` whose sum is `whole`: the largest remainders are rounded up."""
    low = [int(value) for value in exact]
    order = sorted(range(len(exact)), key=lambda i: (low[i] - exact[i], i))
    for i in range(max(0, min(len(low), whole - sum(low)))):
        low[order[i]] += 1
    return low
