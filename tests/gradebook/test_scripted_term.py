"""Week 3 from release to export with real nbgrader: its exchange, three students, formgrader's page in a headless browser.

The instructor releases the homework; three students fetch, work and submit; a TA collects, autogrades by formgrader's button,
marks one written answer on its page, grades again, makes and releases feedback, exports. The marks are `autograder grade`'s.
"""

from __future__ import annotations

import csv
import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from formgrader_page import CHROMIUM, Formgrader, server
from grading_commands import autograder, reports
from nbgrader_commands import ROOT, nbgrader, rows

from autograder.course import load_course
from autograder.notebook.answers import read_answers
from autograder.notebook.source import load_assignment
from autograder.notebook.student import solved_notebook

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.skipif(not CHROMIUM, reason="no Chromium is installed")]
HOMEWORK, NAME, NOTEBOOK = "week03/homework", "week03-homework", "homework"
ANSWER = "Between its kinks a network is *linear*. $n < 2^k$ <script>document.title = 'stolen'</script>"


class Course:
    """This repository's course in a folder of its own, its week 3 due in a week."""

    def __init__(self, root: Path):
        self.root = root
        root.mkdir()
        for name in ("course_lib", "solutions", "build"):
            (ROOT / name).mkdir(exist_ok=True)
            (root / name).symlink_to(ROOT / name)
        due = dt.datetime.now(dt.UTC) + dt.timedelta(days=7)
        dates = f"[week.homework]\nreleased = {due - dt.timedelta(days=9):%Y-%m-%dT%H:%M:%SZ}\ndue = {due:%Y-%m-%dT%H:%M:%SZ}\n"
        title = 'title = "Multi-layer Perceptrons"\n'
        text = (ROOT / "course.toml").read_text()
        assert title in text
        (root / "course.toml").write_text(text.replace(title, title + dates))

    @property
    def book(self) -> Path:
        return self.root / "nbgrader"

    def marks(self):
        course = load_course(self.root)
        return rows(course.gradebook.url, course.id, NAME)


class Student:
    """Somebody with a folder and a Jupyter of their own; all that they share with the course is the exchange."""

    def __init__(self, name: str, folder: Path, exchange: Path):
        self.name, self.folder = name, folder
        folder.mkdir()
        settings = f"c = get_config()\nc.CourseDirectory.course_id = 'dltheory2026'\nc.Exchange.root = {str(exchange)!r}\n"
        (folder / "nbgrader_config.py").write_text(settings)

    def run(self, *words: str):
        return nbgrader(self.folder, *words, JUPYTER_DATA_DIR=str(self.folder / ".data"))

    def works(self, change: Callable[[nbformat.NotebookNode], None]) -> None:
        """Opens what was fetched, changes it, saves it, hands it in."""
        path = self.folder / NAME / f"{NOTEBOOK}.ipynb"
        notebook = nbformat.read(path, 4)
        change(notebook)
        nbformat.write(notebook, path)
        self.run("submit", NAME, f"--student={self.name}")


@pytest.fixture(scope="module")
def week3():
    return load_assignment(load_course(ROOT), HOMEWORK)


def cell_of(notebook, grade_id):
    return next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def solve(week3, *, wrong: str = "") -> Callable[[nbformat.NotebookNode], None]:
    """Types the solution into the stubs; of the question `wrong` a wrong answer instead."""
    solution = {c["id"]: c.source for c in solved_notebook(week3).cells}
    folder = load_course(ROOT).assignment_paths(HOMEWORK).answers
    answers = {a.question: a.code for a in read_answers(folder) if a.kind == "wrong"}

    def change(notebook) -> None:
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.source = solution[cell["id"]]
        if wrong:
            cell_of(notebook, wrong).source += f"\n\n\n{answers[wrong]}"

    return change


def test_a_week_from_release_to_export(tmp_path, week3):
    exchange = tmp_path / "exchange"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    course = Course(tmp_path / "course")
    made = autograder(course, "nbgrader", "init")
    assert made.returncode == 0, made.stdout + made.stderr
    with open(course.book / "nbgrader_config.py", "a") as config:
        config.write(f"c.Exchange.root = {str(exchange)!r}\n")
    nbgrader(course.book, "generate_assignment", NAME)
    nbgrader(course.book, "release_assignment", NAME)

    students = {name: Student(name, tmp_path / name, exchange) for name in ("ada", "bob", "cy")}
    for student in students.values():
        student.run("fetch_assignment", NAME)

    def well(notebook):
        solve(week3)(notebook)
        cell_of(notebook, "why_depth").source = ANSWER
        cell_of(notebook, "why_critical").source = "Its slope is one: correlations are forgotten algebraically."

    def partly(notebook):
        solve(week3, wrong="sawtooth")(notebook)
        at = notebook.cells.index(cell_of(notebook, "interpolant"))
        notebook.cells.insert(at, nbformat.from_dict({**notebook.cells[at], "id": "copied"}))  # nbgrader alone refuses this
        notebook.cells.remove(cell_of(notebook, "why_critical"))

    students["ada"].works(well)
    students["bob"].works(partly)
    students["cy"].works(lambda notebook: None)
    nbgrader(course.book, "collect", NAME)

    scratch = tmp_path / "pages"
    scratch.mkdir()
    with server(course.book, scratch) as address, Formgrader(address, scratch) as ta:
        for name in students:
            said = ta.press(NAME, name, "autograde")
            assert f"Successfully autograded '{NAME}' for student '{name}'" in said, said
            assert "Traceback" not in said
            if name == "bob":
                assert "The cell of 'why_critical' was missing" in said and "'interpolant' is there 2 times" in said
        ta.go(f"manage_submissions/{NAME}")
        ta.page.locator(".student-id", has_text="cy").wait_for()
        ta.shoot("submissions")
        before = course.marks()
        assert before["ada"].marks["why_depth"].waits and before["ada"].marks["interpolant"].auto == 3.0

        ta.open_submission(NAME, NOTEBOOK, "ada")
        assert ta.page.title() != "stolen" and ta.page.locator("#notebook script:has-text('stolen')").count() == 0
        ta.mark("why_depth", 3.5, "Right, but **why** at most one kink a unit?")
        ta.shoot("marked by hand", full=True)
        assert course.marks()["ada"].marks["why_depth"].manual == 3.5

        assert "Successfully autograded" in ta.press(NAME, "ada", "autograde")
        after = course.marks()["ada"]
        assert (after.marks["why_depth"].manual, after.marks["why_depth"].waits) == (3.5, False)
        assert after.marks["why_depth"].comment == "Right, but **why** at most one kink a unit?"
        assert after.score == before["ada"].score + 3.5
        ta.open_submission(NAME, NOTEBOOK, "bob")
        ta.shoot("a wrong answer", full=True)
        for name in students:
            assert "Successfully generated feedback" in ta.press(NAME, name, "generate-feedback")
            assert "Successfully released feedback" in ta.press(NAME, name, "release-feedback")

    for student in students.values():
        student.run("fetch_feedback", NAME)
    (page,) = (students["bob"].folder / NAME / "feedback").rglob(f"{NOTEBOOK}.html")
    marks = course.marks()
    text = page.read_text()
    assert "sawtooth" in text and "checks are right" in text
    assert marks["bob"].marks["sawtooth"].auto < 3 and "Not yet" not in text
    (page,) = (students["ada"].folder / NAME / "feedback").rglob(f"{NOTEBOOK}.html")
    assert "<strong>why</strong> at most one kink a unit" in page.read_text()
    assert "document.title" not in page.read_text().replace("&lt;script&gt;document.title", "")
    shutil.copy(page, scratch / "ada-feedback.html")

    # The same class by `autograder grade`, from the start and into another folder: the same marks, the person's added.
    trial = tmp_path / "trial"
    done = autograder(course, "grade", HOMEWORK, "--from", course.book / "submitted", "--to", trial, "--workers", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    found = lambda q: q["machine_score"] if q["by_person"] else q["score"]
    ours = {s: {q["id"]: found(q) for q in r["questions"]} for s, r in reports(course, trial).items()}
    theirs = {s: {q: m.auto for q, m in row.marks.items()} for s, row in marks.items()}
    assert ours == theirs and set(ours) == set(students)
    assert {s: sum(v or 0 for v in marks.values()) for s, marks in ours.items()}["cy"] == 0

    nbgrader(course.book, "export", "--to", "marks.csv")
    with open(course.book / "marks.csv") as file:
        exported = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file) if row["assignment"] == NAME}
    by_hand = {"ada": 3.5, "bob": 0.0, "cy": 0.0}
    assert exported == {s: pytest.approx(sum(v or 0 for v in ours[s].values()) + by_hand[s]) for s in ours}
