"""Written for a newer Python or JAX than those that grade: told to student and staff where it costs points, else not a word.

What a notebook needs here is of Python 3.14 or later, so that these tests mean the same on every Python that grades.
"""

import json
import platform

import pytest
from grading_commands import autograder, week_of

from autograder.grading.one import grade_cells
from autograder.model import Submission
from autograder.notebook.newer_syntax import newer_syntax
from autograder.notebook.submission import parse_submission

HERE = ".".join(platform.python_version_tuple()[:2])
IMPORTS = "import jax.numpy as jnp\nimport numpy as np"
RIGHT = "def double(x):\n    return 2 * x\n\n\ndef triple(x):\n    return 3 * x"
USES = RIGHT.replace("def double(x):\n", "def double(x):\n    {}\n")


def notebook(*cells: str, python: str | None = "3.14.0", claims: dict | None = None) -> str:
    own = {"assignment": "week01/lab"} | ({"written_with": claims} if claims else {})
    info = {"name": "python"} | ({"version": python} if python else {})
    made = [{"cell_type": "code", "source": c, "metadata": {}, "outputs": [], "execution_count": None} for c in cells]
    return json.dumps({"cells": made, "metadata": {"autograder": own, "language_info": info}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture
def graded(engine, small_course):
    target = week_of(small_course).target("week01/lab")
    return lambda text: grade_cells(engine, target, Submission("s", "s.ipynb"), parse_submission(text.encode(), "s.ipynb"))


NEEDS = {
    "t-string": ((IMPORTS, RIGHT + "\nx = t'{1}'"), "3.14", "Cell 2 (`def double(x):`), line 7: a t-string."),
    "except": ((IMPORTS, RIGHT + "\ntry:\n    x = 1\nexcept KeyError, ValueError:\n    pass"), "3.14", "double(x):`), line 9:"),
    "import": (("from functools import Placeholder\n" + IMPORTS, USES.format("Placeholder()")), "3.14", "`functools.Pl"),
    "module": (("import annotationlib\n" + IMPORTS, USES.format("annotationlib.Format()")), "3.14", "`annotationlib"),
    "call": (("import uuid\n" + IMPORTS, USES.format("uuid.uuid7()")), "3.14", "double: `uuid.uuid7` is of Python 3.14"),
    "method": (("from pathlib import Path", USES.format("Path('a').move_into('b')")), "3.14", "`pathlib.Path.move_into`"),
    "top": (("import uuid", "uuid.uuid7()\n" + RIGHT), "3.14", "`uuid.uuid7`"),
}


def test_student_and_staff_read_what_was_too_new(graded):
    for name, (cells, version, what) in NEEDS.items():
        report = graded(notebook(*cells, python=f"{version}.0"))
        assert report.score < report.points, name
        head = f"Needs Python {version}: written for {version}, graded with {HERE}."
        for lines in (report.notes, report.needs_review):
            assert len([line for line in lines if line.startswith(head)]) == 1, (name, report.notes, report.needs_review)
        assert what in " ".join(report.notes), (name, report.notes)
        assert "Points are missing in double" in " ".join(report.needs_review), name


def test_without_a_claim_the_evidence_speaks(graded):
    report = graded(notebook(IMPORTS, RIGHT + "\nx = t'{1}'", python=None))
    assert report.notes[0].startswith(f"Needs Python 3.14: written for 3.14 or newer, graded with {HERE}.")


@pytest.mark.parametrize(
    "cells",
    [
        (IMPORTS, RIGHT),
        ("try:\n    from functools import Placeholder\nexcept ImportError:\n    Placeholder = None", RIGHT),
        (IMPORTS, RIGHT, "print(t'beside {1}')"),
        (IMPORTS, "def double(x):\n    return x\ndef triple(x):\n    return x", "print(t'beside {1}')"),
        (IMPORTS, RIGHT + "\nx = ("),
        ("from itertools import bathced\n" + IMPORTS, RIGHT),
        (IMPORTS, USES.format("jnp.no_such_name(x)")),
    ],
)
def test_where_nothing_fails_for_it_nothing_is_said(graded, cells):
    report = graded(notebook(*cells))
    assert not [line for line in (*report.notes, *report.needs_review) if "written for" in line]


def test_a_name_of_a_newer_jax_or_numpy(graded):
    code = USES.format("jnp.of_tomorrow(x)")
    report = graded(notebook(IMPORTS, code, claims={"jax": "9.9.1"}))
    assert report.notes[0].startswith("Needs a newer JAX: written for 9.9.1, graded with ")
    assert "`jax.numpy.of_tomorrow` is not in JAX" in report.needs_review[0]
    report = graded(notebook(IMPORTS, USES.format("np.of_tomorrow(x)"), claims={"numpy": "9.9.1"}))
    assert report.notes[0].startswith("Needs a newer numpy: written for 9.9.1, graded with ")
    if __import__("jax").__version__.startswith("0.10."):
        report = graded(notebook(IMPORTS, USES.format("jnp.top_k(x, 1)"), claims={"jax": "0.12.0.1"}))
        assert report.notes[0].startswith("Needs JAX 0.11: written for 0.12.0.1, graded with 0.10.")


def test_it_stands_on_the_pages_and_the_console(small_course, tmp_path):
    week_of(small_course)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "ada.ipynb").write_text(notebook(IMPORTS, RIGHT + "\nx = t'{1}'"))
    done = autograder(small_course, "grade", "week01/lab", "--from", tmp_path / "in", "--ignore-late", "--no-gradebook")
    said = f"written for 3.14, graded with {HERE}"
    results = small_course.root / "grades" / "week01" / "lab"
    assert said in " ".join(done.stdout.split()), done.stdout + done.stderr
    assert said in (results / "feedback" / "ada.html").read_text() and said in (results / "class.html").read_text()


@pytest.mark.parametrize("metadata", [{"language_info": 3}, {"language_info": {"version": ["3.14"]}},
                                      {"autograder": {"written_with": {"jax": "9" * 10**5, "x" * 99: "1.0", "numpy": None}}},
                                      {"autograder": {"written_with": "3.14"}}])  # fmt: skip
def test_a_claim_that_is_no_version_is_no_claim(metadata):
    text = json.dumps({"cells": [{"cell_type": "code", "source": "x", "metadata": {}}], "metadata": metadata, "nbformat": 4})
    assert parse_submission(text.encode(), "s.ipynb").written_with == {}


OLD = (3, 11)


@pytest.mark.parametrize(
    "source, versions",
    [
        ('f"{d["a"]}"', {"3.12"}),
        ("%matplotlib inline\n!pip install x\nf'{\n1}'", {"3.12"}),
        ("%%time\ntype X = int", {"3.12"}),
        ("def f[T: int](x: T): ...\nclass A[**P]: ...", {"3.12"}),
        ("class A[T = int]: ...", {"3.12", "3.13"}),
        ("await x\ntry:\n    pass\nexcept A, B:\n    pass", {"3.14"}),
        ("t'{1}'", {"3.14"}),
        ("x = {**d for d in ds}", {"3.15"}),
        ("x = (\ntype X = int", set()),  # wrong for everybody
        ('f"{d["a"]}" +', set()),
        ("print 'a'", set()),
        ("%%html\ntype X = int", set()),
        ("x = 1", set()),
        ("(" * 300_000, set()),  # ends in bounded time and memory
        ("x = \ud800", set()),
    ],
)
def test_newer_syntax_is_told_from_mistakes(source, versions):
    found = newer_syntax(source, OLD)
    assert {f.version for f in found} == versions and all(f.what and f.remedy.endswith(".") for f in found)
