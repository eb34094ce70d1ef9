"""STAFF ONLY, for the terminal: why a question, or a whole notebook, got its marks, test by test, beside the reference."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from autograder.errors import CourseError
from autograder.model import Call, CellProblem, Comparison, Outcome, QuestionResult, Report, TestResult
from autograder.report.pages import STATES, number, settled_points
from autograder.report.printable import one_line, shorten
from autograder.report.terminal import labelled
from course_lib.cell_places import first_line

SIDE_BY_SIDE = 96  # columns inside a panel from which on two values stand side by side
_STYLES = {
    Outcome.PASSED: "green",
    Outcome.PARTIAL: "yellow",
    Outcome.FAILED: "red",
    Outcome.BLOCKED: "magenta",
    Outcome.GRADER_FAULT: "bold red",
}


def render_explanation(report: Report, question_id: str = "", everything: bool = False) -> RenderableType:
    """One panel per test: the calls and the student's answers, then got and expected side by side, then the assertion.

    What passed is one line, unless a question is asked for by name that passed as a whole. It holds expected values and the
    suite's source: never show it to a student.

    Args:
        question_id: "" for the whole notebook.
        everything: what passed, too.

    Raises:
        CourseError: the report has no such question; the message lists those it has.
    """
    known = ", ".join(q.id for q in report.questions)
    if not known:
        raise CourseError(f"{report.submission.student}: {report.status}: {one_line(report.reason)} Nothing to explain.")
    chosen = [q for q in report.questions if question_id in ("", q.id)]
    if not chosen:
        raise CourseError(f"There is no question {one_line(question_id, 60)!r} in {report.assignment}. Choose one of: {known}.")
    whole = not question_id
    parts = [part for q in chosen for part in _question(report, q, whole, everything)]
    return Group(*(_whole_head(report) if whole else ()), *parts, *_cells(report))


def _whole_head(report: Report) -> list[RenderableType]:
    total = f"{number(report.score)} / {number(settled_points(report))}"
    head = Text.assemble((one_line(report.submission.student, 60), "bold"), f"  {one_line(report.title, 80)}  ", (total, "bold"))
    return [head, *(Text(f"review: {one_line(r)}", style="yellow") for r in report.needs_review)]


def _question(report: Report, question: QuestionResult, whole: bool, everything: bool) -> list[RenderableType]:
    right = all(t.outcome is Outcome.PASSED for t in question.tests)
    unfold = everything or (right and not whole)
    shown = [t for t in question.tests if unfold or t.outcome is not Outcome.PASSED]
    folded = [t for t in question.tests if t not in shown]
    parts: list[RenderableType] = [Text(""), _head(report, question, whole)] if whole else [_head(report, question, whole)]
    if whole and right and not everything:
        return [_head(report, question, whole)]
    return [*parts, *(_test(t) for t in shown), *(_line(t) for t in folded)]


def _line(test: TestResult) -> Text:
    """A test that passed."""
    return Text.assemble((f"{STATES[test.outcome].glyph} {test.id}", _STYLES[Outcome.PASSED]),
                         (f"  {one_line(test.title, 200)}", "dim"))  # fmt: skip


def _head(report: Report, question: QuestionResult, whole: bool) -> RenderableType:
    score = "–" if question.score is None else number(question.score)
    style = _STYLES.get(question.outcome, "bold")
    student = "" if whole else f"{one_line(report.submission.student, 60)}  "
    by = " by a person" if question.by_person else ""
    head = Text.assemble(
        (student, "bold"),
        f"{question.id}: {one_line(question.title, 80)}  ",
        (f"{score} / {number(question.points)} {question.outcome}{by}", style),
    )
    lines: list[RenderableType] = [head]
    if question.comment:
        lines.append(labelled("comment:", one_line(question.comment, 600), "cyan"))
    if question.blocked_by:
        lines.append(Text(f"blocked by {', '.join(question.blocked_by)}", style="magenta"))
    review = question.needs_review if whole else (*report.needs_review, *question.needs_review)
    lines += [labelled("review:", one_line(r), "yellow") for r in review]
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
        parts.append(Text("For the values, name the notebook's file in place of the student.", style="dim"))
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


def _calls(calls: tuple[Call, ...]) -> RenderableType:
    rows = []
    for call in calls:
        left = Text(shorten(call.expression, 400, 6), style="bold")
        for name, value in call.inputs:
            left.append(f"\n{one_line(name, 40)} = {shorten(value, 800, 12)}", style="not bold")
        right = Text(shorten(call.output, 1500, 20))
        if call.error:
            right.append(f"{chr(10) if call.output else ''}{shorten(call.error, 600, 6)}", style="red")
        rows.append((left, right))
    return _Pairs("call", "student's answer", tuple(rows))


def _comparisons(comparisons: tuple[Comparison, ...]) -> RenderableType:
    rows = []
    for comparison in comparisons:
        detail = Text(f"\n{one_line(comparison.detail, 400)}", style="green" if comparison.passed else "red")
        expected = Text(shorten(comparison.expected, 1500, 20), style="cyan")
        rows.append((Text(shorten(comparison.got, 1500, 20)) + detail, expected))
    return _Pairs("student", "reference", tuple(rows))


@dataclass(frozen=True)
class _Pairs:
    """Two things side by side; one below the other where each would be a narrow tower."""

    left: str
    right: str
    rows: tuple[tuple[Text, Text], ...]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if options.max_width >= SIDE_BY_SIDE:
            table = Table(expand=True, show_lines=True, header_style="bold")
            table.add_column(self.left, ratio=1, overflow="fold")
            table.add_column(self.right, ratio=1, overflow="fold")
            for row in self.rows:
                table.add_row(*row)
            yield table
            return
        for left, right in self.rows:
            yield Text(self.left, style="bold underline")
            yield Padding(left, (0, 0, 0, 2))
            yield Text(self.right, style="bold underline")
            yield Padding(right, (0, 0, 0, 2))


def _cells(report: Report) -> list[RenderableType]:
    return [labelled(f"cell {c.index} {c.kind}:", _cell_words(c), "dim") for c in report.cells]


def _cell_words(cell: CellProblem) -> str:
    begins = f"`{one_line(first_line(cell.line), 60)}`: " if cell.line else ""
    return f"{begins}{one_line(cell.message)} (defines {one_line(', '.join(cell.defines), 120) or 'nothing'})"
