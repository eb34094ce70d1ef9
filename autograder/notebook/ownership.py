"""Whose each file is: by a learning platform's word, by the class list, or by the name alone; and what the staff are told of it.

The rule is told in `autograder.notebook.intake`. A decision that could give one student's work to another is never silent.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo

from autograder.notebook.archive import is_archive
from autograder.notebook.choosing import Found
from autograder.notebook.copy_marks import Mark
from autograder.notebook.lookalikes import skeleton
from autograder.notebook.naming import NamingScheme, Reading, settle
from autograder.notebook.platforms import Platform
from autograder.platforms.base import Handed
from autograder.report.printable import printable_name, visible
from autograder.roster import Person, Roster


@dataclass
class Said:
    """What the staff are told: `problems` need a look, (printable path, line); `notes` are lines for the record."""

    problems: list[tuple[str, str]]
    notes: list[str]


@dataclass(frozen=True)
class Owned:
    """A file and a student it belongs to: `account` is what the platform, or the file's name, calls them."""

    student: str
    account: str
    file: Found


@dataclass
class Owners:
    """Finds the owners of files.

    Attributes:
        zone: of a platform's times without one.
        known: ids that somebody's file has without any doubtful mark taken off.
    """

    assignment_id: str
    schemes: tuple[NamingScheme, ...]
    platform: Platform | None
    roster: Roster | None
    zone: tzinfo
    said: Said
    known: frozenset[str] = field(default=frozenset())
    _alone: dict[str, int] = field(default_factory=dict)

    def of_all(self, files: Sequence[Found]) -> list[Owned]:
        """Every file with its owner; more than once where a group handed in together."""
        ways = [() if self._by_platform(f) else self._ways(f) for f in files]
        self.known = frozenset(visible(settle(w, ()).name) for w in ways if w)
        for way in ways:
            self._alone[way[-1].name if way else ""] = self._alone.get(way[-1].name if way else "", 0) + 1
        return [owned for file, way in zip(files, ways, strict=True) for owned in self._of(file, way)]

    def _by_platform(self, file: Found):
        return self.platform.whose(file.parts) if self.platform else ()

    def _ways(self, file: Found) -> tuple[Reading, ...]:
        stems = (re.sub(r"(\.tar)?\.[A-Za-z0-9]+$", "", p, flags=re.IGNORECASE) if is_archive(p) else p for p in file.parts)
        parts = tuple(stems)
        name = next((name for scheme in self.schemes if (name := scheme(parts, self.assignment_id))), "unnamed")
        return (Reading(name),) if isinstance(name, str) else name

    def _of(self, file: Found, ways: tuple[Reading, ...]) -> Iterator[Owned]:
        if ways:
            yield self._by_name(file, ways)
            return
        assert self.platform is not None
        for first in self._by_platform(file):
            person, one = self._settled(file, first)
            name = _id(one.name)
            if self.roster and not person:
                self._nobody(file, name)
            when, source = (file.when, file.source) if self.platform.dated else (None, "")
            if one.when is not None or one.late is not None:
                when, source = one.when, self.platform.name
                if when is not None and when.tzinfo is None:
                    when = when.replace(tzinfo=self.zone)
            known = replace(file, when=when, source=source, late=one.late, order=one.order, doubtful=bool(first.others))
            yield Owned(person.student if person else name, name, known)

    def _settled(self, file: Found, first: Handed) -> tuple[Person | None, Handed]:
        """Who is meant, and which way to read the platform's name for the file counts.

        Of several ways one whose number and name are the same person's goes before those of which only the first key is known;
        where either gives several people it is nobody's. Of the times the latest counts: nobody gains by what they are called.
        """
        ways = (first, *first.others)
        if len(ways) == 1:
            return (self.roster.find(first.keys) if self.roster else None), first
        times = [w.when for w in ways if w.when is not None]
        latest = max(times) if times else None
        if self.roster is None:
            return None, replace(first, when=latest)
        find = self.roster.find
        numbered = [(person, way) for way in ways if (person := find(way.keys[:1])) is not None]
        whole = [(person, way) for person, way in numbered if any(find((key,)) == person for key in way.keys[1:])]
        named = [(person, way) for way in ways if (person := find(way.keys)) is not None]
        people = {person.student: (person, way) for person, way in reversed(whole or numbered or named)}
        person, way = next(iter(people.values())) if len(people) == 1 else (None, ways[-1] if people else first)
        fitting = sorted({p.student for p, _ in numbered or named})
        if len(fitting) > 1:
            line = f"its name can be read as that of {' or of '.join(map(repr, fitting[:3]))}: see whose it is"
            self.said.problems.append((file.shown, line))
        return person, replace(way, when=latest)

    def _by_name(self, file: Found, ways: tuple[Reading, ...]) -> Owned:
        if self.platform:
            line = f"not named as {self.platform.name} names files; whose it is was read from its name"
            self.said.problems.append((file.shown, line))
        person, reading = self._on_the_list(ways)
        if person is None:
            reading = settle(ways, self.known)
        name = _id(visible(reading.name))
        student = person.student if person else name
        if self.roster and person is None:
            self._nobody(file, name, ways)
        self._say_hidden(file, reading.name, student)
        if person is not None:
            self._say_listed(file, reading, ways[-1], person)
        else:
            self._say_read(file, reading, ways[-1], student)
        return Owned(student, name, replace(file, marks=reading.marks))

    def _on_the_list(self, ways: tuple[Reading, ...]) -> tuple[Person | None, Reading]:
        """Of the readings that somebody on the list has the one that takes least from the name: an id may end in "_final"."""
        for reading in ways if self.roster else ():
            if (person := self._listed(reading)) is not None:
                return person, reading
        return None, ways[-1]

    def _listed(self, reading: Reading) -> Person | None:
        assert self.roster is not None
        name = visible(reading.name)
        return self.roster.find((("any", name), ("name", name)))

    # What the staff are told ------------------------------------------------------------------------------------------

    def _nobody(self, file: Found, name: str, ways: tuple[Reading, ...] = ()) -> None:
        assert self.roster is not None
        known, looks = {name, *(r.name for r in ways)}, {skeleton(name), *(skeleton(r.name) for r in ways)}
        like = [p.student for p in self.roster.people if p.student not in known and skeleton(p.student) in looks]
        hint = f"; it only looks like {like[0]!r}, who is on it: rename the file if it is theirs" if like else ""
        line = f"matches nobody on {self.roster.file.name}, or several; graded as {name!r}{hint}"
        self.said.problems.append((file.shown, line))

    def _say_hidden(self, file: Found, name: str, student: str) -> None:
        odd = {c for c in unicodedata.normalize("NFC", name) if c not in visible(name) and c != " "}
        if odd:
            listed = ", ".join(f"U+{ord(c):04X} {unicodedata.name(c, 'a control character').lower()}" for c in sorted(odd))
            line = f"its name holds characters that nobody sees, or sees as a blank ({listed}); counted as {student!r}"
            self.said.problems.append((file.shown, line))

    def _say_listed(self, file: Found, reading: Reading, barest: Reading, person: Person) -> None:
        assert self.roster is not None
        student = person.student
        if reading.marks:
            line = f"counted as {student!r}, who is on {self.roster.file.name}: {_marks(reading)}"
            if reading.kind is not None and reading.kind >= Mark.GUESS:
                self.said.problems.append((file.shown, f"{line}. If it is somebody else's, rename it or put that id on the list"))
            else:
                self.said.notes.append(f"{file.shown}: {line}")
        if barest.kind is not None and barest.kind < Mark.NUMBER and barest.name != reading.name:
            other = self._listed(barest)
            if other is not None and other.student != person.student:
                line = (
                    f"counted as {student!r}, whose id is on {self.roster.file.name}; if it is another file of "
                    f"{other.student!r}, rename it to {other.student} (1)"
                )
                self.said.problems.append((file.shown, line))

    def _say_read(self, file: Found, reading: Reading, barest: Reading, student: str) -> None:
        if reading.marks and reading.kind is not None:
            line = f"counted as {student!r}: {_marks(reading)}"
            if reading.kind > Mark.COPY:
                ask = "if that is a part of an id, give the class list with --roster"
                self.said.problems.append((file.shown, f"{line}; {ask}"))
            else:
                self.said.notes.append(f"{file.shown}: {line}")
        elif barest.kind is Mark.GUESS and barest.name != reading.name and self._alone[barest.name] == 1:
            line = f"graded as {student!r}; if that is a file of {barest.name!r}, rename it to {barest.name} (1)"
            self.said.notes.append(f"{file.shown}: {line}")


def _id(name: str) -> str:
    return printable_name(name).strip() or "unnamed"


def _marks(reading: Reading) -> str:
    listed = " and ".join(repr(printable_name(m)) for m in reading.marks)
    what = "a mark of a copy" if reading.kind is Mark.COPY else "a mark of a copy or a version"
    return f"{listed} {'is' if len(reading.marks) == 1 else 'are'} taken for {what}"
