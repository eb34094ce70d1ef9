"""A class: submissions graded in parallel by worker processes, each with warm parents of its own; one writer.

Reports leave by `done` as they come and are not kept, so memory does not grow with the class. When a worker dies, what was in
flight is tried again one by one; a submission that takes a worker down twice on its own is reported as the grader's fault.
"""

from __future__ import annotations

import concurrent.futures as futures
import os
import socket
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.grading.executors import Lost, Opened
from autograder.grading.target import Target
from autograder.model import QuestionResult, Report, Status, Submission
from autograder.notebook.submitted_file import container_of
from autograder.sandbox.jail import tiers

if TYPE_CHECKING:
    from autograder.grading.engine import Engine

_TRIES_ALONE = 2


@dataclass(frozen=True)
class Job:
    """One submission, the file that it lies in, and the question results that are not to be run again."""

    submission: Submission
    file: Path
    within: Path
    kept: tuple[QuestionResult, ...] = ()


def grade_all(target: Target, jobs: Sequence[Job], done: Callable[[Report], None], executor: Callable[[int], Opened],
              unsafe: bool = False) -> None:  # fmt: skip
    """Grades every job.

    Args:
        done: called in this process after each submission, in the order of their ends. While it works, no more than a few
            submissions are begun.
        executor: opens a `concurrent.futures.Executor` for so many jobs at once at most (`autograder.grading.executors`).
    """
    waiting = deque(jobs)
    while waiting:
        for job in _together(target, waiting, done, executor, unsafe):
            done(_alone(target, job, executor, unsafe))


def _together(target: Target, waiting: deque[Job], done: Callable[[Report], None], executor: Callable[[int], Opened],
              unsafe: bool) -> list[Job]:  # fmt: skip
    """Takes jobs from `waiting` until there are none, or until a worker is lost: then returns what was in flight."""
    with executor(len(waiting)) as opened:
        flying: dict[futures.Future[Report], Job] = {}
        suspects: list[Job] = []
        while (waiting and not suspects) or flying:
            # Two per worker, so that none waits for the next job, and none runs far ahead of the writer.
            while waiting and not suspects and len(flying) < 2 * opened.workers:
                job = waiting.popleft()
                try:
                    flying[opened.submit(_grade, target, unsafe, job)] = job
                except Lost:
                    suspects.append(job)
            ended, _ = futures.wait(flying, return_when=futures.FIRST_COMPLETED)
            for future in ended:
                job = flying.pop(future)
                try:
                    report = opened.result(future)
                except Lost:
                    suspects.append(job)
                else:
                    done(report)
        return suspects


def _alone(target: Target, job: Job, executor: Callable[[int], Opened], unsafe: bool) -> Report:
    for _ in range(_TRIES_ALONE):
        try:
            with executor(1) as opened:
                return opened.result(opened.submit(_grade, target, unsafe, job))
        except Lost:
            continue
    words = "the grading process ended twice while it worked on this submission alone; run the command again and tell the authors"
    return _faulty(target, job, words)


def _faulty(target: Target, job: Job, words: str) -> Report:
    return Report(
        assignment=target.id, title=target.assignment.title, submission=job.submission, status=Status.INCOMPLETE,
        reason=words, isolation=tiers.best().summary, suite_sha256=target.suite.sha256, epoch=target.epoch,
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------------- in a worker

_engines: dict[bool, Engine] = {}


def _grade(target: Target, unsafe: bool, job: Job) -> Report:
    from autograder.grading.engine import Engine  # with pytest and all that tests use: the main process does without
    from autograder.grading.one import grade_one

    if job.submission.sha256 and (unseen := _unseen(job.file)):
        return _faulty(target, job, unseen)
    if unsafe not in _engines:
        _engines[unsafe] = Engine(unsafe)
    return grade_one(_engines[unsafe], target, job.submission, job.file, job.within, job.kept)


def _unseen(file: Path) -> str:
    """Why this process cannot open what the main process has read; "" if it can. That is never the student's fault."""
    place = container_of(file)
    try:
        os.close(os.open(place, os.O_RDONLY | os.O_NONBLOCK))
    except OSError as e:
        where = f"the grading process on {socket.gethostname()} cannot read {place} ({e.strerror})"
        return f"{where}, which was there when the run began; put it back, or share it with that machine, and grade again"
    return ""
