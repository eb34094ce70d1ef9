"""A report as Gradescope's results.json: one visible entry per question, in words that the student's own page uses.

https://gradescope-autograders.readthedocs.io/en/latest/specs/ (fields), .../submission_metadata/ (what is known of a submission).
Texts are plain ("text"): Gradescope escapes them, and terminal and invisible characters are taken out before (`printable`).
What the grader failed on has no score of its own; the student's last score for it stands in, where there is one.
"""

from __future__ import annotations

import hashlib
import json
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from autograder.files import write_whole
from autograder.model import Assignment, Call, Outcome, QuestionResult, Report, Status, to_json
from autograder.report.feedback import page_of
from autograder.report.pages import STATES, number
from autograder.report.printable import one_line, shorten
from autograder.wording import unmarked
from course_lib.cell_places import COUNTED

WIDTH = 100
ENTRY_CHARS, ENTRY_LINES = 20_000, 400
PROGRAM_CHARS, PROGRAM_LINES = 4_000, 60
METADATA_MB = 64
_MOST_POINTS = 10_000
_NUMBERED = re.compile(r"(\d+(?:\.\d+)*)[.)]?\s+(.+)")
_NOT_RUN = "This question could not be run: the cells named at the top stopped the run, or its time was used up before."
_OURS = "autograder_question"  # in an entry's extra_data


# ------------------------------------------------------------------------------------------- what Gradescope says


@dataclass(frozen=True)
class Metadata:
    """What matters of submission_metadata.json.

    Attributes:
        id: of this submission; empty if it does not say.
        created_at: ISO 8601, or empty.
        earlier: question -> score, from the newest earlier submission that has one.
    """

    id: str = ""
    created_at: str = ""
    earlier: Mapping[str, float] = field(default_factory=dict)


def read_metadata(path: Path) -> Metadata:
    """Reads submission_metadata.json; what is missing or odd there is left empty, never an error."""
    try:
        with open(path, "rb") as f:
            data = json.loads(f.read(METADATA_MB * 10**6))
    except (OSError, ValueError, RecursionError):
        data = None
    data = data if isinstance(data, dict) else {}
    identity, created = data.get("id"), data.get("created_at")
    plain = isinstance(identity, int | str) and not isinstance(identity, bool)
    return Metadata(
        re.sub(r"[^A-Za-z0-9_-]", "", str(identity))[:60] if plain else "",
        one_line(created, 60) if isinstance(created, str) else "",
        _earlier_scores(data.get("previous_submissions")),
    )


def _earlier_scores(submissions: Any) -> dict[str, float]:
    dated = [s for s in submissions if isinstance(s, dict)] if isinstance(submissions, list) else []
    found: dict[str, float] = {}
    for submission in sorted(dated, key=lambda s: str(s.get("submission_time", ""))):
        results = submission.get("results")
        tests = results.get("tests") if isinstance(results, dict) else None
        for test in tests if isinstance(tests, list) else []:
            more = test.get("extra_data") if isinstance(test, dict) else None
            question, score = (more.get(_OURS) if isinstance(more, dict) else None), test.get("score") if more else None
            number_like = isinstance(score, int | float) and not isinstance(score, bool)
            if isinstance(question, str) and number_like and 0 <= score <= _MOST_POINTS:  # what is no number compares as neither
                found[question] = float(score)
    return found


# ------------------------------------------------------------------------------------------------------ results


def results(report: Report, assignment: Assignment, notices: Sequence[str] = (), earlier: Mapping[str, float] | None = None,
            *, ended: bool = True, seconds: float = 0.0) -> dict[str, Any]:  # fmt: skip
    """A report as results.json.

    Args:
        notices: paragraphs about what was handed in, shown first.
        earlier: question -> the student's last score, for what the grader failed on.
        ended: False while grading goes on: then it says what to make of it if that is where it was stopped.
        seconds: wall clock since the container began.
    """
    page, earlier = page_of(report), earlier or {}
    given = {q.id: (q, shown) for q, shown in zip(report.questions, page.questions, strict=True)}
    tests = [_entry(i, q, *given.get(q.id, (None, None)), report, earlier) for i, q in enumerate(assignment.questions, 1)]
    return {
        "score": round(sum(t.get("score", 0.0) for t in tests), 2),
        "execution_time": round(seconds),
        "output": "\n\n".join(_wrapped(p) for p in [*notices, *_summary(report, page, tests, ended)]),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": tests,
        "extra_data": {
            "assignment": assignment.id,
            "status": str(report.status) if ended else "running",
            "epoch": report.epoch,
            "isolation": report.isolation,
            "suite_sha256": report.suite_sha256,
            "notebook_sha256": report.submission.sha256,
            "report_sha256": report_hash(report),
        },
    }


def report_hash(report: Report) -> str:
    """SHA-256 of the report without times: the same submission, epoch and suite give the same."""
    timeless = replace(
        report, seconds=0.0, cpu_seconds=0.0,
        questions=tuple(replace(q, tests=tuple(replace(t, seconds=0.0) for t in q.tests)) for q in report.questions),
    )  # fmt: skip
    return hashlib.sha256(to_json(timeless).encode()).hexdigest()


def ungraded(assignment: Assignment, report: Report) -> Report:
    """`report` with every question left to be graded: what is written before the first one is."""
    questions = tuple(
        QuestionResult(q.id, q.title, q.points, None, Outcome.MANUAL if q.written else Outcome.GRADER_FAULT)
        for q in assignment.questions
    )
    return replace(report, questions=questions)


def write_results(path: Path, content: dict[str, Any]) -> None:
    """Replaces the file whole, so that whoever ends the container finds the last complete one.

    Raises:
        CourseError: it cannot be written.
    """
    write_whole(path, json.dumps(content, indent=1, ensure_ascii=True, allow_nan=False).encode())


def _entry(position: int, question, result: QuestionResult | None, shown, report: Report,
           earlier: Mapping[str, float]) -> dict[str, Any]:  # fmt: skip
    title = one_line(question.title or question.id, 200)
    numbered = _NUMBERED.fullmatch(title)
    entry: dict[str, Any] = {
        "number": numbered[1] if numbered else str(position),
        "name": numbered[2] if numbered else title,
        "output_format": "text",
        "visibility": "visible",
        "extra_data": {_OURS: question.id, "outcome": str(result.outcome) if result else "unreadable"},
    }
    if result is None:  # nothing of the notebook could be read
        if question.written:
            return {**entry, "output": f"Worth {number(question.points)} points. There is no answer to mark."}
        text = "Not graded, because the notebook could not be read: see the message at the top."
        return {**entry, "score": 0.0, "max_score": question.points, "status": "failed", "output": text}
    if result.outcome is Outcome.GRADER_FAULT:
        return {**entry, **_by_earlier_score(result, earlier, report)}
    text = "\n".join(_lines(result, shown))
    if len(text) > ENTRY_CHARS or text.count("\n") >= ENTRY_LINES:  # half a program cannot be pasted
        text = shorten("\n".join(_lines(result, shown, programs=False)), ENTRY_CHARS, ENTRY_LINES)
    if result.score is None:
        return {**entry, "output": text}
    right = result.score >= result.points
    return {**entry, "score": result.score, "max_score": result.points, "status": "passed" if right else "failed", "output": text}


def _by_earlier_score(result: QuestionResult, earlier: Mapping[str, float], report: Report) -> dict[str, Any]:
    points = number(result.points)
    text = (
        f"Not graded yet, through no fault of yours: the grader failed here, or was stopped before it came to it. No mark has "
        f"been given for this question ({points} points), and no points are lost. Hand in the same notebook again; if that "
        "does not help, write to the course staff."
    )
    if result.id not in earlier:
        return {"output": _wrapped(text)}
    score = round(min(max(earlier[result.id], 0.0), result.points), 2)
    text += f" Until then the {number(score)} of {points} points of your submission before this one stand."
    return {"score": score, "max_score": result.points, "output": _wrapped(text)}


def _summary(report: Report, page, tests: Sequence[dict], ended: bool):
    if report.status is Status.UNREADABLE:
        yield f"Your notebook could not be graded. {one_line(report.reason, 600)}"
        return
    if report.status is Status.INCOMPLETE:
        waiting = sum(q.outcome is Outcome.GRADER_FAULT for q in report.questions)
        why = "The grader failed on part of it" if ended else "The grader was stopped before it had finished"
        yield (
            f"THIS RESULT IS NOT FINAL. {why}: {waiting} of {len(report.questions)} questions have no mark yet. That is not your "
            "fault, and no points are lost: what stands above as total is only what has been graded so far. Hand in the same "
            "notebook again; if it stays like this, write to the course staff, who can run the grader again."
        )
    elif page.to_come:
        yield page.to_come
    if page.next_step:
        yield page.next_step
    yield from (f"About your file: {one_line(n, 500)}" for n in report.notes)
    if page.cells:
        yield f"Cells that did not run to the end ({COUNTED[0].lower()}{COUNTED[1:-1]}):"
        for cell in page.cells:
            missing = f" So this is missing or out of date: {', '.join(cell.defines)}." if cell.defines else ""
            begins = f" ({cell.line})" if cell.line else ""
            yield f"Cell {cell.number}{begins} {cell.what}. {cell.message}{missing}"
        if page.more_cells:
            yield f"And {page.more_cells} more."


# ------------------------------------------------------------------------------------- a question, as lines of text


def _lines(result: QuestionResult, shown, programs: bool = True):
    if result.outcome is Outcome.MANUAL:
        yield f"Worth {number(result.points)} points. A person reads this answer; its points come with their mark."
        return
    if result.score is None:
        yield f"Worth {number(result.points)} points. A person decides about this question."
    # The page's own words point to its end.
    summary = _NOT_RUN if result.outcome is Outcome.NOT_RUN else shown.summary
    yield _wrapped(f"{STATES[result.outcome].label}. {summary}")
    for note in shown.notes:
        yield _wrapped(note)
    for head, groups in (("NOT YET", shown.failed), ("LOOK AT THESE AGAIN AFTER THAT", shown.set_back)):
        for group in groups:
            yield ""
            yield from _group(head, group, programs)
    for section in shown.apart:
        yield ""
        yield f"{section.label.upper()}"
        yield from (_wrapped(f"{unmarked(t.title)} {t.message}", "  ") for t in section.tests)
    if shown.passed:
        yield ""
        yield "RIGHT"
        yield from (_wrapped(f"{unmarked(t.title)} ({t.worth})", "  ") for t in shown.passed)


def _group(head: str, group, programs: bool):
    for test in group.tests:
        yield _wrapped(f"{head}: {unmarked(test.title)} ({test.worth})")
    if len(group.tests) > 1:
        yield f"These {len(group.tests)} checks stop for the same reason:"
    else:
        yield from (_wrapped(unmarked(paragraph), "  ") for paragraph in group.tests[0].hints)
    evidence = group.shown
    if evidence.message:
        yield _wrapped(evidence.message, "  ")
    if evidence.call:
        yield from _call(evidence.call)
        yield from _program(evidence.call) if programs else ()
    if evidence.traceback:
        yield "  traceback in your code:"
        yield textwrap.indent(evidence.traceback, "    ")


def _call(call: Call):
    yield from _value("call", call.expression)
    for name, value in call.inputs:
        yield from _value(f"  {name}", value)
    if call.error:
        yield from _value("your code raised", call.error)
    if call.output:
        yield from _value("your result", call.output)


def _program(call: Call):
    """Where it is short: an entry has room for so many lines."""
    if 0 < len(call.program) <= PROGRAM_CHARS and call.program.count("\n") <= PROGRAM_LINES:
        yield "  to repeat the call, paste this into a new cell below your answers:"
        yield textwrap.indent(call.program.rstrip("\n"), "      ")


def _value(label: str, text: str):
    if "\n" in text:
        yield f"  {label}:"
        yield textwrap.indent(text, "      ")
    else:
        yield f"  {label}: {text}"


def _wrapped(text: str, indent: str = "") -> str:
    return textwrap.fill(one_line(text, 4000), WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
