"""What a second run grades again, and what it leaves as it was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from grading_commands import SUITE, autograder, reports, score, week_of

from autograder.grading import fingerprints

OTHER_WORDS = SUITE.replace("Each entry is tripled.", "Every entry is tripled.")
STRICTER = SUITE.replace("assert_close(student.triple(x), 3 * x)", "assert_close(student.triple(x), 3 * x + 1)")


@pytest.fixture
def week(small_course):
    return week_of(small_course)


@pytest.fixture
def folder(tmp_path, week) -> Path:
    path = tmp_path / "handed in"
    path.mkdir()
    (path / "ada.ipynb").write_text(week.solved("week01/lab"))
    (path / "bob.ipynb").write_text(week.with_code("week01/lab", "def triple(x): return 1 + 3 * x"))
    return path


def grade(week, folder, *more: str) -> str:
    done = autograder(week, "grade", "week01/lab", "--from", folder, "--workers", "1", "--yes", *more)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_only_what_changed_is_graded_again(week, folder):
    assert "2 submissions to grade" in grade(week, folder)
    first = reports(week)
    assert {n: score(r) for n, r in first.items()} == {"ada": 4.0, "bob": 2.0}

    page = week.root / "grades/week01/lab/feedback/bob.html"
    text = page.read_text()
    page.unlink()
    assert "0 submissions to grade, 2 unchanged" in grade(week, folder)
    assert reports(week) == first
    assert page.read_text() == text, "a page that was deleted comes back without grading"

    (folder / "bob.ipynb").write_text(week.solved("week01/lab"))
    assert "1 submission to grade, 1 at a time, 1 unchanged" in grade(week, folder)
    assert {n: score(r) for n, r in reports(week).items()} == {"ada": 4.0, "bob": 4.0}
    assert reports(week)["ada"] == first["ada"]

    week.write_suite(1, OTHER_WORDS)
    assert "2 submissions to grade" in grade(week, folder)
    again = reports(week)["ada"]
    double, triple = again["questions"]
    assert double["tests"] == first["ada"]["questions"][0]["tests"], "the other question's tests were not run"
    assert triple["tests"][0]["title"] == "Every entry is tripled."
    assert score(again) == 4.0
    assert "2 submissions to grade" in grade(week, folder, "--regrade")


def test_a_question_named_is_the_only_one_graded_again(week, folder):
    grade(week, folder)
    both = STRICTER.replace("assert_close(student.double(x), 2 * x)", "assert_close(student.double(x), 2 * x + 1)")
    week.write_suite(1, both)
    assert "2 submissions to grade" in grade(week, folder, "--question", "triple")
    assert [q["score"] for q in reports(week)["ada"]["questions"]] == [2.0, 0.0]
    assert "2 submissions to grade" in grade(week, folder), "the other question is still graded by the suite of before"
    assert [q["score"] for q in reports(week)["ada"]["questions"]] == [0.0, 0.0]
    wrong = autograder(week, "grade", "week01/lab", "--from", folder, "--question", "quadruple")
    assert wrong.returncode == 1 and "has no question 'quadruple'" in wrong.stderr


def test_what_is_not_a_complete_report_is_graded_again(week, folder):
    grade(week, folder)
    incomplete, half = (week.root / f"grades/week01/lab/reports/{student}.json" for student in ("ada", "bob"))
    incomplete.write_text(json.dumps(json.loads(incomplete.read_text()) | {"status": "incomplete"}))
    half.write_text(half.read_text()[:1000])
    assert "2 submissions to grade" in grade(week, folder)
    assert [json.loads(path.read_text())["status"] for path in (incomplete, half)] == ["graded", "graded"]


def test_pages_are_worded_anew_without_grading(week, folder):
    """The engine's words on a page are no part of a result: when they change, so does the page of whoever is unchanged."""
    grade(week, folder)
    pages = [week.root / f"grades/week01/lab/feedback/{student}.html" for student in ("ada", "bob")]
    before = [page.read_text() for page in pages]
    for page, text in zip(pages, before, strict=True):  # as a state of the grader left it that worded them in another way
        body, _, stamp = text.rstrip("\n").rpartition("\n")
        assert stamp.startswith("<!-- wording ")
        page.write_text(body.replace("Hidden", "Secret") + "\n<!-- wording 0123456789abcdef -->\n")
    assert "0 submissions to grade, 2 unchanged" in grade(week, folder)
    assert [page.read_text() for page in pages] == before


def test_a_report_of_another_version_of_the_grader_is_named(week, folder):
    grade(week, folder)
    report = week.root / "grades/week01/lab/reports/bob.json"
    text = json.dumps(json.loads(report.read_text()) | {"schema": 99})
    report.write_text(text)
    for words in (("grade", "week01/lab", "--from", folder), ("export", "week01/lab", "--for", "csv"), ("marks",)):
        done = autograder(week, *words)
        assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
        said = " ".join(done.stderr.split())
        assert "bob.json was written by another version of the grader (schema version 99" in said and "grade again" in said
    assert report.read_text() == text, "nothing is lost"


def test_a_part_of_the_engine_that_was_moved_is_missed(monkeypatch):
    monkeypatch.setattr(fingerprints, "_ENGINE", ("sandbox", "moved_away"))
    fingerprints._engine.cache_clear()
    try:
        with pytest.raises(FileNotFoundError, match="moved_away"):
            fingerprints._engine()
    finally:
        fingerprints._engine.cache_clear()
