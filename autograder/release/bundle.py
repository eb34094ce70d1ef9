"""What students get: one zip of a week's notebooks, requirements, a page, and the library's wheel.

PUBLIC: only generated files go in. Whoever runs it releases; only the answers to Predict and Reflect wait for the due date.
Same sources, same bytes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Course
from autograder.course.weeks import Schedule
from autograder.errors import CourseError
from autograder.files import write_whole
from autograder.notebook.carried import library_sources
from autograder.notebook.source import load_assignment
from autograder.notebook.source_cells import Role
from autograder.notebook.student import student_notebook, to_text
from autograder.release import course_pages as pages
from autograder.release.build import build
from autograder.release.wheel import library_wheel, stored_zip


@dataclass(frozen=True)
class Bundle:
    """One zip that was written.

    Attributes:
        path: the file.
        assignments: what is in it.
        schedules: their dates, in the same order.
    """

    path: Path
    assignments: tuple[str, ...]
    schedules: tuple[Schedule, ...]


def release(
    course: Course, wanted: str | None, folder: Path, *, with_answers: bool = False, before_due: bool = False
) -> list[Bundle]:
    """Write the bundle of each week in `wanted` ("3", "week03/lab"; None: all) to `folder`.

    Args:
        with_answers: put the authors' answers to Predict and Reflect into the notebooks, folded. The zips, and the folders in
            them, are named apart, so that nobody unpacks them over a notebook with work in it.
        before_due: do so also where an assignment is not due yet.

    Raises:
        CourseError: a student notebook is stale or missing, its week has a mistake, a file cannot be written, or answers are
            asked for before the due date, or where there are none.
    """
    assignments = course.select(wanted)
    result = build(course, assignments, check=True)
    if result.errors:
        raise CourseError(f"Nothing was released, because a week has a mistake. {result.errors[0]}")
    if result.changed:
        stale = ", ".join(b.id for b in result.changed)
        where = course.assignments_folder
        raise CourseError(f"Nothing was released: {stale} in {where} is not fresh. Run `autograder build` first.")
    if with_answers:
        _refuse_answers(course, assignments, before_due)
    weeks: dict[str, list[str]] = {}
    for assignment in assignments:
        weeks.setdefault(assignment.partition("/")[0], []).append(assignment)
    whole = wanted is None or "/" not in wanted
    suffix = "_with_answers" if with_answers else ""
    return [
        _write(course, f"{week if whole else own[0].replace('/', '_')}{suffix}", own, folder, with_answers)
        for week, own in weeks.items()
    ]


def _refuse_answers(course: Course, assignments: Sequence[str], before_due: bool) -> None:
    now = dt.datetime.now(course.time_zone)
    early = [(a, course.schedule(a).due) for a in assignments if course.schedule(a).due > now]
    if early and not before_due:
        dates = ", ".join(f"{a} is due {due:%Y-%m-%d %H:%M} ({course.time_zone.key})" for a, due in early)
        raise CourseError(
            f"Nothing was released: {dates}, and answers are published after that. Wait, name a notebook that was due already, "
            "or add --before-due if students should have the answers now."
        )
    if not any(c.role is Role.FOLDED for a in assignments for c in load_assignment(course, a).cells):
        raise CourseError(
            f"Nothing was released: there is no answer= cell in {', '.join(assignments)}. Leave --with-answers out, or write "
            "answers to its predict= and reflect= cells (docs/authoring.md)."
        )


def _write(course: Course, name: str, assignments: Sequence[str], folder: Path, with_answers: bool) -> Bundle:
    path = folder / f"{name}.zip"
    write_whole(path, bundle_bytes(course, name, assignments, with_answers=with_answers))
    return Bundle(path, tuple(assignments), tuple(course.schedule(a) for a in assignments))


def bundle_bytes(course: Course, name: str, assignments: Sequence[str], *, with_answers: bool = False) -> bytes:
    """The zip file; everything in it lies in one folder called `name`."""
    library = course.root / "course_lib"
    sources = library_sources(library if library.is_dir() else None)
    wheel, wheel_bytes = library_wheel(sources, pages.library_requirements(course))
    files = {
        pages.README_FILE: pages.readme_text(course, assignments, wheel=wheel).encode(),
        pages.REQUIREMENTS_FILE: pages.requirements_text(course).encode(),
    }
    for assignment in assignments:
        notebook = course.assignment_paths(assignment).student
        files[notebook.name] = _answered(course, assignment) if with_answers else notebook.read_bytes()
    files[wheel] = wheel_bytes
    return stored_zip({f"{name}/{inside}": data for inside, data in files.items()})


def _answered(course: Course, assignment: str) -> bytes:
    return to_text(student_notebook(load_assignment(course, assignment), with_answers=True)).encode()
