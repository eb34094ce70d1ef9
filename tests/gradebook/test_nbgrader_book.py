"""Marks in nbgrader's own database: what a person entered survives, a grader's fault is never a zero, lateness is counted."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import replace

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader_commands import enter_by_hand, rows
from small_term import LAB, due_at

from autograder.errors import CourseError
from autograder.gradebook.class_entries import extension_of
from autograder.gradebook.repaired_notebook import repair, unreadable_notebook
from autograder.marks.marking import Marker
from autograder.model import Call, Outcome, QuestionResult, Report, Status, Submission, TestResult
from autograder.notebook.submission import parse_submission
from autograder.platforms.nbgrader.book import Entry, manual_marks, open_book

DUE = dt.datetime(2026, 3, 20, 22, 59, tzinfo=dt.UTC)
ON_TIME = DUE - dt.timedelta(hours=3)


def result(question: str, score: float | None, outcome: Outcome, **more) -> QuestionResult:
    test = TestResult(
        f"Test::test_{question}", question, "Each entry counts.", outcome, hint="Look at `x`.",
        calls=(Call(f"{question}(x)", (("x", "[1, 2]"),), output="`]<script>alert(1)</script>"),),
    )  # fmt: skip
    tests = () if outcome is Outcome.MANUAL else (test,)
    return QuestionResult(question, question, 3 if question == "why" else 2, score, outcome, tests, **more)


RIGHT = result("double", 2.0, Outcome.PASSED)
WRONG = result("triple", 0.0, Outcome.FAILED)
WRITTEN = result("why", None, Outcome.MANUAL)


class Class:
    """A gradebook, and submissions written into it."""

    def __init__(self, term, folder, empty):
        due_at(term, DUE)
        self.term, self.course = term, term.load()
        shutil.copy(empty, folder / "book.db")
        self.url = f"sqlite:///{folder / 'book.db'}"
        self.released = nbformat.reads(term.stub(LAB), 4)
        self.solved = term.solved(LAB)

    def register(self, released=None, due=DUE):
        with open_book(self.url, "small") as book:
            return book.register(LAB, released or self.released, due)

    def write(self, *questions, student="ada", text=None, sha="one", status=Status.GRADED, handed_in=ON_TIME) -> None:
        text = text or self.solved
        submission = Submission(student, f"{student}.ipynb", sha, handed_in.isoformat())
        report = Report(LAB, "Lab", submission, status, questions, reason="no luck")
        notebook = repair(self.released, parse_submission(text.encode(), "lab.ipynb")).notebook
        if status is Status.UNREADABLE:
            notebook = unreadable_notebook(self.released, report.reason)
        with open_book(self.url, "small") as book:
            report = Marker(self.course).marked(report)
            book.write(Entry(report, notebook, handed_in, extension=extension_of(self.course, report)))

    def by_hand(self, question, score, comment=None, student="ada"):
        enter_by_hand(self.url, "small", "week01-lab", student, question, score, comment)

    def __getitem__(self, student):
        return rows(self.url, "small", "week01-lab")[student]


@pytest.fixture
def book(term, tmp_path, empty_gradebook):
    made = Class(term, tmp_path, empty_gradebook)
    assert made.register() == ()
    return made


def test_marks_and_hints_go_in_and_the_written_answer_waits(book):
    book.write(RIGHT, WRONG, WRITTEN)
    ada = book["ada"]
    assert (ada.score, ada.waits, ada.penalty) == (2.0, True, 0.0)
    assert {q: (m.auto, m.waits) for q, m in ada.marks.items()} == {
        "double": (2.0, False), "triple": (0.0, False), "why": (None, True),
    }  # fmt: skip
    assert "Each entry counts" in ada.marks["triple"].comment and "Look at `x`" in ada.marks["triple"].comment


def test_what_a_person_entered_survives_and_asks_again_only_where_something_changed(book):
    book.write(RIGHT, WRONG, WRITTEN)
    book.by_hand("why", 2.5, "A reason, at last.")
    book.by_hand("triple", 1.0, "Half right.")
    book.write(RIGHT, WRONG, WRITTEN)  # graded again, nothing new
    ada = book["ada"]
    assert (ada.score, ada.waits) == (5.5, False)
    assert (ada.marks["why"].manual, ada.marks["why"].comment) == (2.5, "A reason, at last.")
    assert ada.marks["triple"].comment == "Half right." and "Each entry" in ada.marks["triple"].said

    book.write(RIGHT, result("triple", 2.0, Outcome.PASSED), WRITTEN)  # the suite was mended
    ada = book["ada"]
    assert {q for q, m in ada.marks.items() if m.waits} == {"triple"} and ada.marks["triple"].manual == 1.0

    book.by_hand("triple", 1.0)
    other = book.solved.replace("Because addition commutes.", "Because I say so.")
    book.write(RIGHT, result("triple", 2.0, Outcome.PASSED), WRITTEN, text=other, sha="two")  # handed in again
    ada = book["ada"]
    assert {q for q, m in ada.marks.items() if m.waits} == {"triple", "why"}
    assert ada.marks["why"].manual == 2.5
    assert manual_marks(book.url, "small", LAB) == {"ada": {"why": 2.5, "triple": 1.0}}
    assert manual_marks(book.url, "small", "week09/lab") == {}


def test_the_graders_fault_is_never_a_zero(book):
    fault = result("triple", None, Outcome.GRADER_FAULT)
    book.write(RIGHT, fault, WRITTEN, status=Status.INCOMPLETE)
    assert (book["ada"].marks["triple"].auto, book["ada"].marks["triple"].waits) == (None, True)
    assert "Our grader failed" in book["ada"].marks["triple"].comment

    book.write(RIGHT, result("triple", 1.5, Outcome.PARTIAL), WRITTEN)
    assert (book["ada"].marks["triple"].auto, book["ada"].marks["triple"].waits) == (1.5, False)
    book.write(status=Status.INCOMPLETE)  # a worker died: no question at all
    kept = book["ada"].marks
    assert {q: (m.auto, m.waits) for q, m in kept.items()} == {"double": (2.0, True), "triple": (1.5, True), "why": (None, True)}
    book.write(status=Status.INCOMPLETE, sha="two")
    assert [m.auto for m in book["ada"].marks.values()] == [None, None, None], "marks of another file do not stand in"


def test_what_cannot_be_read_waits_for_a_person_and_says_why(book):
    book.write(status=Status.UNREADABLE, sha="")
    assert all(m.auto is None and m.waits and "no luck" in m.comment for m in book["ada"].marks.values())


def test_a_reason_to_look_is_shown_once_and_never_to_the_student(book):
    odd = replace(RIGHT, needs_review=("dynamic access in cell 4: getattr",))
    book.write(odd, WRONG, WRITTEN)
    assert book["ada"].marks["double"].waits and "getattr" not in book["ada"].marks["double"].comment
    book.by_hand("double", None)  # "Resolve": looked at, nothing to change
    book.write(odd, WRONG, WRITTEN)
    assert not book["ada"].marks["double"].waits


def test_lateness_costs_what_course_toml_says_manual_marks_included(book):
    for student, hours in (("in_grace", 0.48), ("a_day", 3), ("gone", 9 * 24)):
        book.write(RIGHT, WRONG, WRITTEN, student=student, handed_in=DUE + dt.timedelta(hours=hours))
    assert [book[s].penalty for s in ("in_grace", "a_day", "gone")] == [0.0, pytest.approx(0.2), 2.0]
    book.by_hand("why", 3.0, student="a_day")
    book.write(RIGHT, WRONG, WRITTEN, student="a_day", handed_in=DUE + dt.timedelta(hours=3))
    assert book["a_day"].penalty == pytest.approx(0.5)


def test_an_extension_in_course_toml_is_nbgraders_too(book):
    file = book.term.root / "course.toml"
    file.write_text(file.read_text() + '[[extension]]\nstudent = "ill"\nassignment = "week01/lab"\ndays = 3\n')
    book.course = book.term.load()
    for student in ("ill", "well"):
        book.write(RIGHT, WRONG, WRITTEN, student=student, handed_in=DUE + dt.timedelta(days=2))
    assert (book["ill"].penalty, book["well"].penalty) == (0.0, pytest.approx(0.4))
    with Gradebook(book.url, "small") as stored:
        late = {s: stored.find_submission("week01-lab", s).total_seconds_late for s in ("ill", "well")}
    assert late == {"ill": 0, "well": 2 * 86_400}


def test_a_question_added_after_the_first_hand_ins_gets_its_place(book, empty_gradebook):
    marked = {c.metadata.nbgrader.grade_id: c for c in book.released.cells if "nbgrader" in c.metadata}
    fewer = nbformat.from_dict(book.released)
    fewer.cells = [c for c in fewer.cells if c.metadata.get("nbgrader", {}).get("grade_id") not in ("triple", "triple-check")]
    other = Class(book.term, book.course.root, empty_gradebook)
    other.register(fewer)
    other.write(RIGHT, WRITTEN)
    assert set(other["ada"].marks) == {"double", "why"}
    assert other.register() == ()
    other.write(RIGHT, WRONG, WRITTEN)
    assert set(other["ada"].marks) == {"double", "triple", "why"} and "triple" in marked
    (line, _) = other.register(fewer)
    assert "still has 'triple'" in line and other["ada"].marks["triple"].auto == 0.0


def test_a_database_that_is_none_is_named_with_its_remedy(tmp_path):
    (tmp_path / "book.db").write_text("no database at all, but long enough to be looked at " * 40)
    url = f"sqlite:///{tmp_path / 'book.db'}"
    with pytest.raises(CourseError, match=r"is no gradebook of nbgrader.*course\.toml"), open_book(url, "x"):
        pass
    with pytest.raises(CourseError, match="URL cannot be read"), open_book("oracel://me:secret@host/x", "x"):
        pass
    url = "postgresql+asyncpg://me:secret@host/x"
    with pytest.raises(CourseError, match=r"asyncpg://me:\*\*\*@host/x needs a driver"), open_book(url, "x"):
        pass
    with pytest.raises(CourseError, match="does not answer"), open_book("sqlite:////nowhere/at/all/book.db", "x"):
        pass
