"""Our reports as marks and comments in nbgrader's gradebook, where its formgrader, feedback and exports find them.

One process writes: the one that grades a class, or nbgrader's own command. Any database that SQLAlchemy reaches will do.
Only automatic scores and comments are written. What a person entered (score, extra credit, comment) is never touched; a
question asks for a person again only when what it was marked for has changed. A grader's fault is never a zero: the question
keeps the mark that it had for the same file, or has none, and asks for a person.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import sqlalchemy
from nbformat import NotebookNode
from nbgrader.api import Comment, Grade, Gradebook, MissingEntry, SubmittedNotebook
from nbgrader.utils import parse_utc
from sqlalchemy.engine import make_url

from autograder.errors import CourseError
from autograder.model import Outcome, QuestionResult, Report, Status
from autograder.notebook.submission import normalised_sha256
from autograder.platforms.nbgrader.comments import comments, escaped
from autograder.platforms.nbgrader.names import NO_KERNEL, nbgrader_assignment, nbgrader_notebook, nbgrader_student

# What each mark was given for. A table beside nbgrader's own: its columns have no room for it.
_records = sqlalchemy.Table(
    "autograder_record",
    sqlalchemy.MetaData(),
    sqlalchemy.Column("submitted_notebook_id", sqlalchemy.String(32), primary_key=True),
    sqlalchemy.Column("sha256", sqlalchemy.String(64), nullable=False),
    sqlalchemy.Column("answers", sqlalchemy.Text, nullable=False),  # JSON: grade id -> hash of the cell's text
    sqlalchemy.Column("late_share", sqlalchemy.Float, nullable=False),  # of the score, taken for lateness
)


@dataclass(frozen=True)
class Entry:
    """One submission as it goes into the gradebook.

    Attributes:
        report: what our engine found.
        notebook: the notebook that people mark, each grade id once.
        handed_in: with or without time zone (then UTC); None when unknown: then it is never late.
        student: as nbgrader names them; "" for what `nbgrader_student` makes of the report's id.
        extension: the student's own due time minus the class's; None leaves what nbgrader has.
    """

    report: Report
    notebook: NotebookNode
    handed_in: datetime | None = None
    student: str = ""
    extension: timedelta | None = None


@dataclass(frozen=True)
class _Record:
    sha256: str = ""
    answers: Mapping[str, str] | None = None
    late_share: float = 0.0


class Book:
    """An open gradebook of one course; made by `open_book`."""

    def __init__(self, gradebook: Gradebook):
        self._book = gradebook

    def register(self, assignment_id: str, released: NotebookNode, due: datetime) -> tuple[str, ...]:
        """Makes the assignment's cells known, or brings them up to date; marks there are stay.

        nbgrader's own command refuses a notebook with more questions once something was handed in; here they are added, and
        those that the notebook no longer has keep their marks.

        Returns:
            A line for each question in the gradebook that the notebook does not have.
        """
        name, notebook = nbgrader_assignment(assignment_id), nbgrader_notebook(assignment_id)
        marked = [c for c in released.cells if "nbgrader" in c.metadata]
        due_utc = parse_utc(due.isoformat())
        if not self._up_to_date(name, notebook, marked, due_utc):
            self._register(name, notebook, marked, due_utc)
        ours = {c.metadata["nbgrader"]["grade_id"] for c in marked}
        return tuple(
            f"the gradebook still has {cell.name!r} of {name}, which the notebook no longer has; its marks stay and count"
            for cell in self._book.find_notebook(notebook, name).grade_cells
            if cell.name not in ours
        )

    def _up_to_date(self, name: str, notebook: str, marked: Sequence[NotebookNode], due: datetime) -> bool:
        try:
            stored, assignment = self._book.find_notebook(notebook, name), self._book.find_assignment(name)
        except MissingEntry:
            return False
        known = {c.name: c.checksum for c in stored.source_cells}
        ours = {c.metadata["nbgrader"]["grade_id"]: c.metadata["nbgrader"]["checksum"] for c in marked}
        same = known == ours or (bool(stored.submissions) and known.items() >= ours.items())
        return assignment.duedate == due and same and stored.kernelspec == NO_KERNEL

    def _register(self, name: str, notebook: str, marked: Sequence[NotebookNode], due: datetime) -> None:
        book = self._book
        book.update_or_create_assignment(name, duedate=str(due))
        with contextlib.suppress(MissingEntry):
            if not book.find_notebook(notebook, name).submissions:
                book.remove_notebook(notebook, name)  # nothing handed in yet: questions that are gone need not stay
        book.update_or_create_notebook(notebook, name, kernelspec=NO_KERNEL)
        for cell in marked:
            self._register_cell(cell, notebook, name)
        self._complete_submissions(notebook, name)

    def _register_cell(self, cell: NotebookNode, notebook: str, name: str) -> None:
        mark, book = cell.metadata["nbgrader"], self._book
        grade_id = mark["grade_id"]
        if mark["grade"]:
            points = float(mark["points"])
            book.update_or_create_grade_cell(grade_id, notebook, name, max_score=points, cell_type=cell.cell_type)
        if mark["solution"]:
            book.update_or_create_solution_cell(grade_id, notebook, name)
        book.update_or_create_source_cell(
            grade_id, notebook, name,
            cell_type=cell.cell_type, locked=bool(mark["locked"]), source=cell.source, checksum=mark["checksum"],
        )  # fmt: skip

    def _complete_submissions(self, notebook: str, name: str) -> None:
        """Gives submissions that came before a question their places for its mark and comment."""
        stored, db = self._book.find_notebook(notebook, name), self._book.db
        for submission in stored.submissions:
            graded, commented = {g.cell_id for g in submission.grades}, {c.cell_id for c in submission.comments}
            db.add_all(Grade(cell_id=c.id, notebook=submission) for c in stored.grade_cells if c.id not in graded)
            db.add_all(Comment(cell_id=c.id, notebook=submission) for c in stored.solution_cells if c.id not in commented)
        db.commit()

    def write(self, entry: Entry) -> bool:
        """Writes one submission's marks and comments, and what its report's mark says is taken for lateness.

        Returns:
            Whether something in it waits for a person.
        """
        report = entry.report
        name, notebook = nbgrader_assignment(report.assignment), nbgrader_notebook(report.assignment)
        student, db = entry.student or nbgrader_student(report.submission.student), self._book.db
        self._book.update_or_create_student(student)
        with db.no_autoflush:  # nbgrader builds a submission piece by piece; SQLAlchemy would warn of each
            submission = self._book.update_or_create_submission(name, student, timestamp=_utc(entry.handed_in))
        if entry.extension is not None:
            submission.extension = entry.extension
        stored = self._book.find_submission_notebook(notebook, name, student)
        before = self._record(stored)
        answers = _answers(entry.notebook)
        self._write_grades(stored, report, before, answers)
        said = _said(report, [g.cell.name for g in stored.grades if g.max_score])
        for comment in stored.comments:
            comment.auto_comment = said.get(comment.cell.name)
        share = report.mark.penalty if report.mark else 0.0
        self._remember(stored, _Record(report.submission.sha256, answers, share))
        db.flush()
        db.refresh(stored)
        late = stored.assignment.total_seconds_late > 0
        stored.late_submission_penalty = (taken(share, stored.score) or None) if late else None
        waits = any(g.needs_manual_grade for g in stored.grades)
        db.commit()
        return waits

    def _write_grades(self, stored: SubmittedNotebook, report: Report, before: _Record, answers: Mapping[str, str]) -> None:
        results = {q.id: q for q in report.questions}
        same_file = bool(report.submission.sha256) and before.sha256 == report.submission.sha256
        for grade in stored.grades:
            grade_id, old = grade.cell.name, grade.auto_score
            if not grade.max_score:  # a public check: it counts nothing and asks for nobody
                grade.auto_score, grade.needs_manual_grade = 0.0, False
                continue
            result = results.get(grade_id)
            score = _score(result)
            faulty = result is None or result.outcome is Outcome.GRADER_FAULT
            if faulty and same_file and report.status is Status.INCOMPLETE:
                score = old
            written = result is not None and result.outcome is Outcome.MANUAL
            same = before.answers is not None and (
                before.answers.get(grade_id) == answers.get(grade_id) if written else same_file
            )
            lost = result is not None and result.score is not None and result.score < result.points
            review = bool((result and result.needs_review) or (lost and report.needs_review))
            grade.auto_score = score
            grade.needs_manual_grade = faulty or _asks(grade, same and score == old, review)

    def _record(self, stored: SubmittedNotebook) -> _Record:
        row = self._book.db.execute(sqlalchemy.select(_records).where(_records.c.submitted_notebook_id == stored.id)).first()
        return _Record(row.sha256, json.loads(row.answers), row.late_share) if row else _Record()

    def _remember(self, stored: SubmittedNotebook, record: _Record) -> None:
        mine = _records.c.submitted_notebook_id == stored.id
        self._book.db.execute(sqlalchemy.delete(_records).where(mine))
        values = {"sha256": record.sha256, "answers": json.dumps(record.answers), "late_share": record.late_share}
        self._book.db.execute(sqlalchemy.insert(_records).values(submitted_notebook_id=stored.id, **values))

    def manual_marks(self, assignment_id: str) -> dict[str, dict[str, float]]:
        """Student -> question -> the score that a person gave (extra credit included), where one did."""
        marks: dict[str, dict[str, float]] = {}
        for student, stored in self._stored(assignment_id):
            given = {
                grade.cell.name: (grade.manual_score if grade.manual_score is not None else grade.auto_score or 0.0)
                + (grade.extra_credit or 0.0)
                for grade in stored.grades
                if grade.manual_score is not None or grade.extra_credit
            }
            if given:
                marks[student] = given
        return marks

    def manual_comments(self, assignment_id: str) -> dict[str, dict[str, str]]:
        """Student -> question -> the comment that a person typed, where one did."""
        found = {
            student: {c.cell.name: c.manual_comment for c in stored.comments if c.manual_comment}
            for student, stored in self._stored(assignment_id)
        }
        return {student: said for student, said in found.items() if said}

    def waiting(self, assignment_id: str) -> dict[str, tuple[str, ...]]:
        """Student -> the questions that wait for a person, where there are any."""
        found = {
            student: tuple(sorted(g.cell.name for g in stored.grades if g.needs_manual_grade))
            for student, stored in self._stored(assignment_id)
        }
        return {student: ids for student, ids in found.items() if ids}

    def _stored(self, assignment_id: str) -> Iterator[tuple[str, SubmittedNotebook]]:
        name, notebook = nbgrader_assignment(assignment_id), nbgrader_notebook(assignment_id)
        for stored in self._book.notebook_submissions(notebook, name):
            yield stored.student.id, stored


@contextlib.contextmanager
def open_book(url: str, course_id: str) -> Iterator[Book]:
    """Opens the gradebook at an SQLAlchemy URL, made on first use.

    Raises:
        CourseError: the database cannot be reached or does not answer.
    """
    shown = _shown(url)
    try:
        with _alembic_at_hand(), Gradebook(url, course_id) as gradebook:
            _records.metadata.create_all(gradebook.engine)
            yield Book(gradebook)
    except sqlalchemy.exc.OperationalError as e:
        why = str(e.orig or e).splitlines()[0]
        remedy = {
            "database is locked": "Another program is writing to it: wait until it has ended, then run the same command again.",
        }.get(why, "See that the database is there and may be written to. After an update of nbgrader: nbgrader db upgrade.")
        raise CourseError(f"The gradebook {shown} does not answer ({why}). {remedy}") from None
    except ImportError as e:
        problem = f"The gradebook {shown} needs a driver that this environment does not have ({e})"
        raise CourseError(f"{problem}. {_driver(url)}") from None
    except sqlalchemy.exc.DatabaseError as e:
        why = str(e.orig or e).splitlines()[0]
        raise CourseError(f"{shown} is no gradebook of nbgrader ({why}). Name another in course.toml, [gradebook].") from None


def _driver(url: str) -> str:
    """How to get the driver of a database that is none of ours."""
    if make_url(url).drivername in ("postgresql", "postgresql+psycopg"):
        return "Run `make install` in the course's folder (it comes with the extra `postgres`), then use .venv/bin/autograder."
    if make_url(url).get_backend_name() == "postgresql":
        return "Write postgresql://... in its place: `make install` brings the driver for that."
    return "`make install` brings those of SQLite and PostgreSQL (postgresql://host/gradebook)."


def _shown(url: str) -> str:
    """A database's URL without its password."""
    try:
        made = make_url(url)
        made.get_dialect()
        return made.render_as_string(hide_password=True)
    except sqlalchemy.exc.ArgumentError:
        raise CourseError(
            "The gradebook's database URL cannot be read. Write e.g. postgresql://host/gradebook into course.toml, [gradebook], "
            "or into the environment variable AUTOGRADER_GRADEBOOK."
        ) from None


def manual_marks(url: str, course_id: str, assignment: str) -> dict[str, dict[str, float]]:
    """Marks given by hand in formgrader: student -> question -> score. Students are named as `nbgrader_student` does.

    Args:
        url: the gradebook's SQLAlchemy URL.
        assignment: our id, e.g. "week03/lab"; one that the gradebook does not know has no marks.

    Raises:
        CourseError: the gradebook cannot be read.
    """
    with open_book(url, course_id) as book:
        return book.manual_marks(assignment)


def marks_and_comments(url: str, course_id: str, assignment: str) -> dict[str, dict[str, tuple[float | None, str]]]:
    """What people gave in formgrader: student -> question -> (score or None, comment). Students as in `manual_marks`.

    Raises:
        CourseError: the gradebook cannot be read.
    """
    with open_book(url, course_id) as book:
        marks, comments_ = book.manual_marks(assignment), book.manual_comments(assignment)
    return {
        student: {q: (marks.get(student, {}).get(q), comments_.get(student, {}).get(q, "")) for q in
                  {**marks.get(student, {}), **comments_.get(student, {})}}
        for student in {**marks, **comments_}
    }  # fmt: skip


def late_share(gradebook: Gradebook, stored: SubmittedNotebook) -> float:
    """The share of the score (0 to 1) that grading said is taken for lateness."""
    asked = sqlalchemy.select(_records.c.late_share).where(_records.c.submitted_notebook_id == stored.id)
    return gradebook.db.execute(asked).scalar() or 0.0


def taken(share: float, score: float) -> float:
    """Points that a share of a score is: what is left is rounded to two decimals, half up, as the late policy does."""
    left = (Decimal(repr(float(score))) * (1 - Decimal(repr(float(share))))).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return round(float(score) - float(left), 6) if share else 0.0


def _score(result: QuestionResult | None) -> float | None:
    """The machine's own: what people gave elsewhere is theirs to enter."""
    if result is None:
        return None
    if result.outcome is Outcome.MANUAL:
        return 0.0 if result.found == 0.0 else None  # left as released: nothing waits for a person
    return result.found


def _asks(grade: Grade, unchanged: bool, review: bool) -> bool:
    """Whether a question waits for a person."""
    if grade.auto_score is None and grade.manual_score is None:
        return True
    if unchanged:
        return bool(grade.needs_manual_grade)  # whoever looked at it need not look again
    return grade.manual_score is not None or review


def _said(report: Report, questions: Sequence[str]) -> dict[str, str]:
    """Comments by question, for the questions that carry marks."""
    if report.status is Status.UNREADABLE:
        return dict.fromkeys(questions, f"This file could not be read, so nothing is marked yet. {escaped(report.reason)}")
    said = comments(report)
    if report.status is Status.INCOMPLETE:
        known = {q.id for q in report.questions}
        said |= {q: "Our grader failed here. No marks are lost: it will be graded again." for q in questions if q not in known}
    return said


def _answers(notebook: NotebookNode) -> dict[str, str]:
    return {
        cell.metadata["nbgrader"]["grade_id"]: normalised_sha256(cell.source)
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }


def _utc(when: datetime | None) -> str | None:
    return None if when is None else str(parse_utc(when.isoformat()))


@contextlib.contextmanager
def _alembic_at_hand() -> Iterator[None]:
    """nbgrader calls `alembic` by name for a new database: it lies beside this Python, which need not be on the PATH."""
    old = os.environ.get("PATH", "")
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), old])
    try:
        yield
    finally:
        os.environ["PATH"] = old
