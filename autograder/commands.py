"""What the commands do, in the order a person sees it: read, work with a progress display, write, say where to look."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from autograder.cli import INTERRUPTED, NOT_ALL, OK, PROBLEM
from autograder.course import Course
from autograder.errors import CourseError, SubmissionError
from autograder.gradebook.command import Choice, place_for, write_to_gradebook
from autograder.model import FILE_DATE, Report, Status, Submission
from autograder.report.printable import one_line
from autograder.report.terminal import StaffConsole
from autograder.wording import counted
from course_lib.cell_places import place

if TYPE_CHECKING:  # the commands import what they need: `--help` must not wait for JAX
    from autograder.gradebook.marking import Marker
    from autograder.gradebook_place import GradebookPlace
    from autograder.grading.batch import Job
    from autograder.grading.store import Store
    from autograder.grading.target import Target
    from autograder.notebook.intake import Intake
    from autograder.notebook.source import SourceNotebook
    from autograder.roster import Roster

# Pipes and logs get lines as long as a path needs; a terminal its own width.
console = StaffConsole(width=None if sys.stdout.isatty() else 120)



@dataclass(frozen=True)
class How:
    """How to grade: what the options of `grade` and `regrade` say.

    Attributes:
        workers: processes; 0 for one per core.
        epoch: which hidden inputs to draw; None for those of the class (or of the run that is compared with).
        anew: also what is unchanged since the last run.
        questions: of files graded before, only these; all if empty.
        dask: address of a Dask scheduler, or empty.
        gradebook: nbgrader's course directory that marks go to, too; None for the course's own.
        no_gradebook: marks go to no gradebook.
        ignore_late: take everything as handed in on time.
        roster: the class list, instead of the one that course.toml names.
        times: a table of hand-in times.
        unsafe: go on where submissions cannot be isolated.
    """

    workers: int = 0
    epoch: str | None = None
    anew: bool = False
    questions: tuple[str, ...] = ()
    dask: str = ""
    gradebook: Path | None = None
    no_gradebook: bool = False
    ignore_late: bool = False
    roster: Path | None = None
    times: Path | None = None
    unsafe: bool = False


@dataclass(frozen=True)
class _Class:
    """An assignment, and what was handed in for it."""

    course: Course
    source: SourceNotebook
    target: Target
    intake: Intake
    within: Path


# --------------------------------------------------------------------------------------------------------------- build


def build_command(course: Course, week: str | None, check: bool, new_points: bool = False) -> int:
    from autograder.build import build

    result = build(course, course.select(week) if week else None, check=check, new_points=new_points)
    for done in result.built:
        state = ("stale" if check else "written") if done.changed else "fresh"
        console.print(f"{state:8} {_near(done.path)}  {done.questions} questions, {done.points:g} points", markup=False)
    for page in result.pages:
        if page.changed:
            console.print(f"{'stale' if check else 'written':8} {_near(page.path)}", markup=False)
    for error in result.errors:
        click.echo(click.style("mistake  ", fg="red", bold=True) + str(error), err=True)
    for path in result.orphans:
        click.echo(f"orphan   {_near(path)} has no solution notebook: delete it, or restore its week.", err=True)
    if result.stale:
        click.echo("Stale files: run `autograder build` and commit what it writes.", err=True)
    return OK if result.ok else PROBLEM


def release_command(course: Course, week: str | None, folder: Path | None, with_answers: bool, before_due: bool) -> int:
    from autograder.notebook.source import load_assignment
    from autograder.release.bundle import release
    from autograder.release.record import write_record

    folder = folder or course.root / "build" / "release"
    for bundle in release(course, week, folder, with_answers=with_answers, before_due=before_due):
        console.print(_near(bundle.path), markup=False)
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
        console.print(_near(path), markup=False)
    return OK


# ------------------------------------------------------------------------------------------------------------- package


def package_command(course: Course, assignment: str, path: Path | None, minutes: int, memory_mb: int) -> int:
    from autograder.packaging.builder import build_package

    default = course.root / "build" / "packages" / f"{assignment.replace('/', '-')}-gradescope.zip"
    made = build_package(course, assignment, path or default, minutes, memory_mb)
    size = made.path.stat().st_size / 1e6
    console.print(f"{_near(made.path)}  {size:.1f} MB. Private: it holds the hidden suite.", markup=False)
    by_hand = f", and a question of {made.by_hand:g} points that a person marks" if made.by_hand else ""
    console.print(f"On Gradescope: a programming assignment with {made.points:g} autograder points{by_hand}. docs/gradescope.md")
    return OK


# --------------------------------------------------------------------------------------------------------------- grade


def grade_command(course: Course, assignment: str, folder: Path, results: Path | None, how: How) -> int:
    from autograder.grading.store import Store
    from autograder.report.class_table import class_table

    store = Store(results or course.root / "grades" / assignment)
    place = place_for(course, Choice(how.gradebook, how.no_gradebook, results is not None))
    with store.writing():
        class_ = _prepared(course, assignment, folder, how)
        try:
            reports = _graded(class_, (store,), store, how)
        except KeyboardInterrupt:
            return _interrupted()
        store.save_class(reports, class_.target.assignment)
        console.print(class_table(reports))
        _say_problems(class_.intake)
        _say_review(reports)
        _say_times(reports)
        _say_where(store, reports)
        _to_gradebook(class_, place, store, reports)
    return _status(reports, class_.intake)


def _to_gradebook(class_: _Class, place: GradebookPlace | None, store: Store, reports: Sequence[Report]) -> None:
    if place is not None:
        write_to_gradebook(class_.course, place, class_.source, store, class_.intake, reports, class_.within, console)


def _prepared(course: Course, assignment: str, folder: Path, how: How) -> _Class:
    """The target with its cache warm, and what the folder held."""
    from autograder.grading.preparing import target_of
    from autograder.grading.target import CLASS_EPOCH, SUBMISSION_MB
    from autograder.notebook.intake import collect, handed_in_names
    from autograder.notebook.source import load_assignment

    source = load_assignment(course, assignment)
    target = target_of(course, source, how.epoch or CLASS_EPOCH)
    known = [q.id for q in target.assignment.questions if not q.written]
    for question in how.questions:
        if question not in known:
            raise CourseError(f"{assignment} has no question {question!r} that a machine marks; it has {', '.join(known)}.")
    roster, times = _class_list(course, how, handed_in_names(folder))
    intake = collect(folder, assignment, max_mb=SUBMISSION_MB, roster=roster, times=times, zone=course.time_zone)
    if not intake.submissions and not intake.problems:
        raise CourseError(f"{folder} holds no notebook. Give the folder with the students' .ipynb files with --from.")
    if (here := "{}.{}".format(*sys.version_info)) != course.python:
        console.print(f"  . {course.file.name} says Python {course.python}; this environment grades with {here}: docs/pythons.md")
    return _Class(course, source, target, intake, folder if folder.is_dir() else folder.parent)


def _class_list(course: Course, how: How, names: Sequence[str]) -> tuple[Roster | None, dict[str, datetime]]:
    """The class list, and hand-in times by its ids. Without a class list the table of times serves as one.

    Args:
        names: of what was handed in, to tell in which character set a list is.
    """
    from autograder.roster import read_roster

    file = how.roster or course.roster
    roster = read_roster(file, course.time_zone, names) if file else None
    for line in roster.notes if roster else ():
        console.print(f"  . {line}", markup=False)
    for line in roster.problems if roster else ():
        console.print(f"  ! {line}", markup=False)
    if how.times is None:
        return roster, {}
    told = read_roster(how.times, course.time_zone, names)
    for line in told.notes if how.times != file else ():
        console.print(f"  . {line}", markup=False)
    if not told.times:
        raise CourseError(f"{how.times} has no column of hand-in times. Call one `submitted at`; docs/lms.md has the others.")
    roster = roster or told
    if strangers := roster.strangers(told):
        names = ", ".join(one_line(s, 60) for s in strangers)
        console.print(f"  ! {how.times}: not on the class list, so their times are not used: {names}", markup=False)
    return roster, roster.times_in(told)


def _graded(class_: _Class, earlier: Sequence[Store], into: Store, how: How) -> list[Report]:
    """Grades what is not graded yet, saves it to `into`, and returns the class without what only a student's page shows.

    Args:
        earlier: where results of earlier runs lie, the newest first.
    """
    from autograder.grading.batch import default_workers, grade_all
    from autograder.grading.store import brief
    from autograder.sandbox.jail import tiers

    isolation, reports = tiers.best().summary, {}
    marker = _marker(class_.course, how)
    jobs = list(_to_do(class_, earlier, into, how, marker, reports))
    target, workers = class_.target, how.workers or default_workers()
    again = f", {len(reports)} unchanged since the last run" if reports else ""
    at_once = f", {min(workers, len(jobs))} at a time" if jobs and not how.dask else ""
    console.print(f"{target.id}: {counted(len(jobs), 'submission')} to grade{at_once}{again}. Isolation {isolation}.")
    if jobs:
        _warm(class_.course, class_.source, target, how.unsafe)
        with _progress() as progress:
            task = progress.add_task("grading", total=len(jobs))

            def done(report: Report) -> None:
                report = marker.marked(report)
                into.save(report)
                reports[report.submission.student] = brief(report)
                progress.update(task, advance=1, description=f"graded {one_line(report.submission.student, 24):24}")

            grade_all(target, jobs, done, _executor(how, workers), how.unsafe)
    return [reports[s.student] for s in class_.intake.submissions]


def _marker(course: Course, how: How) -> Marker:
    """Gives reports their marks; what other assignments used of a student's late days is read from their results."""
    from autograder.gradebook.marking import Marker
    from autograder.grading.store import Store

    return Marker(course, lambda student, other: Store(course.root / "grades" / other).load_one(student), how.ignore_late)


def _to_do(class_: _Class, earlier: Sequence[Store], into: Store, how: How, marker: Marker,
           reports: dict[str, Report]) -> Iterator[Job]:  # fmt: skip
    """A job for each submission of which something has to be run; what holds from `earlier` goes to `reports`."""
    from autograder.grading.batch import Job
    from autograder.grading.reuse import Wish, still_valid, whole
    from autograder.grading.store import brief
    from autograder.sandbox.jail import tiers

    wish = Wish(how.anew, frozenset(how.questions))
    for submission, file in zip(class_.intake.submissions, class_.intake.files, strict=True):
        lying, old = into.load_one(submission.student), None
        for store in earlier:
            old = old or (lying if store is into else store.load_one(submission.student))
        kept = still_valid(old, class_.target, submission, tiers.best().summary, wish)
        same = whole(old, kept, class_.target, submission) if old else None
        if same is None:
            yield Job(submission, file, class_.within, kept)
        else:
            same = marker.marked(same)
            into.renew(same, lying)
            reports[submission.student] = brief(same)


def _executor(how: How, workers: int):
    from autograder.grading import executors

    if how.dask:
        return lambda jobs: executors.dask(how.dask, jobs)
    return lambda jobs: executors.local(workers, jobs)


def _interrupted() -> int:
    console.print("\nStopped. What was graded is saved; the same command goes on from there.")
    return INTERRUPTED


def _progress() -> Progress:
    words = TextColumn("{task.description}", markup=False)
    columns = (SpinnerColumn(), words, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True)


def _say_problems(intake) -> None:
    for line in intake.notes:
        console.print(f"  . {line}", markup=False)
    for path, line in intake.problems:
        console.print(f"  ! {path}: {line}" if not line.startswith(path) else f"  ! {line}", markup=False)
    for path, other in intake.elsewhere:
        console.print(f"  - {path}: set aside, it belongs to {other}", markup=False)
    for submission in intake.submissions:
        for path in submission.superseded:
            console.print(f"  - {path}: not counted, {submission.student} handed in a later one", markup=False)
    if intake.missing:
        count = f"{len(intake.missing)} on the class list handed in nothing"
        console.print(f"  . {count}: {', '.join(one_line(s, 60) for s in intake.missing)}", markup=False)


def _say_review(reports: Sequence[Report]) -> None:
    """Submissions that a person should look at as a whole, before the marks go out."""
    for report in reports:
        for reason in report.needs_review:
            console.print(f"  ! {one_line(report.submission.student, 60)}: {one_line(reason, 300)}", markup=False)


def _say_times(reports: Sequence[Report]) -> None:
    """Lateness by the dates of plain files is worth a warning: whoever copies a file may give it a new one."""
    late = [r for r in reports if r.mark is not None and r.mark.days_late and r.submission.time_source == FILE_DATE]
    if late:
        console.print(
            f"  ! {len(late)} of {len(reports)} are late by the dates of the files themselves, which copying can change. "
            "If these are not the hand-in times, give those with --times, or grade again with --ignore-late."
        )
    flagged = [r.submission.student for r in reports if r.submission.marked_late and r.mark and r.mark.days_late is None]
    if flagged:
        names = ", ".join(one_line(s, 60) for s in flagged)
        line = f"  ! marked late by the platform, but not how late: {names}. Nothing was taken; give the times with --times."
        console.print(line, markup=False)


def _say_where(store, reports: Sequence[Report]) -> None:
    graded = sum(r.status is Status.GRADED for r in reports)
    console.print(f"\n{graded} of {len(reports)} graded.")
    console.print(f"  for the staff     {_near(store.folder / 'class.html')}", markup=False)
    console.print(f"  for each student  {_near(store.folder / 'feedback')}{os.sep}", markup=False)
    console.print(f"  marks             {_near(store.folder / 'grades.csv')}", markup=False)


def _near(path: Path) -> str:
    """A path as one would type it from here."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _status(reports: Sequence[Report], intake) -> int:
    complete = all(r.status is Status.GRADED for r in reports) and not intake.problems
    return OK if complete else NOT_ALL


# ------------------------------------------------------------------------------------------------------------- regrade


def regrade_command(course: Course, assignment: str, folder: Path, results: Path | None, compare_only: bool, yes: bool,
                    how: How) -> int:  # fmt: skip
    from autograder.grading.store import Store, brief
    from autograder.report.comparison import compare, render_comparison

    store = Store(results or course.root / "grades" / assignment)
    place = place_for(course, Choice(how.gradebook, how.no_gradebook, results is not None))
    first = next(store.load(), None)
    if first is None:
        raise CourseError(f"There are no results in {store.folder} to compare with. Grade first: autograder grade {assignment}")
    with store.writing():
        old = [brief(r) for r in store.load()]
        class_ = _prepared(course, assignment, folder, replace(how, epoch=how.epoch or first.epoch))
        drafts = Store(store.folder / ".regraded")
        try:
            new = _graded(class_, (drafts, store), drafts, how)
        except KeyboardInterrupt:
            return _interrupted()
        comparison = compare(old, new)
        console.print(render_comparison(comparison))
        _say_problems(class_.intake)
        if compare_only:
            drafts.remove()
            return _status(new, class_.intake)
        if comparison.lowers and not yes and not _confirmed():
            drafts.remove()
            console.print("Nothing was changed.")
            return PROBLEM
        for report in new:
            regraded = drafts.load_one(report.submission.student)
            assert regraded is not None
            store.renew(regraded)
        store.forget({r.submission.student for r in old} - {r.submission.student for r in new})
        store.save_class(new, class_.target.assignment)
        drafts.remove()
        _say_review(new)
        _say_times(new)
        _say_where(store, new)
        _to_gradebook(class_, place, store, new)
    return _status(new, class_.intake)


def _confirmed() -> bool:
    try:
        return click.confirm("Some marks become lower. Publish all the same?", default=False)
    except click.Abort:  # no terminal to ask: nothing is published
        return False


# ------------------------------------------------------------------------------------------------------------- explain


def explain_command(course: Course, question: str, submission: str, results: Path | None, epoch: str | None,
                    unsafe: bool) -> int:  # fmt: skip
    from autograder.grading.engine import Engine
    from autograder.grading.one import grade_one
    from autograder.grading.preparing import prepare
    from autograder.grading.store import Store
    from autograder.grading.target import CLASS_EPOCH
    from autograder.notebook.companions import alone_in_folder
    from autograder.report.explain import render_explanation

    assignment, _, question_id = question.rpartition("/")
    if assignment.count("/") != 1:
        raise CourseError(f"{question!r} names no question: write week03/lab/backprop.")
    stored, file = Store(results or course.root / "grades" / assignment).load_one(submission), Path(submission)
    if stored is not None and not (file.suffix == ".ipynb" and file.exists()):  # whatever else here is called as the student is
        report = stored
    elif file.suffix != ".ipynb" and not file.exists():
        raise CourseError(f"{submission} is neither a file nor a student with results. Give the notebook's path.")
    else:
        target = prepare(course, assignment, epoch or CLASS_EPOCH)
        if question_id not in {q.id for q in target.assignment.questions}:
            known = ", ".join(q.id for q in target.assignment.questions)
            raise CourseError(f"{assignment} has no question {question_id!r}; it has {known}.")
        with Engine(unsafe) as engine:
            asked = Submission(file.stem, submission, companions=alone_in_folder(file))
            report = grade_one(engine, target, asked, file, in_full=True)
    if report.status is Status.UNREADABLE:
        raise SubmissionError(report.reason)
    console.print(render_explanation(report, question_id))
    return OK


# ---------------------------------------------------------------------------------------------------------------- demo


def demo_command(course: Course, assignment: str, folder: Path, workers: int) -> int:
    from autograder.demo import make_class

    handed_in = folder / "handed-in"
    count = make_class(course, assignment, handed_in)
    console.print(f"{counted(count, 'file')} handed in: {_near(handed_in)}{os.sep}", markup=False)
    # The demonstration is of grading: what an earlier one left is graded anew.
    status = grade_command(course, assignment, handed_in, folder / "grades", How(workers, anew=True))
    student = folder / "grades" / "feedback" / "jun.html"
    console.print(f"\nOpen {_near(folder / 'grades/class.html')} first, then a student's page: {_near(student)}", markup=False)
    # The class holds files that cannot be graded, on purpose.
    return OK if status in (OK, NOT_ALL) else status


# ----------------------------------------------------------------------------------------------------- warm


def _warm(course: Course, source, target, unsafe: bool) -> None:
    from autograder.grading.warming import warm_cache
    from autograder.verify.answers import read_answers, trusted_notebooks

    folder = course.assignment_paths(target.id).answers
    notebooks, reports = trusted_notebooks(source, folder), []
    with _progress() as progress:
        task = progress.add_task(f"compiling {target.id} once", total=len(notebooks), visible=False)

        def done(report: Report) -> None:
            progress.update(task, advance=1, visible=True)
            reports.append(report)

        warm_cache(target, notebooks, unsafe, done)
    names = ["the solution", *(a.path.name for a in read_answers(folder) if a.accepted)] if reports else []
    for name, report in zip(names, reports, strict=True):
        _say_not_compiled(name, report)


def _say_not_compiled(name: str, report: Report) -> None:
    """A trusted notebook that did not run through leaves the cache without its programs: slower, and perhaps a sign of more."""
    why = report.reason or next((f"{place(c.index, c.line)}: {c.message}" for c in report.cells), "")
    why = why or next((f"{t.id}: {t.message}" for q in report.questions for t in q.tests if t.outcome == "not_run"), "")
    if why:
        line = f"  ! {report.assignment}: {name} did not run through while it was compiled: {one_line(why, 300)}"
        console.print(line, markup=False)


def warm_command(course: Course, assignment: str | None) -> int:
    from autograder.grading.preparing import target_of
    from autograder.notebook.source import load_assignment

    for assignment_id in course.select(assignment):
        source = load_assignment(course, assignment_id)
        _warm(course, source, target_of(course, source), unsafe=False)
        console.print(f"{assignment_id}: warm")
    return OK
