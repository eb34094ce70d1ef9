"""`grader.check("softplus")` in a student's notebook: runs the question's public checks and says what they found.

    from course_lib.checks import open_checks
    grader = open_checks("week03/lab")

The checks travel in the notebook itself (the setup cell hands them to `carry`; they are in its metadata, too), so no file is
needed beside it and the notebook may have any name. They run under otter-grader where it is installed, else by a few
lines that read the same test text. A passed check is a good sign, not a mark: hidden tests follow when the notebook
is graded.
"""

from __future__ import annotations

import inspect
import os

from course_lib import hand_in, unsolved
from course_lib.public_checks import PublicChecks
from course_lib.rerun import RERUN_ENV

GRADING_ENV = "AUTOGRADER_GRADING"


class Grader(PublicChecks):
    """The public checks of one notebook, and handing it in; made by `open_checks`."""

    def submit(self, minutes: float = 10) -> None:
        """Save the notebook, run its answers in a fresh kernel, say what was found, write the file to hand in.

        Unsolved questions are named and may stay unsolved. Does nothing where a program runs the notebook.

        Args:
            minutes: how long the answers may take to run.
        """
        if os.environ.get(RERUN_ENV) == "1":
            return
        hand_in.submit(self.notebook(), self._namespace, minutes)


class _Silent:
    """Stands in for a `Grader` while a submission is graded: public checks have no part in the marks."""

    def __init__(self, assignment: str):
        self.assignment = assignment

    def check(self, *_args, **_kwargs) -> None:
        """Do nothing."""

    def check_all(self, *_args, **_kwargs) -> None:
        """Do nothing."""

    def submit(self, *_args, **_kwargs) -> None:
        """Do nothing."""


def open_checks(assignment: str) -> Grader | _Silent:
    """The checks of this notebook, e.g. `open_checks("week03/lab")`. Never fails and imports nothing slow.

    Args:
        assignment: the id in the notebook's metadata.
    """
    if os.environ.get(GRADING_ENV) == "1":
        return _Silent(assignment)
    frame = inspect.currentframe()
    namespace = frame.f_back.f_globals if frame and frame.f_back else {}
    grader = Grader(assignment, namespace)
    if os.environ.get(RERUN_ENV) != "1":
        unsolved.watch(lambda: grader.notebook().questions)
    return grader
