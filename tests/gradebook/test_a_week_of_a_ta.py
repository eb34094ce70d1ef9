"""A TA's week with a class of forty: every number on every page and in every file is what a second computation gives.

The second computation (`Truth`) knows only what each student did and when; it shares no code with the product.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import os
import random
import re
import zipfile
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import nbformat
import pytest
from grading_commands import DOUBLE, SUITE, TRIPLE, autograder
from small_term import PLACEHOLDER, WRITTEN
from test_mark_page import desk

pytestmark = pytest.mark.slow
LAB, HOMEWORK = "week01/lab", "week01/homework"
STRICTER = SUITE.replace("assert_close(student.triple(x), 3 * x)", "assert_close(student.triple(x), 3 * x + 1)")
# What somebody typed -> (points for it, points for it once the suite was edited)
DOUBLES = {"return 2 * x": 2.0, "return 2 * x if np.ndim(x) else 1.0": 1.0, "return x": 0.0}
TRIPLES = {"return 3 * x": (2.0, 0.0), "return 3 * x + 1": (0.0, 2.0), "return x": (0.0, 0.0)}
HOURS = (-50, -1, 0.4, 0.6, 20, 30, 50, 140)  # after the due time; the grace period is half an hour
POLICY = "[late]\ngrace_minutes = 30\ndays = 5\npenalty_per_day = 0.1\nlate_days = 2\n"


@dataclass(frozen=True)
class Did:
    """One student's work on one assignment; `given` is what a person gave for the written answer."""

    double: str
    triple: str
    hours: float
    answer: str = ""
    given: float | None = None
    comment: str = ""


@dataclass
class Truth:
    """What everybody's marks must be."""

    homework: dict[str, Did]
    lab: dict[str, Did]
    extended: str  # has two more days for the lab
    excused: str  # from the lab
    edited: bool = False  # the lab's suite

    def questions(self, student: str, assignment: str) -> dict[str, float | None]:
        did = self._of(assignment)[student]
        found: dict[str, float | None] = {"double": DOUBLES[did.double], "triple": TRIPLES[did.triple][self._edited(assignment)]}
        if assignment == LAB:
            found["why"] = did.given if did.given is not None else (None if did.answer else 0.0)
        return found

    def _of(self, assignment: str) -> dict[str, Did]:
        return self.lab if assignment == LAB else self.homework

    def _edited(self, assignment: str) -> bool:
        return self.edited and assignment == LAB

    def days_late(self, student: str, assignment: str) -> int:
        hours = self._of(assignment)[student].hours - (48 if (student, assignment) == (self.extended, LAB) else 0)
        return max(0, math.ceil((hours - 0.5) / 24))

    def late_days(self, student: str, assignment: str) -> int:
        """Late days of the term used: the homework is due first."""
        late = self.days_late(student, assignment)
        if late > 5 or (student, assignment) == (self.excused, LAB):
            return 0
        before = 0 if assignment == HOMEWORK or student not in self.homework else self.late_days(student, HOMEWORK)
        return min(late, 2 - before)

    def counted(self, student: str, assignment: str) -> float | None:
        """None where nothing counts yet, or ever."""
        points = self.questions(student, assignment)
        if None in points.values() or (student, assignment) == (self.excused, LAB):
            return None
        late = self.days_late(student, assignment)
        share = Decimal(0) if late > 5 else 1 - Decimal("0.1") * (late - self.late_days(student, assignment))
        return float((Decimal(str(sum(points.values()))) * share).quantize(Decimal("0.01"), ROUND_HALF_UP))


def shown(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")


def draw(dice: random.Random) -> tuple[dict[str, Did], dict[str, Did]]:
    homework, lab = {}, {}
    for n in range(40):
        student = f"s{n:02}"
        one = lambda: Did(dice.choice(list(DOUBLES)), dice.choice(list(TRIPLES)), dice.choice(HOURS))
        if n % 9:
            homework[student] = one()
        lab[student] = replace(one(), answer="" if n % 5 == 0 else f"{student} says: because addition commutes.")
    return homework, lab


@pytest.fixture
def course(small_course):
    small_course.add(1, {"double": DOUBLE, "triple": TRIPLE}, SUITE)
    small_course.add(1, {"double": DOUBLE, "triple": TRIPLE}, SUITE, kind="homework")
    notebook = small_course.root / "solutions/week01_small/lab.py"
    notebook.write_text(notebook.read_text().replace("points: 4", "points: 7") + WRITTEN)
    file = small_course.root / "course.toml"
    agreed = f'[[extension]]\nstudent = "s07"\nassignment = "{LAB}"\ndays = 2\n'
    agreed += f'[[extension]]\nstudent = "s11"\nassignment = "{LAB}"\nexcused = true\n'
    file.write_text(file.read_text().replace("[[week]]", f"{POLICY}{agreed}[[week]]", 1))
    return small_course


def notebook_of(course, did: Did, assignment: str) -> str:
    made = nbformat.reads(course.with_code(assignment, f"def double(x): {did.double}\ndef triple(x): {did.triple}"), 4)
    for cell in made.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "why":
            cell.source = did.answer or PLACEHOLDER
    return nbformat.writes(made)


def hand_in(course, works: dict[str, Did], assignment: str, archive: Path) -> Path:
    """A platform's zip, and a table of hand-in times beside it."""
    due = course.load().schedule(assignment).due
    with zipfile.ZipFile(archive, "w") as file, open(archive.with_suffix(".csv"), "w") as times:
        times.write("student,submitted at\n")
        for student, did in works.items():
            file.writestr(f"{student}.ipynb", notebook_of(course, did, assignment))
            when = due + dt.timedelta(hours=did.hours)
            times.write(f"{student},{when:%Y-%m-%d %H:%M:%S}\n")
    return archive


def rows(file: Path) -> dict[str, dict[str, str]]:
    return {r["student"]: r for r in csv.DictReader(io.StringIO(file.read_text("utf-8"), newline=""))}


def agree(course, truth: Truth, assignment: str, class_: set[str]) -> None:
    """Every page and table of one assignment."""
    folder = course.root / "grades" / assignment
    table, page = rows(folder / "grades.csv"), (folder / "class.html").read_text()
    assert set(table) == class_ == {p.stem for p in (folder / "feedback").glob("*.html")}
    for student in class_:
        points, counted = truth.questions(student, assignment), truth.counted(student, assignment)
        known = sum(p for p in points.values() if p is not None)
        full = {"double": 2, "triple": 2, "why": 3}
        of = sum(full[q] for q, p in points.items() if p is not None)
        row = table[student]
        assert {q: row[q] for q in points} == {q: shown(p) for q, p in points.items()}, student
        assert row["score"] == shown(known), student
        excused = (student, assignment) == (truth.excused, LAB)
        if not excused:
            late = truth.days_late(student, assignment)
            assert (row["days_late"], row["late_days_used"]) == (str(late), str(truth.late_days(student, assignment))), student
        feedback = (folder / f"feedback/{student}.html").read_text()
        assert f'aria-label="{shown(known)} of {of} points"' in feedback, student
        shown_points = re.findall(r'<span class="points">([^<]*) / (\d)</span></li>', feedback)
        assert [p.replace("–", "") for p, _ in shown_points] == [shown(p) for p in points.values()], student
        if counted is not None and counted != known:
            assert f"{shown(counted)} of your {shown(known)} points count" in feedback or "None of your" in feedback, student
        (line,) = re.findall(rf'<tr><td class="student"><a [^>]*>{student}</a></td>(.*?)</tr>', page, re.DOTALL)
        cells = [re.sub(r"<[^>]*>|[✎✗‖–]", "", c).strip() for c in re.findall(r"<td[^>]*>(.*?)</td>", line, re.DOTALL)]
        assert cells[: len(points)] == [shown(p) for p in points.values()], student
        assert cells[len(points)] == f"{shown(known)} / {of}", student
        late_only = {q: p for q, p in points.items() if p is not None}
        if len(late_only) == len(points):
            assert cells[len(points) + 1] == ("" if excused else shown(counted)), student


def exports_agree(course, truth: Truth, class_: set[str], listed: set[str]) -> None:
    """Both exports of the lab, and the table of the term."""
    for platform in ("csv", "canvas"):
        autograder(course, "export", LAB, "--for", platform)
    folder = course.root / "grades" / LAB
    plain = rows(folder / "csv.csv")
    wanted = {s: shown(truth.counted(s, LAB)) if s in class_ else "" for s in class_ | listed}
    assert {s: r["points"] for s, r in plain.items()} == wanted
    canvas = list(csv.reader(io.StringIO((folder / "canvas.csv").read_text(), newline="")))[2:]
    assert {r[3]: r[5] for r in canvas} == wanted | {truth.excused: "EX"}
    autograder(course, "marks")
    term = rows(course.root / "grades/marks.csv")
    assert set(term) == class_ | listed | set(truth.homework) | {"(full marks)"}
    for student in set(term) - {"(full marks)"}:
        works = [HOMEWORK] if student in truth.homework else []
        works += [LAB] if student in class_ else []
        counting = [a for a in works if (student, a) != (truth.excused, LAB)]
        marks = {a: truth.counted(student, a) for a in counting}
        row = term[student]
        for assignment in (HOMEWORK, LAB):
            assert row[assignment] == shown(marks.get(assignment)), (student, assignment)
        so_far = sum(m for m in marks.values() if m is not None)
        assert row["so_far"] == shown(round(so_far, 2)), student
        assert row["total"] == ("" if None in marks.values() else shown(round(so_far, 2))), student
        assert row["pending"] == " ".join(a for a in counting if marks[a] is None), student
        assert row["late_days_used"] == str(sum(truth.late_days(student, a) for a in works)), student


def test_a_class_of_forty_through_a_week(course, tmp_path):
    homework, lab = draw(random.Random(40))
    truth = Truth(homework, lab, extended="s07", excused="s11")
    everybody = set(lab)
    roster = tmp_path / "roster.csv"
    roster.write_text("SIS Login ID,Name\n" + "".join(f"{s},Student {s}\n" for s in [*sorted(everybody), "absent"]))

    # Monday: two downloads, graded with the platform's times.
    for assignment, works in ((HOMEWORK, homework), (LAB, lab)):
        archive = hand_in(course, works, assignment, tmp_path / f"{assignment[7:]}.zip")
        words = ("--from", archive, "--times", archive.with_suffix(".csv"), "--roster", roster)
        done = autograder(course, "grade", assignment, *words)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "absent" in done.stdout
        agree(course, truth, assignment, set(works))
    exports_agree(course, truth, everybody, {"absent"})

    # Tuesday: the written answers, half of them on the page, some in a table, three left for another day.
    written = [s for s in sorted(lab) if lab[s].answer]
    dice = random.Random(41)
    table = written[: len(written) // 3]
    for student in written[:-3]:
        given = dice.choice((0.0, 0.5, 1.25, 2.0, 3.0))
        lab[student] = replace(lab[student], given=given, comment=f'Words for {student}; "so"')
    with open(course.root / "grades" / LAB / "manual.csv", "w", newline="") as file:
        csv.writer(file).writerows([["student", "why", "why comment"], *([s, lab[s].given, lab[s].comment] for s in table)])
    with desk(course) as ta:
        for student in written[len(table) : -3]:
            assert ta.mark(student, shown(lab[student].given), lab[student].comment)[0] == 303
        assert ta.stop()[0] == 3
    done = autograder(course, "grade", LAB, "--from", tmp_path / "lab.zip")
    assert "0 submissions to grade" in done.stdout, done.stdout + done.stderr
    agree(course, truth, LAB, everybody)
    exports_agree(course, truth, everybody, {"absent"})
    for student in written[:-3]:
        assert lab[student].comment.replace('"', "&#34;") in (course.root / f"grades/{LAB}/feedback/{student}.html").read_text()

    # Wednesday: a mistake in the suite is mended. Nobody is lowered without a question; then somebody says yes.
    course.write_suite(1, STRICTER)
    before = {s: truth.questions(s, LAB) for s in lab}
    truth.edited = True
    refused = autograder(course, "grade", LAB, "--from", tmp_path / "lab.zip", answer="n\n")
    losers = {s for s in lab if truth.questions(s, LAB)["triple"] < before[s]["triple"]}
    assert refused.returncode == 3 and all(s in refused.stdout for s in losers)
    kept = rows(course.root / "grades" / LAB / "grades.csv")
    assert {s: kept[s]["triple"] for s in lab} == {
        s: shown(before[s]["triple"] if s in losers else truth.questions(s, LAB)["triple"]) for s in lab
    }
    agreed = autograder(course, "regrade", LAB, "--from", tmp_path / "lab.zip", answer="y\n")
    assert agreed.returncode == 0, agreed.stdout + agreed.stderr
    agree(course, truth, LAB, everybody)
    exports_agree(course, truth, everybody, {"absent"})

    # Thursday: two leave the class, one hands in again, with another answer than the one that was marked.
    again = written[1]
    lab[again] = replace(lab[again], double="return 2 * x", answer="Something else.", hours=20)
    for student in ("s03", "s38"):
        del lab[student]
        everybody.remove(student)
    roster.write_text("SIS Login ID,Name\n" + "".join(f"{s},Student {s}\n" for s in [*sorted(everybody), "absent"]))
    os.remove(tmp_path / "lab.zip")
    done = autograder(course, "grade", LAB, "--from", hand_in(course, lab, LAB, tmp_path / "lab.zip"), "--yes")
    said = " ".join(done.stdout.split())
    assert done.returncode == 0 and "1 submission to grade" in said and "aside/: s03, s38" in said, said
    assert f"the mark stays: {again}" in said
    agree(course, truth, LAB, everybody)
    exports_agree(course, truth, everybody, {"absent"})
