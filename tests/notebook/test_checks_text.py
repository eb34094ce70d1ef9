"""Check cells as otter test files: run by real otter, and by the reader that students without otter have."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from autograder.errors import AuthoringError
from autograder.notebook import checks
from autograder.notebook.student import student_notebook, to_text

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(source, tmp_path, monkeypatch):
    """A folder that holds nothing but the student notebook."""
    path = tmp_path / "handed out" / "lab (3).ipynb"
    path.parent.mkdir()
    path.write_text(to_text(student_notebook(source)))
    monkeypatch.chdir(path.parent)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.delenv("AUTOGRADER_GRADING", raising=False)
    return path.parent


def right_namespace():
    import math

    return {"math": math, "scaled": lambda x: 2 * x, "softplus": lambda x: max(x, 0.0) + math.log1p(math.exp(-abs(x)))}


def test_arguments_are_what_the_check_reads(source):
    tests = checks.otter_tests(source)
    assert "def check_softplus_1(math, scaled, softplus):" in tests["softplus"]
    assert '    text = """two\nlines"""' in tests["softplus"]  # the inside of a string is not indented
    assert set(tests) == {"softplus", "twice"}


def test_real_otter_runs_the_notebook_by_its_metadata(folder):
    import otter

    grader = otter.Notebook("lab (3).ipynb")
    good = grader.check("softplus", global_env=right_namespace())
    assert good.passed_all
    assert "Hidden tests follow" in repr(good) and "Hidden tests follow" in good._repr_html_()
    bad = grader.check("softplus", global_env={**right_namespace(), "softplus": lambda x: 1.0})
    assert not bad.passed_all and "softplus(0) is log 2" in repr(bad)


def test_otters_score_of_a_public_check_is_no_mark(folder):
    import otter

    result = otter.Notebook("lab (3).ipynb").check("softplus", global_env=right_namespace())
    assert (result.score, result.possible) == (0, 0)


def open_here(namespace):
    """open_checks as a cell calls it: the caller's globals are the notebook's."""
    exec('from course_lib.checks import open_checks\ngrader = open_checks("week03/lab")', namespace)
    return namespace["grader"]


def test_the_students_grader_passes_and_fails(folder, capsys):
    namespace = right_namespace()
    grader = open_here(namespace)
    grader.check("softplus")
    assert "Hidden tests follow" in capsys.readouterr().out
    namespace["softplus"] = lambda x: 1.0
    with pytest.raises(Exception, match=r"softplus\(0\) is log 2") as caught:
        grader.check("softplus")
    assert type(caught.value).__name__ == "CheckFailed"
    shown = caught.value._render_traceback_()
    assert len(shown) <= 3 and "the check was: abs(scaled(softplus(0.0))" in "\n".join(shown)


def test_a_name_that_is_not_there_is_named(folder):
    namespace = right_namespace()
    del namespace["softplus"]
    with pytest.raises(Exception, match="softplus is not defined yet: run the cells above"):
        open_here(namespace).check("softplus")


def test_an_unknown_question_names_the_known_ones(folder):
    with pytest.raises(Exception, match="There are: softplus, twice"):
        open_here(right_namespace()).check("softmax")


def test_check_all_reports_every_question(folder, capsys):
    with pytest.raises(Exception, match="1 of 2 questions does not pass its check: twice"):
        open_here(right_namespace()).check_all()
    out = capsys.readouterr().out
    assert "passed   softplus" in out and "not yet  twice: Tower and shadow are not defined yet" in out


def test_two_notebooks_of_one_folder_and_foreign_files(folder, capsys):
    """Another week's notebook, an empty file, a folder and no JSON lie beside it: the right one is found by its id."""
    other = nbformat.read("lab (3).ipynb", 4)
    other.metadata.autograder.assignment = "week04/lab"
    other.metadata.otter.tests = {}
    nbformat.write(other, "aaa.ipynb")
    Path("empty.ipynb").write_text("")
    Path("folder.ipynb").mkdir()
    Path("list.ipynb").write_text("[1, 2]")
    Path("deep.ipynb").write_text("[" * 100_000)
    open_here(right_namespace()).check("softplus")
    assert "Hidden tests follow" in capsys.readouterr().out


def test_a_tests_folder_beside_the_notebook_does_no_harm(folder, capsys):
    Path("tests").mkdir()
    open_here(right_namespace()).check("softplus")
    assert "Hidden tests follow" in capsys.readouterr().out


def test_the_editors_word_comes_before_the_folder(folder, tmp_path, monkeypatch, capsys):
    """VS Code may run a kernel in another folder than the notebook's, and says where the notebook is."""
    path = str(folder / "lab (3).ipynb")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Exception, match=r"No notebook of week03/lab was found .* Run this notebook's first code cell"):
        open_here(right_namespace()).check("softplus")
    open_here({**right_namespace(), "__vsc_ipynb_file__": path}).check("softplus")
    monkeypatch.setenv("JPY_SESSION_NAME", path)
    open_here(right_namespace()).check("softplus")
    assert capsys.readouterr().out.count("Hidden tests follow") == 2


ALONE = """
import sys, time
start = time.perf_counter()
from course_lib.checks import open_checks
grader = open_checks("week03/lab")
opened = time.perf_counter() - start
assert not any(m.split(".")[0] in ("otter", "autograder", "jax", "IPython") for m in sys.modules), "slow or private import"
{prepare}
import math
def softplus(x): return {body}
def scaled(x): return 2 * x
try:
    grader.check("softplus")
except Exception as error:
    print(type(error).__name__, error)
print("opened at once", opened < 1)
"""


def in_a_fresh_python(folder, prepare, body, env=None):
    script = ALONE.format(prepare=prepare, body=body)
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=folder,
        env={"PYTHONPATH": str(PROJECT), **(env or {})},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


NO_OTTER = "sys.modules['otter'] = None"  # what `import otter` meets where it is not installed: ImportError


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("max(x, 0.0) + math.log1p(math.exp(-abs(x)))", "Hidden tests follow"),
        ("math.exp(x)", "it is about: e^x overflows before the log is taken"),
    ],
)
def test_without_otter_the_same_words(folder, body, words):
    with_otter, without = in_a_fresh_python(folder, "", body), in_a_fresh_python(folder, NO_OTTER, body)
    assert with_otter == without and words in without


def test_while_grading_checks_do_nothing_and_import_nothing(folder):
    forbidden = "sys.modules['otter.test_files'] = sys.modules['otter'] = None; import builtins; builtins.open = None"
    out = in_a_fresh_python(folder, forbidden, "1 / 0", {"AUTOGRADER_GRADING": "1"})
    assert out.strip() == "opened at once True"


def test_checks_that_cannot_become_a_function_are_refused(small):
    small.edit("big = 1e4", "from math import *\nbig = 1e4")
    with pytest.raises(AuthoringError, match=r"cannot become a function.*without `\*`"):
        small.load()


def test_a_check_may_not_read_otters_own_argument(small):
    small.edit("big = 1e4", "big = env")
    with pytest.raises(AuthoringError, match="the check reads 'env'"):
        small.load()


UNREADABLE = {
    "in an assert": 'assert twice({"a": 1.0})["sum"] == 2.0, "a dictionary with the entry \'sum\'"',
    "before one": 'result = twice({"a": 1.0})\ntotal = result["sum"]\nassert total == 2.0, "a dictionary with the entry \'sum\'"',
    "with values": 'wanted = "sum"\nassert twice(1)[wanted] == 2.0, f"a dictionary with the entry {wanted!r}"',
}


@pytest.mark.parametrize("check", UNREADABLE.values(), ids=UNREADABLE)
@pytest.mark.parametrize("otter", [True, False])
def test_a_check_that_cannot_read_a_result_says_the_authors_words(small, tmp_path, monkeypatch, check, otter):
    """Not a bare KeyError; and it is not the student's code that raised it."""
    small.edit('assert Tower().height(3) == 6, "height counts from zero"', check.replace("twice(", "shadow("))
    (tmp_path / "lab.ipynb").write_text(to_text(student_notebook(small.load())))
    monkeypatch.chdir(tmp_path)
    if not otter:
        monkeypatch.setitem(sys.modules, "otter.test_files", None)
    namespace = {**right_namespace(), "Tower": None, "shadow": lambda x: {"total": 2.0}}
    with pytest.raises(Exception, match="twice: a dictionary with the entry 'sum' \\(KeyError: 'sum'\\)") as caught:
        open_here(namespace).check("twice")
    assert "your code raised" not in str(caught.value)
    with pytest.raises(Exception, match="twice"):
        open_here(namespace).check_all()
    assert open_here(namespace).findings()["twice"].startswith("a dictionary with the entry 'sum'")
