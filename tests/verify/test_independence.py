"""The lint, rule by rule: each bad pattern is found, and its good twin is not."""

from __future__ import annotations

import textwrap

import pytest

from autograder.verify.independence import lint_suite, only_squares_promised


def lint(body: str, before: str = "") -> str:
    test = textwrap.indent(textwrap.dedent(body), "        ")
    text = f"{before}\nclass TestIt:\n    def test_it(self, student, rng):\n{test}\n"
    return "\n".join(p.message for p in lint_suite(text, ()))


BAD_AND_GOOD = [
    ("x = student.f(1)", "assert_close(student.f(1), 2)", "compares nothing"),
    (
        "with student.raises('ValueError'):\n    y = student.f(0)\n    assert_close(y, 1)",
        "with student.raises('ValueError'):\n    student.f(0)",
        "never runs once the error comes",
    ),
    ("assert not abs(student.f(1)) > 1e-3", "assert abs(student.f(1)) <= 1e-3", "which a NaN passes"),
    ("require(not np.any(abs(student.f(1)) > 1e-3), 'x')", "require(np.all(abs(student.f(1)) <= 1e-3), 'x')", "a NaN passes"),
    ("err = abs(student.f(1))\nif err > 1:\n    pytest.fail('far')", "err = abs(student.f(1))\nassert err <= 1", "a NaN is not"),
    (
        "a = student.f(1)\nassert_close(student.f(2), 2 * a)",
        "a = student.f(1)\nassert_close(a, 3)\nassert_close(student.f(2), 2 * a)",
        "with each other only",
    ),
    (
        "y, pull = 1, 2\nassert_close(jax.vjp(f, x)(np.ones(3)), student.f(1))",
        "assert_close(jax.vjp(f, x)(rng.normal(size=3)), student.f(1))",
        "all-ones cotangent",
    ),
    (
        "assert_close(student.run(lambda ns: ns.f(2) / ns.f(1)), 2.0)",
        "assert_close(student.run(lambda ns: ns.f(2) / 3), 2.0)",
        "difference of two student results",
    ),
    (
        "assert_close(student.run(lambda ns, x: jax.grad(ns.f)(x), x), 2 * x)",
        "assert_close(student.run(lambda ns, x, a: jax.grad(lambda v: ns.f(tilted(a)(v)))(x), x, a), 2 * a * x)",
        "put `tilted` between",
    ),
    (
        "def probe(ns, x):\n    loss = lambda v: ns.f(v).sum()\n    return jax.value_and_grad(loss)(x)\n"
        "assert_close(student.run(probe, x), 2)",
        "def probe(ns, x):\n    slope = jax.grad(lambda v: v**2)\n    return ns.f(slope, x)\n"
        "assert_close(student.run(probe, x), 2)",
        "put `tilted` between",
    ),
    (
        "assert_close(student.run(lambda ns, x: jax.jit(ns.f)(x), x), 2 * x)",
        "assert_close(student.run(lambda ns, x: ns.f(jax.jit(double), x), x), 2 * x)",
        "exchange a number after a call",
    ),
    (
        "def probe(ns):\n    n = [0]\n    def f(x):\n        n[0] += 1\n        return x\n    return ns.f(f), n[0]\n"
        "assert_close(student.run(probe), 2)",
        "def probe(ns, x):\n    path = []\n    for _ in range(3):\n        path.append(ns.f(x))\n    return path\n"
        "assert_close(student.run(probe, x), 2)",
        "pass asked(f)",
    ),
    (
        "def probe(ns):\n    log = []\n    ns.f(lambda x: log.append(x))\n    return log\n"
        "assert_close(student.run(probe), 2)",
        "log = []\nassert_close(student.f(asked(lambda x: log.append(x))), 2)\nassert_close(log, [1])",
        "pass asked(f)",
    ),
    (
        "assert_close(student.f(1), 2, rtol=0.05)",
        "assert_close(student.f(1), 2, rtol=0.05, why='a quadrature')",
        "without a reason",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("bad", "good", "words"), BAD_AND_GOOD)
def test_each_pattern_is_found_and_its_good_twin_is_not(bad, good, words):
    assert words in lint(bad)
    assert lint(good) == ""


@pytest.mark.parametrize(
    "line",
    [
        "from solutions.week03 import lab", "import solutions", "from .lab import f", "from homework import f",
        "import importlib; lab = importlib.import_module('lab')", "text = open('lab.py').read()",
    ],
)  # fmt: skip
def test_a_suite_that_reaches_for_the_solution(line):
    found = lint("assert_close(student.f(1), 2)", before=line)
    assert "imports" in found or "calls" in found


def test_a_comparison_in_a_method_of_the_class_counts():
    helper = "    def check(self, student):\n        {}\n"
    text = "class TestIt:\n    def test_it(self, student):\n        self.check(student)\n" + helper
    assert lint_suite(text.format("assert_close(student.f(1), 2)"), ()) == []
    assert "compares nothing" in lint_suite(text.format("student.f(1)"), ())[0].message


def test_a_comparison_in_a_helper_counts():
    helper = "def check(student):\n    inner(student)\ndef inner(student):\n    assert_close(student.f(1), 2)\n"
    assert lint("check(student)", before=helper) == ""
    assert "compares nothing" in lint("other(student)", before=helper)


def test_a_helper_that_gives_the_reference_beside_the_result_is_no_self_comparison():
    assert lint("for got, expected in pairs(student, rng):\n    assert_close(got[0], expected[0])") == ""
    assert lint("got, expected = pair(student, rng)\nassert_close(got, expected)") == ""
    assert "with each other only" in lint("a, b = student.f(1)\nassert_close(a, b)")


@pytest.mark.parametrize(
    ("arguments", "squares"),
    [
        ('S: Float[Array, "d d"], m: Float[Array, " d"]', True),
        ('S: Float[Array, "k d d"]', True),
        ('S: Float[Array, "d d"], x: Float[Array, "n d"]', False),
        ('weights: Sequence[Float[Array, "out in"]]', False),
        ('m: Float[Array, " d"]', False),
        ("S", False),
    ],
)
def test_a_signature_that_names_square_matrices_only(arguments, squares):
    assert only_squares_promised([f"scale = 2.0\ndef f({arguments}) -> Float[Array, 'd d']:\n    return S\n"]) is squares
