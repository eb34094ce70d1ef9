"""Shared by all tests: one engine with warm parents for the whole session, and small courses written to temporary folders."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_course import SmallCourse

from autograder.grading.engine import Engine
from autograder.sandbox import stage
from autograder.sandbox.jail import tiers
from autograder.sandbox.warm_parent import WarmParent

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def warm_parent():
    """A warm parent in the strongest tier that this machine has."""
    with WarmParent(tiers.best(), stage.prepare(ROOT / "build", ROOT / "course_lib")) as parent:
        yield parent


@pytest.fixture(scope="session")
def engine():
    with Engine() as made:
        yield made


@pytest.fixture
def small_course(tmp_path):
    """A function that writes a course of one-week notebooks: see `small_course.SmallCourse`."""
    return SmallCourse(tmp_path / "course")
