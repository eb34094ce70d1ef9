"""What a person marks: the answers to some questions of one assignment, what was given for them, and where that is kept.

Marks go into manual.csv beside the results, and from there onto the student's page at once, onto the class pages a moment later.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Course
from autograder.errors import CourseError, SubmissionError
from autograder.grading.store import Store, brief
from autograder.grading.target import SUBMISSION_MB
from autograder.marks.by_people import ANSWER_DIGITS, MANUAL_FILE, HandMark, save_hand_mark
from autograder.model import Outcome, Question, QuestionResult, Report, Status
from autograder.notebook.python_cells import names_defined
from autograder.notebook.source import load_assignment
from autograder.notebook.source_cells import Role, SourceNotebook
from autograder.notebook.student import released_texts
from autograder.notebook.submission import SubmittedCell, SubmittedNotebook, read_submission
from autograder.notebook.written_answers import written_answers
from autograder.results.last_run import class_of_last_run
from autograder.results.publishing import Final, final_of
from autograder.roster import Roster

_READ_CHARS = 200_000  # a cell longer than this is not searched for definitions
WAITS, AGAIN, MARKED, BLANK, MACHINE = "waits", "again", "marked", "blank", "machine"


@dataclass(frozen=True)
class Answer:
    """One answer, to be shown.

    Attributes:
        cells: of the student's own.
        note: what whoever marks it should know of the file, or "".
    """

    cells: tuple[SubmittedCell, ...]
    note: str = ""


@dataclass(frozen=True)
class Asked:
    """What the author wrote about a question: Markdown cells of its text, its marking scheme, its model answer."""

    question: Question
    text: tuple[str, ...]
    rubric: tuple[str, ...]
    model: tuple[str, ...]


class MarkingDesk:
    """The answers to `questions` of one assignment, and people's marks for them.

    Args:
        store: the results; only the class of the last run is marked.
        questions: ids; the written questions where it is empty.

    Raises:
        CourseError: there are no results, no such question, or none to be marked by a person.
    """

    def __init__(self, course: Course, assignment: str, store: Store, questions: Sequence[str] = (),
                 roster: Roster | None = None):  # fmt: skip
        self.course, self.store = course, store
        self.source: SourceNotebook = load_assignment(course, assignment)
        self.questions = _chosen(self.source, questions)
        self._roster, self._released = roster, released_texts(self.source)
        self._full = {q.id: q.points for q in self.source.assignment.questions}
        self._lock, self._stale, self._seen = threading.RLock(), threading.Event(), 0
        self._reports: dict[str, Report] = {}
        self._refresh()
        if not self._reports:
            raise CourseError(f"There are no results in {store.folder}. Grade first: autograder grade {assignment} --from FOLDER")
        self.final: Final = final_of(course, store, self._full, roster, list(self._reports))

    @property
    def students(self) -> tuple[str, ...]:
        """Everybody whose notebook could be read, in order."""
        self._refresh()
        return tuple(sorted((s for s, r in self._reports.items() if r.questions), key=lambda s: (s.casefold(), s)))

    @property
    def unreadable(self) -> tuple[str, ...]:
        """Whose notebook could not."""
        return tuple(sorted(s for s, r in self._reports.items() if r.status is Status.UNREADABLE))

    def name_of(self, student: str) -> str:
        """The student's name on the class list, or ""."""
        person = next((p for p in self._roster.people if p.student == student), None) if self._roster else None
        return (f"{person.first} {person.last}".strip() or person.name) if person else ""

    def _refresh(self) -> None:
        """Reads the class again where somebody graded it since."""
        with self._lock, contextlib.suppress(FileNotFoundError):
            now = (self.store.folder / "reports").stat().st_mtime_ns
            if now != self._seen:
                self._reports = {r.submission.student: r for r in class_of_last_run(self.store)}
                self._seen = now

    def result(self, student: str, question: str) -> QuestionResult | None:
        """What was found and given for an answer; None where the notebook has no such question."""
        report = self._reports.get(student)
        return next((q for q in report.questions if q.id == question), None) if report else None

    def mark(self, student: str, question: str) -> HandMark | None:
        """What a person gave, as it stands in the file now."""
        return self.final.given.of(student).get(question)

    def state(self, student: str, question: str) -> str:
        """WAITS, AGAIN (another answer than the one that was marked), MARKED, BLANK, or MACHINE (has the machine's points)."""
        result, mark = self.result(student, question), self.mark(student, question)
        if mark is not None and mark.points is not None:
            other = result is not None and mark.answer and mark.answer != result.answer_sha256[:ANSWER_DIGITS]
            return AGAIN if other else MARKED
        if result is None or result.found is None:
            return WAITS
        return BLANK if result.outcome is Outcome.MANUAL else MACHINE

    def asked(self, question: str) -> Asked:
        """What the author wrote about a question."""
        cells, ids = self.source.cells, {q.id for q in self.source.assignment.questions}
        start = next(i for i, c in enumerate(cells) if c.role is Role.HEADING and c.question == question)
        others = (i for i in range(start + 1, len(cells)) if cells[i].question in ids - {question})
        end = next(others, len(cells))
        text = tuple(c.source for c in cells[start:end] if c.markdown and c.role in (Role.HEADING, Role.TEXT))
        of = lambda role: tuple(c.source for c in cells if c.role is role and c.question == question)
        model = of(Role.ANSWER)
        return Asked(self.source.assignment.question(question), text, of(Role.RUBRIC), model)

    def answer(self, student: str, question: str) -> Answer:
        """A student's answer, read from the file that was graded."""
        report = self._reports[student]
        try:
            notebook = read_submission(Path(report.submission.path), SUBMISSION_MB, assignment=report.assignment)
        except SubmissionError as problem:
            return Answer((), f"The file that was graded cannot be read any more. {problem} Grade again from where it lies now.")
        asked = self.source.assignment.question(question)
        if not asked.written:
            return Answer(_code_of(asked, notebook))
        found = written_answers(notebook, {q.id for q in self.source.assignment.questions if q.written}, self._released)
        result = self.result(student, question)
        changed = result is not None and result.answer_sha256 != found.sha256(question)
        if changed:
            note = "The file was changed since it was graded. Grade again: the mark belongs to what is handed in."
            return Answer(found.cells.get(question, ()), note)
        if question not in found.cells and found.stray:
            return Answer(found.stray, "Nothing stands where the answer belongs; this is the student's text elsewhere.")
        return Answer(found.cells.get(question, ()))

    def give(self, student: str, question: str, points: float | None, comment: str) -> None:
        """Saves a mark, or takes it back where there is neither points nor comment, and writes the student's page anew.

        Raises:
            CourseError: the file cannot be written.
        """
        result = self.result(student, question)
        mark = HandMark(points, comment, result.answer_sha256[:ANSWER_DIGITS] if result else "")
        kept = mark if points is not None or comment else None
        with self._lock:
            save_hand_mark(self.store.folder / MANUAL_FILE, student, question, kept, self._full, self._roster)
            self._publish(student)
        self._stale.set()

    def _publish(self, student: str) -> None:
        # Another run over these results finds the mark in the file, and writes the pages itself.
        with contextlib.suppress(CourseError), self.store.writing():
            report = self.store.load_one(student)
            if report is not None:
                new = self.final.of(report)
                self.store.renew(new, report)
                self._reports[student] = brief(new)
                self._seen = (self.store.folder / "reports").stat().st_mtime_ns

    def write_class_pages(self) -> None:
        """Writes the pages over the class anew if a mark was given since."""
        if self._stale.is_set():
            self._stale.clear()
            try:
                with self._lock, self.store.writing():
                    self.store.save_class(class_of_last_run(self.store), self.source.assignment)
            except CourseError:  # a run writes here; it will write them
                self._stale.set()


def _chosen(source: SourceNotebook, questions: Sequence[str]) -> tuple[Question, ...]:
    known = {q.id: q for q in source.assignment.questions}
    for question in questions:
        if question not in known:
            raise CourseError(f"{source.assignment.id} has no question {question!r}; it has {', '.join(known)}.")
    chosen = tuple(known[q] for q in questions) or tuple(q for q in known.values() if q.written)
    if not chosen:
        raise CourseError(f"{source.assignment.id} has no written question. Name others with --question: {', '.join(known)}.")
    return chosen


def _code_of(question: Question, notebook: SubmittedNotebook) -> tuple[SubmittedCell, ...]:
    """The cells that belong to a question of code, or define what it asks for."""
    names = set(question.names)
    return tuple(
        c for c in notebook.code if c.question == question.id or names & set(names_defined(c.source, _READ_CHARS))
    )
