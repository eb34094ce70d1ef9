"""What the smaller commands do: build, release, instructor, package, demo, warm."""

from __future__ import annotations

import os
from pathlib import Path

import click

from autograder.cli import NOT_ALL, OK, PROBLEM
from autograder.console import console, near
from autograder.course import Course
from autograder.wording import counted

# --------------------------------------------------------------------------------------------------------------- build


def build_command(course: Course, week: str | None, check: bool, new_points: bool = False) -> int:
    from autograder.build import build

    result = build(course, course.select(week) if week else None, check=check, new_points=new_points)
    for done in result.built:
        state = ("stale" if check else "written") if done.changed else "fresh"
        console.print(f"{state:8} {near(done.path)}  {done.questions} questions, {done.points:g} points", markup=False)
    for page in result.pages:
        if page.changed:
            console.print(f"{'stale' if check else 'written':8} {near(page.path)}", markup=False)
    for error in result.errors:
        click.echo(click.style("mistake  ", fg="red", bold=True) + str(error), err=True)
    for path in result.orphans:
        click.echo(f"orphan   {near(path)} has no solution notebook: delete it, or restore its week.", err=True)
    if result.stale:
        click.echo("Stale files: run `autograder build` and commit what it writes.", err=True)
    return OK if result.ok else PROBLEM


def release_command(course: Course, week: str | None, folder: Path | None, with_answers: bool, before_due: bool) -> int:
    from autograder.notebook.source import load_assignment
    from autograder.release.bundle import release
    from autograder.release.record import write_record

    folder = folder or course.root / "build" / "release"
    for bundle in release(course, week, folder, with_answers=with_answers, before_due=before_due):
        console.print(near(bundle.path), markup=False)
        for assignment, dates in zip(bundle.assignments, bundle.schedules, strict=True):
            console.print(f"  {assignment}  out {dates.released:%Y-%m-%d %H:%M}, due {dates.due:%Y-%m-%d %H:%M}", markup=False)
            if not with_answers:
                write_record(course, load_assignment(course, assignment))
    return OK


def instructor_command(course: Course, assignment: str | None) -> int:
    from autograder.notebook.instructor import instructor_page

    for assignment_id in course.select(assignment):
        with console.status(f"running {assignment_id}"):
            path = instructor_page(course, assignment_id)
        console.print(near(path), markup=False)
    return OK


# ------------------------------------------------------------------------------------------------------------- package


def package_command(course: Course, assignment: str, path: Path | None, minutes: int, memory_mb: int) -> int:
    from autograder.packaging.builder import build_package

    default = course.root / "build" / "packages" / f"{assignment.replace('/', '-')}-gradescope.zip"
    made = build_package(course, assignment, path or default, minutes, memory_mb)
    size = made.path.stat().st_size / 1e6
    console.print(f"{near(made.path)}  {size:.1f} MB. Private: it holds the hidden suite.", markup=False)
    by_hand = f", and a question of {made.by_hand:g} points that a person marks" if made.by_hand else ""
    console.print(f"On Gradescope: a programming assignment with {made.points:g} autograder points{by_hand}. docs/gradescope.md")
    return OK


# ---------------------------------------------------------------------------------------------------------------- demo


def demo_command(course: Course, assignment: str, folder: Path, workers: int) -> int:
    from autograder.demo import make_class
    from autograder.grade_command import grade_command
    from autograder.grading_run import How

    handed_in = folder / "handed-in"
    count = make_class(course, assignment, handed_in)
    console.print(f"{counted(count, 'file')} handed in: {near(handed_in)}{os.sep}", markup=False)
    # The demonstration is of grading: what an earlier one left is graded anew.
    status = grade_command(course, assignment, handed_in, folder / "grades", How(workers, anew=True, yes=True))
    student = folder / "grades" / "feedback" / "jun.html"
    console.print(f"\nOpen {near(folder / 'grades/class.html')} first, then a student's page: {near(student)}", markup=False)
    # The class holds files that cannot be graded, on purpose.
    return OK if status in (OK, NOT_ALL) else status


# ----------------------------------------------------------------------------------------------------- warm


def warm_command(course: Course, assignment: str | None) -> int:
    from autograder.grading.preparing import target_of
    from autograder.grading_run import warm_up
    from autograder.notebook.source import load_assignment

    for assignment_id in course.select(assignment):
        source = load_assignment(course, assignment_id)
        warm_up(course, source, target_of(course, source), unsafe=False)
        console.print(f"{assignment_id}: warm")
    return OK
