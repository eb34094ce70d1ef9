"""A class for the terminal and for a spreadsheet. Strings from students cannot steer the one or compute in the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from autograder.model import Outcome, QuestionResult, Report, Status
from autograder.platforms.csv_out import csv_of, text_cell
from autograder.report.class_statistics import question_ids
from autograder.report.pages import number, settled_points
from autograder.report.printable import one_line

WIDE_QUESTIONS = 8
_ATTENTION, _LEAST_ATTENTION = 36, 12  # columns for what needs attention
_SIGNS = {
    Outcome.PASSED: ("✓", "green"),
    Outcome.PARTIAL: ("◐", "yellow"),
    Outcome.FAILED: ("✗", "red"),
    Outcome.BLOCKED: ("b", "magenta"),
    Outcome.NOT_RUN: ("–", "bright_black"),
    Outcome.MANUAL: ("✎", "cyan"),
    Outcome.GRADER_FAULT: ("!", "bold red"),
}
_FIRST = (
    "student", "status", "score", "points", "auto_points", "counted", "days_late", "late_days_used", "penalty", "handed_in",
    "time_source", "policy",
)  # fmt: skip
_STATUS = {Status.GRADED: "", Status.INCOMPLETE: "bold red", Status.UNREADABLE: "red"}


def class_csv(reports: Sequence[Report]) -> str:
    """One row per student (UTF-8, CRLF): student, status, score, points, auto_points, what the late policy made of the score
    (counted, days_late, late_days_used, penalty, handed_in, time_source, policy), two columns per question, one for people's
    comments where there are any, reason.

    `score` and `counted` are empty unless the report is final: a spreadsheet must not turn a grader's fault or a broken
    upload into a zero. A text cell that a spreadsheet would take for a formula gets a leading apostrophe.
    """
    ids = question_ids(reports)
    per_question = [column for i in ids for column in (i, f"{i}_outcome")]
    commented = tuple(i for i in ids if any(q.comment for r in reports for q in r.questions if q.id == i))
    heading = [text_cell(c) for c in (*_FIRST, *per_question, *(f"{i}_comment" for i in commented), "reason")]
    return csv_of([heading, *(_row(r, ids, commented) for r in _by_student(reports))])


def _row(report: Report, ids: tuple[str, ...], commented: tuple[str, ...]) -> list[str]:
    final = report.status is Status.GRADED
    row = [text_cell(one_line(report.submission.student, 300)), str(report.status), number(report.score) if final else ""]
    row += [number(report.points), number(report.auto_points)] if report.questions else ["", ""]
    row += _policy_cells(report)
    found = {q.id: q for q in report.questions}
    for question_id in ids:
        question = found.get(question_id)
        score = question.score if question else None
        row += [number(score) if score is not None else "", _outcome(question)]
    row += [text_cell(one_line(found[i].comment, 1000)) if i in found else "" for i in commented]
    return [*row, text_cell(one_line(report.reason, 500))]


def _outcome(question: QuestionResult | None) -> str:
    """The outcome's word; "manual" wherever a person gave the mark."""
    return "" if question is None else str(Outcome.MANUAL if question.by_person else question.outcome)


def _policy_cells(report: Report) -> list[str]:
    mark, submission = report.mark, report.submission
    when = [text_cell(one_line(submission.submitted_at, 60)), text_cell(one_line(submission.time_source, 60))]
    if mark is None:
        return ["", "", "", "", *when, ""]
    counted = number(mark.counted) if mark.counted is not None else ""
    days = "" if mark.days_late is None else str(mark.days_late)
    return [counted, days, str(mark.late_days_used), number(mark.penalty), *when, text_cell(one_line(mark.words, 300))]


def class_table(reports: Sequence[Report]) -> RenderableType:
    """Student, marks per question, total, and on one line what needs attention; fits any width from 60 columns on.

    Up to eight questions get a column of points each where there is room; else each is one sign. What there is no room for in the
    table stands below it, with the student's name.
    """
    return _ClassTable(tuple(_by_student(reports)))


@dataclass(frozen=True)
class _ClassTable:
    reports: tuple[Report, ...]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        ids = question_ids(self.reports)
        room = lambda wide: options.max_width - Measurement.get(console, options, self._table(ids, wide, 0)).maximum - 2
        wide = len(ids) <= WIDE_QUESTIONS and room(True) >= 0
        space = min(_ATTENTION, room(wide))
        yield self._table(ids, wide, space if space >= _LEAST_ATTENTION else 0)
        yield _legend(ids, {q.id: q.points for r in self.reports for q in r.questions})
        for report in self.reports:
            text = _attention(report)
            if len(text) > (space if space >= _LEAST_ATTENTION else 0):
                yield Text.assemble(("  ! ", "yellow"), (f"{one_line(report.submission.student, 60)}: ", "bold"), text)

    def _table(self, ids: tuple[str, ...], wide: bool, attention: int) -> Table:
        table = Table(box=None, pad_edge=False, header_style="bold")
        table.add_column("student", max_width=22, no_wrap=True, overflow="ellipsis")
        for index in range(1, len(ids) + 1) if wide else ():
            table.add_column(str(index), justify="right", no_wrap=True)
        if not wide:
            table.add_column("questions", no_wrap=True, overflow="ellipsis")
        table.add_column("total", justify="right", no_wrap=True)
        if attention:
            table.add_column("", no_wrap=True, overflow="ellipsis", max_width=attention)
        for report in self.reports:
            found = {q.id: q for q in report.questions}
            marks = [_mark(found.get(i), wide) for i in ids]
            cells = marks if wide else [Text(" ").join(marks)]
            student = Text(one_line(report.submission.student, 60), style=_STATUS[report.status])
            table.add_row(student, *cells, _total(report), *((_attention(report),) if attention else ()))
        return table


def _legend(ids: tuple[str, ...], points: dict[str, float]) -> Text:
    names = ", ".join(f"{n} {i} ({number(points[i])})" for n, i in enumerate(ids, 1))
    signs = "b blocked, ✎ by hand, ! grader's fault, – not run"
    return Text(f"{names}\n{signs}" if names else "", style="dim")


def _mark(question: QuestionResult | None, wide: bool) -> Text:
    if question is None:
        return Text("·", style="bright_black")
    sign, style = _SIGNS[Outcome.MANUAL if question.by_person else question.outcome]
    if not wide or question.score is None or question.outcome in (Outcome.BLOCKED, Outcome.NOT_RUN):
        return Text(sign, style=style)
    return Text(number(question.score), style=style)


def _total(report: Report) -> Text:
    if report.status is Status.UNREADABLE:
        return Text("–")
    text = f"{number(report.score)}/{number(settled_points(report))}"
    return Text(text + ("…" if report.status is Status.INCOMPLETE else ""), style="bold")


def _attention(report: Report) -> Text:
    if report.status is not Status.GRADED:
        return Text(f"{report.status}: {one_line(report.reason, 120)}", style=_STATUS[report.status])
    parts = [late] if (late := _late(report)) else []
    parts += [one_line(reason, 120) for reason in report.needs_review[:1]]
    review = [q.id for q in report.questions if q.needs_review]
    if review:
        parts.append("review " + ", ".join(review))
    stopped = sum(c.kind not in ("error", "skipped") for c in report.cells)
    if stopped:
        parts.append(f"{stopped} {'cell' if stopped == 1 else 'cells'} stopped")
    if report.submission.superseded:
        parts.append(f"{len(report.submission.superseded)} older set aside")
    return Text("; ".join(parts), style="yellow")


def _late(report: Report) -> str:
    """e.g. "2 days late, 8 counts"; empty for what the policy leaves alone."""
    mark = report.mark
    if mark is None or mark.excused:
        return "excused" if mark else ""
    if not mark.days_late:
        return "late by the platform's mark" if mark.days_late is None and report.submission.marked_late else ""
    days = f"{mark.days_late} {'day' if mark.days_late == 1 else 'days'} late"
    return f"{days}, {number(mark.counted)} counts" if mark.counted is not None else days


def _by_student(reports: Sequence[Report]) -> list[Report]:
    return sorted(reports, key=lambda r: (r.submission.student.casefold(), r.submission.student))
