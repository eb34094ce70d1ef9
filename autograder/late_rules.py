"""The tables of course.toml on lateness, typed and checked: [late], [[extension]] and [drops].

Only what the file says; what it makes of a score is computed in autograder/gradebook/policy.py.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from autograder.toml_table import Table

MOST_DAYS = 366


@dataclass(frozen=True)
class LatePolicy:
    """What lateness costs.

    Attributes:
        grace_minutes: after the due time, and after the end of every late day, at no cost.
        days: accepted so many days late; later than that a submission counts nothing.
        penalty_per_day: share of the score (0 to 1) taken per day begun.
        late_days: days of the whole term that a student may be late without penalty; 0 for none. They are used by
            themselves, as far as they go, by late submissions in the order of due times.
    """

    grace_minutes: int = 30
    days: int = 5
    penalty_per_day: float = 0.1
    late_days: int = 0


@dataclass(frozen=True)
class Extension:
    """One student's own due time for one assignment.

    Attributes:
        student: the id that submissions are graded under.
        assignment: e.g. "week03/lab".
        due: with the course's time zone; for an excused student the ordinary one.
        excused: the assignment does not count for this student, handed in or not.
        reason: for the staff; never shown to students.
    """

    student: str
    assignment: str
    due: dt.datetime
    excused: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Drops:
    """How many of a student's lowest marks do not count, by kind of assignment."""

    lab: int = 0
    homework: int = 0

    def of(self, kind: str) -> int:
        """For "lab" or "homework"."""
        return {"lab": self.lab, "homework": self.homework}[kind]


def read_late_policy(table: Table) -> LatePolicy:
    """[late].

    Raises:
        CourseError: a value is wrong.
    """
    policy = LatePolicy(
        grace_minutes=table.take("grace_minutes", int, LatePolicy.grace_minutes),
        days=table.take("days", int, LatePolicy.days),
        penalty_per_day=float(table.take("penalty_per_day", (int, float), LatePolicy.penalty_per_day)),
        late_days=table.take("late_days", int, LatePolicy.late_days),
    )
    table.finish()
    if policy.grace_minutes < 0 or policy.days < 0:
        raise table.fail("days", "grace_minutes and days cannot be negative. Write 0 for none.")
    if policy.grace_minutes >= 24 * 60:
        raise table.fail("grace_minutes", f"{policy.grace_minutes} is a day or more. Move the due time instead.")
    if policy.days > MOST_DAYS:
        raise table.fail("days", f"{policy.days} is more than a year. Write at most {MOST_DAYS}.")
    if not 0 <= policy.penalty_per_day <= 1:
        raise table.fail("penalty_per_day", f"{policy.penalty_per_day} is no share of the score. Write 0 to 1.")
    if policy.late_days < 0:
        raise table.fail("late_days", f"{policy.late_days} is negative. Write 0 for none.")
    return policy


def read_drops(table: Table) -> Drops:
    """[drops].

    Raises:
        CourseError: a number is negative or no integer.
    """
    drops = Drops(table.take("lab", int, 0), table.take("homework", int, 0))
    table.finish()
    for key in ("lab", "homework"):
        if drops.of(key) < 0:
            raise table.fail(key, f"{drops.of(key)} is negative. Write how many of the lowest marks do not count.")
    return drops


def read_extensions(tables: list[Table], due_of: Callable[[str], dt.datetime], known: Callable[[str], bool],
                    zone: dt.tzinfo) -> tuple[Extension, ...]:  # fmt: skip
    """Every [[extension]], in the file's order.

    Args:
        due_of: an assignment's ordinary due time.
        known: whether there is an assignment of that id.
        zone: the course's.

    Raises:
        CourseError: a value is wrong, or two tables name the same student and assignment.
    """
    found: dict[tuple[str, str], Extension] = {}
    for table in tables:
        extension = _extension(table, due_of, known, zone)
        key = (extension.student, extension.assignment)
        if key in found:
            raise table.fail("student", f"{key[0]!r} has an extension of {key[1]} already. Remove one of the two.")
        found[key] = extension
    return tuple(found.values())


def _extension(table: Table, due_of, known, zone: dt.tzinfo) -> Extension:
    student, assignment = table.take("student", str).strip(), table.take("assignment", str)
    days, until = table.take("days", int, None), table.take("until", (dt.datetime, dt.date), None)
    excused, reason = table.take("excused", bool, False), table.take("reason", str, "")
    table.finish()
    if not student:
        raise table.fail("student", "is empty. Write the id that the student's submissions are graded under.")
    if not known(assignment):
        raise table.fail("assignment", f"{assignment!r} is no assignment of this course. Write e.g. week03/lab.")
    if sum((days is not None, until is not None, excused)) != 1:
        raise table.fail("days", "give one of days = 3, until = 2026-04-12T12:00:00 and excused = true.")
    due = due_of(assignment)
    if days is not None:
        if not 1 <= days <= MOST_DAYS:
            raise table.fail("days", f"{days} is not between 1 and {MOST_DAYS}. Write how many days later it is due.")
        return Extension(student, assignment, due + dt.timedelta(days=days), reason=reason)
    if until is not None:
        own = _until(until, due, zone)
        if own.astimezone(dt.UTC) <= due.astimezone(dt.UTC):
            raise table.fail("until", f"{own:%Y-%m-%d %H:%M} is not after the due time {due:%Y-%m-%d %H:%M}. Correct it.")
        return Extension(student, assignment, own, reason=reason)
    return Extension(student, assignment, due, excused=True, reason=reason)


def _until(value: dt.date, due: dt.datetime, zone: dt.tzinfo) -> dt.datetime:
    """A date alone means that day at the assignment's time of day."""
    if not isinstance(value, dt.datetime):
        return dt.datetime.combine(value, due.time(), tzinfo=zone)
    return value.replace(tzinfo=zone) if value.tzinfo is None else value.astimezone(zone)
