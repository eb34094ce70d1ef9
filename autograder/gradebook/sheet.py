"""A CSV file in which single cells are replaced and every other byte stays: quotes, line ends, byte order mark, blanks.

Other programs' exports go back to them this way; `csv.writer` would quote and end lines as it likes.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import CourseError
from autograder.platforms.csv_cells import read_csv


@dataclass
class Sheet:
    """Cells as they stand in the file, quotes included, and each row's end of line.

    Attributes:
        head: what stands before the heading: Excel's `sep=;`.
        notes: what was guessed of the file, one line each.
    """

    file: Path
    encoding: str
    mark: bytes
    delimiter: str
    rows: list[list[str]]
    ends: list[str]
    head: str = ""
    notes: tuple[str, ...] = ()

    def values(self, row: int) -> list[str]:
        """A row's cells as a reader understands them."""
        return [_unquoted(cell) for cell in self.rows[row]]

    def put(self, row: int, column: int, value: str) -> None:
        """Replaces one cell; a row that is too short is made longer."""
        cells = self.rows[row]
        cells += [""] * (column + 1 - len(cells))
        plain = not re.search(r'[",;\t\r\n]', value) or (self.delimiter == ";" and re.fullmatch(r"\d+,\d+", value))
        cells[column] = value if plain else '"' + value.replace('"', '""') + '"'

    def data(self) -> bytes:
        """The file's bytes."""
        text = "".join(self.delimiter.join(cells) + end for cells, end in zip(self.rows, self.ends, strict=True))
        return self.mark + (self.head + text).encode(self.encoding, "surrogateescape")


def read_sheet(file: Path, names: Collection[str] = ()) -> Sheet:
    """A CSV file, ready for single cells to be replaced.

    Args:
        names: of people who may be in it, to tell which character set is meant.

    Raises:
        CourseError: it cannot be read, is no text, or a quote is never closed.
    """
    table = read_csv(file, names)
    rows, ends = _split(table.text, table.delimiter, file)
    return Sheet(file, table.encoding, table.mark, table.delimiter, rows, ends, table.head, table.notes)


# A quoted cell (whatever follows its last quote included), or one that runs up to the next delimiter or end of line.
def _split(text: str, delimiter: str, file: Path) -> tuple[list[list[str]], list[str]]:
    d = re.escape(delimiter)
    cell = re.compile(rf'(?P<cell>"[^"]*+(?:""[^"]*+)*+"[^{d}\r\n]*|(?!")[^{d}\r\n]*)(?P<end>{d}|\r\n|\n|\r|\Z)')
    rows: list[list[str]] = []
    ends: list[str] = []
    row: list[str] = []
    at = 0
    while at < len(text) or row:
        match = cell.match(text, at)
        if match is None:
            raise CourseError(f"{file}: the quote that opens in row {len(rows) + 1} is never closed. Export the file again.")
        row.append(match["cell"])
        at = match.end()
        if match["end"] != delimiter:
            rows.append(row)
            ends.append(match["end"])
            row = []
    return rows, ends


def _unquoted(cell: str) -> str:
    match = re.fullmatch(r'"((?:[^"]|"")*)"(.*)', cell, re.DOTALL)
    return match[1].replace('""', '"') + match[2] if match else cell
