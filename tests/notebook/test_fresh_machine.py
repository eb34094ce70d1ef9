"""A machine with Python and pip alone: requirements-student.txt installed by pip, a real week's notebook, and nothing of ours."""

import os
import platform
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from editor import Editor
from packaging.requirements import Requirement

from autograder.course import load_course
from autograder.grading.one import grade_one
from autograder.grading.preparing import prepare
from autograder.model import Status, Submission
from autograder.notebook.source import load_assignment
from autograder.notebook.student import solved_notebook
from autograder.release.bundle import release
from autograder.release.course_pages import library_requirements, requirements_text

ROOT = Path(__file__).resolve().parents[2]
COURSE = load_course(ROOT)
LAB = "week03/lab"


def test_students_get_the_versions_that_submissions_are_graded_with():
    """After `make lock` chose newer ones, course_lib/packages.py has to follow."""
    import importlib.metadata

    for line in library_requirements(COURSE):
        wanted = Requirement(line)
        here = importlib.metadata.version(wanted.name)
        if wanted.name == "jax" and platform.python_version_tuple()[:2] != tuple(COURSE.python.split(".")):
            continue  # another Python than the course's may have another JAX
        assert wanted.specifier.contains(here), f"{line}, but graded with {here}"
    names = {Requirement(line).name for line in requirements_text(COURSE).splitlines() if line and not line.startswith("#")}
    assert {"jax", "jupyterlab", "ipykernel"} <= names and not names & {"nbgrader", "otter-grader", "course-lib"}


def test_a_bundle_is_the_same_bytes_each_time_and_has_all_that_is_needed(tmp_path):
    (first,) = release(COURSE, LAB, tmp_path / "a")
    (second,) = release(COURSE, LAB, tmp_path / "b")
    assert first.path.name == "week03_lab.zip" and first.path.read_bytes() == second.path.read_bytes()
    with zipfile.ZipFile(first.path) as archive:
        names = {Path(n).name for n in archive.namelist()}
        page = archive.read("week03_lab/README.md").decode()
        assert archive.read("week03_lab/lab.ipynb") == COURSE.assignment_paths(LAB).student.read_bytes()
    wheel = next(n for n in names if n.endswith(".whl"))
    assert names == {"README.md", "requirements-student.txt", "lab.ipynb", wheel}
    assert wheel in page and "(lab.ipynb)" in page and "2026-04-03 23:59" in page and "homework" not in page


@pytest.fixture(scope="module")
def machine(tmp_path_factory) -> Path:
    """The python of a new environment, with what pip made of requirements-student.txt."""
    folder = tmp_path_factory.mktemp("machine")
    (folder / "requirements-student.txt").write_text(requirements_text(COURSE))
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    python = folder / "venv" / "bin" / "python"
    pip(python, "-r", folder / "requirements-student.txt")
    return python


def pip(python: Path, *what) -> None:
    command = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *what]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode and "NewConnectionError" in done.stderr:
        pytest.skip("pip reaches no package index from here")
    assert done.returncode == 0, done.stderr[-2000:]


def lacks(python: Path, *modules: str) -> bool:
    code = f"import importlib.util as u; print([m for m in {modules!r} if u.find_spec(m)])"
    env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True, cwd=python.parent, env=env)
    return done.stdout.strip() == "[]"


@pytest.mark.slow
def test_one_notebook_alone_from_the_stub_to_the_mark(machine, tmp_path, engine):
    """Nothing beside the notebook: checks fail, one is solved, all are; the file that `submit` writes gets full marks."""
    assert lacks(machine, "course_lib", "autograder", "otter", "nbgrader")
    stub = nbformat.read(COURSE.assignment_paths(LAB).student, 4)
    solved = solved_notebook(load_assignment(COURSE, LAB))
    with Editor(stub, tmp_path / "Unbenannt 3.ipynb", python=str(machine)) as editor:
        shown = editor.run_all()
        assert "swish is not written yet: replace the line that raises" in shown["swish-check"]
        assert "7 of 7 questions have no answer yet" in shown["hand-in-submit"]
        for cell in editor.notebook.cells:
            cell.source = next(c for c in solved.cells if c["id"] == cell["id"]).source
        shown = editor.run_all()
        errors = {name: text for name, text in shown.items() if "Error" in text or "Not yet" in text}
        assert errors == {} and "Every question has an answer." in shown["hand-in-submit"]
    file = tmp_path / "hand_in" / "week03_lab.ipynb"
    report = grade_one(engine, prepare(COURSE, LAB), Submission("s", "s"), file)
    assert (report.status, report.score, report.cells) == (Status.GRADED, report.points, ())


@pytest.mark.slow
def test_colabs_layout_with_the_real_packages(machine, tmp_path):
    """A kernel in an empty folder, the notebook nowhere on its disk; the two of a week in one session each."""
    for kind in ("lab", "homework"):
        solved = solved_notebook(load_assignment(COURSE, f"week03/{kind}"))
        with Editor(solved, None, folder=tmp_path / "content", python=str(machine)) as editor:
            run = [c["id"] for c in editor.notebook.cells if c.cell_type == "code" and "demo" not in c.metadata.get("tags", [])]
            shown = {cell_id: editor.run(cell_id) for cell_id in run if cell_id != "hand-in-submit"}
        assert not [text for text in shown.values() if "Error" in text or "Not yet" in text]
        assert shown["hand-in-checks"].count("✓") == len(solved.metadata.otter.tests) >= 5
        assert list((tmp_path / "content").iterdir()) == []


@pytest.mark.slow
def test_pip_installs_the_wheel_of_a_bundle_and_the_notebook_uses_it(machine, tmp_path):
    (bundle,) = release(COURSE, LAB, tmp_path)
    with zipfile.ZipFile(bundle.path) as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / "week03_lab"
    pip(machine, "-r", folder / "requirements-student.txt", next(folder.glob("*.whl")))
    try:
        stub = nbformat.read(folder / "lab.ipynb", 4)
        with Editor(stub, folder / "lab.ipynb", python=str(machine)) as editor:
            editor.run("setup")
            assert "site-packages" in editor.run_code("import course_lib; print(course_lib.__file__)")
    finally:
        subprocess.run([machine, "-m", "pip", "uninstall", "-q", "-y", "course-lib"], check=True)
