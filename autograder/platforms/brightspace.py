"""Brightspace (D2L): `12345-678901 - Jane Doe - Apr 3, 2026 910 PM/lab.ipynb`, flat with ` - `, and an index.html.

The first number is Brightspace's of the person, the second the assignment's. The time is that of submission, in the
organisation's time zone and language; its colon is left out, because a file's name cannot have one. Older versions have no time.

A folder's name ends with the time. Of a flat name neither the person's name nor the file's is Brightspace's word: where both may
hold ` - ` and what looks like a time, all ways to read it are given.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from autograder.platforms.base import Handed, NamedDownload
from autograder.platforms.local_times import local_time

_DATE = re.compile(r"(?=.*\b(?:19|20)\d\d\b).*?\d\d(?:\s?[AaPp]\.?[Mm]\.?)?")
_MOST_WAYS = 8


class Brightspace(NamedDownload):
    """A download of an assignment's submissions."""

    name = "Brightspace"
    pattern = re.compile(r"(?P<user>[0-9]+)-[0-9]+ - (?P<rest>.+)", re.DOTALL)
    own = frozenset({"index.html"})

    def handed(self, match: re.Match[str], parts: Sequence[str]) -> Handed:
        pieces = match["rest"].split(" - ")
        ways = _of_folder(pieces) if len(parts) > self.depth + 1 else [*_of_file(pieces)]
        found = [Handed((("name", who),), f"{who}_{match['user']}", when) for who, when in ways]
        return replace(found[0], others=tuple(found[1:_MOST_WAYS]))


def _of_folder(pieces: Sequence[str]) -> list[tuple[str, dt.datetime | None]]:
    """(who, when): what stands last is Brightspace's."""
    dated = len(pieces) > 1 and _DATE.fullmatch(pieces[-1]) is not None
    who = " - ".join(pieces[:-1] if dated else pieces).strip()
    return [(who, _time(pieces[-1]) if dated else None)]


def _of_file(pieces: Sequence[str]) -> Iterator[tuple[str, dt.datetime | None]]:
    """(who, when) for every piece that may be the time; where none may be, for every place where the file's name may begin."""
    dates = [n for n in range(1, len(pieces) - 1) if _DATE.fullmatch(pieces[n])]
    for n in dates:
        yield " - ".join(pieces[:n]).strip(), _time(pieces[n])
    if not dates:
        for n in range(1, max(len(pieces), 2)):
            yield " - ".join(pieces[:n]).strip(), None


def _time(text: str) -> dt.datetime | None:
    """ "Apr 3, 2026 910 PM" or "3 avr. 2026 2110"."""
    clock = re.fullmatch(r"(?P<day>.*\D)(?P<hour>\d{1,2})(?P<minute>[0-5]\d)(?P<half>\s?[AaPp]\.?[Mm]\.?)?", text)
    if clock is None:
        return None
    return local_time(f"{clock['day'].strip()} {clock['hour']}:{clock['minute']}{clock['half'] or ''}")
