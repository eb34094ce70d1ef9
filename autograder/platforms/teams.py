"""Microsoft Teams: `Submitted files/Jane Doe/Week 3 lab/Version 2/lab.ipynb`, the class's document library downloaded.

The folder's names are in the class's language; the highest version is the latest.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.platforms.base import Handed, NamedDownload

_VERSION = re.compile(r"\D{1,20}\s?(\d{1,4})")


@dataclass(frozen=True)
class Teams(NamedDownload):
    """The folder of an assignment's submitted files."""

    name = "Microsoft Teams"
    dated = True
    folders = True
    pattern = re.compile(r"(?P<who>[^/]+)", re.DOTALL)

    def handed(self, match: re.Match[str], parts: Sequence[str]) -> Handed:
        who = match["who"].strip()
        version = _VERSION.fullmatch(parts[self.depth + 2]) if len(parts) > self.depth + 3 else None
        return Handed((("name", who), ("any", who)), who, order=int(version[1]) if version else 0)

    @classmethod
    def recognise(cls, places: Sequence[Sequence[str]], depth: int) -> Teams | None:
        deep = [p for p in places if len(p) > depth + 3]
        if not deep or len(deep) < len(places) or not all(_VERSION.fullmatch(p[depth + 2]) for p in deep):
            return None
        words = {re.sub(r"\s?\d+", "", p[depth + 2]) for p in deep}
        several = len({p[depth] for p in deep}) > 1 or all(w.lower().startswith(("ver", "wer", "вер")) for w in words)
        return cls(depth) if several and len(words) == 1 and len({p[depth + 1] for p in deep}) == 1 else None
