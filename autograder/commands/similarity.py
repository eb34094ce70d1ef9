"""`autograder similarity`: reads what was handed in, compares it, writes the page, says where to look."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from autograder.commands.exit_status import NOT_ALL, OK
from autograder.commands.options import the_course
from autograder.course import Course
from autograder.errors import CourseError
from autograder.wording import counted


@click.command()
@click.argument("assignment")
@click.option("--from", "folder", type=click.Path(path_type=Path), help="What was handed in [what was graded last].")
@click.option("--to", "page", type=click.Path(dir_okay=False, path_type=Path), help="The page [grades/.../similarity.html].")
@click.option("--threshold", default=30.0, show_default=True, type=click.FloatRange(0, 100), help="The least share, per cent.")
def similarity(assignment: str, folder: Path | None, page: Path | None, threshold: float) -> None:
    """Show which submissions of ASSIGNMENT share code beyond the starter notebook: places to look, no verdicts.

    Exit status: 0 all compared, 3 some could not be read (they are listed), 1 nothing could be done.
    """
    sys.exit(compare_class(the_course(), assignment, folder, page, threshold))


def compare_class(course: Course, assignment: str, folder: Path | None, page: Path | None, threshold: float) -> int:
    """Compares the submissions in `folder`, or those that were graded last. Returns the exit status.

    Args:
        threshold: the least share of a pair, in per cent.
    """
    from autograder.grading.store import write_whole
    from autograder.notebook.source import load_assignment
    from autograder.notebook.student import student_notebook, to_text
    from autograder.similarity.detection import likenesses
    from autograder.similarity.page import render_similarity
    from autograder.similarity.works import starter_code

    source = load_assignment(course, assignment)
    works, problems = _handed_in(course, assignment, folder)
    found = likenesses(works, starter_code(to_text(student_notebook(source)), assignment), threshold / 100)
    pairs = found.pairs
    target = page or course.root / "grades" / assignment / "similarity.html"
    write_whole(target, render_similarity(source.assignment.title, assignment, works, found, threshold / 100, problems))
    click.echo(f"{assignment}: {counted(len(works), 'submission')} compared.")
    for group in found.groups:
        same = "the same code" if group.exact else "nearly the same code"
        click.echo(f"  {len(group.works)} have {same}: {', '.join(_line(w.student) for w in group.works)}")
    share = counted(len(pairs), "pair shares", "pairs share")
    click.echo(f"{share} {threshold:g}% of their own code or more.")
    for pair in pairs[:20]:
        click.echo(f"  {100 * pair.share:3.0f}%  {_line(pair.left.student)}  {_line(pair.right.student)}")
    if len(pairs) > 20:
        click.echo(f"  and {len(pairs) - 20} more")
    for student, why in problems:
        click.echo(f"  ! {_line(student)} was not compared: {_line(why)}")
    click.echo(f"A pair is a place to look, not a verdict: {target}")
    return NOT_ALL if problems else OK


def _line(text: str) -> str:
    from autograder.report.printable import one_line

    return one_line(text, 300)


def _handed_in(course: Course, assignment: str, folder: Path | None):
    from autograder.grading.store import Store
    from autograder.grading.target import SUBMISSION_MB
    from autograder.notebook.intake import collect
    from autograder.results.last_run import class_of_last_run, read_last_run
    from autograder.roster import read_roster
    from autograder.similarity.works import by_file, read_works

    if folder is None:
        store = Store(course.root / "grades" / assignment)
        graded = by_file([report.submission for report in class_of_last_run(store)])
        if not graded:
            raise CourseError(f"Nothing of {assignment} has been graded yet. Name the folder of what was handed in by --from.")
        works, problems = read_works(graded, assignment, SUBMISSION_MB)
    else:
        run = read_last_run(course.root / "grades" / assignment)
        file = Path(run.roster) if run and run.roster and Path(run.roster).is_file() else course.roster
        roster = read_roster(file, course.time_zone) if file else None
        intake = collect(folder, assignment, max_mb=SUBMISSION_MB, roster=roster, zone=course.time_zone)
        pairs = zip(intake.submissions, intake.files, strict=True)
        works, problems = read_works(pairs, assignment, SUBMISSION_MB, folder if folder.is_dir() else folder.parent)
        problems += list(intake.problems)
    if not works and not problems:
        raise CourseError(f"{folder} holds no notebook. Give the folder with the students' .ipynb files with --from.")
    return works, problems
