"""Wrong answers, right answers under many seeds, stubs and public checks, on notebooks of one question in a real jail."""

from __future__ import annotations

import pytest

from autograder.errors import AuthoringError
from autograder.notebook.answers import read_answers
from autograder.verify.examination import examine
from autograder.verify.records import Fate
from autograder.verify.seeds import SOLUTION, run_seeds, upper_bound
from autograder.verify.styles import same_style
from autograder.verify.workshop import Options, Workshop

DOUBLE = {"double": "def double(x):\n    return 2.0 * x"}
SUITE = '''
@question("double", reference="NumPy")
class TestDouble:
    def test_values(self, student, rng):
        """Twice x."""
        x = rng.normal(size=(8, 3))  # many: numbers that are all positive by luck would spare a wrong abs
        assert_close(student.double(x), 2 * x)

    @gated
    @weight(3)
    def test_negative(self, student, rng):
        """Negative numbers, too."""
        x = -rng.uniform(1, 2, size=3)
        assert_close(student.double(x), 2 * x)
'''


def wrong(body: str, fails: str = "TestDouble::test_negative") -> str:
    return f'"""Wrong.\n\nquestion: double\nfails: {fails}\n"""\n\n\ndef double(x):\n    {body}\n'


def examined(engine, course, assignment, question="double", **options):
    return examine(engine, Workshop.open(course.load(), assignment), question, Options(**options))


def messages(verdict) -> str:
    return "\n".join(f"{p.where}: {p.message}" for p in verdict.problems)


def test_wrong_answers_are_held_to_what_they_say(engine, small_course):
    assignment = small_course.add(43, DOUBLE, SUITE)
    small_course.write_answer(43, "wrong_good", wrong("return 2.0 * abs(x)"))
    small_course.write_answer(43, "wrong_is_right", wrong("return x + x"))
    small_course.write_answer(43, "wrong_no_such_test", wrong("return 3.0 * x", "TestDouble::test_nothing"))
    small_course.write_answer(43, "wrong_crashes", wrong("import os; os._exit(3)", "TestDouble::test_values"))
    verdict = examined(engine, small_course, assignment)
    by_name = {a.name: a for a in verdict.wrong}
    assert by_name["wrong_good"].share == 0 and by_name["wrong_good"].failed
    assert by_name["wrong_crashes"].share == 0
    said = messages(verdict)
    assert "wrong_good" not in said and "wrong_crashes" not in said
    assert "wrong_is_right: should fail TestDouble::test_negative, and passes it" in said
    assert "wrong_is_right: earns 100% of the points" in said
    assert "wrong_no_such_test: names a test that is not there" in said


def test_a_usual_slip_is_one_that_the_public_check_catches(engine, small_course):
    """The check runs as `grader.check` runs it, so nothing that it binds is left behind."""
    assignment = small_course.add(43, DOUBLE, SUITE)
    lab = small_course.root / "solutions/week43_small/lab.py"
    check = "jnp = None\nassert double(1.0) > 1.5, 'twice'"
    lab.write_text(lab.read_text().replace("assert callable(double), 'define it'", check))
    half, absolute = wrong("return x / 2"), wrong("return 2.0 * abs(x) + 0 * jnp.sum(x)")
    small_course.write_answer(43, "wrong_a", half.replace("fails:", "kind: usual\nfails:"))
    small_course.write_answer(43, "wrong_b", absolute.replace("fails:", "kind: usual\nfails:"))
    small_course.write_answer(43, "wrong_c", absolute.replace("fails:", "kind:  subtle\nfails:"))
    small_course.write_answer(43, "wrong_d", absolute)
    verdict = examined(engine, small_course, assignment, checks_only=True)
    assert [(a.slip, a.caught_publicly) for a in verdict.wrong] == [
        ("usual", True), ("usual", False), ("subtle", False), ("", False)]  # fmt: skip
    (problem,) = verdict.problems
    assert problem.where == "wrong_b" and "the public check of double passes on it" in problem.message
    assert "lab.py" in problem.message and "`kind: subtle` into wrong_b.py" in problem.message


def test_suites_and_checks_take_a_list_of_numbers_for_an_array(engine, small_course):
    suite = SUITE + '''
    def test_shape(self, student, rng):
        """The shape of x."""
        y = student.double(rng.normal(size=3))
        require(y.shape == (3,), "the shape of x")

    def test_slope(self, student, rng):
        """Two everywhere, also under jit: what is traced is no list."""
        x = rng.normal(size=3)
        assert_close(student.run(lambda ns: jax.jit(jax.vmap(jax.grad(lambda t: ns.double(t))))(x)), np.full(3, 2.0))
'''
    assignment = small_course.add(43, DOUBLE, suite)
    lab = small_course.root / "solutions/week43_small/lab.py"
    check = "assert double(jnp.ones(2)).sum() == 4, 'twice'"
    lab.write_text(lab.read_text().replace("assert callable(double), 'define it'", check))
    verdict = examined(engine, small_course, assignment, mutants=0, sample=True)
    refusals = {p.where: p.message for p in verdict.problems if "when it returns lists" in p.message}
    assert set(refusals) == {"TestDouble::test_shape", "the public check"}
    assert "as_array" in refusals["TestDouble::test_shape"] and "jnp.asarray" in refusals["the public check"]
    lab.write_text(lab.read_text().replace("double(jnp.ones(2)).sum()", "jnp.asarray(double(jnp.ones(2))).sum()"))
    small_course.write_suite(43, suite.replace("y.shape == (3,)", "np.shape(y) == (3,)"))
    assert "when it returns lists" not in messages(examined(engine, small_course, assignment, mutants=0, sample=True))


@pytest.mark.parametrize("line", ["kind: usaul", "kind:", "kind: usual\nkind: subtle"])
def test_a_kind_that_is_none_is_the_authors_mistake(small_course, line):
    small_course.add(43, DOUBLE, SUITE)
    path = small_course.write_answer(43, "wrong_a", wrong("return x").replace("fails:", f"{line}\nfails:"))
    with pytest.raises(AuthoringError, match=r"kind: usual.*kind: subtle") as caught:
        read_answers(path.parent)
    assert caught.value.file == str(path)
    path.unlink()
    small_course.write_answer(43, "right_a", '"""Right.\n\nkind: usual\n"""\n\n\ndef double(x):\n    return x + x\n')
    with pytest.raises(AuthoringError, match="others have no kind"):
        read_answers(path.parent)


def test_an_answer_that_ends_its_process_in_the_public_check_is_told_of(engine, small_course):
    assignment = small_course.add(43, DOUBLE, SUITE)
    ends = "import builtins\nimport os\n\n\ndef double(x):\n    return x + x\n\n\nbuiltins.callable = lambda f: os._exit(3)\n"
    small_course.write_answer(43, "right_but_deadly", f'"""A sum."""\n\n{ends}')
    run = run_seeds(engine, Workshop.open(small_course.load(), assignment), "right_but_deadly", ("a", "b"))
    assert run.public_failures == ("double",) and run.seeds == 2


def test_a_wrong_answer_must_not_cost_another_question(engine, small_course):
    questions = {**DOUBLE, "twice": "def twice(x):\n    return double(x) + double(x)"}
    suite = (
        SUITE
        + '''
@question("twice", reference="NumPy")
class TestTwice:
    def test_values(self, student, rng):
        """Four times x."""
        x = -rng.uniform(1, 2, size=3)
        assert_close(student.twice(x), 4 * x)
'''
    )
    for week, extra, expected in ((43, None, True), (44, {"twice": 'needs="double"'}, False)):
        assignment = small_course.add(week, questions, suite, extra=extra)
        small_course.write_answer(week, "wrong_good", wrong("return 2.0 * abs(x)"))
        said = messages(examined(engine, small_course, assignment, mutants=0, sample=True))
        assert ("costs points of twice too" in said) is expected


def test_tests_whose_inputs_do_not_depend_on_the_seed(engine, small_course):
    suite = """
@question("double", reference="NumPy")
class TestDouble:
    def test_drawn(self, student, rng):
        x = rng.normal(size=3)
        assert_close(student.double(x), 2 * x)

    def test_forgotten(self, student):
        assert_close(student.double(3.0), 6.0)

    @fixed_inputs("there is one zero only")
    def test_declared(self, student):
        assert_close(student.double(0.0), 0.0)

    @fixed_inputs("but it is not true")
    def test_lies(self, student, rng):
        assert_close(student.double(rng.normal(size=1)).shape, [1])
"""
    said = messages(examined(engine, small_course, small_course.add(43, DOUBLE, suite), mutants=0, sample=True))
    assert "test_forgotten: sends the same inputs under every seed" in said
    assert "test_lies: says @fixed_inputs" in said
    assert "test_drawn" not in said and "test_declared: sends" not in said


def test_a_suite_that_breaks_on_a_wrong_form_is_found(engine, small_course):
    suite = """
@question("double", reference="NumPy")
class TestDouble:
    def test_values(self, student, rng):
        x = rng.normal(size=3)
        result = student.double(x)
        if result is None:
            raise RuntimeError("the suite's own mistake")
        assert_close(result, 2 * x)
"""
    said = messages(examined(engine, small_course, small_course.add(43, DOUBLE, suite), mutants=0))
    assert "breaks on None, which stops the grading" in said


def test_a_solution_that_fails_its_own_suite_is_reported_first(engine, small_course):
    verdict = examined(engine, small_course, small_course.add(43, {"double": "def double(x):\n    return 3.0 * x"}, SUITE))
    assert "fails on the solution" in messages(verdict) and verdict.mutants == ()


HANG = "def count(n):\n    total = 0\n    while n > 0:\n        total = total + n\n        n = n - 1\n    return total"


def test_hanging_mutants_are_reported_apart_and_do_not_count(engine, small_course):
    suite = """
@question("count", reference="closed form")
class TestCount:
    def test_values(self, student, rng):
        n = int(rng.integers(3, 40))
        require(student.count(n) == n * (n + 1) // 2, "1 + 2 + ... + n")
"""
    verdict = examined(engine, small_course, small_course.add(43, {"count": HANG}, suite), "count")
    assert verdict.count(Fate.HUNG) >= 1
    assert verdict.live == verdict.count(Fate.KILLED) + verdict.count(Fate.SURVIVED)
    survivors = [m.diff for m in verdict.mutants if m.fate is Fate.SURVIVED]
    assert survivors == ["-    while n > 0:\n+    while n >= 0:"]  # the last turn adds 0: the same function


# ---------------------------------------------------------------------------------------------------------------- seeds

LUCKY = """
@question("double", reference="NumPy")
class TestDouble:
    def test_values(self, student, rng):
        x = rng.normal(size=3)
        assert_close(student.double(x), 2 * x)
        require(rng.uniform() <= 0.7, "bad luck")
"""


def test_a_test_that_fails_by_luck_is_counted(engine, small_course):
    assignment = small_course.add(43, DOUBLE, LUCKY)
    workshop = Workshop.open(small_course.load(), assignment)
    epochs = [f"verify-{i}" for i in range(30)]
    run = run_seeds(engine, workshop, SOLUTION, epochs)
    assert run.seeds == 30 and 1 <= len(run.false_fails) <= 20
    assert run.false_fails[0].test == "TestDouble::test_values" and "bad luck" in run.false_fails[0].detail
    # The same secret and epochs give the same inputs: exactly repeatable.
    assert run_seeds(engine, workshop, SOLUTION, epochs).false_fails == run.false_fails


HOARDER = '''"""Keeps 60 MB of each call; when memory gets short, a library fails without a word about memory."""


def double(x, kept=[]):
    import numpy as np

    kept.append(np.ones(7_500_000))
    if len(kept) > 17:
        raise SystemError("error return without exception set")
    return 2.0 * x
'''


def test_what_many_seeds_leave_in_one_process_costs_no_seed_a_test(engine, small_course):
    assignment = small_course.add(43, DOUBLE, SUITE)
    small_course.write_answer(43, "right_hoarder", HOARDER)
    epochs = [f"verify-{i}" for i in range(20)]  # of two tests each; in grading, every submission has a process of its own
    assert run_seeds(engine, Workshop.open(small_course.load(), assignment), "right_hoarder", epochs).false_fails == ()


def test_right_answers_are_run_in_place_of_the_solution(engine, small_course):
    assignment = small_course.add(43, DOUBLE, SUITE)
    small_course.write_answer(43, "right_sum", '"""A sum."""\n\n\ndef double(x):\n    return x + x\n')
    small_course.write_answer(43, "right_not", '"""Not right."""\n\n\ndef double(x):\n    return x\n')
    workshop = Workshop.open(small_course.load(), assignment)
    assert run_seeds(engine, workshop, "right_sum", ["verify-0", "verify-1"]).false_fails == ()
    lost = run_seeds(engine, workshop, "right_not", ["verify-0"]).false_fails
    assert {f.test for f in lost} == {"TestDouble::test_values", "TestDouble::test_negative"}


@pytest.mark.parametrize(("fails", "seeds", "bound"), [(0, 200, 0.01487), (0, 20, 0.1391), (1, 20, 0.2161), (20, 20, 1.0)])
def test_the_bound_is_clopper_and_pearsons(fails, seeds, bound):
    assert upper_bound(fails, seeds) == pytest.approx(bound, rel=1e-3)
    if fails == 0:
        assert (1 - upper_bound(0, seeds)) ** seeds == pytest.approx(0.05)


# --------------------------------------------------------------------------------------------------------------- styles


def test_styles_differ_in_structure_not_in_names(small_course):
    small_course.add(43, DOUBLE, SUITE)
    small_course.write_answer(43, "right_a", '"""A."""\n\n\ndef double(x):\n    y = x + x\n    return y\n')
    small_course.write_answer(
        43, "right_b", '"""B."""\n\n\ndef double(value):  # renamed\n    out = value + value\n    return out\n'
    )
    small_course.write_answer(43, "right_c", '"""C."""\n\n\ndef double(x):\n    return jnp.stack([2 * v for v in x])\n')
    answers = read_answers(small_course.root / "solutions" / "week43_small" / "answers" / "lab")
    found = [(p.where, p.message) for p in same_style(answers)]
    assert len(found) == 1 and found[0][0] == "right_b" and "right_a" in found[0][1]


def test_memory_that_earlier_seeds_used_up_is_no_false_fail(engine, small_course):
    assignment = small_course.add(43, DOUBLE, SUITE)
    hoard = (
        '"""Keeps 120 MB of each call."""\n\n\ndef double(x, kept=[]):\n    kept.append(np.ones(15_000_000))\n    return x + x\n'
    )
    small_course.write_answer(43, "right_hoard", hoard)
    workshop = Workshop.open(small_course.load(), assignment)
    run = run_seeds(engine, workshop, "right_hoard", [f"verify-{i}" for i in range(14)])  # 28 calls, 3.4 GB, 1.5 allowed
    assert run.false_fails == ()
    # A single seed that needs too much is one, however fresh the process.
    small_course.write_answer(43, "right_glutton", hoard.replace("15_000_000", "300_000_000"))
    workshop = Workshop.open(small_course.load(), assignment)
    lost = run_seeds(engine, workshop, "right_glutton", ["verify-0"]).false_fails
    assert {f.test for f in lost} == {"TestDouble::test_values", "TestDouble::test_negative"}
