"""One table of a TOML file, read key by key: each type is checked, and what nobody asked for is refused by name.

Knows nothing of courses; it opens no file.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from autograder.errors import CourseError
from autograder.toml_lines import TomlLines


class Table:
    """One table of the file: `take` checks types and remembers, `finish` refuses keys that nobody took.

    Messages begin with `file:line:` where `lines` knows the line.
    """

    def __init__(self, file: Path, name: str, data: Any, lines: TomlLines):
        self.file, self.name, self.lines = file, name, lines
        if not isinstance(data, dict):
            raise CourseError(f"{self.place()}: [{name}] must be a table of keys, not {data!r}. Write [{name}] above its keys.")
        self.data = dict(data)

    def place(self, key: str = "") -> str:
        """The file, and the line of the key or of the table if it is known."""
        line = self.lines.of(self.name, key)
        return f"{self.file}:{line}" if line else str(self.file)

    def fail(self, key: str, problem: str) -> CourseError:
        where = f"[{self.name}] {key}" if self.name else f"[{key}]"
        return CourseError(f"{self.place(key)}: {where}: {problem}")

    def take(self, key: str, kind: type | tuple[type, ...], default: Any = ...):
        if key not in self.data:
            if default is ...:
                raise self.fail(key, "is missing. Add it; docs/authoring.md and the shipped course.toml show how.")
            return default
        value = self.data.pop(key)
        kinds = kind if isinstance(kind, tuple) else (kind,)
        # bool is an int and datetime a date: neither is what an author means.
        odd = (isinstance(value, bool) and bool not in kinds) or (isinstance(value, dt.datetime) and dt.datetime not in kinds)
        if odd or not isinstance(value, kinds):
            names = " or ".join(k.__name__ for k in kinds)
            raise self.fail(key, f"{value!r} is no {names}. Correct its type.")
        return value

    def table(self, key: str, *, optional: bool = False) -> Table:
        if optional and key not in self.data:
            return Table(self.file, f"{self.name}.{key}", {}, self.lines)
        return Table(self.file, f"{self.name}.{key}".removeprefix("."), self.take(key, dict), self.lines)

    def tables(self, key: str, *, optional: bool = False) -> list[Table]:
        if optional and key not in self.data:
            return []
        value = self.take(key, list)
        if not value:
            raise self.fail(key, f"is empty. Add at least one [[{key}]].")
        return [Table(self.file, f"{key} {n}", item, self.lines) for n, item in enumerate(value, 1)]

    def finish(self) -> None:
        for key in self.data:
            raise self.fail(key, "is no known key. Correct its spelling or remove it.")
