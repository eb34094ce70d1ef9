"""Whose file it is by its path alone: the first folder or the file's name, without marks of copies and of the assignment.

The rule is told in `autograder.notebook.intake`. Pure functions of text; no file is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable

COPY = re.compile(
    r"\s*\(\d{1,3}\)$|[\s_-]+copy[\s_-]?\d{0,3}$|[\s_-]+copy\s*\(\d{1,3}\)$|[\s_-]+kopie[\s_-]?\d{0,3}$", re.IGNORECASE
)
NUMBERED = re.compile(r"-\d{1,3}$")

# A naming scheme reads a student's name from the parts of a path below FOLDER, or declines. The first that answers
# counts. What a learning platform's download says of a file goes before all of them (platforms.py).
NamingScheme = Callable[[tuple[str, ...], str], "str | None"]


def is_notebook_name(name: str) -> bool:
    """Whether a file of this name is somebody's notebook, readable or not."""
    return name.lower().endswith(".ipynb")


def by_first_folder(parts: tuple[str, ...], assignment_id: str) -> str | None:
    """`alice/any/depth/x.ipynb` is alice's; leading folders named like the assignment do not count."""
    folders = list(parts[:-1])
    while folders and is_assignment_name(folders[0], assignment_id):
        folders.pop(0)
    return folders[0] if folders else None


def by_file_name(parts: tuple[str, ...], assignment_id: str) -> str | None:
    """`alice_week03_lab (1).ipynb` is alice's."""
    stem = re.sub(r"\.ipynb$", "", parts[-1], flags=re.IGNORECASE)
    return _without_suffixes(stem, assignment_id) or stem or None


SCHEMES: tuple[NamingScheme, ...] = (by_first_folder, by_file_name)


def _assignment_pattern(assignment_id: str) -> str:
    """Ways to write "week03/lab" in a name: lab, week03_lab, week3-lab, w03 lab. No bare number: it may be a team's."""
    week, _, part = assignment_id.rpartition("/")
    number = re.search(r"\d+$", week)
    if not number:
        return re.escape(part)
    return rf"(?:(?:week|wk|w)[\s_.-]?0*{int(number.group())}[\s_.-]*)?{re.escape(part)}"


def is_assignment_name(name: str, assignment_id: str) -> bool:
    return re.fullmatch(_assignment_pattern(assignment_id), name, re.IGNORECASE) is not None


def _without_suffixes(stem: str, assignment_id: str) -> str:
    part = re.escape(assignment_id.rpartition("/")[2])
    suffix = re.compile(rf"[\s_.-]+(?:(?:week|wk|w)[\s_.-]?\d{{1,2}}[\s_.-]*)?(?:{part}|lab|homework)$", re.IGNORECASE)
    name = stem.strip()
    while not is_assignment_name(COPY.sub("", name), assignment_id):
        shorter = COPY.sub("", name)
        if suffix.search(NUMBERED.sub("", shorter)):
            shorter = suffix.sub("", NUMBERED.sub("", shorter))
        if not shorter or shorter == name:
            break
        name = shorter
    return name


def copy_number(name: str) -> int:
    """0 for an original; orders copies made in the same second."""
    stem = re.sub(r"\.ipynb$", "", name, flags=re.IGNORECASE)
    mark = COPY.search(stem) or NUMBERED.search(stem)
    digits = re.findall(r"\d+", mark.group()) if mark else []
    return int(digits[-1]) if digits else int(mark is not None)
