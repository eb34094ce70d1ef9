"""The one writer of CSV files: nothing that a student wrote is computed by a spreadsheet or leaves its cell.

Which character stands between cells depends on the reader: where the comma is a decimal sign, spreadsheets split at semicolons,
others split at tabs, too, and quotes count only at a cell's start. So the start of a formula is disarmed wherever any of them
may see a cell begin, and rows with such characters are quoted whole.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

# What spreadsheets read as the start of a formula (OWASP), and the full-width forms that some locales accept.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_SEPARATORS = re.compile(r"[;\t\r\n]")
_ANOTHER_CELL = re.compile(r"""[;\t\r\n](?=[\s"]*+[=+\-@＝＋－＠])""")


def text_cell(value: str) -> str:
    """A cell that no spreadsheet computes: what looks like the start of a formula gets an apostrophe before it."""
    disarmed = _ANOTHER_CELL.sub(lambda found: f"{found[0]}'", value)
    return f"'{disarmed}" if starts_formula(value) else disarmed


def starts_formula(value: str) -> bool:
    """Whether a spreadsheet may take a cell for a formula; blanks before it do not keep all of them from it."""
    return value.startswith(FORMULA_STARTS) or value.lstrip().startswith(FORMULA_STARTS)


def csv_of(rows: Iterable[Sequence[str]]) -> str:
    """Rows as CSV with commas and CRLF."""
    out = io.StringIO()
    plain, quoted = csv.writer(out), csv.writer(out, quoting=csv.QUOTE_ALL)
    for row in rows:
        (quoted if any(_SEPARATORS.search(cell) for cell in row) else plain).writerow(row)
    return out.getvalue()
