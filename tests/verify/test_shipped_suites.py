"""A sample of `autograder verify` on every shipped notebook: `make verify` runs all of it."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.commands.verify import SAMPLE
from autograder.course import load_course
from autograder.notebook.source import load_assignment
from autograder.verify.run import verify

COURSE = load_course(Path(__file__).parents[2])


def drawn(assignment: str) -> str:
    """One question of a notebook, perhaps another one whenever its suite is edited: all of them take minutes."""
    questions = [q.id for q in load_assignment(COURSE, assignment).assignment.questions if not q.written]
    return questions[zlib.crc32(COURSE.assignment_paths(assignment).suite.read_bytes()) % len(questions)]


def problems(assignments: Sequence[str], options) -> list[str]:
    verdicts = verify(COURSE, assignments, options, workers=1)
    assert len(verdicts) == len(assignments)
    assert all(v.questions and all(q.mutants and q.degenerate for q in v.questions) for v in verdicts)
    return [f"{v.assignment}: {p.where}: {p.message}" for v in verdicts for p in v.all_problems() if not p.note]


def test_a_question_of_every_shipped_suite():
    # In one run: a worker that has imported JAX is there for all of them.
    everything = COURSE.assignments()
    assert problems(everything, replace(SAMPLE, only=tuple({drawn(a) for a in everything}))) == []


@pytest.mark.slow
@pytest.mark.parametrize("assignment", COURSE.assignments())
def test_every_question_of_a_shipped_suite(assignment):
    assert problems([assignment], SAMPLE) == []
