"""STAFF ONLY, for the terminal: why a question got its marks, the student's side beside the reference's, test by test."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from autograder.errors import CourseError
from autograder.model import Call, CellProblem, Comparison, Outcome, QuestionResult, Report, TestResult
from autograder.report.pages import STATES, number
from autograder.report.printable import one_line, shorten
from autograder.report.terminal import labelled
from course_lib.cell_places import first_line

_STYLES = {
    Outcome.PASSED: "green",
    Outcome.PARTIAL: "yellow",
    Outcome.FAILED: "red",
    Outcome.BLOCKED: "magenta",
    Outcome.GRADER_FAULT: "bold red",
}


def render_explanation(report: Report, question_id: str) -> RenderableType:
    """One panel per test: the calls and the student's answers, then got and expected side by side, then the assertion.

    It holds expected values and the suite's source: never show it to a student.

    Raises:
        CourseError: the report has no such question; the message lists those it has.
    """
    for question in report.questions:
        if question.id == question_id:
            return Group(_head(report, question), *(_test(t) for t in question.tests), *_cells(report))
    known = ", ".join(q.id for q in report.questions)
    if not known:
        raise CourseError(f"{report.submission.student}: {report.status}: {one_line(report.reason)} Nothing to explain.")
    raise CourseError(f"There is no question {one_line(question_id, 60)!r} in {report.assignment}. Choose one of: {known}.")


def _head(report: Report, question: QuestionResult) -> RenderableType:
    score = "–" if question.score is None else number(question.score)
    style = _STYLES.get(question.outcome, "bold")
    head = Text.assemble(
        (one_line(report.submission.student, 60), "bold"),
        f"  {question.id}: {one_line(question.title, 80)}  ",
        (f"{score} / {number(question.points)} {question.outcome}", style),
    )
    lines: list[RenderableType] = [head]
    if question.blocked_by:
        lines.append(Text(f"blocked by {', '.join(question.blocked_by)}", style="magenta"))
    lines += [labelled("review:", one_line(r), "yellow") for r in (*report.needs_review, *question.needs_review)]
    lines += [labelled("note:", one_line(n), "dim") for n in question.notes]
    return Group(*lines)


def _test(test: TestResult) -> RenderableType:
    style = _STYLES.get(test.outcome, "bright_black")
    parts: list[RenderableType] = [Text(one_line(test.title, 300), style="italic")]
    if test.message:
        parts.append(labelled("told to the student:", one_line(test.message, 600)))
    if test.calls:
        parts.append(_calls(test.calls))
    shown = tuple(c for c in test.comparisons if c.got or c.expected)
    if shown:
        parts.append(_comparisons(shown))
    elif test.comparisons:  # of a test that passed in a class
        parts += [Text(one_line(c.detail, 400), style="green") for c in test.comparisons]
        parts.append(Text("For the values, give the notebook's file as --submission.", style="dim"))
    if test.staff_detail:
        parts += [Text("assertion", style="bold"), _indented(test.staff_detail, 4000, 40)]
    if test.traceback:
        parts += [Text("student's traceback", style="bold"), _indented(test.traceback, 3000, 30)]
    facts = f"weight {number(test.weight)}{', gated' if test.gated else ''}, {test.seconds:.2f} s"
    title = Text.assemble((f"{STATES[test.outcome].glyph} {test.id}", style), (f"  {facts}", "dim"))
    return Panel(Group(*parts), title=title, title_align="left", border_style=style)


def _indented(text: str, chars: int, lines: int) -> RenderableType:
    """Below a heading of ours, so that no line of it looks like the next heading."""
    return Padding(Text(shorten(text, chars, lines)), (0, 0, 0, 2))


def _calls(calls: tuple[Call, ...]) -> Table:
    table = _table("call", "student's answer")
    for call in calls:
        left = Text(shorten(call.expression, 400, 6), style="bold")
        for name, value in call.inputs:
            left.append(f"\n{one_line(name, 40)} = {shorten(value, 800, 12)}", style="not bold")
        right = Text(shorten(call.output, 1500, 20))
        if call.error:
            right.append(f"{chr(10) if call.output else ''}{shorten(call.error, 600, 6)}", style="red")
        table.add_row(left, right)
    return table


def _comparisons(comparisons: tuple[Comparison, ...]) -> Table:
    table = _table("student", "reference")
    for comparison in comparisons:
        detail = Text(f"\n{one_line(comparison.detail, 400)}", style="green" if comparison.passed else "red")
        table.add_row(
            Text(shorten(comparison.got, 1500, 20)) + detail,
            Text(shorten(comparison.expected, 1500, 20), style="cyan"),
        )
    return table


def _table(left: str, right: str) -> Table:
    table = Table(expand=True, show_lines=True, header_style="bold")
    table.add_column(left, ratio=1, overflow="fold")
    table.add_column(right, ratio=1, overflow="fold")
    return table


def _cells(report: Report) -> list[RenderableType]:
    return [labelled(f"cell {c.index} {c.kind}:", _cell_words(c), "dim") for c in report.cells]


def _cell_words(cell: CellProblem) -> str:
    begins = f"`{one_line(first_line(cell.line), 60)}`: " if cell.line else ""
    return f"{begins}{one_line(cell.message)} (defines {one_line(', '.join(cell.defines), 120) or 'nothing'})"
