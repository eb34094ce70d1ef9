"""Predict and Reflect: the cell in which a student answers, and the author's answer, folded away.

They are worth no points, so nbgrader, the suites and the marks know nothing of them: plain Markdown that stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence

from autograder.notebook.source_cells import Role, SourceCell

OWN_WORDS = {Role.PREDICTION: "*Your prediction:*", Role.REFLECTION: "*Your reflection:*"}
_ANSWERED_IN = {Role.PREDICT: Role.PREDICTION, Role.REFLECT: Role.REFLECTION}


def with_own_words(cells: Sequence[SourceCell]) -> list[SourceCell]:
    """The cells with one for the student directly after each that asks. Their indices are negative: no source has them."""
    result = []
    for cell in cells:
        result.append(cell)
        if role := _ANSWERED_IN.get(cell.role):
            result.append(SourceCell(-1 - cell.index, role, cell.question, OWN_WORDS[role], markdown=True))
    return result


def folded(text: str) -> str:
    """Markdown that a click opens. The empty lines make JupyterLab, VS Code and Colab read Markdown and formulas inside."""
    return f"<details>\n<summary>Answer</summary>\n\n{text.strip()}\n\n</details>"
