"""Moodle's tables in any language: what a column holds is read from its place and its cells, not from its title.

The grading worksheet (Moodle's code: mod/assign/feedback/offline, and mod/assign/gradingtable.php for the order) begins with the
participant, "Participant 71001" or "Teilnehmer/in71001", and the full name; then come what identifies people, the status, the
grade, the full marks ("20.00" or "20,00", the same in every row), whether the grade may change, and the times of submission and
grading, "-" for none. The list of participants begins with first and last name, and has an email address.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.platforms.local_times import local_time

_PARTICIPANT = re.compile(r"([^\d@]*[^\W\d_][^\d@]*?)\s*(\d+)")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_CLOCK = re.compile(r"\d{1,2}\s?[:.h時时시]\s?\d\d|\d\s?[ap]\.?m", re.IGNORECASE)
_FEWEST = 6  # columns of a worksheet
_CELL_CHARS = 300  # that are looked at: some of these patterns take the square of it
_MOST = 0.8  # of a column's cells: what one person calls themselves must not decide what all the others' cells are


@dataclass(frozen=True)
class Worksheet:
    """Columns of a grading worksheet, by number; None for what it has not.

    Attributes:
        submitted: when the submission was last changed.
        comma: numbers have a decimal comma.
    """

    participant: int
    name: int
    email: int | None = None
    grade: int | None = None
    maximum: int | None = None
    submitted: int | None = None
    comma: bool = False


def worksheet(rows: Sequence[Sequence[str]]) -> Worksheet | None:
    """The columns of Moodle's grading worksheet; None for any other table.

    Args:
        rows: all cells, the heading first.
    """
    width = len(rows[0]) if rows else 0
    body = [[_cut(c) for c in (*row, *[""] * width)[:width]] for row in rows[1:] if any(c.strip() for c in row)]
    if not body or width < _FEWEST or not _are_participants([row[0] for row in body]):
        return None
    columns = [[row[n] for row in body] for n in range(width)]
    maximum = next((n for n in range(3, width) if _is_maximum(columns[n]) and _are_grades(columns[n - 1])), None)
    times = [n for n in range(2, width) if _are_times(columns[n])]
    # Times of submission and grading are always there, "-" until there are any.
    if not times and not any(set(column) == {"-"} for column in columns[2:]):
        return None
    comma = any("," in cell for n in (maximum, (maximum or 0) - 1) if maximum is not None for cell in columns[n])
    grade = None if maximum is None else maximum - 1
    return Worksheet(0, 1, email_column(rows), grade, maximum, times[0] if times else None, comma)


def email_column(rows: Sequence[Sequence[str]]) -> int | None:
    """Of the columns of which every cell that is not empty is an email address the one that has most; the first of several."""
    counts = {n: _addresses([_cut(row[n]) for row in rows[1:] if n < len(row)]) for n in range(len(rows[0]))}
    best = max(counts, key=lambda n: counts[n], default=None)
    return best if best is not None and counts[best] else None


def _addresses(cells: Sequence[str]) -> int:
    told = [c for c in cells if c.strip(" -")]
    return len(told) if all(_EMAIL.fullmatch(c) for c in told) else 0


def _cut(cell: str) -> str:
    return cell[:_CELL_CHARS].strip()


def participant_number(cell: str) -> str:
    """ "Participant 71001", "Teilnehmer/in71001" or "71001" as "71001"."""
    cell = _cut(cell)
    digits = re.search(r"(\d+)\s*$", cell)
    return digits[1] if digits else cell.split()[-1] if cell.split() else ""


def are_names(rows: Sequence[Sequence[str]], column: int) -> bool:
    """Whether the column's cells are of letters, as names are; nearly all of them, as somebody may be called R2-D2."""
    cells = [cell for row in rows[1:] if column < len(row) and (cell := _cut(row[column]))]
    letters = sum(re.search(r"[^\W\d_]", c) is not None and not re.search(r"[\d@]", c) for c in cells)
    return bool(cells) and letters >= _MOST * len(cells)


def _are_participants(cells: Sequence[str]) -> bool:
    """One word in front of a number, the same in all, and every number another."""
    found = [_PARTICIPANT.fullmatch(c) for c in cells]
    if not all(found):
        return False
    words = {m[1].strip() for m in found if m}
    return len(words) == 1 and len({m[2] for m in found if m}) == len(found) and len(next(iter(words))) > 1


def _is_maximum(cells: Sequence[str]) -> bool:
    return len(set(cells)) == 1 and _NUMBER.fullmatch(cells[0]) is not None


def _are_grades(cells: Sequence[str]) -> bool:
    return all(c in ("", "-") or _NUMBER.fullmatch(c) for c in cells)


def _are_times(cells: Sequence[str]) -> bool:
    told = [c for c in cells if c not in ("", "-")]
    return bool(told) and all(_CLOCK.search(c) and local_time(c) is not None for c in told)
