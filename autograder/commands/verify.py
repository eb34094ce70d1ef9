"""`autograder verify`: what the command does, from the week that was named to the exit status."""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from autograder.commands import options as shared
from autograder.course import Course, parse_assignment_id
from autograder.errors import CourseError
from autograder.verify.checks_table import write
from autograder.verify.page import render_week
from autograder.verify.records import Verdict
from autograder.verify.report import as_json, render, render_checks
from autograder.verify.run import verify as examine
from autograder.verify.workshop import Options

TRUSTED, TO_MEND = 0, 1
CHECKS = Options(seeds=0, checks_only=True)
SAMPLE = Options(seeds=1, mutants=5, wrong=1, sample=True)


@click.command()
@click.argument("week", required=False)
@click.option("--question", "questions", multiple=True, help="Only this question's suite (may be given several times).")
@click.option("--fail-under", default=95.0, show_default=True, help="The least mutation score of a question, per cent.")
@click.option("--seeds", type=click.IntRange(1), help="Secret seeds that right answers must survive [20; a release: 200].")
@click.option("--sample", is_flag=True, help="A quick look, for every commit: few mutants, one seed.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write everything found as JSON.")
@click.option("--checks", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Only the wrong answers: print which the public checks catch, and write the table to FILE (docs/checks.md).")
@shared.workers
@shared.unsafe
def verify(week, questions, fail_under, seeds, sample, json_file, checks, workers, unsafe) -> None:
    """Do the hidden suites of WEEK deserve trust? Tries mutants, wrong, right and empty answers on each.

    Exit status: 0 nothing to mend, 1 something is (the lines with !). The page is build/verify/WEEK.html.
    """
    course = shared.the_course()
    sys.exit(_verified(course, week, questions, fail_under, seeds, sample, json_file, checks, workers, unsafe))


def _verified(course: Course, week: str | None, questions: Sequence[str] = (), fail_under: float = 95.0,
              seeds: int | None = None, sample: bool = False, json_file: Path | None = None, checks: Path | None = None,
              workers: int = 0, unsafe: bool = False) -> int:  # fmt: skip
    """Examines the suites of a week (or notebook, or all), prints, writes the page and JSON.

    Args:
        week: "week03", "3", "week03/lab"; None for all.
        questions: ids of single questions; empty for all.
        seeds: how many each right answer must survive; None for 20 (1 in a sample).
        sample: the quick run.
        checks: only try the wrong answers, print what the public checks catch, and write that table here.

    Returns:
        0 if there is nothing to mend, else 1.

    Raises:
        CourseError: a file to write has no folder.
        CourseError, AuthoringError: see `verify.run.verify`.
    """
    console = Console(highlight=False)
    for file in filter(None, (json_file, checks)):  # said before the run, not after it
        if not file.absolute().parent.is_dir():
            raise CourseError(f"{file} cannot be written: there is no folder {file.absolute().parent}. Make it, or name another.")
    sample = sample and checks is None
    base = SAMPLE if sample else CHECKS if checks is not None else Options()
    options = Options(
        seeds=base.seeds if seeds is None else seeds, fail_under=fail_under, mutants=base.mutants, wrong=base.wrong,
        sample=sample, only=tuple(questions), checks_only=base.checks_only, unsafe=unsafe,
    )  # fmt: skip
    began = time.monotonic()
    verdicts = _shown_working(console, course, course.select(week), options, workers)
    for verdict in verdicts:
        console.print(render_checks(verdict) if base.checks_only else render(verdict))
    if json_file is not None:
        json_file.write_text(as_json(verdicts), encoding="utf-8")
    if checks is not None:
        if not questions:
            write(checks, verdicts)
            console.print(f"written: {checks}", markup=False)
    elif not sample and not questions:  # a part must not overwrite the page of a whole run
        _write_pages(console, course, verdicts)
    console.print(f"{time.monotonic() - began:.0f} s")
    return TRUSTED if all(v.trusted for v in verdicts) else TO_MEND


def _shown_working(console: Console, course: Course, assignments: Sequence[str], options: Options, workers: int) -> list[Verdict]:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("starting", total=None)

        def done(count: int, of: int, what: str) -> None:
            progress.update(task, completed=count, total=of, description=f"{what[:44]:44}")

        return examine(course, assignments, options, workers, done)


def _write_pages(console: Console, course: Course, verdicts: Sequence[Verdict]) -> None:
    weeks: dict[int, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        weeks[parse_assignment_id(verdict.assignment)[0]].append(verdict)
    folder = course.root / "build" / "verify"
    folder.mkdir(parents=True, exist_ok=True)
    for number, mine in weeks.items():
        week = course.week(number)
        whole = {v.assignment for v in mine} == set(course.select(week.id))
        name = week.id if whole else mine[0].assignment.replace("/", "-")
        path = folder / f"{name}.html"
        path.write_text(render_week(f"Week {number}: {week.title}", mine), encoding="utf-8")
        console.print(f"page: {path.relative_to(course.root)}", markup=False)
