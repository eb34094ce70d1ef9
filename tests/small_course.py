"""Courses of a few lines for tests: real files in the real layout, so that every command works on them."""

from __future__ import annotations

import datetime as dt
import textwrap
from pathlib import Path

from autograder.course import load_course
from autograder.grading.preparing import prepare
from autograder.grading.target import Target
from autograder.notebook.source import load_assignment
from autograder.notebook.student import solved_notebook, student_notebook, submission_notebook, to_text

ROOT = Path(__file__).parents[1]

_COURSE = """
[course]
title = "A small course"
id = "small"
time_zone = "Europe/Berlin"
[term]
first_day = 2026-03-09
last_day = {last_day}
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
[marking]
blocked = "as_run"
[limits]
cell_seconds = 10
call_seconds = 3
submission_seconds = 90
rebuilds = 10
memory_mb = 1500
output_mb = 2
"""

_HEAD = """\
# ---
# jupyter:
#   kernelspec: {{name: python3, display_name: Python 3, language: python}}
# autograder: {{points: {points}}}
# ---

# %% [markdown]
# # {title}

# %%
from course_lib.checks import open_checks

grader = open_checks("{assignment}")

# %%
import jax
import jax.numpy as jnp
import numpy as np
"""

_QUESTION = """
# %% [markdown] question="{id}" points={points}{extra}
# ### {id}

# %% solution="{id}"
{code}

# %% check="{id}"
{check}
"""

SUITE_HEAD = """\
import jax
import jax.numpy as jnp
import numpy as np

from autograder.testing import *
"""


class SmallCourse:
    """A course below `root`; add weeks, then load it."""

    def __init__(self, root: Path):
        self.root = root
        root.mkdir(parents=True)
        (root / "course_lib").symlink_to(ROOT / "course_lib")
        (ROOT / "build").mkdir(exist_ok=True)  # a fresh clone has none, and the link would dangle
        (root / "build").symlink_to(ROOT / "build")
        self._weeks: list[int] = []
        self._write_course()

    def _write_course(self) -> None:
        last_day = dt.date(2026, 3, 13) + dt.timedelta(weeks=max(0, len(self._weeks) - 1))
        weeks = "".join(f'[[week]]\nnumber = {n}\nfolder = "week{n:02}_small"\ntitle = "Week {n}"\n' for n in sorted(self._weeks))
        (self.root / "course.toml").write_text(_COURSE.format(last_day=last_day) + weeks)

    def add(
        self, week: int, questions: dict[str, str], suite: str, kind: str = "lab", extra: dict[str, str] | None = None
    ) -> str:
        """Adds a notebook and its suite.

        Args:
            questions: id -> the solution's function, whole body in the fence, e.g. "def double(x):\\n    return 2 * x".
            suite: the test classes; the usual imports are put before them.
            extra: id -> more metadata of the heading, e.g. 'needs="double"'.

        Returns:
            The assignment's id.
        """
        if week not in self._weeks:
            self._weeks.append(week)
            self._write_course()
        folder = self.root / "solutions" / f"week{week:02}_small"
        (folder / "hidden").mkdir(parents=True, exist_ok=True)
        assignment = f"week{week:02}/{kind}"
        text = _HEAD.format(points=2 * len(questions), title=f"Week {week} {kind}", assignment=assignment)
        for name, code in questions.items():
            more = " " + extra[name] if extra and name in extra else ""
            function = code.split("(")[0].removeprefix("def ").strip()
            text += _QUESTION.format(
                id=name, points=2, extra=more, code=_fenced(code), check=f"assert callable({function}), 'define it'"
            )
        (folder / f"{kind}.py").write_text(text)
        self.write_suite(week, suite, kind)
        return assignment

    def write_suite(self, week: int, suite: str, kind: str = "lab") -> None:
        path = self.root / "solutions" / f"week{week:02}_small" / "hidden" / f"test_{kind}.py"
        path.write_text(f'"""Hidden suite."""\n{SUITE_HEAD}\n\n{textwrap.dedent(suite)}')

    def write_answer(self, week: int, name: str, text: str, kind: str = "lab") -> Path:
        folder = self.root / "solutions" / f"week{week:02}_small" / "answers" / kind
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.py").write_text(textwrap.dedent(text))
        return folder / f"{name}.py"

    def load(self):
        return load_course(self.root)

    def target(self, assignment: str) -> Target:
        return prepare(self.load(), assignment)

    def solved(self, assignment: str) -> str:
        """The solution as a notebook's text."""
        return to_text(solved_notebook(load_assignment(self.load(), assignment)))

    def stub(self, assignment: str) -> str:
        return to_text(student_notebook(load_assignment(self.load(), assignment)))

    def with_code(self, assignment: str, code: str) -> str:
        """The solution with `code` in place of the functions that it defines."""
        source = load_assignment(self.load(), assignment)
        return to_text(submission_notebook(source, {"mine.py": textwrap.dedent(code)}))


def _fenced(code: str) -> str:
    head, _, body = code.partition("\n")
    return f"{head}\n    ### BEGIN SOLUTION\n{body}\n    ### END SOLUTION"
