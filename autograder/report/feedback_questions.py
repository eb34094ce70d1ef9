"""What the page of one student says about each question: its points, its checks by outcome, and the calls worth showing.

Never in it: expected values, comparisons, staff details, suite internals. `_shown_test` is the one place where a `TestResult` is
read, and it copies only what a student may see.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from dataclasses import dataclass

from autograder.model import Call, Outcome, QuestionResult, Report, TestResult
from autograder.report.pages import STATES, State, number, percent, state_of
from autograder.report.printable import one_line, printable, shorten
from autograder.report.worth import Worth, worths

EARLIER_CALLS = 3
COMMENT_CHARS = 20_000
VALUE_CHARS, VALUE_LINES = 1500, 24
TRACEBACK_CHARS, TRACEBACK_LINES = 6000, 60
PROGRAM_CHARS = 200_000
_STUB = "NotImplementedError"  # what the stubs of a student notebook raise


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
class QuestionShown:
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


def shown_questions(report: Report) -> dict[str, QuestionShown]:
    """What the page says about each question, by id: the same words serve other renderings."""
    titles = {q.id: q.title or q.id for q in report.questions}
    return {q.id: _question(i, q, titles) for i, q in enumerate(report.questions, 1)}


def _question(index: int, question: QuestionResult, titles: dict[str, str]) -> QuestionShown:
    tests = {o: tuple(t for t in question.tests if t.outcome is o) for o in Outcome}
    worth = dict(zip((id(t) for t in question.tests), worths(question), strict=True))
    waiting = sum(w.points for w in worth.values() if w.waits)
    shown = lambda t: _shown_test(t, worth[id(t)], waiting)
    blocked = question.outcome is Outcome.BLOCKED
    failed = _groups(tuple(shown(t) for t in tests[Outcome.FAILED]))
    return QuestionShown(
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
