"""STAFF ONLY. The page over pairs of submissions that are alike: where to look, with the passages side by side.

Everything on it is students' text: one file, escaped, no script, nothing loaded from elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.report.pages import render
from autograder.report.printable import one_line, printable
from autograder.similarity.detection import Group, Likenesses, Pair, Work, most_common

MOST_PAIRS, MOST_PASSAGES, MOST_LINES, MOST_CHARS = 60, 15, 60, 160


@dataclass(frozen=True)
class _Side:
    where: str
    text: str


@dataclass(frozen=True)
class _Passage:
    left: _Side
    right: _Side


@dataclass(frozen=True)
class _Pair:
    anchor: str
    left: str
    right: str
    percent: int
    lines: int
    passages: tuple[_Passage, ...]
    more: int


def render_similarity(title: str, assignment: str, works: Sequence[Work], found: Likenesses, threshold: float,
                      problems: Sequence[tuple[str, str]] = ()) -> str:  # fmt: skip
    """One self-contained HTML page.

    Args:
        works: all that were compared.
        found: groups, and the pairs from `threshold` (0 to 1) on.
        problems: (student, why) of what was not compared.
    """
    pairs = found.pairs
    return render(
        "similarity.html.j2",
        ("style.css", "similarity.css"),
        title=one_line(title, 200),
        assignment=assignment,
        students=len(works),
        compared=len(works) * (len(works) - 1) // 2,
        threshold=round(100 * threshold),
        common=most_common(len(works)),
        groups=[_group(g) for g in found.groups],
        pairs=[_shown(i, p) for i, p in enumerate(pairs[:MOST_PAIRS], 1)],
        more=max(0, len(pairs) - MOST_PAIRS),
        problems=[(one_line(s, 100), one_line(why, 300)) for s, why in problems],
    )


def _group(group: Group) -> dict[str, object]:
    how = "the same but for comments, blanks and names" if group.exact else "the same in nine tenths of their own code or more"
    return {"students": [one_line(w.student, 80) for w in group.works], "how": how}


def _shown(position: int, pair: Pair) -> _Pair:
    shown = pair.passages[:MOST_PASSAGES]
    in_order = sorted(shown, key=lambda p: p.left)
    return _Pair(
        anchor=f"pair{position}",
        left=one_line(pair.left.student, 80),
        right=one_line(pair.right.student, 80),
        percent=round(100 * pair.share),
        lines=sum(p.left[1] - p.left[0] + 1 for p in pair.passages),
        passages=tuple(_Passage(_side(pair.left, p.left), _side(pair.right, p.right)) for p in in_order),
        more=len(pair.passages) - len(shown),
    )


def _side(work: Work, lines: tuple[int, int]) -> _Side:
    first, last = lines
    text = work.code.split("\n")[first : last + 1]
    cells = sorted(set(work.cells[first : last + 1]))
    shown = [printable(line[:MOST_CHARS]) + (" …" if len(line) > MOST_CHARS else "") for line in text[:MOST_LINES]]
    if len(text) > MOST_LINES:
        shown.append(f"… {len(text) - MOST_LINES} more lines …")
    where = f"cells {cells[0]} to {cells[-1]}" if len(cells) > 1 else f"cell {cells[0]}" if cells else ""
    return _Side(where, "\n".join(shown).strip("\n"))
