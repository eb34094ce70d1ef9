"""Marks given in nbgrader's gradebook go out with the machine's, and late work loses its share of them, too."""

from __future__ import annotations

import csv
import datetime as dt
import shutil
from pathlib import Path

import nbformat
from click.testing import CliRunner
from nbgrader_commands import enter_by_hand
from small_term import LAB, due_at

from autograder.cli import main
from autograder.gradebook.repaired_notebook import repair
from autograder.grading.store import Store
from autograder.marks.marking import Marker
from autograder.model import Outcome, QuestionResult, Report, Status, Submission
from autograder.notebook.submission import parse_submission
from autograder.platforms.nbgrader.book import Entry, open_book

DUE = dt.datetime(2026, 3, 20, 22, 59, tzinfo=dt.UTC)
QUESTIONS = (
    QuestionResult("double", "double", 2.0, 2.0, Outcome.PASSED),
    QuestionResult("triple", "triple", 2.0, 0.0, Outcome.FAILED),
    QuestionResult("why", "why", 3.0, None, Outcome.MANUAL),
)


def test_what_a_person_entered_in_the_gradebook_is_exported(term, empty_gradebook, monkeypatch):
    due_at(term, DUE)
    course = term.load()
    course.gradebook.directory.mkdir()
    (course.gradebook.directory / "nbgrader_config.py").touch()
    shutil.copy(empty_gradebook, course.gradebook.directory / "gradebook.db")
    released, url = nbformat.reads(term.stub(LAB), 4), course.gradebook.url
    notebook = repair(released, parse_submission(term.solved(LAB).encode(), "lab.ipynb")).notebook
    with open_book(url, course.id) as book:
        book.register(LAB, released, DUE)
        for student, days in (("ada", -1), ("bob", 1), ("cyd", -1)):
            when = DUE + dt.timedelta(days=days)
            submission = Submission(student, f"{student}.ipynb", "one", when.isoformat())
            report = Marker(course).marked(Report(LAB, "Week 1 lab", submission, Status.GRADED, QUESTIONS))
            Store(course.root / "grades" / LAB).save(report)
            book.write(Entry(report, notebook, when))
    enter_by_hand(url, course.id, "week01-lab", "ada", "why", 2.5)
    enter_by_hand(url, course.id, "week01-lab", "ada", "triple", 1.0)  # a person overrules the machine
    enter_by_hand(url, course.id, "week01-lab", "bob", "why", 3.0)

    monkeypatch.chdir(course.root)
    done = CliRunner().invoke(main, ["export", LAB, "--for", "csv", "--to", "out.csv"])
    assert done.exit_code == 3 and "cyd: no mark: waits for a person: why" in done.output, done.output
    points = {r["student"]: r["points"] for r in csv.DictReader(Path("out.csv").read_text().splitlines())}
    assert points == {"ada": "5.5", "bob": "4.5", "cyd": ""}
    term_table = CliRunner().invoke(main, ["marks", "--to", "marks.csv"])
    assert term_table.exit_code == 3, term_table.output
    rows = {r["student"]: r for r in csv.DictReader(Path("marks.csv").read_text().splitlines())}
    assert (rows["ada"]["total"], rows["bob"]["total"], rows["cyd"]["total"], rows["cyd"]["pending"]) == ("5.5", "4.5", "", LAB)
