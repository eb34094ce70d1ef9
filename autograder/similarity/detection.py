"""Which submissions of an assignment are alike: pairs, and the passages that they share beyond what all were given.

Fingerprints are copydetect's (k-grams after Schleimer, Wilkerson and Aiken, SIGMOD 2003): code without comments and blanks,
every name of a variable and function the same, so that renaming and reordering change little. On top of it here: the starter
code is taken off, and so is what many have; passages are matched in order, and short ones (a formula that everybody writes)
do not count; what is repeated counts once.

Works that are the same as a whole are groups, however many there are: what a whole ring hands in is no common knowledge, so a
group counts as one when it is asked what many have.
"""

from __future__ import annotations

import bisect
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
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
# Of what one work says more often than this only the first places are compared: all with all would take for ever.
MOST_REPEATS = 20
# Works with this much of all their code in common are a group, though some lines differ; short ones only if they are the same.
NEARLY, NEARLY_LEAST = 0.9, 200
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
        share: of the smaller one's own code, 0 to 1, what is repeated counted once.
        length: characters in `passages`, all together, likewise.
        passages: longest first.
    """

    left: Work
    right: Work
    share: float
    length: int
    passages: tuple[Passage, ...]


@dataclass(frozen=True)
class Group:
    """Works that are the same as a whole, but for comments, blanks and names; `exact`: and for nothing else."""

    works: tuple[Work, ...]
    exact: bool


@dataclass(frozen=True)
class Likenesses:
    """Groups, the largest first; and pairs, the most alike first, without those within a group of three and more."""

    groups: tuple[Group, ...]
    pairs: tuple[Pair, ...]


@dataclass(frozen=True)
class _Raw:
    """A work's fingerprints before anything common is taken off; `text`: its code as it is compared."""

    work: Work
    fingerprint: Any
    text: str
    own: frozenset[int]


@dataclass(frozen=True)
class _Print:
    """A work's fingerprints: hash -> places in the filtered code, after the starter code and what is common is taken off."""

    work: Work
    places: dict[int, list[int]]
    first: dict[int, int]
    own: int
    to_line: Callable[[int], int]
    part_of: Callable[[int], int]


def likenesses(works: Sequence[Work], starter: str, threshold: float) -> Likenesses:
    """Which works are the same, and the pairs of which one shares at least `threshold` (0 to 1) of its own code with the other.

    Args:
        starter: the code of the student notebook.

    Raises:
        CourseError: the package copydetect is not installed.
    """
    detect = _copydetect()
    given = set(detect.CodeFingerprint("starter", K, 1, fp=io.StringIO(starter), language="python").hashes)
    raw = [_raw(detect, w, given) for w in works]
    groups = _groups(raw)
    seen = Counter(h for members in groups for h in frozenset().union(*(raw[i].own for i in members)))
    common = {h for h, count in seen.items() if count > most_common(len(works))}
    prints = [_print(r, given | common) for r in raw]
    pairs = (_pair(prints[i], prints[j]) for i, j in _to_compare(raw, groups))
    found = sorted((p for p in pairs if p is not None and p.share >= threshold), key=lambda p: (-p.share, -p.length))
    several = sorted((m for m in groups if len(m) > 1), key=lambda m: (-len(m), m))
    return Likenesses(tuple(_group(raw, m) for m in several), tuple(found))


def alike(works: Sequence[Work], starter: str, threshold: float) -> list[Pair]:
    """The pairs alone of `likenesses`."""
    return list(likenesses(works, starter, threshold).pairs)


def _raw(detect: Any, work: Work, given: set[int]) -> _Raw:
    fingerprint = detect.CodeFingerprint(work.student, K, WINDOW, fp=io.StringIO(work.code), language="python")
    return _Raw(work, fingerprint, fingerprint.filtered_code.strip(), frozenset(int(h) for h in fingerprint.hashes) - given)


def _groups(raw: Sequence[_Raw]) -> list[tuple[int, ...]]:
    """The works' places in groups, those that are like no other alone. Who wrote nothing is like nobody."""
    leader = list(range(len(raw)))

    def of(i: int) -> int:
        while leader[i] != i:
            i = leader[i]
        return i

    for i, a in enumerate(raw):
        for j in range(i):
            if of(i) != of(j) and _same(a, raw[j]):
                leader[max(of(i), of(j))] = min(of(i), of(j))
    members: dict[int, list[int]] = {}
    for i in range(len(raw)):
        members.setdefault(of(i), []).append(i)
    return [tuple(m) for m in members.values()]


def _same(a: _Raw, b: _Raw) -> bool:
    if not a.own or not b.own:
        return False
    if a.text == b.text:
        return True
    larger, smaller = max(len(a.own), len(b.own)), min(len(a.own), len(b.own))
    return smaller >= max(NEARLY_LEAST, NEARLY * larger) and len(a.own & b.own) >= NEARLY * larger


def _group(raw: Sequence[_Raw], members: tuple[int, ...]) -> Group:
    return Group(tuple(raw[i].work for i in members), len({raw[i].text for i in members}) == 1)


def _to_compare(raw: Sequence[_Raw], groups: Sequence[tuple[int, ...]]) -> Iterator[tuple[int, int]]:
    """Every two works but those of one larger group; of works in such a group that are the same, one stands for all."""
    group_of = {i: n for n, members in enumerate(groups) for i in members}
    large = {n for n, members in enumerate(groups) if len(members) > 2}
    standing: list[int] = []
    met: set[tuple[int, str]] = set()
    for i in range(len(raw)):
        key = (group_of[i], raw[i].text)
        if group_of[i] not in large or key not in met:
            standing.append(i)
        met.add(key)
    for n, i in enumerate(standing):
        for j in standing[n + 1 :]:
            if group_of[i] != group_of[j] or group_of[i] not in large:
                yield i, j


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


def _print(raw: _Raw, known: set[int]) -> _Print:
    # copydetect's own subtraction takes repeated passages for starter code (it assumes hashes to be unique).
    work, fingerprint = raw.work, raw.fingerprint
    places = {int(h): sorted(int(i) for i in at)[:MOST_REPEATS] for h, at in fingerprint.hash_idx.items() if h not in known}
    first = {h: at[0] for h, at in places.items()}
    to_line = _line_of(work.code, fingerprint.offsets)
    part_of = _part_of(work, to_line)
    # Within a definition: two short formulas one after the other are not one long passage.
    inside = {h: [i for i in at if part_of(i) == part_of(i + K - 1)] for h, at in places.items()}
    return _Print(work, inside, first, _covered(list(first.values())), to_line, part_of)


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
    found = list(_passages(a, b))
    if not found:
        return None
    passages = tuple(
        Passage((a.to_line(i), a.to_line(end - 1)), (b.to_line(i + shift), b.to_line(end + shift - 1)), length)
        for i, end, shift, length, _ in found
    )
    smaller = a if a.own <= b.own else b
    length = _once(smaller, {h for *_, hashes in found for h in hashes})
    return Pair(a.work, b.work, min(1.0, length / max(1, smaller.own)), length, passages)


def _once(work: _Print, hashes: Iterable[int]) -> int:
    """How many characters of a work are in these fingerprints, what it repeats counted once."""
    return _covered([work.first[h] for h in hashes])


def _passages(a: _Print, b: _Print) -> Iterator[tuple[int, int, int, int, frozenset[int]]]:
    """(first place in a, its end, how far on it is in b, length, fingerprints), longest first, none overlapping another."""
    diagonals: dict[tuple[int, int, int], dict[int, int]] = {}
    for h in a.places.keys() & b.places.keys():
        for i in a.places[h]:
            for j in b.places[h]:
                diagonals.setdefault((j - i, a.part_of(i), b.part_of(j)), {})[i] = h
    found = [
        (at, shift, hashes)
        for (shift, *_), places in diagonals.items()
        for at in _stretches(list(places))
        if _once(a, hashes := frozenset(places[i] for i in at)) >= PASSAGE
    ]
    taken_a: set[int] = set()
    taken_b: set[int] = set()
    for at, shift, hashes in sorted(found, key=lambda f: (-len(f[0]), f[0][0], f[1])):
        mine = {i + k for i in at for k in range(K)}
        theirs = {i + shift for i in mine}
        if not mine & taken_a and not theirs & taken_b:
            taken_a |= mine
            taken_b |= theirs
            yield at[0], at[-1] + K, shift, len(mine), hashes


def _stretches(places: list[int]) -> Iterator[list[int]]:
    """Places in order, cut where more than a k-gram lies between two."""
    ordered = sorted(places)
    begin = 0
    for n in range(1, len(ordered) + 1):
        if n == len(ordered) or ordered[n] - ordered[n - 1] > K:
            yield ordered[begin:n]
            begin = n
