"""From what the machine found to what students are told: people's marks, the late policy, and no mark lowered unasked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from autograder.course import Course
from autograder.grading.store import Store, brief
from autograder.marks.by_people import MANUAL_FILE, GivenMarks, gradebook_marks, other_answers, with_hand_marks
from autograder.marks.marking import Marker
from autograder.model import Report
from autograder.report.comparison import EPSILON, RunComparison, StudentChange, compare
from autograder.report.pages import number
from autograder.report.printable import one_line
from autograder.results.last_run import read_last_run
from autograder.roster import Roster

HELD_FOLDER = ".held"


@dataclass(frozen=True)
class Final:
    """Gives reports their published form."""

    marker: Marker
    given: GivenMarks

    def of(self, report: Report) -> Report:
        """The report with people's marks in it and what the late policy makes of the sum."""
        return self.marker.marked(with_hand_marks(report, self.given.of(report.submission.student)))


@dataclass
class Publisher:
    """Saves reports where students' pages are, except those that would lower a mark that is there.

    These wait in a folder of their own until somebody says yes. Where nobody does, the published ones stay, and the next run
    finds what was graded.

    Attributes:
        final: what makes a report final.
        store: where results are published.
        began: the state of people's marks when the run began.
        held: the reports that wait, with those that they would replace.
        lost_penalties: one line for everybody whose late penalty is smaller than it was.
        rewritten: question -> who handed in another answer than the one that lay there marked by a person.
    """

    final: Final
    store: Store
    began: tuple[int, ...] | None = None
    held: dict[str, tuple[Report, Report]] = field(default_factory=dict)
    lost_penalties: list[str] = field(default_factory=list)
    rewritten: dict[str, set[str]] = field(default_factory=dict)

    @property
    def waiting(self) -> Store:
        """Where the reports lie that wait."""
        return Store(self.store.folder / HELD_FOLDER)

    def publish(self, report: Report, lying: Report | None = None) -> Report:
        """Saves a report, or holds it back.

        Args:
            lying: what is published now, if it is known.

        Returns:
            What is published then, in brief.
        """
        student = report.submission.student
        new, old = self.final.of(report), lying or self.store.load_one(student)
        if old is not None and compare([old], [new]).lowers:
            self.waiting.save(new)
            self.held[student] = (brief(old), brief(new))
            return brief(old)
        self._save(new, old)
        return brief(new)

    def replace(self, report: Report) -> None:
        """Saves a final report whatever it replaces: somebody was asked."""
        self._save(report, self.store.load_one(report.submission.student))

    def _save(self, new: Report, old: Report | None) -> None:
        student = new.submission.student
        self.store.renew(new, old)
        self.waiting.discard(student)
        self.store.aside().discard(student)
        self.lost_penalties += _lost_penalty(student, old, new)
        for question in _rewritten(old, new):
            self.rewritten.setdefault(question, set()).add(student)

    def comparison(self) -> RunComparison:
        """Who would lose what."""
        return compare([old for old, _ in self.held.values()], [new for _, new in self.held.values()])

    def release(self) -> Iterator[Report]:
        """Publishes what was held back, in brief."""
        for student, (old, _) in list(self.held.items()):
            new = self.waiting.load_one(student)
            if new is not None:
                self._save(new, old)
                yield brief(new)
        self.held.clear()

    def marked_meanwhile(self) -> bool:
        """Whether somebody gave a mark since the run began."""
        return self.final.given.signature() != self.began

    def renewed(self) -> Iterator[Report]:
        """Whoever's page no longer says what people gave: marks may be given while a class is graded."""
        for report in self.store.load():
            student = report.submission.student
            if student not in self.held and with_hand_marks(report, self.final.given.of(student)) != report:
                new = self.final.of(report)
                self.store.save(new)
                yield brief(new)


def final_of(course: Course, store: Store, questions: Mapping[str, float], roster: Roster | None = None,
             students: Sequence[str] = (), book: bool = True) -> Final:  # fmt: skip
    """What makes the reports of a folder of results final, as its last run was told.

    Args:
        questions: id -> full marks.
        students: whose marks are looked for in nbgrader's gradebook; `book`: whether it is asked at all.

    Raises:
        CourseError: manual.csv or the gradebook cannot be read.
    """
    run = read_last_run(store.folder)
    lookup = lambda student, other: Store(course.root / "grades" / other).load_one(student)
    found = lambda: gradebook_marks(course, next((r.assignment for r in store.load()), ""), students) if book else {}
    given = GivenMarks(store.folder / MANUAL_FILE, questions, roster, students, found)
    return Final(Marker(course, lookup, bool(run and run.ignore_late)), given)


def lowered(changes: tuple[StudentChange, ...]) -> list[str]:
    """Who loses, by name."""
    return [one_line(c.student, 60) for c in changes if c.lowers]


def _lost_penalty(student: str, old: Report | None, new: Report) -> list[str]:
    before, after = old.mark if old else None, new.mark
    if before is None or after is None or before.penalty <= after.penalty + EPSILON:
        return []
    why = after.words or ("lateness is ignored" if "lateness was ignored" in new.submission.time_source else "handed in on time")
    now = f"{number(100 * after.penalty)}% now" if after.penalty else "nothing now"
    return [f"{one_line(student, 60)}: {number(100 * before.penalty)}% was taken for lateness, {now}: {one_line(why, 200)}"]


def _rewritten(old: Report | None, new: Report) -> list[str]:
    """Marks that were typed do not say which answer they were given for: the one that lay there is taken for it."""
    before = {q.id: q.answer_sha256 for q in old.questions if q.by_person} if old else {}
    return [q.id for q in new.questions if q.by_person and before.get(q.id, q.answer_sha256) != q.answer_sha256]


def say_other_answers(reports: Mapping[str, Report], publisher: Publisher) -> dict[str, list[str]]:
    """Question -> who has another answer now than the one that a person marked."""
    found = {question: set(students) for question, students in publisher.rewritten.items()}
    for student, report in reports.items():
        for question in other_answers(report, publisher.final.given.of(student)):
            found.setdefault(question, set()).add(student)
    return {question: [one_line(s, 60) for s in sorted(students)] for question, students in sorted(found.items())}
