"""What `grader.submit()` warns of before a notebook is handed in, on notebooks as students have them."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from course_lib.hand_in_warnings import warnings

LAB = "week03/lab"


def code(text: str, **more) -> dict:
    return {"cell_type": "code", "source": text, "metadata": {}, **more}


@pytest.fixture
def told(tmp_path):
    """The warnings about cells, in a file of the given name, with other notebooks of the assignment beside it."""

    def _told(*cells: dict, name: str = "lab.ipynb", beside: dict[str, int] | None = None) -> str:
        content = {"cells": list(cells), "metadata": {"autograder": {"assignment": LAB}}}
        for other, when in {name: 1000, **(beside or {})}.items():
            (tmp_path / other).write_text(json.dumps(content))
            os.utime(tmp_path / other, (when, when))
        return "\n".join(warnings(content, str(tmp_path / name), LAB, ["swish", "Tower"]))

    return _told


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("n = int(input('n? '))\ndef swish(x): ...", "input()"),
        ("import getpass\nkey = getpass.getpass()", "getpass()"),
        ("from getpass import getpass\nkey = getpass()", "getpass()"),
        ("def ask():\n    return input()", "input()"),
        ("%matplotlib inline\nx = input()", "input()"),
    ],
)
def test_what_waits_for_somebody(told, text, asks):
    blank = {"cell_type": "code", "source": "  ", "metadata": {}}
    title = {"cell_type": "markdown", "source": "# Title", "metadata": {}}
    assert re.search(rf"Cell 2 \(`.+`\) asks for .* \({re.escape(asks)}\)", told(title, code("x = 1"), blank, code(text)))


@pytest.mark.parametrize(
    "text", ["model.input(x)", "# input()", "'input()'", "inputs = f(input_shape)", "def swish(x):\n    return x"]
)
def test_what_does_not(told, text):
    assert told(code(text), {"cell_type": "markdown", "source": "call input()", "metadata": {}}) == ""


def test_cells_of_an_unknown_kind_and_marks_of_a_merge(told):
    merged = "<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> theirs"
    lines = told({"cell_type": "sql", "source": "SELECT 1"}, code(merged), {"source": ["x"]}).split("\n")
    begins = [line.split(" is of a kind")[0].split(" holds")[0] for line in lines]
    assert begins == ["The cell that begins `SELECT 1`", "Cell 1 (`<<<<<<< HEAD`)", "The cell that begins `x`"]
    assert "merge conflict" in lines[1] and "'sql'" in lines[0]


def test_a_question_answered_twice(told):
    line = told(
        code("def swish(x):\n    return 1"), code("class Tower: ...\ndef helper(): ..."), code("def swish(x):\n    return 2")
    )
    places = "cell 1 (`def swish(x):`) and cell 3 (`def swish(x):`)"
    assert line == f"`swish` is defined 2 times, in {places}; the last one counts. Delete the others."


@pytest.mark.parametrize(
    "name",
    [
        "lab (1).ipynb",
        "Copy of lab.ipynb",
        "Kopie von lab.ipynb",
        "lab - Kopie.ipynb",
        "lab-Copy1.ipynb",
        "lab copy 2.ipynb",
        "lab 2.ipynb",
        "lab (conflicted copy 2026-04-02).ipynb",
        "lab_final.ipynb",
        "lab-checkpoint.ipynb",
        "lab.sync-conflict-20260402-101112-ABC.ipynb",
    ],
)
def test_a_file_that_is_called_like_a_copy(told, name):
    line = told(code("x = 1"), name=name, beside={"lab.ipynb": 2000})
    assert f"called {name}, like a copy. Beside it lie lab.ipynb." in line


def test_a_newer_notebook_beside_it(told):
    assert "a newer notebook of week03/lab: my lab.ipynb" in told(code("x = 1"), beside={"my lab.ipynb": 2000})
    assert told(code("x = 1"), name="week3.ipynb", beside={"my lab.ipynb": 500, "lab.ipynb": 500}) == ""


def test_notebooks_in_git_lfs(told, tmp_path):
    (tmp_path / ".gitattributes").write_text("*.bin filter=lfs\n*.ipynb filter=lfs diff=lfs merge=lfs -text\n")
    assert "Git LFS" in told(code("x = 1"))
    (tmp_path / ".gitattributes").write_text("*.bin filter=lfs\n*.ipynb text\n")
    assert told(code("x = 1")) == ""


def test_released_notebooks_need_no_warning():
    for path in sorted(Path("assignments").rglob("*.ipynb"))[:6]:
        content = json.loads(path.read_text(encoding="utf-8"))
        assert warnings(content, "", content["metadata"]["autograder"]["assignment"], ["swish", "forward"]) == []
