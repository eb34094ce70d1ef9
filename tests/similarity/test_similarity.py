"""Who is flagged and who is not, on a real week; and the page, as the staff get it."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from autograder.commands.similarity import compare_class
from autograder.course import load_course
from autograder.errors import CourseError
from autograder.grading.store import Store
from autograder.model import Report, Status, Submission
from autograder.notebook.answers import read_answers
from autograder.notebook.source import load_assignment
from autograder.notebook.student import solved_notebook, student_notebook, submission_notebook, to_text
from autograder.similarity.detection import Work, alike

ROOT = Path(__file__).parents[2]
COURSE = load_course(ROOT)
WEEK = "week03/lab"
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\x1b[31m\u202e"


@pytest.fixture(scope="module")
def source():
    return load_assignment(COURSE, WEEK)


def independent(source, count: int = 4):
    """Right answers to everything, written by people who did not see each other's (nor the solution)."""
    answers = [a for a in read_answers(COURSE.assignment_paths(WEEK).answers) if a.kind == "blind" or a.name == "right_numpy"]
    return {a.name: submission_notebook(source, {a.path.name: a.code}) for a in answers[:count]}


def disguised(notebook):
    """Somebody else's work with variables renamed, comments and blank lines put in, and the answers' cells in another order."""
    copy = nbformat.reads(to_text(notebook), 4)
    for cell in copy.cells:
        if cell.cell_type == "code" and "def " in cell.source and "open_checks" not in cell.source:
            names = set(re.findall(r"^\s+(\w+)(?:, (\w+))* = ", cell.source, re.MULTILINE))
            for name in {n for pair in names for n in pair if n}:
                cell.source = re.sub(rf"\b{name}\b", f"my_{name}", cell.source)
            cell.source = re.sub(r"\n(\s+)return", r"\n\n\1# and this is what comes out of it\n\1return", cell.source)
    mine = [i for i, c in enumerate(copy.cells) if c.cell_type == "code" and "def " in c.source]
    order = random.Random(0).sample(mine, len(mine))
    copy.cells = [copy.cells[order[mine.index(i)]] if i in mine else c for i, c in enumerate(copy.cells)]
    return copy


def compare(*words: object, **environment: str) -> subprocess.CompletedProcess:
    program = [sys.executable, "-m", "autograder.cli", "similarity", WEEK, *map(str, words)]
    environment = {**os.environ, **environment}
    return subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=False, env=environment, timeout=300)


def here(capsys, folder: Path, page: Path) -> tuple[int, str]:
    """The same command in this process: (exit status, what it said)."""
    status = compare_class(COURSE, WEEK, folder, page, 30)
    return status, capsys.readouterr().out


def put(folder: Path, notebooks: dict) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for student, notebook in notebooks.items():
        (folder / f"{student}.ipynb").write_text(to_text(notebook))
    return folder


def flagged(output: str) -> set[frozenset[str]]:
    return {frozenset((a, b)) for a, b in re.findall(r"^ +\d+%  (\S+)  (\S+)$", output, re.MULTILINE)}


def test_a_disguised_copy_is_found_and_independent_work_is_not(tmp_path, source, capsys):
    solved = solved_notebook(source)
    works = independent(source) | {"ada": solved, "copycat": disguised(solved)}
    works |= {"stub": student_notebook(source), "stub_too": student_notebook(source)}
    page = tmp_path / "page.html"
    status, said = here(capsys, put(tmp_path / "in", works), page)
    assert status == 0 and flagged(said) == {frozenset(("ada", "copycat"))}, said
    text = page.read_text()
    assert "not a verdict" in text and "my_" in text and "ada, cell" in text
    again = tmp_path / "again.html"
    done = compare("--from", tmp_path / "in", "--to", again, PYTHONHASHSEED="7")
    assert again.read_text() == text and done.stdout == said.replace("page.html", "again.html"), "two runs agree"


def test_the_same_short_formulas_are_no_pair(tmp_path, source, capsys):
    """Two who did the long questions each in their own way, and wrote two short ones as everybody would."""
    first, second = independent(source, 2).values()
    canonical = (
        "def swish(x, beta=1.0):\n    return x / (1 + jnp.exp(-beta * x))\n\n\n"
        "def softmax(z):\n    e = jnp.exp(z - z.max())\n    return e / e.sum()"
    )
    for notebook in (first, second):
        notebook.cells.append(nbformat.v4.new_code_cell(canonical, id="mine"))
    only = student_notebook(source)
    only.cells.append(nbformat.v4.new_code_cell(canonical, id="mine"))
    folder = put(tmp_path / "in", {"ada": first, "bela": second, "chen": only, "dora": only})
    status, said = here(capsys, folder, tmp_path / "p.html")
    assert status == 0 and flagged(said) == set(), said


def test_what_cannot_be_read_is_listed_and_hostile_text_is_shown_not_obeyed(tmp_path, source, capsys):
    solved = solved_notebook(source)
    lines = "\n".join(f"    total = total + work(x, {i}) * 2 - other[{i}]" for i in range(6))
    evil = f"def evil(x):\n    total = 0\n{lines}\n    return '{HOSTILE}'"
    solved.cells.append(nbformat.v4.new_code_cell(evil, id="evil"))
    folder = put(tmp_path / "in", {"<b>ada": solved, "bela": disguised(solved)})
    (folder / "broken.ipynb").write_text("{")
    page = tmp_path / "page.html"
    status, said = here(capsys, folder, page)
    assert status == 3 and "broken was not compared" in said and "\x1b" not in said
    text = page.read_text()
    assert "evil" in text and "<script" not in text and "<img" not in text and "\x1b" not in text and "<b>" not in text
    assert not re.findall(r'(?:src|href)="(?!#)', text), "works offline"


def test_without_the_extra_there_is_a_remedy(tmp_path, source):
    (tmp_path / "hidden" / "copydetect").mkdir(parents=True)
    (tmp_path / "hidden" / "copydetect" / "__init__.py").write_text("raise ImportError('not installed')")
    folder = put(tmp_path / "in", {"ada": solved_notebook(source)})
    done = compare("--from", folder, PYTHONPATH=str(tmp_path / "hidden"))
    assert done.returncode == 1 and "Run `make install` in the course's folder" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_was_graded_last_is_compared_where_no_folder_is_named(tmp_path, small_course, capsys):
    body = "".join(f"    y{i} = x * {i} + f(x, {i}) - g[{i}]\n" for i in range(12))
    suite = """
    @question("double", reference="2 x")
    class TestDouble:
        def test_it(self, student, rng):
            assert_close(student.double(2.0), 4.0)
    """
    small_course.add(1, {"double": f"def double(x):\n{body}    return 2 * x"}, suite)
    course = small_course.load()
    with pytest.raises(CourseError, match="--from"):
        compare_class(course, "week01/lab", None, None, 30)
    store = Store(course.root / "grades/week01/lab")
    for student in ("ada", "bela"):
        path = tmp_path / f"{student}.ipynb"
        path.write_text(small_course.solved("week01/lab"))
        store.save(Report("week01/lab", "Lab", Submission(student, str(path)), Status.GRADED))
    assert compare_class(course, "week01/lab", None, None, 30) == 0
    assert flagged(capsys.readouterr().out) == {frozenset(("ada", "bela"))}
    assert "ada, cell" in (course.root / "grades/week01/lab/similarity.html").read_text()


def test_endless_repetition_ends():
    """Two works of one line, forty thousand times: no evidence, and no afternoon of comparing."""
    line = "x = f(x, y, z) + g[1] * h(2)\n" * 5000
    assert alike([Work("a", line), Work("b", line)], "", 0.3) == []


def commented(notebook, n: int):
    """Somebody else's work, word for word, under comments of one's own."""
    copy = nbformat.reads(to_text(notebook), 4)
    for cell in copy.cells:
        if cell.cell_type == "code" and "def " in cell.source and "open_checks" not in cell.source:
            cell.source = re.sub(r"\n(\s+)return", rf"\n\n\1# my own thought number {n}\n\1return", cell.source)
    return copy


def test_the_same_file_is_listed_however_many_have_it(tmp_path, source, capsys):
    """Two thirds of a class hand in one file: that is no common knowledge, and one line, not three hundred pairs."""
    solved = solved_notebook(source)
    ring = {f"ring{i:02}": commented(solved, i) for i in range(14)}
    others = independent(source) | {"stub": student_notebook(source), "stub_too": student_notebook(source)}
    page = tmp_path / "page.html"
    status, said = here(capsys, put(tmp_path / "in", ring | others | {"outside": disguised(solved)}), page)
    (line,) = [line for line in said.splitlines() if "the same code" in line]
    assert re.match(r"  1[45] have (nearly )?the same code: ", line) and all(name in line for name in ring), said
    assert not {p for p in flagged(said) if all(name.startswith("ring") for name in p)} and "stub" not in said
    assert "outside" in line or {p for p in flagged(said) if "outside" in p}, "who disguised it is found beside the ring"
    assert status == 0 and "The same as a whole" in page.read_text() and "ring07" in page.read_text()


def test_repeating_what_was_copied_makes_no_share_smaller(tmp_path, source, capsys):
    first, second = independent(source, 2).values()
    own = [c.source for c in first.cells if c.cell_type == "code" and c["id"] != "setup"]
    copied = max(own, key=len)

    def share(times: int) -> int:
        notebook = student_notebook(source)
        notebook.cells += [nbformat.v4.new_code_cell(copied, id=f"copied{i}") for i in range(times)]
        folder = put(tmp_path / f"in{times}", {"ada": first, "bela": second, "copycat": notebook})
        _, said = here(capsys, folder, tmp_path / "p.html")
        assert flagged(said) == {frozenset(("ada", "copycat"))}, said
        return int(re.search(r"(\d+)%  ada  copycat", said)[1])

    once = share(1)
    assert once > 80 and share(4) >= once - 2 and share(22) >= once - 2, "but for the seams between the copies"
