"""What a student wrote as the answer to a written question, wherever in the notebook it stands, and whether anything was written.

Reads text only. A cell that carries the question's id is its answer; so is a cell of the student's own that stands between the
question's heading and the next question. Only where nothing of the student's own could be meant is an answer "left as released":
whoever writes it in an odd place is read by a person.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from autograder.notebook.submission import SubmittedCell, SubmittedNotebook, normalised_sha256


@dataclass(frozen=True)
class WrittenAnswers:
    """The student's own words in one notebook.

    Attributes:
        cells: question -> its cells with something of the student's own, in the notebook's order.
        met: questions of which a cell as released (the heading, say), or an emptied one, is in the notebook.
        stray: text of the student's own that stands where it belongs to no written question.
    """

    cells: Mapping[str, tuple[SubmittedCell, ...]] = field(default_factory=dict)
    met: frozenset[str] = frozenset()
    stray: tuple[SubmittedCell, ...] = ()

    def left_as_released(self, question: str) -> bool:
        """Nothing was written: no person has to look."""
        return question in self.met and not self.cells.get(question) and not self.stray

    def sha256(self, question: str) -> str:
        """Identity of an answer's text and pictures; "" where nothing was written."""
        cells = self.cells.get(question, ())
        if not cells:
            return ""
        parts = [normalised_sha256(c.source) + "".join(data for *_, data in c.pictures) for c in cells]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def written_answers(notebook: SubmittedNotebook, written: Collection[str], released: Mapping[str, str]) -> WrittenAnswers:
    """Finds the answers to the questions `written`.

    Args:
        released: of every cell of the student notebook: `normalised_sha256` -> the question it belongs to, or "". Where it is
            empty, nothing is known, and nothing is ever "left as released".
    """
    cells: dict[str, list[SubmittedCell]] = {}
    met: set[str] = set()
    section, stray = "", []
    for cell in notebook.cells:
        key = normalised_sha256(cell.source)
        own = cell.grade_id if cell.grade_id in written else cell.question or released.get(key, "")
        section = own or section
        if not cell.pictures and (key in released or not cell.source.strip()):
            met |= {section} & set(written)
        elif cell.aside:
            continue
        elif section in written:
            cells.setdefault(section, []).append(cell)
        elif cell.kind != "code" and not cell.question:
            stray.append(cell)
    found = {question: tuple(own) for question, own in cells.items()}
    return WrittenAnswers(found, frozenset(met if released else ()), tuple(stray))
