"""The late policy: from a score and the time it was handed in to what it counts. Pure functions, no files, no clock.

The rule
--------
* A late day ends at the due time of day on the course's own clock. Work due on Saturday at 23:59 is one day late until
  Sunday 23:59, also on the Sunday on which the clocks change and that day has 23 or 25 hours. A boundary that the clock
  shows twice is its second showing, one that it skips is the moment after the gap: doubt is for the student.
* The grace period (real minutes) follows the due time and the end of each late day. Every boundary belongs to the day it ends:
  handed in exactly at due time plus grace is on time, one microsecond later is one day late.
* Later than `days` days late is not accepted: it counts nothing, and uses no late days.
* Late days of the term (`late_days`) are used by themselves, by accepted late work in the order of the student's own due
  times, as many as there are left; only days that they do not cover cost `penalty_per_day`. So a mark depends on work
  due earlier, never on what comes after it. With `penalty_per_day` = 0 none are used; with 1 nothing late counts without them.
* The penalty is a share of the score, and marks are rounded to two decimals, half up.
* Where the hand-in time is unknown nothing is taken.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from autograder.course import LatePolicy
from autograder.model import Mark

MOST_DAYS = 9999
_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Work:
    """One student's work on one assignment, as far as its mark depends on it.

    Attributes:
        assignment: e.g. "week03/lab".
        raw: points before the policy; None when there are none (the file was unreadable).
        handed_in: with a time zone; None when unknown.
        due: the student's own due time (extension included), with the course's time zone.
        extended: `due` is later than the class's.
        excused: the assignment does not count for this student.
        final: False while the score is not (the grader failed somewhere): then there is no counted score.
    """

    assignment: str
    raw: float | None
    handed_in: dt.datetime | None
    due: dt.datetime
    extended: bool = False
    excused: bool = False
    final: bool = True


def marks_of_term(works: Iterable[Work], policy: LatePolicy) -> dict[str, Mark]:
    """The marks of one student, by assignment; late days go to work in the order of due times (then of ids).

    Raises:
        ValueError: a time without zone, or an assignment twice.
    """
    marks: dict[str, Mark] = {}
    left = policy.late_days
    for work in sorted(works, key=lambda w: (_instant(w.due), w.assignment)):
        if work.assignment in marks:
            raise ValueError(f"{work.assignment} is there twice")
        marks[work.assignment] = mark(work, policy, left)
        left -= marks[work.assignment].late_days_used
    return marks


def mark(work: Work, policy: LatePolicy, late_days_left: int = 0) -> Mark:
    """What one piece of work counts.

    Args:
        late_days_left: of the student's late days of the term, before this work.

    Raises:
        ValueError: a time without zone.
    """
    start = Mark(work.raw, _settled(work, Decimal(1)), work.due.isoformat(), work.extended)
    if work.excused:
        return replace(start, counted=None, excused=True, words="This assignment does not count for you.")
    if work.handed_in is None:
        return replace(start, days_late=None, words="When it was handed in is not known, so nothing was taken for lateness.")
    late = days_late(work.handed_in, work.due, policy.grace_minutes)
    if late > policy.days:
        nothing = _settled(work, Decimal(0))
        return replace(start, counted=nothing, days_late=late, penalty=1.0, accepted=False, words=_refused(work, late, policy))
    used = min(late, max(0, late_days_left)) if policy.penalty_per_day and work.raw is not None else 0
    taken = min(Decimal(1), _decimal(policy.penalty_per_day) * (late - used))
    return replace(
        start,
        counted=_settled(work, 1 - taken),
        days_late=late,
        late_days_used=used,
        penalty=float(taken),
        words=_words(work, late, used, taken, late_days_left - used, policy),
    )


def days_late(handed_in: dt.datetime, due: dt.datetime, grace_minutes: float) -> int:
    """Days begun after `due` and the grace period, by the clock of `due`'s time zone; 0 on time, at most 9999.

    Raises:
        ValueError: a time without zone.
    """
    came = _instant(handed_in)
    elapsed = came - last_moment(due, 0, grace_minutes)
    if elapsed.days >= MOST_DAYS:
        return MOST_DAYS
    late = max(0, elapsed.days - 2)  # changes of the clock move a boundary by hours at most
    while came > last_moment(due, late, grace_minutes):
        late += 1
    return late


def last_moment(due: dt.datetime, days: int, grace_minutes: float) -> dt.datetime:
    """The last moment (UTC) at which work is only so many days late.

    Raises:
        ValueError: a time without zone.
    """
    local = due + dt.timedelta(days=days)  # the same time of day on the same clock, whatever the clock did in between
    # PEP 495: of a time shown twice, fold=1 is the second; of a skipped one, fold=0 is the later.
    latest = max(_instant(local.replace(fold=0)), _instant(local.replace(fold=1)))
    return latest + dt.timedelta(minutes=grace_minutes)


def lowest(shares: Mapping[str, float | None], count: int) -> frozenset[str]:
    """The assignments to drop: the `count` lowest shares, of equal ones the earlier key; one always stays.

    Args:
        shares: assignment -> counted points over full points, in the order of due times; None for what is not final, which is
            never dropped.
    """
    final = sorted((share, place, name) for place, (name, share) in enumerate(shares.items()) if share is not None)
    return frozenset(name for _, _, name in final[: max(0, min(count, len(shares) - 1))])


def _instant(when: dt.datetime) -> dt.datetime:
    """In UTC: two times of one zone would be compared by what the clock shows, across a change of the clock wrongly."""
    if when.utcoffset() is None:
        raise ValueError(f"{when.isoformat()} has no time zone")
    return when.astimezone(dt.UTC)


def _decimal(value: float) -> Decimal:
    return Decimal(repr(float(value)))  # as it is written: 0.1 is a tenth


def _settled(work: Work, share: Decimal) -> float | None:
    if work.raw is None or not work.final:
        return None
    return float((_decimal(work.raw) * share).quantize(_CENT, ROUND_HALF_UP))


# Words for the student -----------------------------------------------------------------------------------------------


def _words(work: Work, late: int, used: int, taken: Decimal, left: int, policy: LatePolicy) -> str:
    own = f"Your own due time was {_clock(work.due)}."
    if late == 0:
        came, last = _instant(work.handed_in), last_moment(work.due, 0, 0)
        if came <= last:
            return own if work.extended else ""
        grace = f"Handed in after {_clock(work.due)}, but within the grace period of {_count(policy.grace_minutes, 'minute')}: "
        return grace + "nothing is taken."
    parts = []
    if used:
        days = "all of it covered" if used == late else "covered in part"
        parts.append(f"{days} by {_count(used, 'late day')} of yours ({left} left for the rest of the term)")
    parts.append(f"{_percent(taken)} of the score taken" if taken else "nothing is taken")
    return f"{_late(work, late)}: {'; '.join(parts)}."


def _refused(work: Work, late: int, policy: LatePolicy) -> str:
    limit = f"more than {_count(policy.days, 'day')} late is not accepted" if policy.days else "late work is not accepted"
    return f"{_late(work, late)}: {limit}, so it does not count."


def _late(work: Work, late: int) -> str:
    whose = "your own due time" if work.extended else "the due time"
    came = _clock(work.handed_in.astimezone(work.due.tzinfo)) if work.handed_in else ""
    return f"Handed in {_count(late, 'day')} late, on {came} ({whose} was {_clock(work.due)})"


def _clock(when: dt.datetime) -> str:
    return f"{when.day} {when:%B %Y, %H:%M} {when.tzname() or ''}".strip()


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _percent(share: Decimal) -> str:
    return f"{(100 * share).normalize():f}%"
