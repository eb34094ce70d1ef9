"""`autograder grade` and `nbgrader autograde` on one messy class: the same marks and comments in one gradebook."""

from __future__ import annotations

import datetime as dt
import shutil

import nbformat
import pytest
from grading_commands import SUITE, autograder, reports, score
from nbgrader.api import Gradebook
from nbgrader_commands import enter_by_hand, nbgrader, rows
from small_term import LAB, due_at, hand_in, url_of

pytestmark = pytest.mark.slow


def spoiled(course) -> dict[str, str]:
    """Notebooks as students hand them in, by student."""
    twice = nbformat.reads(course.solved(LAB), 4)
    at = next(i for i, c in enumerate(twice.cells) if c.metadata.get("nbgrader", {}).get("grade_id") == "double")
    copy = nbformat.from_dict({**twice.cells[at], "id": "copy"})
    twice.cells.insert(at + 1, copy)
    gone = nbformat.reads(course.solved(LAB), 4)
    deleted = ("triple", "why", "double-check")
    gone.cells = [c for c in gone.cells if c.metadata.get("nbgrader", {}).get("grade_id") not in deleted]
    retyped = nbformat.reads(course.solved(LAB), 4)
    for i, cell in enumerate(retyped.cells):
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "why":
            retyped.cells[i] = nbformat.v4.new_raw_cell(cell.source, metadata=cell.metadata, id="why-solution")
    return {
        "ada": course.solved(LAB),
        "bob": course.with_code(LAB, "def triple(x): return 1 + 3 * x").replace("*Your prediction:*", "Bob expects rain."),
        "cy": nbformat.writes(twice),
        "dan": nbformat.writes(gone),
        "eve": nbformat.writes(retyped),
        "fay": '{"cells": [{"cell_type": "code", "source": "x = ',
        "gus": "\ufeff" + course.solved(LAB),
        "hal": course.stub(LAB),
    }


@pytest.fixture
def handed_in(term):
    due_at(term, dt.datetime.now(dt.UTC) - dt.timedelta(hours=2))  # ada hands in a day late
    for student, text in spoiled(term).items():
        when = dt.datetime.now(dt.UTC) - dt.timedelta(hours=0 if student == "ada" else 5)
        hand_in(term, student, text, when)
    renamed = term.root / "nbgrader/submitted/bob/week01-lab/lab.ipynb"
    renamed.rename(renamed.with_name("Bob's lab (final) (2).ipynb"))
    backup = term.root / "nbgrader/submitted/gus/week01-lab/lab-Copy1.ipynb"
    backup.write_text(term.stub(LAB))  # made before the work began
    assert autograder(term, "nbgrader", "init").returncode == 0
    return term


def test_both_write_the_same_and_nothing_that_a_student_did_blocks_it(handed_in):
    term, folder = handed_in, handed_in.root / "nbgrader"
    done = nbgrader(folder, "autograde", "week01-lab")
    log = done.stdout + done.stderr
    assert "Traceback" not in log
    for words in ("fay: lab.ipynb: this is not a valid notebook file", "cy: The cell of 'double' is there 2 times",
                  "dan: The cell of 'triple' was missing", "eve: The cell of 'why' had become a raw cell"):  # fmt: skip
        assert words in log
    first = rows(url_of(term), "small", "week01-lab")
    assert {s: r.score for s, r in first.items()} == {
        "ada": 4.0, "bob": 2.0, "cy": 4.0, "dan": 2.0, "eve": 4.0, "fay": 0.0, "gus": 4.0, "hal": 0.0,
    }  # fmt: skip
    assert first["ada"].penalty == pytest.approx(0.4)
    assert all(m.auto is None and m.waits for m in first["fay"].marks.values())
    assert "Three times, not thrice added to one" in first["bob"].marks["triple"].comment

    enter_by_hand(url_of(term), "small", "week01-lab", "bob", "why", 2.5, "A reason.")
    shutil.rmtree(term.root / "grades")
    by_us = autograder(term, "grade", LAB, "--from", folder / "submitted", "--workers", "1")
    assert by_us.returncode == 3 and "8 submissions" in by_us.stdout, by_us.stdout + by_us.stderr
    second = rows(url_of(term), "small", "week01-lab")
    assert second["bob"].marks["why"].manual == 2.5 and not second["bob"].waits
    enter_by_hand(url_of(term), "small", "week01-lab", "bob", "why", None, "")
    again = rows(url_of(term), "small", "week01-lab")
    assert {s: (r.score, r.penalty, {q: (m.auto, m.said) for q, m in r.marks.items()}) for s, r in again.items()} == {
        s: (r.score, r.penalty, {q: (m.auto, m.said) for q, m in r.marks.items()}) for s, r in first.items()
    }
    given = {s: r.score for s, r in first.items()} | {"bob": 4.5}  # a person's 2.5 for why
    assert {s: score(r) for s, r in reports(term).items()} == given

    # What one of them graded, the other does not grade again, and finds up to date.
    unchanged = nbgrader(folder, "autograde", "week01-lab")
    assert "Skipping existing assignment" in unchanged.stdout + unchanged.stderr

    nbgrader(folder, "generate_feedback", "week01-lab")
    page = (folder / "feedback/bob/week01-lab/lab.html").read_text()
    assert "Three times, not thrice added to one" in page and "Bob expects rain." in page
    with Gradebook(url_of(term), "small") as book:
        book.add_student("zoe")
    told = nbgrader(folder, "export", "--to", "marks.csv")
    assert "6 marks are not final" in told.stdout + told.stderr
    assert "Nothing was handed in, so the cells are empty and no zeros (1): zoe/week01-lab" in told.stdout + told.stderr
    lines = {line.split(",")[3]: line for line in (folder / "marks.csv").read_text().splitlines()}
    assert ",4.0,0.4,3.6,7.0,True" in lines["ada"]
    assert lines["zoe"].endswith(",,,,7.0,False"), "who handed in nothing has no zero"

    # A mistake in the suite: it is named, and nobody loses a mark.
    term.write_suite(1, SUITE.replace("assert_close(student.triple(x), 3 * x)", "assert_close(student.triple(x), 3 * y)"))
    marks = {q: (m.auto, m.waits) for q, m in rows(url_of(term), "small", "week01-lab")["gus"].marks.items()}
    refused = nbgrader(folder, "autograde", "week01-lab", "--student", "gus", "--force", check=False)
    log = refused.stdout + refused.stderr
    assert "TestTriple::test_values breaks on the solution: NameError: name 'y' is not defined. Correct the suite" in log
    assert {q: (m.auto, m.waits) for q, m in rows(url_of(term), "small", "week01-lab")["gus"].marks.items()} == marks


def test_nbgrader_without_our_configuration_runs_no_student_code(term, tmp_path):
    assert autograder(term, "nbgrader", "init").returncode == 0
    folder = term.root / "nbgrader"
    nbgrader(folder, "generate_assignment", "week01-lab")
    hand_in(term, "mallory", term.with_code(LAB, f"def triple(x): return 3 * x\nopen({str(tmp_path / 'ran')!r}, 'w').close()"))
    (folder / "nbgrader_config.py").write_text("c = get_config()\n")  # somebody began anew
    done = nbgrader(folder, "autograde", "week01-lab", "--course=small", check=False)
    assert done.returncode == 1 and "run-autograder-nbgrader-init" in done.stdout + done.stderr
    assert not (tmp_path / "ran").exists()


def test_a_platforms_download_goes_into_the_gradebook_too(term, tmp_path):
    downloads = tmp_path / "downloads"
    downloads.mkdir()
    (downloads / "ada.ipynb").write_text(term.solved(LAB))
    (downloads / "Bo [x].ipynb").write_text(term.stub(LAB))
    assert autograder(term, "nbgrader", "init").returncode == 0
    done = autograder(term, "grade", LAB, "--from", downloads, "--workers", "1")
    assert done.returncode == 0 and "gradebook" in done.stdout, done.stdout + done.stderr
    first = rows(url_of(term), "small", "week01-lab")
    (bo,) = set(first) - {"ada"}
    assert bo.startswith("Bo_x-") and first["ada"].score == 4.0
    folder = term.root / "nbgrader"
    log = nbgrader(folder, "autograde", "week01-lab", "--student", "ada", "--force")
    assert "4 of 4 points" in log.stdout + log.stderr, "formgrader's button finds what was put into submitted/"

    # A trial into another folder leaves the gradebook alone; a later hand-in replaces the earlier, which is kept.
    (downloads / "ada.ipynb").write_text(term.stub(LAB))
    trial = autograder(term, "grade", LAB, "--from", downloads, "--workers", "1", "--to", tmp_path / "trial")
    assert trial.returncode == 0 and rows(url_of(term), "small", "week01-lab")["ada"].score == 4.0
    autograder(term, "grade", LAB, "--from", downloads, "--workers", "1", "--yes")
    assert rows(url_of(term), "small", "week01-lab")["ada"].score == 0.0
    assert len(list((folder / "superseded/ada/week01-lab").glob("lab-*.ipynb"))) == 1


def test_students_own_files_count_and_travel_with_the_notebook(term, tmp_path):
    two, three = "def double(x): return helper.times(2, x)", "def triple(x): return helper.times(3, x)"
    uses = term.with_code(LAB, f"import helper\n{two}\n{three}")
    helper = "def times(by, x):\n    return by * x\n"
    hand_in(term, "ida", uses, dt.datetime.now(dt.UTC))
    folder = term.root / "nbgrader"
    (folder / "submitted/ida/week01-lab/helper.py").write_text(helper)
    assert autograder(term, "nbgrader", "init").returncode == 0
    nbgrader(folder, "autograde", "week01-lab")
    assert rows(url_of(term), "small", "week01-lab")["ida"].score == 4.0

    download = tmp_path / "download"
    (download / "joe").mkdir(parents=True)
    (download / "joe/lab.ipynb").write_text(uses)
    (download / "joe/helper.py").write_text(helper)
    assert autograder(term, "grade", LAB, "--from", download, "--ignore-late").returncode == 0
    assert rows(url_of(term), "small", "week01-lab")["joe"].score == 4.0
    assert (folder / "submitted/joe/week01-lab/helper.py").read_text() == helper
    graded = reports(term)["joe"]["submission"]["sha256"]
    by_us = autograder(term, "grade", LAB, "--from", folder / "submitted", "--ignore-late")
    assert "0 submissions to grade" in by_us.stdout and reports(term)["joe"]["submission"]["sha256"] == graded
