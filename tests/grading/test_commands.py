"""The commands as a TA types them, on folders as students fill them."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from grading_commands import DOUBLE, SUITE, TRIPLE, autograder, reports, score, week_of


@pytest.fixture
def week(small_course):
    return week_of(small_course)


@pytest.fixture
def folder(tmp_path) -> Path:
    path = tmp_path / "handed in"
    path.mkdir()
    return path


def edited(text: str, change) -> str:
    """A notebook with its list of cells changed in place."""
    notebook = nbformat.reads(text, as_version=4)
    change(notebook.cells)
    return nbformat.writes(notebook)


def code_cell(cells, word: str) -> int:
    return next(i for i, c in enumerate(cells) if c.cell_type == "code" and word in c.source)


def _failing_cell(cells):
    cells.insert(code_cell(cells, "def triple"), nbformat.v4.new_code_cell("1 / 0"))


def _habits(cells):
    for source in ("%matplotlib inline\nimport math", "exit()", "!pip install x", "%%bash\nls", "%no_such_magic", "x ="):
        cells.insert(code_cell(cells, "def double"), nbformat.v4.new_code_cell(source))


def _duplicated(cells):
    cells.append(cells[code_cell(cells, "def double")].copy())


def _without_checks(cells):
    cells[:] = [c for c in cells if "grader" not in c.source]


def _old_format(text: str) -> str:
    notebook = nbformat.convert(nbformat.reads(text, as_version=4), 3)
    return nbformat.v3.nbjson.writes(notebook)


def _no_kernel(text: str) -> str:
    data = json.loads(text)
    data["metadata"] = {}
    return json.dumps(data)


def test_a_messy_folder_ends_with_one_line_each_and_everything_gradable_graded(week, folder):
    solved = week.solved("week01/lab")
    full = {
        "old-format": _old_format(solved),
        "no-kernel": _no_kernel(solved),
        "reversed": edited(solved, lambda cells: cells.reverse()),
        "duplicated": edited(solved, _duplicated),
        "habits": edited(solved, _habits),
        "failing-cell": edited(solved, _failing_cell),
        "no-checks": edited(solved, _without_checks),
    }
    for name, text in full.items():
        (folder / f"{name}.ipynb").write_text(text)
    (folder / "deleted.ipynb").write_text(edited(solved, lambda cells: cells.pop(code_cell(cells, "def double"))))
    (folder / "invalid.ipynb").write_text('{"cells": [')
    (folder / "empty.ipynb").write_bytes(b"")
    other = json.loads(solved)
    other["metadata"]["autograder"]["assignment"] = "week07/homework"
    (folder / "other-week.ipynb").write_text(json.dumps(other))
    (folder / "directory.ipynb").mkdir()
    with open(folder / "huge.ipynb", "wb") as f:
        f.truncate(300_000_000)
    (folder / "essay.docx").write_bytes(b"PK")
    Path(os.fsdecode(os.fsencode(folder) + b"/latin-\xe9.ipynb")).write_text(solved)

    done = autograder(week, "grade", "week01/lab", "--from", folder)
    said = done.stdout + done.stderr
    assert done.returncode == 3, said
    assert "Traceback" not in said
    graded = reports(week)
    assert {n: score(r) for n, r in graded.items() if n in full} == dict.fromkeys(full, 4.0)
    assert [score(r) for n, r in graded.items() if n.startswith("latin")] == [4.0]
    assert score(graded["deleted"]) == 2.0
    for name in ("invalid", "empty", "directory", "huge", "essay", "other-week"):
        lines = [line for line in said.splitlines() if name in line]
        assert lines, f"nothing is said about {name}\n{said}"
    assert any("week07/homework" in line for line in said.splitlines())
    table = (week.root / "grades/week01/lab/grades.csv").read_text()
    rows = {r[0]: r for r in csv.reader(table.splitlines())}
    assert set(graded) <= set(rows)
    for report in graded.values():
        assert (week.root / "grades/week01/lab/feedback").exists()
        assert report["isolation"].startswith(("A", "B", "C"))


def test_two_files_of_one_student_the_later_counts_and_the_other_is_named(week, folder):
    (folder / "ada.ipynb").write_text(week.stub("week01/lab"))
    (folder / "ada (1).ipynb").write_text(week.solved("week01/lab"))
    os.utime(folder / "ada.ipynb", (1_000_000, 1_000_000))
    done = autograder(week, "grade", "week01/lab", "--from", folder)
    assert score(reports(week)["ada"]) == 4.0
    assert "ada.ipynb" in done.stdout
    assert done.returncode == 0, done.stdout + done.stderr


def test_feedback_tells_the_student_and_keeps_the_suite_to_itself(week, folder):
    (folder / "bob.ipynb").write_text(week.with_code("week01/lab", "def triple(x): return 1 + 3 * x"))
    autograder(week, "grade", "week01/lab", "--from", folder)
    page = (week.root / "grades/week01/lab/feedback/bob.html").read_text()
    assert "Each entry is tripled." in page and "Three times, not thrice added to one." in page
    assert "assert_close" not in page and "2 x by NumPy" not in page and "rng.normal" not in page
    explained = autograder(week, "explain", "week01/lab/triple", "--submission", folder / "bob.ipynb")
    assert explained.returncode == 0, explained.stderr
    assert "triple" in explained.stdout and "largest difference 1" in explained.stdout
    assert "> assert_close(student.triple(x), 3 * x)" in " ".join(explained.stdout.split()), "the line that failed is marked"
    assert "def test_" in explained.stdout, "with the test's function up to it"
    by_id = autograder(week, "explain", "week01/lab/triple", "--submission", "bob")
    assert "largest difference 1" in by_id.stdout


def test_what_passed_is_explained_too_with_its_values_where_the_file_is_given(week, folder):
    (folder / "ada.ipynb").write_text(week.solved("week01/lab"))
    autograder(week, "grade", "week01/lab", "--from", folder)
    by_file = autograder(week, "explain", "week01/lab/triple", "--submission", folder / "ada.ipynb").stdout
    assert "largest difference" in by_file and "reference" in by_file and "float32, shape" in by_file
    # A class's reports hold how far apart the two were, not the values: nobody looks at most of them.
    by_id = autograder(week, "explain", "week01/lab/triple", "--submission", "ada").stdout
    assert "largest difference" in by_id and "reference" not in by_id


def test_regrade_shows_who_loses_and_asks_before_it_publishes(week, folder):
    (folder / "ada.ipynb").write_text(week.solved("week01/lab"))
    (folder / "bob.ipynb").write_text(week.with_code("week01/lab", "def triple(x): return 1 + 3 * x"))
    autograder(week, "grade", "week01/lab", "--from", folder)
    assert {n: score(r) for n, r in reports(week).items()} == {"ada": 4.0, "bob": 2.0}
    week.write_suite(1, SUITE.replace("3 * x)", "1 + 3 * x)"))

    shown = autograder(week, "regrade", "week01/lab", "--from", folder, "--compare")
    assert "ada" in shown.stdout and "bob" in shown.stdout
    assert {n: score(r) for n, r in reports(week).items()} == {"ada": 4.0, "bob": 2.0}

    refused = autograder(week, "regrade", "week01/lab", "--from", folder, answer="n\n")
    assert refused.returncode == 1
    assert {n: score(r) for n, r in reports(week).items()} == {"ada": 4.0, "bob": 2.0}

    autograder(week, "regrade", "week01/lab", "--from", folder, "--yes")
    assert {n: score(r) for n, r in reports(week).items()} == {"ada": 2.0, "bob": 4.0}


def test_mistakes_are_one_paragraph_with_a_remedy(week, folder):
    for words in (
        ("grade", "week09/lab", "--from", folder),
        ("grade", "nonsense", "--from", folder),
        ("grade", "week01/lab", "--from", folder / "missing"),
        ("grade", "week01/lab", "--from", folder),
        ("explain", "week01/lab/none", "--submission", "nobody"),
        ("regrade", "week01/lab", "--from", folder, "--compare"),
    ):
        done = autograder(week, *words)
        assert done.returncode == 1, words
        assert "Traceback" not in done.stderr
        assert done.stderr.startswith("autograder: ") and len(done.stderr.strip().splitlines()) == 1, done.stderr


def test_a_suite_runs_as_ordinary_pytest_for_its_author(week, folder):
    (week.root / "solutions/conftest.py").write_text((Path(__file__).parents[2] / "solutions/conftest.py").read_text())
    wrong = folder / "wrong.ipynb"
    wrong.write_text(week.with_code("week01/lab", "def triple(x): return 4 * x"))
    suite = week.root / "solutions/week01_small/hidden/test_lab.py"

    def run(*more):
        program = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={week.root}", suite, *more]
        return subprocess.run(list(map(str, program)), cwd=week.root, capture_output=True, text=True, check=False)

    assert "3 passed" in run().stdout
    failing = run("--submission", wrong)
    assert "1 failed, 2 passed" in failing.stdout, failing.stdout + failing.stderr
    assert "assert_close(student.triple(x), 3 * x)" in failing.stdout


def test_blocked_and_banned_questions_are_told_apart_from_wrong_ones(small_course, folder):
    suite = SUITE.replace('@question("triple"', '@question("triple"')
    extra = {"triple": 'needs="double" bans="autodiff"'}
    small_course.add(1, {"double": DOUBLE, "triple": TRIPLE}, suite, extra=extra)
    (folder / "blocked.ipynb").write_text(
        small_course.with_code("week01/lab", "def double(x): return 0 * x\ndef triple(x): return double(x) + x")
    )
    banned = "def triple(x):\n    return 3 * x * jax.grad(lambda t: t)(1.0)"
    (folder / "banned.ipynb").write_text(small_course.with_code("week01/lab", banned))
    dynamic = "def triple(x):\n    return 3 * x * getattr(jax, 'gr' + 'ad')(lambda t: t)(1.0)"
    (folder / "dynamic.ipynb").write_text(small_course.with_code("week01/lab", dynamic))
    autograder(small_course, "grade", "week01/lab", "--from", folder)
    found = {n: {q["id"]: q for q in r["questions"]} for n, r in reports(small_course).items()}
    assert found["blocked"]["double"]["outcome"] == "failed"
    assert found["blocked"]["triple"]["outcome"] == "blocked" and found["blocked"]["triple"]["blocked_by"] == ["double"]
    assert found["banned"]["triple"]["score"] == 0 and "jax.grad" in found["banned"]["triple"]["notes"][0]
    assert found["dynamic"]["triple"]["score"] == 2 and found["dynamic"]["triple"]["needs_review"]


def test_late_work_counts_less_and_the_page_says_why_also_after_the_policy_changed(week, folder):
    due = week.load().schedule("week01/lab").due.timestamp()
    for name, when in (("ada", due - 60), ("bob", due + 36 * 3600), ("eve", due + 9 * 86400)):
        (folder / f"{name}.ipynb").write_text(week.solved("week01/lab"))
        os.utime(folder / f"{name}.ipynb", (when, when))
    done = autograder(week, "grade", "week01/lab", "--from", folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {n: r["mark"]["counted"] for n, r in reports(week).items()} == {"ada": 4.0, "bob": 3.2, "eve": 0.0}
    assert "2 days late" in done.stdout and "dates of the files themselves" in " ".join(done.stdout.split())

    text = (week.root / "course.toml").read_text()
    agreed = '[[extension]]\nstudent = "eve"\nassignment = "week01/lab"\ndays = 10\n'
    (week.root / "course.toml").write_text(text + agreed)
    again = autograder(week, "grade", "week01/lab", "--from", folder)
    assert "0 submissions to grade" in again.stdout
    assert reports(week)["eve"]["mark"]["counted"] == 4.0
    page = (week.root / "grades/week01/lab/feedback/eve.html").read_text()
    assert "Your own due time was" in page
    ignoring = autograder(week, "grade", "week01/lab", "--from", folder, "--ignore-late")
    assert ignoring.returncode == 0 and reports(week)["bob"]["mark"]["counted"] == 4.0


def test_a_process_that_grades_does_not_load_what_only_writing_notebooks_needs():
    """nbformat brings a checker of schemas that takes more than a second to import: every process of every run would wait."""
    asks = "import sys, autograder.grading.batch; sys.exit('nbformat' in sys.modules or 'jsonschema' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asks], check=False).returncode == 0
