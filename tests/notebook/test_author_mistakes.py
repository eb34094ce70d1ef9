"""Every mistake of an author ends in one message: the file, the line to look at, what is wrong, what to do about it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from author_mistakes import ANSWER, MISTAKES
from click.testing import CliRunner

from autograder.cli import main


@pytest.fixture
def place(small, monkeypatch):
    """The small course as the current folder, with a suite whose helpers a mistake may use, and one wrong answer."""
    monkeypatch.chdir(small.root)
    text = small.suite.read_text().replace(
        "import assert_close, question\n",
        "import assert_close, question, gated, weight  # noqa\n\ndef plus(x): return x + 1\n",
    )
    small.suite.write_text(text)
    answer = small.lab.parent / "answers" / "lab" / "wrong_floor.py"
    answer.parent.mkdir(parents=True)
    answer.write_text(ANSWER)
    return {"lab": small.lab, "suite": small.suite, "answer": answer, "course": small.root / "course.toml"}


def build(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["build", *words], catch_exceptions=False)
    return done.exit_code, done.output


def edit(path: Path, old: str, new: str) -> str:
    text = path.read_text()
    assert not old or text.count(old) >= 1, f"{old!r} does not stand in {path.name}"
    text = text.replace(old, new, 1) if old else text + new
    path.write_text(text)
    return text


def line_of(text: str, piece: str) -> int:
    assert piece in text, f"{piece!r} does not stand in the edited file"
    return text.count("\n", 0, text.index(piece)) + 1


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_with_file_line_and_remedy(place, mistake):
    where, old, new, piece, wrong, remedy = MISTAKES[mistake]
    text = edit(place[where], old, new)
    status, said = build()
    assert status == 1, said
    told = next((line for line in said.splitlines() if str(place[where]) in line), said)
    assert f"{place[where]}:{line_of(text, piece)}: " in told
    assert wrong in told and remedy in told


def test_there_are_enough_of_them():
    assert len(MISTAKES) >= 55


def test_the_course_without_a_mistake_is_built(place):
    for words in ((), ("--check",)):
        status, said = build(*words)
        assert status == 0, said


RUNS = {  # what only running shows: name -> old, new, piece of the line, words
    "a check that fails on the solution": (
        "assert shadow(1) == 44", "assert shadow(1) == 45", "assert shadow(1)",
        "check of 'twice' fails on the solution: AssertionError: shadow adds"),
    "a check that breaks on the solution": (
        "big = 1e4", 'big = float("1e4x")', "big = float", "check of 'softplus' fails on the solution: ValueError"),
    "a solution that does not run": (
        "SCALE = 2.0", "SCALE = two", "SCALE = two", "a cell of the solution does not run: NameError"),
    "a helper that breaks inside a check": (
        "    return SCALE * x", "    return SCALE.x", "assert abs(scaled",
        "check of 'softplus' fails on the solution: AttributeError"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", RUNS)
def test_a_solution_that_fails_its_own_check_is_not_built(place, small, mistake):
    old, new, piece, wrong = RUNS[mistake]
    text = edit(place["lab"], old, new)
    status, said = build("week03")
    assert status == 1 and f"{place['lab']}:{line_of(text, piece)}: " in said
    assert wrong in said and "Correct" in said
    assert not small.course.assignment_paths("week03/lab").student.exists()


def test_a_solution_is_run_once_and_again_when_it_changes(place, small):
    """Also where students' copy does not change; and not in a fresh clone, whose notebooks somebody else has built."""
    assert build()[0] == 0
    marker = small.root / "build" / "checked" / "week03-lab.sha256"
    before = marker.stat().st_mtime_ns
    assert build()[0] == 0 and marker.stat().st_mtime_ns == before
    edit(place["lab"], "base = base * n + 41", "base = base * n + 40")
    status, said = build()
    assert status == 1 and "fails on the solution" in said
    marker.unlink()
    assert build()[0] == 0, "the student notebook is as released: nothing is run"


def test_points_changed_after_the_release_are_refused_until_students_know(place, small):
    def release() -> tuple[int, str]:
        done = CliRunner().invoke(main, ["release", "week03", "--to", "out"], catch_exceptions=False)
        return done.exit_code, done.output

    assert build()[0] == 0 and release()[0] == 0
    record = small.lab.with_name("released.toml")
    assert "softplus = 2" in record.read_text() and "twice = 3" in record.read_text()
    text = edit(place["lab"], "points=3", "points=4")
    text = edit(place["lab"], "{points: 7}", "{points: 8}")
    status, said = build()
    assert status == 1 and f"{place['lab']}:{line_of(text, 'points=4')}: " in said
    assert "question 'twice' was released with 3 points" in said and "now it has 4 points" in said
    assert "autograder build week03/lab --new-points" in said
    assert build("week03/lab", "--new-points")[0] == 0 and build("--check")[0] == 0
    assert "twice = 4" in record.read_text() and release()[0] == 0
    edit(place["lab"], 'question="twice"', 'question="both"')
    for mark in ("solution", "check", "check"):
        edit(place["lab"], f'{mark}="twice"', f'{mark}="both"')
    edit(place["suite"], '@question("twice"', '@question("both"')
    edit(place["answer"], "question: twice", "question: both")
    status, said = build()
    assert status == 1 and re.search(r"question 'both' was released without this question", said)


def test_a_folder_that_no_week_names_is_told_to_whoever_asks_for_the_week(place, small):
    (small.root / "solutions" / "week03_small").rename(small.root / "solutions" / "week03_smalls")
    status, said = build("week03")
    line = line_of(place["course"].read_text(), 'folder = "week03_small"')
    assert status == 1 and "is no assignment" in said and f"{place['course']}:{line}: week 3 names the folder" in said
    assert "there is 'week03_smalls'" in said


def test_a_missing_suite_and_a_missing_answer_to_a_question_name_the_file(place, small):
    place["suite"].unlink()
    status, said = build()
    assert status == 1 and f"{place['suite']}: there is no hidden suite. Write it" in said
