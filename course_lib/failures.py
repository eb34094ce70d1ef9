"""PUBLIC: what a student reads about an exception that stopped a public check: the author's words before Python's."""

from __future__ import annotations

import ast
import traceback
import types
from dataclasses import dataclass

CHECK_FILE, OTTER_FILE = "<check>", "notebook.ipynb"  # file names that the test text is compiled under
_MAX_MESSAGE = 2000


@dataclass(frozen=True)
class Failure:
    """One check that did not pass.

    Attributes:
        message: the author's words, or the exception that the student's code raised.
        condition: the check's condition as it is written, or "".
        about: the author's words where the student's code raised before the check could say them, or "".
        where: the line of the notebook that raised, or "".
    """

    message: str
    condition: str = ""
    about: str = ""
    where: str = ""


def failure_of(error: Exception, text: str) -> Failure:
    """What a student should read about an exception that stopped a check."""
    message = str(error).strip()[:_MAX_MESSAGE]
    condition, about = _assert_at(text, error)
    inside = _in_the_notebook(error)
    if isinstance(error, NotImplementedError):
        name, colon, _ = message.partition(": write your code")
        stub = f"{name} is not written yet: replace the line that raises NotImplementedError."
        return Failure(stub if colon else message or "NotImplementedError")
    if isinstance(error, AssertionError) and not inside:
        return Failure(message or "This does not hold.", condition)
    raised = f"{type(error).__name__}: {message}" if message else type(error).__name__
    if inside:
        where = f"{inside[-1].name}, line {inside[-1].lineno} of its cell: {inside[-1].line}"
        return Failure(f"your code raised {raised}", condition, about, where)
    # The check itself could not go on with what the student's code returned: the author's words say what it should be.
    unlike = f"what your code returned is not of the form that is asked for ({raised})"
    return Failure(f"{about} ({raised})" if about else unlike, condition)


def _in_the_notebook(error: Exception) -> list[traceback.FrameSummary]:
    """The frames that lie in the student's cells."""
    walked, told = traceback.walk_tb(error.__traceback__), traceback.extract_tb(error.__traceback__)
    found = []
    for (frame, _), summary in zip(walked, told, strict=True):
        cell = "ipykernel" in summary.filename or summary.filename.startswith(("<ipython-input", "Cell In"))
        theirs = frame.f_globals.get("__name__") == "__main__" and summary.filename not in (CHECK_FILE, OTTER_FILE)
        found += [summary] if cell or theirs else []
    return found


def _assert_at(text: str, error: Exception) -> tuple[str, str]:
    """Condition and message of the assert in which a check stopped; where it stopped before one, the message of the next."""
    frames = [(f, n) for f, n in traceback.walk_tb(error.__traceback__) if f.f_code.co_filename in (CHECK_FILE, OTTER_FILE)]
    if not frames:
        return "", ""
    frame, line = frames[0]
    functions = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef) and n.name == frame.f_code.co_name]
    asserts = [n for f in functions for n in ast.walk(f) if isinstance(n, ast.Assert) and line <= (n.end_lineno or 0)]
    if not asserts:
        return "", ""
    node = min(asserts, key=lambda n: n.lineno)
    covers = node.lineno <= line
    return " ".join((ast.get_source_segment(text, node.test) or "").split()) if covers else "", _message(node, frame)


def _message(node: ast.Assert, frame: types.FrameType) -> str:
    """The author's words, with the values that the check has; "" where it does not have them."""
    if node.msg is None:
        return ""
    try:
        code = compile(ast.Expression(node.msg), CHECK_FILE, "eval")
        return str(eval(code, {**frame.f_globals, **frame.f_locals}))[:_MAX_MESSAGE]
    except Exception:  # whatever a message needs may be what is missing
        return ""
