"""What every examination of one notebook needs: its source, target, answers and code cells. Made once in each worker process."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Course
from autograder.errors import GraderFault
from autograder.grading.engine import Engine
from autograder.grading.one import graded_cells
from autograder.grading.preparing import target_of
from autograder.grading.target import Target
from autograder.notebook import checks, fences
from autograder.notebook.answers import Answer, answered_notebook, read_answers
from autograder.notebook.source import load_assignment
from autograder.notebook.source_cells import SourceNotebook
from autograder.notebook.student import solved_notebook, to_text
from autograder.notebook.submission import parse_submission
from autograder.sandbox.workspace import Cell
from autograder.verify.bench import Bench
from autograder.verify.session import OpenSuite

_PUBLIC_CHECK = """\
def __public_check():
    from course_lib.check_text import found_without_otter

    found = found_without_otter({question!r}, {text!r}, globals())
    if found:
        raise AssertionError(found)


__public_check()
del __public_check
"""


@dataclass(frozen=True)
class Options:
    """How thorough a run is.

    Attributes:
        seeds: epochs that each right answer must survive.
        fail_under: the least mutation score, per cent.
        mutants, wrong: how many of each to try per question; None for all.
        sample: the quick run of `make test`: fewer degenerate answers, no comparison of survivors.
        only: ids of the questions to examine; empty for all.
        checks_only: nothing but the wrong answers, for the table of what public checks catch.
        unsafe: go on where no isolation is possible. (Only code of the authors runs here.)
    """

    seeds: int = 20
    fail_under: float = 95.0
    mutants: int | None = None
    wrong: int | None = None
    sample: bool = False
    only: tuple[str, ...] = ()
    checks_only: bool = False
    unsafe: bool = False


@dataclass(frozen=True)
class Workshop:
    """One notebook, ready to be examined."""

    source: SourceNotebook
    target: Target
    answers: tuple[Answer, ...]
    cells: tuple[Cell, ...]
    folder: Path
    kind: str

    @classmethod
    def open(cls, course: Course, assignment_id: str) -> Workshop:
        """Reads everything.

        Raises:
            AuthoringError: the notebook, the suite or an answers file has a mistake.
        """
        source = load_assignment(course, assignment_id)
        target = target_of(course, source)
        paths = course.assignment_paths(assignment_id)
        solved = parse_submission(to_text(solved_notebook(source)).encode(), "solution")
        cells = tuple(graded_cells(solved, target))
        ours = source.solution_cells()
        if [c.source.strip() for c in cells] != [c.source.strip() for c in ours]:
            raise GraderFault(f"{assignment_id}: the solved notebook does not hold the solution's cells; tell the authors")
        return cls(source, target, read_answers(paths.answers), cells, paths.source.parent, assignment_id.split("/")[1])

    def bench(self, engine: Engine, suite: OpenSuite) -> Bench:
        """A live notebook with the solution in it."""
        return Bench(engine, self.target, suite, self.cells)

    def answered(self, answer: Answer) -> dict[int, str]:
        """Positions and sources of the cells that an answers file changes.

        Raises:
            AuthoringError: it defines nothing that the solution defines.
        """
        made = graded_cells(answered_notebook(self.source, answer), self.target)
        return self._changes([c.source for c in made])

    def stubs(self, question: str) -> dict[int, str]:
        """The question's solution cells as students get them."""
        original = {c.index: c for c in self.source.cells}
        return {
            i: fences.with_stubs(original[c.index].source, question)
            for i, c in enumerate(self.source.solution_cells())
            if c.question == question
        }

    def _changes(self, sources: Sequence[str]) -> dict[int, str]:
        if len(sources) != len(self.cells):
            raise GraderFault(
                f"{self.target.id}: an answer has {len(sources)} code cells for {len(self.cells)}; tell the authors"
            )
        pairs = enumerate(zip(sources, self.cells, strict=True))
        return {i: new for i, (new, old) in pairs if new.strip() != old.source.strip()}

    def public_check(self, question: str) -> str:
        """Code that runs the question's public check as `grader.check` does, and raises what it finds."""
        text = checks.otter_tests(self.source)[question]
        return _PUBLIC_CHECK.format(question=question, text=text)

    def touched_by(self, answer: Answer) -> tuple[str, ...]:
        """Ids of the questions whose functions an answers file defines."""
        return tuple(q.id for q in self.source.assignment.questions if set(q.names) & set(answer.names))

    def leaves_traces(self, answer: Answer) -> bool:
        """Whether it binds names that cells which it does not replace bind too: then the jail cannot be used on."""
        kept = {name for c in self.source.solution_cells() if not c.question for name in c.defines}
        return bool(kept & set(answer.names))

    def exposed_to(self, question: str) -> tuple[str, ...]:
        """Other questions whose tests can notice a change in this one's functions: their code or their tests name one."""
        changed = set(self.source.assignment.question(question).names)
        words = _words_by_question(self.target.suite.text.decode())
        for cell in self.source.solution_cells():
            if cell.question:
                words.setdefault(cell.question, set()).update(_words(ast.parse(cell.source)))
        return tuple(q.id for q in self.source.assignment.questions if q.id != question and words.get(q.id, set()) & changed)


def _words(tree: ast.AST) -> set[str]:
    names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    return names | {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)}


def _words_by_question(text: str) -> dict[str, set[str]]:
    """Every name that a question's test classes use, by way of the suite's helpers too."""
    tree = ast.parse(text)
    helpers = {n.name: _words(n) for n in tree.body if isinstance(n, ast.FunctionDef)}
    found: dict[str, set[str]] = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            marks = [d for d in node.decorator_list if isinstance(d, ast.Call) and d.args and isinstance(d.args[0], ast.Constant)]
            words = _words(node)
            reached: set[str] = set()
            while new := (words & set(helpers)) - reached:
                reached |= new
                words = words.union(*(helpers[n] for n in new))
            for mark in marks:
                found.setdefault(str(mark.args[0].value), set()).update(words)
    return found
