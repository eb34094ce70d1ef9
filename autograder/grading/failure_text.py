"""What the staff read of a failed test: each visible frame with its function up to the line that failed, then the exception.

pytest's own text says as much, but parses the whole suite again for every failure: with the suite of week 3 that was a fifth of
what grading a submission costs.
"""

from __future__ import annotations

import linecache
import re
import traceback
import types
from collections.abc import Iterator
from pathlib import Path

import pytest

_MOST_IN_A_CHAIN = 5
_CAUSE = "The above exception was the direct cause of the following exception:"
_CONTEXT = "During handling of the above exception, another exception occurred:"
# The copy that a suite runs as (grading/suite.py): pytest and Python write its lines in these two ways.
_IN_COPY = re.compile(r'suite_[0-9a-f]{24}\.py(?::|", line )(\d+)')


def failure_text(excinfo: pytest.ExceptionInfo, suite: Path) -> str:
    """The failure as text.

    Args:
        excinfo: of the test that failed.
        suite: the suite's file, as it was run. Of its functions the source is shown; of other frames the one line.

    Returns:
        Frames from the suite's first on, those with `__tracebackhide__` left out; lines of the exception begin with "E".
    """
    parts = []
    for error, how in reversed(list(_chain(excinfo.value))):
        parts.append(_one(error, suite))
        if how:
            parts.append(how)
    return "\n\n".join(parts)


def _chain(error: BaseException) -> Iterator[tuple[BaseException, str]]:
    """The exception and those that led to it, newest first, each with what links it to the next newer one."""
    how, current = "", error
    for _ in range(_MOST_IN_A_CHAIN):
        yield current, how
        if current.__cause__ is not None:
            current, how = current.__cause__, _CAUSE
        elif current.__context__ is not None and not current.__suppress_context__:
            current, how = current.__context__, _CONTEXT
        else:
            return


def _one(error: BaseException, suite: Path) -> str:
    lines = []
    for frame, summary in _visible(error, suite):
        lines += [*_frame(frame, summary, suite), ""]
    said = "".join(traceback.format_exception_only(error)).rstrip("\n").split("\n")
    return "\n".join([*lines, *(f"E   {line}" for line in said)])


def _visible(error: BaseException, suite: Path) -> Iterator[tuple[types.FrameType, traceback.FrameSummary]]:
    """The frames from the suite's first on (all, if it is in none) that do not hide themselves, as pytest understands it."""
    walked = list(zip(traceback.walk_tb(error.__traceback__), traceback.extract_tb(error.__traceback__), strict=True))
    first = next((n for n, (_, summary) in enumerate(walked) if summary.filename == str(suite)), 0)
    for (frame, _), summary in walked[first:]:
        hide = frame.f_locals.get("__tracebackhide__", frame.f_globals.get("__tracebackhide__", False))
        if not (hide(pytest.ExceptionInfo.from_exception(error)) if callable(hide) else hide):
            yield frame, summary


def _frame(frame: types.FrameType, summary: traceback.FrameSummary, suite: Path) -> list[str]:
    failed, last = summary.lineno or 1, summary.end_lineno or summary.lineno or 1
    first = frame.f_code.co_firstlineno if summary.filename == str(suite) else failed
    source = linecache.getlines(summary.filename)[first - 1 : last]
    shown = [f"{'>' if first + n == failed else ' '}   {line.rstrip()}" for n, line in enumerate(source)]
    return [*shown, f"{Path(summary.filename).name}:{failed}: in {summary.name}"]


def lines_in_copy(text: str) -> list[int]:
    """The lines of the suite that a failure's text names, in its order."""
    return [int(n) for n in _IN_COPY.findall(text)]
