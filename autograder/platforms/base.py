"""What every learning platform's download of a class has in common: whose a file is, by the name that the platform gave it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol


@dataclass(frozen=True)
class Handed:
    """Whose a file is, by a platform's word.

    Attributes:
        keys: (kind, value) for `Roster.find`, the most certain first.
        name: the student's id where no class list knows better.
        when: hand-in time, where the platform has it; without a zone it is the course's.
        late: whether it was late, where the platform says so.
        order: of two files without times the greater is the later.
        others: other ways to read the platform's name for the file. People choose what they are called and what they call their
            files, and may choose what looks like somebody else's.
    """

    keys: tuple[tuple[str, str], ...]
    name: str
    when: dt.datetime | None = None
    late: bool | None = None
    order: int = 0
    others: tuple[Handed, ...] = ()


class Platform(Protocol):
    """One platform's download.

    Attributes:
        name: for people.
        dated: its files' dates may be hand-in times.
        problem: what is wrong with the download, one line; or empty.
    """

    name: str
    dated: bool
    problem: str

    def whose(self, parts: Sequence[str]) -> tuple[Handed, ...]:
        """Whose the file at this place is: several in a group; nobody's if it is not named as the platform names files."""
        ...

    def is_own(self, parts: Sequence[str]) -> bool:
        """Whether the file at this place is the platform's, not a student's: a table of contents, a receipt."""
        ...


@dataclass(frozen=True)
class NamedDownload:
    """A download in which the name at one depth says whose a file is.

    Attributes:
        depth: how many folders the download lies in.
        own: names of the platform's files beside the students'.
    """

    depth: int = 0
    name: ClassVar[str] = ""
    dated: ClassVar[bool] = False
    problem: ClassVar[str] = ""
    pattern: ClassVar[re.Pattern[str]]
    own: ClassVar[frozenset[str]] = frozenset()
    folders: ClassVar[bool] = False  # the name is always a folder's
    most: ClassVar[float] = 1.0  # of the names have to be the platform's; less where people's own names can break the pattern

    def match(self, parts: Sequence[str]) -> re.Match[str] | None:
        """The name at this platform's depth, taken apart."""
        if len(parts) <= self.depth + self.folders:
            return None
        return self.pattern.fullmatch(parts[self.depth])

    def whose(self, parts: Sequence[str]) -> tuple[Handed, ...]:
        match = self.match(parts)
        return () if match is None else (self.handed(match, parts),)

    def handed(self, match: re.Match[str], parts: Sequence[str]) -> Handed:
        """What the name says; `parts` is the whole place."""
        raise NotImplementedError

    def is_own(self, parts: Sequence[str]) -> bool:
        return len(parts) == self.depth + 1 and parts[-1].lower() in self.own

    @classmethod
    def recognise(cls, places: Sequence[Sequence[str]], depth: int) -> NamedDownload | None:
        """This platform at this depth, if all (or `most`) that lies there is named in its way."""
        found = cls(depth)
        level = [p for p in places if len(p) > depth and not found.is_own(p)]
        matches = {p[depth]: found.match(p) for p in level}
        if not level or sum(m is not None for m in matches.values()) < cls.most * len(matches):
            return None
        # Two people of one login: then these are other names that only look like the platform's.
        logins = [m["login"] for m in matches.values() if m is not None and "login" in m.groupdict()]
        return found if len(set(logins)) == len(logins) else None
