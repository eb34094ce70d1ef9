"""In which line of a TOML file a key or a table stands, which Python's reader does not say. For messages: a miss is no error."""

from __future__ import annotations

import re
from collections import Counter

_TABLE = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]")
_KEY = re.compile(r"\s*([A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')\s*[=.]")
_LONG_STRING = re.compile(r"\"\"\"|'''")


class TomlLines:
    """The lines of one file, from 1. Tables are named as `Table` names them: "course", "week 3", "week 3.lab"."""

    def __init__(self, text: str):
        self._tables: dict[str, int] = {}
        self._keys: dict[tuple[str, str], int] = {}
        counts: Counter[str] = Counter()
        table, inside = "", False
        for number, line in enumerate(text.splitlines(), 1):
            opened = inside
            inside ^= len(_LONG_STRING.findall(line)) % 2 == 1
            if opened:
                continue
            if match := _TABLE.match(line):
                table = self._name(match[2], match[1] == "[[", counts)
                self._tables.setdefault(table, number)
            elif match := _KEY.match(line):
                self._keys.setdefault((table, match[1].strip("\"'")), number)

    def of(self, table: str, key: str = "") -> int | None:
        """The line of a key of a table; of the table's heading for a key that it lacks, or for none; None where nobody knows."""
        inner = f"{table}.{key}".removeprefix(".")
        tables = (self._tables.get(name) for name in (inner, f"{inner} 1", table))
        return self._keys.get((table, key)) or next((line for line in tables if line), None)

    @staticmethod
    def _name(dotted: str, is_one_of_many: bool, counts: Counter[str]) -> str:
        first, *rest = (part.strip().strip("\"'") for part in dotted.split("."))
        if is_one_of_many and not rest:
            counts[first] += 1
        return ".".join([f"{first} {counts[first]}" if counts[first] else first, *rest])
