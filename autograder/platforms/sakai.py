"""Sakai: `Week 3 lab/Doe, Jane(jdoe)/Submission attachment(s)/lab.ipynb`, with grades.csv and files of texts and times.

Last name, first name and login make the folder's name. Its timestamp.txt is Sakai's, but a student can hand in a file of that
name, too: hand-in times are taken from --times.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograder.platforms.base import Handed, NamedDownload

_TEXTS = frozenset({"timestamp.txt", "comments.txt", "feedbacktext.html"})


class Sakai(NamedDownload):
    """A download of an assignment's submissions."""

    name = "Sakai"
    folders = True
    pattern = re.compile(r"(?P<who>[^()]+?, ?[^()]+?)\s*\((?P<login>(?!\d{1,3}\))[^()]+)\)")
    most = 0.8  # "Doe, Jane (she)(jdoe)" is nobody's place, but the others' are theirs
    own = frozenset({"grades.csv", "grades.xls", "grades.xlsx"})

    def handed(self, match: re.Match[str], parts: Sequence[str]) -> Handed:
        login = match["login"].strip()
        return Handed((("login", login), ("any", login), ("name", match["who"])), login)

    def is_own(self, parts: Sequence[str]) -> bool:
        beside = len(parts) == self.depth + 2 and (parts[-1].lower() in _TEXTS or parts[-1].endswith("_submissionText.html"))
        return super().is_own(parts) or beside
