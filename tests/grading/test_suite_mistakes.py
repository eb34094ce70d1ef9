"""What only a run shows of a suite's mistakes: `warm`, and so every first `grade`, ends with file, line, error, remedy."""

from __future__ import annotations

import pytest
from grading_commands import DOUBLE, autograder

SUITE = '''
@question("double", reference="2 x by NumPy")
class TestDouble:
    def test_values(self, student, rng):
        """Each entry is doubled."""
        x = rng.normal(size=3)
        {line}
        assert_close(student.double(x), 2 * x)
'''
MISTAKES = {  # a line of the test -> words of what is wrong, words of the remedy
    'expected = {"one": 1}["two"]': ("TestDouble::test_values breaks on the solution: KeyError: 'two'", "shows the whole"),
    "student.double(object())": ("A object cannot be sent into the jail", "send arrays, numbers"),
    "student.run(lambda ns, v: ns.double(v) == 0, x)": ("The probe returns a verdict", "Return the value itself"),
}


@pytest.mark.parametrize("line", MISTAKES)
def test_a_suite_that_breaks_on_the_solution_names_its_line(small_course, line):
    small_course.add(31, {"double": DOUBLE}, SUITE.format(line=line))
    suite = small_course.root / "solutions/week31_small/hidden/test_lab.py"
    number = suite.read_text()[: suite.read_text().index(line)].count("\n") + 1
    done = autograder(small_course, "warm")
    wrong, remedy = MISTAKES[line]
    said = " ".join(done.stderr.split())
    assert done.returncode == 1 and f"autograder: {suite}:{number}: " in said, done.stdout + done.stderr
    assert wrong in said and remedy in said and "Traceback" not in said


def test_a_suite_that_cannot_be_imported_names_its_line(small_course):
    small_course.add(31, {"double": DOUBLE}, 'LIMIT = int("three")\n' + SUITE.format(line="pass"))
    suite = small_course.root / "solutions/week31_small/hidden/test_lab.py"
    number = suite.read_text()[: suite.read_text().index("LIMIT")].count("\n") + 1
    done = autograder(small_course, "warm")
    assert done.returncode == 1 and f"{suite}:{number}: the suite cannot be imported: ValueError: invalid literal" in done.stderr


def test_a_test_that_fails_on_the_solution_is_told_when_it_is_compiled(small_course):
    """No error: the grades of everybody else's questions need not wait for it. `verify` refuses such a suite."""
    small_course.add(31, {"double": DOUBLE}, SUITE.format(line="assert_close(student.double(x), 3 * x)"))
    suite = small_course.root / "solutions/week31_small/hidden/test_lab.py"
    number = suite.read_text()[: suite.read_text().index("3 * x")].count("\n") + 1
    done = autograder(small_course, "warm")
    assert done.returncode == 0, done.stderr
    assert f"! the solution fails TestDouble::test_values: test_lab.py:{number}: " in " ".join(done.stdout.split())
