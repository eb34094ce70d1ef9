"""The answers folder of an assignment: code that its suite must accept (right, blind) or must reject (wrong)."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import AuthoringError
from autograder.notebook.did_you_mean import did_you_mean, nearest
from autograder.notebook.source_cells import SourceNotebook
from autograder.notebook.student import solved_notebook, submission_notebook, to_text
from autograder.notebook.submission import SubmittedNotebook, parse_submission
from autograder.notebook.suite_source import SuiteSource

KINDS = ("right", "wrong", "blind")
USUAL, SUBTLE = "usual", "subtle"
_FIELD = re.compile(r"^\s*(question|fails|kind)\s*:\s*(.*?)\s*$")
_DEFINES_NOTHING = "it defines no name that a solution cell defines."
_STUBS_NAMES = "Give its functions the names that the stubs have."


@dataclass(frozen=True)
class Answer:
    """One answers file.

    Attributes:
        kind: "right", "wrong" or "blind" (a right answer by somebody who saw only the student notebook).
        title: the first line of its docstring.
        question: the question it answers; empty for a file that replaces functions of several.
        fails: ids of the tests that a wrong answer must fail.
        slip: of a wrong answer: `USUAL` (many students make it: the public check must catch it), `SUBTLE`, or "" where its
            author did not say.
        code: the file's text.
        names: what it defines at top level.
    """

    path: Path
    kind: str
    title: str
    question: str
    fails: tuple[str, ...]
    code: str
    names: tuple[str, ...]
    slip: str = ""

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def accepted(self) -> bool:
        """Whether the suite must accept it."""
        return self.kind != "wrong"


def read_answers(folder: Path) -> tuple[Answer, ...]:
    """Every answers file of a folder, by name; none if there is no folder.

    Raises:
        AuthoringError: a file's name, docstring or code is not as docs/authoring.md asks.
    """
    return tuple(_read(path) for path in sorted(folder.glob("*.py")))


def _read(path: Path) -> Answer:
    kind = path.stem.split("_")[0]
    if kind not in KINDS:
        remedy = "Name it right_*.py, wrong_*.py or blind_*.py."
        raise AuthoringError(path, "an answers file's name tells its kind.", remedy, line=1)
    code = path.read_text(encoding="utf-8")
    try:
        tree = ast.parse(code)
    except SyntaxError as e:
        raise AuthoringError(path, f"a syntax error: {e.msg}.", "Correct the line.", line=e.lineno or 1) from None
    text = ast.get_docstring(tree) or ""
    fields: dict[str, list[str]] = {"question": [], "fails": [], "kind": []}
    for line in text.splitlines():
        if match := _FIELD.match(line):
            fields[match[1]] += [match[2]]
    fails = tuple(t for value in fields["fails"] for t in re.split(r"[,\s]+", value) if t)
    if kind == "wrong" and (not fails or not fields["question"]):
        raise AuthoringError(
            path, "a wrong answer says which question it answers and which test must fail.",
            'Put "question: <id>" and "fails: <TestClass::test_name>" into its docstring.', line=1,
        )  # fmt: skip
    slip = " ".join(fields["kind"])
    if fields["kind"] and (kind != "wrong" or slip not in (USUAL, SUBTLE)):
        raise AuthoringError(
            path, f"its docstring says kind: {slip or '(nothing)'}.",
            'Write "kind: usual" (the public check must catch it) or "kind: subtle" into a wrong answer; others have no kind.',
            line=_line_of(code, "kind"),
        )  # fmt: skip
    title = text.strip().splitlines()[0] if text.strip() else path.stem
    return Answer(path, kind, title, (fields["question"] or [""])[0], fails, code, _defined(tree), slip)


def _defined(tree: ast.Module) -> tuple[str, ...]:
    return tuple(n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef))


def answered_notebook(source: SourceNotebook, answer: Answer) -> SubmittedNotebook:
    """The solution with the answer's definitions in place of its own, as if a student had handed it in.

    Raises:
        AuthoringError: it defines nothing that the solution defines.
    """
    try:
        made = submission_notebook(source, {answer.path.name: answer.code}, checksums=False)
    except KeyError:
        raise AuthoringError(answer.path, _DEFINES_NOTHING, _STUBS_NAMES, line=1) from None
    return parse_submission(to_text(made).encode(), answer.path.name)


def trusted_notebooks(source: SourceNotebook, folder: Path) -> list[SubmittedNotebook]:
    """The solution and every answer in `folder` that its suite must accept: what the compilation cache is filled from."""
    solution = parse_submission(to_text(solved_notebook(source, checksums=False)).encode(), "solution")
    return [solution, *(answered_notebook(source, a) for a in read_answers(folder) if a.accepted)]


def check_answers(answers: Sequence[Answer], source: SourceNotebook, suite: SuiteSource) -> None:
    """Each answers file replaces something of the solution; a wrong one names a question and tests that there are.

    Raises:
        AuthoringError: the first that does not.
    """
    questions = tuple(q.id for q in source.assignment.questions if not q.written)
    defined = {name for cell in source.solution_cells() if cell.question for name in cell.defines}
    tests = _test_ids(suite)
    for answer in answers:
        if answer.question and answer.question not in questions:
            problem = f"it answers a question {answer.question!r}, which there is not."
            line = _line_of(answer.code, "question")
            raise AuthoringError(answer.path, problem, did_you_mean(answer.question, questions), line=line)
        for test in answer.fails:
            if test.partition("[")[0] not in tests:
                line, near = _line_of(answer.code, test), nearest(test, tests)
                remedy = f"Did you mean {near!r}?" if near else "Write TestClass::test_name as the suite has it."
                raise AuthoringError(answer.path, f"it is to fail a test {test!r}, which there is not.", remedy, line=line)
        if not defined & set(answer.names):
            raise AuthoringError(answer.path, _DEFINES_NOTHING, _STUBS_NAMES, line=1)


def _test_ids(suite: SuiteSource) -> tuple[str, ...]:
    classes = (n for n in suite.tree.body if isinstance(n, ast.ClassDef))
    methods = ((c.name, n) for c in classes for n in c.body)
    return tuple(f"{name}::{n.name}" for name, n in methods if isinstance(n, ast.FunctionDef) and n.name.startswith("test"))


def _line_of(code: str, word: str) -> int:
    """The first line that has a word; 1 if none has."""
    return next((number for number, line in enumerate(code.splitlines(), 1) if word in line), 1)
