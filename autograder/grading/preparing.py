"""From the course and a solution notebook to the `Target` that submissions are graded against."""

from __future__ import annotations

import ast
from dataclasses import replace

from autograder.course import Course
from autograder.grading.fingerprints import question_fingerprints
from autograder.grading.suite_file import Suite
from autograder.grading.target import CLASS_EPOCH, PACKAGE_EPOCHS, Target
from autograder.notebook.source import load_assignment
from autograder.notebook.source_cells import Role, SourceNotebook
from autograder.notebook.student import released_cells, released_texts, setup_of
from autograder.notebook.submission import normalised_sha256
from autograder.sandbox.limits import Limits
from autograder.secret import derived


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
    paths, cells = course.assignment_paths(assignment_id), released_cells(source)
    target = Target(
        assignment=source.assignment,
        suite=Suite.read(paths.suite),
        limits=_limits(course, assignment_id),
        secret=_secret(course, assignment_id, epoch),
        epoch=epoch,
        signatures=_signatures(source),
        demos=frozenset(_released_and_not_run(source, setup_of(cells))),
        blocked_marking=course.blocked_marking,
        build=course.root / "build",
        course_lib=course.root / "course_lib",
        released=released_texts(source, cells),
    )
    return replace(target, fingerprints=question_fingerprints(target))


def _secret(course: Course, assignment_id: str, epoch: str) -> bytes:
    """The course's, or that of the assignment's package: a submission graded elsewhere is repeated here by its epoch."""
    if epoch.startswith(PACKAGE_EPOCHS):
        return derived(course.secret(), f"{PACKAGE_EPOCHS}{assignment_id}")
    return course.secret()


def _limits(course: Course, assignment_id: str) -> Limits:
    given = course.limits(assignment_id)
    return Limits(
        cell_seconds=given.cell_seconds,
        call_seconds=given.call_seconds,
        submission_seconds=given.submission_seconds,
        cell_cpu_seconds=given.cell_cpu_seconds,
        call_cpu_seconds=given.call_cpu_seconds,
        cpu_seconds=max(1, int(given.cpu_seconds)),
        memory_mb=given.memory_mb,
        threads=given.threads,
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


def _released_and_not_run(source: SourceNotebook, setup: str) -> set[str]:
    """Demonstrations, and the setup cell, which does nothing when grading."""
    demos = [cell.source for cell in source.cells if cell.role is Role.DEMO and not cell.markdown]
    return {normalised_sha256(text) for text in (*demos, setup)}
