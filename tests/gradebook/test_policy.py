"""The late policy at its boundaries: one microsecond on each side, across zones, and when the clocks change."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course import LatePolicy
from autograder.marks.policy import Work, days_late, last_moment, lowest, mark, marks_of_term

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
TICK = dt.timedelta(microseconds=1)
DAY = dt.timedelta(days=1)
POLICY = LatePolicy(grace_minutes=30, days=5, penalty_per_day=0.1)


def berlin(*when: int, fold: int = 0) -> dt.datetime:
    return dt.datetime(*when, tzinfo=BERLIN, fold=fold)


def utc(*when: int) -> dt.datetime:
    return dt.datetime(*when, tzinfo=dt.UTC)


DUE = berlin(2026, 5, 8, 23, 59)


def work(handed_in, raw: float | None = 10.0, due: dt.datetime = DUE, name: str = "week03/lab", **more) -> Work:
    return Work(name, raw, handed_in, due, **more)


class TestBoundaries:
    @pytest.mark.parametrize("days", range(8))
    @pytest.mark.parametrize("grace", [0, 30, 600])
    def test_each_day_ends_exactly_at_the_due_time_of_day_plus_grace(self, days, grace):
        end = DUE.astimezone(dt.UTC) + days * DAY + dt.timedelta(minutes=grace)  # no change of the clock in May
        assert last_moment(DUE, days, grace) == end
        assert [days_late(end + step, DUE, grace) for step in (-TICK, 0 * TICK, TICK)] == [days, days, days + 1]

    def test_handed_in_early_and_at_once(self):
        assert days_late(DUE - 100 * DAY, DUE, 30) == 0 == days_late(DUE, DUE, 0)
        assert days_late(DUE + TICK, DUE, 0) == 1

    def test_ages_late(self):
        assert days_late(utc(9999, 12, 31), DUE, 30) == 9999 and days_late(utc(1, 1, 2), DUE, 30) == 0

    @pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/Los_Angeles", "Pacific/Kiritimati", "Pacific/Chatham"])
    def test_the_same_moment_counts_alike_wherever_it_was_written_down(self, zone):
        end = last_moment(DUE, 1, 30)
        assert days_late(end.astimezone(zoneinfo.ZoneInfo(zone)), DUE, 30) == 1
        assert days_late((end + TICK).astimezone(zoneinfo.ZoneInfo(zone)), DUE, 30) == 2

    def test_a_time_without_zone_is_refused_and_not_guessed(self):
        with pytest.raises(ValueError, match="no time zone"):
            days_late(dt.datetime(2026, 5, 8), DUE, 0)
        with pytest.raises(ValueError, match="no time zone"):
            mark(work(utc(2026, 5, 8), due=dt.datetime(2026, 5, 8)), POLICY)


class TestWhenTheClocksChange:
    """Europe/Berlin 2026: 29 March 02:00 CET -> 03:00 CEST; 25 October 03:00 CEST -> 02:00 CET."""

    def test_the_day_of_23_hours_ends_by_the_clock(self):
        due = berlin(2026, 3, 28, 23, 59)  # 22:59 UTC
        assert last_moment(due, 1, 0) == utc(2026, 3, 29, 21, 59)  # 23 hours later, 23:59 on the clock again
        assert days_late(utc(2026, 3, 29, 21, 59), due, 0) == 1
        assert days_late(utc(2026, 3, 29, 21, 59) + TICK, due, 0) == 2
        assert days_late(berlin(2026, 3, 29, 23, 59), due, 0) == 1

    def test_the_day_of_25_hours_ends_by_the_clock(self):
        due = berlin(2026, 10, 24, 23, 59)  # 21:59 UTC
        assert last_moment(due, 1, 0) == utc(2026, 10, 25, 22, 59)
        assert days_late(utc(2026, 10, 25, 22, 59), due, 0) == 1
        assert days_late(utc(2026, 10, 25, 22, 59) + TICK, due, 0) == 2
        assert days_late(utc(2026, 10, 25, 22, 30), due, 0) == 1, "24.5 hours late, and still the same day"

    def test_the_grace_period_is_real_time_across_the_change(self):
        spring, autumn = berlin(2026, 3, 29, 1, 45), berlin(2026, 10, 25, 1, 45)
        assert last_moment(spring, 0, 30) == utc(2026, 3, 29, 1, 15) == berlin(2026, 3, 29, 3, 15).astimezone(dt.UTC)
        assert last_moment(autumn, 0, 30) == utc(2026, 10, 25, 0, 15)  # 02:15 summer time, the first of the two
        assert last_moment(autumn, 0, 120) == utc(2026, 10, 25, 1, 45)  # 02:45 winter time

    def test_a_due_time_shown_twice_is_its_second_showing(self):
        for fold in (0, 1):
            due = berlin(2026, 10, 25, 2, 30, fold=fold)
            assert last_moment(due, 0, 0) == utc(2026, 10, 25, 1, 30)
        assert days_late(berlin(2026, 10, 25, 2, 30, fold=1), due, 0) == 0
        assert days_late(utc(2026, 10, 25, 1, 30) + TICK, due, 0) == 1

    def test_a_due_time_that_is_skipped_is_the_moment_after(self):
        due = berlin(2026, 3, 29, 2, 30)
        assert last_moment(due, 0, 0) == utc(2026, 3, 29, 1, 30) == berlin(2026, 3, 29, 3, 30).astimezone(dt.UTC)
        day_before = berlin(2026, 3, 28, 2, 30)
        assert last_moment(day_before, 1, 0) == utc(2026, 3, 29, 1, 30)

    def test_two_moments_an_hour_apart_that_the_clock_shows_alike_are_told_apart(self):
        due = berlin(2026, 10, 25, 1, 59)
        first, second = berlin(2026, 10, 25, 2, 10), berlin(2026, 10, 25, 2, 10, fold=1)
        assert (days_late(first, due, 30), days_late(second, due, 30)) == (0, 1)

    @given(
        due=st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2026, 12, 31)),
        seconds=st.integers(-10**6, 3 * 10**6),
        grace=st.integers(0, 600),
    )
    def test_the_count_is_the_first_boundary_not_passed(self, due, seconds, grace):
        due = due.replace(tzinfo=BERLIN)
        came = due.astimezone(dt.UTC) + dt.timedelta(seconds=seconds)
        late = days_late(came, due, grace)
        assert came <= last_moment(due, late, grace)
        assert late == 0 or came > last_moment(due, late - 1, grace)


class TestPenalty:
    def test_per_day_begun_until_no_more_is_accepted(self):
        found = [mark(work(last_moment(DUE, n, 30)), POLICY) for n in range(7)]
        assert [m.counted for m in found] == [10.0, 9.0, 8.0, 7.0, 6.0, 5.0, 0.0]
        assert [m.accepted for m in found] == [True] * 6 + [False]
        assert [m.days_late for m in found] == list(range(7))
        assert all(m.raw == 10.0 for m in found)

    def test_the_last_accepted_microsecond(self):
        end = last_moment(DUE, 5, 30)
        assert mark(work(end), POLICY).counted == 5.0
        refused = mark(work(end + TICK), POLICY)
        assert (refused.counted, refused.penalty, refused.accepted) == (0.0, 1.0, False)
        assert "more than 5 days late is not accepted" in refused.words

    def test_no_late_work_at_all(self):
        policy = LatePolicy(grace_minutes=0, days=0)
        assert mark(work(DUE), policy).counted == 10.0
        assert mark(work(DUE + TICK), policy).counted == 0.0

    def test_a_penalty_never_takes_more_than_there_is(self):
        assert mark(work(last_moment(DUE, 4, 30)), LatePolicy(30, 5, 0.3)).counted == 0.0

    def test_marks_round_half_up_in_decimals(self):
        late = last_moment(DUE, 1, 30)
        assert mark(work(late, 2.25), POLICY).counted == 2.03  # 2.025; binary rounding would give 2.02
        assert mark(work(late, 1.15), POLICY).counted == 1.04  # 1.035
        assert mark(work(DUE, 3.333), POLICY).counted == 3.33

    def test_no_score_is_no_zero(self):
        assert mark(work(DUE, None), POLICY).counted is None
        assert mark(work(DUE + 2 * DAY, 4.0, final=False), POLICY).counted is None
        assert mark(work(DUE + 20 * DAY, 4.0, final=False), POLICY).counted is None

    def test_an_unknown_time_costs_nothing_and_says_so(self):
        found = mark(work(None), POLICY, 3)
        assert (found.counted, found.days_late, found.late_days_used) == (10.0, None, 0) and "not known" in found.words

    def test_words_say_why(self):
        assert mark(work(DUE), POLICY).words == ""
        assert "within the grace period of 30 minutes" in mark(work(DUE + TICK), POLICY).words
        two = mark(work(DUE + DAY + dt.timedelta(hours=1)), POLICY).words
        assert two == (
            "Handed in 2 days late, on 10 May 2026, 00:59 CEST (the due time was 8 May 2026, 23:59 CEST): 20% of the score taken."
        )
        own = mark(work(DUE, extended=True), POLICY).words
        assert own == "Your own due time was 8 May 2026, 23:59 CEST."

    def test_excused_counts_nowhere(self):
        found = mark(work(DUE + 50 * DAY, excused=True), POLICY, 5)
        assert found.excused and found.counted is None and found.late_days_used == 0


class TestLateDays:
    WITH = LatePolicy(grace_minutes=30, days=5, penalty_per_day=0.1, late_days=4)

    def late(self, week: int, days: int, raw: float | None = 10.0, **more) -> Work:
        due = DUE + 7 * week * DAY
        return work(last_moment(due, days, 30), raw, due, f"week{week:02}/lab", **more)

    def test_used_in_the_order_of_due_times_then_the_penalty_begins(self):
        works = [self.late(3, 2), self.late(1, 2), self.late(2, 1), self.late(4, 1)]
        found = marks_of_term(works, self.WITH)
        assert list(found) == ["week01/lab", "week02/lab", "week03/lab", "week04/lab"]
        assert [m.late_days_used for m in found.values()] == [2, 1, 1, 0]
        assert [m.counted for m in found.values()] == [10.0, 10.0, 9.0, 9.0]
        assert "all of it covered by 2 late days of yours (2 left" in found["week01/lab"].words
        assert "covered in part by 1 late day of yours (0 left" in found["week03/lab"].words
        assert "10% of the score taken" in found["week03/lab"].words

    def test_later_work_never_changes_an_earlier_mark(self):
        works = [self.late(n, n % 3) for n in range(1, 7)]
        whole = marks_of_term(works, self.WITH)
        for upto in range(1, 7):
            assert marks_of_term(works[:upto], self.WITH) == {w.assignment: whole[w.assignment] for w in works[:upto]}

    def test_what_is_not_accepted_excused_or_unreadable_uses_none(self):
        works = [self.late(1, 6), self.late(2, 3, excused=True), self.late(3, 2, raw=None), self.late(4, 4)]
        found = marks_of_term(works, self.WITH)
        assert [m.late_days_used for m in found.values()] == [0, 0, 0, 4]

    def test_an_unfinished_report_uses_them_already(self):
        found = marks_of_term([self.late(1, 3, final=False), self.late(2, 3)], self.WITH)
        assert [m.late_days_used for m in found.values()] == [3, 1] and found["week01/lab"].counted is None

    def test_free_lateness_uses_none_and_full_penalty_makes_them_a_ticket(self):
        free = LatePolicy(30, 5, 0.0, late_days=4)
        assert marks_of_term([self.late(1, 2)], free)["week01/lab"].late_days_used == 0
        ticket = LatePolicy(30, 5, 1.0, late_days=2)
        found = marks_of_term([self.late(1, 2), self.late(2, 1)], ticket)
        assert [m.counted for m in found.values()] == [10.0, 0.0]

    def test_an_extension_comes_first(self):
        found = mark(work(DUE + 3 * DAY, due=DUE + 3 * DAY, extended=True), self.WITH, 4)
        assert (found.late_days_used, found.counted) == (0, 10.0)


class TestDrops:
    def test_the_lowest_shares_and_one_always_stays(self):
        shares = {"a": 0.9, "b": 0.2, "c": 0.5}
        assert lowest(shares, 0) == frozenset()
        assert lowest(shares, 1) == {"b"} and lowest(shares, 2) == {"b", "c"} == lowest(shares, 9)
        assert lowest({"a": 0.0}, 1) == frozenset() == lowest({}, 1)

    def test_of_equal_ones_the_earlier_and_never_what_is_not_final(self):
        assert lowest({"z": 0.5, "a": 0.5}, 1) == {"z"}
        assert lowest({"a": None, "b": 1.0, "c": 0.5}, 2) == {"b", "c"}
