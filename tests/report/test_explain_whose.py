"""`autograder explain` as a TA types it: an id, a name, a part of one; a question, or a whole notebook."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import report_samples as samples
from click.testing import CliRunner

from autograder.cli import main
from autograder.grading.store import Store

ROOT = Path(__file__).parents[2]
LAB = "week03/lab"


@pytest.fixture
def course(tmp_path, monkeypatch) -> Path:
    shutil.copy(ROOT / "course.toml", tmp_path)
    people = "student,first name,last name\njdoe,Jane,Doe\nzobrien,Zoë,O'Brien\nklee1,Kim,Lee\nklee2,Kim,Lee\n"
    (tmp_path / "roster.csv").write_text(people, encoding="utf-8")
    text = (tmp_path / "course.toml").read_text()
    (tmp_path / "course.toml").write_text(text + '\n[roster]\nfile = "roster.csv"\n')
    store = Store(tmp_path / "grades" / LAB)
    for student in ("jdoe", "zobrien", "klee1", "klee2"):
        store.save(samples.everything(student))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def explain(*words: str):
    return CliRunner().invoke(main, ["explain", *words])


@pytest.mark.parametrize("who", ["jdoe", "Jane Doe", "doe, jane", "jane", "JDOE"])
def test_one_person_by_id_or_name(course, who):
    done = explain(f"{LAB}/softplus", who)
    assert done.exit_code == 0 and "jdoe  softplus: A smooth hinge  1 / 2 partial" in done.output, done.output
    assert "off by inf" in done.output and "forward: " not in done.output


def test_a_whole_notebook(course):
    done = explain(LAB, "O'Brien")
    assert done.exit_code == 0 and "zobrien  Week 3 lab" in done.output
    assert all(f"{q.id}: " in done.output for q in samples.ASSIGNMENT.questions)
    assert done.output.count("╭") < explain(LAB, "zobrien", "--all").output.count("╭")


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        ((LAB, "Kim Lee"), 1, "may be any of 2 people: klee1 (Kim Lee); klee2 (Kim Lee)"),
        ((LAB, "zobrein"), 1, "neither a file nor a student with results. Near it: zobrien"),
        ((f"{LAB}/softmax", "jdoe"), 1, "no question 'softmax'"),
        (("week03", "jdoe"), 1, "write week03/lab, or week03/lab/backprop"),
        (("week88/lab", "jdoe"), 1, "week"),
        ((LAB,), 2, "Whose?"),
    ],
)
def test_what_is_not_clear_is_asked(course, words, status, says):
    done = explain(*words)
    assert done.exit_code == status and says in " ".join(done.output.split()), done.output
    assert "Traceback" not in done.output
