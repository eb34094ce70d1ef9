"""The console that commands print to. Whatever gets into a line of theirs, it cannot steer the terminal or pass for a sign."""

from __future__ import annotations

import re
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.report.printable import printable

_LISTED = re.compile(r"(  [!.-]) ")


class StaffConsole(Console):
    """Plain strings are made printable, `:x:` in them is no emoji, and each is one line, indented where a terminal breaks it.

    What is no string (`Text`, tables) is its maker's care.
    """

    def __init__(self, **options: Any):
        super().__init__(highlight=False, emoji=False, **options)

    def print(self, *objects: Any, **options: Any) -> None:
        line = objects[0] if len(objects) == 1 and isinstance(objects[0], str) else ""
        if not self.is_terminal:
            options |= {"soft_wrap": True} if line else {}
        elif (mark := _LISTED.match(line)) is not None:
            objects = (labelled(mark[1], printable(line[mark.end() :])),)
        super().print(*objects, **options)

    def render_str(self, text: str, **options: Any) -> Text:
        return super().render_str(printable(text), **options)


def labelled(label: str, text: str, style: str = "") -> Table:
    """A line of ours with a stranger's text, which stays to the right of the label however long it is: else a text that is
    broken at the right place would begin a line of its own, and could pass for one of ours."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(Text(label, style), Text(text, style))
    return grid
