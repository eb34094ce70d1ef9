"""The notebooks made from the sample: what is in them, what must not be, and that nbgrader and otter take them."""

import json

import nbformat
import pytest
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.preprocessors import ComputeChecksums
from nbgrader.utils import determine_grade, is_grade, is_locked, is_solution

from autograder.notebook.fences import with_stubs
from autograder.notebook.source import load_assignment
from autograder.notebook.student import solved_notebook, student_notebook, submission_notebook, to_text


def cell(notebook, cell_id):
    return next(c for c in notebook.cells if c["id"] == cell_id)


def run(notebook) -> dict:
    """The author's graded cells of a notebook, run in order in this process."""
    namespace: dict = {}
    for c in notebook.cells:
        left_out = {"demo", "otter_ignore"} & set(c.metadata.get("tags", []))
        if c.cell_type == "code" and c["id"].split("-")[-1] != "check" and not left_out:
            exec(c.source, namespace)
    return namespace


def test_nothing_private_is_in_the_student_notebook(source):
    text = to_text(student_notebook(source))
    for secret in (
        *("secret comment", "log1p(math.exp", "sum(range", "base * n + 41", "SOLUTION", "model answer"),
        *("rubric's secret", "note for staff", "At zero, says", "secret sentence", "1.3132617", "TestSoftplus", "by hand"),
    ):
        assert secret not in text, secret


def test_predict_and_reflect_have_a_cell_to_answer_in_and_the_answer_comes_folded_later(source):
    """The student's cell is plain text: no points, no lock, nothing that nbgrader knows of."""
    first, then = student_notebook(source), student_notebook(source, with_answers=True)
    ids = [c["id"] for c in first.cells]
    assert ids[-8:-4] == ["softplus-predict", "softplus-prediction", "softplus-reflect", "softplus-reflection"]
    own = cell(first, "softplus-prediction")
    assert (own.cell_type, own.source) == ("markdown", "*Your prediction:*") and "nbgrader" not in own.metadata
    assert not {"editable", "deletable"} & set(own.metadata)
    assert [c["id"] for c in then.cells if c["id"] not in ids] == ["softplus-folded-answer"]
    after = then.cells[[c["id"] for c in then.cells].index("softplus-prediction") + 1]
    assert after.source == "<details>\n<summary>Answer</summary>\n\nAt zero, says the *folded* answer: $\\log 2$.\n\n</details>"
    assert first.metadata == then.metadata
    staff = [c["id"] for c in solved_notebook(source, staff=True).cells]
    assert "softplus-folded-answer" in staff and "softplus-prediction" not in staff


def test_stubs_keep_signature_docstring_and_frame(source):
    notebook = student_notebook(source)
    assert cell(notebook, "softplus-solution").source == (
        "def softplus(x):\n"
        '    """log(1 + e^x), finite for every finite x; softplus(0.0) = 0.693."""\n'
        '    raise NotImplementedError("softplus: write your code between here and the next cell")'
    )
    assert cell(notebook, "twice-solution").source.split("\n") == [
        "class Tower:",
        "    def height(self, n):",
        '        raise NotImplementedError("Tower.height: write your code between here and the next cell")',
        "",
        "",
        "def shadow(n):",
        "    base = 3",
        '    raise NotImplementedError("shadow: write your code between here and the next cell")',
        "    return base",
    ]
    assert cell(notebook, "why-answer").source == "*Write your answer here.*"


def test_a_helper_of_the_solution_leaves_nothing_that_would_stop_the_cell():
    fenced = "### BEGIN SOLUTION\n{}\n### END SOLUTION\n"
    function = "def {}(x):\n    ### BEGIN SOLUTION\n    return _half(x)\n    ### END SOLUTION\n"
    helper = fenced.format("def _half(x):\n    return x / 2")
    stub = with_stubs("\n\n".join([function.format("f"), helper, function.format("g")]), "q")
    names: dict = {}
    exec(stub, names)
    with pytest.raises(NotImplementedError, match=r"^g: "):
        names["g"](1)
    assert "_half" not in stub
    with pytest.raises(NotImplementedError, match=r"^q: "):
        exec(with_stubs("a = 1\n" + fenced.format("b = 2"), "q"), {})


def test_the_student_notebook_has_no_outputs_and_is_valid(source):
    notebook = student_notebook(source)
    nbformat.validate(notebook)
    assert all(not c.get("outputs") and c.get("execution_count") is None for c in notebook.cells)
    assert notebook.metadata.kernelspec.name == "python3"
    assert notebook.metadata.autograder.assignment == "week03/lab"


def test_one_check_cell_per_question_with_all_its_checks(source):
    notebook = student_notebook(source)
    assert [c.source for c in notebook.cells if c["id"].endswith("-check")] == [
        'grader.check("softplus")',
        'grader.check("twice")',
    ]
    tests = notebook.metadata.otter.tests
    assert "height counts from zero" in tests["twice"] and "shadow adds" in tests["twice"]


def test_same_source_same_bytes(small):
    texts = {to_text(student_notebook(load_assignment(small.course, "week03/lab"))) for _ in range(3)}
    assert len(texts) == 1
    text = texts.pop()
    assert text.endswith("}\n") and str(small.root) not in text
    assert to_text(nbformat.reads(text, 4)) == text


def test_ids_are_unique_and_do_not_change_with_edits_elsewhere(small):
    before = {c["id"]: c.source for c in student_notebook(small.load()).cells}
    small.edit("# %% [markdown]\n# The end.", "# %%\nnew = 1\n\n# %% [markdown]\n# The end.")
    small.edit("# Why it matters.", "# Why it matters, really.")
    small.edit("import math\n\n", "import math\nimport itertools\n\n")
    after = {c["id"]: c.source for c in student_notebook(small.load()).cells}
    assert len(after) == len(before) + 1
    # One plain cell was edited, so its own id changed; one is new; every other id stayed.
    assert len(set(before) - set(after)) == 1 and len(set(after) - set(before)) == 2


def test_two_equal_cells_have_two_ids(small):
    small.edit("# The end.", "# The end.\n\n# %% [markdown]\n# The end.")
    ids = [c["id"] for c in student_notebook(small.load()).cells]
    assert len(set(ids)) == len(ids)


def test_the_version_follows_what_students_see(small):
    def version():
        source = small.load()
        student, solved = student_notebook(source), solved_notebook(source)
        assert student.metadata.autograder.version == solved.metadata.autograder.version
        return student.metadata.autograder.version

    first = version()
    small.edit("# A note for staff.", "# Another note for staff.")
    small.edit("return sum(range(n + 1))", "return n * (n + 1) // 2")
    assert version() == first
    small.edit('"height counts from zero"', '"height begins at zero"')
    assert version() != first


def test_every_notebook_is_set_up_first_and_handed_in_last(source):
    """Cells that authors do not write: they are there whatever the author's look like, and not in the instructor's copy."""
    for notebook in (student_notebook(source), solved_notebook(source), submission_notebook(source, {"why": "Mine."})):
        code = [c["id"] for c in notebook.cells if c.cell_type == "code"]
        assert code[0] == "setup" and code[-2:] == ["hand-in-checks", "hand-in-submit"]
        assert "hand_in/week03_lab.ipynb" in notebook.cells[-3].source
        assert cell(notebook, "setup").metadata.jupyter.source_hidden
    assert not [c for c in solved_notebook(source, staff=True).cells if c["id"] in ("setup", "hand-in-submit")]


def test_the_solved_notebook_runs_and_keeps_ids_and_metadata(source):
    solved, student = solved_notebook(source), student_notebook(source)
    assert [c["id"] for c in solved.cells] == [c["id"] for c in student.cells]
    assert solved.metadata == student.metadata
    assert [c.metadata for c in solved.cells] == [c.metadata for c in student.cells]
    namespace = run(solved)
    assert namespace["Tower"]().height(3) == 6 and namespace["shadow"](1) == 44
    assert "SOLUTION" not in to_text(solved) and "note for staff" not in to_text(solved)
    staff = to_text(solved_notebook(source, staff=True))
    assert "note for staff" in staff and "rubric's secret" in staff and "model answer" in staff


def test_an_answer_takes_the_place_of_what_it_defines_only(source):
    answer = '"""A wrong shadow.\n\nquestion: twice\n"""\nOFFSET = 40\n\n\ndef shadow(n):\n    return 3 * n + OFFSET\n'
    notebook = submission_notebook(source, {"wrong_shadow.py": answer})
    namespace = run(notebook)
    assert namespace["shadow"](1) == 43 and namespace["Tower"]().height(3) == 6
    text = cell(notebook, "twice-solution").source
    assert text.count("def shadow") == 1 and "41" not in text
    assert abs(namespace["softplus"](0.0) - 0.6931) < 1e-3


def test_an_answer_over_several_cells(source):
    answer = "def softplus(x):\n    return 1.0\n\n\nclass Tower:\n    def height(self, n):\n        return 2.0\n"
    notebook = submission_notebook(source, {"both": answer})
    namespace = run(notebook)
    assert (namespace["softplus"](3.0), namespace["Tower"]().height(9), namespace["shadow"](1)) == (1.0, 2.0, 44)


def test_a_question_can_be_replaced_whole(source):
    notebook = submission_notebook(source, {"twice": "def shadow(n):\n    return 0"})
    namespace = run(notebook)
    assert namespace["shadow"](5) == 0 and "Tower" not in namespace
    assert cell(submission_notebook(source, {"why": "My own words."}), "why-answer").source == "My own words."


def test_an_answer_that_fits_nothing_is_refused(source):
    with pytest.raises(KeyError, match="defines hinge"):
        submission_notebook(source, {"wrong": "def hinge(x):\n    return x"})
    with pytest.raises(SyntaxError):
        submission_notebook(source, {"wrong": "def softplus(x:"})


@pytest.mark.parametrize("make", [student_notebook, solved_notebook])
def test_nbgrader_takes_the_metadata(source, make):
    notebook = make(source)
    MetadataValidator().validate_nb(notebook)
    marked = [c for c in notebook.cells if "nbgrader" in c.metadata]
    assert sum(c.metadata.nbgrader.get("points", 0) for c in marked) == source.assignment.points
    assert [c.metadata.nbgrader.grade_id for c in marked if is_grade(c) and is_solution(c)] == ["softplus", "twice", "why"]
    assert all(is_locked(c) and c.metadata.nbgrader.points == 0 for c in marked if c["id"].endswith("-check"))


def test_checksums_are_nbgraders_own(source):
    notebook = student_notebook(source)
    recomputed, _ = ComputeChecksums().preprocess(nbformat.reads(to_text(notebook), 4), {})
    assert to_text(recomputed) == to_text(notebook)


def test_nbgrader_gives_an_untouched_stub_nothing_and_an_answer_to_a_person(source):
    notebook = student_notebook(source)
    solution = cell(notebook, "softplus-solution")
    assert determine_grade(solution) == (0, 2.0)
    solution.source = solution.source.replace("raise", "return 0  #")
    assert determine_grade(solution) == (None, 2.0)
    assert determine_grade(cell(solved_notebook(source), "softplus-solution")) == (None, 2.0)


def test_two_solution_cells_of_one_question_carry_the_mark_once(small):
    small.edit("\n\ndef shadow(n):", '\n\n# %% solution="twice"\ndef shadow(n):')
    notebook = student_notebook(small.load())
    MetadataValidator().validate_nb(notebook)
    first, second = cell(notebook, "twice-solution"), cell(notebook, "twice-solution-2")
    assert first.metadata.nbgrader.points == 3 and first.metadata.nbgrader.grade
    assert not second.metadata.nbgrader.grade and second.metadata.nbgrader.solution


def test_the_metadata_holds_plain_json_of_known_shape(source):
    metadata = json.loads(to_text(student_notebook(source)))["metadata"]
    assert metadata["otter"]["OK_FORMAT"] is False
    questions = metadata["autograder"]["questions"]
    assert questions["why"] == {"points": 2, "title": "3. Why?", "written": True, "names": []}
    assert questions["twice"]["names"] == ["Tower", "shadow"]
    assert questions["softplus"]["bans"] == ["autodiff"]
    assert metadata["autograder"]["schema"] == 1
