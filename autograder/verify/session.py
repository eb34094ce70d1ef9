"""A hidden suite collected once, its tests then run again and again, on many versions of one notebook.

Grading collects a suite for every submission. Here thousands of mutants are tried, so pytest's session stays open while a driver
decides which test runs next on what.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograder.grading import suite as grading
from autograder.grading.cases import Running, TestCase
from autograder.grading.judging import run_case
from autograder.grading.suite_file import Suite
from autograder.model import TestResult


class OpenSuite:
    """The collected tests of a suite, while pytest's session is open."""

    def __init__(self, plugin: _DrivenPlugin):
        self._plugin = plugin
        self._items = {case.id: (item, case) for item, case in plugin.selected}

    @property
    def cases(self) -> tuple[TestCase, ...]:
        """All tests, in the order of the file."""
        return tuple(case for _, case in self._items.values())

    def of(self, question: str) -> tuple[TestCase, ...]:
        """The tests of one question."""
        return tuple(case for case in self.cases if case.question == question)

    def run(self, case: TestCase, running: Running) -> TestResult:
        """Runs one test on the notebook that `running` holds; what earlier tests did to the question is forgotten."""
        running.lost.clear()
        self._plugin.running = running
        item, case = self._items[case.id]
        return run_case(item, case, running)


class _DrivenPlugin(grading.SuitePlugin):
    def __init__(self, drive: Callable[[OpenSuite], Any]):
        super().__init__(None, None)
        self._drive = drive
        self.value: Any = None
        self.error: BaseException | None = None

    def pytest_runtestloop(self, session) -> bool:
        if not self.collection_errors:
            try:
                self.value = self._drive(OpenSuite(self))
            except BaseException as e:  # pytest would print it and go on; it is raised again outside
                self.error = e
        return True


def with_suite(suite: Suite, drive: Callable[[OpenSuite], Any]) -> Any:
    """Collects `suite` and calls `drive` with it.

    Returns:
        What `drive` returns.

    Raises:
        AuthoringError: the suite cannot be collected.
        GraderFault: another suite was collected.
        BaseException: whatever `drive` raises.
    """
    plugin = _DrivenPlugin(drive)
    grading.under_pytest(suite, plugin)
    if plugin.error is not None:
        raise plugin.error
    return plugin.value
