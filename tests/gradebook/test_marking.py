"""The policy on reports as the grader writes them: whose due time, whose late days, and what pages and tables say of it."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
import json
from pathlib import Path

import pytest
import report_samples as samples
from rich.console import Console

from autograder.course import Drops, Extension, LatePolicy, load_course
from autograder.marks.marking import Marker
from autograder.model import Report, Status, from_json, to_json
from autograder.report.class_report import render_class
from autograder.report.class_table import class_csv, class_table
from autograder.report.feedback import render_feedback

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def course():
    """The shipped course with four late days."""
    shipped = load_course(ROOT)
    return dataclasses.replace(shipped, late_policy=LatePolicy(30, 5, 0.1), extensions=(), drops=Drops())


def handed_in(course, student: str, days: float, assignment: str = "week03/lab", **more) -> Report:
    """A perfect report (22 of 22 machine-marked points), handed in so many days of 24 hours after the due time."""
    when = course.schedule(assignment).due.astimezone(dt.UTC) + dt.timedelta(days=days)
    report = dataclasses.replace(samples.perfect(student), assignment=assignment, **more)
    submission = dataclasses.replace(report.submission, submitted_at=when.isoformat(), time_source="Gradescope")
    return dataclasses.replace(report, submission=submission)


def page_of(report: Report) -> str:
    return " ".join(render_feedback(report).split())


class TestTheStudentsPage:
    def test_says_what_counts_and_why(self, course):
        page = page_of(Marker(course).marked(handed_in(course, "bob", 1.5)))
        assert "17.6 of your 22 points count." in page
        assert "Handed in 2 days late, on 5 April 2026, 11:59 CST (the due time was 3 April 2026, 23:59 CST)" in page
        assert "20% of the score taken" in page

    def test_says_nothing_to_who_was_in_time(self, course):
        page = page_of(Marker(course).marked(handed_in(course, "bob", -1)))
        assert "points count" not in page and "Handed in" not in page and "due time" not in page

    def test_too_late(self, course):
        assert "None of your 22 points count." in page_of(Marker(course).marked(handed_in(course, "bob", 9)))

    def test_not_final_is_not_counted(self, course):
        report = Marker(course).marked(handed_in(course, "bob", 1, status=Status.INCOMPLETE))
        assert report.mark.counted is None and "Handed in 1 day late" in page_of(report)

    def test_says_what_will_be_dropped(self, course):
        own = dataclasses.replace(course, drops=Drops(lab=2, homework=1))
        assert "Of all your labs the 2 lowest do not count" in page_of(Marker(own).marked(handed_in(own, "bob", -1)))
        homework = Marker(own).marked(handed_in(own, "bob", -1, "week03/homework"))
        assert "Of all your homework the lowest does not count" in page_of(homework)
        assert "lowest" not in page_of(Marker(course).marked(handed_in(course, "bob", -1)))

    def test_ignore_late(self, course):
        report = Marker(course, ignore_late=True).marked(handed_in(course, "bob", 90))
        assert report.mark.counted == 22 and report.mark.words == ""
        assert Marker(course).marked(report).mark.counted == 22, "the decision stays with the report"
        assert "lateness was ignored" in report.submission.time_source


class TestWhoseDueTime:
    def test_an_extension_moves_it_for_one_student_and_one_assignment(self, course):
        due = course.schedule("week03/lab").due + dt.timedelta(days=3)
        own = dataclasses.replace(course, extensions=(Extension("bob", "week03/lab", due),))
        assert Marker(own).marked(handed_in(own, "bob", 3)).mark.counted == 22
        assert Marker(own).marked(handed_in(own, "bob", 3)).mark.extended
        assert Marker(own).marked(handed_in(own, "bob", 3.5)).mark.days_late == 1
        assert Marker(own).marked(handed_in(own, "ann", 3)).mark.days_late == 3
        assert Marker(own).marked(handed_in(own, "bob", 3, "week04/lab")).mark.days_late == 3

    def test_excused(self, course):
        due = course.schedule("week03/lab").due
        own = dataclasses.replace(course, extensions=(Extension("bob", "week03/lab", due, excused=True),))
        report = Marker(own).marked(handed_in(own, "bob", 1))
        assert report.mark.excused and "does not count for you" in page_of(report)

    def test_late_days_used_by_earlier_assignments_are_gone(self, course):
        own = dataclasses.replace(course, late_policy=LatePolicy(30, 5, 0.1, late_days=3))
        earlier = {("bob", "week01/lab"): handed_in(own, "bob", 2, "week01/lab"),
                   ("bob", "week04/lab"): handed_in(own, "bob", 1, "week04/lab")}  # fmt: skip
        found = Marker(own, lambda *key: earlier.get(key)).marked(handed_in(own, "bob", 2)).mark
        assert (found.days_late, found.late_days_used, found.counted) == (2, 1, 19.8)
        alone = Marker(own, lambda *key: earlier.get(key)).marked(handed_in(own, "ann", 2)).mark
        assert (alone.late_days_used, alone.counted) == (2, 22)


class TestWhatThePlatformSays:
    def said(self, course, late: bool | None) -> Report:
        report = samples.perfect("bob")
        submission = dataclasses.replace(report.submission, submitted_at="", marked_late=late, time_source="Canvas")
        return Marker(course).marked(dataclasses.replace(report, submission=submission))

    def test_not_late_is_in_time(self, course):
        assert (self.said(course, False).mark.days_late, self.said(course, False).mark.words) == (0, "")

    def test_late_but_not_how_late_goes_to_the_staff(self, course):
        report = self.said(course, True)
        assert report.mark.days_late is None and report.mark.counted == 22
        assert "the course staff decide" in page_of(report)
        assert "The platform marked it late." in render_class([report], samples.ASSIGNMENT)

    @pytest.mark.parametrize("damaged", ["", "yesterday", "2026-04-01T10:00:00", "9999-99-99"])
    def test_a_time_that_is_none_costs_nothing(self, course, damaged):
        report = samples.perfect("bob")
        submission = dataclasses.replace(report.submission, submitted_at=damaged)
        found = Marker(course).marked(dataclasses.replace(report, submission=submission)).mark
        assert found.days_late is None and found.counted == 22


class TestTheStaffsTables:
    def test_raw_and_counted_and_why(self, course):
        marker = Marker(course)
        reports = [marker.marked(r) for r in (handed_in(course, "ann", -1), handed_in(course, "bob", 1), samples.unreadable())]
        rows = {r["student"]: r for r in csv.DictReader(io.StringIO(class_csv(reports), newline=""))}
        bob = rows["bob"]
        assert (bob["score"], bob["counted"], bob["days_late"], bob["penalty"]) == ("22", "19.8", "1", "0.1")
        assert bob["time_source"] == "Gradescope" and "1 day late" in bob["policy"]
        assert (rows["ann"]["counted"], rows["ann"]["policy"]) == ("22", "")
        assert rows["carol"]["score"] == rows["carol"]["counted"] == ""
        page = render_class(reports, samples.ASSIGNMENT)
        assert "22 points, 19.8 count." in page and "Time by Gradescope." in page
        console = Console(width=100, record=True, file=io.StringIO())
        console.print(class_table(reports))
        assert "1 day late, 19.8 counts" in console.export_text()

    def test_the_mark_travels_in_the_report_and_older_reports_are_still_read(self, course):
        report = Marker(course).marked(handed_in(course, "bob", 1))
        assert from_json(Report, to_json(report)) == report
        older = json.loads(to_json(report))
        del older["mark"], older["submission"]["time_source"], older["submission"]["marked_late"]
        assert from_json(Report, json.dumps(older)).mark is None
