"""What lateness costs, as nbgrader's late plugin: `AssignLatePenalties.plugin_class` in nbgrader_config.py names it.

The policy is course.toml's (autograder/gradebook/policy.py). Grading writes the share that it takes into the gradebook; here that
share is taken of the score as it is now, so that a mark given by hand counts, too.
"""

from __future__ import annotations

from nbgrader.plugins import LateSubmissionPlugin

from autograder.platforms.nbgrader.book import late_share, taken
from autograder.platforms.nbgrader.names import assignment_of


class CourseLatePenalty(LateSubmissionPlugin):
    """Asked by nbgrader for submissions that came after their due time, extension included."""

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float | None:
        """Points to take off; for an assignment that is not ours what nbgrader's own plugin says."""
        asking = self.parent
        if assignment_of(asking.assignment_id) is None:
            return super().late_submission_penalty(student_id, score, total_seconds_late)
        stored = asking.gradebook.find_submission_notebook(asking.notebook_id, asking.assignment_id, student_id)
        return taken(late_share(asking.gradebook, stored), score) or None
