"""Operators on small functions: each makes the slip that it is named for, in one place, and nothing else."""

from __future__ import annotations

import ast

import pytest
from small_course import SmallCourse

from autograder.notebook.source import load_assignment
from autograder.verify.mutants import cell_sha256, mutants_of
from autograder.verify.operators import OPERATORS
from autograder.verify.syntax import context_of


def mutate(expression: str, operator: str, before: str = "def f(a, b, x, key, phi):\n    ") -> set[str]:
    tree = ast.parse(before + expression)
    context = context_of(tree)
    return {ast.unparse(ast.fix_missing_locations(n)) for node in ast.walk(tree) for n in OPERATORS[operator](node, context)}


CASES = [
    ("swap-operands", "return a - b", "b - a"),
    ("swap-operands", "return a @ b", "b @ a"),
    ("other-operator", "return a * b", "a / b"),
    ("drop-term", "return a - b", "-b"),
    ("drop-factor", "return a * b", "b"),
    ("sign", "return -a", "a"),
    ("scale", "return a + b", "2 * (a + b)"),
    ("power", "return a ** 2", "a"),
    ("drop-call", "return jnp.sqrt(a)", "a"),
    ("drop-call", "return jax.lax.stop_gradient(a) + b", "a"),
    ("drop-call", "return phi(a)", "phi(phi(a))"),
    ("number", "return 2.0 * a", "3.0"),
    ("transpose", "return a.T @ b", "a"),
    ("transpose", "return a @ b", "a.T @ b"),
    ("axis", "return a.sum(axis=0)", "a.sum(axis=1)"),
    ("axis", "return jax.vmap(f, in_axes=1)(a)", "jax.vmap(f, in_axes=0)"),
    ("reduction", "return a.sum(axis=0)", "a.mean(axis=0)"),
    ("scan-direction", "return a[::-1]", "a"),
    ("outer-product", "return a[:, None] * b", "a[None, :]"),
    ("outer-product", "return jnp.outer(a, b)", "a * b"),
    ("slice-bound", "return a[1:]", "a[2:]"),
    ("slice-bound", "return a[:, :-1]", "a[:, :-2]"),
    ("loop-bound", "return range(x)", "range(x - 1)"),
    ("loop-part", "return [u for u in x]", "list(x)[:-1]"),
    ("other-name", "return jnp.sqrt(a)", "b"),
    ("swap-arguments", "return jnp.where(x, a, b)", "jnp.where(x, b, a)"),
    ("drop-keyword", "return jnp.diff(a, prepend=0.0)", "jnp.diff(a)"),
    ("reuse-key", "return jax.random.fold_in(key, x)", "key"),
    ("eps-place", "return jnp.sqrt(a + 1e-8)", "jnp.sqrt(a) + 1e-08"),
    ("eps-place", "return a / (b + eps)", "a / b + eps"),
    ("comparison", "return a > b", "a >= b"),
    ("condition", "return a if x else b", "b"),
    ("precision", "return np.asarray(a, np.float64)", "jnp.bfloat16"),
    ("precision", "return a @ b", "(lambda a: a.astype(jnp.bfloat16).astype(a.dtype))(a @ b)"),
]


@pytest.mark.parametrize(("operator", "expression", "expected"), CASES)
def test_operator(operator, expression, expected):
    assert expected in mutate(expression, operator)


def test_every_operator_is_tried_here():
    others = {"drop-statement", "overwrite"}
    assert {name for name, _, _ in CASES} | others == set(OPERATORS)


def test_statements():
    assert "pass" in mutate("x = x + a", "drop-statement")
    assert "pass" not in mutate("y = x + a", "drop-statement")  # a name without a value would only raise
    assert {"x = a", "x -= a"} <= mutate("x += a", "overwrite")


def test_a_loop_that_only_repeats_has_no_direction():
    assert any("reversed" in made for made in mutate("return [i * a for i in range(3)]", "scan-direction"))
    assert not mutate("return [a for _ in range(3)]", "scan-direction")


def test_what_would_be_a_right_answer_is_no_mutant():
    assert mutate("return jnp.maximum(a, b)", "swap-arguments") == set()
    assert mutate("return a * jax.random.normal(key, (2,))", "sign") == set()
    assert mutate("return len(a) + len(b)", "other-name") == set()
    assert mutate("return a > 0.5", "comparison") == {"a < 0.5"}
    assert mutate("return a @ b[:, 0]", "transpose") == {"a.T @ b[:, 0]"}
    assert mutate("x = a * b", "sign") == set()


def test_a_key_of_a_loop_is_reused():
    code = "keys = jax.random.split(key, 3)\n    return [jax.random.normal(k, (2,)) for k in keys]"
    assert "key" in mutate(code, "reuse-key")


MEAN = """def mean_of(x, y):
    # the mean
    total = jnp.sum(x * y, axis=0)
    if total.ndim > 0:
        raise ValueError("a" + "b")
    return total / len(x)"""


def suite_of(name: str) -> str:
    return f'''
@question("{name}", reference="r")
class TestIt:
    def test_it(self, student):
        assert student.{name}(1) == 2
'''


@pytest.fixture
def source(tmp_path):
    course = SmallCourse(tmp_path / "course")
    assignment = course.add(42, {"mean_of": MEAN}, suite_of("mean_of"))
    return load_assignment(course.load(), assignment)


def test_mutants_differ_in_one_line_and_keep_the_rest_as_it_was_written(source):
    mutants = mutants_of(source, "mean_of")
    cell = next(c.source for c in source.solution_cells() if c.question == "mean_of")
    assert len(mutants) > 10
    for mutant in mutants:
        pairs = list(zip(cell.split("\n"), mutant.source.split("\n"), strict=True))
        assert sum(old != new for old, new in pairs) == 1
        assert "# the mean" in mutant.source
        compile(mutant.source, "mutant", "exec")


def test_mutants_are_distinct_deterministic_and_have_distinct_ids(source):
    mutants = mutants_of(source, "mean_of")
    assert mutants == mutants_of(source, "mean_of")
    assert len({ast.dump(ast.parse(m.source)) for m in mutants}) == len(mutants)
    assert len({m.id for m in mutants}) == len(mutants)


def test_only_what_students_write_is_mutated(source):
    for mutant in mutants_of(source, "mean_of"):
        assert mutant.source.startswith("def mean_of(x, y):")
        assert 'raise ValueError("a" + "b")' in mutant.source


def test_the_hash_of_a_cell_forgets_comments_but_not_code(tmp_path):
    shas = []
    for i, body in enumerate(("return 2 * x", "return 2*x  # twice", "return 3 * x")):
        course = SmallCourse(tmp_path / f"course{i}")
        assignment = course.add(42, {"two": f"def two(x):\n    {body}"}, suite_of("two"))
        shas.append(cell_sha256(load_assignment(course.load(), assignment), "two"))
    assert shas[0] == shas[1] != shas[2]
