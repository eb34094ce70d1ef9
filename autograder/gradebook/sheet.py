"""A CSV file in which single cells are replaced and every other byte stays: quotes, line ends, byte order mark, blanks.

Other programs' exports go back to them this way; `csv.writer` would quote and end lines as it likes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import CourseError
from autograder.roster import MAX_MB, decoded, delimiter_of


@dataclass
class Sheet:
    """Cells as they stand in the file, quotes included, and each row's end of line."""

    file: Path
    encoding: str
    mark: bytes
    delimiter: str
    rows: list[list[str]]
    ends: list[str]

    def values(self, row: int) -> list[str]:
        """A row's cells as a reader understands them."""
        return [_unquoted(cell) for cell in self.rows[row]]

    def put(self, row: int, column: int, value: str) -> None:
        """Replaces one cell; a row that is too short is made longer."""
        cells = self.rows[row]
        cells += [""] * (column + 1 - len(cells))
        plain = not re.search(r'[",;\t\r\n]', value)
        cells[column] = value if plain else '"' + value.replace('"', '""') + '"'

    def data(self) -> bytes:
        """The file's bytes."""
        text = "".join(self.delimiter.join(cells) + end for cells, end in zip(self.rows, self.ends, strict=True))
        return self.mark + text.encode(self.encoding)


def read_sheet(file: Path) -> Sheet:
    """A CSV file, ready for single cells to be replaced.

    Raises:
        CourseError: it cannot be read, is no text, or a quote is never closed.
    """
    try:
        if file.stat().st_size > MAX_MB * 10**6:
            raise CourseError(f"{file} has more than {MAX_MB} MB. Give the platform's own export of one course.")
        data = file.read_bytes()
    except OSError as problem:
        raise CourseError(f"{file} cannot be read ({problem.strerror}). Give the platform's own export.") from None
    mark, encoding = _encoding(data)
    decoded(data, file)  # refuses what is no text
    text = data[len(mark) :].decode(encoding)
    delimiter = delimiter_of(text)
    rows, ends = _split(text, delimiter, file)
    return Sheet(file, encoding, mark, delimiter, rows, ends)


def _encoding(data: bytes) -> tuple[bytes, str]:
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            return mark, encoding
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return b"", "latin-1"
    return b"", "utf-8"


# A quoted cell (whatever follows its last quote included), or one that runs up to the next delimiter or end of line.
def _split(text: str, delimiter: str, file: Path) -> tuple[list[list[str]], list[str]]:
    d = re.escape(delimiter)
    cell = re.compile(rf'(?P<cell>"(?:[^"]|"")*"[^{d}\r\n]*|(?!")[^{d}\r\n]*)(?P<end>{d}|\r\n|\n|\r|\Z)')
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
