"""One submission graded for nbgrader: in a worker process that is kept between submissions, results in `grades/` as ever.

nbgrader grades inside the program that was asked, which may be a notebook server: no student code, no hidden suite and no JAX
comes into it. What is unchanged since the last run, by whichever command, is not graded again.
"""

from __future__ import annotations

import atexit
import contextlib
import itertools
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from autograder.course import Course
from autograder.grading import executors
from autograder.grading.batch import Job, grade_all
from autograder.grading.executors import Lost, Opened
from autograder.grading.preparing import target_of
from autograder.grading.reuse import Wish, still_valid, whole
from autograder.grading.store import Store
from autograder.grading.target import Target
from autograder.grading.warming import warm_cache
from autograder.model import Report, Submission
from autograder.notebook.answers import trusted_notebooks
from autograder.notebook.source import load_assignment
from autograder.notebook.source_cells import SourceNotebook
from autograder.notebook.student import version
from autograder.results.last_run import add_student
from autograder.results.publishing import final_of
from autograder.sandbox.jail import tiers

_IDLE_SECONDS = 300  # then the worker ends: a notebook server may live for weeks


class GradingDesk:
    """Grades one submission at a time. One per process: `desk`."""

    def __init__(self) -> None:
        self._stack: contextlib.ExitStack | None = None
        self._opened: Opened | None = None
        self._lock = threading.RLock()
        self._timer: threading.Timer | None = None
        self._warm: set[tuple[str, ...]] = set()

    def grade(self, course: Course, assignment_id: str, submission: Submission, file: Path, unsafe: bool = False) -> Report:
        """The report on one file; saved where `autograder grade` saves it.

        Raises:
            AutograderError: it cannot be graded here at all, or another run is writing the same results.
        """
        source = load_assignment(course, assignment_id)
        target = target_of(course, source)
        store = Store(course.root / "grades" / assignment_id)
        with self._lock, store.writing():
            # What people give in nbgrader itself is shown by nbgrader.
            final = final_of(course, store, {q.id: q.points for q in target.assignment.questions}, book=False)
            old = store.load_one(submission.student)
            kept = still_valid(old, target, submission, tiers.best().summary, Wish())
            same = whole(old, kept, target, submission) if old else None
            if same is not None:
                same = final.of(same)
                store.renew(same)
                return same
            found: list[Report] = []
            try:
                self._warm_up(course, source, target, unsafe)
                grade_all(target, [Job(submission, file, file.parent, kept)], found.append, self._executor(), unsafe)
            finally:
                self._rest()
            report = final.of(found[0])
            store.save(report)
            add_student(store.folder, submission.student)
            return report

    def _warm_up(self, course: Course, source: SourceNotebook, target: Target, unsafe: bool) -> None:
        key = (target.id, target.suite.sha256, version(source))
        if key in self._warm:
            return
        notebooks = trusted_notebooks(source, course.assignment_paths(target.id).answers)
        with self._executor()(1) as opened, contextlib.suppress(Lost):  # without the cache it is slower, no more
            opened.result(opened.submit(warm_cache, target, notebooks, unsafe))
            self._warm.add(key)

    def _executor(self) -> Callable[[int], contextlib.AbstractContextManager[Opened]]:
        asked = itertools.count()

        @contextlib.contextmanager
        def opened(jobs: int) -> Iterator[Opened]:
            if next(asked):
                self.close()  # asked again for the same work: the worker was lost
            yield self._worker()

        return opened

    def _worker(self) -> Opened:
        if self._timer:
            self._timer.cancel()
        if self._opened is None:
            self._stack = contextlib.ExitStack()
            self._opened = self._stack.enter_context(executors.local(1, 1))
        return self._opened

    def _rest(self) -> None:
        self._timer = threading.Timer(_IDLE_SECONDS, self.close)
        self._timer.daemon = True
        self._timer.start()

    def close(self) -> None:
        """Ends the worker; the next submission gets another."""
        with self._lock:
            stack, self._stack, self._opened = self._stack, None, None
            if stack is not None:
                stack.close()


desk = GradingDesk()
atexit.register(desk.close)

