"""The course's late policy as nbgrader's late plugin: `AssignLatePenalties.plugin_class` in nbgrader_config.py names it.

`autograder grade` takes the same points off, by the same `course_penalty`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

from nbgrader.plugins import LateSubmissionPlugin
from traitlets import Unicode

from autograder.course import Course, LatePolicy, load_course
from autograder.gradebook.nbgrader_names import assignment_of

_DAY = 86_400
# (student as nbgrader names them, score, seconds late) -> points taken off
Penalty = Callable[[str, float, float], float]


def course_penalty(course: Course, assignment_id: str) -> Penalty:
    """What the course takes off a late submission of an assignment."""
    return lambda student, score, seconds: penalty(course.late_policy, score, seconds)


def penalty(policy: LatePolicy, score: float, seconds_late: float) -> float:
    """Points taken off `score` for a submission that came `seconds_late` after its due time (extension included).

    Within the grace period nothing, then a share of the score for each day begun; after the last day everything.
    """
    if seconds_late <= 60 * policy.grace_minutes or score <= 0:
        return 0.0
    days = math.ceil(seconds_late / _DAY)
    share = 1.0 if days > policy.days else min(1.0, days * policy.penalty_per_day)
    return round(share * score, 2)


class CourseLatePenalty(LateSubmissionPlugin):
    """Asks course.toml."""

    course_root = Unicode("", help="The folder that holds course.toml.").tag(config=True)

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float | None:
        """Points to take off; None for an assignment that is not ours."""
        assignment_id = assignment_of(self.parent.assignment_id)
        if assignment_id is None:
            return super().late_submission_penalty(student_id, score, total_seconds_late)
        course = load_course(Path(self.course_root))
        return course_penalty(course, assignment_id)(student_id, score, total_seconds_late) or None
