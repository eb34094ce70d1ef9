"""A written answer is read by a person, unless there is none; what people gave is on every page, and no regrade loses it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner
from grading_commands import SUITE, autograder, reports
from nbformat.v4 import new_markdown_cell
from small_term import LAB, PLACEHOLDER

from autograder.cli import main

RIGHT = "def double(x): return 2 * x\ndef triple(x): return 3 * x"
# What each of them did with the written question: nothing, or something that only a person can judge.
BLANK = ("blank", "emptied", "stripped", "predicted", "deleted")
WRITTEN = ("answered", "below", "stripped-answered", "elsewhere", "picture", "copied")


def here(course, *words: object):
    """A command that grades nothing, in this process: quick."""
    return CliRunner().invoke(main, [str(w) for w in words])


def answer_cell(notebook) -> int:
    return next(i for i, c in enumerate(notebook.cells) if c.metadata.get("nbgrader", {}).get("grade_id") == "why")


def _text(text):
    def change(notebook):
        notebook.cells[answer_cell(notebook)].source = text

    return change


def _below(notebook):
    notebook.cells.insert(answer_cell(notebook) + 1, new_markdown_cell("It is because addition commutes.", id="below"))


def _elsewhere(notebook):
    notebook.cells.insert(3, new_markdown_cell("My answer to the last question: addition commutes.", id="elsewhere"))


def _picture(notebook):
    notebook.cells[answer_cell(notebook)]["attachments"] = {"a.png": {"image/png": "iVBORw0KGgo="}}


def _copied(notebook):
    at = answer_cell(notebook)
    copy = nbformat.from_dict({**notebook.cells[at], "id": "copied", "source": "Addition commutes."})
    notebook.cells.insert(at, copy)


def _stripped(notebook):
    for cell in notebook.cells:
        cell["metadata"] = nbformat.NotebookNode()


def _stripped_answered(notebook):
    _text("Addition commutes.")(notebook)
    _stripped(notebook)


def _predicted(notebook):
    cell = next(c for c in notebook.cells if c.source.startswith("*Your prediction"))
    cell.source += " I expect rain."


def _deleted(notebook):
    del notebook.cells[answer_cell(notebook)]


CHANGES = {
    "answered": _text("Because addition commutes."), "blank": lambda notebook: None, "emptied": _text("  \n"),
    "below": _below, "elsewhere": _elsewhere, "picture": _picture, "copied": _copied, "stripped": _stripped,
    "stripped-answered": _stripped_answered, "predicted": _predicted, "deleted": _deleted,
}  # fmt: skip


def hand_in(term, folder: Path) -> Path:
    folder.mkdir()
    for name, change in CHANGES.items():
        notebook = nbformat.reads(term.with_code(LAB, RIGHT), 4)
        _text(PLACEHOLDER)(notebook)
        change(notebook)
        (folder / f"{name}.ipynb").write_text(nbformat.writes(notebook))
    return folder


def rows(file: Path) -> dict[str, dict[str, str]]:
    return {r["student"]: r for r in csv.DictReader(file.open(newline="", encoding="utf-8"))}


def test_what_was_written_waits_what_was_not_is_worth_nothing_and_peoples_marks_are_everywhere(term, tmp_path, monkeypatch):
    monkeypatch.chdir(term.root)
    folder, results = hand_in(term, tmp_path / "in"), term.root / "grades" / LAB
    done = autograder(term, "grade", LAB, "--from", folder)
    assert done.returncode == 0, done.stdout + done.stderr
    scores = {s: next(q["score"] for q in r["questions"] if q["id"] == "why") for s, r in reports(term).items()}
    assert scores == dict.fromkeys(BLANK, 0.0) | dict.fromkeys(WRITTEN)
    page = (results / "class.html").read_text()
    assert "6 wait for a person" in page and "5 not answered" in page and "marked by a person" not in page
    assert "This answer was left as it was given out." in (results / "feedback/blank.html").read_text()

    sent = here(term, "export", LAB, "--for", "csv")
    assert sent.exit_code == 3
    (line,) = [line for line in sent.output.splitlines() if "waits for a person" in line]
    assert all(name in line for name in WRITTEN), "one line for all of them"
    points = {s: r["points"] for s, r in rows(results / "csv.csv").items()}
    assert points == dict.fromkeys(BLANK, "4") | dict.fromkeys(WRITTEN, "")
    marks = here(term, "marks")
    assert f"{LAB}: not final for 6 of 11" in marks.output and marks.output.count("!") == 1

    # A table as somebody types it: marks and words for some.
    (results / "manual.csv").write_text(
        'student,why,why comment\nanswered,2.5,"=1+1 is ""2"", but why?\nSay more."\nbelow,3,\nblank,,Write something!\n'
    )
    again = autograder(term, "grade", LAB, "--from", folder)
    assert "0 submissions to grade, 11 unchanged" in again.stdout, again.stdout + again.stderr
    table = rows(results / "grades.csv")
    assert (table["answered"]["score"], table["answered"]["why"], table["blank"]["why_outcome"]) == ("6.5", "2.5", "manual")
    assert table["answered"]["why_comment"] == "'=1+1 is \"2\", but why? Say more." and table["below"]["why_comment"] == ""
    text = (results / "feedback/answered.html").read_text()
    assert "=1+1 is &#34;2&#34;, but why?" in text and "6.5<small> / 7" in text and "Marked by a person" in text
    assert "Write something!" in (results / "feedback/blank.html").read_text()
    page = (results / "class.html").read_text()
    assert "4 wait for a person" in page and "2 marked by a person" in page and "5 not answered" in page
    assert "2.5 of 3: =1+1 is" in page

    # Another suite, everything graded anew: the people's marks are still there, and late days take their share of the sum.
    term.write_suite(1, SUITE.replace("Each entry is tripled.", "Every entry is tripled."))
    anew = autograder(term, "grade", LAB, "--from", folder)
    assert "11 submissions to grade" in anew.stdout and rows(results / "grades.csv") == table
    stored = reports(term)["answered"]["questions"][-1]
    assert (stored["score"], stored["by_person"], stored["machine_score"]) == (2.5, True, None)
    mistyped = (results / "manual.csv").read_text().replace("2.5", "4")
    (results / "manual.csv").write_text(mistyped)
    refused = autograder(term, "grade", LAB, "--from", folder)
    assert refused.returncode == 1 and "manual.csv, line 3: '4' is no mark for why" in refused.stderr
    (results / "manual.csv").unlink()
    taken = autograder(term, "grade", LAB, "--from", folder, "--yes")
    assert taken.returncode == 0 and rows(results / "grades.csv")["answered"]["why"] == ""


@pytest.mark.parametrize("assignment", [LAB])
def test_where_nothing_is_final_one_line_says_so(term, tmp_path, monkeypatch, assignment):
    monkeypatch.chdir(term.root)
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("ada", "bob", "cy"):
        (folder / f"{name}.ipynb").write_text(term.solved(LAB))
    assert autograder(term, "grade", assignment, "--from", folder).returncode == 0
    done = here(term, "marks")
    lines = [line for line in done.output.splitlines() if "!" in line]
    assert lines == ["  ! week01/lab: nothing is final yet (waits for a person: why)"], done.output
    assert json.loads((term.root / "grades/week01/lab/run.json").read_text())["students"] == ["ada", "bob", "cy"]
