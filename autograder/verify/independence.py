"""A lint for hidden suites: does each test compare with something that does not come from the code under test?

Read from the suite's text; nothing is run. Each rule is a way in which published suites were found to accept wrong answers.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from autograder.grading.cases import TestCase
from autograder.notebook.suite_names import foreign_imports
from autograder.verify.evidence import lint_probes
from autograder.verify.records import Problem

_COMPARE = frozenset({"assert_close", "require"})
_LOOSE_ATOL = 1e-2
_FAILS = frozenset({"fail", "xfail"})


def lint_suite(text: str, cases: tuple[TestCase, ...]) -> list[Problem]:
    """What is wrong in a suite's text.

    Args:
        text: the suite.
        cases: its collected tests, for what their decorators say.
    """
    tree = ast.parse(text)
    functions = {n.name: n for n in tree.body if isinstance(n, ast.FunctionDef)}
    found = [Problem(f"line {line}", what) for line, what in foreign_imports(ast.walk(tree))]
    found += [Problem(f"line {line}", f"the probe {what}") for line, what in lint_probes(tree)]
    for case in cases:
        if not case.mark.reference.strip():
            found.append(Problem(case.id, "says nowhere what its expected values come from: @question(..., reference=...)"))
    helpers = {node.name: _methods(node) for node in tree.body if isinstance(node, ast.ClassDef)}
    for name, test in _tests(tree):
        for message in _lint_test(test, functions | helpers[name.split("::")[0]]):
            found.append(Problem(name, message))
    for node in [*functions.values(), *(method for methods in helpers.values() for method in methods.values())]:
        for message in [*_threshold_inverted(node), *_loose_snapshots(node)]:
            found.append(Problem(node.name, message))
    return found


def with_plain_asserts(text: str) -> set[str]:
    """Ids of the tests that hold an `assert` statement of their own (those leave no note when they run)."""
    return {name for name, test in _tests(ast.parse(text)) if any(isinstance(n, ast.Assert) for n in ast.walk(test))}


def _tests(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef) and inner.name.startswith("test"):
                    yield f"{node.name}::{inner.name}", inner


def _methods(node: ast.ClassDef) -> dict[str, ast.FunctionDef]:
    """What a class has beside its tests: helpers that these call by `self`."""
    return {n.name: n for n in node.body if isinstance(n, ast.FunctionDef) and not n.name.startswith("test")}


def _lint_test(test: ast.FunctionDef, functions: dict[str, ast.FunctionDef]) -> Iterator[str]:
    if not _compares(test, functions, set()):
        yield "compares nothing: no assert_close, require or assert is reached from it"
    yield from _threshold_inverted(test)
    yield from _compares_inside_raises(test)
    yield from _self_comparisons(test)
    yield from _ones_as_cotangent(test)
    yield from _loose_snapshots(test)


# ------------------------------------------------------------------------------------------------------------ the rules


def _compares(node: ast.AST, functions: dict[str, ast.FunctionDef], seen: set[str]) -> bool:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Assert):
            return True
        if isinstance(inner, ast.Call):
            name = _name(inner.func)
            if name in _COMPARE or name == "raises":
                return True
            if name in functions and name not in seen and _compares(functions[name], functions, seen | {name}):
                return True
    return False


def _threshold_inverted(test: ast.AST) -> Iterator[str]:
    """`if err > tol: fail`: NaN > tol is false, so a NaN passes."""
    for node in ast.walk(test):
        if isinstance(node, ast.If) and _is_greater(node.test) and any(_is_failure(s) for s in node.body):
            yield f"line {node.lineno}: fails if an error is too large, which a NaN is not: assert that it is small"
        asserted = _asserted(node)
        if isinstance(asserted, ast.UnaryOp) and isinstance(asserted.op, ast.Not) and _is_greater(_inside_any(asserted.operand)):
            yield f"line {node.lineno}: asserts `not err > tol`, which a NaN passes: write err <= tol"


def _is_greater(node: ast.AST) -> bool:
    return isinstance(node, ast.Compare) and any(isinstance(op, ast.Gt | ast.GtE | ast.Lt | ast.LtE) for op in node.ops)


def _inside_any(node: ast.AST) -> ast.AST:
    if isinstance(node, ast.Call) and _name(node.func) == "any":
        base = node.func.value if isinstance(node.func, ast.Attribute) and not node.args else None
        return node.args[0] if node.args else base or node
    return node


def _asserted(node: ast.AST) -> ast.AST | None:
    if isinstance(node, ast.Assert):
        return node.test
    if isinstance(node, ast.Call) and _name(node.func) == "require" and node.args:
        return node.args[0]
    return None


def _is_failure(node: ast.stmt) -> bool:
    if isinstance(node, ast.Raise):
        return True
    if isinstance(node, ast.Assert):
        return isinstance(node.test, ast.Constant) and not node.test.value
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        call = node.value
        never = bool(call.args) and isinstance(call.args[0], ast.Constant) and not call.args[0].value
        return _name(call.func) in _FAILS or (_name(call.func) == "require" and never)
    return False


def _compares_inside_raises(test: ast.AST) -> Iterator[str]:
    """What stands after the raising line in `with raises(...)` never runs."""
    for node in ast.walk(test):
        if isinstance(node, ast.With) and any(_name(getattr(i.context_expr, "func", None)) == "raises" for i in node.items):
            for statement in node.body:
                if any(_is_comparison(n) for n in ast.walk(statement)):
                    yield f"line {statement.lineno}: a comparison inside `with raises` never runs once the error comes"


def _is_comparison(node: ast.AST) -> bool:
    return isinstance(node, ast.Assert) or (isinstance(node, ast.Call) and _name(node.func) in _COMPARE)


def _self_comparisons(test: ast.FunctionDef) -> Iterator[str]:
    """Both sides from the student: whoever patches jax.grad, or is wrong twice alike, agrees with himself."""
    tainted = _from_student(test)
    verdicts = []
    for node in ast.walk(test):
        if isinstance(node, ast.Call) and _name(node.func) == "assert_close" and len(node.args) >= 2:
            verdicts.append((node.lineno, all(_is_tainted(a, tainted) for a in node.args[:2])))
        elif isinstance(asserted := _asserted(node), ast.Compare) and not isinstance(node, ast.Compare):
            sides = [asserted.left, *asserted.comparators]
            verdicts.append((node.lineno, all(_is_tainted(s, tainted) for s in sides)))
        elif isinstance(node, ast.Call) and _name(node.func) == "require":
            verdicts.append((node.lineno, False))
        for line in _difference_in_probe(node):
            yield f"line {line}: the probe takes the difference of two student results: return both, compare here"
    if verdicts and all(own for _, own in verdicts):
        lines = ", ".join(str(line) for line, _ in verdicts)
        yield f"line {lines}: compares the student's results with each other only: compute one side here"


def _from_student(test: ast.FunctionDef) -> set[str]:
    tainted: set[str] = {"student"}
    for _ in range(3):  # names that depend on names that depend on the student
        for node in ast.walk(test):
            if isinstance(node, ast.Assign) and _is_tainted(node.value, tainted):
                if _by_a_helper(node.value) and any(isinstance(t, ast.Tuple) for t in node.targets):
                    continue  # it may well return the reference beside the student's result
                tainted |= {n.id for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name)}
            elif isinstance(node, ast.For | ast.comprehension) and _is_tainted(node.iter, tainted):
                mixed = _mixes(node.iter) or (isinstance(node.target, ast.Tuple) and _by_a_helper(node.iter))
                if not mixed:
                    tainted |= {n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)}
    return tainted


def _by_a_helper(node: ast.AST) -> bool:
    """A call of something else than the student's function."""
    if not isinstance(node, ast.Call):
        return False
    base = node.func
    while isinstance(base, ast.Attribute):
        base = base.value
    return not (isinstance(base, ast.Name) and base.id == "student")


def _mixes(node: ast.AST) -> bool:
    """zip, enumerate, range: what comes out beside the student's values need not be his."""
    return any(isinstance(n, ast.Call) and _name(n.func) in ("zip", "enumerate", "range") for n in ast.walk(node))


def _is_tainted(node: ast.AST, tainted: set[str]) -> bool:
    return any(isinstance(n, ast.Name) and n.id in tainted for n in ast.walk(node))


def _difference_in_probe(node: ast.AST) -> Iterator[int]:
    if not (isinstance(node, ast.Call) and _name(node.func) == "run" and node.args and isinstance(node.args[0], ast.Lambda)):
        return
    probe = node.args[0]
    if not probe.args.args:
        return
    names = {probe.args.args[0].arg}
    for inner in ast.walk(probe.body):
        differs = isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Sub | ast.Div)
        if differs and _is_tainted(inner.left, names) and _is_tainted(inner.right, names):
            yield inner.lineno


def _ones_as_cotangent(test: ast.FunctionDef) -> Iterator[str]:
    """A cotangent of ones cannot tell a gradient from one whose rows or columns are mixed up."""
    for node in ast.walk(test):
        if isinstance(node, ast.Call):
            pulls_back = isinstance(node.func, ast.Call) and _name(node.func.func) == "vjp"
            named = _name(node.func) in ("vjp_fn", "pullback", "f_vjp")
            if (pulls_back or named) and any(_is_ones(a) for a in node.args):
                yield f"line {node.lineno}: an all-ones cotangent: draw it"
            for keyword in node.keywords:
                if keyword.arg and is_cotangent(keyword.arg) and _is_ones(keyword.value):
                    yield f"line {node.lineno}: an all-ones cotangent: draw it"
        elif isinstance(node, ast.Assign) and _is_ones(node.value):
            names = [t.id for t in node.targets if isinstance(t, ast.Name)]
            if any(is_cotangent(name) for name in names):
                yield f"line {node.lineno}: an all-ones cotangent: draw it"


def is_cotangent(name: str) -> bool:
    """Whether an argument of this name is what a backward pass starts from."""
    return name in ("ct", "g_out", "upstream", "adjoint") or "cotangent" in name


def only_squares_promised(cells: Iterable[str]) -> bool:
    """Whether the signatures in these cells name matrices, and all of them as square: `Float[Array, "d d"]`.

    Then no test could send another shape. Arguments without an annotation promise nothing.
    """
    functions = [f for cell in cells for f in ast.parse(cell).body if isinstance(f, ast.FunctionDef)]
    annotations = [a.annotation for f in functions for a in f.args.args if a.annotation is not None]
    texts = [n.value for a in annotations for n in ast.walk(a) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    sides = [text.split()[-2:] for text in texts if len(text.split()) > 1]
    return bool(sides) and all(m == n for m, n in sides)


def _is_ones(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and _name(node.func) in ("ones", "ones_like")


def _loose_snapshots(test: ast.AST) -> Iterator[str]:
    """A tolerance of a hundredth or more that nobody gives a reason for."""
    for node in ast.walk(test):
        if isinstance(node, ast.Call) and _name(node.func) in ("assert_close", "allclose", "assert_allclose", "isclose"):
            keywords = {k.arg: k.value for k in node.keywords}
            loose = [k for k in ("atol", "rtol") if _value(keywords.get(k)) >= _LOOSE_ATOL]
            if loose and "why" not in keywords:
                yield f"line {node.lineno}: {loose[0]} = {_value(keywords[loose[0]]):g} without a reason (why=...)"


def _value(node: ast.AST | None) -> float:
    return float(node.value) if isinstance(node, ast.Constant) and isinstance(node.value, int | float) else 0.0


def _name(node: ast.AST | None) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
