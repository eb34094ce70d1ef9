"""Hidden suites as ordinary pytest in the trusted process, and how a test's end becomes a result.

A suite is copied to a file named by its content before pytest sees it: two weeks' suites of one name, or one suite before and
after an edit, can then never be taken for each other in one process. What was collected is checked against that name.
"""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import os
import re
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from autograder import temporary
from autograder.errors import AuthoringError, GraderFault
from autograder.grading.assertions import Mismatch, start_noting
from autograder.grading.decorators import Mark, mark_of
from autograder.grading.draws import Draws, test_seed
from autograder.grading.failure_text import failure_text, lines_in_copy
from autograder.grading.literals import arrived
from autograder.grading.repeating import MOST_CHARS, expression, program
from autograder.grading.showing import show
from autograder.grading.suite_file import Suite
from autograder.model import Call, Outcome, TestResult
from autograder.notebook.time_limit import TookTooLong, at_most
from autograder.sandbox.process import JailError
from autograder.sandbox.remote import CallRecord, NameMissing, NothingRaised, Recorder, Student, StudentError
from autograder.sandbox.wire import printable
from autograder.sandbox.workspace import BudgetSpent, Workspace

_SHOWN_CALLS, _MOST_NAMES = 3, 200
_EARLIER_CHARS = 8_000  # of the program of a call that was not the last one
_REVIEW = "JAX failed inside itself, perhaps by this machine's fault: {fault}"
_ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}\b")
_FROM_THEIR_VALUES = (TypeError, ValueError, KeyError, IndexError, AttributeError, ArithmeticError, MemoryError)
# Processor time of this side for one test: what a returned value may cost whoever computes with it before its shape is checked.
_TEST_CPU_SECONDS = 120.0
_WRITING_CPU_SECONDS = 20.0  # for writing down how it went; `show` bounds its work by size, so this is the second net
_TOO_LARGE = "What your function returned is too large to be checked in the time there is."
PYTEST_OPTIONS = [
    "--disable-plugin-autoload", "-p", "no:cacheprovider", "-p", "no:terminal", "-p", "no:faulthandler", "-p", "no:doctest",
    "-p", "no:unittest", "-p", "no:logging", "-p", "no:junitxml", "-p", "no:pastebin", "-p", "no:stepwise", "-p", "no:setuponly",
    "-p", "no:setupplan", "-p", "no:unraisableexception", "-p", "no:threadexception",
    "-p", "no:debugging", "-p", "no:legacypath", "-p", "no:nose", "--capture=no",
    "--import-mode=importlib", "-o", "addopts=", "-W", "ignore",
]  # fmt: skip


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


# -------------------------------------------------------------------------------------------------------- run a suite


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


# -------------------------------------------------------------------------------------------------- one test, one result


def run_case(item: Any, case: TestCase, running: Running) -> TestResult:
    if case.question in running.lost:
        return _result(case, Outcome.NOT_RUN, message=running.lost[case.question])
    running.recorder.begin()
    running.workspace.relieve()
    notes = start_noting()
    began = time.monotonic()
    if case.mark.fresh_state:
        running.workspace.restart()
    excinfo = _within_time(item)
    broken = running.recorder.broken
    error = excinfo.value if excinfo is not None else None
    if broken is not None:
        # Whatever the test made of it: a process that died or hung is no pass.
        error = broken
    ours = excinfo is not None and Path(excinfo.traceback[-1].path) != Path(item.path)
    outcome, message, trace = _judge(error, running.recorder, ours)
    if broken is not None and outcome is Outcome.FAILED:
        running.lost[case.question] = "Not run: an earlier test of this question had ended the process."
    elif outcome is Outcome.NOT_RUN:
        running.lost[case.question] = message
    seconds = round(time.monotonic() - began, 3)
    passed = outcome is Outcome.PASSED
    fault = running.recorder.library_fault or running.workspace.library_fault
    review = _REVIEW.format(fault=printable(fault)) if fault and not passed else ""
    try:
        with at_most(_WRITING_CPU_SECONDS):
            return _result(
                case,
                outcome,
                message=message,
                calls=() if passed else _shown_calls(running.recorder.calls, running.x64),
                traceback=trace,
                review=review,
                seconds=seconds,
                names=() if passed else tuple(sorted(running.recorder.names)[:_MOST_NAMES]),
                comparisons=tuple(note.written(running.in_full or not passed) for note in notes),
                staff_detail="" if excinfo is None or passed else _repeatable(excinfo, item.path)[-6000:],
            )
    except TookTooLong:
        return _result(case, outcome, message=message or _TOO_LARGE, traceback=trace, review=review, seconds=seconds)


def _within_time(item: Any) -> pytest.ExceptionInfo | None:
    """The test's first failure, or None; a test that takes too long fails, wherever the bound finds it."""
    try:
        with at_most(_TEST_CPU_SECONDS):
            return _execute(item)
    except TookTooLong as error:  # between two phases, where pytest does not catch it
        return pytest.ExceptionInfo.from_exception(error)


def _repeatable(excinfo: pytest.ExceptionInfo, copy: Path) -> str:
    """The failure's text without what differs from run to run: the private copy's folder, addresses of objects."""
    return _ADDRESS.sub("0x...", failure_text(excinfo, copy).replace(str(copy), copy.name))


def _result(case: TestCase, outcome: Outcome, **more: Any) -> TestResult:
    mark = case.mark
    return TestResult(
        id=case.id, question=case.question, title=case.title, hint=case.hint, outcome=outcome, weight=mark.weight,
        gated=mark.gated, **more,
    )  # fmt: skip


def _execute(item: Any) -> pytest.ExceptionInfo | None:
    """Setup, call and teardown of one pytest item: the first failure, or None.

    pytest's own protocol would log, hide the exception, and write a text of it for every failure.
    """
    hooks = item.ihook
    item._initrequest()
    failed = _failure(lambda: hooks.pytest_runtest_setup(item=item), "setup")
    if failed is None:
        failed = _failure(lambda: hooks.pytest_runtest_call(item=item), "call")
    # nextitem=None: everything is torn down, so that a test may be left out without upsetting the next one.
    torn = _failure(lambda: hooks.pytest_runtest_teardown(item=item, nextitem=None), "teardown")
    return failed or torn


def _failure(phase: Callable[[], None], when: Any) -> pytest.ExceptionInfo | None:
    return pytest.CallInfo.from_call(phase, when, reraise=(pytest.exit.Exception, KeyboardInterrupt)).excinfo


def _judge(error: BaseException | None, recorder: Recorder, ours: bool) -> tuple[Outcome, str, str]:
    """Outcome, the line that the student reads, and the student's own traceback.

    `ours` says that the exception arose outside the suite's file: a plain assert there is none of the author's.
    """
    if error is None:
        return Outcome.PASSED, "", ""
    if isinstance(error, BudgetSpent):
        return Outcome.NOT_RUN, str(error), ""
    if isinstance(error, JailError):
        return Outcome.FAILED, str(error), ""
    if isinstance(error, NameMissing):
        return Outcome.FAILED, printable(f"The notebook does not define `{error.name}`."), ""
    if isinstance(error, NothingRaised):
        return Outcome.FAILED, printable(f"Your code should raise {error.wanted} here. It raised nothing."), ""
    if isinstance(error, StudentError):
        if error.unsolved:
            return Outcome.FAILED, "Not solved yet: the function still raises NotImplementedError.", ""
        return Outcome.FAILED, printable(f"{_blame(error)} {error}", 1000), printable(error.trace)
    if isinstance(error, Mismatch):
        return Outcome.FAILED, printable(error.public, 1000), ""
    if isinstance(error, AssertionError) and not ours:
        return Outcome.FAILED, "", ""
    answered = any(record.answered for record in recorder.calls)
    if isinstance(error, TookTooLong) and answered:
        return Outcome.FAILED, _TOO_LARGE, ""
    if answered and (isinstance(error, _FROM_THEIR_VALUES) or "RESOURCE_EXHAUSTED" in str(error)[:200]):
        return Outcome.FAILED, "What your function returned does not have the form that its docstring asks for.", ""
    return Outcome.GRADER_FAULT, "The grader failed here; no marks are lost, and the staff have been told.", ""


def _blame(error: StudentError) -> str:
    if error.library:
        return "JAX failed inside itself here. That need not be your code's fault, and the course staff will look at it. It said:"
    return "Your code raised"


def _shown_calls(calls: Sequence[CallRecord], x64: bool) -> tuple[Call, ...]:
    """The last calls of a test. The last one may be as long as it is; those before it are rarely asked for."""
    first, last = max(0, len(calls) - _SHOWN_CALLS), len(calls) - 1
    return tuple(_shown(calls, i, x64, MOST_CHARS if i == last else _EARLIER_CHARS) for i in range(first, last + 1))


def _shown(calls: Sequence[CallRecord], index: int, x64: bool, most: int) -> Call:
    record = calls[index]
    return Call(
        expression=printable(expression(record), 200),
        inputs=tuple((printable(name, 80), show(arrived(value, x64))) for name, value in record.inputs[:12]),
        output=show(record.output) if record.answered else "",
        error=printable(record.error, 1000),
        program="" if record.unsolved else program(calls, index, x64, most),
    )


def seeds_for(secret: bytes, assignment: str, epoch: str) -> Callable[[TestCase], int]:
    """The seed of each test of an assignment in an epoch."""
    return lambda case: test_seed(secret, assignment, case.question, case.id, epoch)
