"""One week of teaching: its lectures, when its notebooks open and close, and what a submission may use; read from [[week]]."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import zoneinfo
from dataclasses import dataclass

from autograder.errors import CourseError
from autograder.term import DAYS, Term
from autograder.toml_table import Table

KINDS = ("homework", "lab")


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    Attributes:
        cell_seconds: wall clock of one notebook cell.
        call_seconds: wall clock of one call from a hidden test.
        submission_seconds: wall clock of the whole submission.
        cell_cpu_seconds, call_cpu_seconds, cpu_seconds: processor time of one cell, of one call, of the whole submission.
        memory_mb: memory in MB of 2^20 bytes, as all that follow.
        threads: at one time; new processes are never allowed.
        output_mb: what a cell or call prints.
        reply_mb: one answer to a hidden test.
        file_mb: the files that it writes, all together.
        rebuilds: fresh starts after a hang or a crash.
    """

    cell_seconds: float = 30
    call_seconds: float = 10
    submission_seconds: float = 600
    cell_cpu_seconds: float = 90
    call_cpu_seconds: float = 30
    cpu_seconds: float = 240
    memory_mb: int = 2048
    threads: int = 128
    output_mb: int = 4
    reply_mb: int = 32
    file_mb: int = 64
    rebuilds: int = 10


@dataclass(frozen=True)
class Lecture:
    """One weekly lecture slot, local time. `weekday` counts from Monday = 0."""

    weekday: int
    start: dt.time
    end: dt.time

    @property
    def day(self) -> str:
        return DAYS[self.weekday]


@dataclass(frozen=True)
class Schedule:
    """When one notebook opens and closes; both with the course's time zone."""

    released: dt.datetime
    due: dt.datetime


# "follows_lecture", "due_days" and "due_time" of a kind of notebook.
Rule = tuple[int, int, dt.time]


@dataclass(frozen=True)
class Week:
    """One week of teaching.

    Attributes:
        number: 1, 2, ...
        folder: its folder below `solutions/` and `assignments/`.
        title: as printed.
        monday: first day of its calendar week.
        lectures: (start, end) of each lecture that is given, with time zone; one that a holiday moved is on its new day.
        schedule: "lab" or "homework" -> Schedule.
        limits: "lab" or "homework" -> Limits.
    """

    number: int
    folder: str
    title: str
    monday: dt.date
    lectures: tuple[tuple[dt.datetime, dt.datetime], ...]
    schedule: dict[str, Schedule]
    limits: dict[str, Limits]

    @property
    def id(self) -> str:
        return f"week{self.number:02d}"


def read_lecture(table: Table) -> Lecture:
    """One [[lecture]]."""
    day, start, end = table.take("day", str), table.take("start", dt.time), table.take("end", dt.time)
    table.finish()
    if day not in DAYS:
        raise table.fail("day", f"{day!r} is no weekday. Write one of {', '.join(DAYS)}.")
    if end <= start:
        raise table.fail("end", f"{end} is not after the start {start}. Correct one of them.")
    return Lecture(DAYS.index(day), start, end)


def read_rule(table: Table, lectures: int) -> Rule:
    """[lab] or [homework], where a week has `lectures` lectures."""
    lecture, days = table.take("follows_lecture", int), table.take("due_days", int)
    due_time = table.take("due_time", dt.time)
    table.finish()
    if not 1 <= lecture <= lectures:
        raise table.fail("follows_lecture", f"{lecture} where a week has {lectures} lectures. Correct it.")
    if days < 1:
        raise table.fail("due_days", f"{days} leaves no time. Give at least one day.")
    return lecture, days, due_time


class WeeksReader:
    """The [[week]] tables of course.toml to weeks, in order.

    Args:
        zone: the course's time zone.
        lectures: the weekly slots.
        rules: "lab" or "homework" -> when such a notebook opens and closes.
        limits: what a submission may use where a week says nothing else.
        term: weeks of teaching and holidays.
    """

    def __init__(self, zone: zoneinfo.ZoneInfo, lectures: tuple[Lecture, ...], rules: dict[str, Rule], limits: Limits,
                 term: Term):  # fmt: skip
        self.zone, self.lectures, self.rules, self.base_limits, self.term = zone, lectures, rules, limits, term

    def weeks(self, top: Table) -> tuple[Week, ...]:
        """The weeks. Raises CourseError: a table is wrong, or there is not one for each teaching week of the term."""
        term, tables = self.term, top.tables("week")
        _refuse_twins(tables)
        if len(term.mondays) != len(tables):
            place = top.place("term")
            raise CourseError(
                f"{place}: [term] has {len(term.mondays)} teaching weeks (skipped ones and those of holidays taken off), but "
                f"there are {len(tables)} [[week]] tables. Change `skip`, the `effect` of a holiday, or the weeks."
            )
        return tuple(self._week(t, m, days) for t, m, days in zip(tables, term.mondays, term.lectures, strict=True))

    def _week(self, table: Table, monday: dt.date, days: tuple[dt.date | None, ...]) -> Week:
        number, folder, title = table.take("number", int), table.take("folder", str), table.take("title", str)
        if not 1 <= number <= 99:
            raise table.fail("number", f"{number} is not between 1 and 99. Correct it.")
        if not re.fullmatch(rf"week{number:02d}_\w+", folder):
            raise table.fail("folder", f"{folder!r} must begin with week{number:02d}_ and hold letters, digits and _ only.")
        lectures = [(self._at(d, x.start), self._at(d, x.end)) if d else None for d, x in zip(days, self.lectures, strict=True)]
        given = tuple(x for x in lectures if x)
        if not given:
            problem = f'week {number} has no lecture left. Write effect = "week" for a holiday of {monday}.'
            raise CourseError(f"{table.place()}: {problem}")
        week_limits = read_limits(table.table("limits", optional=True), self.base_limits)
        schedule, limits = {}, {}
        for kind in KINDS:
            own = table.table(kind, optional=True)
            schedule[kind] = self._schedule(own, kind, lectures)
            limits[kind] = read_limits(own.table("limits", optional=True), week_limits)
            own.finish()
        table.finish()
        return Week(number, folder, title, monday, given, schedule, limits)

    def _schedule(self, table: Table, kind: str, lectures) -> Schedule:
        lecture, days, due_time = self.rules[kind]
        # Where a holiday cancels the lecture, the notebook follows the week's next one, or the last one that is given.
        _, end = next((x for x in lectures[lecture - 1 :] if x), None) or [x for x in lectures if x][-1]
        released = self._own_time(table, "released") or end
        due_day = self.term.due_day(released.date() + dt.timedelta(days=days))
        due = self._own_time(table, "due") or self._at(due_day, due_time)
        if due <= released:
            raise table.fail("due", f"{due:%Y-%m-%d %H:%M} is not after the release {released:%Y-%m-%d %H:%M}. Move one.")
        return Schedule(released, due)

    def _own_time(self, table: Table, key: str) -> dt.datetime | None:
        value = table.take(key, dt.datetime, None)
        if value is None:
            return None
        return value.replace(tzinfo=self.zone) if value.tzinfo is None else value.astimezone(self.zone)

    def _at(self, day: dt.date, time: dt.time) -> dt.datetime:
        return dt.datetime.combine(day, time, tzinfo=self.zone)


def _refuse_twins(weeks: list[Table]) -> None:
    """No two weeks have one number or folder."""
    for key in ("number", "folder"):
        seen: dict[object, Table] = {}
        for table in weeks:
            value = table.data.get(key)
            if value is not None and (other := seen.get(str(value))):
                raise table.fail(key, f"[{other.name}] has the same {key}, {value!r}. Give each week its own.")
            seen[str(value)] = table


def read_limits(table: Table, base: Limits) -> Limits:
    """`base` with the values of a limits table put over it."""
    values = {}
    for f in dataclasses.fields(Limits):
        kind = (int,) if f.type == "int" else (int, float)
        value = table.take(f.name, kind, getattr(base, f.name))
        if value < 0 or (value == 0 and f.name != "rebuilds"):
            raise table.fail(f.name, f"{value} leaves nothing to run with. Give a positive number.")
        values[f.name] = value
    table.finish()
    return Limits(**values)
