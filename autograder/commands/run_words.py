"""What `grade` and `regrade` say of a run: what there is to look at, and where."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from autograder.commands.console import console, near
from autograder.model import FILE_DATE, Report, Status
from autograder.report.printable import one_line

if TYPE_CHECKING:
    from autograder.results.publishing import Publisher


def say_problems(intake) -> None:
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


def say_review(reports: Sequence[Report]) -> None:
    """Submissions that a person should look at as a whole, before the marks go out."""
    for report in reports:
        for reason in report.needs_review:
            console.print(f"  ! {one_line(report.submission.student, 60)}: {one_line(reason, 300)}", markup=False)


def say_times(reports: Sequence[Report]) -> None:
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


def say_where(store, reports: Sequence[Report]) -> None:
    graded = sum(r.status is Status.GRADED for r in reports)
    console.print(f"\n{graded} of {len(reports)} graded.")
    console.print(f"  for the staff     {near(store.folder / 'class.html')}", markup=False)
    console.print(f"  for each student  {near(store.folder / 'feedback')}{os.sep}", markup=False)
    console.print(f"  marks             {near(store.folder / 'grades.csv')}", markup=False)


def say_people(publisher: Publisher, reports: Sequence[Report]) -> None:
    """What people's marks and the late policy leave to look at."""
    from autograder.results.publishing import say_other_answers

    for line in publisher.lost_penalties:
        console.print(f"  ! {line}", markup=False)
    others = say_other_answers({r.submission.student: r for r in reports}, publisher)
    for question, names in others.items():
        line = f"  ! {question}: the answer is not the one any more that a person marked; the mark stays: {', '.join(names)}"
        console.print(line, markup=False)
