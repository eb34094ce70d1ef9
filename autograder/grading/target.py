"""What submissions of one assignment are graded against: everything a worker needs, plain and picklable.

Made by `preparing`; kept apart from it so that a worker need not import what reads solution notebooks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from autograder.grading.suite_file import Suite
from autograder.model import Assignment
from autograder.sandbox.limits import Limits

CLASS_EPOCH = "class"
# Epochs of a Gradescope package begin so: one per submission, drawn from the package's own secret.
PACKAGE_EPOCHS = "gradescope-"
SUBMISSION_MB = 40


@dataclass(frozen=True)
class Target:
    """An assignment, ready to grade against.

    Attributes:
        assignment: questions and points.
        suite: the hidden suite.
        limits: bounds on each submission.
        secret, epoch: what the tests' inputs are drawn from.
        signatures: parameter names of the solution's functions, to label inputs in feedback.
        demos: `normalised_sha256` of the released demo cells and of the setup cell, which are not run.
        blocked_marking: "as_run", "zero" or "manual": points of a question whose needs are not right.
        build: folder for stages and caches; `course_lib`: the package as it lies in the repository.
        fingerprints: by question, a hash of all that decides its result besides the submission.
        released: of every cell of the student notebook: `normalised_sha256` -> its question or ""; empty where it is not known.
    """

    assignment: Assignment
    suite: Suite
    limits: Limits
    secret: bytes = field(repr=False)
    epoch: str
    signatures: dict[str, tuple[str, ...]]
    demos: frozenset[str]
    blocked_marking: str
    build: Path
    course_lib: Path
    fingerprints: dict[str, str] = field(default_factory=dict, repr=False)
    released: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def id(self) -> str:
        return self.assignment.id
