"""A sample of `autograder verify` on every shipped week: `make verify` runs all of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course import load_course
from autograder.verify.command import SAMPLE
from autograder.verify.run import verify

COURSE = load_course(Path(__file__).parents[2])
WEEKS = sorted({assignment.split("/")[0] for assignment in COURSE.assignments()})


@pytest.mark.parametrize("week", WEEKS)
def test_the_suites_of_a_shipped_week(week):
    for verdict in verify(COURSE, COURSE.select(week), SAMPLE):
        assert [f"{p.where}: {p.message}" for p in verdict.all_problems() if not p.note] == []
        assert verdict.questions and all(q.mutants and q.degenerate for q in verdict.questions)
