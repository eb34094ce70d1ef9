"""`autograder build`: student notebooks and the page beside them, written from solution notebooks, or checked to be fresh.

The only code that writes into `assignments/`. It decides nothing about cells (notebook/student.py does) and deletes
nothing: what has lost its source is reported.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Course
from autograder.errors import AuthoringError, CourseError
from autograder.files import write_whole
from autograder.grading.executors import Lost, default_workers, forked
from autograder.notebook import suite_rules
from autograder.notebook.answers import check_answers, read_answers
from autograder.notebook.solution_run import check_solution
from autograder.notebook.source import load_assignment
from autograder.notebook.student import student_notebook, to_text
from autograder.notebook.suite_source import read_suite
from autograder.release import course_pages as pages
from autograder.release import record


@dataclass(frozen=True)
class Built:
    """One assignment of a build.

    Attributes:
        id: "week03/lab".
        path: the student notebook.
        changed: it was written, or (when only checking) it is missing or differs from its source.
        questions, points: for the line that is printed.
    """

    id: str
    path: Path
    changed: bool
    questions: int
    points: float


@dataclass(frozen=True)
class Page:
    """A file beside the notebooks: README.md or requirements-student.txt. `changed` as in `Built`."""

    path: Path
    changed: bool


@dataclass(frozen=True)
class BuildResult:
    """What a build found.

    Attributes:
        built: the assignments without mistakes, in teaching order.
        pages: the files beside them that are for all weeks.
        errors: the mistakes of the others, one each; and of the course file, where a folder does not fit it.
        orphans: notebooks in the students' folder that no solution notebook stands behind.
        check: nothing was written.
    """

    built: tuple[Built, ...]
    pages: tuple[Page, ...]
    errors: tuple[AuthoringError | CourseError, ...]
    orphans: tuple[Path, ...]
    check: bool

    @property
    def changed(self) -> tuple[Built, ...]:
        return tuple(b for b in self.built if b.changed)

    @property
    def stale(self) -> bool:
        """Only checked, and something is not what a build would write."""
        return self.check and any(x.changed for x in (*self.built, *self.pages))

    @property
    def ok(self) -> bool:
        """No mistakes and no orphans; when checking, nothing stale either."""
        return not self.errors and not self.orphans and not self.stale


def build(course: Course, assignments: Iterable[str] | None = None, *, check: bool = False,
          new_points: bool = False) -> BuildResult:  # fmt: skip
    """Write the student notebooks of `assignments` (ids; None: all that exist) and the page beside them, or only check them.

    Where the notebook is not only checked, its solution is run against its public checks (notebook/solution_run.py).
    A mistake in one assignment does not keep the others from being built; its old student notebook stays as it is.

    Args:
        new_points: students have been told of points that differ from those of the release.

    Raises:
        CourseError: an id that does not exist, or a file that cannot be written.
    """
    ids = course.assignments() if assignments is None else tuple(assignments)
    found = _all_built(course, ids, check, new_points)
    built = tuple(one for one in found if isinstance(one, Built))
    errors: list[AuthoringError | CourseError] = list(course.stray_folders()) if assignments is None else []
    errors += [one for one in found if isinstance(one, AuthoringError)]
    orphans = _orphans(course) if assignments is None else ()
    return BuildResult(built, _pages(course, check), tuple(errors), orphans, check)


def _all_built(course: Course, ids: Sequence[str], check: bool, new_points: bool) -> list[Built | AuthoringError]:
    """In the order of `ids`; on several cores at once, where processes can be forked."""
    workers = min(default_workers(), len(ids))
    if workers < 2 or not _can_fork():
        return [_built(course, one, check, new_points) for one in ids]
    try:
        with forked(workers, len(ids)) as opened:
            flying = [opened.submit(_built, course, one, check, new_points) for one in ids]
            return [opened.result(future) for future in flying]
    except Lost:
        words = "A process that built notebooks was ended, perhaps for want of memory. What it had written is whole; build again"
        raise CourseError(f"{words}, one week at a time if it happens again: autograder build week03") from None


def _can_fork() -> bool:
    # A fork of a process with several threads inherits their locks, and nobody to open them.
    return sys.platform == "linux" and len(os.listdir("/proc/self/task")) == 1


def _built(course: Course, assignment_id: str, check: bool, new_points: bool) -> Built | AuthoringError:
    try:
        return _build_one(course, assignment_id, check, new_points)
    except AuthoringError as error:
        return error


def _pages(course: Course, check: bool) -> tuple[Page, ...]:
    texts = {
        pages.README_FILE: pages.readme_text(course, course.assignments()),
        pages.REQUIREMENTS_FILE: pages.requirements_text(course),
    }
    return tuple(_page(course.assignments_folder / name, text, check) for name, text in texts.items())


def _page(path: Path, text: str, check: bool) -> Page:
    changed = not path.is_file() or path.read_bytes() != text.encode("utf-8")
    if changed and not check:
        write_whole(path, text.encode("utf-8"))
    return Page(path, changed)


def _build_one(course: Course, assignment_id: str, check: bool, new_points: bool) -> Built:
    source, paths = load_assignment(course, assignment_id), course.assignment_paths(assignment_id)
    suite = read_suite(paths.suite)
    suite_rules.check_suite(suite)
    check_answers(read_answers(paths.answers), source, suite)
    if new_points and not check and record.is_released(course, assignment_id):
        record.write_record(course, source)
    record.check_points(course, source)
    text, path = to_text(student_notebook(source)), paths.student
    if not check:
        check_solution(course, source, path)
    changed = not path.is_file() or path.read_bytes() != text.encode("utf-8")
    if changed and not check:
        write_whole(path, text.encode("utf-8"))
    return Built(assignment_id, path, changed, len(source.assignment.questions), source.assignment.points)


def _orphans(course: Course) -> tuple[Path, ...]:
    expected = {course.assignment_paths(i).student for i in course.assignments()}
    found = course.assignments_folder.rglob("*.ipynb") if course.assignments_folder.is_dir() else ()
    return tuple(sorted(p for p in found if p not in expected and ".ipynb_checkpoints" not in p.parts))
