"""Two runs of one assignment side by side: who gains what, who loses what, and which tests it is because of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from autograder.model import Outcome, QuestionResult, Report, Status
from autograder.report.pages import number
from autograder.report.printable import one_line

WITH_REASONS = 100  # columns from which on the reasons have a column of their own
EPSILON = 1e-9  # points; sums of shares such as 1/3 differ in the last bits


@dataclass(frozen=True)
class TestChange:
    """One test whose outcome changed. `before` is None for a new test, `after` None for a removed one."""

    __test__ = False  # pytest must not collect a class named Test*

    id: str
    title: str
    before: Outcome | None
    after: Outcome | None


@dataclass(frozen=True)
class QuestionChange:
    """One question whose score, outcome or points changed. Scores are None where there are none.

    `loses` and `gains` are points. A score that the grader failed to give is pending, not lost.
    """

    id: str
    before: float | None
    after: float | None
    outcome_before: Outcome | None
    outcome_after: Outcome | None
    tests: tuple[TestChange, ...] = ()

    @property
    def difference(self) -> float:
        """Points gained (positive) or lost; 0 while the new score is pending."""
        if self.after is None and self.outcome_after is not None:
            return 0.0
        return (self.after or 0.0) - (self.before or 0.0)


@dataclass(frozen=True)
class StudentChange:
    """One student in both runs, or in one of them (then the other score is None).

    Attributes:
        counted_before, counted_after: what the score counts after the late policy; None where it is not known or not final.
        late: what the late policy says now.
    """

    student: str
    status_before: Status | None
    status_after: Status | None
    score_before: float | None
    score_after: float | None
    submission_changed: bool
    questions: tuple[QuestionChange, ...] = ()
    reason: str = ""
    counted_before: float | None = None
    counted_after: float | None = None
    late: str = ""

    @property
    def counted_difference(self) -> float:
        """What the mark counts more (positive) or less after the late policy; 0 where one of the two is not known."""
        if self.counted_before is None or self.counted_after is None:
            return 0.0
        return self.counted_after - self.counted_before

    @property
    def difference(self) -> float:
        """Points gained or lost in all, pending questions left out."""
        if self.vanished:
            return -(self.score_before or 0.0)
        return sum(q.difference for q in self.questions)

    @property
    def vanished(self) -> bool:
        """Had a readable result before and has none now."""
        readable = self.status_before in (Status.GRADED, Status.INCOMPLETE)
        return readable and self.status_after in (None, Status.UNREADABLE)

    @property
    def lowers(self) -> bool:
        """Loses marks in all, or what they count, or the whole result."""
        return self.vanished or self.difference < -EPSILON or self.counted_difference < -EPSILON

    @property
    def changed(self) -> bool:
        moved = bool(self.questions) or abs(self.counted_difference) > EPSILON
        return moved or self.submission_changed or self.status_before is not self.status_after


@dataclass(frozen=True)
class RunComparison:
    """Every student of either run, sorted by id.

    Attributes:
        suite_changed: the hidden suite differs between the runs.
    """

    students: tuple[StudentChange, ...]
    suite_changed: bool

    @property
    def changed(self) -> tuple[StudentChange, ...]:
        return tuple(s for s in self.students if s.changed)

    @property
    def lowers(self) -> bool:
        """Somebody loses marks: ask before publishing."""
        return any(s.lowers for s in self.students)


def compare(old: Sequence[Report], new: Sequence[Report]) -> RunComparison:
    """What changes for whom from `old` to `new` reports of one assignment; students are matched by id."""
    before = {r.submission.student: r for r in old}
    after = {r.submission.student: r for r in new}
    students = tuple(_student(s, before.get(s), after.get(s)) for s in sorted(before | after))
    return RunComparison(students, _suites(old) != _suites(new))


def _suites(reports: Iterable[Report]) -> set[str]:
    return {r.suite_sha256 for r in reports if r.suite_sha256}


def _student(student: str, before: Report | None, after: Report | None) -> StudentChange:
    return StudentChange(
        student,
        before.status if before else None,
        after.status if after else None,
        _score(before),
        _score(after),
        bool(before and after) and before.submission.sha256 != after.submission.sha256,
        _questions(before, after),
        after.reason if after else "",
        _counted(before),
        _counted(after),
        after.mark.words if after and after.mark else "",
    )


def _counted(report: Report | None) -> float | None:
    return report.mark.counted if report is not None and report.mark is not None and not report.mark.excused else None


def _score(report: Report | None) -> float | None:
    return report.score if report is not None and report.status is not Status.UNREADABLE else None


def _questions(before: Report | None, after: Report | None) -> tuple[QuestionChange, ...]:
    old = {q.id: q for q in before.questions} if before else {}
    new = {q.id: q for q in after.questions} if after else {}
    changes = (_question(i, old.get(i), new.get(i)) for i in dict.fromkeys([*old, *new]))
    return tuple(c for c in changes if _differs(c))


def _question(question_id: str, old: QuestionResult | None, new: QuestionResult | None) -> QuestionChange:
    return QuestionChange(
        question_id,
        old.score if old else None,
        new.score if new else None,
        old.outcome if old else None,
        new.outcome if new else None,
        _tests(old, new),
    )


def _tests(old: QuestionResult | None, new: QuestionResult | None) -> tuple[TestChange, ...]:
    before = {t.id: t for t in old.tests} if old else {}
    after = {t.id: t for t in new.tests} if new else {}
    changes = []
    for test_id in dict.fromkeys([*before, *after]):
        was, is_ = before.get(test_id), after.get(test_id)
        if (was.outcome if was else None) is not (is_.outcome if is_ else None):
            title = (is_ or was).title
            changes.append(TestChange(test_id, title, was.outcome if was else None, is_.outcome if is_ else None))
    return tuple(changes)


def _differs(change: QuestionChange) -> bool:
    moved = abs((change.after or 0.0) - (change.before or 0.0)) > EPSILON or (change.after is None) != (change.before is None)
    return moved or change.outcome_before is not change.outcome_after or bool(change.tests)


def render_comparison(comparison: RunComparison) -> RenderableType:
    """The students whose result changed, the largest losses first, and one line that sums it up.

    Reasons stand in a column of their own where there is room for it, and below each student where there is not.
    """
    summary = _summary(comparison)
    return Group(_Changes(comparison.changed), summary) if comparison.changed else summary


@dataclass(frozen=True)
class _Changes:
    changes: tuple[StudentChange, ...]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        ordered = sorted(self.changes, key=lambda s: (not s.vanished, s.difference, s.counted_difference, s.student))
        if options.max_width >= WITH_REASONS:
            table = _table()
            table.add_column("why", overflow="fold")
            for change in ordered:
                table.add_row(*_cells(change), _why(change))
            yield table
            return
        width = max(len(one_line(c.student, 60)) for c in ordered)
        for change in ordered:
            table = _table(min(width, 22), show_header=change is ordered[0])
            table.add_row(*_cells(change))
            yield table
            yield Padding(_why(change), (0, 0, 0, 4))


def _table(student: int | None = None, show_header: bool = True) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", show_header=show_header)
    table.add_column("student", max_width=22, min_width=max(7, student or 0), no_wrap=True, overflow="ellipsis")
    for heading in ("before", "after", "change"):
        table.add_column(heading, justify="right", no_wrap=True, min_width=6)
    return table


def _cells(change: StudentChange) -> tuple[Text, ...]:
    before, after = _points(change.score_before), _points(change.score_after)
    return Text(one_line(change.student, 60)), Text(before), Text(after), _difference(change)


def _summary(comparison: RunComparison) -> Text:
    lower = sum(s.lowers for s in comparison.students)
    higher = sum(not s.lowers and s.difference + s.counted_difference > EPSILON for s in comparison.students)
    same = sum(not s.changed for s in comparison.students)
    suite = "The hidden suite changed. " if comparison.suite_changed else ""
    text = f"{suite}{higher} gain, {lower} lose, {same} of {len(comparison.students)} unchanged."
    return Text(text, style="bold red" if lower else "bold")


def _points(score: float | None) -> str:
    return "–" if score is None else number(score)


def _difference(change: StudentChange) -> Text:
    if change.vanished:
        return Text("lost", style="bold red")
    moved = change.difference if abs(change.difference) > EPSILON else 0.0
    if not moved and change.counted_difference < -EPSILON:
        return Text("late", style="red")
    if not moved:
        return Text("")
    sign, style = ("+", "green") if moved > 0 else ("−", "red")
    return Text(f"{sign}{number(abs(moved))}", style=style)


def _why(change: StudentChange) -> Text:
    lines = []
    if change.status_before is None:
        lines.append("new submission")
    elif change.status_after is None:
        lines.append("no submission any more")
    elif change.status_before is not change.status_after:
        lines.append(f"{change.status_before} → {change.status_after}: {one_line(change.reason, 160)}".rstrip(": "))
    if change.submission_changed:
        lines.append("the file handed in changed")
    if change.status_before and change.status_after and not change.vanished:
        lines += [_question_line(q) for q in change.questions]
    if abs(change.counted_difference) > EPSILON and not change.vanished:
        late = f": {one_line(change.late, 200)}" if change.late else ""
        lines.append(f"counts {_points(change.counted_before)} → {_points(change.counted_after)}{late}")
    return Text("\n".join(lines))


def _question_line(change: QuestionChange) -> str:
    if change.outcome_before is None:
        head = f"{change.id}: new question, {_points(change.after)}"
    elif change.outcome_after is None:
        head = f"{change.id}: question removed"
    elif change.outcome_after is Outcome.GRADER_FAULT:
        head = f"{change.id}: pending, the grader failed"
    else:
        head = f"{change.id}: {_points(change.before)} → {_points(change.after)}"
    causes = ", ".join(_test_words(t) for t in change.tests)
    return f"{head} ({causes})" if causes else head


def _test_words(change: TestChange) -> str:
    name = one_line(change.id.split("::")[-1], 80)
    if change.before is None:
        return f"{name} is new: {change.after}"
    if change.after is None:
        return f"{name} is gone, was {change.before}"
    return f"{name} {change.before} → {change.after}"
