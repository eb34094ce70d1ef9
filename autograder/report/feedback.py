"""The page one student reads: what is right, what is not yet, and where to look next.

Never on it: expected values, comparisons, staff details, suite internals, reasons for a human review, other students.
`_shown_test` is the one place where a `TestResult` is read, and it copies only what a student may see.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from dataclasses import dataclass

from autograder.model import Call, CellProblem, Mark, Outcome, QuestionResult, Report, Status, TestResult
from autograder.report.pages import STATES, State, moment, number, percent, render, settled_points, state_of
from autograder.report.printable import one_line, printable, shorten
from autograder.report.worth import Worth, worths
from course_lib.cell_places import COUNTED

EARLIER_CALLS = 3
CELLS = 20
COMMENT_CHARS = 20_000
VALUE_CHARS, VALUE_LINES = 1500, 24
TRACEBACK_CHARS, TRACEBACK_LINES = 6000, 60
PROGRAM_CHARS = 200_000
_STUB = "NotImplementedError"  # what the stubs of a student notebook raise
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
class _Test:
    title: str
    hints: tuple[str, ...]
    message: str
    call: Call | None
    earlier: tuple[Call, ...]
    traceback: str
    worth: str  # "0.4 points", and what hangs on it
    waits: bool  # it is right, and its points wait for the checks of the values


@dataclass(frozen=True)
class _Group:
    """Failed tests with one and the same cause: shown once, so that a missing name is not told six times.

    `others` are the tests whose call is not shown, where it can be repeated.
    """

    tests: tuple[_Test, ...]
    shown: _Test
    others: tuple[_Test, ...] = ()


@dataclass(frozen=True)
class _Apart:
    label: str
    glyph: str
    tone: str
    tests: tuple[_Test, ...]


@dataclass(frozen=True)
class _Question:
    anchor: str
    title: str
    state: State
    percent: float | None
    points_line: str
    summary: str
    notes: tuple[str, ...]
    failed: tuple[_Group, ...]
    apart: tuple[_Apart, ...]
    passed: tuple[_Test, ...]
    set_back: tuple[_Group, ...]  # failed tests of a blocked question: theirs to see, but not theirs to fix first
    overruled: bool  # what the notes say took the points, not the tests
    comment: tuple[str, ...] = ()  # paragraphs that a person wrote


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
    questions: tuple[_Question, ...]
    next_step: str
    cells: tuple[_Cell, ...]
    more_cells: int
    footer: tuple[str, ...]


def render_feedback(report: Report) -> str:
    """One self-contained HTML page for the student: inline style, no script, nothing loaded from elsewhere."""
    return render("feedback.html.j2", ("style.css", "feedback.css"), page=page_of(report))


def shown_questions(report: Report) -> dict[str, _Question]:
    """What the page says about each question, by id: the same words serve other renderings."""
    titles = {q.id: q.title or q.id for q in report.questions}
    return {q.id: _question(i, q, titles) for i, q in enumerate(report.questions, 1)}


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


# Questions -----------------------------------------------------------------------------------------------------------


def _question(index: int, question: QuestionResult, titles: dict[str, str]) -> _Question:
    tests = {o: tuple(t for t in question.tests if t.outcome is o) for o in Outcome}
    worth = dict(zip((id(t) for t in question.tests), worths(question), strict=True))
    waiting = sum(w.points for w in worth.values() if w.waits)
    shown = lambda t: _shown_test(t, worth[id(t)], waiting)
    blocked = question.outcome is Outcome.BLOCKED
    failed = _groups(tuple(shown(t) for t in tests[Outcome.FAILED]))
    return _Question(
        anchor=f"q{index}",
        title=one_line(question.title or question.id, 200),
        state=state_of(question),
        percent=None if question.score is None else percent(question.score, question.points),
        points_line=_points_line(question),
        summary=_summary(question, titles),
        notes=tuple(one_line(n, 500) for n in question.notes),
        failed=() if blocked else failed,
        set_back=failed if blocked else (),
        overruled=_overruled(question),
        apart=tuple(
            _Apart(label, STATES[outcome].glyph, STATES[outcome].tone, tuple(shown(t) for t in tests[outcome]))
            for outcome, label in (
                (Outcome.BLOCKED, "Waiting"),
                (Outcome.NOT_RUN, "Not run"),
                (Outcome.GRADER_FAULT, "Our fault, graded again soon"),
            )
            if tests[outcome]
        ),
        passed=tuple(shown(t) for t in tests[Outcome.PASSED]),
        comment=_paragraphs(question.comment[:COMMENT_CHARS]),
    )


def _overruled(question: QuestionResult) -> bool:
    """No points although checks that count passed: a rule of the question was broken, the first note says which."""
    earned = any(t.outcome is Outcome.PASSED and not t.gated for t in question.tests)
    return question.outcome is Outcome.FAILED and question.score == 0 and earned and bool(question.notes)


def _points_line(question: QuestionResult) -> str:
    return f"{'–' if question.score is None else number(question.score)} / {number(question.points)}"


def _summary(question: QuestionResult, titles: dict[str, str]) -> str:
    checks = question.tests
    right = sum(t.outcome is Outcome.PASSED for t in checks)
    if _overruled(question):
        return f"{_right(right, len(checks))}, but the question is not answered as it asks:"
    match question.outcome:
        case Outcome.PASSED:
            return ""
        case Outcome.BLOCKED:
            return (
                f"Blocked by {_names(question.blocked_by, titles)}: fix that first. "
                "This question uses it, so we cannot tell yet whether your work here is right."
                + (f" {_sum(question, right)}" if checks else "")
            )
        case Outcome.NOT_RUN:
            return "This question could not be run: see the cells at the end of this page, which stopped the run."
        case Outcome.MANUAL:
            unmarked = "A person reads this answer." if question.score is None else "This answer was left as it was given out."
            return "" if question.by_person else unmarked
        case Outcome.GRADER_FAULT:
            return "Our grader failed here. No marks are lost: this question will be graded again."
    return _sum(question, right) if checks else ""


def _sum(question: QuestionResult, right: int) -> str:
    """E.g. "6 of 7 checks are right: 1.45 of 4 points.", and which points wait for what."""
    said = _right(right, len(question.tests))
    if question.score is None or question.by_person:  # a person's points do not follow from the checks
        return f"{said}."
    waiting = round(sum(w.points for w in worths(question) if w.waits), 2)
    verbs = ("waits: it counts", "wait: they count") if waiting else ("", "")
    more = f" {_how_many(waiting, 'more')} {verbs[waiting != 1]} once the checks of the values are right." if waiting else ""
    return f"{said}: {number(question.score)} of {_how_many(question.points)}.{more}"


def _right(right: int, count: int) -> str:
    if count == 1:
        return "The check is right" if right else "The check is not right yet"
    return f"{right} of {count} checks {'is' if right == 1 else 'are'} right"


def _how_many(points: float, more: str = "") -> str:
    """ "1 point", "0.5 more points"."""
    return " ".join(part for part in (number(points), more, "point" if points == 1 else "points") if part)


def _names(ids: tuple[str, ...], titles: dict[str, str]) -> str:
    names = [f"“{titles.get(i, i)}”" for i in ids]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names) or "another question"


def _shown_test(test: TestResult, worth: Worth, waiting: float) -> _Test:
    calls = tuple(_shown_call(c) for c in test.calls[-1 - EARLIER_CALLS :])
    return _Test(
        title=one_line(test.title or test.id.split("::")[-1].removeprefix("test_").replace("_", " "), 300),
        hints=_paragraphs(test.hint),
        message="" if one_line(test.message) in one_line(test.hint, 10_000) else one_line(test.message, 600),
        call=calls[-1] if calls else None,
        earlier=calls[:-1],
        traceback=shorten(test.traceback, TRACEBACK_CHARS, TRACEBACK_LINES).strip("\n"),
        worth=_worth(test, worth, waiting),
        waits=worth.waits,
    )


def _worth(test: TestResult, worth: Worth, waiting: float) -> str:
    """Its points, and for a check of the values that failed what hangs on it."""
    if worth.waits:
        return f"{_how_many(worth.points)}, counted once the checks of the values are right"
    hangs = waiting and not test.gated and test.outcome is not Outcome.PASSED
    return _how_many(worth.points) + (f"; {_how_many(round(waiting, 2))} of other checks wait for it" if hangs else "")


def _shown_call(call: Call) -> Call:
    cap = lambda text: shorten(text, VALUE_CHARS, VALUE_LINES)
    inputs = tuple((one_line(name, 60), cap(value).strip("\n")) for name, value in call.inputs)
    whole = call.program if len(call.program) <= PROGRAM_CHARS else ""  # a part of a program is none
    return Call(cap(call.expression), inputs, cap(call.output), cap(call.error), printable(whole))


def _paragraphs(hint: str) -> tuple[str, ...]:
    return tuple(" ".join(p.split()) for p in re.split(r"\n\s*\n", inspect.cleandoc(hint)) if p.strip())


def _groups(tests: tuple[_Test, ...]) -> tuple[_Group, ...]:
    """Tests that stopped for one reason together, in order; those with a result of their own each alone."""
    groups: dict[object, list[_Test]] = {}
    for i, test in enumerate(tests):
        groups.setdefault(_cause(test) or i, []).append(test)
    return tuple(_Group(tuple(g), shown := _evidence(g[0]), _others(g, shown)) for g in groups.values())


def _others(group: list[_Test], shown: _Test) -> tuple[_Test, ...]:
    return tuple(t for t in group[1:] if shown.call is not None and t.call is not None and t.call.program)


def _cause(test: _Test) -> tuple[str, ...]:
    """What tests with one reason have in common; empty for a test that came to a result of its own."""
    error = test.call.error if test.call else ""
    if error.startswith(_STUB):
        return (_STUB,)
    same = error or test.traceback or (test.message and test.call is None)
    return (test.message, error, test.traceback) if same else ()


def _evidence(test: _Test) -> _Test:
    """What is worth showing of it: nothing but the message for a stub, and no line twice."""
    if test.call is None:
        return test
    if test.call.error.startswith(_STUB):
        return dataclasses.replace(test, call=None, earlier=(), traceback="")
    if test.call.error == test.message:
        return dataclasses.replace(test, call=dataclasses.replace(test.call, error=""))
    return test


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
