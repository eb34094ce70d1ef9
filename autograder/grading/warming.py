"""Filling the compilation cache: the solution and the right answers run once, in a jail whose cache is writable."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from autograder.errors import GraderFault
from autograder.grading.engine import Engine, cache_folder, clear_cache, mark_warm, warmed_with
from autograder.grading.target import Target
from autograder.locks import locked
from autograder.model import Report, Status, Submission
from autograder.notebook.submission import SubmittedNotebook
from autograder.sandbox import without

# Compiling for the first time on a slow machine must not look like a student's hang.
_PATIENCE = 6


def warm_cache(target: Target, notebooks: Sequence[SubmittedNotebook], unsafe: bool = False,
               done: Callable[[Report], None] = lambda report: None) -> bool:  # fmt: skip
    """Compiles once what most submissions will compile, unless it has been done for the same contents.

    Args:
        notebooks: trusted ones only, the solution first.
        done: called after each.

    Returns:
        Whether anything was done.

    Raises:
        AuthoringError: the suite cannot be collected, or breaks on the solution.
        GraderFault: the grader failed on the first of them, so that it would fail on submissions, too.
    """
    contents = _contents(target, notebooks)
    if warmed_with(target) == contents:
        return False
    folder = cache_folder(target)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with locked(folder.with_suffix(".lock"), wait=True):
        if warmed_with(target) == contents:
            return False
        mark_warm(target, contents, _filled(target, notebooks, unsafe, done))
    return True


def _filled(target: Target, notebooks: Sequence[SubmittedNotebook], unsafe: bool,
            done: Callable[[Report], None]) -> dict[str, list[str]]:  # fmt: skip
    """Runs the notebooks; for each set of bans, the tests that the solution passes without the machinery."""
    # With pytest and all that tests use: whoever finds the cache filled does without.
    from autograder.grading.ban_runs import solution_without
    from autograder.grading.one import grade_cells, graded_cells
    from autograder.grading.suite import collect_suite
    from autograder.grading.suite_mistakes import mistake_on_solution

    collect_suite(target.suite)
    clear_cache(target)
    patient = replace(target, limits=_patient(target))
    with Engine(unsafe, fill_cache=True) as engine:
        for i, notebook in enumerate(notebooks):
            report = grade_cells(engine, patient, Submission(f"trusted-{i}", "", notebook.sha256), notebook)
            if i == 0 and report.status is not Status.GRADED:
                raise mistake_on_solution(target.suite, report) or GraderFault(
                    f"{target.id}: the solution itself could not be graded: {report.reason}"
                )
            done(report)
        return solution_without(engine, patient, graded_cells(notebooks[0], target))


def _patient(target: Target):
    limits = target.limits
    return replace(
        limits,
        cell_seconds=_PATIENCE * limits.cell_seconds,
        call_seconds=_PATIENCE * limits.call_seconds,
        submission_seconds=_PATIENCE * limits.submission_seconds,
        cell_cpu_seconds=_PATIENCE * limits.cell_cpu_seconds,
        call_cpu_seconds=_PATIENCE * limits.call_cpu_seconds,
        cpu_seconds=_PATIENCE * limits.cpu_seconds,
    )


def _contents(target: Target, notebooks: Sequence[SubmittedNotebook]) -> str:
    digest = hashlib.sha256(target.suite.sha256.encode() + Path(without.__file__).read_bytes())
    for notebook in notebooks:
        for cell in notebook.code:
            digest.update(cell.source.encode() + b"\0")
    return digest.hexdigest()
