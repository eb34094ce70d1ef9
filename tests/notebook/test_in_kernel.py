"""The student notebook in a real kernel, renamed, with nothing beside it: what a student sees; and nbgrader's validation."""

import nbformat
import pytest
from kernel import PROJECT, outputs, run, texts
from nbgrader.validator import Validator

from autograder.errors import AuthoringError
from autograder.notebook.instructor import instructor_page
from autograder.notebook.student import solved_notebook, student_notebook, submission_notebook

WRONG = "def softplus(x):\n    return max(x, 0.0)"
RAISES = "def softplus(x):\n    return math.log(1 + math.exp(x))"


def errors(executed):
    return {c["id"]: o.evalue for c in executed.cells if c.cell_type == "code" for o in c.outputs if o.output_type == "error"}


def test_a_stub_is_told_what_to_do_and_run_all_goes_on(source, tmp_path):
    executed = run(student_notebook(source), tmp_path / "alone" / "Copy of lab (2).ipynb")
    found = errors(executed)
    assert set(found) == {"softplus-check", "twice-check", "hand-in-checks"}
    assert found["softplus-check"].startswith("softplus is not written yet: replace the line that raises")
    first, second = found["twice-check"].split("\n")
    assert first.startswith("twice: Tower.height is not written yet") and second.startswith("twice: shadow is not written")


def test_a_wrong_answer_sees_the_authors_words_and_no_wall_of_traceback(source, tmp_path):
    executed = run(submission_notebook(source, {"wrong": WRONG}), tmp_path / "x.ipynb")
    (output,) = outputs(executed, "softplus-check")
    assert output.ename == "CheckFailed" and "softplus(0) is log 2, 'two\\nlines'" in output.evalue
    shown = texts(executed, "softplus-check")
    assert shown.count("\n") <= 3 and "Traceback" not in shown and "otter" not in shown
    assert set(errors(executed)) == {"softplus-check", "hand-in-checks"}


def test_an_answer_that_raises_sees_where(source, tmp_path):
    executed = run(submission_notebook(source, {"raises": RAISES}), tmp_path / "x.ipynb")
    shown = texts(executed, "softplus-check")
    assert "your code raised OverflowError" in shown
    assert "in softplus, line 2 of its cell: return math.log(1 + math.exp(x))" in shown
    assert "it is about: e^x overflows before the log is taken" in shown


def test_a_right_answer_is_told_that_hidden_tests_follow(source, tmp_path):
    executed = run(solved_notebook(source), tmp_path / "x.ipynb")
    assert errors(executed) == {}
    shown = texts(executed, "softplus-check")
    assert "✓ softplus" in shown and "Hidden tests follow" in shown
    assert "All tests passed" not in shown and "All test cases passed" not in shown
    # nbconvert, nbgrader and others run notebooks by program: one that ran itself there would never end.
    assert "a program runs this notebook" in texts(executed, "hand-in-submit")
    # Nothing may go to stderr: nbgrader takes that for a failure. otter's log is not written either.
    assert all(o.get("name") != "stderr" for c in executed.cells if c.cell_type == "code" for o in c.outputs)
    assert [p.name for p in tmp_path.iterdir() if p.name != "course"] == ["x.ipynb"]


FORBIDDEN = """
def softplus(x):
    return _helper(x)


def _helper(x):
    if x != x:
        import jax as j
        return j.grad(softplus)(x)
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))
"""


def test_what_a_question_forbids_is_told_by_its_check(source, tmp_path):
    """Also by way of a helper and an alias; not any more when the function is defined anew, nor for other questions' sake."""
    notebook = submission_notebook(source, {"forbidden": FORBIDDEN})
    right = next(c for c in solved_notebook(source).cells if c["id"] == "softplus-solution").source
    later = [nbformat.v4.new_code_cell(right, id="again"), nbformat.v4.new_code_cell('grader.check("softplus")', id="anew")]
    notebook.cells += later
    executed = run(notebook, tmp_path / "x.ipynb")
    found = errors(executed)
    assert set(found) == {"softplus-check", "hand-in-checks"}
    assert found["softplus-check"].startswith("softplus: this question is to be solved without jax.grad, which your code uses")
    assert "(return j.grad(softplus)(x))" in found["softplus-check"] and "✓ softplus" in texts(executed, "anew")


@pytest.mark.parametrize(("answer", "failing"), [(None, 0), (WRONG, 1), (RAISES, 1)])
def test_nbgrader_validate_names_a_wrong_answer(source, tmp_path, monkeypatch, answer, failing):
    notebook = solved_notebook(source) if answer is None else submission_notebook(source, {"answer": answer})
    path = tmp_path / "handed in" / "lab.ipynb"
    path.parent.mkdir()
    nbformat.write(notebook, path)
    monkeypatch.chdir(path.parent)
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    result = Validator().validate(str(path))
    assert len(result.get("failed", [])) == failing
    if failing:
        assert result["failed"][0]["source"].strip() == 'grader.check("softplus")'
        assert "softplus" in result["failed"][0]["error"]


def test_nbgrader_validate_names_every_stub(source, tmp_path, monkeypatch):
    notebook = student_notebook(source)
    for cell in notebook.cells:  # a stub with a comment added: nbgrader alone would say "Success!"
        if cell["id"].endswith("-solution"):
            cell.source += "\n# mine"
    nbformat.write(notebook, tmp_path / "lab.ipynb")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    sources = [f["source"].strip() for f in Validator().validate(str(tmp_path / "lab.ipynb"))["failed"]]
    assert sources == ['grader.check("softplus")', 'grader.check("twice")', "*Write your answer here.*"]


def test_the_instructors_page_has_solutions_notes_and_outputs(small):
    (small.root / "course_lib").symlink_to(PROJECT / "course_lib")
    page = instructor_page(small.course, "week03/lab").read_text()
    for words in ("log1p", "A note for staff", "Two points for the rubric", "demo 5", "Hidden tests follow"):
        assert words in page


def test_a_solution_that_fails_its_own_check_is_an_authors_mistake(small):
    (small.root / "course_lib").symlink_to(PROJECT / "course_lib")
    small.edit("return sum(range(n + 1))", "return sum(range(n))")
    with pytest.raises(AuthoringError, match=r"twice-check fails when the solution runs.*height counts from zero") as caught:
        instructor_page(small.course, "week03/lab")
    assert caught.value.cell == 11
