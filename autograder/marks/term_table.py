"""The marks of the whole term in one table: late days spent in order, the lowest dropped, what is open said.

A total is a number only when everything that counts has a final mark. What was not handed in counts nothing and is named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograder.course import Course, parse_assignment_id
from autograder.marks.final_marks import FinalMark
from autograder.marks.policy import lowest
from autograder.platforms.csv_out import csv_of, text_cell
from autograder.report.pages import number, percent
from autograder.report.printable import one_line

_TAIL = (
    "total", "of", "percent", "so_far", "pending", "missing", "dropped", "excused", "late_days_used", "late_days_left", "notes",
)  # fmt: skip


@dataclass(frozen=True)
class TermMark:
    """One student's term so far.

    Attributes:
        marks: assignment -> mark; None for what was not handed in.
        dropped: assignments that do not count because they are among the lowest.
        total, of: points that count and full marks of the same assignments; total is None while one of them is not final.
        so_far: points of what is final.
        pending: assignments without a final mark; `missing`: not handed in (they count nothing); `excused`.
        late_days_used: of the term's late days.
    """

    student: str
    marks: Mapping[str, FinalMark | None]
    dropped: frozenset[str]
    total: float | None
    of: float
    so_far: float
    pending: tuple[str, ...]
    missing: tuple[str, ...]
    excused: tuple[str, ...]
    late_days_used: int


def term_mark(course: Course, student: str, marks: Mapping[str, FinalMark | None], of: Mapping[str, float]) -> TermMark:
    """One student's term.

    Args:
        marks: every assignment that has results -> the student's mark, or None.
        of: their full marks.
    """
    excused = tuple(a for a, m in marks.items() if (m and m.excused) or _excused(course, student, a))
    counting = [a for a in marks if a not in excused]
    missing = tuple(a for a in counting if marks[a] is None)
    pending = tuple(a for a in counting if (m := marks[a]) is not None and m.points is None)
    points = {a: (m.points if (m := marks[a]) is not None else 0.0) for a in counting}
    dropped = _dropped(course, points, of)
    kept = [a for a in counting if a not in dropped]
    final = [p for a in kept if (p := points[a]) is not None]
    so_far = round(sum(final), 2)
    used = sum(m.report.mark.late_days_used for m in marks.values() if m and m.report and m.report.mark)
    return TermMark(
        student, marks, dropped, so_far if len(final) == len(kept) else None, sum(of[a] for a in kept), so_far, pending, missing,
        excused, used,
    )  # fmt: skip


def _excused(course: Course, student: str, assignment: str) -> bool:
    extension = course.extension(student, assignment)
    return extension is not None and extension.excused


def _dropped(course: Course, points: Mapping[str, float | None], of: Mapping[str, float]) -> frozenset[str]:
    dropped: frozenset[str] = frozenset()
    for kind in ("lab", "homework"):
        own = sorted((a for a in points if parse_assignment_id(a)[1] == kind), key=lambda a: course.schedule(a).due.timestamp())
        shares = {a: (p / of[a] if (p := points[a]) is not None and of[a] else p) for a in own}
        dropped |= lowest(shares, course.drops.of(kind))
    return dropped


def term_csv(course: Course, terms: Sequence[TermMark], assignments: Sequence[str], of: Mapping[str, float]) -> str:
    """One row per student (UTF-8, CRLF): what counts of each assignment (empty where it is not final or not handed in), then
    total, of, percent, so_far, and what is pending, missing, dropped, excused, late days used and left, and why.

    The second row has the full marks, under the name "(full marks)".
    """
    rows = [["student", *assignments, *_TAIL], ["(full marks)", *(number(of[a]) for a in assignments), *[""] * len(_TAIL)]]
    for term in sorted(terms, key=lambda t: (t.student.casefold(), t.student)):
        cells = [number(m.points) if (m := term.marks[a]) is not None and m.points is not None else "" for a in assignments]
        whole = [number(term.total), number(term.of), number(percent(term.total, term.of))] if term.total is not None else [
            "", number(term.of), ""]  # fmt: skip
        left = max(0, course.late_policy.late_days - term.late_days_used)
        lists = [" ".join(names) for names in (term.pending, term.missing, sorted(term.dropped), term.excused)]
        row = [text_cell(one_line(term.student, 300)), *cells, *whole, number(term.so_far), *lists]
        rows.append([*row, str(term.late_days_used), str(left), text_cell(_notes(term))])
    return csv_of(rows)


def _notes(term: TermMark) -> str:
    """Why marks are what they are, in one cell."""
    lines = []
    for assignment, mark in term.marks.items():
        words = mark.report.mark.words if mark and mark.report and mark.report.mark else ""
        said = "; ".join(one_line(w, 200) for w in (mark.why if mark else "", words) if w)
        if said:
            lines.append(f"{assignment}: {said}")
    return " | ".join(lines)
