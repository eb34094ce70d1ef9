"""The page one student reads: what is right, what is not yet, and where to look next.

Never on it: expected values, comparisons, staff details, suite internals, reasons for a human review, other students.
What it says of tests comes from feedback_questions.py, which copies only what a student may see.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from autograder.model import CellProblem, Mark, Outcome, Report, Status
from autograder.report.feedback_questions import TRACEBACK_CHARS, TRACEBACK_LINES, QuestionShown, shown_questions
from autograder.report.pages import moment, number, render, settled_points
from autograder.report.printable import one_line, shorten
from course_lib.cell_places import COUNTED

CELLS = 20
_CELLS = {
    "error": ("raised an error", "todo"),
    "deadline": ("was stopped: it ran longer than is allowed", "todo"),
    "cpu": ("was stopped: it used more processor time than is allowed", "todo"),
    "memory": ("was stopped: it used more memory than is allowed", "todo"),
    "threads": ("was stopped: it started more threads than are allowed", "todo"),
    "disk": ("was stopped: it wrote more files than are allowed", "todo"),
    "reply": ("wrote into the grader's connection", "todo"),
    "crash": ("ended Python itself", "todo"),
    "output": ("was stopped: it printed more than is allowed", "todo"),
    "skipped": ("was left out", "calm"),
}


@dataclass(frozen=True)
class _Notice:
    tone: str
    head: str
    text: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Cell:
    number: int
    line: str
    what: str
    tone: str
    message: str
    defines: tuple[str, ...]
    traceback: str


@dataclass(frozen=True)
class _Page:
    title: str
    student: str
    submitted: str
    score: str | None
    of: str
    provisional: bool
    to_come: str
    notices: tuple[_Notice, ...]
    questions: tuple[QuestionShown, ...]
    next_step: str
    cells: tuple[_Cell, ...]
    more_cells: int
    footer: tuple[str, ...]


def render_feedback(report: Report) -> str:
    """One self-contained HTML page for the student: inline style, no script, nothing loaded from elsewhere."""
    return render("feedback.html.j2", ("style.css", "feedback.css"), page=page_of(report))


def page_of(report: Report) -> _Page:
    """What the page says, without its form: all that other ways to show a report to its student may use of it."""
    titles = {q.id: q.title or q.id for q in report.questions}
    questions = tuple(shown_questions(report).values())
    readable = report.status is not Status.UNREADABLE
    return _Page(
        title=one_line(report.title or report.assignment, 200),
        student=one_line(report.submission.student, 100),
        submitted=moment(report.submission.submitted_at, report.mark.due if report.mark else ""),
        score=number(report.score) if readable and report.questions else None,
        of=number(settled_points(report)),
        provisional=report.status is Status.INCOMPLETE,
        to_come=_still_to_come(report),
        notices=tuple(_notices(report)),
        questions=questions,
        next_step=_next_step(report, titles) if readable else "",
        cells=tuple(_cell(c) for c in report.cells[:CELLS]),
        more_cells=max(0, len(report.cells) - CELLS),
        footer=_footer(report),
    )


# The top of the page -------------------------------------------------------------------------------------------------


def _still_to_come(report: Report) -> str:
    """What the score does not hold yet, e.g. "3 more points are for answers that a person marks."."""
    unsettled = [q for q in report.questions if q.score is None]
    again = sum(q.points for q in unsettled if q.outcome is Outcome.GRADER_FAULT)
    by_hand = sum(q.points for q in unsettled) - again
    lines = [
        f"{_points(by_hand)} for answers that a person marks." if by_hand else "",
        f"{_points(again)} still to be graded, through no fault of yours." if again else "",
    ]
    return " ".join(line for line in lines if line)


def _points(points: float) -> str:
    return f"{number(points)} more {'point is' if points == 1 else 'points are'}"


def _notices(report: Report):
    if report.mark is not None and report.questions and (report.mark.words or report.mark.counted != report.mark.raw):
        yield _counted(report.mark)
    if report.status is Status.UNREADABLE:
        yield _Notice(
            "todo",
            "We could not read your notebook.",
            report.reason,
            ("Nothing in it has been marked. Put this right and hand in again, or write to the course staff.",),
        )
    if report.status is Status.INCOMPLETE:
        yield _Notice(
            "wait",
            "This result is not final.",
            "Our grader failed on part of it. That is our fault, not yours: no marks are lost, "
            "and your notebook will be graded again.",
        )
    if report.notes:
        yield _Notice("calm", "About your file.", lines=tuple(one_line(n, 500) for n in report.notes))
    if report.submission.superseded:
        names = ", ".join(f"`{_last_part(path)}`" for path in report.submission.superseded)
        counted = _last_part(report.submission.path)
        yield _Notice("calm", "You handed in more than one file.", f"`{counted}` counts; set aside: {names}.")


def _counted(mark: Mark) -> _Notice:
    """What the late policy made of the score, and why."""
    if mark.excused or mark.counted is None or not mark.raw:
        return _Notice("calm", "About the hand-in time.", mark.words)
    if not mark.penalty:
        return _Notice("calm", "All of your points count.", mark.words)
    head = f"{number(mark.counted)} of your {number(mark.raw)} points count."
    return _Notice("part", head if mark.accepted else f"None of your {number(mark.raw)} points count.", mark.words)


def _last_part(path: str) -> str:
    """The file's own name: the folders above it are the staff's."""
    return one_line(re.split(r"/", path)[-1], 80)


def _next_step(report: Report, titles: dict[str, str]) -> str:
    """One sentence on where to begin: with what others wait for, else with the first question that is not right."""
    waiting: dict[str, int] = {}
    for question in report.questions:
        for cause in question.blocked_by:
            waiting[cause] = waiting.get(cause, 0) + 1
    unfinished = [q for q in report.questions if q.outcome in (Outcome.FAILED, Outcome.PARTIAL, Outcome.NOT_RUN)]
    first = next((q for q in unfinished if q.id in waiting), None)
    if first is not None:
        count = waiting[first.id]
        others = "another question waits" if count == 1 else f"{count} other questions wait"
        return f"A good place to start: “{titles[first.id]}”, because {others} for it."
    if unfinished:
        return f"A good place to start: “{titles[unfinished[0].id]}”."
    marked = [q for q in report.questions if q.outcome is not Outcome.MANUAL]
    return "Everything that we checked is right. Well done." if marked and report.status is Status.GRADED else ""


def _footer(report: Report) -> tuple[str, ...]:
    lines = ["Do you think that a check is wrong? Write to the course staff and name the question: checks have mistakes too."]
    lines = lines if report.questions else []
    if report.mark is not None and report.mark.drops:
        kind = {"lab": "labs", "homework": "homework"}.get(report.assignment.rpartition("/")[2], "assignments")
        lowest = f"{report.mark.drops} lowest do" if report.mark.drops > 1 else "lowest does"
        lines.append(f"Of all your {kind} the {lowest} not count at the end of term.")
    if report.cells or any(q.notes for q in report.questions):
        lines.append(COUNTED)
    if report.submission.sha256:
        name = _last_part(report.submission.path)
        lines.append(f"Graded file: {name}, SHA-256 {report.submission.sha256[:12]}.")
    return tuple(lines)


# Cells that did not run ------------------------------------------------------------------------------------------------


def _cell(cell: CellProblem) -> _Cell:
    what, tone = _CELLS.get(cell.kind, ("did not finish", "todo"))
    return _Cell(
        cell.index,
        one_line(cell.line, 100),
        what,
        tone,
        one_line(cell.message, 600),
        tuple(one_line(n, 60) for n in cell.defines[:20]),
        shorten(cell.traceback, TRACEBACK_CHARS, TRACEBACK_LINES).strip("\n"),
    )
