"""`autograder demo`: a class to try the grader on, about two dozen submissions of every kind that a TA meets.

Right, partly right, wrong, lazy, crashing, hanging, broken files, and some that try to forge a grade, made from a week's own
solution.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import nbformat
from nbformat import NotebookNode

from autograder.commands import options
from autograder.commands.console import console, near
from autograder.commands.exit_status import NOT_ALL, OK
from autograder.commands.grade import grade_class
from autograder.commands.grading_run import How
from autograder.course import Course
from autograder.notebook.answers import Answer, read_answers
from autograder.notebook.source import load_assignment
from autograder.notebook.source_cells import SourceNotebook
from autograder.notebook.student import solved_notebook, student_notebook, submission_notebook, to_text
from autograder.wording import counted

_FORGER = '''
# Whatever the tests compare, they compare equal. Or so I hope.
import builtins, json, sys, numpy, os
class Yes:
    def __eq__(self, other): return True
    def __array__(self, *a, **k): return numpy.zeros(())
    __array_interface__ = {"data": (4096, True), "shape": (8,), "typestr": "<f8", "version": 3}
def {name}(*args, **kwargs): return Yes()
numpy.testing.assert_allclose = numpy.allclose = lambda *a, **k: True
for module in list(sys.modules.values()):
    if "pytest" in getattr(module, "__name__", ""):
        module.main = lambda *a, **k: 0
try:
    json.dump({"score": 100}, open("/autograder/results/results.json", "w"))
except OSError:
    pass
'''
_HANG = "def {name}(*args, **kwargs):\n    while True:\n        pass\n"
_XLA_HANG = (
    "def {name}(*args, **kwargs):\n"
    "    import jax\n"
    "    return jax.lax.while_loop(lambda i: i >= 0, lambda i: (i + 1) % 7, 0)\n"
)
_EXIT = "def {name}(*args, **kwargs):\n    import os\n    os._exit(0)\n"
_SEGFAULT = "def {name}(*args, **kwargs):\n    import ctypes\n    ctypes.string_at(0)\n"
_MEMORY = "def {name}(*args, **kwargs):\n    import numpy\n    return numpy.ones(10 * 2**30 // 8)\n"
_FLOOD = "def {name}(*args, **kwargs):\n    for _ in range(1000):\n        print('x' * 10**6)\n"
_TYPO = "def {name}(*args, **kwargs):\n    return reslut\n"


@click.command()
@click.option("--to", "folder", default="build/demo", type=click.Path(path_type=Path), help="Where class and results go.")
@click.option("--assignment", default="week03/lab", show_default=True)
@options.workers
def demo(folder: Path, assignment: str, workers: int) -> None:
    """Make a class of about two dozen submissions, right, wrong and hostile, and grade it."""
    course, handed_in = options.the_course(), folder / "handed-in"
    count = make_class(course, assignment, handed_in)
    console.print(f"{counted(count, 'file')} handed in: {near(handed_in)}{os.sep}", markup=False)
    # The demonstration is of grading: what an earlier one left is graded anew.
    status = grade_class(course, assignment, handed_in, folder / "grades", How(workers, anew=True, yes=True))
    student = folder / "grades" / "feedback" / "jun.html"
    console.print(f"\nOpen {near(folder / 'grades/class.html')} first, then a student's page: {near(student)}", markup=False)
    # The class holds files that cannot be graded, on purpose.
    sys.exit(OK if status in (OK, NOT_ALL) else status)


@dataclass(frozen=True)
class _Material:
    """What submissions are made from."""

    source: SourceNotebook
    right: tuple[Answer, ...]
    wrong: tuple[Answer, ...]

    @property
    def questions(self) -> tuple[tuple[str, str], ...]:
        """(question id, its first function) of each question with code."""
        return tuple((q.id, q.names[0]) for q in self.source.assignment.questions if q.names)

    def solved(self) -> NotebookNode:
        return solved_notebook(self.source)

    def stub(self) -> NotebookNode:
        return student_notebook(self.source)

    def answered(self, *answers: Answer) -> NotebookNode:
        return submission_notebook(self.source, {a.path.name: a.code for a in answers})

    def spoiled(self, code: str, question: int) -> NotebookNode:
        """The solution with one more cell after the question's, which defines its function anew."""
        name = self.questions[question % len(self.questions)][1]
        notebook = self.solved()
        cells = notebook.cells
        at = max(i for i, c in enumerate(cells) if c.cell_type == "code" and f"def {name}(" in c.source)
        cells.insert(at + 1, nbformat.v4.new_code_cell(code.replace("{name}", name), id=f"mine-{question}"))
        return notebook

    def half(self, solved_questions: int) -> NotebookNode:
        """A student who ran out of time: the first questions solved, the rest as released."""
        done = {q for q, _ in self.questions[:solved_questions]}
        notebook, solution = self.stub(), {c.id: c for c in self.solved().cells}
        for i, cell in enumerate(notebook.cells):
            if _question_of(cell, self.source) in done:
                notebook.cells[i] = solution[cell.id]
        return notebook


def _question_of(cell: NotebookNode, source: SourceNotebook) -> str:
    if cell.cell_type != "code" or "def " not in cell.source:
        return ""
    for question in source.assignment.questions:
        if any(f"def {name}(" in cell.source for name in question.names):
            return question.id
    return ""


def make_class(course: Course, assignment_id: str, folder: Path, seed: int = 0) -> int:
    """Writes the class into `folder` (emptied first) and returns how many files there are.

    Raises:
        AuthoringError: the week's notebook or answers have a mistake.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    answers = read_answers(course.assignment_paths(assignment_id).answers)
    material = _Material(
        load_assignment(course, assignment_id),
        tuple(a for a in answers if a.accepted),
        tuple(a for a in answers if not a.accepted),
    )
    for name, make in _members(material, random.Random(seed)):
        (folder / f"{name}.ipynb").write_text(to_text(make()), encoding="utf-8")
    _broken_files(folder, assignment_id)
    _hand_in(course, assignment_id, folder)
    return sum(1 for _ in folder.iterdir())


def _hand_in(course: Course, assignment_id: str, folder: Path) -> None:
    """Most in time, at some hour of the last two days; two late."""
    due = course.schedule(assignment_id).due.timestamp()
    for number, path in enumerate(sorted(folder.iterdir())):
        when = due - 600 - 7 * 3600 * (number % 7)
        when = {"kofi": due + 20 * 3600, "nils": due + 30 * 3600}.get(path.stem, when)
        os.utime(path, (when, when))


def _members(material: _Material, rng: random.Random) -> list[tuple[str, Callable[[], NotebookNode]]]:
    count = len(material.questions)
    members: list[tuple[str, Callable[[], NotebookNode]]] = [("ada", material.solved)]
    for name, answer in zip(("bela", "chen", "dora"), _spread(material.right, rng), strict=False):
        members.append((name, lambda a=answer: material.answered(a)))
    for name, answer in zip(("emil", "fay", "goro", "hana", "ivan"), _spread(material.wrong, rng), strict=False):
        members.append((name, lambda a=answer: material.answered(a)))
    pair = _of_different_questions(material.wrong, rng)
    members += [
        ("jun", lambda: material.answered(*pair)),
        ("kofi", lambda: material.half(count // 2)),
        ("lena", lambda: material.half(count - 1)),
        ("mira", material.stub),
        ("nils", lambda: material.spoiled(_TYPO, 1)),
        ("olga", lambda: material.spoiled(_EXIT, 2)),
        ("pavel", lambda: material.spoiled(_SEGFAULT, 0)),
        ("quinn", lambda: material.spoiled(_HANG, 3)),
        ("rosa", lambda: material.spoiled(_XLA_HANG, 1)),
        ("sven", lambda: material.spoiled(_MEMORY, 2)),
        ("tara", lambda: material.spoiled(_FLOOD, 0)),
        ("umar", lambda: material.spoiled(_FORGER, 4)),
    ]
    return members


def _spread(answers: Sequence[Answer], rng: random.Random) -> list[Answer]:
    """The answers in an order that meets many questions early."""
    shuffled = rng.sample(list(answers), len(answers))
    seen: dict[str, int] = {}
    order = []
    for answer in shuffled:
        seen[answer.question] = seen.get(answer.question, 0) + 1
        order.append((seen[answer.question], len(order), answer))
    return [answer for _, _, answer in sorted(order, key=lambda entry: entry[:2])]


def _of_different_questions(answers: Sequence[Answer], rng: random.Random) -> tuple[Answer, ...]:
    chosen: dict[str, Answer] = {}
    for answer in _spread(answers, rng):
        chosen.setdefault(answer.question, answer)
    return tuple(list(chosen.values())[-2:])


def _broken_files(folder: Path, assignment_id: str) -> None:
    (folder / "vera.ipynb").write_text('{"cells": [{"cell_type": "code", "source": "x = ')
    (folder / "will.ipynb").write_bytes(b"")
    other = "week09/lab" if assignment_id != "week09/lab" else "week03/lab"
    metadata = {"autograder": {"assignment": other}}
    (folder / "xena.ipynb").write_text(json.dumps({"cells": [], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}))
