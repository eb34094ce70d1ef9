"""course.toml, typed and checked: weeks, dates, late policy, limits, folders, and where the secret of the seeds lies.

Read-only for everybody else: `load_course(root)` gives a frozen `Course`. It writes nothing (the secret of the
seeds is made by autograder/secret.py on first use) and knows no notebook and no grading.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
import zoneinfo
from dataclasses import dataclass, field
from pathlib import Path

from autograder.course.weeks import KINDS, Lecture, Limits, Schedule, Week, WeeksReader, read_lecture, read_limits, read_rule
from autograder.course_about import About, read_about
from autograder.errors import CourseError
from autograder.gradebook_place import GradebookPlace, read_gradebook_place
from autograder.late_rules import Drops, Extension, LatePolicy, read_drops, read_extensions, read_late_policy
from autograder.secret import read_secret
from autograder.term import Term, read_term
from autograder.toml_lines import TomlLines
from autograder.toml_table import Table
from autograder.week_folders import stray_folders

COURSE_FILE = "course.toml"
BLOCKED_MARKING = ("zero", "as_run", "manual")
PYTHONS = ("3.11", "3.12", "3.13")
_ASSIGNMENT_ID = re.compile(r"week(\d{2})/([a-z][a-z0-9_]*)\Z")


@dataclass(frozen=True)
class AssignmentPaths:
    """Where the parts of one assignment lie (they need not exist).

    Attributes:
        id: "week03/lab".
        source: the solution notebook, Jupytext percent format. Private.
        suite: the hidden suite. Private.
        answers: the folder of right and wrong answers. Private.
        student: the generated student notebook. Public.
    """

    id: str
    source: Path
    suite: Path
    answers: Path
    student: Path


@dataclass(frozen=True)
class Course:
    """Everything course.toml says.

    Attributes:
        root: the folder that holds the file.
        term: weeks of teaching and holidays.
        about: what people are told about the course.
        roster: the class list's file, if it names one.
        python: the Python that submissions are graded with, e.g. "3.11".
    """

    root: Path
    id: str
    title: str
    time_zone: zoneinfo.ZoneInfo
    lectures: tuple[Lecture, ...]
    term: Term
    weeks: tuple[Week, ...]
    late_policy: LatePolicy
    blocked_marking: str
    solutions: Path
    assignments_folder: Path
    file: Path = field(default=Path(COURSE_FILE))
    gradebook: GradebookPlace = field(default=GradebookPlace(Path("nbgrader")))
    extensions: tuple[Extension, ...] = ()
    drops: Drops = field(default_factory=Drops)
    roster: Path | None = None
    python: str = PYTHONS[0]
    about: About = field(default_factory=About)

    def week(self, number: int) -> Week:
        """The week of that number.

        Raises:
            CourseError: there is none.
        """
        for week in self.weeks:
            if week.number == number:
                return week
        numbers = ", ".join(str(w.number) for w in self.weeks)
        raise CourseError(f"{self.file} has no week {number}. Its weeks are {numbers}.")

    def assignment_paths(self, assignment_id: str) -> AssignmentPaths:
        """The files of an assignment, e.g. "week03/lab", whether or not they exist.

        Raises:
            CourseError: the id is malformed or its week is not in course.toml.
        """
        number, kind = parse_assignment_id(assignment_id)
        week = self.week(number)
        private = self.solutions / week.folder
        return AssignmentPaths(
            id=assignment_id,
            source=private / f"{kind}.py",
            suite=private / "hidden" / f"test_{kind}.py",
            answers=private / "answers" / kind,
            student=self.assignments_folder / week.folder / f"{kind}.ipynb",
        )

    def assignments(self) -> tuple[str, ...]:
        """Ids of the assignments whose solution notebook exists, in teaching order."""
        ids = (f"{week.id}/{kind}" for week in self.weeks for kind in KINDS)
        return tuple(i for i in ids if self.assignment_paths(i).source.is_file())

    def select(self, wanted: str | None = None) -> tuple[str, ...]:
        """The assignments a person means by "3", "week03", "week03/lab" or nothing (all that exist).

        Raises:
            CourseError: no such week or assignment.
        """
        if wanted is None:
            return self.assignments()
        if match := re.fullmatch(r"(?:week)?(\d{1,2})(?:/(\w+))?", wanted.strip().rstrip("/")):
            week, kind = self.week(int(match[1])), match[2]
            found = tuple(i for i in self.assignments() if i.startswith(week.id + "/") and kind in (None, i[7:]))
            if found:
                return found
        there = ", ".join(self.assignments()) or "none"
        why = "".join(f" Perhaps because of this: {stray}" for stray in self.stray_folders()[:1])
        raise CourseError(f"{wanted!r} is no assignment with a solution notebook. There are: {there}.{why}")

    def stray_folders(self) -> tuple[CourseError, ...]:
        """Folders of solutions that no week names, so that nothing in them is seen: one mistake each."""
        return stray_folders(self.file, self.solutions, {w.number: w.folder for w in self.weeks})

    def schedule(self, assignment_id: str) -> Schedule:
        """Release and due time of an assignment. Raises CourseError as `assignment_paths` does."""
        number, kind = parse_assignment_id(assignment_id)
        return self.week(number).schedule[kind]

    def extension(self, student: str, assignment_id: str) -> Extension | None:
        """What was agreed with one student about one assignment, if anything."""
        return next((e for e in self.extensions if (e.student, e.assignment) == (student, assignment_id)), None)

    def limits(self, assignment_id: str) -> Limits:
        """Limits of an assignment. Raises CourseError as `assignment_paths` does."""
        number, kind = parse_assignment_id(assignment_id)
        return self.week(number).limits[kind]

    def secret(self) -> bytes:
        """The 32 bytes that seed the hidden tests' inputs; made on first use, readable by its owner only.

        It lies in the file named by the environment variable AUTOGRADER_SECRET_FILE, else in `.autograder/secret`.
        Everybody who grades the same class needs the same file: whoever loses it draws other inputs.

        Raises:
            CourseError: the file can be read by others, is damaged, or cannot be made.
        """
        return read_secret(self.root)


def find_root(start: Path | None = None) -> Path:
    """The nearest folder at or above `start` (default: the current one) that holds a course.toml.

    Raises:
        CourseError: there is none.
    """
    here = Path(start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / COURSE_FILE).is_file():
            return folder
    raise CourseError(f"No {COURSE_FILE} in {here} or above it. Change to the course's folder.")


def parse_assignment_id(assignment_id: str) -> tuple[int, str]:
    """ "week03/lab" as (3, "lab").

    Raises:
        CourseError: not of that form.
    """
    match = _ASSIGNMENT_ID.match(assignment_id)
    if not match or match[2] not in KINDS:
        raise CourseError(f"{assignment_id!r} is no assignment id. Write e.g. week03/lab or week03/homework.")
    return int(match[1]), match[2]


def load_course(root: Path, file: str = COURSE_FILE) -> Course:
    """Read and check the course file in `root`.

    Raises:
        CourseError: it is missing, no TOML, or a value is wrong; the message names file, key and remedy.
    """
    path = Path(root).resolve() / file
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except FileNotFoundError:
        raise CourseError(f"{path} does not exist. Run this in the course's folder.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValueError) as error:
        line = re.search(r"\(at line (\d+)", str(error))
        place = f"{path}:{line[1]}" if line else str(path)
        raise CourseError(f"{place}: cannot be read as TOML: {error}. Dates are written 2026-03-09 and must exist.") from None
    return _Reader(path, data, TomlLines(text)).course()


class _Reader:
    """course.toml to Course, one method per table."""

    def __init__(self, path: Path, data: dict, lines: TomlLines):
        self.path, self.root = path, path.parent
        self.top = Table(path, "", data, lines)

    def course(self) -> Course:
        head = self.top.table("course")
        self.zone = self._zone(head)
        title, course_id = head.take("title", str), head.take("id", str)
        if not re.fullmatch(r"[A-Za-z0-9_-]+", course_id):
            raise head.fail("id", f"{course_id!r} may hold letters, digits, _ and - only.")
        python = self._python(head)
        head.finish()
        self.lectures = tuple(read_lecture(t) for t in self.top.tables("lecture"))
        rules = {kind: read_rule(self.top.table(kind), len(self.lectures)) for kind in KINDS}
        limits = read_limits(self.top.table("limits", optional=True), Limits())
        late = read_late_policy(self.top.table("late", optional=True))
        drops = read_drops(self.top.table("drops", optional=True))
        blocked = self._blocked(self.top.table("marking", optional=True))
        folders = self.top.table("folders", optional=True)
        solutions, assignments = (
            folders.take("solutions", str, "solutions"),
            folders.take("assignments", str, "assignments"),
        )
        folders.finish()
        gradebook = read_gradebook_place(self.top.table("gradebook", optional=True), self.root)
        roster = self.top.table("roster", optional=True)
        roster_file = roster.take("file", str, "")
        roster.finish()
        term = self._term()
        weeks = WeeksReader(self.zone, self.lectures, rules, limits, term).weeks(self.top)
        about = self._about(weeks)
        extensions = self._extensions(weeks)
        self.top.finish()
        return Course(
            root=self.root,
            id=course_id,
            title=title,
            time_zone=self.zone,
            lectures=self.lectures,
            term=term,
            weeks=weeks,
            late_policy=late,
            extensions=extensions,
            drops=drops,
            roster=self.root / roster_file if roster_file else None,
            blocked_marking=blocked,
            solutions=self.root / solutions,
            assignments_folder=self.root / assignments,
            file=self.path,
            gradebook=gradebook,
            python=python,
            about=about,
        )

    def _python(self, table: Table) -> str:
        value = table.take("python", (object, bool, dt.datetime), PYTHONS[0])
        if value not in PYTHONS:
            raise table.fail("python", f"{value!r} does not name one. Write in quotes one of {', '.join(PYTHONS)}.")
        return value

    def _zone(self, table: Table) -> zoneinfo.ZoneInfo:
        name = table.take("time_zone", str)
        try:
            return zoneinfo.ZoneInfo(name)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            raise table.fail("time_zone", f"{name!r} is unknown. Write a name such as Europe/Berlin.") from None

    def _blocked(self, table: Table) -> str:
        value = table.take("blocked", str, "zero")
        table.finish()
        if value not in BLOCKED_MARKING:
            raise table.fail("blocked", f"{value!r} is unknown. Write one of {', '.join(BLOCKED_MARKING)}.")
        return value

    def _extensions(self, weeks: tuple[Week, ...]) -> tuple[Extension, ...]:
        due = {f"{w.id}/{kind}": w.schedule[kind].due for w in weeks for kind in KINDS}
        tables = self.top.tables("extension") if "extension" in self.top.data else []
        return read_extensions(tables, due.__getitem__, due.__contains__, self.zone)

    def _term(self) -> Term:
        table, holidays = self.top.table("term"), self.top.tables("holiday", optional=True)
        return read_term(table, holidays, [x.weekday for x in self.lectures])

    def _about(self, weeks: tuple[Week, ...]) -> About:
        table, themes = self.top.table("about", optional=True), self.top.tables("theme", optional=True)
        return read_about(table, themes, [w.number for w in weeks])
