"""The page the staff read after a run: how the class did, which test costs it most, and what needs a person.

`class_csv` and `class_table`, the same class for a spreadsheet and for the terminal, live in `class_table.py`.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from autograder.model import Assignment, Outcome, QuestionResult, Report, Status
from autograder.report.class_statistics import (
    QuestionStatistics,
    TestStatistics,
    auto_score,
    histogram,
    question_statistics,
    score_statistics,
    test_statistics,
)
from autograder.report.class_table import class_csv, class_table
from autograder.report.pages import MARKED, NOT_ANSWERED, STATES, number, percent, render, settled_points, source, state_of
from autograder.report.printable import one_line, safe_name
from course_lib.cell_places import place

__all__ = ["class_csv", "class_table", "feedback_link", "render_class"]

STOPPED = ("deadline", "cpu", "memory", "threads", "disk", "reply", "crash", "output")


@dataclass(frozen=True)
class _Mark:
    text: str
    sort: float
    level: int | None  # 0 to 10, the shade of the heat map; None for what has no score
    glyph: str
    hint: str


@dataclass(frozen=True)
class _Row:
    student: str
    link: str
    status: str
    tone: str
    marks: tuple[_Mark, ...]
    total: str
    total_sort: float
    counts: str
    seconds: float
    cpu: float
    flags: str


@dataclass(frozen=True)
class _Line:
    """One thing that needs a person: who, where, what."""

    student: str
    link: str
    where: str
    what: str


@dataclass(frozen=True)
class _Bin:
    label: str
    count: int
    height: float


def feedback_link(report: Report) -> str:
    """Where a report's feedback page lies, relative to the class page: feedback/<safe name>.html."""
    return f"feedback/{safe_name(report.submission.student)}.html"


def render_class(reports: Sequence[Report], assignment: Assignment, *, link: Callable[[Report], str] = feedback_link) -> str:
    """One self-contained HTML page for the staff, with one small inline script that sorts tables.

    Args:
        reports: one per student, in any order.
        link: the address of a report's feedback page, relative to where this page is written.
    """
    ordered = sorted(reports, key=lambda r: (r.submission.student.casefold(), r.submission.student))
    script = source("sort.js")
    questions = question_statistics(ordered, assignment)
    return render(
        "class.html.j2",
        ("style.css", "class.css"),
        title=one_line(assignment.title, 200),
        assignment=assignment.id,
        script=Markup(script),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        counts=_counts(ordered),
        scores=score_statistics(ordered),
        auto_points=max((r.auto_points for r in ordered), default=0.0),
        bins=_bins(histogram(ordered)),
        questions=[_question_line(q) for q in questions],
        tests=[_test_line(t) for t in test_statistics(ordered)],
        rows=[_row(r, questions, link) for r in ordered],
        unreadable=[_line(r, link, "", r.reason) for r in ordered if r.status is Status.UNREADABLE],
        incomplete=[_line(r, link, _faults(r), r.reason) for r in ordered if r.status is Status.INCOMPLETE],
        review=[_line(r, link, where, reason) for r in ordered for where, reason in _to_review(r)],
        stopped=[
            _line(r, link, place(c.index, c.line), f"{c.kind}: {c.message}")
            for r in ordered
            for c in r.cells
            if c.kind in STOPPED
        ],
        policy=any(r.mark is not None for r in ordered),
        late=[_line(r, link, "", _late(r)) for r in ordered if _late(r)],
        marked=[_line(r, link, q.title, _given(q)) for r in ordered for q in r.questions if q.by_person or q.comment],
        superseded=[_line(r, link, "", ", ".join(r.submission.superseded)) for r in ordered if r.submission.superseded],
        noted=[_line(r, link, "", note) for r in ordered for note in r.notes],
        warnings=_warnings(ordered),
        isolation=_isolation(ordered),
        suites=_distinct(r.suite_sha256[:12] for r in ordered if r.suite_sha256),
        seconds=sum(r.seconds for r in ordered),
        cpu_seconds=sum(r.cpu_seconds for r in ordered),
        slowest=max((r.seconds for r in ordered), default=0.0),
    )


def _given(question: QuestionResult) -> str:
    """What a person gave, and said."""
    points = f"{number(question.score)} of {number(question.points)}" if question.by_person and question.score is not None else ""
    found = f" (the machine: {number(question.found)})" if points and question.found is not None else ""
    return ": ".join(part for part in (f"{points}{found}", one_line(question.comment, 300)) if part)


def _counts(reports: Sequence[Report]) -> dict[str, int]:
    status = {s: sum(r.status is s for r in reports) for s in Status}
    return {
        "submissions": len(reports),
        "graded": status[Status.GRADED],
        "incomplete": status[Status.INCOMPLETE],
        "unreadable": status[Status.UNREADABLE],
        "review": sum(any(True for _ in _to_review(r)) for r in reports),
    }


def _to_review(report: Report) -> Iterator[tuple[str, str]]:
    """(where, why) of all that a person should look at."""
    yield from (("the whole notebook", reason) for reason in report.needs_review)
    yield from ((q.title, reason) for q in report.questions for reason in q.needs_review)


def _late(report: Report) -> str:
    """What the late policy did, and by which clock; empty where it did nothing."""
    mark, submission = report.mark, report.submission
    if mark is None or (mark.raw is None and not mark.excused) or not (mark.days_late or mark.excused or submission.marked_late):
        return ""
    final = mark.raw is not None and mark.counted is not None
    counted = f"{number(mark.raw)} points, {number(mark.counted)} count. " if final else ""
    by = f" Time by {submission.time_source}." if submission.time_source and mark.days_late else ""
    flag = " The platform marked it late." if submission.marked_late else ""
    return f"{counted}{mark.words}{by}{flag}"


def _warnings(reports: Sequence[Report]) -> list[str]:
    """Reasons not to compare these reports with one another, or not to publish them."""
    lines = []
    if len({r.suite_sha256 for r in reports if r.suite_sha256}) > 1:
        lines.append("These reports come from different versions of the hidden suite: grade again before marks go out.")
    if len({r.epoch for r in reports if r.epoch}) > 1:
        lines.append("These reports were graded on different inputs (different epochs).")
    if any(r.status is Status.INCOMPLETE for r in reports):
        lines.append("Some reports are incomplete through a fault of the grader: grade those again before marks go out.")
    if any(_unconfined(r.isolation) for r in reports):
        lines.append("Some submissions ran without a sandbox.")
    return lines


def _unconfined(isolation: str) -> bool:
    return isolation.lower().startswith(("none", "unsafe", "no "))


def _isolation(reports: Sequence[Report]) -> tuple[str, ...]:
    return _distinct(one_line(r.isolation, 200) for r in reports if r.isolation)


def _distinct(values) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def _faults(report: Report) -> str:
    return ", ".join(q.title or q.id for q in report.questions if q.outcome is Outcome.GRADER_FAULT)


def _line(report: Report, link: Callable[[Report], str], where: str, what: str) -> _Line:
    return _Line(one_line(report.submission.student, 60), link(report), one_line(where, 120), one_line(what, 300))


def _bins(counts: tuple[int, ...]) -> list[_Bin]:
    top, width = max(counts, default=0), 100 // max(1, len(counts))
    return [_Bin(f"{i * width}–{(i + 1) * width}%", count, 100.0 * count / top if top else 0.0) for i, count in enumerate(counts)]


def _question_line(question: QuestionStatistics) -> dict[str, object]:
    parts = [part for o in Outcome for part in _parts(question, o) if part["count"]]
    for part in parts:
        part["share"] = percent(part["count"], question.attempts)
    return {
        "id": question.id,
        "title": one_line(question.title or question.id, 120),
        "points": number(question.points),
        "mean": "–" if question.mean is None else number(question.mean),
        "mean_percent": -1.0 if question.mean is None else percent(question.mean, question.points),
        "parts": parts,
    }


def _parts(question: QuestionStatistics, outcome: Outcome) -> list[dict[str, object]]:
    """How many submissions had an outcome; written answers by what became of them."""
    count = question.count(outcome)
    if outcome is not Outcome.MANUAL:
        return [_part(count, STATES[outcome].label.lower(), STATES[outcome].tone)]
    waits = "waits for a person" if question.waiting == 1 else "wait for a person"
    return [
        _part(question.waiting, waits, STATES[outcome].tone),
        _part(question.marked, MARKED.label.lower(), MARKED.tone),
        _part(count - question.waiting - question.marked, NOT_ANSWERED.label.lower(), NOT_ANSWERED.tone),
    ]


def _part(count: int, label: str, tone: str) -> dict[str, object]:
    return {"tone": tone, "label": f"{count} {label}", "count": count}


def _test_line(test: TestStatistics) -> dict[str, object]:
    return {
        "title": one_line(test.title or test.id, 200),
        "id": test.id,
        "question": test.question,
        "trouble": test.failed + test.other > 0,
        "passed": test.passed,
        "failed": test.failed,
        "other": test.other,
        "rate": "–" if test.rate is None else f"{100 * test.rate:.0f}%",
        "rate_sort": -1.0 if test.rate is None else test.rate,
        "lost": number(test.lost),
        "lost_sort": test.lost,
        "message": one_line(test.message, 200),
    }


def _row(report: Report, questions: Sequence[QuestionStatistics], link: Callable[[Report], str]) -> _Row:
    found = {q.id: q for q in report.questions}
    tone = {Status.GRADED: "good", Status.INCOMPLETE: "wait", Status.UNREADABLE: "todo"}[report.status]
    readable = report.status is not Status.UNREADABLE
    flags = [
        "review" if any(True for _ in _to_review(report)) else "",
        "stopped" if any(c.kind in STOPPED for c in report.cells) else "",
    ]
    return _Row(
        one_line(report.submission.student, 60),
        link(report),
        str(report.status),
        tone,
        tuple(_mark(found.get(q.id)) for q in questions),
        f"{number(report.score)} / {number(settled_points(report))}" if readable else "–",
        auto_score(report) if readable else -1.0,
        number(report.mark.counted) if report.mark is not None and report.mark.counted is not None else "–",
        report.seconds,
        report.cpu_seconds,
        ", ".join(f for f in flags if f),
    )


def _mark(question: QuestionResult | None) -> _Mark:
    if question is None:
        return _Mark("", -2.0, None, "", "no result")
    state = state_of(question)
    hint = f"{state.label}: {one_line(question.comment, 300)}" if question.comment else state.label
    if question.score is None:
        return _Mark("", -1.0, None, state.glyph, hint)
    level = round(percent(question.score, question.points) / 10)
    glyph = state.glyph if question.by_person or question.outcome in (Outcome.BLOCKED, Outcome.NOT_RUN) else ""
    return _Mark(number(question.score), question.score, level, glyph, hint)
