"""What the last run over a class was told, and whom it was about: kept beside its results, as run.json.

Whoever leaves an option out in the next run means what the last one meant: a class that was graded by a table of hand-in times
must not lose its penalties because somebody forgot to name the table again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from autograder.errors import CourseError
from autograder.grading.store import Store, brief, write_whole
from autograder.model import Report, from_json, to_json

RUN_FILE = "run.json"
NONE = "none"  # what is typed for an option to forget what the last run was told


@dataclass(frozen=True)
class LastRun:
    """One run of `grade` or `regrade`.

    Attributes:
        roster, times: files as absolute paths; "" for none.
        ignore_late: everything was taken as in time.
        dask: address of a scheduler; "" for this machine.
        students: whom it was about: the class, for exports and pages.
        finished: False while it runs, and for ever where it was stopped.
    """

    roster: str = ""
    times: str = ""
    ignore_late: bool = False
    dask: str = ""
    students: tuple[str, ...] = ()
    finished: bool = True


@dataclass(frozen=True)
class Told:
    """Options as a person typed them; None for what was left out. A path or address "none" takes the last run's away."""

    roster: Path | None = None
    times: Path | None = None
    ignore_late: bool | None = None
    dask: str | None = None


def read_last_run(folder: Path) -> LastRun | None:
    """The last run into a folder of results; None where there was none.

    Raises:
        CourseError: the file is damaged.
    """
    path = folder / RUN_FILE
    try:
        return from_json(LastRun, path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as problem:
        raise CourseError(
            f"{path}, which remembers the options of the last run, cannot be read ({problem}). "
            "Remove it, and name --roster, --times and --ignore-late again where they held."
        ) from None


def write_last_run(folder: Path, run: LastRun) -> None:
    """Replaces what is remembered.

    Raises:
        CourseError: it cannot be written.
    """
    write_whole(folder / RUN_FILE, to_json(run))


def add_student(folder: Path, student: str) -> None:
    """Somebody more belongs to the class: one submission was graded by itself."""
    run = read_last_run(folder)
    if run is not None and student not in run.students:
        write_last_run(folder, replace(run, students=(*run.students, student)))


def settled(told: Told, last: LastRun | None) -> tuple[LastRun, tuple[str, ...]]:
    """What holds for the next run, and a line for everything that is kept from the last one or changed since.

    Raises:
        CourseError: a file that the last run was given is gone.
    """
    old = last or LastRun()
    now = LastRun(
        roster=_file(told.roster, old.roster),
        times=_file(told.times, old.times),
        ignore_late=old.ignore_late if told.ignore_late is None else told.ignore_late,
        dask=old.dask if told.dask is None else "" if told.dask == NONE else told.dask,
    )
    for option, path, typed in (("--roster", now.roster, told.roster), ("--times", now.times, told.times)):
        if path and typed is None and not Path(path).is_file():
            raise CourseError(
                f"The last run was told {option} {path}, which is not there any more. Name the file that holds now, or write "
                f"`{option} {NONE}` to do without."
            )
    return now, tuple(_lines(told, old, now)) if last is not None else ()


def _file(typed: Path | None, old: str) -> str:
    if typed is None:
        return old
    return "" if str(typed) == NONE else str(typed.resolve())


def _lines(told: Told, old: LastRun, now: LastRun):
    for name in ("roster", "times", "dask"):
        before, after, typed = getattr(old, name), getattr(now, name), getattr(told, name)
        if before and typed is None:
            yield f"as in the last run: --{name} {before} (`--{name} {NONE}` does without)"
        elif before and before != after:
            yield f"the last run was told --{name} {before}, this one {after or 'none'}"
        elif after and not before:
            yield f"the last run had no --{name}, this one has {after}"
    if old.ignore_late and told.ignore_late is None:
        yield "as in the last run: --ignore-late, everything is taken as in time (`--count-late` counts lateness again)"
    elif old.ignore_late != now.ignore_late:
        verbs = ("ignored", "counts") if old.ignore_late else ("counted", "ignores")
        yield f"the last run {verbs[0]} lateness, this one {verbs[1]} it"


def class_of_last_run(store: Store) -> list[Report]:
    """The reports of everybody whom the last run was about, without what only a student's own page shows."""
    run = read_last_run(store.folder)
    reports = (brief(r) for r in store.load())
    return [r for r in reports if run is None or r.submission.student in run.students]
