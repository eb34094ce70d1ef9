"""Of several files of one student: which counts, and what the staff should be told about the others.

The rule is told in `autograder.notebook.intake`. Works on what was found; opens no file.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from autograder.notebook.lookalikes import skeleton
from autograder.notebook.naming import NUMBERED, copy_number, is_assignment_name, names_nobody, without_ending
from autograder.report.printable import printable_name

MANY_FILES = 8
LONG_AGO = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True)
class Found:
    """One file named like a notebook, looked at but not judged.

    Attributes:
        parts: its place below FOLDER, or in the zip of a whole class.
        when, source: hand-in time and where it was read; None and "" where nothing says.
        assignment: what its metadata says; "" when it does not say.
        unreadable: why, or "".
        late, order: see `platforms.Handed`.
        doubtful: the platform's name for it can be read in another way, as somebody else's.
        marks: what of its name was taken for a mark of a copy, when its owner was read from that.
    """

    path: Path
    shown: str
    parts: tuple[str, ...]
    when: datetime | None
    source: str
    sha256: str
    assignment: str
    unreadable: str
    late: bool | None = None
    order: int = 0
    doubtful: bool = False
    marks: tuple[str, ...] = ()

    @property
    def rank(self) -> tuple[datetime, int]:
        """The later, the greater."""
        return self.when or LONG_AGO, self.order


def choose(
    student: str,
    items: list[Found],
    assignment_id: str,
    problems: list[tuple[str, str]],
    elsewhere: list[tuple[str, str]],
    notes: list[str],
) -> tuple[Found, tuple[Found, ...]] | None:
    """The file that counts and the superseded ones; None when all lie in folders named like another assignment."""
    others = [i for i in items if _elsewhere(i, assignment_id)]
    mine = [i for i in items if not _elsewhere(i, assignment_id)]
    if not mine and not all(_in_folder_of(i, i.assignment or _folder_assignment(i)) for i in others):
        mine, others = others, []  # handed in here by mistake: graded, and refused with a line that says which it is
    elsewhere += [(i.shown, _elsewhere(i, assignment_id)) for i in others]
    if not mine:
        return None
    ranked = sorted(mine, key=lambda i: (not i.doubtful, *i.rank, _collected(i, assignment_id), _copy(i), i.shown), reverse=True)
    named = [i for i in ranked if i.assignment == assignment_id]
    pick = named[0] if named else ranked[0]
    rest = tuple(i for i in ranked if i is not pick)
    problems += _warnings(student, pick, rest, assignment_id)
    if rest:
        notes.append(f"{pick.shown} counts for {student!r}: {_why(pick, rest)}; kept, but not counted: {_listed(rest)}")
    return pick, rest


def _copy(item: Found) -> int:
    return copy_number(without_ending(item.path.name))


def _why(pick: Found, rest: tuple[Found, ...]) -> str:
    if any(i.rank > pick.rank and i.doubtful for i in rest) and not pick.doubtful:
        return "the newest whose name can be read in one way only"
    if any(i.rank > pick.rank for i in rest):
        return "the newest whose metadata names this assignment"
    when = f" ({pick.when:%Y-%m-%d %H:%M} UTC, {pick.source})" if pick.when and pick.source else ""
    if any(i.rank == pick.rank for i in rest):
        return f"the last copy of several that are equally new{when}"
    return f"the newest{when}"


def _listed(rest: tuple[Found, ...]) -> str:
    names = [i.path.name for i in rest[:5]]
    return ", ".join(map(printable_name, names)) + (f" and {len(rest) - 5} more" if len(rest) > 5 else "")


def _collected(item: Found, assignment_id: str) -> bool:
    """Whether it is the notebook that nbgrader collected: all in its folder are as old as `timestamp.txt` says."""
    return item.source == "timestamp.txt" and item.path.name == f"{assignment_id.rpartition('/')[2]}.ipynb"


def _elsewhere(item: Found, assignment_id: str) -> str:
    """The other assignment that a file belongs to by its metadata or, without any, by a folder's name; "" if none."""
    said = item.assignment or _folder_assignment(item)
    return said if said and said != assignment_id and not _in_folder_of(item, assignment_id) else ""


def _folder_assignment(item: Found) -> str:
    for name in item.parts[1:-1]:
        match = re.fullmatch(r"(?:week|wk|w)[\s_.-]?(\d{1,2})[\s_.-]*(lab|homework)", name, re.IGNORECASE)
        if match:
            return f"week{int(match[1]):02d}/{match[2].lower()}"
    return ""


def _in_folder_of(item: Found, assignment_id: str) -> bool:
    return any(is_assignment_name(name, assignment_id) for name in item.parts[:-1])


def _warnings(student: str, pick: Found, rest: tuple[Found, ...], assignment_id: str) -> Iterator[tuple[str, str]]:
    for item in rest:
        if item.doubtful and not pick.doubtful:
            yield item.shown, f"its name can be read as that of {student!r} or of somebody else: set aside"
        elif item.rank > pick.rank:
            yield item.shown, f"newer than {pick.shown} but without the metadata of {assignment_id}: set aside"
        elif item.rank == pick.rank and item.sha256 != pick.sha256:
            yield item.shown, f"as old as {pick.shown}, which is graded; make sure that this is the right one"
    readable = [i for i in rest if not i.unreadable]
    if pick.unreadable and readable:
        yield pick.shown, f"cannot be read, but the older {readable[0].shown} can: remove this one to grade that"
    if names_nobody(student, assignment_id):
        yield pick.shown, f"its name does not say whose it is: graded as {student!r}; rename it to the student's id"
    if len(rest) + 1 >= MANY_FILES:
        yield (
            pick.shown,
            f"{len(rest) + 1} notebooks count as one student's ({student}); "
            "if their folder holds many students, collect from that folder instead",
        )


def alike(chosen: dict[str, tuple[Found, tuple[Found, ...]]], listed: frozenset[str] = frozenset()) -> list[tuple[str, str]]:
    """Ids that a person, a file system or a gradebook may take for one another. Both are graded.

    Args:
        listed: ids on the class list, which are what they are.
    """
    if len(chosen) < 2:
        return []
    seen: dict[str, str] = {}
    lines = []
    for student in sorted(chosen):
        shown, key = chosen[student][0].shown, skeleton(student)
        if key in seen and not {student, seen[key]} <= listed:
            in_case = student.casefold() == seen[key].casefold()
            how = "differ only in case" if in_case else f"look alike ({_apart(seen[key], student)})"
            lines.append((shown, f"the ids {seen[key]!r} and {student!r} {how}; both are graded"))
        seen.setdefault(key, student)
        bare = NUMBERED.sub("", student)
        if bare != student and bare in chosen and student not in listed:
            lines.append((shown, f"graded as {student!r}; if it is a second file of {bare!r}, rename it to {bare} (1)"))
    return lines


def _apart(one: str, other: str) -> str:
    """Which characters only one of two ids has, by their names in Unicode."""
    different = sorted(set(one) ^ set(other))[:4]
    return ", ".join(f"{c} is {unicodedata.name(c, 'unnamed').lower()}" for c in different)
