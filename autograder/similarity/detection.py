"""Which submissions of an assignment are alike: pairs, and the passages that they share beyond what all were given.

Fingerprints are copydetect's (k-grams after Schleimer, Wilkerson and Aiken, SIGMOD 2003): code without comments and blanks,
every name of a variable and function the same, so that renaming and reordering change little. On top of it here: the starter
code is taken off, and so is what many have; passages are matched in order, and short ones (a formula that everybody writes)
do not count.
"""

from __future__ import annotations

import bisect
import io
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.errors import CourseError

# In characters of filtered code, where a name is one. Every k-gram is kept (a window of 1): submissions are short, and which
# ones a wider window keeps depends on Python's random hashes, so that two runs would differ.
K, WINDOW = 20, 1
# A passage counts from so many on, about four lines: right answers that were written independently rarely share as much
# (docs/similarity.md has the figures), and a formula that everybody writes is shorter.
PASSAGE = 80
_DEFINITION = ("def ", "class ", "async def ", "@")
# What one work says more often than this is a table or a trick, and comparing all with all would take for ever.
MOST_REPEATS = 20
# What more than this share of the class has is common knowledge (from a lecture, a forum); never what only so few have.
COMMON_SHARE, COMMON_LEAST = 0.25, 10


@dataclass(frozen=True)
class Work:
    """What one student wrote.

    Attributes:
        student: the id.
        code: the notebook's code cells, one after the other.
        cells: of each line of `code`, the number of the cell that it stands in, as Jupyter shows it.
    """

    student: str
    code: str
    cells: tuple[int, ...] = ()


@dataclass(frozen=True)
class Passage:
    """The same lines in two works: (first, last) line of each, counted from 0, and how many characters are alike."""

    left: tuple[int, int]
    right: tuple[int, int]
    length: int


@dataclass(frozen=True)
class Pair:
    """Two works and what they share.

    Attributes:
        share: of the smaller one's own code, 0 to 1.
        length: characters in `passages`, all together.
        passages: longest first.
    """

    left: Work
    right: Work
    share: float
    length: int
    passages: tuple[Passage, ...]


@dataclass(frozen=True)
class _Print:
    """A work's fingerprints: hash -> places in the filtered code, after the starter code and what is common is taken off."""

    work: Work
    places: dict[int, list[int]]
    own: int
    to_line: Callable[[int], int]
    part_of: Callable[[int], int]


def alike(works: Sequence[Work], starter: str, threshold: float) -> list[Pair]:
    """The pairs of which one work shares at least `threshold` (0 to 1) of its own code with the other, most alike first.

    Args:
        starter: the code of the student notebook.

    Raises:
        CourseError: the package copydetect is not installed.
    """
    detect = _copydetect()
    given = set(detect.CodeFingerprint("starter", K, 1, fp=io.StringIO(starter), language="python").hashes)
    raw = [detect.CodeFingerprint(w.student, K, WINDOW, fp=io.StringIO(w.code), language="python") for w in works]
    seen = Counter(h for fingerprint in raw for h in fingerprint.hashes)
    common = {h for h, count in seen.items() if count > most_common(len(works))}
    prints = [_print(w, f, given | common) for w, f in zip(works, raw, strict=True)]
    pairs = (_pair(a, b) for i, a in enumerate(prints) for b in prints[i + 1 :])
    return sorted((p for p in pairs if p is not None and p.share >= threshold), key=lambda p: (-p.share, -p.length))


def most_common(students: int) -> int:
    """What more students than this have is not counted."""
    return max(COMMON_LEAST, int(COMMON_SHARE * students))


def _copydetect() -> Any:
    try:
        import copydetect
    except ImportError:
        raise CourseError(
            "`autograder similarity` needs the package copydetect, which this environment does not have. Run `make install` "
            "in the course's folder, then use .venv/bin/autograder."
        ) from None
    return copydetect


def _print(work: Work, fingerprint: Any, known: set[int]) -> _Print:
    # copydetect's own subtraction takes repeated passages for starter code (it assumes hashes to be unique).
    own = {h: at for h, at in fingerprint.hash_idx.items() if h not in known and len(at) <= MOST_REPEATS}
    places = {h: sorted(int(i) for i in at) for h, at in own.items()}
    to_line = _line_of(work.code, fingerprint.offsets)
    part_of = _part_of(work, to_line)
    # Within a definition: two short formulas one after the other are not one long passage.
    inside = {h: [i for i in at if part_of(i) == part_of(i + K - 1)] for h, at in places.items()}
    return _Print(work, inside, _covered([i for at in places.values() for i in at]), to_line, part_of)


def _covered(places: list[int]) -> int:
    """How many characters lie in a k-gram that begins at one of `places`."""
    total = end = 0
    for i in sorted(places):
        total += i + K - max(i, end) if i + K > end else 0
        end = max(end, i + K)
    return total


def _line_of(code: str, offsets: Any) -> Callable[[int], int]:
    """From a place in the filtered code to a line of the code."""
    at = [int(x) for x, _ in offsets]
    gone = [int(x) for _, x in offsets]
    starts = [0]
    for line in code.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    before = len(code) - len(code.lstrip("\n"))  # Pygments leaves empty lines at the beginning out

    def line(place: int) -> int:
        i = bisect.bisect_right(at, place) - 1
        return bisect.bisect_right(starts, min(before + place + gone[max(i, 0)], len(code) - 1)) - 1

    return line


def _part_of(work: Work, to_line: Callable[[int], int]) -> Callable[[int], int]:
    """From a place in the filtered code to the number of its part: a definition at top level, or the rest of a cell."""
    parts: list[int] = []
    part = 0
    for n, line in enumerate(work.code.split("\n")):
        new_cell = n and work.cells and work.cells[n] != work.cells[n - 1]
        part += bool(new_cell) or line.startswith(_DEFINITION)
        parts.append(part)
    return lambda place: parts[to_line(place)]


def _pair(a: _Print, b: _Print) -> Pair | None:
    passages = tuple(
        Passage((a.to_line(i), a.to_line(end - 1)), (b.to_line(i + shift), b.to_line(end + shift - 1)), length)
        for i, end, shift, length in _passages(a, b)
    )
    if not passages:
        return None
    length = sum(p.length for p in passages)
    return Pair(a.work, b.work, min(1.0, length / max(1, min(a.own, b.own))), length, passages)


def _passages(a: _Print, b: _Print) -> Iterator[tuple[int, int, int, int]]:
    """(first place in a, its end, how far on it is in b, length), longest first, none overlapping another."""
    diagonals: dict[tuple[int, int, int], list[int]] = {}
    for h in a.places.keys() & b.places.keys():
        for i in a.places[h]:
            for j in b.places[h]:
                diagonals.setdefault((j - i, a.part_of(i), b.part_of(j)), []).append(i)
    found = [(at, shift) for (shift, *_), places in diagonals.items() for at in _stretches(places) if _covered(at) >= PASSAGE]
    taken_a: set[int] = set()
    taken_b: set[int] = set()
    for at, shift in sorted(found, key=lambda f: (-len(f[0]), f[0][0], f[1])):
        mine = {i + k for i in at for k in range(K)}
        theirs = {i + shift for i in mine}
        if not mine & taken_a and not theirs & taken_b:
            taken_a |= mine
            taken_b |= theirs
            yield at[0], at[-1] + K, shift, len(mine)


def _stretches(places: list[int]) -> Iterator[list[int]]:
    """Places in order, cut where more than a k-gram lies between two."""
    ordered = sorted(places)
    begin = 0
    for n in range(1, len(ordered) + 1):
        if n == len(ordered) or ordered[n] - ordered[n - 1] > K:
            yield ordered[begin:n]
            begin = n
