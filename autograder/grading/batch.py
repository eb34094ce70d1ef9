"""A class: submissions graded in parallel by worker processes, each with warm parents of its own; one writer.

Workers are spawned, not forked, and hold no student code. When one dies, its submissions are tried again; a submission that
takes a worker down twice is reported as the grader's fault.
"""

from __future__ import annotations

import concurrent.futures as futures
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

from autograder.grading.engine import Engine
from autograder.grading.one import grade_one
from autograder.grading.target import Target
from autograder.model import Report, Status, Submission
from autograder.sandbox.jail import tiers

_TRIES = 2


@dataclass(frozen=True)
class Job:
    """One submission and the file that it lies in."""

    submission: Submission
    file: Path
    within: Path


def default_workers() -> int:
    """One per core that this process may use."""
    return max(1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


def grade_all(target: Target, jobs: Sequence[Job], workers: int = 0, unsafe: bool = False,
              done: Callable[[Report], None] = lambda report: None) -> list[Report]:  # fmt: skip
    """Grades every job.

    Args:
        workers: processes; 0 for one per core.
        done: called in this process after each submission, in the order of their ends.

    Returns:
        Reports in the order of `jobs`.
    """
    reports: dict[str, Report] = {}
    tries: dict[str, int] = {}
    waiting = list(jobs)
    count = max(1, min(workers or default_workers(), len(jobs)))
    while waiting:
        for report in _round(target, waiting, count, unsafe):
            reports[report.submission.student] = report
            done(report)
        left = [j for j in waiting if j.submission.student not in reports]
        for job in left:
            student = job.submission.student
            tries[student] = tries.get(student, 0) + 1
            if tries[student] >= _TRIES:
                reports[student] = _lost(target, job)
                done(reports[student])
        waiting = [j for j in left if j.submission.student not in reports]
        # After a death each goes alone: only the one that brings a worker down is lost.
        count = min(count, len(waiting) or 1)
    return [reports[j.submission.student] for j in jobs]


def _round(target: Target, jobs: Sequence[Job], workers: int, unsafe: bool) -> Iterator[Report]:
    context = multiprocessing.get_context("spawn")
    with futures.ProcessPoolExecutor(workers, mp_context=context, initializer=_start, initargs=(target, unsafe)) as pool:
        pending = {pool.submit(_grade, job): job for job in jobs}
        try:
            for future in futures.as_completed(pending):
                try:
                    yield future.result()
                except BrokenProcessPool:
                    continue
        except BaseException:  # Ctrl-C: what is done is kept, what waits is not begun
            pool.shutdown(wait=False, cancel_futures=True)
            raise


_worker: tuple[Engine, Target] | None = None


def _start(target: Target, unsafe: bool) -> None:
    global _worker
    _worker = (Engine(unsafe), target)


def _grade(job: Job) -> Report:
    assert _worker is not None
    engine, target = _worker
    return grade_one(engine, target, job.submission, job.file, job.within)


def _lost(target: Target, job: Job) -> Report:
    return Report(
        assignment=target.id, title=target.assignment.title, submission=job.submission, status=Status.INCOMPLETE,
        reason="the grading process ended twice while it worked on this submission; run the command again and tell the authors",
        isolation=tiers.best().summary, suite_sha256=target.suite.sha256, epoch=target.epoch,
    )  # fmt: skip
