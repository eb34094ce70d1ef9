"""A small course of one week, written to a temporary folder: the smallest notebook that has every kind of cell."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
import student_python as students

from autograder.course import Course, load_course
from autograder.notebook.source import load_assignment
from autograder.notebook.source_cells import SourceNotebook

COURSE = """
[course]
title = "A small course"
id = "small"
time_zone = "Europe/Berlin"
[term]
first_day = 2026-03-09
last_day = 2026-03-13
[[lecture]]
day = "Monday"
start = 13:30:00
end = 15:05:00
[[lecture]]
day = "Friday"
start = 13:30:00
end = 15:05:00
[homework]
follows_lecture = 1
due_days = 7
due_time = 23:59:00
[lab]
follows_lecture = 2
due_days = 7
due_time = 23:59:00
[[week]]
number = 3
folder = "week03_small"
title = "Small things"
"""

LAB = '''\
# ---
# jupyter:
#   kernelspec: {name: python3, display_name: Python 3, language: python}
# autograder: {points: 7}
# ---

# %% [markdown]
# # Small *things*

# %%
from course_lib.checks import open_checks

grader = open_checks("week03/lab")

# %%
import math

import numpy as np

# %%
SCALE = 2.0


def scaled(x):
    return SCALE * x


# %% [markdown] question="softplus" points=2 minutes=10 difficulty="*" bans="autodiff"
# ### 1. A `smooth` **hinge** $\\log(1 + e^x)$
# Why it matters.

# %% solution="softplus"
def softplus(x):
    """log(1 + e^x), finite for every finite x; softplus(0.0) = 0.693."""
    ### BEGIN SOLUTION
    # secret comment of the solution
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))
    ### END SOLUTION


# %% check="softplus"
big = 1e4
text = """two
lines"""
assert math.isfinite(softplus(big)), "e^x overflows before the log is taken: is x < 0 <b>different</b>?"
assert abs(scaled(softplus(0.0)) - 2 * math.log(2)) < 1e-6, f"softplus(0) is log 2, {text!r}"

# %% tags=["demo"]
curve = [softplus(x) for x in np.linspace(-3, 3, 5)]
print("demo", len(curve))

# %% [markdown] question="twice" points=3 needs="softplus"
# ### 2. Two pieces

# %% solution="twice"
class Tower:
    def height(self, n):
        ### BEGIN SOLUTION
        return sum(range(n + 1))
        ### END SOLUTION


def shadow(n):
    base = 3
    ### BEGIN SOLUTION
    base = base * n + 41
    ### END SOLUTION
    return base


# %% check="twice"
assert Tower().height(3) == 6, "height counts from zero"

# %% check="twice"
assert shadow(1) == 44, "shadow adds"

# %% [markdown] question="why" points=2 written=true
# ### 3. Why?

# %% [markdown] solution="why"
# Because of the model answer.

# %% [markdown] rubric="why"
# Two points for the rubric's secret.

# %% [markdown] instructor=true
# A note for staff.

# %% [markdown] predict="softplus"
# **Predict.** Where does the hinge bend?

# %% [markdown] answer="softplus"
# At zero, says the *folded* answer: $\\log 2$.

# %% [markdown] reflect="softplus"
# **Reflect.** Was it smooth?

# %% [markdown]
# The end.
'''

SUITE = '''\
"""Hidden suite of week03/lab."""
from autograder.testing import assert_close, question


@question("softplus", reference="NumPy")
class TestSoftplus:
    def test_value(self, student):
        """The secret sentence of a hidden test."""
        assert_close(student.softplus(1.0), 1.3132617)


@question("twice", reference="by hand")
class TestTwice:
    def test_height(self, student):
        """Heights add up."""
        assert_close(student.run(lambda ns: ns.Tower().height(4)), 10)

    def test_shadow(self, student):
        """Shadows too."""
        assert student.has("shadow")
'''


@dataclass(frozen=True)
class SmallCourse:
    """The course's folder and its two private files; edit them, then `load`."""

    root: Path
    lab: Path
    suite: Path

    @property
    def course(self) -> Course:
        return load_course(self.root)

    def load(self) -> SourceNotebook:
        return load_assignment(self.course, "week03/lab")

    def edit(self, old: str, new: str, *, suite: bool = False) -> None:
        path = self.suite if suite else self.lab
        text = path.read_text()
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the sample"
        path.write_text(text.replace(old, new))


@pytest.fixture
def small(tmp_path: Path) -> SmallCourse:
    root = tmp_path / "course"
    week = root / "solutions" / "week03_small"
    (week / "hidden").mkdir(parents=True)
    (root / "course.toml").write_text(COURSE)
    (week / "lab.py").write_text(LAB)
    (week / "hidden" / "test_lab.py").write_text(SUITE)
    return SmallCourse(root, week / "lab.py", week / "hidden" / "test_lab.py")


@pytest.fixture
def source(small: SmallCourse) -> SourceNotebook:
    return small.load()


@pytest.fixture(scope="session")
def student_python(tmp_path_factory) -> Path:
    """The interpreter of a student's Python: see student_python.py."""
    return students.make(tmp_path_factory.mktemp("student") / "venv")
