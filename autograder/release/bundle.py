"""What students get: one zip of a week's notebooks, requirements, a page, and the library's wheel.

PUBLIC: only generated files go in. Decides nothing about dates: whoever runs it releases. Same sources, same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.build import build
from autograder.course import Course, Schedule
from autograder.errors import CourseError
from autograder.files import write_whole
from autograder.notebook.carried import library_sources
from autograder.release import pages
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


def release(course: Course, wanted: str | None, folder: Path) -> list[Bundle]:
    """Write the bundle of each week in `wanted` ("3", "week03/lab"; None: all) to `folder`.

    Raises:
        CourseError: a student notebook is stale or missing, its week has a mistake, or a file cannot be written.
    """
    assignments = course.select(wanted)
    result = build(course, assignments, check=True)
    if result.errors:
        raise CourseError(f"Nothing was released, because a week has a mistake. {result.errors[0]}")
    if result.changed:
        stale = ", ".join(b.id for b in result.changed)
        where = course.assignments_folder
        raise CourseError(f"Nothing was released: {stale} in {where} is not fresh. Run `autograder build` first.")
    weeks: dict[str, list[str]] = {}
    for assignment in assignments:
        weeks.setdefault(assignment.partition("/")[0], []).append(assignment)
    whole = wanted is None or "/" not in wanted
    return [_write(course, w if whole else own[0].replace("/", "_"), own, folder) for w, own in weeks.items()]


def _write(course: Course, name: str, assignments: Sequence[str], folder: Path) -> Bundle:
    path = folder / f"{name}.zip"
    write_whole(path, bundle_bytes(course, name, assignments))
    return Bundle(path, tuple(assignments), tuple(course.schedule(a) for a in assignments))


def bundle_bytes(course: Course, name: str, assignments: Sequence[str]) -> bytes:
    """The zip file; everything in it lies in one folder called `name`."""
    library = course.root / "course_lib"
    sources = library_sources(library if library.is_dir() else None)
    wheel, wheel_bytes = library_wheel(sources, pages.library_requirements())
    files = {
        pages.README_FILE: pages.readme_text(course, assignments, wheel=wheel).encode(),
        pages.REQUIREMENTS_FILE: pages.requirements_text().encode(),
    }
    for assignment in assignments:
        notebook = course.assignment_paths(assignment).student
        files[notebook.name] = notebook.read_bytes()
    files[wheel] = wheel_bytes
    return stored_zip({f"{name}/{inside}": data for inside, data in files.items()})
