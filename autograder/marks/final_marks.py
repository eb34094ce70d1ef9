"""What goes out for one assignment: the machine's points, those that people gave, the late policy, or why there is nothing yet.

Nothing that is missing becomes a zero: a mark is a number only when every question has one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from autograder.marks.by_people import HandMark, with_hand_marks
from autograder.marks.marking import Marker
from autograder.model import Outcome, Report, Status
from autograder.report.printable import one_line
from autograder.roster import Roster


@dataclass(frozen=True)
class FinalMark:
    """One student's mark on one assignment as it goes out.

    Attributes:
        points: what counts; None when there is no final mark.
        of: full marks; 0 when unknown.
        excused: the assignment does not count for the student.
        why: why there are no points; or what the staff should know of them.
        report: with people's marks in it; None for who handed in nothing.
    """

    student: str
    points: float | None
    of: float = 0.0
    excused: bool = False
    why: str = ""
    report: Report | None = None


def final_marks(reports: Iterable[Report], given: Callable[[str], Mapping[str, HandMark]], marker: Marker,
                roster: Roster | None = None) -> list[FinalMark]:  # fmt: skip
    """The marks of everybody who handed in or is on the class list, by student id.

    Args:
        given: student -> question -> what people gave; it goes before what the machine found.
    """
    found = {s: _final(marker.marked(with_hand_marks(r, given(s)))) for r in reports for s in (r.submission.student,)}
    of = max((m.of for m in found.values()), default=0.0)
    for person in roster.people if roster else ():
        found.setdefault(person.student, FinalMark(person.student, None, of, why="handed in nothing"))
    return [found[s] for s in sorted(found)]


def _final(report: Report) -> FinalMark:
    mark, student = report.mark, report.submission.student
    assert mark is not None
    base = FinalMark(student, None, report.points, report=report)
    if mark.excused:
        return replace(base, excused=True, why="excused")
    if report.status is not Status.GRADED:
        return replace(base, why=f"{report.status}: {one_line(report.reason, 120)}")
    if waiting := [q.id for q in report.questions if q.score is None]:
        by_hand = [q.id for q in report.questions if q.score is None and q.outcome is not Outcome.GRADER_FAULT]
        return replace(base, why=f"{'waits for a person' if by_hand else 'grade again'}: {', '.join(waiting)}")
    said = "marked late by the platform, nothing taken" if mark.days_late is None and report.submission.marked_late else ""
    return replace(base, points=mark.counted, why=said)
