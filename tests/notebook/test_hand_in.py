"""`grader.submit()` in a real kernel: what it finds, what it writes, when it leaves everything alone."""

import json
import platform
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from editor import Editor
from nbformat.v4 import new_code_cell
from test_alone import begin

from autograder.grading.one import graded_cells
from autograder.grading.preparing import prepare
from autograder.model import Companions
from autograder.notebook import companions
from autograder.notebook.intake import collect
from autograder.notebook.student import solved_notebook, student_notebook, submission_notebook
from autograder.notebook.submission import parse_submission

COPY = Path("hand_in") / "week03_lab.ipynb"
FORBIDDEN = """\
def softplus(x):
    if x != x:
        import jax
        return jax.grad(softplus)(x)
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))
"""


@pytest.fixture
def work(tmp_path, student_python):
    """A function that opens a notebook in a folder of a student's."""
    opened = []

    def open_notebook(notebook, name="mine.ipynb", **how) -> Editor:
        opened.append(Editor(notebook, tmp_path / "work" / name, python=str(student_python), **how))
        begin(opened[-1])
        return opened[-1]

    yield open_notebook
    for editor in opened:
        editor.__exit__()


def test_unsolved_work_can_be_handed_in_and_every_gap_is_named(source, work, tmp_path):
    editor = work(student_notebook(source))
    editor.cell("softplus-solution").source = FORBIDDEN
    shown = editor.run("hand-in-submit")
    assert "without jax.grad, which your code uses (return jax.grad(softplus)(x))" in shown
    lines = shown[shown.index("Ready to hand in: ") :].split("\n")
    assert lines[0].startswith("Ready to hand in: hand_in/week03_lab.ipynb (") and lines[0].endswith("kB)")
    assert lines[1].startswith("  made from mine.ipynb as saved at ")
    said = [line.split(": ")[-1] for line in lines[2:5]]
    assert said == ["graded like that, it earns nothing.", "Tower, shadow", "there is no answer yet"]
    assert "2 of 3 questions have no answer yet, 1 does not pass the public check. You may hand it in like this" in shown
    submitted = parse_submission((tmp_path / "work" / COPY).read_bytes(), "x", assignment="week03/lab")
    assert [c.source for c in submitted.cells] == [c.source for c in editor.notebook.cells]


def test_the_file_is_what_stands_in_the_notebook_and_intake_takes_it(source, work, tmp_path):
    """Solved, never saved by hand; the file goes to a course that collects flat folders, or whole folders."""
    editor = work(student_notebook(source))
    solved = solved_notebook(source)
    for cell in editor.notebook.cells:
        cell.source = next(c for c in solved.cells if c["id"] == cell["id"]).source
    editor.cell("why-answer").source = "Because of the *limit*."
    shown = editor.run("hand-in-submit")
    assert "Every question has an answer." in shown and "✗" not in shown
    assert "answered; a person will read it" in shown and "the public check passes; hidden tests follow" in shown
    handed_in = nbformat.read(tmp_path / "work" / COPY, 4)
    assert "handed_in" in handed_in.metadata.autograder and "log1p" in json.dumps(handed_in.cells)
    assert handed_in.metadata.autograder.written_with.python == platform.python_version()
    flat = tmp_path / "flat"
    flat.mkdir()
    (flat / "alice_week03_lab.ipynb").write_bytes((tmp_path / "work" / COPY).read_bytes())
    (tmp_path / "work").rename(flat / "bob")
    intake = collect(flat, "week03/lab")
    assert [s.student for s in intake.submissions] == ["alice", "bob"] and intake.problems == ()
    # The copy is not taken for the notebook that one works in; and the grader runs none of the cells added to it.
    assert [s.path.endswith("hand_in/week03_lab.ipynb") for s in intake.submissions] == [False, True]
    run_cells = [c.source for c in graded_cells(parse_submission((flat / "alice_week03_lab.ipynb").read_bytes(), "x"),
                                                prepare(small_course_of(source), "week03/lab"))]  # fmt: skip
    assert not [s for s in run_cells if "grader." in s and "open_checks" not in s]


def small_course_of(source):
    from autograder.course import find_root, load_course

    return load_course(find_root(source.path.parent))


def test_a_kernel_that_is_not_like_the_grader_hears_of_it(source, work, tmp_path):
    """What came later than the course's versions is named before it is handed in; the file is written all the same."""
    code = "import itertools, math\ndef softplus(x):\n    return list(itertools.batched([x], 1))\n"
    old = replace(source, graded_with={"python": "3.2", "jax": "0.4.1"})
    editor = work(submission_notebook(old, {"softplus": code}))
    told = editor.run("setup")
    mine = ".".join(platform.python_version_tuple()[:2])
    assert f"This kernel runs Python {mine}; submissions are graded with Python 3.2." in told
    assert "submissions are graded with JAX 0.4.1" in told
    shown = editor.run("hand-in-submit")
    assert "`itertools.batched` needs Python 3.12; submissions are graded with Python 3.2, where it fails." in shown
    assert "This runs here, but not where submissions are graded" in shown and "Ready to hand in" in shown


@pytest.mark.slow
def test_an_editor_that_does_not_save_is_waited_for(source, work, tmp_path):
    editor = work(student_notebook(source), saves=False)
    assert "is not saved yet" in editor.run("hand-in-submit")
    assert not (tmp_path / "work" / "hand_in").exists()
    editor.cell("why-answer").source = "Mine."
    editor.save()
    assert "answered; a person will read it" in editor.run("hand-in-submit")
    assert "Mine." in (tmp_path / "work" / COPY).read_text()
    assert "is not saved yet" in editor.run("hand-in-submit")  # the next time it asks again


@pytest.mark.slow
def test_a_file_that_is_not_found_says_what_to_do(source, work, tmp_path):
    editor = work(student_notebook(source))
    editor.path.rename(tmp_path / "elsewhere.ipynb")
    editor.path = tmp_path / "elsewhere.ipynb"
    shown = editor.run("hand-in-submit")
    assert "The file of this notebook was not found in" in shown and "upload that" in shown


BROKEN = """\
def softplus(x):
    return helper(x)


helper = leftover
"""


@pytest.mark.slow
def test_what_only_the_open_kernel_knows_is_found(source, work):
    """The classic: a cell was deleted after it was run."""
    notebook = submission_notebook(source, {"softplus": BROKEN})
    editor = work(notebook)
    editor.run_code("leftover = lambda x: x")
    shown = editor.run("hand-in-submit")
    assert "(def softplus(x):): NameError: name 'leftover' is not defined. Your open kernel knows leftover" in shown
    assert "your code raised NameError" in shown and "1 of 3" not in shown.split("Ready")[0]
    assert "Ready to hand in" in shown


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("while True: pass", "did not end within 0.1 minutes (all cells together)"),
        ("import os; os._exit(3)", "ended the kernel"),
        ("def softplus(x)\n    pass", "SyntaxError"),
    ],
)
def test_a_cell_that_hangs_or_dies_is_named_and_the_file_written(source, work, tmp_path, code, words):
    editor = work(submission_notebook(source, {"softplus": "pass"}))
    editor.cell("softplus-solution").source = f"# my own\n{code}"
    shown = editor.run_code("grader.submit(minutes=0.1)")
    assert words in shown and f"({code.splitlines()[0]})" in shown
    assert "Ready to hand in" in shown and (tmp_path / "work" / COPY).exists()


@pytest.mark.slow
def test_who_opened_the_copy_is_sent_back(source, work, tmp_path):
    notebook = student_notebook(source)
    notebook.metadata.autograder["handed_in"] = "2026-03-27T12:00:00+00:00"
    editor = work(notebook, name="hand_in/week03_lab.ipynb")
    assert "Open your own notebook, one folder up" in editor.run("hand-in-submit")


@pytest.mark.slow
def test_a_notebook_full_of_pictures_goes_without_them(source, work, tmp_path):
    editor = work(student_notebook(source))
    demo = next(c for c in editor.notebook.cells if c["id"].startswith("demo"))
    demo.outputs = [nbformat.v4.new_output("stream", text="x" * 21_000_000)]
    shown = editor.run("hand-in-submit")
    assert "over 20 MB; they are left out" in shown
    assert (tmp_path / "work" / COPY).stat().st_size < 100_000 and editor.path.stat().st_size > 20_000_000


@pytest.mark.slow
def test_hostile_titles_and_messages_are_shown_as_text(source, work):
    code = "def softplus(x):\n    raise ValueError('<script>alert(1)</script>')"
    editor = work(submission_notebook(source, {"softplus": code}))
    markup = editor.run("hand-in-submit")
    assert "&lt;script&gt;" in markup and "<script>" not in markup.split("Ready to hand in: ")[0]


@pytest.mark.slow
def test_in_colab_the_page_hands_over_the_notebook(source, tmp_path, student_python):
    """A stand-in for Colab's own package: the real one works only on Google's machines."""
    colab = tmp_path / "google_stand_in" / "google" / "colab"
    colab.mkdir(parents=True)
    shown = student_notebook(source)
    shown.metadata = {}  # as if it had kept nothing of ours
    (colab.parent.parent / "shown.json").write_text(json.dumps(shown))
    (colab / "__init__.py").write_text("")
    (colab / "_message.py").write_text(
        "import json\n"
        "def blocking_request(kind, request='', timeout_sec=5, parent=None):\n"
        f"    return {{'ipynb': json.load(open({str(colab.parent.parent / 'shown.json')!r}))}}\n"
    )
    (colab / "files.py").write_text("def download(path): print('downloading', path)\n")
    env = {"PYTHONPATH": str(colab.parent.parent)}
    content = tmp_path / "content"
    with Editor(student_notebook(source), None, folder=content, python=str(student_python), env=env) as editor:
        begin(editor)
        out = editor.run("hand-in-submit")
    assert "3 of 3 questions have no answer yet." in out and f"downloading {content / COPY}" in out
    submitted = parse_submission((content / COPY).read_bytes(), "x")
    assert submitted.assignment_id == "week03/lab"
    assert [c.source for c in submitted.cells] == [c.source for c in shown.cells]


def test_what_the_notebook_uses_beside_it_goes_along_and_what_will_be_missing_is_said(source, work, tmp_path):
    files = {
        "helper.py": "from mylib import two\none = two - 1\n", "mylib/__init__.py": "from .ops import two\n",
        "mylib/ops.py": "two = 2\n",
        "data/x.csv": "1,2\n", "data/y.csv": "3,4\n", "weights.txt": "5\n", "unused.py": "secret = 1\n", ".hidden.py": "x = 1\n",
    }  # fmt: skip
    for name, text in files.items():
        (tmp_path / "work" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "work" / name).write_text(text)
    (tmp_path / "elsewhere.txt").write_text("9")
    code = (
        "import glob, numpy as np\nfrom helper import one\n"
        "tables = [np.loadtxt(p, delimiter=',') for p in glob.glob('data/*.csv')]\n"
        f"weight = open('weights.txt').read()\nother = open({str(tmp_path / 'elsewhere.txt')!r}).read()"
    )
    notebook = student_notebook(source)
    notebook.cells.insert(2, new_code_cell(code, id="mine"))
    shown = work(notebook).run("hand-in-submit")
    assert "Packed into the file" in shown and "helper.py" in shown and "elsewhere.txt is not in the notebook" in shown
    handed_in = parse_submission((tmp_path / "work" / COPY).read_bytes(), "lab.ipynb")
    brought = companions.read(Companions(), handed_in.carried).files
    wanted = ("helper.py", "mylib/__init__.py", "mylib/ops.py", "data/x.csv", "data/y.csv", "weights.txt")
    assert {name: data.decode() for name, data in brought.items()} == {name: files[name] for name in wanted}
