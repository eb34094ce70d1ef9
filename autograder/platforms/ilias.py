"""ILIAS: `Doe_Jane_jdoe_4711/lab.ipynb`: last name, first name, login and ILIAS's number of the person, in ASCII.

Read from its code (Exercise/Submission, `getDirectoryNameFromUserData`); a team's folders lie in one more, `Team 12`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograder.platforms.base import Handed, NamedDownload


class Ilias(NamedDownload):
    """A download of an exercise's submissions."""

    name = "ILIAS"
    folders = True
    pattern = re.compile(r"(?P<last>[^_]+(?:_[^_]+)*)_(?P<first>[^_]+)_(?P<login>[^_]+)_(?P<id>\d+)")

    def handed(self, match: re.Match[str], parts: Sequence[str]) -> Handed:
        login = match["login"]
        return Handed((("login", login), ("any", login), ("name", f"{match['first']} {match['last']}")), login)

    def is_own(self, parts: Sequence[str]) -> bool:
        # A table of the exercise's members lies beside the folders.
        return len(parts) == self.depth + 1 and parts[-1].lower().endswith((".xls", ".xlsx", ".csv"))
