"""`autograder grade` and `regrade`: grade a class, publish what nobody has to be asked about, ask about the rest."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.commands import options
from autograder.commands.class_gradebook import Choice, place_for, write_to_gradebook
from autograder.commands.console import console, near
from autograder.commands.exit_status import INTERRUPTED, NOT_ALL, OK, PROBLEM
from autograder.commands.grading_run import GradedClass, How, graded, marker_of, prepared
from autograder.commands.run_words import say_people, say_problems, say_review, say_times, say_where
from autograder.course import Course
from autograder.errors import CourseError
from autograder.model import Report, Status
from autograder.report.printable import one_line

if TYPE_CHECKING:  # the commands import what they need: `--help` must not wait for JAX
    from autograder.gradebook_place import GradebookPlace
    from autograder.grading.store import Store
    from autograder.results.last_run import LastRun
    from autograder.results.publishing import Publisher


_how = options.all_of((
    options.workers,
    click.option("--regrade", "--anew", "anew", is_flag=True, help="Grade also what is unchanged since the last run."),
    click.option("--question", "questions", multiple=True, help="Of files graded before, only this question (may be repeated)."),
    click.option("--epoch", default=None, help="Draw other hidden inputs than the last run of the class."),
    click.option("--roster", type=click.Path(path_type=Path), help="The class list, a CSV [the one that course.toml names]. *"),
    click.option("--times", type=click.Path(path_type=Path), help="Hand-in times, a CSV (Moodle's grading worksheet, say). *"),
    click.option("--ignore-late/--count-late", default=None, help="Take everything as handed in on time (copied files, say). *"),
    click.option("--dask", default=None, metavar="ADDRESS", help="Grade on the workers of a Dask cluster: its scheduler. *"),
    click.option("--gradebook", type=click.Path(path_type=Path), metavar="DIR", help="Write marks into this nbgrader course."),
    click.option("--no-gradebook", is_flag=True, help="Leave nbgrader's gradebook alone."),
    click.option("--yes", is_flag=True, help="Publish lowered marks without asking."),
    options.unsafe,
))  # fmt: skip


@click.command()
@click.argument("assignment")
@options.source
@options.results
@_how
def grade(assignment: str, folder: Path, results: Path | None, **how) -> None:
    """Grade every submission of ASSIGNMENT (week03/lab) in a folder.

    What is unchanged since the last run (submission, tests, library, limits) is not graded again; an edited test has only its
    own question graded again. A run that was stopped goes on where it was. Before a mark that is published becomes lower, it is
    shown, and asked for.

    * is remembered with the results: left out, it holds as in the last run; the word none (or --count-late) ends that.

    Where the course has an nbgrader course directory (autograder nbgrader init), marks and comments go into its gradebook as
    well, unless --to names another folder for the results.

    Exit status: 0 all graded, 3 some not (they are listed), 1 nothing could be done, 130 stopped.
    """
    sys.exit(grade_class(options.the_course(), assignment, folder, results, How(**how)))


@click.command()
@click.argument("assignment")
@options.source
@options.results
@click.option("--compare", is_flag=True, help="Only show who would gain and lose what; publish nothing.")
@_how
def regrade(assignment: str, folder: Path, results: Path | None, compare: bool, **how) -> None:
    """Grade again and compare with the results there are, before anything is replaced.

    * is remembered with the results: left out, it holds as in the last run; the word none (or --count-late) ends that.
    """
    sys.exit(_regrade_class(options.the_course(), assignment, folder, results, compare, How(**how)))


def grade_class(course: Course, assignment: str, folder: Path, results: Path | None, how: How) -> int:
    """Grades a folder, publishes, says what there is to look at. Returns the exit status."""
    from autograder.grading.store import Store
    from autograder.report.class_table import class_table

    store = Store(results or course.root / "grades" / assignment)
    place = place_for(course, Choice(how.gradebook, how.no_gradebook, results is not None))
    with store.writing():
        how, run = _as_told(store, how)
        class_ = prepared(course, assignment, folder, how)
        publisher = _publisher(class_, store, how, place)
        run = _begun(store, run, class_)
        try:
            reports = graded(class_, (publisher.waiting, store, store.aside()), store, how, publisher.publish)
        except KeyboardInterrupt:
            return _interrupted()
        published = _release(publisher, reports, how.yes)
        _finish(class_, publisher, reports, run)
        console.print(class_table(reports))
        say_problems(class_.intake)
        say_review(reports)
        say_times(reports)
        say_people(publisher, reports)
        say_where(store, reports)
        _to_gradebook(class_, place, store, reports)
    return _status(reports, class_.intake) if published else NOT_ALL


def _as_told(store: Store, how: How) -> tuple[How, LastRun]:
    """The options with those of the last run in place of what was left out; says which."""
    from autograder.results.last_run import Told, read_last_run, settled

    run, lines = settled(Told(how.roster, how.times, how.ignore_late, how.dask), read_last_run(store.folder))
    for line in lines:
        console.print(f"  . {line}", markup=False)
    path = lambda text: Path(text) if text else None
    return replace(how, roster=path(run.roster), times=path(run.times), ignore_late=run.ignore_late, dask=run.dask), run


def _begun(store: Store, run: LastRun, class_: GradedClass) -> LastRun:
    """Remembers what this run was told and whom it is about, before anything is replaced."""
    from autograder.results.last_run import write_last_run

    run = replace(run, students=tuple(s.student for s in class_.intake.submissions), finished=False)
    write_last_run(store.folder, run)
    return run


def _publisher(class_: GradedClass, store: Store, how: How, place: GradebookPlace | None) -> Publisher:
    """What publishes; a run that leaves the gradebook alone does not read it either."""
    from autograder.marks.by_people import MANUAL_FILE, GivenMarks, gradebook_marks
    from autograder.results.publishing import Final, Publisher

    course, target = class_.course, class_.target
    students = [s.student for s in class_.intake.submissions]
    given = GivenMarks(
        store.folder / MANUAL_FILE, {q.id: q.points for q in target.assignment.questions}, class_.roster, students,
        lambda: gradebook_marks(course, target.id, students, place) if place else {},
    )  # fmt: skip
    for line in given.notes:
        console.print(f"  . {line}", markup=False)
    return Publisher(Final(marker_of(course, how), given), store, given.signature())


def _release(publisher: Publisher, reports: list[Report], yes: bool) -> bool:
    """Asks about marks that would become lower; false where somebody's stay as they were. Changes `reports` in place."""
    from autograder.report.comparison import render_comparison
    from autograder.results.publishing import lowered

    if not publisher.held:
        return True
    comparison = publisher.comparison()
    console.print(render_comparison(comparison))
    if not yes and not _confirmed():
        names = ", ".join(lowered(comparison.students))
        console.print(f"  ! The published results of {names} stay as they were; --yes publishes the new ones.", markup=False)
        return False
    released = {r.submission.student: r for r in publisher.release()}
    reports[:] = [released.get(r.submission.student, r) for r in reports]
    return True


def _finish(class_: GradedClass, publisher: Publisher, reports: list[Report], run: LastRun) -> None:
    """Moves aside whoever is not in the class any more, and writes the pages over the class."""
    from autograder.results.last_run import write_last_run

    store = publisher.store
    if publisher.marked_meanwhile():
        renewed = {r.submission.student: r for r in publisher.renewed()}
        reports[:] = [renewed.get(r.submission.student, r) for r in reports]
    gone = store.set_aside(run.students)
    store.save_class(reports, class_.target.assignment)
    write_last_run(store.folder, replace(run, finished=True))
    if gone:
        names = ", ".join(one_line(s, 60) for s in gone)
        where = f"{near(store.aside().folder)}{os.sep}"
        console.print(f"  - not in this class, so their results were moved to {where}: {names}", markup=False)


def _to_gradebook(class_: GradedClass, place: GradebookPlace | None, store: Store, reports: Sequence[Report]) -> None:
    if place is not None:
        write_to_gradebook(class_.course, place, class_.source, store, class_.intake, reports, class_.within)


def _interrupted() -> int:
    console.print("\nStopped. What was graded is saved; the same command goes on from there.")
    return INTERRUPTED


def _status(reports: Sequence[Report], intake) -> int:
    complete = all(r.status is Status.GRADED for r in reports) and not intake.problems
    return OK if complete else NOT_ALL


def _regrade_class(course: Course, assignment: str, folder: Path, results: Path | None, compare_only: bool, how: How) -> int:
    from autograder.grading.store import Store, brief
    from autograder.report.comparison import compare, render_comparison

    store = Store(results or course.root / "grades" / assignment)
    place = place_for(course, Choice(how.gradebook, how.no_gradebook, results is not None))
    first = next(store.load(), None)
    if first is None:
        raise CourseError(f"There are no results in {store.folder} to compare with. Grade first: autograder grade {assignment}")
    with store.writing():
        how, run = _as_told(store, how)
        old = [brief(r) for r in store.load()]
        class_ = prepared(course, assignment, folder, replace(how, epoch=how.epoch or first.epoch))
        publisher, drafts = _publisher(class_, store, how, place), Store(store.folder / ".regraded")

        def draft(report: Report, _: Report | None) -> Report:
            report = publisher.final.of(report)
            drafts.renew(report)
            return brief(report)

        try:
            new = graded(class_, (drafts, store, store.aside()), drafts, how, draft)
        except KeyboardInterrupt:
            return _interrupted()
        comparison = compare(old, new)
        console.print(render_comparison(comparison))
        say_problems(class_.intake)
        if compare_only:
            drafts.remove()
            return _status(new, class_.intake)
        if comparison.lowers and not how.yes and not _confirmed():
            drafts.remove()
            console.print("Nothing was changed.")
            return PROBLEM
        run = _begun(store, run, class_)
        for report in new:
            regraded = drafts.load_one(report.submission.student)
            assert regraded is not None
            publisher.replace(regraded)
        _finish(class_, publisher, new, run)
        drafts.remove()
        say_review(new)
        say_times(new)
        say_people(publisher, new)
        say_where(store, new)
        _to_gradebook(class_, place, store, new)
    return _status(new, class_.intake)


def _confirmed() -> bool:
    try:
        return click.confirm("Some marks become lower. Publish all the same?", default=False)
    except click.Abort:  # no terminal to ask: nothing is published
        return False
