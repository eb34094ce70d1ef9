"""Numbers over a class: what each question and each test cost it. Plain records in, plain records out."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autograder.model import Assignment, Outcome, QuestionResult, Report, Status, TestResult


@dataclass(frozen=True)
class QuestionStatistics:
    """One question over all readable submissions.

    Attributes:
        mean: points, over the submissions with a score; None without any.
        outcomes: how many submissions have each outcome.
        attempts: readable submissions that hold the question.
        marked: how many of them a person has marked; `waiting`: how many written answers wait for that.
    """

    id: str
    title: str
    points: float
    mean: float | None
    outcomes: tuple[tuple[Outcome, int], ...]
    attempts: int
    marked: int = 0
    waiting: int = 0

    def count(self, outcome: Outcome) -> int:
        return dict(self.outcomes).get(outcome, 0)


@dataclass(frozen=True)
class TestStatistics:
    """One hidden test over all submissions on which it reached a verdict.

    Attributes:
        passed, failed: submissions; blocked tests, tests not run and grader's faults are in `other`.
        lost: points that its failures cost the class: for each failing submission the question's lost points, shared
            among the question's failing tests by weight.
        message: the commonest public message of its failures, "" when there is none.
    """

    __test__ = False  # pytest must not collect a class named Test*

    id: str
    question: str
    title: str
    passed: int
    failed: int
    other: int
    lost: float
    message: str

    @property
    def rate(self) -> float | None:
        """Share of passes among verdicts, 0 to 1."""
        return self.passed / (self.passed + self.failed) if self.passed + self.failed else None


@dataclass(frozen=True)
class ScoreStatistics:
    """Over graded submissions (incomplete and unreadable ones would distort it). None when there are none."""

    count: int
    mean: float
    median: float
    lower_quartile: float
    upper_quartile: float
    lowest: float
    highest: float


def score_statistics(reports: Iterable[Report]) -> ScoreStatistics | None:
    """Statistics of `Report.score`; quartiles by linear interpolation between data points."""
    scores = sorted(r.score for r in reports if r.status is Status.GRADED)
    if not scores:
        return None
    if len(scores) == 1:
        return ScoreStatistics(1, *([scores[0]] * 6))
    low, median, high = statistics.quantiles(scores, n=4, method="inclusive")
    return ScoreStatistics(len(scores), statistics.fmean(scores), median, low, high, scores[0], scores[-1])


def histogram(reports: Iterable[Report], bins: int = 10) -> tuple[int, ...]:
    """Graded submissions per bin of the share of machine-marked points; full marks are in the last bin."""
    counts = [0] * bins
    for report in reports:
        if report.status is Status.GRADED and report.auto_points > 0:
            share = auto_score(report) / report.auto_points
            # 1e-9: 7/10 of ten bins is bin 7 although 0.7 * 10 rounds to 6.999...
            counts[min(bins - 1, max(0, int(share * bins + 1e-9)))] += 1
    return tuple(counts)


def auto_score(report: Report) -> float:
    """Points of the questions that the machine marks."""
    return sum(q.score for q in report.questions if q.score is not None and q.outcome is not Outcome.MANUAL)


def question_ids(reports: Sequence[Report], assignment: Assignment | None = None) -> tuple[str, ...]:
    """Ids in the assignment's order, then those that only older reports hold."""
    known = dict.fromkeys(q.id for q in assignment.questions) if assignment else {}
    return tuple(known | dict.fromkeys(q.id for r in reports for q in r.questions))


def question_statistics(reports: Sequence[Report], assignment: Assignment | None = None) -> tuple[QuestionStatistics, ...]:
    """One record per question, in the assignment's order."""
    found: dict[str, list[QuestionResult]] = {i: [] for i in question_ids(reports, assignment)}
    for report in reports:
        for question in report.questions:
            found[question.id].append(question)
    return tuple(_question(i, results, assignment) for i, results in found.items())


def _question(question_id: str, results: list[QuestionResult], assignment: Assignment | None) -> QuestionStatistics:
    title, points = question_id, 0.0
    declared = {q.id: q for q in assignment.questions} if assignment else {}
    source = results[-1] if results else declared.get(question_id)
    if source is not None:
        title, points = source.title, source.points
    scores = [q.score for q in results if q.score is not None]
    outcomes = tuple(Counter(q.outcome for q in results).items())
    mean = statistics.fmean(scores) if scores else None
    marked = sum(q.by_person for q in results)
    waiting = sum(q.outcome is Outcome.MANUAL and q.score is None for q in results)
    return QuestionStatistics(question_id, title, points, mean, outcomes, len(results), marked, waiting)


def test_statistics(reports: Iterable[Report]) -> tuple[TestStatistics, ...]:
    """One record per test, the one that costs the class most first."""
    found: dict[tuple[str, str], list[tuple[TestResult, float]]] = {}
    for report in reports:
        for question in report.questions:
            for test in question.tests:
                found.setdefault((question.id, test.id), []).append((test, _lost(test, question)))
    records = [_test(q, results) for (q, _), results in found.items()]
    return tuple(sorted(records, key=lambda t: (-t.lost, -t.failed, t.id)))


test_statistics.__test__ = False  # type: ignore[attr-defined]


def _lost(test: TestResult, question: QuestionResult) -> float:
    if test.outcome is not Outcome.FAILED or question.found is None:
        return 0.0
    failing = sum(t.weight for t in question.tests if t.outcome is Outcome.FAILED)
    return (question.points - question.found) * test.weight / failing if failing else 0.0


def _test(question: str, results: list[tuple[TestResult, float]]) -> TestStatistics:
    outcomes = Counter(t.outcome for t, _ in results)
    messages = Counter(t.message for t, _ in results if t.outcome is Outcome.FAILED and t.message)
    last = results[-1][0]
    passed, failed = outcomes[Outcome.PASSED], outcomes[Outcome.FAILED]
    return TestStatistics(
        last.id,
        question,
        last.title,
        passed,
        failed,
        len(results) - passed - failed,
        sum(lost for _, lost in results),
        messages.most_common(1)[0][0] if messages else "",
    )
