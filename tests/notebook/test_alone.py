"""One notebook and nothing else: its first cell brings library and checks, wherever the kernel runs, whatever the name."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import student_python as students
from editor import Editor

from autograder.notebook.carried import library_sources
from autograder.notebook.student import solved_notebook, student_notebook, submission_notebook, to_text
from autograder.notebook.submission import parse_submission

FIRST = ("setup", "support-")  # ids of the cells that a student runs first


def begin(editor: Editor) -> str:
    """Runs the cells above the first question; what they show."""
    cells = [c["id"] for c in editor.notebook.cells if c.cell_type == "code" and c["id"].startswith(FIRST)]
    return "\n".join(editor.run(cell_id) for cell_id in cells)


def nothing_but_versions(shown: str) -> bool:
    """Where the tests run on another Python than the course's, its first cell says so; else it shows nothing."""
    return not [line for line in shown.split("\n") if line.strip() and not line.startswith("This kernel ")]


def test_colabs_layout_a_kernel_that_cannot_find_its_notebook(source, tmp_path, student_python):
    notebook = submission_notebook(source, {"wrong": "def softplus(x):\n    return max(x, 0.0)"})
    with Editor(notebook, None, folder=tmp_path / "content", python=str(student_python)) as editor:
        assert nothing_but_versions(begin(editor))
        editor.run("softplus-solution")
        shown = editor.run("softplus-check")
        assert "softplus(0) is log 2" in shown and "Traceback" not in shown
        right = next(c for c in solved_notebook(source).cells if c["id"] == "softplus-solution").source
        editor.run_code(right)
        assert "✓ softplus" in editor.run("softplus-check")
        # The library that was carried is as good as one from files: its source can be read.
        assert '"""The checks of this notebook' in editor.run_code("print(__import__('inspect').getsource(open_checks))")
        assert "Error" not in editor.run_code("import course_lib.plots")
        # Nothing is left in the student's names, and nothing on the disk.
        assert editor.run_code("print('_set_up' in globals(), 'bz2' in globals())").strip() == "False False"
        assert list((tmp_path / "content").iterdir()) == []
        assert nothing_but_versions(begin(editor))  # once more does no harm


@pytest.mark.slow
def test_two_renamed_notebooks_in_one_folder_each_with_its_own_checks(small, tmp_path, student_python):
    week3 = solved_notebook(small.load())
    small.edit('"height counts from zero"', '"a Tower of the other notebook"')
    small.lab.rename(small.lab.with_name("homework.py"))
    small.suite.rename(small.suite.with_name("test_homework.py"))
    other = small.lab.with_name("homework.py")
    other.write_text(other.read_text().replace("week03/lab", "week03/homework"))
    from autograder.notebook.source import load_assignment

    homework = student_notebook(load_assignment(small.course, "week03/homework"))
    folder = tmp_path / "my notebooks"
    python = str(student_python)
    with (
        Editor(week3, folder / "Kopie von lab (2).ipynb", python=python) as first,
        Editor(homework, folder / "zweites.ipynb", python=python) as second,
    ):
        for editor in (first, second):
            begin(editor)
            editor.run("softplus-solution")
            editor.run("twice-solution")
        assert "✓ twice" in first.run("twice-check")
        second.run_code("class Tower:\n    def height(self, n):\n        return 0")
        assert "a Tower of the other notebook" in second.run("twice-check")


def test_an_old_wheel_does_no_harm_and_the_same_one_is_used(source, tmp_path):
    """Somebody installed the library in week 3; in week 8 it has grown."""
    python = students.make(tmp_path / "venv")
    sources = library_sources(None)
    old = {**sources, "course_lib.checks": "def open_checks(name): raise RuntimeError('the old one')"}
    students.install_library(tmp_path / "venv", old)
    where = "import course_lib.checks as c; print(c.__file__)"
    setup = next(c for c in student_notebook(source).cells if c["id"] == "setup").source

    def library() -> str:
        code = "import course_lib.checks\n" + setup + "\n" + where  # imported by somebody before the first cell
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=True)
        return done.stdout.strip()

    assert "site-packages" not in library()
    version = students.install_library(tmp_path / "venv", sources)
    for entry in students.site_packages(tmp_path / "venv").glob("course_lib-*.dist-info"):
        if version not in entry.name:
            entry.joinpath("METADATA").unlink()
            entry.joinpath("WHEEL").unlink()
            entry.joinpath("RECORD").unlink()
            entry.rmdir()
    assert "site-packages" in library()


def test_missing_packages_are_named_with_the_line_that_installs_them(source, tmp_path):
    python = students.make(tmp_path / "venv", packages=False)
    setup = next(c for c in student_notebook(source).cells if c["id"] == "setup").source
    done = subprocess.run([python, "-c", setup], capture_output=True, text=True, cwd=tmp_path)
    last = done.stderr.strip().split("\n")[-1]
    assert "PackagesMissing: This notebook's Python" in done.stderr
    assert '%pip install "jax>=0.10,<0.11" jaxtyping matplotlib' in last  # the JAX that grades
    assert "scikit-learn" in last and "sklearn" not in last  # pip's names


def test_graded_the_cell_does_nothing_whatever_it_holds(source, tmp_path):
    """Submissions run with the grader's library, also if a student put another one into the cell."""
    python = students.make(tmp_path / "venv", packages=False)
    setup = next(c for c in student_notebook(source).cells if c["id"] == "setup").source
    broken = setup.replace("QlpoOTFB", "broken")
    assert broken != setup
    env = {"AUTOGRADER_GRADING": "1"}
    code = broken + "\nimport sys; print([m for m in sys.modules if 'course_lib' in m], len(sys.meta_path))"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, env=env, check=True)
    plain = subprocess.run([python, "-c", "import sys; print([], len(sys.meta_path))"], capture_output=True, text=True)
    assert done.stdout == plain.stdout


@pytest.mark.slow
def test_a_cell_that_is_lost_is_asked_for(source, tmp_path, student_python):
    notebook = student_notebook(source)
    notebook.cells = [c for c in notebook.cells if c["id"] != "setup"]
    with Editor(notebook, None, folder=tmp_path, python=str(student_python)) as editor:
        assert "No module named 'course_lib'" in begin(editor)


@pytest.mark.slow
def test_without_the_setup_cell_the_file_still_has_the_checks(source, tmp_path):
    """An installed library, and the first cell deleted: the notebook's metadata is enough where the file can be found."""
    notebook = solved_notebook(source)
    notebook.cells = [c for c in notebook.cells if c["id"] != "setup"]
    with Editor(notebook, tmp_path / "x.ipynb") as editor:
        begin(editor)
        editor.run("softplus-solution")
        assert "✓ softplus" in editor.run("softplus-check")


def test_the_notebook_stays_small_and_reads_as_a_submission(source):
    text = to_text(student_notebook(source))
    setup = next(c for c in student_notebook(source).cells if c["id"] == "setup")
    assert len(setup.source) < 50_000
    # One line each for library and checks: what changes in a diff is two lines.
    assert sum(len(line) > 200 for line in text.split("\n")) <= 2 + len(nbformat.reads(text, 4).metadata.otter.tests)
    assert parse_submission(text.encode(), "x").assignment_id == "week03/lab"


@pytest.mark.parametrize("name", ["setup", "hand-in-checks", "hand-in-submit"])
def test_otter_leaves_our_cells_out_when_it_grades(source, name):
    cell = next(c for c in student_notebook(source).cells if c["id"] == name)
    assert "otter_ignore" in cell.metadata.tags and "nbgrader" not in cell.metadata


def test_on_a_gpu_or_tpu_full_precision_is_asked_for_and_said(tmp_path):
    program = (
        "import jax; from course_lib import packages\n"
        "packages.require({}); print(jax.config.jax_default_matmul_precision)\n"
        "jax.default_backend = lambda: 'tpu'  # no test machine has one\n"
        "packages.require({}); print(jax.config.jax_default_matmul_precision)\n"
    )
    root = Path(__file__).parents[2]
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=root)
    before, said, after = ran.stdout.splitlines()
    assert (before, after) == ("None", "highest") and "computes on a TPU" in said
