"""Notebooks written elsewhere, through the commands: what was missing is told, and costs nothing by itself."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from grading_commands import DOUBLE, TRIPLE, autograder, reports, score, week_of
from nbformat.v4 import new_code_cell, new_notebook


@pytest.fixture
def week(small_course):
    return week_of(small_course)


def notebook(*cells: str) -> str:
    made = new_notebook(cells=[new_code_cell(c) for c in cells], metadata={"autograder": {"assignment": "week01/lab"}})
    return nbformat.writes(made)


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_what_was_missing_is_told_and_a_cell_that_costs_most_is_put_before_the_staff(week, tmp_path):
    folder = write(
        tmp_path / "in",
        {
            "colab.ipynb": notebook("from google.colab import drive\ndrive.mount('/x')\nimport jax", DOUBLE, TRIPLE),
            "gpu.ipynb": notebook("import jax\njax.config.update('jax_platform_name', 'gpu')", DOUBLE, TRIPLE),
            "needs.ipynb": notebook("import torchx", DOUBLE, "def triple(x):\n    return torchx.tensor(3) * x"),
            "costly.ipynb": notebook(
                "import numpy as np\nrate = 1 / 0\nfrom functools import cache as mark", f"@mark\n{DOUBLE}", f"@mark\n{TRIPLE}"
            ),
            "typo.ipynb": notebook(f"{DOUBLE}\n{TRIPLE}\ndef third(x:\n    return x"),
        },
    )
    said = autograder(week, "grade", "week01/lab", "--from", folder, "--ignore-late", "--no-gradebook").stdout
    found = reports(week)
    assert {n: score(r) for n, r in found.items()} == {"colab": 4, "gpu": 4, "needs": 2, "costly": 0, "typo": 0}
    assert found["colab"]["notes"] == ["`google.colab` does nothing where this is graded, and nothing was taken for it (cell 0)."]
    assert "`jax_platform_name` (cell 0)" in found["gpu"]["notes"][0]
    assert not found["colab"]["needs_review"] and not found["gpu"]["needs_review"]
    assert "1 question has no points, and `torchx` is not installed" in found["needs"]["needs_review"][0]
    assert found["costly"]["needs_review"][0].startswith("one cell's error costs 2 of 2 questions: cell 0, ZeroDivisionError")
    assert found["typo"]["needs_review"][0].startswith("one cell's error costs 2 of 2 questions: cell 0, SyntaxError")
    flat = " ".join(said.split())
    assert "! costly: one cell's error costs 2 of 2 questions: cell 0, ZeroDivisionError" in flat
    page = (week.root / "grades/week01/lab/class.html").read_text()
    assert "one cell&#39;s error costs 2 of 2 questions" in page and "google.colab" in page
    student = (week.root / "grades/week01/lab/feedback/needs.html").read_text()
    assert "torchx" in student and "A person should look" not in student
