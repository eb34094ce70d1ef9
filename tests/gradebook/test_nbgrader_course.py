"""`autograder nbgrader init`: made once, brought up to date ever after, and nothing of the instructor's or the students' lost."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from nbgrader.api import Gradebook
from small_term import LAB

from autograder.cli import main


@pytest.fixture
def init(term, monkeypatch, empty_gradebook):
    monkeypatch.chdir(term.root)

    def run(*words: str, database: str = "nbgrader/gradebook.db"):
        path = Path(words[0]) / "gradebook.db" if words else Path(database)
        if path.parent.resolve().is_relative_to(term.root) and not path.exists() and "solutions" not in path.parts:
            path.parent.mkdir(exist_ok=True, parents=True)
            shutil.copy(empty_gradebook, path)
        return CliRunner().invoke(main, ["nbgrader", "init", *words], catch_exceptions=False)

    return run


def test_a_course_directory_is_made_and_updated(term, init):
    first = init()
    assert first.exit_code == 0 and "written  source/week01-lab" in first.output
    folder = term.root / "nbgrader"
    notebook, config = folder / "source/week01-lab/lab.ipynb", folder / "nbgrader_config.py"
    assert notebook.read_text() == term.stub(LAB)
    assert assignments(folder / "gradebook.db") == ["week01-lab"]
    config.write_text("# mine\n" + config.read_text() + "c.Exchange.root = '/srv/exchange'\n")
    source = term.root / "solutions/week01_small/lab.py"
    source.write_text(source.read_text().replace("### Why", "### Why not"))
    again = init()
    assert again.exit_code == 0 and "written  source/week01-lab" in again.output
    assert "Why not" in notebook.read_text()
    text = config.read_text()
    assert text.startswith("# mine\n") and text.endswith("c.Exchange.root = '/srv/exchange'\n")
    assert text.count("get_config()") == 1
    third = init()
    assert "fresh" in third.output and "written" not in third.output and config.read_text() == text


def test_a_configuration_that_is_there_is_kept(term, init):
    folder = term.root / "elsewhere"
    folder.mkdir()
    (folder / "nbgrader_config.py").write_text("c = get_config()\nc.Exchange.timezone = 'Europe/Berlin'\n")
    done = init("elsewhere")
    text = (folder / "nbgrader_config.py").read_text()
    assert text.startswith("c = get_config()\nc.Exchange.timezone") and "ExternalGrade" in text
    assert "[gradebook] directory" in done.output.replace("\n", " "), "grade must be told of another folder"


def test_hidden_suites_and_solutions_never_lie_under_source(term, init):
    init()
    under = (term.root / "nbgrader").rglob("*")
    texts = [p.read_text(errors="replace") for p in under if p.is_file() and p.suffix != ".db"]
    assert not any("assert_close" in t or "return 2 * x" in t or "addition commutes" in t for t in texts)
    for bad in ("solutions", "solutions/week01_small", "assignments/nbgrader"):
        refused = init(bad)
        assert refused.exit_code == 1 and "must not lie in one another" in refused.output.replace("\n", " ")


def test_a_mistake_in_one_week_leaves_its_notebook_as_it_was(term, init):
    init()
    source = term.root / "solutions/week01_small/lab.py"
    source.write_text(source.read_text().replace("### END SOLUTION", "", 1))
    done = init()
    assert done.exit_code == 1 and "week01-lab is left as it was" in done.output
    assert (term.root / "nbgrader/source/week01-lab/lab.ipynb").is_file()


def test_grade_says_where_there_is_no_course_directory(term, init):
    done = CliRunner().invoke(main, ["grade", LAB, "--from", ".", "--gradebook", "nowhere"])
    assert done.exit_code == 1 and "Make it first: autograder nbgrader init nowhere" in done.output.replace("\n", " ")


def assignments(path: Path) -> list[str]:
    with Gradebook(f"sqlite:///{path}", "small") as book:
        return [a.name for a in book.assignments]


def test_the_database_may_be_another_and_a_password_is_not_written_down(term, init, monkeypatch):
    file = term.root / "course.toml"
    file.write_text('[gradebook]\ndatabase = "sqlite:///marks.db"\n' + file.read_text())
    init(database="marks.db")
    assert assignments(term.root / "marks.db") == ["week01-lab"] and not (term.root / "nbgrader/gradebook.db").exists()
    monkeypatch.setenv("AUTOGRADER_GRADEBOOK", f"sqlite:///{term.root}/secret-name.db")
    init(database="secret-name.db")
    assert assignments(term.root / "secret-name.db") == ["week01-lab"]
    assert "secret-name" not in (term.root / "nbgrader/nbgrader_config.py").read_text()
