"""Whether an archive that no platform made is one student's or a whole class's, by what its notebooks are called.

`alice.zip` with `lab.ipynb` and `scratch.ipynb` is alice's; `class.zip` with `jdoe.ipynb` and `ali.ipynb`, or with a folder or a
zip for each, is a class. Where neither is clear nothing is graded, and the person at the terminal is asked.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from autograder.notebook.archive import is_archive
from autograder.notebook.naming import SCHEMES, Reading, may_be_notebook, names_nobody, readings, settle, without_ending
from autograder.report.printable import visible
from autograder.roster import Roster


@dataclass(frozen=True)
class Shape:
    """What an archive is: `students` are the names that its notebooks lie under; a class's notebooks lie `depth` folders down."""

    is_class: bool
    students: tuple[str, ...] = ()
    depth: int = 0
    doubtful: bool = False


def shape_of(
    stem: str, works: Sequence[Sequence[str]], ours: Collection[int], assignment_id: str, roster: Roster | None
) -> Shape:
    """One student's, a class's, or doubtful.

    Args:
        stem: the archive's name without its ending.
        works: the place of every notebook, or unreadable archive, in it.
        ours: which of them (by index) say in their metadata that they are this assignment's.
    """
    depth = _depth(works)
    tops = [tuple(w[depth:]) for w in works]
    ways = [_ways(t, assignment_id) for t in tops]
    names = tuple(dict.fromkeys(visible(settle(w, ()).name) for w in ways))
    if roster is not None:
        if any(_listed(r.name, roster) for r in readings(stem, assignment_id)):
            return Shape(False, names)
        listed = {student for w in ways for r in w if (student := _listed(r.name, roster))}
        if len(listed) > 1 or (listed and len(works) == 1):
            return Shape(True, names, depth)
    nameless = [t for t in tops if len(t) == 1 and names_nobody(_bare(t[0]), assignment_id)]
    if len(names) < 2 or nameless:
        return Shape(False, names)
    apart = all(len(t) > 1 for t in tops)  # each in a folder or archive
    if len(ours) > 1 or (apart and not ours):
        return Shape(True, names, depth)
    # One notebook of this assignment among others is a student's, with what they tried out.
    return Shape(False, names, doubtful=apart or not ours)


def _bare(name: str) -> str:
    return without_ending(name) if may_be_notebook(name) else re.sub(r"\.[^.]+$", "", name)


def _depth(works: Sequence[Sequence[str]]) -> int:
    """How many folders (or archives) all lie in together."""
    depth = 0
    while works and all(len(w) > depth + 1 for w in works) and len({w[depth] for w in works}) == 1:
        depth += 1
    # A class of one: the folder that its notebooks lie in is the student's.
    only = depth and len({tuple(w[depth:]) for w in works}) == 1
    return depth - 1 if only else depth


def _ways(parts: tuple[str, ...], assignment_id: str) -> tuple[Reading, ...]:
    plain = tuple(re.sub(r"(\.tar)?\.[A-Za-z0-9]+$", "", p, flags=re.IGNORECASE) if is_archive(p) else p for p in parts)
    way = next((way for scheme in SCHEMES if (way := scheme(plain, assignment_id))), "unnamed")
    return (Reading(way),) if isinstance(way, str) else way


def _listed(name: str, roster: Roster) -> str:
    person = roster.find((("any", visible(name)), ("name", visible(name))))
    return person.student if person else ""
