"""Whose file it is by its path alone: the first folder or the file's name, without marks of copies and of the assignment.

The rule is told in `autograder.notebook.intake`. Pure functions of text; no file is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from autograder.notebook.copy_marks import Mark, copy_number, without_mark

__all__ = [
    "NUMBERED",
    "SCHEMES",
    "NamingScheme",
    "Reading",
    "by_file_name",
    "by_first_folder",
    "copy_number",
    "is_assignment_name",
    "is_notebook_name",
    "may_be_notebook",
    "names_nobody",
    "readings",
    "settle",
    "without_ending",
]  # fmt: skip

NUMBERED = re.compile(r"-\d{1,3}$")
_BEHIND = re.compile(r"[\s_.-]?\d{1,3}$")  # a number that is no part of an id because an assignment's name stands before it


@dataclass(frozen=True)
class Reading:
    """One way to read whose file it is.

    Attributes:
        name: the student's id, if this reading is right.
        marks: what was taken for a mark of a copy or of a version, the outermost first; an assignment's name is not listed.
        kind: of these marks the least sure; None without any.
    """

    name: str
    marks: tuple[str, ...] = ()
    kind: Mark | None = None


# A naming scheme reads a student's name from the parts of a path below FOLDER, or declines. The first that answers counts: with
# one name that is beyond doubt, or with the readings of one (`readings`). What a learning platform's download says of a file goes
# before all of them (platforms.py).
NamingScheme = Callable[[tuple[str, ...], str], "str | tuple[Reading, ...] | None"]


# Endings that browsers, mail programs and learning platforms put behind a notebook's name.
_ENDING = re.compile(r"\.ipynb$|\.ipynb(?:\.(?:json|txt|text|download|bak))+$|\.json(?:\.txt)?$", re.IGNORECASE)


def is_notebook_name(name: str) -> bool:
    """Whether a file of this name is somebody's notebook, readable or not."""
    return name.lower().endswith(".ipynb")


def may_be_notebook(name: str) -> bool:
    """Whether a file of this name is a notebook if it holds one: `lab.ipynb.json`, `lab.ipynb.txt`, `lab.json`."""
    return _ENDING.search(name) is not None


def without_ending(name: str) -> str:
    """A notebook's name without `.ipynb` and what was put behind it."""
    return _ENDING.sub("", name)


def by_first_folder(parts: tuple[str, ...], assignment_id: str) -> str | tuple[Reading, ...] | None:
    """`alice/any/depth/x.ipynb` is alice's; leading folders named like the assignment do not count.

    In nbgrader's layout (`alice/week03-lab/lab.ipynb`) the folder is the id, whatever it looks like.
    """
    folders = list(parts[:-1])
    while folders and is_assignment_name(folders[0], assignment_id):
        folders.pop(0)
    if len(folders) > 1 and is_assignment_name(folders[1], assignment_id):
        return folders[0]
    return readings(folders[0], assignment_id) if folders else None


def by_file_name(parts: tuple[str, ...], assignment_id: str) -> tuple[Reading, ...] | None:
    """`alice_week03_lab (1).ipynb` is alice's."""
    stem = without_ending(parts[-1])
    return readings(stem, assignment_id) if stem else None


SCHEMES: tuple[NamingScheme, ...] = (by_first_folder, by_file_name)


def readings(name: str, assignment_id: str) -> tuple[Reading, ...]:
    """Every way to read a name, from the whole of it to what is left without any mark; the last is the barest."""
    found = [Reading(name.strip(" "))]
    if names_nobody(name, assignment_id):
        # "kopie_lab" is a copy of the lab, unless somebody is called so.
        rest = _without_assignment(name, assignment_id)
        return (*found, Reading(rest, (), Mark.NUMBER)) if rest else tuple(found)
    while not names_nobody(found[-1].name, assignment_id):
        last = found[-1]
        if (shorter := _without_assignment(last.name, assignment_id)) is not None:
            found.append(Reading(shorter, last.marks, last.kind))
        elif (peeled := without_mark(last.name, Mark.NUMBER)) is not None:
            rest, mark, kind = peeled
            if _without_assignment(rest, assignment_id) is not None or is_assignment_name(rest, assignment_id):
                kind = Mark.COPY  # behind an assignment's name nothing is part of an id
            found.append(Reading(rest, (*last.marks, mark), max(kind, last.kind or Mark.COPY)))
        else:
            break
    return (*found, *_behind_assignment(found[-1], assignment_id))


def _behind_assignment(barest: Reading, assignment_id: str) -> Iterator[Reading]:
    """`week03_lab_alice`: an assignment's name in front, which only a class list can tell from a part of an id."""
    front = re.match(rf"(?:{_assignment_pattern(assignment_id)})[\s_.-]+(?=\w)", barest.name, re.IGNORECASE)
    if front:
        yield Reading(barest.name[front.end() :], (*barest.marks, front.group().strip(" _.-")), Mark.NUMBER)


def settle(ways: tuple[Reading, ...], known: Collection[str]) -> Reading:
    """The reading that counts where no class list tells: without all copies' and versions' marks; without less sure ones only
    where somebody of the bare name is `known` to have handed in, and never without a number behind a hyphen."""
    sure = [r for r in ways if r.kind is None or r.kind <= Mark.VERSION]
    guessed = [r for r in ways if r.kind is Mark.GUESS and r.name in known]
    return (guessed or sure)[-1]


def names_nobody(name: str, assignment_id: str) -> bool:
    """Whether a name is only the assignment's, copy or not: "lab", "Copy of week03_lab (2)"."""
    while not is_assignment_name(name, assignment_id):
        if (peeled := without_mark(name, Mark.GUESS)) is None:
            return False
        name = peeled[0]
    return True


def _assignment_pattern(assignment_id: str) -> str:
    """Ways to write "week03/lab" in a name: lab, week03_lab, week3-lab, w03 lab. No bare number: it may be a team's."""
    week, _, part = assignment_id.rpartition("/")
    number = re.search(r"\d+$", week)
    if not number:
        return re.escape(part)
    return rf"(?:(?:week|wk|w)[\s_.-]?0*{int(number.group())}[\s_.-]*)?{re.escape(part)}"


def is_assignment_name(name: str, assignment_id: str) -> bool:
    """Whether a name is a way to write the assignment's id, e.g. "week3-lab" for "week03/lab"."""
    return re.fullmatch(_assignment_pattern(assignment_id), name, re.IGNORECASE) is not None


def _without_assignment(name: str, assignment_id: str) -> str | None:
    """`alice_week03_lab`, `alice-lab-1` as `alice`; None if no assignment's name stands at the end."""
    part = re.escape(assignment_id.rpartition("/")[2])
    suffix = re.compile(rf"[\s_.-]+(?:(?:week|wk|w)[\s_.-]?\d{{1,2}}[\s_.-]*)?(?:{part}|lab|homework)$", re.IGNORECASE)
    for end in (name, _BEHIND.sub("", name)):
        shorter = suffix.sub("", end)
        if shorter not in (end, ""):
            return shorter
    return None
