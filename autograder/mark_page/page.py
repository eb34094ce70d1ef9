"""STAFF ONLY. The page on which a person marks one answer: what was asked, what is worth what, what the student wrote, a form.

What a student wrote is sanitised HTML (autograder/gradebook/safe_markdown.py), and the page's own policy lets nothing else run.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from urllib.parse import quote

from markupsafe import Markup

from autograder.gradebook.safe_markdown import markdown2html
from autograder.mark_page.desk import AGAIN, BLANK, MACHINE, MARKED, WAITS, MarkingDesk
from autograder.marks.by_people import HandMark
from autograder.notebook.submission import SubmittedCell
from autograder.report.pages import number, render, source
from autograder.report.printable import one_line, printable, printable_code, shorten

_STATES = {
    WAITS: ("○", "waits", "wait"), AGAIN: ("↻", "changed since it was marked", "part"), MARKED: ("✓", "marked", "good"),
    BLANK: ("–", "nothing written: 0 points", "calm"), MACHINE: ("·", "marked by the machine", "calm"),
}  # fmt: skip
TO_DO = (WAITS, AGAIN)
_CODE_CHARS, _CODE_LINES = 40_000, 1500


@dataclass(frozen=True)
class Typed:
    """What was in the form when it was refused, and why."""

    points: str
    comment: str
    problem: str


def address(question: str, student: str) -> str:
    """Of an answer's page, below the address of the desk."""
    return f"{quote(question, safe='')}/{quote(student, safe='')}"


def signature(mark: HandMark | None) -> str:
    """Names a mark, so that a form that was filled in beside an older one is noticed."""
    return hashlib.sha256(repr(mark).encode()).hexdigest()[:16]


def next_to_do(desk: MarkingDesk, question: str, student: str) -> tuple[str, str] | None:
    """The next answer that waits for a person: of this question from here on, then of the others; None if all is done."""
    ids = [q.id for q in desk.questions]
    students = list(desk.students)
    turn = ids.index(question)
    at = students.index(student) + 1 if student in students else 0
    order = [(question, s) for s in students[at:]]
    order += [(q, s) for q in ids[turn + 1 :] + ids[:turn] for s in students]
    order += [(question, s) for s in students[:at]]
    return next(((q, s) for q, s in order if desk.state(s, q) in TO_DO), None)


def render_answer(desk: MarkingDesk, base: str, question: str, student: str, typed: Typed | None = None, saved: str = "") -> str:
    """The page of one answer.

    Args:
        base: the desk's own address, with a slash at the end.
        saved: whose mark was just saved, or "".
    """
    asked, answer, mark = desk.asked(question), desk.answer(student, question), desk.mark(student, question)
    students, result = list(desk.students), desk.result(student, question)
    at = students.index(student)
    there = lambda i: base + address(question, students[i]) if 0 <= i < len(students) else ""
    to_do = next_to_do(desk, question, student)
    script = source("mark.js")
    points = "" if mark is None or mark.points is None else number(mark.points)
    return render(
        "mark.html.j2",
        ("style.css", "mark.css"),
        title=one_line(desk.source.assignment.title, 120),
        script=Markup(script),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        student=one_line(student, 80),
        name=one_line(desk.name_of(student), 80),
        question=one_line(asked.question.title or question, 160),
        questions=[_tab(desk, base, q.id, q.title, student, q.id == question) for q in desk.questions],
        people=[_person(desk, base, question, s, s == student) for s in students],
        position=f"{at + 1} of {len(students)}",
        text=[_html(t) for t in asked.text],
        rubric=[_html(t) for t in asked.rubric],
        model=[_html(t) for t in asked.model],
        cells=[_cell(c) for c in answer.cells],
        note=one_line(answer.note, 400),
        state=_STATES[desk.state(student, question)][1],
        state_tone=_STATES[desk.state(student, question)][2],
        machine="" if result is None or result.found is None else number(result.found),
        full=number(asked.question.points),
        points=typed.points if typed else points,
        comment=typed.comment if typed else mark.comment if mark else "",
        problem=typed.problem if typed else "",
        was=signature(mark),
        saved=one_line(saved, 80),
        previous=there(at - 1),
        following=there(at + 1),
        to_do=base + address(*to_do) if to_do else "",
        unreadable=[one_line(s, 80) for s in desk.unreadable],
    )


def _tab(desk: MarkingDesk, base: str, question: str, title: str, student: str, here: bool) -> dict[str, object]:
    states = [desk.state(s, question) for s in desk.students]
    waiting = sum(s in TO_DO for s in states)
    return {"href": base + address(question, student), "title": one_line(title or question, 80), "here": here, "waiting": waiting}


def _person(desk: MarkingDesk, base: str, question: str, student: str, here: bool) -> dict[str, object]:
    glyph, words, tone = _STATES[desk.state(student, question)]
    result = desk.result(student, question)
    points = number(result.score) if result is not None and result.score is not None else ""
    name = one_line(desk.name_of(student) or student, 40)
    return {"href": base + address(question, student), "name": name, "glyph": glyph, "words": words, "tone": tone,
            "points": points, "here": here}  # fmt: skip


def _cell(cell: SubmittedCell) -> Markup:
    """A cell as its student meant it; nothing in it can run or fetch."""
    if cell.kind != "markdown":
        return Markup("<pre class=wrap>{}</pre>").format(shorten(printable_code(cell.source), _CODE_CHARS, _CODE_LINES))
    attachments: dict[str, dict[str, str]] = {}
    for name, kind, data in cell.pictures:
        attachments.setdefault(name, {})[kind] = data
    return _html(printable(cell.source), attachments)


def _html(text: str, attachments: dict[str, dict[str, str]] | None = None) -> Markup:
    return Markup(markdown2html({"cell": {"attachments": attachments or {}}}, text))
