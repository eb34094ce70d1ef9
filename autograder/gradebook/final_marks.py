"""What goes out for one assignment: the machine's points, those that people gave, the late policy, or why there is nothing yet.

Nothing that is missing becomes a zero: a mark is a number only when every question has one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.course import Course
from autograder.errors import CourseError
from autograder.gradebook.marking import Marker
from autograder.model import Outcome, Report, Status
from autograder.platforms.csv_cells import read_csv, title_of
from autograder.report.pages import number
from autograder.report.printable import one_line
from autograder.roster import Roster, student_id

# student -> question -> points that a person gave; they go before what the machine found.
ManualMarks = Mapping[str, Mapping[str, float]]


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


def final_marks(reports: Iterable[Report], manual: ManualMarks, marker: Marker, roster: Roster | None = None) -> list[FinalMark]:
    """The marks of everybody who handed in or is on the class list, by student id."""
    found = {r.submission.student: _final(marker.marked(with_manual(r, manual))) for r in reports}
    of = max((m.of for m in found.values()), default=0.0)
    for person in roster.people if roster else ():
        found.setdefault(person.student, FinalMark(person.student, None, of, why="handed in nothing"))
    return [found[s] for s in sorted(found)]


def with_manual(report: Report, manual: ManualMarks) -> Report:
    """The report with the marks that people gave in place of the machine's; marks for questions it does not have are not used."""
    given = manual.get(report.submission.student)
    if not given or not report.questions:
        return report
    questions = tuple(replace(q, score=given[q.id]) if q.id in given else q for q in report.questions)
    return replace(report, questions=questions)


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


def read_manual_marks(file: Path, questions: Mapping[str, float], roster: Roster | None = None,
                      names: Collection[str] = ()) -> tuple[dict[str, dict[str, float]], tuple[str, ...]]:  # fmt: skip
    """Marks that people gave, from a CSV file with a column for the student and one for each marked question (by its id), or
    with the columns student, question, points. An empty cell is no mark.

    Args:
        questions: id -> full marks.
        names: ids of students who have results.

    Returns:
        Student -> question -> points, and a line for everything that was guessed of the file or not used.

    Raises:
        CourseError: it cannot be read, names no question, or a mark is no number of points that the question can have.
    """
    table = read_csv(file, names)
    rows = table.rows()
    titles = [title_of(c) for c in rows[0][1]]
    places = {title_of(q): q for q in questions}
    wide = {i: places[t] for i, t in enumerate(titles) if t in places}
    long = tuple(next((i for i, t in enumerate(titles) if t in names), -1) for names in _LONG)
    who = next((i for i, t in enumerate(titles) if t in _STUDENT), 0)
    if not wide and -1 in long:
        there = ", ".join(rows[0][1][:12])
        raise CourseError(f"{file} has no column for a question. It has {there}; questions are {', '.join(questions)}.")
    marks: dict[str, dict[str, float]] = {}
    unknown: list[str] = []
    for line, row in rows[1:]:
        cells = [*row, *[""] * len(titles)]
        said = cells[who].strip()
        person = roster.find([("any", said), ("name", said)]) if roster else None
        student = person.student if person else student_id(said)
        if names and said and student not in names:
            unknown.append(f"{file}, line {line}: {one_line(said, 60)!r} has no results; the marks there are not used")
        named = wide.items() if wide else [(long[1], cells[long[0]].strip())]
        for column, question in named:
            if (text := cells[column].strip()) and student:
                marks.setdefault(student, {})[question] = _points(text, question, questions, f"{file}, line {line}")
    return marks, (*table.notes, *unknown)


_STUDENT = ("student", "studentid", "username", "login", "id", "sid", "email")
_LONG = (("question", "questionid"), ("points", "score", "mark"))


def _points(text: str, question: str, questions: Mapping[str, float], where: str) -> float:
    if question not in questions:
        raise CourseError(f"{where}: there is no question {question!r}; there are {', '.join(questions)}.")
    try:
        points = float(text.replace(",", "."))
    except ValueError:
        points = float("nan")
    if not 0 <= points <= questions[question]:
        raise CourseError(f"{where}: {text!r} is no mark for {question}: it has 0 to {number(questions[question])} points.")
    return points


def gradebook_marks(course: Course, assignment: str, students: Sequence[str]) -> dict[str, dict[str, float]]:
    """Marks given by hand in nbgrader's formgrader, where the course has a gradebook; {} where it has none.

    Raises:
        CourseError: the gradebook cannot be read.
    """
    place = course.gradebook
    if not place.exists:
        return {}
    from autograder.gradebook.nbgrader_book import manual_marks
    from autograder.gradebook.nbgrader_names import nbgrader_student

    given = manual_marks(place.url, course.id, assignment)
    return {s: given[nbgrader_student(s)] for s in students if nbgrader_student(s) in given}
