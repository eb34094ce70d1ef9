"""Marks out: the CSV files that Canvas and Moodle import as they are, and one in the form of Gradescope's own export.

Two ways: a new file, made from the class list; or the platform's own export with one column filled (`fill_template`), in which
every other byte stays. What each platform's importer does with a file was read from its code:

* Canvas (`lib/gradebook_importer.rb`): the first columns are Student, ID, SIS User ID, SIS Login ID, Section; a row that
  begins with "Points Possible"; a column "Title (number)" is an assignment there, one without a number asks on import. People are
  found by ID, then SIS id, login, name. `EX` excuses. An empty cell where there is a grade *removes* it.
* Moodle (`grade/import/csv`): the person at the terminal maps a column to email or ID number, and one to the grade item. One
  unknown person or one cell that is no number stops the whole import; `-` is no grade (an empty cell would become 0 in a new
  item). The grading worksheet of an assignment has `Identifier` and `Grade`; there an empty cell is no grade.
* Gradescope has no import of marks: it shows what its autograder or its graders gave (docs/lms.md). The file has the form of its
  export, for programs that read that.

Text cells cannot start a formula (`csv_out`); the apostrophe this takes never stands before a number. A row that Canvas would
take for that of the points possible, because of what somebody calls themselves, is not written so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import CourseError
from autograder.gradebook.sheet import Sheet, read_sheet
from autograder.marks.final_marks import FinalMark
from autograder.notebook.naming import is_assignment_name
from autograder.platforms.csv_cells import title_of
from autograder.platforms.csv_out import csv_of, starts_formula, text_cell
from autograder.platforms.moodle_tables import Worksheet, worksheet
from autograder.report.pages import number
from autograder.report.printable import one_line
from autograder.roster import Person, Roster, roster_of, student_id

PLATFORMS = ("canvas", "moodle", "gradescope", "csv")
# Canvas looks for these words anywhere in a row's first cell.
_POINTS_ROW = re.compile(r"points(\s+)possible", re.IGNORECASE)


@dataclass(frozen=True)
class Export:
    """What goes into a file.

    Attributes:
        assignment, title: "week03/lab" and how it is called.
        marks: of everybody, by student.
        column: the title of the platform's column, as the person at the terminal gave it; or empty.
    """

    assignment: str
    title: str
    marks: Sequence[FinalMark]
    roster: Roster | None = None
    column: str = ""

    @property
    def of(self) -> float:
        return max((m.of for m in self.marks), default=0.0)

    def people(self) -> list[tuple[Person, FinalMark]]:
        """Everybody with what the class list says of them."""
        known = {p.student: p for p in self.roster.people} if self.roster else {}
        return [(known.get(m.student, Person(m.student, {})), m) for m in self.marks]


@dataclass(frozen=True)
class Written:
    """A file's bytes, and one line for everything that a person should look at."""

    data: bytes
    notes: tuple[str, ...] = ()


def new_file(platform: str, export: Export) -> Written:
    """A file for `platform`, one of `PLATFORMS`."""
    rows = _WRITERS[platform](export)
    notes = (note for person, mark in export.people() for note in _not_as_given(platform, person, mark))
    return Written(csv_of(rows).encode("utf-8"), tuple(notes))


def _not_as_given(platform: str, person: Person, mark: FinalMark) -> Iterator[str]:
    """A line for what of a person's ids and name does not go out as it is."""
    who = one_line(mark.student, 60)
    ids = (mark.student, *person.keys.values())
    if any(starts_formula(v) for v in ids):
        yield f"{who}: an id that begins like a formula stands behind an apostrophe; {platform} will not know it"
    elif any(_cell(v) != v for v in ids):
        yield f"{who}: an id with characters that no table can hold is written in another way; {platform} will not know it"
    if platform == "canvas" and _POINTS_ROW.search(person.sortable or mark.student):
        yield f"{who}: the name is written with a hyphen, because Canvas would take its row for that of the full marks"


def _canvas(export: Export) -> list[list[str]]:
    column = export.column or export.title
    rows = [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", text_cell(column)],
        ["    Points Possible", "", "", "", "", number(export.of)],
    ]
    for person, mark in export.people():
        given = _given_id(person, mark)
        numbers = (person.keys.get("sis"), person.keys.get("canvas"))
        login = person.keys.get("login") or ("" if given in numbers else given)
        name = _POINTS_ROW.sub("Points-Possible", person.sortable or mark.student)
        who = [name, person.keys.get("canvas", ""), person.keys.get("sis", ""), login, person.section]
        rows.append([*map(_cell, who), "EX" if mark.excused else _points(mark)])
    return rows


def _moodle(export: Export) -> list[list[str]]:
    rows = [["First name", "Last name", "ID number", "Email address", text_cell(export.column or export.title)]]
    for person, mark in export.people():
        given = _given_id(person, mark)
        email = person.keys.get("email", given if "@" in given else "")
        sis = person.keys.get("sis", "" if email else given)
        first, last = (person.first, person.last) if person.first or person.last else _two_names(person.name)
        rows.append([*map(_cell, (first, last, sis, email)), _points(mark) or "-"])
    return rows


def _gradescope(export: Export) -> list[list[str]]:
    rows = [["First Name", "Last Name", "SID", "Email", "Sections", "Total Score", "Max Points", "Status", "Submission Time"]]
    for person, mark in export.people():
        first, last = (person.first, person.last) if person.first or person.last else _two_names(person.name)
        status = "Missing" if mark.report is None else "Graded" if mark.points is not None else "Ungraded"
        when = mark.report.submission.submitted_at if mark.report else ""
        who = (first, last, person.keys.get("sis", _given_id(person, mark)), person.keys.get("email", ""), person.section)
        rows.append([*map(_cell, who), _points(mark), number(mark.of), status, _cell(when)])
    return rows


def _plain(export: Export) -> list[list[str]]:
    head = ["student", "name", "email", "assignment", "points", "of", "raw", "days_late", "late_days_used", "penalty", "note"]
    rows = [head]
    for person, mark in export.people():
        known = mark.report.mark if mark.report else None
        late = ["", "", "", ""]
        if known is not None:
            late = [
                "" if known.raw is None else number(known.raw), "" if known.days_late is None else str(known.days_late),
                str(known.late_days_used), number(known.penalty),
            ]  # fmt: skip
        note = mark.why or (known.words if known else "")
        who = (mark.student, person.name, person.keys.get("email", ""), export.assignment)
        rows.append([*map(_cell, who), _points(mark), number(mark.of), *late, _cell(note)])
    return rows


_WRITERS: Mapping[str, Callable[[Export], list[list[str]]]] = {
    "canvas": _canvas, "moodle": _moodle, "gradescope": _gradescope, "csv": _plain,
}  # fmt: skip


def _points(mark: FinalMark) -> str:
    return "" if mark.points is None else number(mark.points)


def _given_id(person: Person, mark: FinalMark) -> str:
    """The id as the class list has it, which the platform knows; ours may be spelled out."""
    return next((v for v in person.keys.values() if student_id(v) == mark.student), mark.student)


def _cell(text: str) -> str:
    return text_cell(one_line(text, 300))


def _two_names(name: str) -> tuple[str, str]:
    if "," in name:
        last, _, first = name.partition(",")
        return first.strip(), last.strip()
    first, _, last = name.rpartition(" ")
    return first, last


# Into the platform's own export --------------------------------------------------------------------------------------


def fill_template(platform: str, template: Path, export: Export) -> Written:
    """The platform's export with this assignment's marks in its column; every other byte is as it was.

    Who has no final mark gets an empty cell. Rows of people who handed in nothing, or whom nobody knows, stay as they are.

    Raises:
        CourseError: it cannot be read, or it is not clear which column is meant.
    """
    sheet = read_sheet(template, _known_names(export))
    if not sheet.rows:
        raise CourseError(f"{template} is empty. Give the platform's own export.")
    moodle = worksheet([sheet.values(n) for n in range(len(sheet.rows))])
    column = _column(sheet, template, export, moodle)
    comma = moodle.comma if moodle else _has_commas(sheet, column)
    people = roster_of(template, [(n + 1, sheet.values(n)) for n in range(len(sheet.rows))])
    marks = {m.student: m for m in export.marks}
    notes = [*sheet.notes, *people.problems, *_formulas(sheet)]
    rows: dict[str, list[Person]] = {}
    for person in people.people:
        student = _ours(person, marks, export.roster)
        if student is None:
            name = one_line(person.name or person.student, 60)
            notes.append(f"{name}: in {template.name}, but not among the results; left as it is")
        else:
            rows.setdefault(student, []).append(person)
    for student, found in rows.items():
        mark, line = marks[student], found[0].line
        if mark.report is None and mark.points is None:
            continue  # handed in nothing: what the platform has stays
        if len(found) > 1:
            both = " and ".join(str(p.line) for p in found)
            notes.append(f"{student}: rows {both} of {template.name} may be theirs; none was filled: give this mark by hand")
        elif platform == "canvas" and _POINTS_ROW.search(sheet.values(line - 1)[0]):
            notes.append(f"{student}: Canvas takes row {line} of {template.name} for the full marks, because of the name in it; "
                         "take it out, and give this mark by hand")  # fmt: skip
        else:
            points = _points(mark).replace(".", ",") if comma else _points(mark)
            sheet.put(line - 1, column, "EX" if mark.excused and platform == "canvas" else points)
    notes += [f"{s}: not in {template.name}; give this mark by hand" for s, m in marks.items() if s not in rows and m.report]
    notes += _other_full_marks(sheet, column, export.of, moodle)
    return Written(sheet.data(), tuple(notes))


def _formulas(sheet: Sheet) -> list[str]:
    """What the platform itself let pass: its file goes back to it as it is, and should not be opened in a spreadsheet."""
    live = [n + 1 for n in range(1, len(sheet.rows)) if any(starts_formula(c) and not _is_number(c) for c in sheet.values(n))]
    if not live:
        return []
    which = ", ".join(map(str, live[:5])) + (" ..." if len(live) > 5 else "")
    return [f"{sheet.file.name}: a spreadsheet would compute a cell in row {which}; import the file without opening it in one"]


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"\s*[+-]?[\d.,]*\s*", cell) is not None


def _known_names(export: Export) -> list[str]:
    people = export.roster.people if export.roster else ()
    return [*(m.student for m in export.marks), *(p.name or f"{p.first} {p.last}" for p in people)]


def _has_commas(sheet: Sheet, column: int) -> bool:
    """Whether the numbers that stand in a column already have decimal commas."""
    cells = [sheet.values(n)[column].strip() for n in range(1, len(sheet.rows)) if len(sheet.rows[n]) > column]
    return any(re.fullmatch(r"\d+,\d+", c) for c in cells) and not any(re.fullmatch(r"\d+\.\d+", c) for c in cells)


def _ours(person: Person, marks: Mapping[str, FinalMark], roster: Roster | None) -> str | None:
    """Whose mark belongs into a row of the platform's table."""
    if roster is not None and (known := roster.counterpart(person)) is not None:
        return known.student if known.student in marks else None
    email = person.keys.get("email", "")
    by_id = () if person.by_name else (person.student,)  # a name may be what is somebody else's id
    for key in (*by_id, *map(student_id, person.keys.values()), email.split("@")[0]):
        if key in marks:
            return key
    # Graded without a class list: a name and the platform's own number.
    ends = tuple(f"_{person.keys[k]}" for k in ("canvas", "participant") if k in person.keys)
    fitting = [s for s in marks if ends and s.endswith(ends)]
    return fitting[0] if len(fitting) == 1 else None


def _column(sheet: Sheet, template: Path, export: Export, moodle: Worksheet | None) -> int:
    titles = [t.strip() for t in sheet.values(0)]
    plain = [title_of(t) for t in titles]
    if export.column:
        found = [i for i, t in enumerate(titles) if export.column.strip() in (t, _bare(t))]
    elif moodle is not None and moodle.grade is not None:
        found = [moodle.grade]
    elif "identifier" in plain and "grade" in plain:  # Moodle's grading worksheet
        found = [plain.index("grade")]
    else:
        found = [i for i, t in enumerate(titles) if _is_called(_bare(t), export)]
        if not found and "totalscore" in plain:
            found = [plain.index("totalscore")]
    if len(found) == 1:
        return found[0]
    which = "more than one column fits" if found else "no column is called so"
    there = ", ".join(one_line(t, 60) for t in titles if t)
    raise CourseError(f"{template}: {which} ({export.column or export.title}). Name it with --column, one of: {there}.")


def _is_called(title: str, export: Export) -> bool:
    known = {title_of(export.title), title_of(export.title.partition(":")[0]), title_of(export.assignment)}
    numbered = any(c.isdigit() for c in title)  # a bare "Lab" may be any week's
    return title_of(title) in known or (numbered and is_assignment_name(title, export.assignment))


def _bare(title: str) -> str:
    """ "Assignment: Week 3 lab (Real)" and "Week 3 lab (442)" as "Week 3 lab"."""
    front = re.sub(r"^(?:Assignment|Quiz|Manual item):\s*", "", title.strip())
    return re.sub(r"\s*\((?:\d+|Real|Percentage|Letter)\)$", "", front)


def _other_full_marks(sheet: Sheet, column: int, of: float, moodle: Worksheet | None) -> list[str]:
    """Where the platform counts out of something else, marks need a person's thought."""
    titles = [title_of(t) for t in sheet.values(0)]
    beside = next((titles.index(t) for t in ("maximumgrade", "maxpoints") if t in titles), moodle.maximum if moodle else None)
    for n in range(1, len(sheet.rows)):
        values = [*sheet.values(n), *[""] * (len(titles))]
        is_total = values[0].strip() == "Points Possible"
        text = values[column] if is_total else values[beside] if beside is not None else ""
        try:
            there = float(text.replace(",", "."))
        except ValueError:
            continue
        if there != of:
            return [f"{sheet.file.name} gives this assignment {number(there)} points, we {number(of)}: change it there first"]
    return []
