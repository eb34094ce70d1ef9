"""Brightspace (D2L): `12345-678901 - Jane Doe - Apr 3, 2026 910 PM/lab.ipynb`, flat with ` - `, and an index.html.

The first number is Brightspace's of the person, the second the assignment's. The time is that of submission, in the
organisation's time zone and language; its colon is left out, because a file's name cannot have one. Older versions have no time.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from autograder.platforms.base import Handed, NamedDownload
from autograder.platforms.local_times import local_time


class Brightspace(NamedDownload):
    """A download of an assignment's submissions."""

    name = "Brightspace"
    pattern = re.compile(
        r"(?P<user>\d+)-\d+ - (?P<who>.+?)"
        r"(?: - (?P<date>(?:(?! - ).)*\b(?:19|20)\d\d\b(?:(?! - ).)*?\d\d(?:\s?[AaPp]\.?[Mm]\.?)?))?"
        r"(?: - (?P<file>.+\..+))?",
        re.DOTALL,
    )
    own = frozenset({"index.html"})

    def handed(self, match: re.Match[str], parts: Sequence[str]) -> Handed:
        who = match["who"].strip()
        return Handed((("name", who),), f"{who}_{match['user']}", _time(match["date"]))


def _time(text: str | None) -> dt.datetime | None:
    """ "Apr 3, 2026 910 PM" or "3 avr. 2026 2110"."""
    clock = re.fullmatch(r"(?P<day>.*\D)(?P<hour>\d{1,2})(?P<minute>[0-5]\d)(?P<half>\s?[AaPp]\.?[Mm]\.?)?", text or "")
    if clock is None:
        return None
    return local_time(f"{clock['day'].strip()} {clock['hour']}:{clock['minute']}{clock['half'] or ''}")
