"""Submissions that differ: each question's many programs (solution, right and wrong answers, mutants), combined.

No two programs of a question have the same syntax tree; comments and layout make no program.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nbformat import NotebookNode

from autograder.notebook.answers import read_answers
from autograder.notebook.source_cells import Role
from autograder.notebook.student import solved_notebook, submission_notebook
from autograder.notebook.submission import normalised_sha256
from autograder.verify.mutants import mutants_of
from benchmarks.labs import Lab

# Of each question, six students in ten have it right; the others are spread evenly over what can be wrong.
_RIGHT = 0.6


@dataclass(frozen=True)
class Program:
    """Code for one question in place of its solution cells; `right` if the suite must accept it."""

    question: str
    name: str
    code: str
    right: bool


@dataclass(frozen=True)
class Handed:
    """One submission: its author, and the program of each question by id (none: the solution)."""

    student: str
    programs: tuple[Program, ...]

    def notebook(self, lab: Lab) -> NotebookNode:
        """As handed in, without demonstrations, public checks and the like: no tool is to spend time on them."""
        made = submission_notebook(lab.source, {p.question: p.code for p in self.programs})
        return without_extras(made, lab)


def without_extras(notebook: NotebookNode, lab: Lab) -> NotebookNode:
    """Drops demonstrations, public checks, setting up, handing in, and the checks in the metadata."""
    checks = {c.source.strip() for c in lab.source.cells if c.role is Role.CHECK}
    keep = []
    for cell in notebook.cells:
        demo = normalised_sha256(cell.source) in lab.target.demos
        check = cell.source.strip() in checks or "grader.check(" in cell.source or "open_checks(" in cell.source
        extra = demo or check or "otter_ignore" in cell.metadata.get("tags", ())
        if not (cell.cell_type == "code" and extra):
            keep.append(cell)
    notebook.cells = keep
    notebook.metadata.pop("otter", None)
    return notebook


def programs_of(lab: Lab, mutants: bool = True) -> dict[str, tuple[Program, ...]]:
    """The programs of every question, right ones first."""
    return {q.id: tuple(_distinct(_programs(lab, q.id, mutants))) for q in lab.source.assignment.questions}


def _programs(lab: Lab, question: str, mutants: bool) -> Iterator[Program]:
    cells = [c for c in lab.source.solution_cells() if c.question == question]
    solution = "\n\n\n".join(c.source for c in cells)
    yield Program(question, "solution", solution, True)
    names = {q.id: set(q.names) for q in lab.source.assignment.questions}
    others = set().union(*(names[q] for q in names if q != question))
    answers = read_answers(lab.course.assignment_paths(lab.id).answers)
    for answer in sorted(answers, key=lambda a: not a.accepted):
        if names[question] <= set(answer.names):
            yield Program(question, answer.name, _without(answer.code, others), answer.accepted)
        elif not answer.accepted and answer.question == question:
            code = _without(solution, set(answer.names)) + "\n\n\n" + _without(answer.code, others)
            yield Program(question, answer.name, code, False)
    if mutants:
        position = {i: c for i, c in enumerate(lab.source.solution_cells())}
        for mutant in mutants_of(lab.source, question):
            cell = position[mutant.cell]
            code = "\n\n\n".join(mutant.source if c.index == cell.index else c.source for c in cells)
            yield Program(question, mutant.id, code, False)


def _without(code: str, names: set[str]) -> str:
    """The code without its docstring and the top-level functions of these names."""
    tree = ast.parse(code)
    body = [n for n in tree.body if not (isinstance(n, ast.FunctionDef | ast.ClassDef) and n.name in names)]
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    return "\n\n\n".join(ast.unparse(node) for node in body)


def _distinct(programs: Iterator[Program]) -> Iterator[Program]:
    seen = set()
    for program in programs:
        tree = ast.dump(ast.parse(program.code))
        if tree not in seen:
            seen.add(tree)
            yield program


def class_of(programs: dict[str, Sequence[Program]], size: int, seed: int = 0) -> list[Handed]:
    """`size` submissions, no two with the same programs throughout; every program is used before one is used again."""
    draws = random.Random(seed)
    right = {q: _endless([p for p in found if p.right], draws) for q, found in programs.items()}
    wrong = {q: _endless([p for p in found if not p.right], draws) for q, found in programs.items()}
    made: dict[tuple[str, ...], Handed] = {}
    while len(made) < size:
        chosen = tuple(next((right if draws.random() < _RIGHT else wrong)[q]) for q in programs)
        key = tuple(p.name for p in chosen)
        made.setdefault(key, Handed(f"s{len(made):04}", chosen))
    return list(made.values())


def _endless(programs: list[Program], draws: random.Random) -> Iterator[Program]:
    while True:
        yield from draws.sample(programs, len(programs))


def solved(lab: Lab) -> NotebookNode:
    """The solution as a submission."""
    return without_extras(solved_notebook(lab.source), lab)
