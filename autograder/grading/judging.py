"""One test run on one student, and how its end becomes a result: what the student reads, and the calls that led to it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from autograder.grading.assertions import Mismatch, start_noting
from autograder.grading.cases import Running, TestCase
from autograder.grading.failure_text import failure_text
from autograder.grading.literals import arrived
from autograder.grading.repeating import MOST_CHARS, expression, program
from autograder.grading.showing import show
from autograder.model import Call, Outcome, TestResult
from autograder.notebook.time_limit import TookTooLong, at_most
from autograder.sandbox.call_records import CallRecord, Recorder
from autograder.sandbox.errors import JailError, NameMissing, NothingRaised, StudentError
from autograder.sandbox.wire import printable
from autograder.sandbox.workspace import BudgetSpent

_SHOWN_CALLS, _MOST_NAMES = 3, 200
_EARLIER_CHARS = 8_000  # of the program of a call that was not the last one
_REVIEW = "JAX failed inside itself, perhaps by this machine's fault: {fault}"
_ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}\b")
_FROM_THEIR_VALUES = (TypeError, ValueError, KeyError, IndexError, AttributeError, ArithmeticError, MemoryError)
# Processor time of this side for one test: what a returned value may cost whoever computes with it before its shape is checked.
_TEST_CPU_SECONDS = 120.0
_WRITING_CPU_SECONDS = 20.0  # for writing down how it went; `show` bounds its work by size, so this is the second net
_TOO_LARGE = "What your function returned is too large to be checked in the time there is."


def run_case(item: Any, case: TestCase, running: Running) -> TestResult:
    """Runs one collected test, whose pytest item is `item`."""
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
