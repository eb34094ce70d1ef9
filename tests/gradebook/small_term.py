"""A week of two functions and a written answer, in a course that nbgrader can hold: shared by the tests of the gradebook."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from grading_commands import DOUBLE, SUITE, TRIPLE
from small_course import SmallCourse

LAB = "week01/lab"
WRITTEN = '''
# %% [markdown] question="why" points=3 written=true
# ### Why

# %% [markdown] solution="why"
# Because addition commutes.

# %% [markdown] predict="why"
# What do you expect?

# %% [markdown] answer="why"
# What everybody expects.

# %% [markdown] rubric="why"
# * **3 points** for a reason.
'''
PLACEHOLDER = "*Write your answer here.*"


def term_of(course: SmallCourse) -> SmallCourse:
    """Adds week 1: `double` (2 points), `triple` (2 points) and the written `why` (3 points); due in a week."""
    course.add(1, {"double": DOUBLE, "triple": TRIPLE}, SUITE)
    notebook = course.root / "solutions/week01_small/lab.py"
    notebook.write_text(notebook.read_text().replace("points: 4", "points: 7") + WRITTEN)
    due_at(course, dt.datetime.now(dt.UTC) + dt.timedelta(days=7))
    return course


def due_at(course: SmallCourse, when: dt.datetime) -> None:
    """Sets the due time of week 1's lab."""
    text = (course.root / "course.toml").read_text().partition("[week.lab]")[0]
    released = when - dt.timedelta(days=14)
    dates = f"[week.lab]\nreleased = {released:%Y-%m-%dT%H:%M:%SZ}\ndue = {when:%Y-%m-%dT%H:%M:%SZ}\n"
    (course.root / "course.toml").write_text(text + dates)


def url_of(course: SmallCourse) -> str:
    return course.load().gradebook.url


def hand_in(course: SmallCourse, student: str, text: str, when: dt.datetime | None = None) -> Path:
    """What `nbgrader collect` leaves: the notebook and its timestamp."""
    folder = course.root / "nbgrader/submitted" / student / "week01-lab"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "lab.ipynb").write_text(text)
    (folder / "timestamp.txt").write_text(f"{when or dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M:%S.%f} UTC")
    return folder / "lab.ipynb"
