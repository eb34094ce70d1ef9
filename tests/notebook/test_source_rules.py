"""What the rules of solution notebooks allow, and two that need more than one edit; mistakes: test_author_mistakes.py."""

import pytest

from autograder.errors import AuthoringError


def test_a_demonstration_that_imports_for_a_graded_cell_is_refused(small):
    small.edit("import math\n\nimport numpy as np", "import numpy as np")
    small.edit("curve = [", "import math\ncurve = [")
    with pytest.raises(AuthoringError, match=r"defines .math., which the cell of line 30 uses"):
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


def test_a_missing_suite_and_a_missing_notebook_are_named(small):
    small.suite.unlink()
    with pytest.raises(AuthoringError, match="there is no hidden suite"):
        small.load()
    small.lab.unlink()
    with pytest.raises(AuthoringError, match="there is no such solution notebook"):
        small.load()
