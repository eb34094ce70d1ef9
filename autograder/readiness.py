"""What a run needs besides walls around student code: the right Python and versions, cores, memory, disk, dates, a class list.

Each check looks at one thing and changes nothing. What is missing is said with a remedy, before the class waits for it.
"""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Course
from autograder.errors import AutograderError, CourseError
from autograder.grading.executors import default_workers
from autograder.lock import LOCK, lock_file, read_pins
from autograder.roster import read_roster
from autograder.secret import SECRET_ENV, SECRET_FILE
from autograder.wording import counted

# A worker's own share: the trusted process and a warm parent, both with JAX imported (docs/scaling.md).
WORKER_MB = 500
LEAST_FREE_MB = 2000  # results of a class, compiled programs, and the temporary files of some workers
_TEMPORARY = "temporary files"
_CGROUP = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        ok: nothing to do before a run.
        about: "memory", say.
        text: what was found, with the remedy where there is something to mend.
    """

    ok: bool
    about: str
    text: str


def _good(about: str, text: str) -> Finding:
    return Finding(True, about, text)


def _bad(about: str, text: str) -> Finding:
    return Finding(False, about, text)


def findings(course: Course, now: dt.datetime | None = None, workers: int = 0) -> Iterator[Finding]:
    """Everything that a run over this course needs, in the order in which it would be missed.

    Args:
        now: with time zone; None for the clock's.
        workers: how many there will be; 0 for one per core.
    """
    yield from _python(course)
    yield from _versions(course)
    yield _secret(course)
    yield from _places(course)
    yield _memory(course, workers)
    yield _compiled(course)
    yield _roster(course)
    yield from _dates(course, now or dt.datetime.now(dt.UTC))


def _python(course: Course) -> Iterator[Finding]:
    here = "{}.{}".format(*sys.version_info)
    if here == course.python:
        yield _good("Python", f"{sys.version.split()[0]}, as {course.file.name} says")
    else:
        remedy = f"marks may differ from those of {course.python}. Install with PYTHON=python{course.python} (docs/pythons.md)"
        yield _bad("Python", f"{here}, but {course.file.name} says {course.python}: {remedy}.")


def _versions(course: Course) -> Iterator[Finding]:
    """Installed packages against the lock, for this Python."""
    lock = lock_file(course.root)
    if lock is None:
        yield _bad("versions", f"without {LOCK} nothing says which versions grade. Restore it from the repository.")
        return
    pins = {p.name: p.version for p in read_pins(lock) if p.holds_for(platform.python_version())}
    there = {name: version for name in pins if (version := _installed(name))}
    other = [f"{name} {there[name]} (lock: {pins[name]})" for name in sorted(there) if there[name] != pins[name]]
    missing = sorted(name for name in _needed() & pins.keys() if name not in there)
    if other or missing:
        parts = [f"other than in {lock.name}: {_some(other)}"] if other else []
        parts += [f"not installed: {_some(missing)}"] if missing else []
        yield _bad("versions", f"{'; '.join(parts)}. Run: make install")
    else:
        yield _good("versions", f"{counted(len(there), 'package')} as in {lock.name}")


def _installed(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _needed() -> set[str]:
    """Names of what we depend on, without extras."""
    from packaging.requirements import Requirement

    try:
        wanted = importlib.metadata.requires("dltheory-autograder") or []
    except importlib.metadata.PackageNotFoundError:
        return set()
    return {r.name.lower() for text in wanted if (r := Requirement(text)).marker is None or r.marker.evaluate({"extra": ""})}


def _some(names: list[str], most: int = 6) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def _secret(course: Course) -> Finding:
    if not Path(os.environ.get(SECRET_ENV) or course.root / SECRET_FILE).exists():
        return _good("secret", "the first run makes it; keep a copy, or that run cannot be repeated elsewhere")
    try:
        course.secret()
    except CourseError as problem:
        return _bad("secret", str(problem))
    return _good("secret", "there, and readable by you alone; without it a run cannot be repeated: keep a copy")


def _places(course: Course) -> Iterator[Finding]:
    """Folders that a run writes to: can they be written to, and is there room?"""
    own = {course.root / "grades": "results", course.root / "build": "compiled programs"}
    for place, what in (own | {Path(tempfile.gettempdir()): _TEMPORARY}).items():
        near = next(p for p in (place, *place.parents) if p.exists())
        try:
            with tempfile.TemporaryFile(dir=near):
                pass
        except OSError as problem:
            remedy = "Name another in TMPDIR" if what == _TEMPORARY else "Make it writable for you"
            yield _bad("disk", f"{place}, for {what}, cannot be written to ({problem.strerror}). {remedy}.")
            continue
        free = shutil.disk_usage(near).free / 1e6
        if free < LEAST_FREE_MB:
            need = f"a run may need {_size(LEAST_FREE_MB)}. Free some space there."
            yield _bad("disk", f"{place}, for {what}, has {_size(free)} left; {need}")
        else:
            yield _good("disk", f"{_size(free)} free for {what} ({place})")


def _memory(course: Course, workers: int) -> Finding:
    """Cores and room for so many workers, each with a submission that takes all that it may."""
    cores, free = default_workers(), free_memory_mb()
    wanted = workers or cores
    limit = max((course.limits(i).memory_mb for i in course.assignments()), default=0)
    each = WORKER_MB + limit
    if free is None:
        return _good("workers", f"{counted(cores, 'core')}; how much memory is free, this system does not say")
    fit = int(free // each)
    found = f"{counted(cores, 'core')}, {_size(free)} of memory free; a worker may need {_size(each)}, its submission included"
    if wanted > cores:
        fewer = f"grade with --workers {min(cores, fit or 1)}"
        return _bad("workers", f"{found}. {wanted} workers would wait for each other: {fewer}.")
    if fit >= wanted:
        return _good("workers", f"{found}: {counted(wanted, 'worker')} {'fits' if wanted == 1 else 'fit'}")
    lower = f"or lower memory_mb in {course.file.name}, [limits]"
    remedy = f"grade with --workers {fit}" if fit else "too little even for one: end other programs"
    return _bad("workers", f"{found}. {remedy[0].upper()}{remedy[1:]}, {lower}.")


def free_memory_mb() -> float | None:
    """Memory for new processes in MB of 2^20 bytes: the machine's, or what this container has left; None if unknown."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        free = next(int(line.split()[1]) / 1024 for line in lines if line.startswith("MemAvailable"))
    except (OSError, StopIteration, ValueError):
        return None
    try:
        most, used = (int((_CGROUP / name).read_text()) for name in ("memory.max", "memory.current"))
        free = min(free, max(0, most - used) / 2**20)
    except (OSError, ValueError):  # no container, or one without a limit ("max")
        pass
    return free


def _compiled(course: Course) -> Finding:
    from autograder.sandbox import stage

    ids, folder = course.assignments(), course.root / "build" / "cache"
    known = {p.name.partition(".")[0].removesuffix("-x64") for p in folder.glob(f"{stage.machine_key()}-*/*.warm.json")}
    cold = [i for i in ids if i.replace("/", "-") not in known]
    if not cold:
        return _good("compiled programs", f"of all {counted(len(ids), 'notebook')} on this kind of machine")
    names = "none yet" if len(cold) == len(ids) else f"not of {_some(cold)}"
    return _good("compiled programs", f"{names}: the first run makes them, which takes minutes. Beforehand: autograder warm")


def _roster(course: Course) -> Finding:
    if course.roster is None:
        return _good("class list", f"none in {course.file.name}, [roster]: who hands in is the class, nobody is missed")
    try:
        roster = read_roster(course.roster, course.time_zone)
    except AutograderError as problem:
        return _bad("class list", str(problem))
    if roster.problems:
        return _bad("class list", f"{course.roster}: {_some(list(roster.problems), 3)}")
    unknown = [e.student for e in course.extensions if e.student not in {p.student for p in roster.people}]
    if unknown:
        return _bad("class list", f"{course.file.name} has extensions for {_some(unknown)}: not in {course.roster}.")
    notes = f" ({'; '.join(roster.notes)})" if roster.notes else ""
    return _good("class list", f"{len(roster.people)} people in {course.roster}{notes}")


def _dates(course: Course, now: dt.datetime) -> Iterator[Finding]:
    """Where in the term we are: last year's dates are the commonest mistake of a new one."""
    due = sorted((course.schedule(i).due, i) for i in course.assignments())
    if not due:
        yield _bad("dates", f"{course.file.name} has no week with a solution notebook. Write one.")
        return
    last = max(when for when, _ in due)
    if now > last + dt.timedelta(days=60):
        text = f"everything was due by {last:%Y-%m-%d}: are these last year's dates? Change [term] in {course.file.name}"
        yield _bad("dates", f"{text}, or new work counts as late.")
        return
    coming = [(when, i) for when, i in due if when > now]
    zone = f" ({course.time_zone})"
    if coming:
        when, assignment = coming[0]
        yield _good("dates", f"{assignment} is due next, on {when:%A, %Y-%m-%d %H:%M}{zone}")
    else:
        yield _good("dates", f"everything is due; the last was {due[-1][1]} on {last:%Y-%m-%d %H:%M}{zone}")


def _size(mb: float) -> str:
    return f"{mb / 1000:.1f} GB" if mb >= 1000 else f"{mb:.0f} MB"
