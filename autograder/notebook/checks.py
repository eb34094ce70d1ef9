"""An author's public check cells as the text of one otter test file (exception style, OK_FORMAT False) per question.

The text is public: it travels in the student notebook's metadata and runs in the student's kernel, under otter or under
course_lib/checks.py. otter fills a test's arguments by name from the notebook's namespace, so what a check reads
becomes its arguments. No hidden test ever passes through here.
"""

from __future__ import annotations

import ast
import textwrap

from autograder.errors import AuthoringError
from autograder.notebook import python_cells
from autograder.notebook.source_cells import Role, SourceCell, SourceNotebook

PASSED = "The public check passes. Hidden tests follow when your notebook is graded: they decide the marks."
# `env` is otter's own argument (the whole namespace); `test_case` and `name` would shadow the frame of the test file.
_RESERVED = ("env", "test_case", "name", "points", "OK_FORMAT")


def otter_tests(notebook: SourceNotebook) -> dict[str, str]:
    """Question id -> test file text, for every question with check cells, in the notebook's order.

    Raises:
        AuthoringError: a check that asserts nothing, asserts without a message, or cannot become a function.
    """
    tests = {}
    for question in notebook.assignment.questions:
        cells = notebook.of(Role.CHECK, question.id)
        if cells:
            tests[question.id] = test_text(notebook, question.id, cells)
    return tests


def test_text(notebook: SourceNotebook, question_id: str, cells: tuple[SourceCell, ...]) -> str:
    """One otter test file; one test case per check cell. Raises AuthoringError as `otter_tests` does."""
    parts = [
        "OK_FORMAT = False",
        "from otter.test_files import test_case",
        f"name = {question_id!r}",
        "points = 0",
    ]
    for number, cell in enumerate(cells, 1):
        _check_asserts(notebook, cell)
        title = question_id if len(cells) == 1 else f"{question_id} {number} of {len(cells)}"
        success = f", success_message={PASSED!r}" if number == len(cells) else ""
        parts.append(f"\n@test_case(name={title!r}, points=0{success})")
        parts.append(_function(notebook, cell, f"check_{question_id}_{number}"))
    return "\n".join(parts) + "\n"


test_text.__test__ = False  # pytest must not collect it where it is imported


def _function(notebook: SourceNotebook, cell: SourceCell, name: str) -> str:
    body = _indented(python_cells.python_text(cell.source).strip("\n"))
    try:
        arguments = python_cells.free_names(f"def {name}():\n{body}")
    except SyntaxError as error:
        raise AuthoringError(
            notebook.path,
            f"the check cannot become a function: {error.msg}.",
            "Import at the top, without `*`.",
            cell.index,
            notebook.lines.of(cell.index, max(1, (error.lineno or 2) - 1)),
        ) from None
    for argument in arguments:
        if argument in _RESERVED:
            problem = f"the check reads {argument!r}, a name that the file of checks needs."
            line = notebook.lines.of(cell.index)
            raise AuthoringError(notebook.path, problem, "Give that name another one.", cell.index, line)
    return f"def {name}({', '.join(arguments)}):\n{body}"


def _indented(text: str) -> str:
    """`text` four columns to the right, leaving the inside of multi-line strings as it is."""
    inside: set[int] = set()
    for node in ast.walk(python_cells.parse_text(text)):
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)):
            inside.update(range(node.lineno + 1, (node.end_lineno or node.lineno) + 1))
    lines = text.split("\n")
    return "\n".join(
        line if number in inside or not line.strip() else textwrap.indent(line, "    ") for number, line in enumerate(lines, 1)
    )


def _check_asserts(notebook: SourceNotebook, cell: SourceCell) -> None:
    asserts = [n for n in ast.walk(python_cells.parse_cell(cell.source)) if isinstance(n, ast.Assert)]
    if not asserts:
        line, remedy = notebook.lines.of(cell.index), 'Write assert ..., "what it means".'
        raise AuthoringError(notebook.path, "the check asserts nothing.", remedy, cell.index, line)
    for node in asserts:
        if node.msg is None or (isinstance(node.msg, ast.Constant) and not node.msg.value):
            raise AuthoringError(
                notebook.path,
                "the assert has no message.",
                "Add one that names the misconception: it is all a student sees.",
                cell.index,
                notebook.lines.of(cell.index, node.lineno),
            )
