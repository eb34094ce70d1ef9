"""A class to grade, from the options and a folder to reports: what was handed in, what still holds, what has to be run."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.commands.console import console
from autograder.commands.progress import progress
from autograder.course import Course
from autograder.errors import CourseError
from autograder.model import Report
from autograder.report.printable import one_line
from autograder.wording import counted
from course_lib.cell_places import place

if TYPE_CHECKING:  # the commands import what they need: `--help` must not wait for JAX
    from autograder.grading.batch import Job
    from autograder.grading.store import Store
    from autograder.grading.suite_file import Suite
    from autograder.grading.target import Target
    from autograder.marks.marking import Marker
    from autograder.notebook.intake import Intake
    from autograder.notebook.source_cells import SourceNotebook
    from autograder.roster import Roster

# Saves a report and returns what is published then; the second argument is what lies there, if it is known.
Publish = Callable[[Report, Report | None], Report]


@dataclass(frozen=True)
class How:
    """How to grade: what the options of `grade` and `regrade` say.

    Attributes:
        workers: processes; 0 for one per core.
        epoch: which hidden inputs to draw; None for those of the class (or of the run that is compared with).
        anew: also what is unchanged since the last run.
        questions: of files graded before, only these; all if empty.
        dask: address of a Dask scheduler, or empty; None for what the last run was told.
        gradebook: nbgrader's course directory that marks go to, too; None for the course's own.
        no_gradebook: marks go to no gradebook.
        ignore_late: take everything as handed in on time; None for what the last run was told.
        roster: the class list, instead of the one that course.toml names, or that the last run was told.
        times: a table of hand-in times; None for what the last run was told.
        unsafe: go on where submissions cannot be isolated.
        yes: publish lowered marks without asking.
    """

    workers: int = 0
    epoch: str | None = None
    anew: bool = False
    questions: tuple[str, ...] = ()
    dask: str | None = None
    gradebook: Path | None = None
    no_gradebook: bool = False
    ignore_late: bool | None = None
    roster: Path | None = None
    times: Path | None = None
    unsafe: bool = False
    yes: bool = False


@dataclass(frozen=True)
class GradedClass:
    """An assignment, and what was handed in for it."""

    course: Course
    source: SourceNotebook
    target: Target
    intake: Intake
    within: Path
    roster: Roster | None = None


def prepared(course: Course, assignment: str, folder: Path, how: How) -> GradedClass:
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
    return GradedClass(course, source, target, intake, folder if folder.is_dir() else folder.parent, roster)


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


def graded(class_: GradedClass, earlier: Sequence[Store], into: Store, how: How, publish: Publish) -> list[Report]:
    """Grades what is not graded yet, publishes each, and returns the class without what only a student's page shows.

    Args:
        earlier: where results of earlier runs lie, the newest first.
        into: where they are published.
        publish: saves a report, and returns what is published then; its second argument is what lies there.
    """
    from autograder.grading.batch import grade_all
    from autograder.grading.executors import default_workers
    from autograder.sandbox.jail import tiers

    isolation, reports = tiers.best().summary, {}
    jobs = list(_to_do(class_, earlier, into, how, publish, reports))
    target, workers = class_.target, how.workers or default_workers()
    again = f", {len(reports)} unchanged since the last run" if reports else ""
    at_once = f", {min(workers, len(jobs))} at a time" if jobs and not how.dask else ""
    console.print(f"{target.id}: {counted(len(jobs), 'submission')} to grade{at_once}{again}. Isolation {isolation}.")
    if jobs:
        run_on = _executor(class_, jobs, how, workers)
        warm_up(class_.course, class_.source, target, how.unsafe)
        with progress(console, "grading", len(jobs)) as step:

            def done(report: Report) -> None:
                reports[report.submission.student] = publish(report, None)
                step(f"graded {report.submission.student[:24]}")

            grade_all(target, jobs, done, run_on, how.unsafe)
    return [reports[s.student] for s in class_.intake.submissions]


def marker_of(course: Course, how: How) -> Marker:
    """Gives reports their marks; what other assignments used of a student's late days is read from their results."""
    from autograder.grading.store import Store
    from autograder.marks.marking import Marker

    lookup = lambda student, other: Store(course.root / "grades" / other).load_one(student)
    return Marker(course, lookup, bool(how.ignore_late))


def _to_do(class_: GradedClass, earlier: Sequence[Store], into: Store, how: How, publish: Publish,
           reports: dict[str, Report]) -> Iterator[Job]:  # fmt: skip
    """A job for each submission of which something has to be run; what holds from `earlier` goes to `reports`."""
    from autograder.grading.batch import Job
    from autograder.grading.reuse import Wish, still_valid, whole
    from autograder.sandbox.jail import tiers

    wish, isolation = Wish(how.anew, frozenset(how.questions)), tiers.best().summary
    for submission, file in zip(class_.intake.submissions, class_.intake.files, strict=True):
        lying = into.load_one(submission.student)
        olds = [old for s in earlier if (old := lying if s is into else s.load_one(submission.student)) is not None]
        kept = [still_valid(old, class_.target, submission, isolation, wish) for old in olds]
        found = (whole(old, keep, class_.target, submission) for old, keep in zip(olds, kept, strict=True))
        same = next((report for report in found if report is not None), None)
        if same is None:
            yield Job(submission, file, class_.within, max(kept, key=len, default=()))
        else:
            reports[submission.student] = publish(same, lying)


def _executor(class_: GradedClass, jobs: Sequence[Job], how: How, workers: int):
    from autograder.grading import executors
    from autograder.grading.worker_server import libraries_of

    if how.dask:
        from autograder.grading.dask_cluster import Cluster
        from autograder.notebook.submitted_file import container_of

        return Cluster(how.dask, [class_.target.course_lib, *{container_of(job.file): None for job in jobs}])
    libraries = libraries_of(class_.target.suite.text.decode(errors="replace"))
    executors.expect(workers, len(jobs), libraries)
    return lambda jobs: executors.local(workers, jobs, libraries)


def warm_up(course: Course, source, target, unsafe: bool) -> None:
    from autograder.grading.warming import warm_cache
    from autograder.notebook.answers import read_answers, trusted_notebooks

    folder = course.assignment_paths(target.id).answers
    notebooks, reports = trusted_notebooks(source, folder), []
    with progress(console, f"compiling {target.id} once", len(notebooks)) as step:

        def done(report: Report) -> None:
            step(f"compiling {target.id} once")
            reports.append(report)

        warm_cache(target, notebooks, unsafe, done)
    names = ["the solution", *(a.path.name for a in read_answers(folder) if a.accepted)] if reports else []
    for name, report in zip(names, reports, strict=True):
        _say_not_compiled(name, report)
        _say_failed(target.suite, name, report)


def _say_failed(suite: Suite, name: str, report: Report) -> None:
    """What a trusted notebook fails is the suite's mistake, or its own: students would be marked by it."""
    from autograder.grading.suite_mistakes import in_words

    for test in (t for q in report.questions for t in q.tests if t.outcome == "failed"):
        console.print(f"  ! {name} fails {test.id}: {one_line(in_words(suite, test), 300)}", markup=False)


def _say_not_compiled(name: str, report: Report) -> None:
    """A trusted notebook that did not run through leaves the cache without its programs: slower, and perhaps a sign of more."""
    why = report.reason or next((f"{place(c.index, c.line)}: {c.message}" for c in report.cells), "")
    why = why or next((f"{t.id}: {t.message}" for q in report.questions for t in q.tests if t.outcome == "not_run"), "")
    if why:
        line = f"  ! {report.assignment}: {name} did not run through while it was compiled: {one_line(why, 300)}"
        console.print(line, markup=False)
