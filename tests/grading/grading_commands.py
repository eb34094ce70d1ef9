"""A week of two questions, and the commands on it as a TA types them: shared by the tests of grading a class."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from small_course import SmallCourse

DOUBLE = "def double(x):\n    return 2 * x"
TRIPLE = "def triple(x):\n    return 3 * x"
SUITE = '''
    @question("double", reference="2 x by NumPy")
    class TestDouble:
        def test_values(self, student, rng):
            """Each entry is doubled."""
            x = rng.normal(size=3)
            assert_close(student.double(x), 2 * x)

        @gated
        def test_zero(self, student):
            """Nothing doubled is nothing."""
            assert_close(student.double(0.0), 0.0)

    @question("triple", reference="3 x by NumPy")
    class TestTriple:
        def test_values(self, student, rng):
            """Each entry is tripled.

            Three times, not thrice added to one.
            """
            x = rng.normal(size=3)
            assert_close(student.triple(x), 3 * x)
'''


def autograder(course, *words: str, answer: str = "") -> subprocess.CompletedProcess:
    """Runs the command in the course's folder."""
    program = [sys.executable, "-m", "autograder.cli", *map(str, words)]
    return subprocess.run(program, cwd=course.root, capture_output=True, text=True, input=answer, check=False, timeout=1200)


def week_of(course: SmallCourse) -> SmallCourse:
    """Adds week 1."""
    course.add(1, {"double": DOUBLE, "triple": TRIPLE}, SUITE)
    return course


def reports(course, folder: Path | None = None) -> dict[str, dict]:
    """Reports by student, as they lie on disk."""
    found = (json.loads(p.read_text()) for p in ((folder or course.root / "grades/week01/lab") / "reports").glob("*.json"))
    return {r["submission"]["student"]: r for r in found}


def score(report: dict) -> float:
    return sum(q["score"] or 0 for q in report["questions"])
