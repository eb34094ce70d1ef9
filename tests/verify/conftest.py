"""Two suites for one small notebook, examined once per session: a careful one, and one with every weakness in the book."""

from __future__ import annotations

import pytest
from small_course import SmallCourse
from verify_samples import CAREFUL, QUESTIONS, WEAK

from autograder.verify.examination import examine
from autograder.verify.workshop import Options, Workshop


def _examined(engine, folder, suite: str):
    course = SmallCourse(folder)
    assignment = course.add(41, QUESTIONS, suite)
    workshop = Workshop.open(course.load(), assignment)
    return {q: examine(engine, workshop, q, Options()) for q in QUESTIONS}


@pytest.fixture(scope="session")
def careful(engine, tmp_path_factory):
    """Verdicts by question under the careful suite."""
    return _examined(engine, tmp_path_factory.mktemp("careful") / "course", CAREFUL)


@pytest.fixture(scope="session")
def weak(engine, tmp_path_factory):
    """Verdicts by question under the weak suite."""
    return _examined(engine, tmp_path_factory.mktemp("weak") / "course", WEAK)
