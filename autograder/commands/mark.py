"""`autograder mark`: opens the page, says where it is, serves it until Ctrl-C, says what is left."""

from __future__ import annotations

import contextlib
import signal
import sys
import tempfile
import threading
import webbrowser
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from autograder.commands.console import console
from autograder.commands.exit_status import NOT_ALL, OK
from autograder.commands.options import the_course
from autograder.course import Course
from autograder.errors import CourseError
from autograder.grading.store import Store
from autograder.mark_page.desk import MarkingDesk
from autograder.mark_page.page import TO_DO
from autograder.mark_page.server import MarkServer
from autograder.results.last_run import read_last_run
from autograder.roster import Roster, read_roster
from autograder.wording import counted


@click.command()
@click.argument("assignment")
@click.option("--question", "questions", multiple=True, help="Mark this question [all written ones] (may be repeated).")
@click.option("--results", type=click.Path(path_type=Path), help="Results to mark [grades/WEEK/NOTEBOOK].")
@click.option("--port", default=0, show_default="any free one", type=click.IntRange(0, 65535), help="Of the local page.")
@click.option("--no-browser", is_flag=True, help="Only print the page's address.")
def mark(assignment: str, questions, results: Path | None, port: int, no_browser: bool) -> None:
    """Open a page on this machine on which a person marks the written answers of ASSIGNMENT (week03/lab), with comments.

    What is saved goes into manual.csv beside the results, survives every regrade, and is on the student's page at once.

    Exit status, after Ctrl-C: 0 nothing waits any more, 3 something does, 1 there is nothing to mark.
    """
    sys.exit(_served(the_course(), assignment, questions, results, port, not no_browser))


def _served(course: Course, assignment: str, questions: Sequence[str], results: Path | None, port: int, browser: bool) -> int:
    """Serves the marking page of one assignment.

    Returns:
        The exit status: 0 nothing waits for a person any more, 3 something does.

    Raises:
        CourseError: there is nothing to mark, or the port is taken.
    """
    course.schedule(assignment)
    store = Store(results or course.root / "grades" / assignment)
    desk = MarkingDesk(course, assignment, store, questions, _roster(course, store))
    try:
        server = MarkServer(desk, port)
    except OSError as problem:
        raise CourseError(f"Port {port} cannot be used ({problem.strerror}). Leave --port out: any free one will do.") from None
    _say_left(desk)
    with _until_stopped(server), _opened(server.address) if browser else contextlib.nullcontext():
        console.print("\nOn this machine only, for whoever has this address. What you save is kept at once; Ctrl-C ends.")
        console.print(f"Mark here: {server.address}", markup=False, soft_wrap=True)
        server.serve_forever()
    server.server_close()
    console.print(f"\nMarks: {store.folder / 'manual.csv'}", markup=False)
    return NOT_ALL if _say_left(desk) else OK


def _roster(course: Course, store: Store) -> Roster | None:
    run = read_last_run(store.folder)
    file = Path(run.roster) if run and run.roster else course.roster
    return read_roster(file, course.time_zone) if file and file.is_file() else None


def _say_left(desk: MarkingDesk) -> int:
    """How many answers wait, by question."""
    total = 0
    for question in desk.questions:
        states = [desk.state(s, question.id) for s in desk.students]
        waiting = sum(s in TO_DO for s in states)
        wait = "waits" if waiting == 1 else "wait"
        total += waiting
        console.print(f"  {question.id}: {waiting} of {counted(len(states), 'answer')} {wait} for a person", markup=False)
    if desk.unreadable:
        console.print(f"  ! no answers of {', '.join(desk.unreadable)}: the notebook could not be read", markup=False)
    return total


@contextlib.contextmanager
def _until_stopped(server: MarkServer) -> Iterator[None]:
    """Ctrl-C and a polite kill end the server, and leave time to write the pages."""

    def stop(*_: object) -> None:
        threading.Thread(target=server.shutdown, daemon=True).start()  # it waits for the loop that this interrupts

    old = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _opened(address: str) -> Iterator[None]:
    """Opens the address in a browser, by a file that only this user reads: arguments of programs are seen by everybody."""
    with tempfile.TemporaryDirectory(prefix="autograder-mark-") as folder:
        page = Path(folder) / "open.html"
        page.write_text(f'<!DOCTYPE html><meta http-equiv="refresh" content="0; url={address}"><a href="{address}">Mark</a>')
        threading.Thread(target=webbrowser.open, args=(page.as_uri(),), daemon=True).start()
        yield
