"""What must hold between a hidden suite and its notebook, and of a suite by itself: every test runs and says what it proves.

Read from the suite's text; nothing is run. A suite that does not fit its notebook is refused by every command. The other
rules are `autograder build`'s alone: a class that waits for its marks must not wait for a docstring.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from autograder.errors import AuthoringError
from autograder.notebook import suite_names, suite_probes
from autograder.notebook.did_you_mean import did_you_mean, nearest
from autograder.notebook.source_cells import Role, SourceNotebook
from autograder.notebook.suite_source import SuiteSource, question_of

FIXTURES = ("student", "rng", "seed", "key")
_CALLED = {"question": '("id", reference="...")', "weight": "(2)", "reference": '("words")', "fixed_inputs": '("reason")'}
_BARE = ("gated", "fresh_state")
_PYTEST_OWN = ("request",)
Finding = tuple[int, str, str]  # line, what is wrong, remedy


def check_fit(notebook: SourceNotebook, suite: SuiteSource) -> None:
    """The suite tests each question that a machine marks, no other, and asks for names that a student can define.

    Raises:
        AuthoringError: it does not.
    """
    questions = {q.id: q for q in notebook.assignment.questions}
    for question, line in suite.lines.items():
        if question not in questions:
            problem = f"this class tests an unknown question {question!r}."
            raise AuthoringError(suite.path, problem, did_you_mean(question, tuple(questions)), line=line)
        if questions[question].written:
            problem = f"this class tests {question!r}, which a person marks (written=true)."
            raise AuthoringError(suite.path, problem, "Remove the tests or the mark written=true.", line=line)
    for question in questions.values():
        if not question.written and not suite.tests.get(question.id):
            problem = f"question {question.id!r} has no hidden test."
            remedy = f'Write a class with @question("{question.id}") and methods called test_*.'
            raise AuthoringError(suite.path, problem, remedy, line=suite.lines.get(question.id, 1))
    known = {n for c in notebook.cells if c.role is Role.SUPPORT for n in c.names.defines + c.names.imported}
    known |= {n for q in questions.values() for n in q.names}
    for name, line in suite.names:
        if name not in known:
            problem = f"the suite asks for {name!r}, which no graded cell lets a student define."
            raise AuthoringError(suite.path, problem, did_you_mean(name, tuple(sorted(known))), line=line)


def check_suite(suite: SuiteSource) -> None:
    """All rules of a suite by itself.

    Raises:
        AuthoringError: the first rule that is broken.
    """
    classes = [n for n in suite.tree.body if isinstance(n, ast.ClassDef) and question_of(n) is not None]
    rules: tuple[Callable[[SuiteSource, list[ast.ClassDef]], Iterator[Finding]], ...] = (
        _decorators, _class_names, _imports, _fixtures, _undefined, _methods, _docstrings, _references, _gates, _probes,
    )  # fmt: skip
    for rule in rules:
        for line, problem, remedy in rule(suite, classes):
            raise AuthoringError(suite.path, problem, remedy, line=line)


def _decorators(suite: SuiteSource, classes: list[ast.ClassDef]) -> Iterator[Finding]:
    """Each of ours is written as it must be; a weight is a positive number."""
    for node in suite.nodes:
        for decorator in getattr(node, "decorator_list", []):
            name, called = _called(decorator), isinstance(decorator, ast.Call)
            if name in _CALLED and (not called or not (decorator.args or decorator.keywords)):
                yield decorator.lineno, f"@{name} says nothing.", f"Write @{name}{_CALLED[name]}."
            elif name in _BARE and called:
                yield decorator.lineno, f"@{name} takes no arguments.", f"Write @{name} alone."
            elif name == "weight" and _is_no_weight(share := _constant(decorator)):
                remedy = "Give a positive number, or remove the test: one without weight marks nothing."
                yield decorator.lineno, f"the weight is {share!r}.", remedy


def _class_names(suite: SuiteSource, classes: list[ast.ClassDef]) -> Iterator[Finding]:
    """pytest collects them all, each is there once, and a question has one."""
    names: dict[str, int] = {}
    questions: dict[str, tuple[str, int]] = {}
    for node in classes:
        if not node.name.startswith("Test"):
            yield node.lineno, f"pytest does not collect {node.name}.", f"Call it Test{node.name}."
        for inner in node.body:
            if isinstance(inner, ast.FunctionDef) and inner.name == "__init__":
                problem = f"pytest does not collect {node.name}, because it has an __init__."
                yield inner.lineno, problem, "Use a fixture in its place."
        if node.name in names:
            remedy = "Give one of them another name: the later replaces the other, whose tests would never run."
            yield node.lineno, f"{node.name} is already defined in line {names[node.name]}.", remedy
        names[node.name] = node.lineno
        question = question_of(node) or ""
        if question in questions:
            other, line = questions[question]
            problem = f"{node.name} tests question {question!r}, and so does {other} in line {line}."
            yield node.lineno, problem, "Correct the id of one, or put all tests of a question into one class."
        questions[question] = (node.name, node.lineno)


def _imports(suite: SuiteSource, classes: list[ast.ClassDef]) -> Iterator[Finding]:
    for line, what in suite_names.foreign_imports(suite.nodes, suite.path):
        remedy = "Remove it, and write what you need into the suite: expected values come from elsewhere than the solution."
        yield line, f"the suite {what.replace('a suite', 'it')}.", remedy
    for line, problem, remedy in suite_names.missing_imports(suite.nodes):
        yield line, problem, remedy


def _undefined(suite: SuiteSource, classes: list[ast.ClassDef]) -> Iterator[Finding]:
    for line, name, known in suite_names.undefined_names(suite.tree, suite.path):
        near = nearest(name, known)
        yield line, f"{name!r} is not defined.", f"Did you mean {near!r}?" if near else "Import or define it."


def _methods(suite: SuiteSource, classes: list[ast.ClassDef]) -> Iterator[Finding]:
    """Every method is a test, or one that a test calls."""
    used = {n.attr for n in suite.nodes if isinstance(n, ast.Attribute)}
    for node in classes:
        seen: dict[str, int] = {}
        for method in _functions(node):
            if method.name in seen:
                problem = f"{method.name} is already defined in line {seen[method.name]} of the same class."
                yield method.lineno, problem, "Give one of them another name: the later replaces the other."
            seen[method.name] = method.lineno
            helper = method.name.startswith(("test", "_")) or method.name in used or _is_fixture(method)
            if not helper:
                problem = f"{method.name} never runs: pytest takes methods called test_* only, and no test calls it."
                yield method.lineno, problem, f"Call it test_{method.name}, or remove it."


def _fixtures(suite: SuiteSource, classes: list[ast.ClassDef]) -> Iterator[Finding]:
    """Arguments of tests are fixtures that exist."""
    shared = {f.name for f in _functions(suite.tree) if _is_fixture(f)}
    for node in classes:
        own = shared | {f.name for f in _functions(node) if _is_fixture(f)}
        for method in _functions(node):
            if not (method.name.startswith("test") or _is_fixture(method)):
                continue
            known = {*FIXTURES, *_PYTEST_OWN, *own, *_parameters(node), *_parameters(method)}
            asked = [a.arg for a in (*method.args.posonlyargs, *method.args.args)]
            asked = asked[: len(asked) - len(method.args.defaults)]
            static = any(_called(d) == "staticmethod" for d in method.decorator_list)
            if not static and asked[:1] != ["self"]:
                yield method.lineno, f"{method.name} has no argument self.", f"Write def {method.name}(self, ...)."
            for name in asked[0 if static else 1 :]:
                if name not in known:
                    remedy = did_you_mean(name, (*FIXTURES, *sorted(own)))
                    yield method.lineno, f"{method.name} asks for a fixture {name!r}, which there is not.", remedy


def _docstrings(suite: SuiteSource, classes: list[ast.ClassDef]) -> Iterator[Finding]:
    for _, test in _tests(classes):
        if not (ast.get_docstring(test) or "").strip():
            remedy = "Write one: its first line is what a student reads when the test fails, the rest is the hint."
            yield test.lineno, f"{test.name} has no docstring.", remedy


def _references(suite: SuiteSource, classes: list[ast.ClassDef]) -> Iterator[Finding]:
    for node, test in _tests(classes):
        if not (_says_reference(node) or _says_reference(test)):
            remedy = f'Add it to the class: @question("{question_of(node)}", reference="where expected values come from").'
            yield node.lineno, f"{node.name} has no reference.", remedy


def _gates(suite: SuiteSource, classes: list[ast.ClassDef]) -> Iterator[Finding]:
    for node in classes:
        tests = [test for _, test in _tests([node])]
        if tests and all(any(_called(d) == "gated" for d in test.decorator_list) for test in tests):
            remedy = "Take @gated away from those that compare values: it stands for tests that an empty answer would pass."
            yield node.lineno, f"all tests of {node.name} are gated, so nothing opens the gate.", remedy


def _probes(suite: SuiteSource, classes: list[ast.ClassDef]) -> Iterator[Finding]:
    yield from suite_probes.may_not_cross(suite.tree)


# ------------------------------------------------------------------------------------------------------------- reading


def _functions(node: ast.Module | ast.ClassDef) -> list[ast.FunctionDef]:
    return [n for n in node.body if isinstance(n, ast.FunctionDef)]


def _tests(classes: list[ast.ClassDef]) -> Iterator[tuple[ast.ClassDef, ast.FunctionDef]]:
    for node in classes:
        for method in _functions(node):
            if method.name.startswith("test"):
                yield node, method


def _called(decorator: ast.expr) -> str:
    """The last name of a decorator: "fixture" of `@pytest.fixture(scope="class")`."""
    function = decorator.func if isinstance(decorator, ast.Call) else decorator
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _constant(decorator: ast.expr) -> object:
    """The first argument of a decorator, if it is written as a number or a string; else None."""
    arguments = [*decorator.args, *(k.value for k in decorator.keywords)] if isinstance(decorator, ast.Call) else []
    try:
        return ast.literal_eval(arguments[0]) if arguments else None
    except ValueError:
        return None


def _is_no_weight(share: object) -> bool:
    """Written as something that is no positive number; what is computed is not looked at."""
    if isinstance(share, bool | str):
        return True
    return isinstance(share, int | float) and not share > 0


def _is_fixture(function: ast.FunctionDef) -> bool:
    return any(_called(d) == "fixture" for d in function.decorator_list)


def _parameters(node: ast.ClassDef | ast.FunctionDef) -> set[str]:
    """Names that `@pytest.mark.parametrize` fills in."""
    found: set[str] = set()
    for decorator in node.decorator_list:
        if _called(decorator) == "parametrize":
            for value in ast.walk(decorator):
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    found |= {w.strip() for w in value.value.split(",")}
    return found


def _says_reference(node: ast.ClassDef | ast.FunctionDef) -> bool:
    for decorator in node.decorator_list:
        if not isinstance(decorator, ast.Call):
            continue
        given = [k.value for k in decorator.keywords if k.arg in ("reference", "words")]
        if _called(decorator) == "reference":
            given += decorator.args
        elif _called(decorator) == "question":
            given += decorator.args[1:]
        if any(not isinstance(value, ast.Constant) or str(value.value).strip() for value in given):
            return True
    return False
