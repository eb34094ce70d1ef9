"""From a folder of files through the jail to the pages: what a hidden suite knows stays hidden, what a student did is shown."""

from __future__ import annotations

import csv
import io
import os

import pytest
from rich.console import Console

from autograder.grading.one import grade_one
from autograder.model import Report, Status, from_json, to_json
from autograder.notebook.intake import collect
from autograder.report.class_report import class_csv, class_table, render_class
from autograder.report.comparison import compare
from autograder.report.explain import render_explanation
from autograder.report.feedback import render_feedback

SUITE = '''
    @question("double", reference="arithmetic")
    class TestDouble:
        def test_whole_numbers(self, student, rng):
            """double(x) is x + x.

            Add `x` to itself.
            """
            suite_only_name = rng.integers(3, 9, size=4).astype(float)
            assert_close(student.double(suite_only_name), suite_only_name * 2 + 0.0)

    @question("offset", reference="arithmetic")
    class TestOffset:
        @fixed_inputs("one number says all")
        def test_offset(self, student):
            """offset(x) adds the constant of the lecture."""
            assert_close(student.offset(1.0), 8642.25)
'''
QUESTIONS = {"double": "def double(x):\n    return 2 * x", "offset": "def offset(x):\n    return x + 8641.25"}
HOSTILE = "def offset(x):\n    raise ValueError('<script>alert(1)</script>\\x1b]0;owned\\x07\\u202e')"


@pytest.fixture(scope="module")
def run(engine, tmp_path_factory):
    """(reports by student, target): alice is right, bob wrong, carol has the stub, dan handed in nothing readable."""
    from small_course import SmallCourse

    course = SmallCourse(tmp_path_factory.mktemp("real") / "course")
    assignment = course.add(1, QUESTIONS, SUITE)
    folder = tmp_path_factory.mktemp("submitted")
    files = {
        "alice_week01_lab (1).ipynb": course.solved(assignment),
        "bob/week01-lab/lab.ipynb": course.with_code(assignment, "def double(x):\n    return 3 * x\n" + HOSTILE),
        "carol.ipynb": course.stub(assignment),
        "dan.ipynb": "",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
        os.utime(folder / name, (1_774_900_000, 1_774_900_000))
    target, intake = course.target(assignment), collect(folder, assignment)
    assert intake.problems == ()
    graded = {
        s.student: grade_one(engine, target, s, file, folder) for s, file in zip(intake.submissions, intake.files, strict=True)
    }
    return graded, target


def test_everybody_gets_what_they_earned(run):
    reports, _ = run
    rows = {r["student"]: r for r in csv.DictReader(io.StringIO(class_csv(list(reports.values())), newline=""))}
    assert {s: r["score"] for s, r in rows.items()} == {"alice": "4", "bob": "0", "carol": "0", "dan": ""}
    assert reports["dan"].status is Status.UNREADABLE and "is empty" in rows["dan"]["reason"]


def test_feedback_shows_what_the_student_did(run):
    reports, _ = run
    page = render_feedback(reports["bob"])
    for expected in ("double(x) is x + x.", "<code>x</code> to itself", "your result", "ValueError"):
        assert expected in page, expected
    assert "<script>" not in page and "\x1b" not in page and "\u202e" not in page
    assert "Well done" in render_feedback(reports["alice"])
    assert "NotImplementedError" in render_feedback(reports["carol"])
    assert "is empty" in render_feedback(reports["dan"])


def test_feedback_holds_nothing_of_the_suite(run):
    reports, target = run
    secrets = ("suite_only_name", "8642.25", "8641.25", "assert_close", "student.offset", "Mismatch", target.suite.sha256[:12])
    for student, report in reports.items():
        page = render_feedback(report)
        assert [s for s in secrets if s in page] == [], student
        assert str(target.suite.path.parent) not in page


def test_staff_see_both_sides(run):
    reports, target = run
    console = Console(width=160, record=True, file=io.StringIO())
    console.print(render_explanation(reports["bob"], "double"))
    assert "suite_only_name" in console.export_text()
    page = render_class(list(reports.values()), target.assignment)
    assert all(f"feedback/{s}.html" in page for s in reports) and "TestOffset::test_offset" in page
    console.print(class_table(list(reports.values())))
    assert "unreadable: dan.ipynb" in console.export_text()


def test_a_report_read_back_gives_the_same_pages(run):
    reports, _ = run
    again = {s: from_json(Report, to_json(r)) for s, r in reports.items()}
    assert all(render_feedback(again[s]) == render_feedback(reports[s]) for s in reports)
    assert compare(list(reports.values()), list(again.values())).changed == ()
