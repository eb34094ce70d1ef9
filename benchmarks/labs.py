"""The two labs that are graded, and what one needs to know of each."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Course, load_course
from autograder.grading.cases import TestCase
from autograder.grading.preparing import target_of
from autograder.grading.suite import collect_suite
from autograder.grading.target import Target
from autograder.notebook.source import load_assignment
from autograder.notebook.source_cells import SourceNotebook

ROOT = Path(__file__).parents[1]
_THREE = Path(__file__).parent / "three_questions"


@dataclass(frozen=True)
class Lab:
    """A lab, read: `root` is the folder of its course, `cases` are its hidden tests."""

    name: str
    root: Path
    course: Course
    source: SourceNotebook
    target: Target
    cases: tuple[TestCase, ...]

    @property
    def id(self) -> str:
        return self.target.id


def open_lab(name: str, root: Path, assignment: str) -> Lab:
    """Reads an assignment of the course in `root`."""
    course = load_course(root)
    source = load_assignment(course, assignment)
    target = target_of(course, source)
    return Lab(name, root, course, source, target, tuple(collect_suite(target.suite)))


def three_questions(work: Path) -> Lab:
    """The lab of three JAX questions, as a course of its own below `work`."""
    root = work / "three-questions"
    shutil.rmtree(root, ignore_errors=True)
    week = root / "solutions" / "week01_three_questions"
    week.mkdir(parents=True)
    (root / "build").mkdir()
    shutil.copy(_THREE / "course.toml", root)
    shutil.copy(_THREE / "lab.py", week)
    shutil.copytree(_THREE / "hidden", week / "hidden")
    shutil.copytree(_THREE / "answers", week / "answers")
    shutil.copytree(ROOT / "course_lib", root / "course_lib", ignore=shutil.ignore_patterns("__pycache__"))
    return open_lab("three questions", root, "week01/lab")


def week3() -> Lab:
    """The whole lab of week 3, as the course gives it."""
    return open_lab("week 3", ROOT, "week03/lab")
