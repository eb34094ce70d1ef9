"""Cells have the numbers that Jupyter shows beside them."""

from __future__ import annotations

import nbformat
import pytest
from kernel import run
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.notebook.submission import parse_submission
from course_lib.cell_places import first_line, numbers, place

CELLS = [
    new_markdown_cell("# Title"),
    new_code_cell("x = 1"),
    new_code_cell("  \n"),
    new_code_cell("# a comment alone"),
    new_markdown_cell("text"),
    new_code_cell("%matplotlib inline"),
    new_code_cell("1 / 0", metadata={"tags": ["raises-exception"]}),
    new_code_cell("# a comment\n\n@mark\ndef f(x):\n    return x"),
    new_code_cell(""),
    new_code_cell("y = 2"),
]


def test_numbers_are_those_of_a_real_kernel_that_runs_all(tmp_path):
    executed = run(new_notebook(cells=[c.copy() for c in CELLS[:7] + CELLS[9:]]), tmp_path / "x.ipynb")
    shown = [c.get("execution_count") or 0 for c in executed.cells]
    assert numbers((c.cell_type, c.source) for c in executed.cells) == shown


def test_a_submission_counts_alike():
    notebook = parse_submission(nbformat.writes(new_notebook(cells=CELLS)).encode(), "x.ipynb")
    assert notebook.numbers == {1: 1, 3: 2, 5: 3, 6: 4, 7: 5, 9: 6}
    assert notebook.place(5) == "cell 5 (`@mark`)" and notebook.place(2) == "cell 2 (`# a comment alone`)"


@pytest.mark.parametrize(("source", "line"), [
    ("\n\n# why\n  x =   1\ny", "x = 1"), ("# only this", "# only this"), ("", ""), ("x" * 99, "x" * 57 + "..."),
])  # fmt: skip
def test_the_first_line_that_is_no_comment(source, line):
    assert first_line(source) == line


def test_a_cell_without_a_number_is_named_by_its_words():
    assert place(0, "Some `words`") == "the cell that begins `Some 'words'`" and place(0, " ") == "an empty cell"
