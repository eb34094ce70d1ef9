"""A mistake in a hidden suite that shows only when it runs, as its author should read it: file, line, error, remedy.

A suite runs as a copy under a name of its own (grading/suite.py); the lines of the copy are those of the suite.
"""

from __future__ import annotations

import ast
import re

from autograder.errors import AuthoringError
from autograder.grading.failure_text import lines_in_copy
from autograder.grading.suite_file import Suite
from autograder.model import Outcome, Report, TestResult

_DOTTED = re.compile(r"\A(?:\w+\.)+(?=[A-Z])")
_REFUSED = "ProbeRefused: "


def mistake_on_solution(suite: Suite, report: Report) -> AuthoringError | None:
    """Why the suite broke when the solution was graded, which is no fault of a student's; None if it did not.

    Args:
        report: of the solution.
    """
    broken = [t for q in report.questions for t in q.tests if t.outcome == Outcome.GRADER_FAULT]
    if not broken:
        return None
    test, error = broken[0], _error(broken[0])
    if error.startswith(_REFUSED):
        problem, _, remedy = error.removeprefix(_REFUSED).partition(". ")
        remedy = remedy or "Correct the line."
        return AuthoringError(suite.path, f"{test.id}: {problem.rstrip('.')}.", remedy, line=_line(suite, test))
    problem = f"{test.id} breaks on the solution: {error.rstrip('.')}."
    remedy = f"Correct the suite; `pytest {suite.path}` shows the whole traceback."
    return AuthoringError(suite.path, problem, remedy, line=_line(suite, test))


def in_words(suite: Suite, test: TestResult) -> str:
    """Where and why a test ended: "test_lab.py:34: NameError: name 'x' is not defined"."""
    error = _error(test) if test.outcome == Outcome.GRADER_FAULT else test.message or _error(test)
    return f"{suite.path.name}:{_line(suite, test)}: {error or test.outcome}"


def _error(test: TestResult) -> str:
    """The exception that ended a test, in one line; "" if nothing was written down."""
    last: list[str] = []
    for line in test.staff_detail.splitlines():
        if line.startswith("E   "):
            last.append(line[4:])
        elif last and line.strip():
            last = []
    return _DOTTED.sub("", " ".join(" ".join(last).split()))


def _line(suite: Suite, test: TestResult) -> int:
    """The last line of the suite that was being run, else that of the test."""
    return (lines_in_copy(test.staff_detail) or [_line_of_test(suite, test.id)])[-1]


def _line_of_test(suite: Suite, test_id: str) -> int:
    names = test_id.partition("[")[0].split("::")
    for node in ast.walk(ast.parse(suite.text)):
        if isinstance(node, ast.ClassDef) and node.name == names[0]:
            return next((n.lineno for n in node.body if getattr(n, "name", "") == names[-1]), node.lineno)
    return 1

