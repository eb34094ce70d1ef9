"""What submissions of one assignment are graded against: everything a worker needs, plain and picklable."""

from __future__ import annotations

import ast
import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.course import Course
from autograder.grading.suite import Suite
from autograder.model import Assignment
from autograder.notebook.source import Role, SourceNotebook, load_assignment
from autograder.notebook.student import student_notebook
from autograder.notebook.submission import normalised_sha256
from autograder.sandbox.limits import Limits

CLASS_EPOCH = "class"
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
        demos: `normalised_sha256` of the released demo cells, which are not run.
        blocked_marking: "as_run", "zero" or "manual": points of a question whose needs are not right.
        build: folder for stages and caches; `course_lib`: the package as it lies in the repository.
        fingerprint: hash of all that decides a grade besides the submission.
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
    fingerprint: str = ""

    @property
    def id(self) -> str:
        return self.assignment.id


def prepare(course: Course, assignment_id: str, epoch: str = CLASS_EPOCH) -> Target:
    """The target for an assignment of the course.

    Raises:
        CourseError: there is no such assignment.
        AuthoringError: its notebook or suite has a mistake.
    """
    return target_of(course, load_assignment(course, assignment_id), epoch)


def target_of(course: Course, source: SourceNotebook, epoch: str = CLASS_EPOCH) -> Target:
    """The same for a solution notebook that is already read."""
    assignment_id = source.assignment.id
    paths = course.assignment_paths(assignment_id)
    target = Target(
        assignment=source.assignment,
        suite=Suite.read(paths.suite),
        limits=_limits(course, assignment_id),
        secret=course.secret(),
        epoch=epoch,
        signatures=_signatures(source),
        demos=frozenset(_demos(source)),
        blocked_marking=course.blocked_marking,
        build=course.root / "build",
        course_lib=course.root / "course_lib",
    )
    return replace(target, fingerprint=_fingerprint(target))


def _limits(course: Course, assignment_id: str) -> Limits:
    given = course.limits(assignment_id)
    return Limits(
        cell_seconds=given.cell_seconds,
        call_seconds=given.call_seconds,
        submission_seconds=given.submission_seconds,
        cpu_seconds=int(given.cpu_seconds),
        memory_mb=given.memory_mb,
        scratch_mb=given.file_mb,
        output_mb=given.output_mb,
        reply_mb=given.reply_mb,
        rebuilds=given.rebuilds,
    )


def _signatures(source: SourceNotebook) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for cell in source.solution_cells():
        for node in ast.parse(cell.source).body:
            if isinstance(node, ast.FunctionDef):
                arguments = [*node.args.posonlyargs, *node.args.args]
                found[node.name] = tuple(a.arg for a in arguments)
    return found


def _demos(source: SourceNotebook) -> set[str]:
    released = student_notebook(source)
    return {
        normalised_sha256(cell.source)
        for cell in released.cells
        if cell.cell_type == "code" and Role.DEMO.value in cell.metadata.get("tags", [])
    }


def _fingerprint(target: Target) -> str:
    digest = hashlib.sha256()
    for part in (target.assignment, target.suite.sha256, target.limits, target.epoch, target.blocked_marking):
        digest.update(repr(part).encode() + b"\0")
    digest.update(hashlib.sha256(target.secret).digest())
    for path in sorted(target.course_lib.rglob("*.py")):
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()
