"""The class list: a CSV file that maps what learning platforms call a student to the id that the course uses.

Exports of Canvas (gradebook), Moodle (participants, grading worksheet, grader report) and Gradescope (roster, grades) work as
they are, and so does a table made by hand. Column titles are compared without regard to case, spaces and underscores:

    student id      student, student id, username, user name, login, SIS Login ID, ID number, SID, SIS User ID, email, ID: the
                    first of these columns that the file has (and of these, in a row where it is empty, the next)
    other keys      each of these columns, `Identifier` ("Participant 4711") of Moodle, and names
    names           name, full name, Student (Canvas: "Doe, Jane"), or first name and last name (surname)

Titles in other languages are known for the commonest of them; Moodle's tables are read by place and content, too
(platforms/moodle_tables.py), and email addresses are recognised anywhere. Read-only.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.errors import CourseError
from autograder.platforms.csv_cells import read_csv, title_of
from autograder.platforms.local_times import local_time, may_be_read_twice
from autograder.platforms.moodle_tables import are_names, email_column, participant_number, worksheet
from autograder.report.printable import one_line, printable_name, visible

# kind of key -> titles of columns that hold it; the order is the order in which they make the student id.
_COLUMNS = {
    "student": ("studentid", "student", "username", "login", "netid", "benutzername", "anmeldename", "kennung", "nomdutilisateur",
                "nombredeusuario", "usuario", "nomeutente", "nomedeusuario", "gebruikersnaam", "nazwauzytkownika", "用户名",
                "ユーサー名"),
    "login": ("sisloginid", "loginid"),
    "sis": ("idnumber", "sid", "sisuserid", "studentnumber", "matriculationnumber", "orgdefinedid", "idnummer", "matrikelnummer",
            "matrnr", "matrikelnr", "numerodidentification", "numerodetudiant", "numerodeid", "numerodeidentificacion",
            "matricola", "numeroid", "studentnummer", "numeridentyfikacyjny", "学号", "学生番号", "学籍番号", "학번"),
    "email": ("email", "emailaddress", "mail", "emailadresse", "mailadresse", "adressedecourriel", "courriel", "adresseemail",
              "direccioncorreo", "direcciondecorreo", "correoelectronico", "indirizzoemail", "enderecodeemail", "emailadres",
              "adresemail", "邮箱", "电子邮箱", "电子邮件", "邮件地址", "电子邮件地址"),
    "canvas": ("id", "canvasid", "userid"),
    "participant": ("identifier", "participantid", "participant", "moodleid"),
}  # fmt: skip
_CELL_CHARS = 1_000  # of a cell that is compared; a longer one is nobody's name
_ID_CHARS = 200
_NUMBERS = ("canvas", "sis")  # one person has one of each; Moodle numbers people anew for each assignment
_FULL = (
    "name", "fullname", "studentname", "displayname", "vollstandigername", "vollername", "nomcomplet", "nombrecompleto",
    "nomecompleto", "volledigenaam", "imieinazwisko", "姓名", "氏名", "이름",
)  # fmt: skip
_FIRST = ("firstname", "givenname", "vorname", "prenom", "nombre", "nome", "voornaam", "imie", "fornavn", "fornamn", "名", "名字")
_LAST = (
    "lastname", "surname", "familyname", "nachname", "familienname", "nom", "nomdefamille", "apellido", "apellidos",
    "cognome", "sobrenome", "apelido", "achternaam", "nazwisko", "efternavn", "etternavn", "efternamn", "姓", "姓氏",
)  # fmt: skip
_TIMES = (
    "submittedat", "handedin", "submissiontime", "submitted", "lastmodifiedsubmission", "timestamp", "createdat", "time",
)  # fmt: skip


@dataclass(frozen=True)
class Person:
    """One student of the class list.

    Attributes:
        student: the course's id: the cell as it looks, without invisible characters, what cannot be printed spelled out.
        keys: kind ("login", "sis", "email", "canvas", "participant") -> value as the file has it.
        name: "Jane Doe" or "Doe, Jane", as the file has it; "" if it has none.
        section: as Canvas and Gradescope export it; "" if none.
        line: the row in the file.
        by_name: the id is the name, because the row has no other.
    """

    student: str
    keys: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    first: str = ""
    last: str = ""
    section: str = ""
    line: int = 0
    by_name: bool = False

    @property
    def sortable(self) -> str:
        """ "Doe, Jane", as Canvas writes it."""
        if self.last or self.first:
            return ", ".join(p for p in (self.last, self.first) if p)
        return self.name


@dataclass(frozen=True)
class Roster:
    """The class list.

    Attributes:
        file: where it was read.
        people: in the file's order.
        problems: one line for each row that names nobody.
        times: student -> hand-in time, where the file has a column of times.
        notes: what was guessed of the file, one line each.
    """

    file: Path
    people: tuple[Person, ...]
    problems: tuple[str, ...] = ()
    times: Mapping[str, dt.datetime] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def find(self, keys: Iterable[tuple[str, str]]) -> Person | None:
        """Whom the first key that anybody has belongs to; None if nobody has one, or if several people have it.

        Somebody found by name whose number on the list is another one is a namesake, and not found. Of people whose ids differ
        only in case or width, the one who has the value as it is.

        Args:
            keys: (kind, value), the most certain first; kinds as in `Person.keys`, "name", and "any": an id of any kind, and no
                name. People choose their names, and may choose what is somebody else's id.
        """
        index, known = self._index, [more for key in keys for more in _less_certain(*key)]
        for kind, value in known:
            found = {p.student: p for spelled in _spellings(kind, value) for p in index.get(spelled, ())}
            if len(found) > 1 and kind != "name":
                found = {s: p for s, p in found.items() if value in (p.student, *p.keys.values())} or found
            if found:
                person = next(iter(found.values()))
                return person if len(found) == 1 and not (kind == "name" and _is_another(person, known)) else None
        return None

    def counterpart(self, person: Person) -> Person | None:
        """Who on this list is a person of another list."""
        by_id = () if person.by_name else (("any", person.student),)
        return self.find([*person.keys.items(), *by_id, *((("name", person.name),) if person.name else ())])

    def times_in(self, other: Roster) -> dict[str, dt.datetime]:
        """The hand-in times that another list has, by the ids of this one; of people on both."""
        found = ((self.counterpart(p), other.times[p.student]) for p in other.people if p.student in other.times)
        return {person.student: when for person, when in found if person is not None}

    def strangers(self, other: Roster) -> list[str]:
        """The ids of another list's people who are not on this one."""
        return [p.student for p in other.people if self.counterpart(p) is None]

    @functools.cached_property
    def _index(self) -> dict[tuple[str, str], tuple[Person, ...]]:
        index: dict[tuple[str, str], tuple[Person, ...]] = {}
        for person in self.people:
            for key in _keys_of(person):
                index[key] = (*index.get(key, ()), person)
        return index


def read_roster(path: Path, zone: dt.tzinfo = dt.UTC, names: Collection[str] = ()) -> Roster:
    """The class list in a CSV file, however it was saved (autograder/platforms/csv_cells.py).

    Args:
        zone: of times without one.
        names: of people whose work was handed in, or of their files, to tell which character set is meant.

    Raises:
        CourseError: it cannot be read, has no column that identifies students, or gives one id to two people.
    """
    table = read_csv(path, names)
    return replace(roster_of(path, table.rows(), zone), notes=table.notes)


def roster_of(path: Path, rows: Sequence[tuple[int, Sequence[str]]], zone: dt.tzinfo = dt.UTC) -> Roster:
    """The class list in a table that was read already: (number, cells) of each row, the heading first.

    Raises:
        CourseError: as `read_roster`.
    """
    columns = _columns(path, [row for _, row in rows])
    people: dict[str, Person] = {}
    problems = _titles_met_twice(path, rows[0][1], columns)
    times: dict[str, dt.datetime] = {}
    for line, row in rows[1:]:
        cells = {kind: row[i][:_CELL_CHARS].strip() if i < len(row) else "" for kind, i in columns.items()}
        if _is_no_student(row):
            continue
        if not "".join(row).strip():
            continue
        person = _person(cells, line)
        if person is None:
            problems.append(f"{path}, line {line}: no id in any of its columns; left out")
            continue
        if len(person.student) > _ID_CHARS:
            problems.append(f"{path}, line {line}: its id has more than {_ID_CHARS} characters; left out")
            continue
        if (other := people.get(person.student)) is not None:
            problems.append(_left_out(path, other, person))
            if person.by_name:
                continue
        people[person.student] = person
        if (when := cells.get("time", "").strip("- ")) != "":
            times[person.student] = parse_time(when, zone, f"{path}, line {line}")
    if not people:
        raise CourseError(f"{path} lists nobody. Export the class list again.")
    return Roster(path, tuple(people.values()), tuple(problems), times)


def student_id(cell: str) -> str:
    """The course's id of somebody whom a table calls so: as it looks, what cannot be printed spelled out."""
    return printable_name(visible(cell))


def parse_time(text: str, zone: dt.tzinfo, where: str) -> dt.datetime:
    """A time as platforms write it: ISO 8601, "2026-04-03 11:05:00 -0700", "Friday, 3 April 2026, 11:05 PM", and so in other
    languages.

    Raises:
        CourseError: it is none, or may be read in two ways (03/04/2026).
    """
    if may_be_read_twice(text):
        raise CourseError(f"{where}: {text[:100]!r} may be day or month first. Write it as 2026-04-03 23:59.")
    when = local_time(text)
    if when is None:
        raise CourseError(f"{where}: {text[:100]!r} is no time. Write it as 2026-04-03 23:59.")
    return when if when.utcoffset() is not None else when.replace(tzinfo=zone)


def _columns(path: Path, rows: Sequence[Sequence[str]]) -> dict[str, int]:
    """Kind of column -> its place."""
    heading = rows[0]
    titles = [title_of(cell) for cell in heading]
    canvas = titles[:2] == ["student", "id"]  # there `Student` is a name
    found: dict[str, int] = {}
    for kind, known in {**_COLUMNS, "full": _FULL, "first": _FIRST, "last": _LAST, "section": ("section", "sections"),
                        "time": _TIMES}.items():  # fmt: skip
        for title in known:
            if title in titles and not (canvas and title == "student"):
                found.setdefault(kind, titles.index(title))
    if canvas:
        found["full"] = 0
    elif (sheet := worksheet(rows)) is not None:
        found = {kind: n for kind, n in found.items() if n not in (sheet.participant, sheet.name)}
        found |= {"participant": sheet.participant, "full": sheet.name}
        by_cells = (("email", sheet.email), ("time", sheet.submitted))
        found |= {kind: n for kind, n in by_cells if n is not None and kind not in found}
    elif "student" not in found and "id" in titles:
        found["student"] = titles.index("id")  # only Canvas has numbers of its own there
    if "email" not in found and (email := email_column(rows)) is not None:
        found["email"] = email
    if not set(found) & {"full", "first", "last", "student", "login"} and found.get("email", 0) > 1 and _begin_with_names(rows):
        found |= {"first": 0, "last": 1}
    if not set(found) & set(_COLUMNS):
        there = ", ".join(one_line(cell, 40) for cell in heading[:12])
        raise CourseError(
            f"{path}: none of its columns ({there}) identifies students. It needs one called student, "
            "email, ID number, SID or the like; docs/lms.md has the list."
        )
    return found


def _left_out(path: Path, first: Person, second: Person) -> str:
    """Of two people of one id the one whose id is only a name, which anybody may choose, is left out: a line that says so.

    Raises:
        CourseError: both have it from a column of ids, or both from their names.
    """
    if first.by_name == second.by_name:
        same = f"have the same id {one_line(second.student, 60)!r}, by all that can be seen of it"
        raise CourseError(f"{path}: lines {first.line} and {second.line} {same}. Remove one of them.")
    bare, other = (first, second) if first.by_name else (second, first)
    return f"{path}, line {bare.line}: no id in any of its columns, and its name is the id of line {other.line}; left out"


def _titles_met_twice(path: Path, heading: Sequence[str], columns: Mapping[str, int]) -> list[str]:
    """One line for each column that identifies students and is there again."""
    titles = [title_of(cell) for cell in heading]
    twice = {titles[n]: heading[n] for n in columns.values() if titles[n] and titles.count(titles[n]) > 1}
    return [f"{path}: two columns are called {one_line(cell, 40)!r}; the first of them counts" for cell in twice.values()]


def _begin_with_names(rows: Sequence[Sequence[str]]) -> bool:
    """Moodle's list of participants does, in any language."""
    return are_names(rows, 0) and are_names(rows, 1)


def _is_no_student(row: Sequence[str]) -> bool:
    """Rows of a Canvas gradebook that are none: "    Points Possible" without any id, the posting policy, the test student."""
    first, ids = row[0].strip(), "".join(row[1:4]).strip()
    posting = not first and any(cell.strip().startswith(("Manual Posting", "Muted")) for cell in row)
    return posting or (first == "Points Possible" and not ids) or first == "Student, Test"


def _person(cells: Mapping[str, str], line: int) -> Person | None:
    keys = {kind: cells[kind] for kind in _COLUMNS if cells.get(kind)}
    if "participant" in keys:
        keys["participant"] = participant_number(keys["participant"])
    # A participant's number is Moodle's alone and changes with the assignment: it is no id of a person.
    number = next((keys[kind] for kind in _COLUMNS if kind in keys and kind != "participant"), "")
    first, last = cells.get("first", ""), cells.get("last", "")
    name = cells.get("full", "") or f"{first} {last}".strip()
    student = student_id(number or name)
    return Person(student, keys, name, first, last, cells.get("section", ""), line, not number) if student else None


def _is_another(person: Person, keys: Iterable[tuple[str, str]]) -> bool:
    return any(kind in _NUMBERS and _plain(person.keys.get(kind, value)) != _plain(value) for kind, value in keys)


def _keys_of(person: Person) -> set[tuple[str, str]]:
    ids = {*person.keys.items()} | (set() if person.by_name else {("student", person.student)})
    keys = {(kind, _plain(value)) for kind, value in ids} | {("any", _plain(value)) for _, value in ids}
    keys |= {("local part", _plain(v.split("@")[0])) for k, v in ids if k in ("email", "login", "student") and "@" in v}
    for name in {person.name, f"{person.first} {person.last}".strip(), person.sortable} - {""}:
        keys |= {("name", spelled) for spelled in _name_spellings(name)}
    return keys


def _less_certain(kind: str, value: str) -> tuple[tuple[str, str], ...]:
    """A key, and what is tried after it: "jdoe" may be what stands before the @ of an address."""
    return ((kind, value), ("local part", value)) if kind == "any" else ((kind, value),)


def _spellings(kind: str, value: str) -> list[tuple[str, str]]:
    if kind == "name":
        return [("name", spelled) for spelled in _name_spellings(value)]
    return [(kind, _plain(value))]


def _name_spellings(name: str) -> tuple[str, ...]:
    """ "Doe, Jane" and "Jane Doe" have one in common; "doejane", as Canvas writes it in file names, is one of them."""
    words = re.findall(r"\w+", _plain(name).replace("_", " "))[:8]
    turned = ("".join(words[n:] + words[:n]) for n in range(len(words)))
    return tuple(dict.fromkeys(turned))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", visible(text)).casefold().strip()
