"""A small course with one week that has a written answer, and gradebooks for it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

# Reports, downloads and commands that other tests make are the material here, too.
TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS / folder) for folder in ("report", "notebook_intake", "grading")]


@pytest.fixture
def term(small_course):
    from small_term import term_of

    return term_of(small_course)


@pytest.fixture(scope="session")
def empty_gradebook(tmp_path_factory) -> Path:
    """A gradebook as nbgrader makes it. It asks a program for the version of its tables, which takes seconds: once is enough."""
    from autograder.platforms.nbgrader.book import open_book

    path = tmp_path_factory.mktemp("gradebook") / "empty.db"
    with open_book(f"sqlite:///{path}", "small"):
        pass
    return path
