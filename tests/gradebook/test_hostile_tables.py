"""Class lists and exports with people in them who chose their names with care: what goes out is read as spreadsheets read it.

Each attack has its control: a table as `csv.writer` makes it, in which the same name is computed, breaks out, or shifts marks.
"""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import shutil
from pathlib import Path

import pytest
import report_samples as samples
from click.testing import CliRunner
from hostile_names import FORMULAS, HEAD, NAMES, READERS, SIGNS, as_written, people, steers

from autograder.cli import main
from autograder.course import load_course
from autograder.gradebook.sheet import read_sheet
from autograder.grading.store import Store
from autograder.report.class_table import class_csv
from autograder.roster import read_roster

ROOT = Path(__file__).parents[2]
LAB = "week03/lab"
PLATFORMS = ["canvas", "moodle", "gradescope", "csv"]
MARKS = {"jdoe": 1.0, "mallory": 2.0, "zoe": 3.0}  # for the written answer, so that everybody's mark is another: 22 and this


@pytest.mark.parametrize("attack", FORMULAS)
def test_the_control_every_formula_is_computed_somewhere(attack):
    assert any(reader.live(as_written([["jdoe", FORMULAS[attack], "22"]])) for reader in READERS.values())


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> Path:
    """The shipped course file with results of week 3: everybody has everything right, and another mark by hand."""
    root = tmp_path_factory.mktemp("hostile tables") / "course"
    root.mkdir()
    shutil.copy(ROOT / "course.toml", root)
    store = Store(root / "grades" / LAB)
    for student in MARKS:
        store.save(handed_in(root, student))
    (store.folder / "manual.csv").write_text("student,why_depth\n" + "".join(f"{s},{m}\n" for s, m in MARKS.items()))
    return root


def handed_in(root: Path, student: str):
    when = load_course(root).schedule(LAB).due.astimezone(dt.UTC) - dt.timedelta(hours=1)
    report = samples.perfect(student)
    return dataclasses.replace(report, submission=dataclasses.replace(report.submission, submitted_at=when.isoformat()))


def run(root: Path, *words: object, monkeypatch) -> str:
    monkeypatch.chdir(root)
    done = CliRunner().invoke(main, [str(w) for w in words])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    assert done.exit_code in (0, 3), done.output
    return done.output


class TestNamesInNewFiles:
    @pytest.mark.parametrize("platform", PLATFORMS)
    @pytest.mark.parametrize("attack", NAMES)
    def test_nothing_is_computed_and_every_mark_is_beside_its_id(self, graded, tmp_path, monkeypatch, platform, attack):
        (tmp_path / "list.csv").write_text(as_written(people(NAMES[attack])), newline="", encoding="utf-8")
        words = ("export", LAB, "--for", platform, "--roster", tmp_path / "list.csv", "--to", tmp_path / "out.csv")
        said = run(graded, *words, monkeypatch=monkeypatch)
        text = (tmp_path / "out.csv").read_bytes().decode("utf-8")
        assert not steers(said) and not steers(text.replace("\r\n", "")), (said, text)
        for name, reader in READERS.items():
            assert reader.live(text) == [], name
        id_column, mark_column = {"canvas": (3, 5), "moodle": (2, 4), "gradescope": (2, 5), "csv": (0, 4)}[platform]
        ids = ("jdoe", "mallory", "zoe") if platform in ("canvas", "csv") else ("1000001", "1000003", "0000007")
        # As the platform reads it, and as a spreadsheet does that splits at semicolons and tabs, too.
        for reader in (READERS["Excel"], READERS["LibreOffice"]):
            rows = {row[id_column]: row[mark_column] for row in reader.rows(text) if len(row) > mark_column}
            assert {i: float(rows[i]) for i in ids} == dict(zip(ids, (23, 24, 25), strict=True)), text
            assert len(reader.rows(text)) == len(ids) + (2 if platform == "canvas" else 1)
        if platform == "canvas":  # Canvas takes a row for the full marks if these words are anywhere in its first cell
            full = [row for row in READERS["Excel"].rows(text) if "points possible" in " ".join(row[0].split()).lower()]
            assert [row[5] for row in full] == ["25"]
            assert ("full marks" in said) == ("full marks" in attack)

    @pytest.mark.parametrize("attack", [n for n in NAMES if n != "a neighbour's login"])  # that is refused: see below
    def test_the_tables_of_a_class_and_a_term(self, graded, tmp_path, monkeypatch, attack):
        (tmp_path / "list.csv").write_text(as_written(people("Mallory", NAMES[attack])), newline="", encoding="utf-8")
        said = run(graded, "marks", "--roster", tmp_path / "list.csv", "--to", tmp_path / "out.csv", monkeypatch=monkeypatch)
        text = (tmp_path / "out.csv").read_bytes().decode("utf-8")
        report = dataclasses.replace(samples.unreadable(), reason=NAMES[attack])
        named = dataclasses.replace(report, submission=dataclasses.replace(report.submission, student=NAMES[attack]))
        for table in (text, class_csv([samples.perfect("jdoe"), named, samples.perfect("zoe")])):
            assert not steers(table.replace("\r\n", "")) and not steers(said)
            for name, reader in READERS.items():
                assert reader.live(table) == [], (name, table)
        for reader in (READERS["Excel"], READERS["LibreOffice"]):
            rows = {r[0]: r for r in reader.rows(text)}
            assert rows["jdoe"][1] == "23" and rows["zoe"][1] == "25", text

    def test_the_control_a_semicolon_in_a_name_writes_marks(self):
        """In a spreadsheet that splits at semicolons, too, who is called so has full marks in every column."""
        shifted = READERS["LibreOffice"].rows(as_written([["Mallory;graded;25;25", "graded", "0", "0"]]))
        assert shifted == [["Mallory", "graded", "25", "25", "graded", "0", "0"]]


class TestIdsStayExact:
    IDS = {
        "zeros first": "0017", "a number with an exponent": "1e5", "a date": "1-2", "blanks": "van der Berg", "a dot": "a.b",
        "an apostrophe": "o'neil", "an address": "m@uni.example", "a path": "../../etc/passwd", "an absolute path": "/etc/passwd",
        "an option": "--yes", "a pattern": "*", "a device": "con", "wide letters": "ｍａｌ", "another case": "JDOE", 
        "long": "m" * 200,
        "a plain name": "mallory", "a hash": "#mal", "markup": "[/red]mal[link=x]", "a backslash": "a\\x41",
    }  # fmt: skip

    @pytest.mark.parametrize("kind", [k for k, v in IDS.items() if v[0] not in "=+-@"])
    def test_an_id_goes_out_as_it_came_in(self, graded, tmp_path, monkeypatch, kind):
        odd = self.IDS[kind]
        text = self.exported(graded, tmp_path, monkeypatch, odd)
        rows = {row[3]: row[5] for row in READERS["Excel"].rows(text[0])}
        assert (rows[odd], rows["jdoe"], rows["zoe"]) == ("22", "23", "25"), text

    def test_what_cannot_go_out_as_it_is_is_told(self, graded, tmp_path, monkeypatch):
        for odd, words in (("--yes", "begins like a formula"), ("ma\u200bl", "characters that no table can hold"),
                           ("mal  lory", "characters that no table can hold")):  # fmt: skip
            text, said = self.exported(graded, tmp_path, monkeypatch, odd)
            assert words in said and READERS["Excel"].live(text) == []

    @pytest.mark.parametrize("odd", ["anne\u0308", "an\u200bna", "ANNË", "\ufeffanna"])
    def test_what_only_looks_the_same_is_the_same_student(self, graded, tmp_path, monkeypatch, odd):
        """Decomposed accents (a Mac's) and characters that nobody sees: one person, one mark, nobody missing."""
        text, said = self.exported(graded, tmp_path, monkeypatch, odd)
        marks = [row[5] for row in READERS["Excel"].rows(text)[2:]]
        assert sorted(marks) == ["22", "23", "25"] and "handed in nothing" not in said, (text, said)

    def exported(self, graded, tmp_path, monkeypatch, odd: str) -> tuple[str, str]:
        """The class exported for Canvas, with a student of this login who has 22 points (nothing by hand yet)."""
        root = tmp_path / "course"
        shutil.copytree(graded, root, dirs_exist_ok=True)
        store = Store(root / "grades" / LAB)
        (tmp_path / "list.csv").write_text(as_written(people("Mallory", odd)), newline="", encoding="utf-8")
        (student,) = [p.student for p in read_roster(tmp_path / "list.csv").people if p.keys["login"] == odd.strip()]
        store.report_path("mallory").unlink(missing_ok=True)
        store.save(handed_in(root, student))
        with open(store.folder / "manual.csv", "w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([["student", "why_depth"], ["jdoe", "1"], ["zoe", "3"], [odd, "0"]])
        words = ("export", LAB, "--for", "canvas", "--roster", tmp_path / "list.csv", "--to", tmp_path / "out.csv")
        said = run(root, *words, monkeypatch=monkeypatch)
        assert not steers(said)
        return (tmp_path / "out.csv").read_bytes().decode(), said


class TestTemplates:
    """The platform's own file, Mallory's name in it, filled and given back."""

    def filled(self, graded, tmp_path, monkeypatch, rows, platform="canvas", roster=None, column="Week 3 lab (442)"):
        (tmp_path / "theirs.csv").write_text(as_written(rows), newline="", encoding="utf-8")
        words = ["export", LAB, "--for", platform, "--template", tmp_path / "theirs.csv", "--to", tmp_path / "out.csv"]
        if roster is not None:
            (tmp_path / "list.csv").write_text(as_written(roster), newline="", encoding="utf-8")
            words += ["--roster", tmp_path / "list.csv"]
        said = run(graded, *words, monkeypatch=monkeypatch)
        assert not steers(said), said
        sheet = read_sheet(tmp_path / "out.csv")
        at = sheet.values(0).index(column)
        return {n: sheet.values(n)[at] for n in range(1, len(sheet.rows))}, said

    @pytest.mark.parametrize("attack", NAMES)
    def test_each_mark_goes_into_its_own_row(self, graded, tmp_path, monkeypatch, attack):
        rows = [[*row, "7"] for row in people(NAMES[attack])]
        rows[0][5] = "Week 3 lab (442)"
        marks, said = self.filled(graded, tmp_path, monkeypatch, rows)
        assert (marks[1], marks[3]) == ("23", "25")
        if "full marks" in attack:
            # Canvas would give the assignment so many points for everybody.
            assert marks[2] == "7" and "take it out, and give this mark by hand" in said
        else:
            assert marks[2] == "24"
        live = NAMES[attack].lstrip().startswith(SIGNS)
        assert ("without opening it in one" in said) == live

    def test_a_name_that_is_a_neighbours_id_gets_nobody_s_mark(self, graded, tmp_path, monkeypatch):
        """Our list has no logins, the platform's has: Mallory is called what Jane's login is."""
        roster = [["sid", "name"], ["1000001", "Jane Doe"], ["mallory", "jdoe"], ["zoe", "Zoë O'Brien"]]
        rows = [[*row, ""] for row in people("jdoe", "")]
        rows[0][5] = "Week 3 lab (442)"
        rows[2][1:4] = ["", "", ""]  # a guest, without any number
        marks, _ = self.filled(graded, tmp_path, monkeypatch, rows, roster=roster)
        assert marks[1] == "", "Jane's number on our list has no results: nothing is guessed"
        assert marks[2] in ("", "24"), "never Jane's 23"
        marks, _ = self.filled(graded, tmp_path, monkeypatch, rows)
        assert (marks[1], marks[2], marks[3]) == ("23", "", "25")

    def test_two_rows_that_may_be_one_student_s_stay_as_they_are(self, graded, tmp_path, monkeypatch):
        roster = [["student", "name"], ["jdoe", "Jane Doe"], ["zoe", "Zoë O'Brien"], ["mallory", "Mallory"]]
        rows = [[*row, "7"] for row in [HEAD, ["Doe, Jane", "5001", "", "", "A"], ["Jane Doe", "5009", "", "", "A"]]]
        rows[0][5] = "Week 3 lab (442)"
        marks, said = self.filled(graded, tmp_path, monkeypatch, rows, roster=roster)
        assert marks == {1: "7", 2: "7"} and "rows 2 and 3 of theirs.csv may be theirs" in said


class TestMarksByHand:
    def test_marks_by_hand_find_ids_before_names(self, graded, tmp_path, monkeypatch):
        root = tmp_path / "course"
        shutil.copytree(graded, root)
        (root / "roster.csv").write_text(as_written(people("jdoe")), encoding="utf-8")
        (root / "marks.csv").write_text("student,why_depth\njdoe,3\nMallory Nobody,2\n")
        said = run(root, "export", LAB, "--for", "csv", "--marks", "marks.csv", "--roster", "roster.csv", "--to", "out.csv",
                   monkeypatch=monkeypatch)  # fmt: skip
        rows = {r["student"]: r["points"] for r in csv.DictReader((root / "out.csv").open(newline=""))}
        assert (rows["jdoe"], rows["mallory"]) == ("25", "") and "Mallory Nobody" in said
