"""The term of course.toml: weeks of teaching, days without lectures, and where a lecture or a due date goes that falls on one.

Dates only; the times of day, and what hangs on a lecture, are those of course.toml's weeks (course/weeks.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.toml_table import Table

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WEEK, MOVE, CANCEL = EFFECTS = ("week", "move", "cancel")
_ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Holiday:
    """A day without lectures.

    Attributes:
        name: as students read it.
        effect: "week": its calendar week has no lectures at all. "move": the lecture is given on another day. "cancel": the
            lecture is not given; a notebook that would follow it follows the week's other lecture.
    """

    day: dt.date
    name: str
    effect: str


@dataclass(frozen=True)
class Term:
    """Days of a term.

    Attributes:
        first_day, last_day: of teaching.
        free: Mondays of the weeks that are left free.
        holidays: in order.
        mondays: of the weeks of teaching, in order.
        lectures: for each of these weeks the day of each lecture, None for one that is not given.
        weekdays: of the lectures in a week without holidays, Monday = 0.
    """

    first_day: dt.date
    last_day: dt.date
    free: tuple[dt.date, ...]
    holidays: tuple[Holiday, ...]
    mondays: tuple[dt.date, ...]
    lectures: tuple[tuple[dt.date | None, ...], ...]
    weekdays: tuple[int, ...]

    def moved(self) -> list[tuple[dt.date, dt.date | None]]:
        """Of each lecture that is not on its own day: that day, and the day on which it is given."""
        regular = [m + dt.timedelta(days=w) for m in self.mondays for w in self.weekdays]
        given = [day for week in self.lectures for day in week]
        return [(old, new) for old, new in zip(regular, given, strict=True) if old != new]

    def due_day(self, day: dt.date) -> dt.date:
        """Nothing is due on a holiday, but on the first day after it that is neither a holiday nor on a weekend."""
        holidays = {h.day for h in self.holidays}
        if day in holidays:
            while not _is_working_day(day, holidays):
                day += _ONE_DAY
        return day


def read_term(table: Table, holidays: Sequence[Table], weekdays: Sequence[int]) -> Term:
    """[term] and every [[holiday]].

    Args:
        weekdays: of the week's lectures, Monday = 0, in order.

    Raises:
        CourseError: a value is wrong, or a lecture has no day to move to.
    """
    first, last = table.take("first_day", dt.date), table.take("last_day", dt.date)
    skip = table.take("skip", list, [])
    table.finish()
    if first.weekday() != weekdays[0]:
        raise table.fail("first_day", f"{first} is a {DAYS[first.weekday()]}; lectures begin on a {DAYS[weekdays[0]]}.")
    if last.weekday() != weekdays[-1]:
        raise table.fail("last_day", f"{last} is a {DAYS[last.weekday()]}; lectures end on a {DAYS[weekdays[-1]]}.")
    weeks = [_monday(first) + dt.timedelta(weeks=n) for n in range((last - _monday(first)).days // 7 + 1)]
    for day in skip:
        if day not in weeks or isinstance(day, dt.datetime):
            raise table.fail("skip", f"{day} is no Monday of the term. Name a week by its Monday.")
    if len(set(skip)) != len(skip):
        raise table.fail("skip", "names a week twice. Remove one.")
    known = _holidays(holidays, first, last)
    without = {*skip, *(_monday(h.day) for h in known.values() if h.effect == WEEK)}
    mondays = [m for m in weeks if m not in without]
    regular = [tuple(m + dt.timedelta(days=w) for w in weekdays) for m in mondays]
    days = _given([day for week in regular for day in week], known, holidays, first, last)
    count = len(weekdays)
    lectures = tuple(tuple(days[n * count : (n + 1) * count]) for n in range(len(mondays)))
    return Term(first, last, tuple(skip), tuple(known[d] for d in sorted(known)), tuple(mondays), lectures,
                tuple(weekdays))


def _holidays(tables: Sequence[Table], first: dt.date, last: dt.date) -> dict[dt.date, Holiday]:
    found: dict[dt.date, Holiday] = {}
    for table in tables:
        holiday = Holiday(table.take("day", dt.date), table.take("name", str), table.take("effect", str, MOVE))
        table.finish()
        if not first <= holiday.day <= last:
            raise table.fail("day", f"{holiday.day} is not in the term, {first} to {last}. Correct it or remove the holiday.")
        if holiday.day in found:
            raise table.fail("day", f"{holiday.day} is a holiday already. Remove one of the two.")
        if holiday.effect not in EFFECTS:
            raise table.fail("effect", f"{holiday.effect!r} is unknown. Write one of {', '.join(EFFECTS)}.")
        found[holiday.day] = holiday
    return found


def _given(regular: Sequence[dt.date], known: dict[dt.date, Holiday], tables: Sequence[Table], first: dt.date,
           last: dt.date) -> list[dt.date | None]:  # fmt: skip
    """The day on which each lecture is given, in the order of lectures."""
    days: list[dt.date | None] = []
    for number, day in enumerate(regular):
        holiday = known.get(day)
        if holiday is None or holiday.effect == CANCEL:
            days.append(None if holiday else day)
            continue
        before = max((d for d in days if d), default=first - _ONE_DAY)
        after = min((d for d in regular[number + 1 :] if d not in known), default=last + _ONE_DAY)
        other = _other_day(day, before, after, set(known))
        if other is None:
            (table,) = (t for t, h in zip(tables, known.values(), strict=True) if h is holiday)
            problem = f"the lecture of {day} has no working day to move to between the lectures before and after it."
            raise table.fail("effect", f'{problem} Write "cancel", or "week" for a week without lectures.')
        days.append(other)
    return days


def _other_day(day: dt.date, before: dt.date, after: dt.date, holidays: set[dt.date]) -> dt.date | None:
    """The next working day, or where there is none the last one, strictly between two others."""
    later = [day + n * _ONE_DAY for n in range(1, (after - day).days)]
    earlier = [day - n * _ONE_DAY for n in range(1, (day - before).days)]
    return next((d for d in (*later, *earlier) if d > before and _is_working_day(d, holidays)), None)


def _is_working_day(day: dt.date, holidays: set[dt.date]) -> bool:
    return day not in holidays and day.weekday() < 5


def _monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())
