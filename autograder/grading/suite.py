"""Hidden suites as ordinary pytest in the trusted process: collected from a copy of their own, and run on one student.

A suite is copied to a file named by its content before pytest sees it: two weeks' suites of one name, or one suite before and
after an edit, can then never be taken for each other in one process. What was collected is checked against that name.
"""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import os
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder import temporary
from autograder.errors import AuthoringError, GraderFault
from autograder.grading.cases import Attempt, Running, TestCase
from autograder.grading.decorators import mark_of
from autograder.grading.draws import Draws
from autograder.grading.failure_text import lines_in_copy
from autograder.grading.judging import run_case
from autograder.grading.suite_file import Suite
from autograder.model import TestResult
from autograder.sandbox.remote import Student

PYTEST_OPTIONS = [
    "--disable-plugin-autoload", "-p", "no:cacheprovider", "-p", "no:terminal", "-p", "no:faulthandler", "-p", "no:doctest",
    "-p", "no:unittest", "-p", "no:logging", "-p", "no:junitxml", "-p", "no:pastebin", "-p", "no:stepwise", "-p", "no:setuponly",
    "-p", "no:setupplan", "-p", "no:unraisableexception", "-p", "no:threadexception",
    "-p", "no:debugging", "-p", "no:legacypath", "-p", "no:nose", "--capture=no",
    "--import-mode=importlib", "-o", "addopts=", "-W", "ignore",
]  # fmt: skip


def run_suite(suite: Suite, running: Running, only: Callable[[TestCase], bool] | None = None,
              first: Callable[[Attempt], Collection[str]] | None = None) -> list[TestResult]:  # fmt: skip
    """Runs the suite on one student.

    Args:
        suite: the hidden suite.
        running: the student and where to write results.
        only: which tests to run; all if None.
        first: called before, with a way to try tests; returns the ids of those that need not run any more.

    Returns:
        One result per selected test, in the order of the file.

    Raises:
        AuthoringError: the suite cannot be collected.
        GraderFault: another suite than `suite` was collected, or a test vanished.
    """
    plugin = SuitePlugin(running, only, first)
    under_pytest(suite, plugin)
    if len(running.results) + len(plugin.done) != len(plugin.selected):
        raise GraderFault(f"{suite.path}: {len(plugin.selected)} tests collected, {len(running.results)} results")
    return running.results


def collect_suite(suite: Suite) -> list[TestCase]:
    """The tests of a suite, without running them.

    Raises:
        AuthoringError: the suite cannot be collected.
    """
    plugin = SuitePlugin(None, None)
    under_pytest(suite, plugin)
    return [case for _, case in plugin.selected]


def under_pytest(suite: Suite, plugin: SuitePlugin) -> None:
    """Collects the suite and lets `plugin` run what it wants of it.

    Raises:
        AuthoringError: the suite cannot be collected.
        GraderFault: another suite than `suite` was collected.
    """
    with private_copy(suite) as copy, quietly():
        folders = [f"--rootdir={copy.parent}", f"--confcutdir={copy.parent}"]
        status = pytest.main([*PYTEST_OPTIONS, *folders, str(copy)], plugins=[plugin])
    if plugin.interrupted:  # pytest keeps Ctrl-C to itself
        raise KeyboardInterrupt
    if plugin.collection_errors:
        text = plugin.collection_errors[0]
        said = (text.splitlines() or ["collection failed"])[-1].removeprefix("E").strip().rstrip(".")
        line = (lines_in_copy(text) or [1])[-1]
        raise AuthoringError(suite.path, f"the suite cannot be imported: {said}.", "Correct the line.", line=line)
    if plugin.module_sha256 != suite.sha256:
        raise GraderFault(f"another suite than {suite.path} was collected (pytest said {status}); run the command again")


_copies: dict[str, Path] = {}
_in_use: Counter[Path] = Counter()


@contextlib.contextmanager
def private_copy(suite: Suite) -> Iterator[Path]:
    """The suite under a name that no other content has, in a folder that only we can read; on the disk only while it is in use.

    The path stays the same while this process lives: pytest then finds the module loaded, and its functions stay compiled from
    one submission to the next.
    """
    path = _copies.get(suite.sha256)
    if path is None:
        name = f"suite_{suite.sha256[:24]}"
        path = _copies[suite.sha256] = temporary.own_folder() / name / f"{name}.py"
    if not _in_use[path]:
        temporary.own_folder()
        path.parent.mkdir(0o700, exist_ok=True)
        path.write_bytes(suite.text)
    _in_use[path] += 1
    try:
        yield path
    finally:
        _in_use[path] -= 1
        if not _in_use[path]:
            shutil.rmtree(path.parent, ignore_errors=True)


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """pytest prints its complaints; ours are typed errors. No .pyc may be written beside a suite."""
    before = sys.dont_write_bytecode
    sys.dont_write_bytecode = True
    try:
        with open(os.devnull, "w") as null, contextlib.redirect_stderr(null):
            yield
    finally:
        sys.dont_write_bytecode = before


class Fixtures:
    """The fixtures of a hidden suite. Subclasses say whose `running` it is."""

    running: Running | None = None

    @pytest.fixture
    def student(self) -> Student:
        """The submission's notebook in its jail."""
        assert self.running is not None
        return self.running.student

    @pytest.fixture
    def seed(self, request) -> int:
        """An integer drawn for this test from the course's secret and the epoch."""
        assert self.running is not None
        return self.running.seed_of(case_of(request.node))

    @pytest.fixture
    def rng(self, seed: int) -> Draws:
        """Random numbers that both sides hold exactly."""
        return Draws(seed)

    @pytest.fixture
    def key(self, seed: int) -> Any:
        """A typed JAX PRNG key."""
        import jax  # here, for a command that only reads what was graded does without it

        return jax.random.key(seed)


class SuitePlugin(Fixtures):
    """Collects one suite, and runs the tests that `only` selects on the student of `running`."""

    def __init__(self, running: Running | None, only: Callable[[TestCase], bool] | None,
                 first: Callable[[Attempt], Collection[str]] | None = None):  # fmt: skip
        self.running, self._only, self._first = running, only, first
        self.done: frozenset[str] = frozenset()
        self.selected: list[tuple[pytest.Item, TestCase]] = []
        self.collection_errors: list[str] = []
        self.module_sha256 = ""
        self.interrupted = False

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo) -> None:
        self.interrupted = excinfo.errisinstance(KeyboardInterrupt)

    def pytest_collectreport(self, report) -> None:
        if report.failed:
            self.collection_errors.append(str(report.longrepr).strip())

    def pytest_collection_modifyitems(self, items: list) -> None:
        for item in items:
            case = case_of(item)
            if self.running is not None:
                self.running.order.append(case.id)
            if self._only is None or self._only(case):
                self.selected.append((item, case))
        if items:
            self.module_sha256 = hashlib.sha256(Path(items[0].path).read_bytes()).hexdigest()
            if self.module_sha256[:24] not in items[0].module.__name__:
                self.module_sha256 = f"module {items[0].module.__name__}"

    def pytest_runtestloop(self, session) -> bool:
        if self.running is None or self.collection_errors:
            return True
        if self._first is not None:
            self.done = frozenset(self._first(self._attempt))
        waiting = [(item, case) for item, case in self.selected if case.id not in self.done]
        left = Counter(case.question for _, case in waiting)
        for question in {case.question for _, case in self.selected} - left.keys():
            self.running.ended(question)
        for item, case in waiting:
            self.running.results.append(run_case(item, case, self.running))
            left[case.question] -= 1
            if not left[case.question]:
                self.running.ended(case.question)
        return True

    def _attempt(self, only: Callable[[TestCase], bool], running: Running) -> list[TestResult]:
        """Results of some of the selected tests on `running`, which is told as the run's own while they last."""
        mine, self.running = self.running, running
        try:
            return [run_case(item, case, running) for item, case in self.selected if only(case)]
        finally:
            self.running = mine


def case_of(item: Any) -> TestCase:
    """The test behind a pytest item, with its marks and the author's words."""
    mark = mark_of(item.function, item.cls)
    title, hint = _words(item.function, item.name)
    return TestCase(item.nodeid.split("::", 1)[-1], mark, title, hint)


def _words(fn: Any, name: str) -> tuple[str, str]:
    text = inspect.getdoc(fn) or name.removeprefix("test_").replace("_", " ")
    title, _, rest = text.partition("\n")
    return title.strip(), rest.strip()
