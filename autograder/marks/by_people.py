"""Marks and comments that people gave to one assignment: the file manual.csv beside its results, and nbgrader's gradebook.

The machine's results never hold them: they are put over a report when it is published, so nothing that is graded again can lose
one. The file is one that people write by hand, a spreadsheet saves, or `autograder mark` keeps.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.course import Course
from autograder.errors import CourseError
from autograder.gradebook_place import GradebookPlace
from autograder.grading.store import write_whole_bytes
from autograder.locks import locked
from autograder.model import Report
from autograder.platforms.csv_cells import read_csv, title_of
from autograder.platforms.csv_out import FORMULA_STARTS
from autograder.report.pages import number
from autograder.report.printable import one_line
from autograder.roster import Roster, student_id

MANUAL_FILE = "manual.csv"
COLUMNS = ("student", "question", "points", "comment", "answer")
ANSWER_DIGITS = 16  # of an answer's hash: enough to see that it is another one
_STUDENT = ("student", "studentid", "username", "login", "id", "sid", "email")
_LONG = (("question", "questionid"), ("points", "score", "mark"))
_COMMENT, _ANSWER = ("comment", "comments", "feedback"), ("answer",)


@dataclass(frozen=True)
class HandMark:
    """What a person said of one question.

    Attributes:
        points: None where there is only a comment.
        comment: plain text for the student.
        answer: the first digits of the hash of the answer that it was given for; "" where the file does not say.
    """

    points: float | None
    comment: str = ""
    answer: str = ""


# student -> question -> what a person said of it
HandMarks = Mapping[str, Mapping[str, HandMark]]


def with_hand_marks(report: Report, given: Mapping[str, HandMark]) -> Report:
    """The report with people's marks and comments over what the machine found, in place of any that it had."""
    if not report.questions:
        return report
    return replace(report, questions=tuple(_overlaid(_bare(q), given.get(q.id)) for q in report.questions))


def _bare(question):
    if not question.by_person and not question.comment:
        return question
    return replace(question, score=question.found, by_person=False, machine_score=None, comment="")


def _overlaid(question, mark: HandMark | None):
    if mark is None:
        return question
    if mark.points is None:
        return replace(question, comment=mark.comment)
    return replace(question, score=mark.points, by_person=True, machine_score=question.score, comment=mark.comment)


def other_answers(report: Report, given: Mapping[str, HandMark]) -> list[str]:
    """The questions whose answer is not the one any more that a person marked."""
    return [
        q.id
        for q in report.questions
        if (mark := given.get(q.id)) is not None and mark.points is not None and mark.answer
        and mark.answer != q.answer_sha256[:ANSWER_DIGITS]
    ]  # fmt: skip


# Reading -------------------------------------------------------------------------------------------------------------


def read_hand_marks(file: Path, questions: Mapping[str, float], roster: Roster | None = None,
                    names: Collection[str] = ()) -> tuple[dict[str, dict[str, HandMark]], tuple[str, ...]]:  # fmt: skip
    """Marks that people gave, from a CSV file with a column for the student and one for each marked question (by its id; a column
    "why comment" has the words for it), or with the columns student, question, points, and perhaps comment. An empty cell is no
    mark.

    Args:
        questions: id -> full marks.
        names: ids of students who have results.

    Returns:
        Student -> question -> mark, and a line for everything that was guessed of the file or not used.

    Raises:
        CourseError: it cannot be read, names no question, or a mark is no number of points that the question can have.
    """
    table = read_csv(file, names)
    rows = table.rows()
    titles = [title_of(c) for c in rows[0][1]]
    places = {title_of(q): q for q in questions}
    wide = {q: i for i, t in enumerate(titles) if (q := places.get(t)) is not None}
    long = tuple(_first(titles, known) for known in _LONG)
    if not wide and -1 in long:
        there = ", ".join(rows[0][1][:12])
        raise CourseError(f"{file} has no column for a question. It has {there}; questions are {', '.join(questions)}.")
    words = {q: _first(titles, (title_of(f"{q}comment"),)) for q in wide}
    who = max(0, _first(titles, _STUDENT))
    marks: dict[str, dict[str, HandMark]] = {}
    unknown: list[str] = []
    for line, row in rows[1:]:
        cells, where = [*(_text(c) for c in row), *[""] * len(titles)], f"{file}, line {line}"
        if not (student := _student(cells[who].strip(), roster)):
            continue
        if names and student not in names:
            unknown.append(f"{where}: {one_line(student, 60)!r} has no results; the marks there are not used")
        if wide:
            found = {q: _mark(cells, i, words[q], -1, q, questions, where) for q, i in wide.items()}
        else:
            question = cells[long[0]].strip()
            at = (long[1], _first(titles, _COMMENT), _first(titles, _ANSWER))
            found = {question: _mark(cells, *at, question, questions, where)}
        for question, mark in found.items():
            if mark is not None:
                marks.setdefault(student, {})[question] = mark
    return marks, (*table.notes, *unknown)


def _first(titles: Sequence[str], known: Collection[str]) -> int:
    return next((i for i, t in enumerate(titles) if t in known), -1)


def _text(cell: str) -> str:
    """Without the apostrophe that keeps a spreadsheet from computing."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA_STARTS) else cell


def _cell(text: str) -> str:
    """What `_text` reads back as it was: a teacher's comment comes through whole."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _student(cell: str, roster: Roster | None) -> str:
    person = roster.find([("any", cell), ("name", cell)]) if roster else None
    return person.student if person else student_id(cell)


def _mark(cells: Sequence[str], points: int, comment: int, answer: int, question: str, questions: Mapping[str, float],
          where: str) -> HandMark | None:  # fmt: skip
    value = cells[points].strip()
    words = cells[comment].strip() if comment >= 0 else ""
    if not value and not words:
        return None
    known = cells[answer].strip() if answer >= 0 else ""
    return HandMark(_points(value, question, questions, where), words, known)


def _points(text: str, question: str, questions: Mapping[str, float], where: str) -> float | None:
    if question not in questions:
        raise CourseError(f"{where}: there is no question {question!r}; there are {', '.join(questions)}.")
    if not text:
        return None
    try:
        return checked_points(text, questions[question])
    except ValueError:
        full = number(questions[question])
        raise CourseError(f"{where}: {text!r} is no mark for {question}: it has 0 to {full} points.") from None


def checked_points(text: str, full: float) -> float:
    """Points as a person types them, with a decimal point or comma.

    Raises:
        ValueError: it is no number between 0 and `full`.
    """
    points = float(text.replace(",", "."))
    if not 0 <= points <= full:
        raise ValueError(text)
    return points


# Writing -------------------------------------------------------------------------------------------------------------


def save_hand_mark(file: Path, student: str, question: str, mark: HandMark | None, questions: Mapping[str, float],
                   roster: Roster | None = None) -> None:  # fmt: skip
    """Puts one mark into the file, or takes it out; all others stay. A table of another form is kept beside it as it was.

    Args:
        mark: None takes it out.
        questions: id -> full marks.

    Raises:
        CourseError: the file cannot be read or written.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with locked(file.with_name(f".{file.name}.lock"), wait=True):
        there = file.is_file()
        marks = read_hand_marks(file, questions, roster, [student])[0] if there else {}
        if there and not _is_ours(file):
            _keep(file)
        if mark is None:
            marks.get(student, {}).pop(question, None)
        else:
            marks.setdefault(student, {})[question] = mark
        write_whole_bytes(file, _table(marks, list(questions)))


def _is_ours(file: Path) -> bool:
    with open(file, encoding="utf-8", errors="replace", newline="") as lines:
        return next(csv.reader(lines), []) == list(COLUMNS)


def _keep(file: Path) -> None:
    number_ = next(n for n in range(1, 10_000) if not file.with_name(f"{file.stem}-as-it-was-{n}{file.suffix}").exists())
    write_whole_bytes(file.with_name(f"{file.stem}-as-it-was-{number_}{file.suffix}"), file.read_bytes())


def _table(marks: HandMarks, questions: Sequence[str]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for student in sorted(marks):
        for question in sorted(marks[student], key=questions.index):
            mark = marks[student][question]
            points = "" if mark.points is None else number(mark.points)
            writer.writerow([_cell(student), question, points, _cell(mark.comment), mark.answer])
    return out.getvalue().encode("utf-8")


# Whatever people gave, wherever they gave it -------------------------------------------------------------------------


class GivenMarks:
    """What people gave to one assignment: manual.csv, read again whenever it changes, over nbgrader's gradebook.

    Attributes:
        notes: what was guessed of the file, one line each.
    """

    def __init__(self, file: Path, questions: Mapping[str, float], roster: Roster | None = None,
                 names: Collection[str] = (), book: Callable[[], HandMarks] = dict):  # fmt: skip
        self._file, self._questions, self._roster, self._names = file, questions, roster, names
        self._book, self._seen, self._marks = book(), None, {}
        self.notes: tuple[str, ...] = ()
        self._read()

    def of(self, student: str) -> Mapping[str, HandMark]:
        """Question -> mark of one student.

        Raises:
            CourseError: the file was changed since, and cannot be read now.
        """
        self._read()
        return {**self._book.get(student, {}), **self._marks.get(student, {})}

    def _read(self) -> None:
        now = self.signature()
        if now != self._seen:
            self._marks, self.notes = (
                read_hand_marks(self._file, self._questions, self._roster, self._names) if now else ({}, ())
            )
            self._seen = now

    def signature(self) -> tuple[int, ...] | None:
        """Tells one state of the file from another; None where there is no file."""
        try:
            status = self._file.stat()
        except OSError:
            return None
        return (status.st_ino, status.st_mtime_ns, status.st_size)


def gradebook_marks(course: Course, assignment: str, students: Sequence[str],
                    place: GradebookPlace | None = None) -> dict[str, dict[str, HandMark]]:  # fmt: skip
    """Marks and comments given by hand in nbgrader's formgrader, where the course has a gradebook; {} where it has none.

    Args:
        place: another gradebook than the course's.

    Raises:
        CourseError: the gradebook cannot be read.
    """
    place = place or course.gradebook
    if not place.exists:
        return {}
    from autograder.platforms.nbgrader.book import marks_and_comments
    from autograder.platforms.nbgrader.names import nbgrader_student

    given = marks_and_comments(place.url, course.id, assignment)
    return {
        s: {q: HandMark(points, comment) for q, (points, comment) in given[nbgrader_student(s)].items()}
        for s in students
        if nbgrader_student(s) in given
    }
