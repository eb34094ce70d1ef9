"""A collected test of a hidden suite, its seed, and what is shared while tests run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from autograder.grading.decorators import Mark
from autograder.grading.draws import test_seed
from autograder.model import TestResult
from autograder.sandbox.call_records import Recorder
from autograder.sandbox.remote import Student
from autograder.sandbox.workspace import Workspace


@dataclass(frozen=True)
class TestCase:
    """One collected test: its id without the file, its marks, and the author's words."""

    __test__ = False

    id: str
    mark: Mark
    title: str
    hint: str

    @property
    def question(self) -> str:
        return self.mark.question


@dataclass
class Running:
    """What the fixtures and hooks of the test that runs now share."""

    student: Student
    recorder: Recorder
    seed_of: Callable[[TestCase], int]
    workspace: Workspace
    x64: bool = False
    in_full: bool = False  # write down what was compared in tests that passed, too
    results: list[TestResult] = field(default_factory=list)
    lost: dict[str, str] = field(default_factory=dict)  # question -> why its other tests are not run
    ended: Callable[[str], None] = lambda question: None  # told each question whose last test has ended
    order: list[str] = field(default_factory=list)  # ids of all collected tests, as in the file


# Tries the tests that it is asked for, on the notebook that it is given.
Attempt = Callable[[Callable[[TestCase], bool], Running], list[TestResult]]


def seeds_for(secret: bytes, assignment: str, epoch: str) -> Callable[[TestCase], int]:
    """The seed of each test of an assignment in an epoch."""
    return lambda case: test_seed(secret, assignment, case.question, case.id, epoch)
