"""Reports to marks: the course's late policy applied to what the grader wrote, one student at a time.

Reads no files: other assignments' reports come from a function that the caller gives.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace

from autograder.course import Course, parse_assignment_id
from autograder.course.weeks import KINDS
from autograder.marks.policy import Work, mark, marks_of_term
from autograder.model import Mark, Report, Status

# A student's report on an assignment (student, assignment), or None.
Lookup = Callable[[str, str], Report | None]
_MARKED_LATE = "The platform marked it as late, but does not say how late: nothing was taken so far, the course staff decide."


@dataclass(frozen=True)
class Marker:
    """Gives reports their marks.

    Attributes:
        reports: where the reports of other assignments are, on which the use of late days depends.
        ignore_late: take everything as handed in on time; reports keep that, so that exports and the use of late days agree.
    """

    course: Course
    reports: Lookup = lambda student, assignment: None
    ignore_late: bool = False

    def marked(self, report: Report) -> Report:
        """The report with its mark by the policy as it is now."""
        marked = self._marked(report)
        assert marked.mark is not None
        drops = self.course.drops.of(parse_assignment_id(report.assignment)[1])
        return replace(marked, mark=replace(marked.mark, drops=drops))

    def _marked(self, report: Report) -> Report:
        if self.ignore_late:
            report = _in_time(report)
        work = self.work(report)
        if work.handed_in is None and report.submission.marked_late and not work.excused:
            late = mark(work, self.course.late_policy)
            return replace(report, mark=replace(late, words=_MARKED_LATE))
        alone = mark(work, self.course.late_policy)
        if not alone.days_late or not self.course.late_policy.late_days:
            return replace(report, mark=alone)
        return replace(report, mark=self._with_late_days(report, work))

    def work(self, report: Report) -> Work:
        """What a report's mark depends on.

        Raises:
            CourseError: its assignment is not in course.toml.
        """
        due = self.course.schedule(report.assignment).due
        extension = self.course.extension(report.submission.student, report.assignment)
        due = extension.due if extension else due
        handed_in = moment_of(report.submission.submitted_at)
        if handed_in is None and report.submission.marked_late is False:
            handed_in = _utc(due)  # the platform says that it was in time, though not when
        return Work(
            assignment=report.assignment,
            raw=None if report.status is Status.UNREADABLE else round(report.score, 6),
            handed_in=handed_in,
            due=due,
            extended=extension is not None and not extension.excused,
            excused=extension is not None and extension.excused,
            final=report.status is Status.GRADED,
        )

    def _with_late_days(self, report: Report, work: Work) -> Mark:
        student = report.submission.student
        ids = (f"{week.id}/{kind}" for week in self.course.weeks for kind in KINDS)
        others = (self.reports(student, i) for i in ids if i != report.assignment and self._due(student, i) <= _utc(work.due))
        works = [work, *(self.work(r) for r in others if r is not None)]
        return marks_of_term(works, self.course.late_policy)[report.assignment]

    def _due(self, student: str, assignment: str) -> dt.datetime:
        extension = self.course.extension(student, assignment)
        return _utc(extension.due if extension else self.course.schedule(assignment).due)


def _in_time(report: Report) -> Report:
    """The report without the hand-in time that somebody decided not to count."""
    old = report.submission
    source = old.time_source if not old.submitted_at else f"nobody: lateness was ignored ({old.submitted_at}, {old.time_source})"
    return replace(report, submission=replace(old, submitted_at="", marked_late=False, time_source=source))


def moment_of(iso: str) -> dt.datetime | None:
    """A report's hand-in time; None where it is missing, damaged or without a zone."""
    try:
        when = dt.datetime.fromisoformat(iso)
        return when.astimezone(dt.UTC) if when.utcoffset() is not None else None
    except (ValueError, OverflowError):
        return None


def _utc(when: dt.datetime) -> dt.datetime:
    return when.astimezone(dt.UTC)
