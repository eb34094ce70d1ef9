"""Blackboard Learn: `Week 3 lab_jdoe_attempt_2026-04-03-21-10-05_lab.ipynb`, beside a receipt of the same name ending in .txt.

Before "attempt", which is in the institution's language, stands the user name; the time is of the institution's zone. What
comes after the first such time is what the student calls the file.
"""

from __future__ import annotations

import datetime as dt
import os.path
import re
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.platforms.base import Handed, NamedDownload


@dataclass(frozen=True)
class Blackboard(NamedDownload):
    """A download of an assignment's files.

    Attributes:
        title: how every name begins, up to the user's.
    """

    title: str = ""

    name = "Blackboard"
    pattern = re.compile(
        r"(?P<front>.+?)_(?P<word>[^\W\d_]+)_(?P<time>\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d)(?:_(?P<file>.+)|(?P<receipt>\.txt))",
        re.DOTALL,
    )

    def handed(self, match: re.Match[str], parts: Sequence[str]) -> Handed:
        front = match["front"]
        user = front.removeprefix(self.title) if self.title else front.rpartition("_")[2]
        try:
            when = dt.datetime.strptime(match["time"], "%Y-%m-%d-%H-%M-%S")
        except ValueError:
            when = None
        return Handed((("login", user), ("any", user)), user, when)

    def is_own(self, parts: Sequence[str]) -> bool:
        match = self.match(parts)
        return match is not None and match["receipt"] is not None

    @classmethod
    def recognise(cls, places: Sequence[Sequence[str]], depth: int) -> Blackboard | None:
        names = [p[depth] for p in places if len(p) > depth]
        fronts = {m["front"] for m in map(cls.pattern.fullmatch, names) if m}
        if not names or 2 * sum(cls.pattern.fullmatch(n) is not None for n in names) < len(names):
            return None
        # A user name may hold the character that stands before it: what all names begin with is the title.
        title = os.path.commonprefix(sorted(fronts)).rpartition("_")[0] if len(fronts) > 1 else ""  # noqa: RUF071
        return cls(depth, title and f"{title}_")
