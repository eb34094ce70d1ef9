"""PUBLIC: how messages name a cell: by the number that Jupyter shows beside it, and by its first line."""

from __future__ import annotations

from collections.abc import Iterable

COUNTED = "Cells have the numbers that Jupyter shows after Run > Restart Kernel and Run All Cells."
_MOST = 60


def numbers(cells: Iterable[tuple[str, str]]) -> list[int]:
    """The number of each cell, as Jupyter gives it when it runs all of them from the top.

    Args:
        cells: (cell_type, source) of each.

    Returns:
        1, 2, ... for code cells; 0 for text, and for blank code cells, which Jupyter passes over.
    """
    found, last = [], 0
    for kind, source in cells:
        runs = kind == "code" and bool(source.strip())
        last += runs
        found.append(last if runs else 0)
    return found


def first_line(source: str) -> str:
    """The first line that is no comment, to find a cell by; a comment where there is nothing else."""
    lines = [" ".join(line.split()) for line in source[:10_000].split("\n") if line.strip()]
    line = next((line for line in lines if not line.startswith("#")), lines[0] if lines else "")
    return line if len(line) <= _MOST else line[: _MOST - 3] + "..."


def place(number: int, source: str) -> str:
    """E.g. "cell 12 (`def forward(params, x, phi):`)"; of a cell without a number "the cell that begins `### Answer`"."""
    line = first_line(source).replace("`", "'")
    if not number:
        return f"the cell that begins `{line}`" if line else "an empty cell"
    return f"cell {number} (`{line}`)" if line else f"cell {number}"
