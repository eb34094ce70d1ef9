"""What things of this course are called in nbgrader, whose assignment names become folder names.

    week03/lab  <->  assignment "week03-lab", notebook "lab":   source/week03-lab/lab.ipynb
"""

from __future__ import annotations

import json
import re

from autograder.course.weeks import KINDS
from autograder.report.printable import safe_name

# The kernel of our notebooks in the gradebook: there is none, and its name says what to do.
NO_KERNEL = json.dumps({"name": "run-autograder-nbgrader-init", "display_name": "none", "language": "python"})
_PLAIN = re.compile(r"[^/\\*?\[\]{}+\x00-\x1f\x7f]{1,128}")
_ASSIGNMENT = re.compile(rf"(week\d{{2}})-({'|'.join(KINDS)})")


def nbgrader_assignment(assignment_id: str) -> str:
    """ "week03/lab" as "week03-lab"."""
    return assignment_id.replace("/", "-")


def nbgrader_notebook(assignment_id: str) -> str:
    """ "week03/lab" as "lab"."""
    return assignment_id.rpartition("/")[2]


def assignment_of(name: str) -> str | None:
    """ "week03-lab" as "week03/lab"; None for a name that is not ours."""
    match = _ASSIGNMENT.fullmatch(name)
    return f"{match[1]}/{match[2]}" if match else None


def nbgrader_student(student: str) -> str:
    """A student id as nbgrader can hold it: the id itself wherever nbgrader's folders and globs can carry it.

    Ids with a slash, a glob's or a format's character, a leading dot or outer blanks get the name of their feedback page.
    """
    plain = _PLAIN.fullmatch(student) and not student.startswith(".") and student.strip() == student
    return student if plain else safe_name(student)
