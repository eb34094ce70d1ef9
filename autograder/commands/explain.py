"""`autograder explain`: whose work is meant, what is known of it, and what a person should see of that."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from autograder.commands import options
from autograder.commands.console import console
from autograder.commands.exit_status import OK
from autograder.course import Course
from autograder.errors import CourseError, SubmissionError
from autograder.grading.store import Store
from autograder.model import Report, Status, Submission
from autograder.report.printable import one_line

_MOST_NAMES = 8


@click.command()
@click.argument("question")
@click.argument("who", required=False)
@click.option("--submission", help="The same as WHO.")
@click.option("--results", type=click.Path(path_type=Path), help="Results to look people up in [grades/WEEK/NOTEBOOK].")
@click.option("--epoch", default=None, help="The inputs of another run.")
@click.option("--all", "everything", is_flag=True, help="Show also what passed.")
@options.unsafe
def explain(question, who, submission, results, epoch, everything, unsafe) -> None:
    """For staff: what happened in QUESTION (week03/lab/backprop), or in a notebook (week03/lab), beside the reference.

    WHO is somebody with results (an id, a name, or a part of it that fits one person), or a notebook's file.
    """
    if (who is None) == (submission is None):
        raise click.UsageError("Whose? Write e.g.: autograder explain week03/lab/backprop alice")
    sys.exit(_explained(options.the_course(), question, who or submission, results, epoch, unsafe, everything))


def _explained(course: Course, what: str, who: str, results: Path | None, epoch: str | None, unsafe: bool,
               everything: bool) -> int:  # fmt: skip
    """Explains a question (week03/lab/backprop), or a whole notebook (week03/lab), of somebody.

    Args:
        who: a notebook's file; or somebody with results: an id, or a name (or a part of either) that fits one person only.

    Raises:
        CourseError: there is no such question, or it is not clear who is meant.
        SubmissionError: the file cannot be read.
    """
    from autograder.report.explain import render_explanation

    assignment, question = _asked(course, what)
    store = Store(results or course.root / "grades" / assignment)
    file, stored = Path(who), store.load_one(who)
    if file.suffix == ".ipynb" and file.exists():
        report = _graded_now(course, assignment, question, file, epoch, unsafe)
    elif stored is not None:  # whatever else here is called as the student is
        report = stored
    elif file.suffix == ".ipynb" or file.is_file():
        report = _graded_now(course, assignment, question, file, epoch, unsafe)
    else:
        report = _stored(course, store, who)
    if report.status is Status.UNREADABLE:
        raise SubmissionError(report.reason)
    console.print(render_explanation(report, question, everything))
    return OK


def _asked(course: Course, what: str) -> tuple[str, str]:
    """The assignment and the question, or ""."""
    parts = what.split("/")
    if len(parts) not in (2, 3) or not all(parts):
        raise CourseError(f"{what!r} names no notebook and no question: write week03/lab, or week03/lab/backprop.")
    course.schedule("/".join(parts[:2]))
    return "/".join(parts[:2]), "".join(parts[2:])


def _graded_now(course: Course, assignment: str, question: str, file: Path, epoch: str | None, unsafe: bool) -> Report:
    from autograder.grading.engine import Engine
    from autograder.grading.one import grade_one
    from autograder.grading.preparing import prepare
    from autograder.grading.target import CLASS_EPOCH
    from autograder.notebook.companions import alone_in_folder

    target = prepare(course, assignment, epoch or CLASS_EPOCH)
    if question and question not in {q.id for q in target.assignment.questions}:
        known = ", ".join(q.id for q in target.assignment.questions)
        raise CourseError(f"{assignment} has no question {question!r}; it has {known}.")
    with Engine(unsafe) as engine:
        asked = Submission(file.stem, str(file), companions=alone_in_folder(file))
        return grade_one(engine, target, asked, file, in_full=True)


# Who is meant --------------------------------------------------------------------------------------------------------


def _stored(course: Course, store: Store, who: str) -> Report:
    names = _names(course, store)
    if not names:
        raise CourseError(f"{one_line(who, 80)} is no file, and {store.folder} has no results. Give the notebook's path.")
    fitting = _fitting(who, names)
    if len(fitting) == 1:
        report = store.load_one(fitting[0])
        assert report is not None
        return report
    if fitting:
        several = "; ".join(f"{s} ({names[s]})" if names[s] else s for s in fitting[:_MOST_NAMES])
        raise CourseError(f"{one_line(who, 80)!r} may be any of {len(fitting)} people: {several}. Name one of them by the id.")
    near = difflib.get_close_matches(who.casefold(), [s.casefold() for s in names], _MOST_NAMES, 0.6)
    hint = f" Near it: {', '.join(near)}." if near else ""
    raise CourseError(f"{one_line(who, 80)} is neither a file nor a student with results.{hint} Give the notebook's path.")


def _names(course: Course, store: Store) -> dict[str, str]:
    """Everybody with results -> the name on the class list, or ""."""
    from autograder.results.last_run import read_last_run
    from autograder.roster import read_roster

    students = [r.submission.student for r in store.load()]
    run = read_last_run(store.folder)
    file = Path(run.roster) if run and run.roster else course.roster
    people = {p.student: p for p in read_roster(file, course.time_zone, students).people} if file and file.is_file() else {}
    named = lambda p: f"{p.first} {p.last}".strip() or p.name
    return {s: one_line(named(people[s]), 60) if s in people else "" for s in students}


def _fitting(who: str, names: dict[str, str]) -> Sequence[str]:
    """Ids of everybody that a word fits: as it is, else in any order of its words, else as a part of an id or name."""
    plain = who.casefold().replace(",", " ").split()
    for fits in (
        lambda s: who.casefold() in (s.casefold(), names[s].casefold()),
        lambda s: sorted(plain) == sorted(names[s].casefold().replace(",", " ").split()),
        lambda s: all(word in f"{s} {names[s]}".casefold() for word in plain),
    ):
        found = [s for s in names if fits(s)]
        if found:
            return found
    return []
