"""The one reader of CSV files: class lists, hand-in times, marks, platforms' exports, as spreadsheets of any country save them.

UTF-8 and UTF-16 with or without a byte order mark, the character sets of encodings.py, separators , ; tab and |, Excel's line
`sep=;` and line ends of any system. What had to be guessed is said in `CsvText.notes`.
"""

from __future__ import annotations

import contextlib
import csv
import io
import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import CourseError
from autograder.platforms.encodings import NAMES, guess_encoding

MAX_MB = 20
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_SEPARATORS = ",;\t|"
_SPOKEN = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_SEP_LINE = re.compile(r"\s*\"?sep=(.)\"?[^\S\r\n]*(?:\r\n|\r|\n|\Z)", re.IGNORECASE)


@dataclass(frozen=True)
class CsvText:
    """A CSV file's text.

    Attributes:
        file: where it was read.
        mark: its byte order mark, or nothing.
        head: its line `sep=;` with its end, or "".
        text: the rest.
        notes: one line for what was guessed.
    """

    file: Path
    encoding: str
    mark: bytes
    head: str
    text: str
    delimiter: str
    notes: tuple[str, ...] = ()

    def rows(self) -> list[tuple[int, list[str]]]:
        """(line number, cells) of each row that is not empty; the first is the heading.

        Raises:
            CourseError: it has none, or is no CSV.
        """
        above = 1 if self.head else 0
        try:
            reader = csv.reader(io.StringIO(self.text, newline=""), delimiter=self.delimiter)
            with _long_cells():
                rows = [(reader.line_num + above, row) for row in reader if any(cell.strip() for cell in row)]
        except csv.Error as problem:
            raise CourseError(f"{self.file} is no CSV file ({problem}). Export it again as CSV.") from None
        if (line := _never_closed(self.text, self.delimiter)) is not None:
            raise CourseError(
                f"{self.file}, line {line + above}: the quote that opens here is never closed, so that whoever stands below it "
                "would be lost. Export the file again."
            )
        if not rows:
            raise CourseError(f"{self.file} is empty. Export it again as CSV.")
        return rows


def read_csv(file: Path, names: Collection[str] = ()) -> CsvText:
    """A CSV file's text, whatever it was saved as.

    Args:
        names: of people whose work was handed in, or of their files: they tell which of two character sets is meant.

    Raises:
        CourseError: it cannot be read, or is no text (a spreadsheet, say).
    """
    try:
        if file.stat().st_size > MAX_MB * 10**6:
            raise CourseError(f"{file} has more than {MAX_MB} MB. Give a table of one course as CSV.")
        data = file.read_bytes()
    except OSError as problem:
        raise CourseError(f"{file} cannot be read ({problem.strerror}). Give a CSV file.") from None
    mark, encoding, notes = _encoding(data, file, names)
    try:
        text = data[len(mark) :].decode(encoding, "surrogateescape" if encoding == "utf-8" else "strict")
    except UnicodeDecodeError:
        raise CourseError(f"{file} is damaged: it begins as {encoding.upper()} and is none. Export it again.") from None
    sep = _SEP_LINE.match(text)
    head = sep.group() if sep else ""
    text = text[len(head) :]
    delimiter = sep[1] if sep else _delimiter(text)
    if not sep and delimiter != ",":
        notes.append(f"{file}: its cells seem to be separated by {_SPOKEN[delimiter]}; read so")
    return CsvText(file, encoding, mark, head, text, delimiter, tuple(notes))


def title_of(cell: str) -> str:
    """A column's title as titles are compared: letters and digits only, without accents, lower case."""
    plain = unicodedata.normalize("NFKD", cell.casefold())
    return re.sub(r"[\W_]", "", "".join(c for c in plain if not unicodedata.combining(c)))


def _encoding(data: bytes, file: Path, names: Collection[str]) -> tuple[bytes, str, list[str]]:
    """(byte order mark, encoding, what was guessed)."""
    if data[:4] == b"PK\x03\x04" or data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise CourseError(f"{file} is no text file. Save the spreadsheet as CSV (UTF-8) first.")
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return mark, encoding, _odd_lines_note(file, _not_utf8(data)) if encoding == "utf-8" else []
    if data[:2000].count(0) > len(data[:2000]) // 100:
        return b"", _utf16(data, file), [f"{file}: read as UTF-16, which it does not say"]
    try:
        data.decode("utf-8")
        return b"", "utf-8", []
    except UnicodeDecodeError:
        pass
    # If most lines are: else one line that somebody put in would change the names of all others. Text in another character set
    # is hardly ever UTF-8 by chance.
    if 2 * len(odd := _not_utf8(data)) < sum(not line.isascii() for line in data.splitlines()):
        return b"", "utf-8", _odd_lines_note(file, odd)
    guess = guess_encoding(data, names)
    word = _sample(data.decode(guess.encoding))
    other = "".join(f"; as {o} ({NAMES[o]}) it would be {_sample(data.decode(o), word[0])[1]!r}" for o in guess.others)
    note = (
        f"{file}: not UTF-8; its character set was guessed: {guess.encoding} ({NAMES[guess.encoding]}), which reads "
        f"{word[1]!r}{other}. If names come out wrong, save it as CSV UTF-8"
    )
    return b"", guess.encoding, [note]


def _odd_lines_note(file: Path, odd: list[int]) -> list[str]:
    listed = ", ".join(map(str, odd[:5])) + (" ..." if len(odd) > 5 else "")
    return [f"{file}: UTF-8, but for line {listed}, whose characters beyond ASCII are left as they are"] if odd else []


def _not_utf8(data: bytes) -> list[int]:
    """The lines that are no UTF-8, counted from 1."""
    return [n for n, line in enumerate(data.splitlines(), 1) if not _is_utf8(line)]


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


@contextlib.contextmanager
def _long_cells() -> Iterator[None]:
    """Reads cells of any length: one of more than the usual 128 KB, somebody's essay, must not cost everybody the table."""
    before = csv.field_size_limit(MAX_MB * 10**6)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _never_closed(text: str, delimiter: str) -> int | None:
    """The line in which a cell's quote opens that nothing closes, or None. csv.reader takes all that follows for that cell."""
    bare = rf"[^{re.escape(delimiter)}\r\n]"
    for match in re.finditer(rf'"(?P<inside>[^"]*+(?:""[^"]*+)*+)(?P<closed>"{bare}*+)?|{bare}++', text):
        if match["inside"] is not None and match["closed"] is None:
            return len(re.findall(r"\r\n|\r|\n", text[: match.start()])) + 1
    return None


def _utf16(data: bytes, file: Path) -> str:
    """UTF-16 without a mark, by which half of its characters' bytes are zero."""
    for encoding, zeros in (("utf-16-le", data[1:2000:2]), ("utf-16-be", data[0:2000:2])):
        if len(data) % 2 == 0 and zeros.count(0) > len(zeros) // 3:
            return encoding
    raise CourseError(f"{file} is no text file. Save the spreadsheet as CSV (UTF-8) first.")


def _sample(text: str, line: int | None = None) -> tuple[int, str]:
    """The first cell with a letter beyond ASCII (or the one in that place): what a person can judge a guess by."""
    cells = re.split(r"[,;\t|\r\n\"]+", text)
    index = next((i for i, c in enumerate(cells) if not c.isascii()), 0) if line is None else min(line, len(cells) - 1)
    return index, cells[index].strip()[:40]


def _delimiter(text: str) -> str:
    """The separator that makes most columns of the heading, and the same number in the rows below it."""
    best, delimiter = (0, 0.0), ","
    for candidate in _SEPARATORS:
        try:
            reader = csv.reader(io.StringIO(text[:200_000], newline=""), delimiter=candidate)
            with _long_cells():
                rows = [row for row, _ in zip((r for r in reader if r), range(60), strict=False)]
        except csv.Error:
            continue
        if not rows or len(rows[0]) < 2:
            continue
        same = sum(len(r) == len(rows[0]) for r in rows) / len(rows)
        worth = (len(rows[0]), same) if same > 0.5 else (1, same)
        if worth > best:
            best, delimiter = worth, candidate
    return delimiter
