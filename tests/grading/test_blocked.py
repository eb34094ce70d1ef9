"""A question waits for another one only where its failed calls really used that one's functions."""

from __future__ import annotations

import pytest

from autograder.grading.one import grade_cells, submitted
from autograder.model import Outcome, Submission
from autograder.report.feedback import render_feedback

QUESTIONS = {"double": "def double(x):\n    return 2 * x", "four": "def four(x):\n    return double(double(x))"}
SUITE = '''
    @question("double", reference="2 x by NumPy")
    class TestDouble:
        def test_values(self, student, rng):
            """Each entry is doubled."""
            x = rng.normal(size=3)
            assert_close(student.double(x), 2 * x)

    @question("four", reference="4 x by NumPy")
    class TestFour:
        def test_values(self, student, rng):
            """Four times."""
            x = rng.normal(size=3)
            assert_close(student.four(x), 4 * x)

        def test_slope(self, student, rng):
            """The slope of a program around it."""
            x = rng.normal(size=3)
            assert_close(student.run(lambda ns, x: ns.four(x) - ns.four(0 * x), x), 4 * x)
'''
BESIDE = '''
        def test_beside_the_other(self, student, rng):
            """Both at once."""
            x = rng.normal(size=3)
            first, second = student.run(lambda ns, x: (ns.four(x), ns.double(x)), x)
            assert_close(second, 2 * x)
'''
HEAD = "import jax\nimport jax.numpy as jnp\nimport numpy as np\n"
WRONG = "def double(x):\n    return 3 * x\n"
STUB = "def {0}(x):\n    raise NotImplementedError('{0}: write your code')"
HELPED = "twice = double\ndef _again(x):\n    return twice(x)\ndef four(x):\n    return _again(_again(x))"
CASES = {
    "uses it": (WRONG, "def four(x):\n    return double(double(x))", ["double"]),
    "through a helper and an alias": (WRONG, HELPED, ["double"]),
    "it was never defined": ("", "def four(x):\n    return double(double(x))", ["double"]),
    "on its own": (STUB.format("double"), "def four(x):\n    return 5 * x", []),
    "not solved itself": (WRONG, STUB.format("four"), []),
    "its own mistake": ("def double(x):\n    return 2 * x\n", "def four(x):\n    return 5 * double(x)", []),
}


@pytest.fixture
def graded(engine, small_course):
    def grade(double: str, four: str, suite: str = SUITE):
        small_course.add(1, QUESTIONS, suite, extra={"four": 'needs="double"'})
        target = small_course.target("week01/lab")
        notebook = submitted([HEAD, double, four], target.id)
        return grade_cells(engine, target, Submission("s", "s.ipynb"), notebook)

    return grade


@pytest.mark.parametrize("case", CASES)
def test_blocked_is_said_where_the_calls_used_the_other_one(graded, case):
    double, four, blockers = CASES[case]
    report = graded(double, four)
    question = report.questions[1]
    assert list(question.blocked_by) == blockers and (question.outcome is Outcome.BLOCKED) == bool(blockers)
    assert ("Blocked by" in render_feedback(report)) == bool(blockers)


def test_a_test_that_asks_both_itself_uses_both(graded):
    report = graded(STUB.format("double"), "def four(x):\n    return 4 * x", SUITE + BESIDE)
    assert report.questions[1].blocked_by == ("double",)
    assert [t.outcome for t in report.questions[1].tests] == [Outcome.PASSED, Outcome.PASSED, Outcome.FAILED]
