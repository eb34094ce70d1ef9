"""Every mistake an author can make ends in an AuthoringError that names the file, the cell and what to do."""

import pytest

from autograder.errors import AuthoringError

CHECK = '# %% check="softplus"\n'
# name: (old text, new text, words of the message, cell or None)
MISTAKES = {
    "no points in the header": ("# autograder: {points: 7}\n", "", "does not state the notebook's points", None),
    "points do not add up": ("{points: 7}", "{points: 8}", "the header says 8, the questions give 7", None),
    "unknown header key": ("{points: 7}", "{points: 7, x46: true}", "unknown key 'x46'", None),
    "no title": ("# # Small *things*", "# Small things", "no title", 0),
    "first cell missing": ('grader = open_checks("week03/lab")', "grader = None", "does not call open_checks", 1),
    "first cell of another week": ('open_checks("week03/lab")', 'open_checks("week04/lab")', "another assignment", 1),
    "typo in a mark": ('# %% solution="softplus"', '# %% soluton="softplus"', "Did you mean 'solution'?", 5),
    "typo in a key": ("minutes=10", "minuets=10", "Did you mean 'minutes'?", 4),
    "typo in a tag": ('tags=["demo"]', 'tags=["demmo"]', "Did you mean 'demo'?", 7),
    "key without question": ('# %% solution="softplus"', '# %% solution="softplus" points=2', "without question=", 5),
    "two marks": ('# %% solution="softplus"', '# %% solution="softplus" check="twice"', "at once", 5),
    "no points": ("points=3 needs", "needs", "has no points", 8),
    "negative points": ("points=3", "points=-3", "points=-3", 8),
    "duplicate question": ('question="twice" points=3 needs="softplus"', 'question="softplus" points=3', "also in cell 4", 8),
    "solution of an unknown question": ('# %% solution="twice"', '# %% solution="twise"', "Did you mean 'twice'?", 9),
    "check of an unknown question": (CHECK, '# %% check="softpuls"\n', "Did you mean 'softplus'?", 6),
    "no solution": ('# %% solution="softplus"', '# %% tags=["demo"]', "fence stands outside", 5),
    "no check": (CHECK, '# %% tags=["demo"]\n', "has no public check", 4),
    "written without answer": ('# %% [markdown] solution="why"', "# %% [markdown]", "needs one model answer", 12),
    "written with code": ("written=true", "", "not written=true", 13),
    "bad id": ('question="twice" points=3', 'question="2twice" points=3', "is no question id", 8),
    "unknown need": ('needs="softplus"', 'needs="softmax"', "unknown question 'softmax'", 8),
    "needs itself": ('needs="softplus"', 'needs="twice"', "twice -> twice", 8),
    "needs in a circle": ('bans="autodiff"', 'needs="twice"', "softplus -> twice -> softplus", 4),
    "unknown ban": ('bans="autodiff"', 'bans="autodif"', "Did you mean 'autodiff'?", 4),
    "unclosed fence": ("    ### END SOLUTION\n\n\n# %% check=", "\n\n# %% check=", "never closed", 5),
    "misspelt fence": ("    ### BEGIN SOLUTION\n    # secret", "    ## BEGIN SOLUTON\n    # secret", "looks like a fence", 5),
    "nested fence": ("    # secret comment of the solution", "    ### BEGIN SOLUTION", "inside a solution", 5),
    "fence in Markdown": ("# Why it matters.", "# ### BEGIN SOLUTION", "outside a solution cell", 4),
    "fence in a demonstration": ('print("demo"', "### BEGIN SOLUTION\n### END SOLUTION\nprint(", "outside a solution", 7),
    "syntax error": ("SCALE = 2.0", "SCALE = = 2.0", "syntax error", 3),
    "defined by two questions": ("def shadow(n):", "def softplus(n):", "'softplus' is already defined in cell 5", 9),
    "helper over an answer": ("SCALE = 2.0", "softplus = None", "'softplus' is already defined in cell 3", 5),
    "demonstration defines a graded name": ("curve = [", "SCALE = 3\ncurve = [", "defines 'SCALE', which cell 3 uses", 7),
    "check without message": ('"height counts from zero"', '""', "has no message", 10),
    "assert without message": (', "height counts from zero"', "", "has no message", 10),
    "check that asserts nothing": ("assert Tower().height(3) == 6, ", "", "asserts nothing", 10),
    "check cell written out": ('print("demo", len(curve))', 'grader.check("softplus")', "calls grader.check itself", 7),
    "line of the solution in a demo": (
        'print("demo", len(curve))',
        "print(max(0.0, 0.0))\nx = 0.5\nguess = max(x, 0.0) + math.log1p(math.exp(-abs(x)))",
        "a line of a solution",
        7,
    ),
    "an answer that follows nothing": ("instructor=true", 'answer="softplus"', "directly after", 15),
    "an answer to another question": ('answer="softplus"', 'answer="twice"', "follows a predict= cell of 'softplus'", 17),
    "an answer of an unknown question": ('answer="softplus"', 'answer="softpuls"', "Did you mean 'softplus'?", 17),
    "a prediction of an unknown question": ('predict="softplus"', 'predict="softpuls"', "Did you mean 'softplus'?", 16),
    "a prediction without text": ("# **Predict.** Where does the hinge bend?\n", "", "predict= cell of 'softplus' is empty", 16),
    "an answer without text": ("# At zero, says the *folded* answer: $\\log 2$.", "", "answer= cell of 'softplus' is", 17),
    "a reflection in code": ('[markdown] reflect="softplus"', 'reflect="softplus"', "stands on a code cell", 18),
    "a prediction before its question": ("SCALE = 2.0", '# %% [markdown] predict="twice"\n# Well?', "before the question's", 4),
    "line of the solution in a folded answer": (
        "# At zero,",
        "# `max(x, 0.0) + math.log1p(math.exp(-abs(x)))`\n# at zero,",
        "a line of a solution",
        17,
    ),
    "line of the solution in Markdown": (
        "# Why it matters.",
        "# Compute\n# `return max(x, 0.0) + math.log1p(math.exp(-abs(x)))`",
        "a line of a solution",
        4,
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_with_its_cell_and_a_remedy(small, mistake):
    old, new, words, cell = MISTAKES[mistake]
    small.edit(old, new)
    with pytest.raises(AuthoringError) as caught:
        small.load()
    error = caught.value
    assert words in str(error)
    assert error.file == str(small.lab) and error.cell == cell
    assert error.remedy


def test_a_demonstration_that_imports_for_a_graded_cell_is_refused(small):
    small.edit("import math\n\nimport numpy as np", "import numpy as np")
    small.edit("curve = [", "import math\ncurve = [")
    with pytest.raises(AuthoringError, match="defines 'math', which cell 5 uses"):
        small.load()


def test_a_demonstration_may_import_again_and_use_local_names(small):
    small.edit("curve = [", "import math\nbase = math.pi\nn = 3\ncurve = [")  # base and n are local to graded functions
    assert small.load()


def test_short_lines_in_common_are_no_leak(small):
    small.edit('print("demo", len(curve))', "for x in range(3):\n    base = x\n    pass")
    assert small.load()


def test_magics_are_allowed(small):
    small.edit("import math\n\nimport numpy as np", "# %matplotlib inline\nimport math\nimport numpy as np\n# !true")
    assert small.load().solution_cells()[1].source.startswith("%matplotlib inline")


def test_points_may_stand_under_jupyter(small):
    small.edit("# autograder: {points: 7}\n", "")
    small.edit("# jupyter:\n", "# jupyter:\n#   autograder: {points: 7, x64: true}\n")
    assert small.load().assignment.x64


SUITE_MISTAKES = {
    "a question without tests": ('"twice", reference="by hand"', '"softplus"', "'twice' has no hidden test"),
    "tests of an unknown question": ('@question("twice"', '@question("twcie"', "Did you mean 'twice'?"),
    "tests of a written question": ('@question("twice"', '@question("why"', "which a person marks"),
    "a class of no question": ('@question("twice", reference="by hand")\n', "", "has no @question"),
    "a test outside classes": ('@question("twice"', 'def test_x(s): ...\n\n\n@question("twice"', "belongs to no question"),
    "a name nobody defines": ("student.softplus(1.0)", "student.sofplus(1.0)", "Did you mean 'softplus'?"),
    "a name in a probe": ("ns.Tower()", "ns.Towr()", "Did you mean 'Tower'?"),
    "a name in has": ('has("shadow")', 'has("shadows")', "Did you mean 'shadow'?"),
    "a name of a demonstration": ("student.softplus(1.0)", "student.curve", "asks for 'curve'"),
    "a syntax error": ("class TestTwice:", "class TestTwice", "cannot be read as Python"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", SUITE_MISTAKES)
def test_a_suite_that_does_not_fit_is_named(small, mistake):
    old, new, words = SUITE_MISTAKES[mistake]
    small.edit(old, new, suite=True)
    with pytest.raises(AuthoringError) as caught:
        small.load()
    assert words in str(caught.value) and caught.value.file == str(small.suite)


def test_a_missing_suite_and_a_missing_notebook_are_named(small):
    small.suite.unlink()
    with pytest.raises(AuthoringError, match="there is no hidden suite"):
        small.load()
    small.lab.unlink()
    with pytest.raises(AuthoringError, match="there is no such solution notebook"):
        small.load()
