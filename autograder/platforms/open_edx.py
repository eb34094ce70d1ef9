"""Open edX: `[1]Week 3, [2]Lab, [1]Hand in/[1] - jdoe - lab.ipynb` and submissions.csv, its archive of open response assessments.

Read from its code (edx-ora2, openassessment/data.py). Typed answers are called `prompt_0.txt`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograder.platforms.base import Handed, NamedDownload


class OpenEdx(NamedDownload):
    """An archive of submission files."""

    name = "Open edX"
    pattern = re.compile(r"\[\d+\] - (?P<user>.+?) - (?P<file>.+)", re.DOTALL)

    def handed(self, match: re.Match[str], parts: Sequence[str]) -> Handed:
        user = match["user"].strip()
        return Handed((("login", user), ("any", user)), user)

    def is_own(self, parts: Sequence[str]) -> bool:
        return len(parts) <= self.depth + 1 and parts[-1] == "submissions.csv"
