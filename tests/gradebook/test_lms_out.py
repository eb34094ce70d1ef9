"""Marks out: each file is read back by the rules of the platform that imports it, and gives the marks that went in."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
import shutil
from pathlib import Path

import downloads
import pytest
import report_samples as samples
from click.testing import CliRunner
from downloads import CLASS, JANE, KIM1, KIM2, MAX, ZOE
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.cli import main
from autograder.course import load_course
from autograder.gradebook.sheet import read_sheet
from autograder.grading.store import Store
from autograder.model import Report, Status

ROOT = Path(__file__).parents[2]
LAB = "week03/lab"
# What comes out for each: Jane 22 + 3 by hand; Zoë two days late; one Kim waits for a person, the other's report is incomplete.
MANUAL = "student,why_depth\njdoe,3\nzobrien,1.5\n"
EXPECTED = {"jdoe": 25.0, "zobrien": 18.8, "klee1": None, "klee2": None}


@pytest.fixture
def course(tmp_path, monkeypatch):
    """The shipped course file with a class list and results of week 3."""
    root = tmp_path / "course"
    root.mkdir()
    shutil.copy(ROOT / "course.toml", root)
    (root / "roster.csv").write_text(downloads.ROSTER, encoding="utf-8")
    monkeypatch.chdir(root)
    store = Store(root / "grades" / LAB)
    late = {"zobrien": dt.timedelta(days=1, hours=3)}
    for student in (JANE, ZOE, KIM1, KIM2):
        report = samples.perfect(student.id)
        if student is KIM2:
            report = dataclasses.replace(samples.everything(student.id))
        store.save(handed_in(load_course(root), report, late.get(student.id, -dt.timedelta(hours=1))))
    return root


def handed_in(course, report: Report, after: dt.timedelta, assignment: str = LAB) -> Report:
    when = course.schedule(assignment).due.astimezone(dt.UTC) + after
    submission = dataclasses.replace(report.submission, submitted_at=when.isoformat())
    return dataclasses.replace(report, assignment=assignment, submission=submission)


def run(*words: object):
    return CliRunner().invoke(main, [str(w) for w in words])


def exported(root: Path, platform: str, *more: object, roster: bool = True) -> str:
    (root / "manual.csv").write_text(MANUAL)
    words = ["export", LAB, "--for", platform, "--marks", "manual.csv", "--to", "out.csv", *more]
    done = run(*words, *(["--roster", "roster.csv"] if roster else []))
    assert done.exit_code == 3, done.output  # two have no final mark
    return (root / "out.csv").read_bytes().decode("utf-8-sig")


def as_canvas_imports(text: str, column: str) -> dict[int, str]:
    """lib/gradebook_importer.rb: headings, Points Possible, posting row; people by ID."""
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert rows[0][0] == "Student" and "ID" in rows[0][1] and rows[0][2:5] == ["SIS User ID", "SIS Login ID", "Section"]
    at = rows[0].index(column)
    students = [r for r in rows[1:] if "Points Possible" not in r[0] and any(c and "Manual Posting" not in c for c in r[:5])]
    return {int(r[1]): r[at].strip() for r in students if r[1]}


def as_moodle_imports(text: str, column: str, key: str) -> dict[str, float | None]:
    """grade/import/csv load_data.php: `-` and empty are no grade, anything else must be a number."""
    rows = csv.DictReader(io.StringIO(text, newline=""))
    return {r[key]: None if r[column] in ("", "-") else float(r[column]) for r in rows if r[key]}


def number(text: str) -> float | None:
    return float(text) if text else None


class TestNewFiles:
    def test_canvas(self, course):
        text = exported(course, "canvas", "--column", "Week 3 lab (442)")
        found = as_canvas_imports(text, "Week 3 lab (442)")
        assert {s.id: number(found[s.canvas]) for s in CLASS[:4]} == EXPECTED
        assert found[MAX.canvas] == "", "who handed in nothing is no zero either"
        assert text.splitlines()[1] == "    Points Possible,,,,,25"
        jane = next(csv.reader([text.splitlines()[2]]))
        assert jane[:4] == ["Jane Doe", "5001", "1000001", "jdoe"]

    def test_canvas_without_a_class_list_goes_by_login(self, course):
        rows = list(csv.reader(io.StringIO(exported(course, "canvas", roster=False))))
        assert {r[3]: number(r[5]) for r in rows[2:]} == EXPECTED

    @pytest.mark.parametrize("key", ["Email address", "ID number"])
    def test_moodle(self, course, key):
        title = samples.ASSIGNMENT.title
        found = as_moodle_imports(exported(course, "moodle"), title, key)
        named = {s.id: found[s.email if key == "Email address" else s.sis] for s in CLASS[:4]}
        assert named == EXPECTED
        assert ",0,\r\n" not in exported(course, "moodle")

    def test_gradescopes_own_form(self, course):
        rows = {r["SID"]: r for r in csv.DictReader(io.StringIO(exported(course, "gradescope"), newline=""))}
        assert {s.id: number(rows[s.sis]["Total Score"]) for s in CLASS[:4]} == EXPECTED
        assert [rows[s.sis]["Status"] for s in CLASS] == ["Graded", "Graded", "Ungraded", "Ungraded", "Missing"]

    def test_plain(self, course):
        rows = {r["student"]: r for r in csv.DictReader(io.StringIO(exported(course, "csv"), newline=""))}
        assert {s: number(rows[s]["points"]) for s in EXPECTED} == EXPECTED
        assert (rows["zobrien"]["raw"], rows["zobrien"]["days_late"], rows["zobrien"]["penalty"]) == ("23.5", "2", "0.2")
        assert "waits for a person: why_depth" in rows["klee1"]["note"] and "incomplete" in rows["klee2"]["note"]

    def test_what_is_blank_is_listed(self, course):
        (course / "manual.csv").write_text(MANUAL)
        out = run("export", LAB, "--for", "canvas", "--marks", "manual.csv", "--roster", "roster.csv").output
        assert "klee1: no mark: waits for a person: why_depth" in out and "klee2: no mark: incomplete" in out
        assert "mmuster: no mark: handed in nothing" in out and (course / "grades/week03/lab/canvas.csv").is_file()

    def test_excused(self, course):
        text = (course / "course.toml").read_text()
        more = f'[[extension]]\nstudent = "jdoe"\nassignment = "{LAB}"\nexcused = true\n'
        (course / "course.toml").write_text(text + more)
        assert as_canvas_imports(exported(course, "canvas", "--column", "L"), "L")[JANE.canvas] == "EX"

    @pytest.mark.parametrize("platform", ["canvas", "moodle", "gradescope", "csv"])
    @pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "\t="])
    def test_no_cell_is_a_formula(self, course, platform, start):
        name = f'{start}HYPERLINK("http://x")'
        evil = f'jdoe,"{name.replace(chr(34), chr(34) * 2)}",{start}1@x,{start}5,77\n'
        (course / "roster.csv").write_text("student,name,email,sid,canvas_id\n" + evil, encoding="utf-8")
        done = run("export", LAB, "--for", platform, "--roster", "roster.csv", "--to", "out.csv")
        assert done.exit_code == 3, done.output
        for row in csv.reader(io.StringIO((course / "out.csv").read_text(encoding="utf-8"), newline="")):
            assert all(not cell.startswith(("=", "+", "@", "＝", "\t")) and (cell[:1] != "-" or cell == "-") for cell in row), row
        assert "begins like a formula" in done.output


SEMICOLONS = downloads.CANVAS_GRADEBOOK.replace(",", ";").replace("; ", ", ")  # Canvas in a country of decimal commas
GRADER_REPORT = (
    '"First name";"Last name";"ID number";"Email address";"Assignment: Week 3 lab (Real)";"Course total (Real)"\n'
    + "".join(f'"{s.first}";"{s.last}";"{s.sis}";"{s.email}";"-";"12,5"\n' for s in CLASS)
).encode("latin-1")  # fmt: skip
GRADESCOPE_GRADES = (
    "First Name,Last Name,SID,Email,Sections,Total Score,Max Points,Status,Submission ID,Submission Time,Lateness (H:M:S)\n"
    + "".join(f"{s.first},{s.last},{s.sis},{s.email},A,,25.0,Ungraded,1,2026-04-03 10:00:00 +0200,00:00:00\n" for s in CLASS)
).encode()  # fmt: skip


class TestTemplates:
    @pytest.mark.parametrize(
        ("platform", "data", "column"),
        [
            ("canvas", downloads.CANVAS_GRADEBOOK.encode(), "Week 3 lab (442)"),
            ("canvas", b"\xef\xbb\xbf" + SEMICOLONS.encode(), "Week 3 lab (442)"),
            ("moodle", downloads.MOODLE_WORKSHEET.encode(), "Grade"),
            ("moodle", GRADER_REPORT, "Assignment: Week 3 lab (Real)"),
            ("gradescope", GRADESCOPE_GRADES, "Total Score"),
        ],
    )
    def test_one_column_is_filled_and_every_other_byte_stays(self, course, platform, data, column):
        (course / "theirs.csv").write_bytes(data)
        (course / "manual.csv").write_text(MANUAL)
        words = ("--template", "theirs.csv", "--marks", "manual.csv", "--roster", "roster.csv", "--to", "out.csv")
        done = run("export", LAB, "--for", platform, *words)
        assert done.exit_code == 3, done.output
        before, after = read_sheet(course / "theirs.csv"), read_sheet(course / "out.csv")
        at = before.values(0).index(column) if column in before.values(0) else before.values(0).index("\ufeff" + column)
        for sheet in (before, after):
            for row in sheet.rows:
                if len(row) > at:
                    row[at] = "?"
        assert before.data() == after.data() and before.ends == after.ends
        filled = read_sheet(course / "out.csv")
        who = [t.strip() for t in filled.values(0)]
        by = next(t for t in ("SIS User ID", "ID number", "SID") if t in who)
        marks = {v[who.index(by)]: v[at] for n in range(1, len(filled.rows)) if len(v := filled.values(n)) > at}
        assert {s.id: number(marks[s.sis].strip("-")) for s in CLASS[:4]} == EXPECTED

    def test_a_row_of_somebody_unknown_and_the_test_student_stay(self, course):
        (course / "theirs.csv").write_text(downloads.CANVAS_GRADEBOOK + '"New, Nina",6000,1000009,nnew,DLT-01,1.00,7.00,,\r\n')
        done = run("export", LAB, "--for", "canvas", "--template", "theirs.csv", "--roster", "roster.csv", "--to", "out.csv")
        assert "New, Nina: in theirs.csv, but not among the results; left as it is" in done.output
        assert '"New, Nina",6000,1000009,nnew,DLT-01,1.00,7.00,,' in (course / "out.csv").read_text()

    def test_who_is_not_in_the_template_is_listed(self, course):
        lines = downloads.CANVAS_GRADEBOOK.splitlines(keepends=True)
        (course / "theirs.csv").write_text("".join(line for line in lines if "jdoe" not in line))
        done = run("export", LAB, "--for", "canvas", "--template", "theirs.csv", "--roster", "roster.csv", "--to", "out.csv")
        assert "jdoe: not in theirs.csv; give this mark by hand" in done.output

    def test_other_full_marks_are_told(self, course):
        (course / "theirs.csv").write_text(downloads.CANVAS_GRADEBOOK.replace(",10,25,", ",10,100,"))
        done = run("export", LAB, "--for", "canvas", "--template", "theirs.csv", "--roster", "roster.csv", "--to", "out.csv")
        assert "gives this assignment 100 points, we 25" in done.output

    def test_a_column_that_is_not_clear_is_asked_for(self, course):
        (course / "theirs.csv").write_text(downloads.CANVAS_GRADEBOOK.replace("Week 3 lab", "Lab"))
        done = run("export", LAB, "--for", "canvas", "--template", "theirs.csv", "--to", "out.csv")
        assert done.exit_code == 1 and "--column, one of: Student, ID" in done.output and not (course / "out.csv").exists()
        done = run("export", LAB, "--for", "canvas", "--template", "theirs.csv", "--column", "Lab", "--to", "out.csv")
        assert done.exit_code == 3, done.output

    @pytest.mark.parametrize("data", [b"", b"PK\x03\x04\x00", b'a,"b\nc', b"points\n3\n", b"\xff\xfea", None])
    def test_a_template_that_is_none_is_one_sentence(self, course, data):
        if data is not None:
            (course / "theirs.csv").write_bytes(data)
        done = run("export", LAB, "--for", "canvas", "--template", "theirs.csv", "--to", "out.csv")
        assert done.exit_code == 1 and "theirs.csv" in done.output and "Traceback" not in done.output, done.output
        assert done.exception is None or isinstance(done.exception, SystemExit)

    def test_the_template_itself_is_not_overwritten(self, course):
        (course / "theirs.csv").write_text(downloads.CANVAS_GRADEBOOK)
        done = run("export", LAB, "--for", "canvas", "--template", "theirs.csv", "--to", "theirs.csv")
        assert done.exit_code == 1 and (course / "theirs.csv").read_bytes() == downloads.CANVAS_GRADEBOOK.encode()

    def test_graded_without_a_class_list_the_platforms_number_finds_the_row(self, course):
        Store(course / "grades" / LAB).remove()
        store = Store(course / "grades" / LAB)
        shipped = load_course(course)
        for name in ("leekim_5003", "leekim_5004"):
            store.save(handed_in(shipped, samples.perfect(name), -dt.timedelta(1)))
        (course / "theirs.csv").write_text(downloads.CANVAS_GRADEBOOK)
        (course / "manual.csv").write_text("student,question,points\nleekim_5003,why_depth,1\nleekim_5004,why_depth,2\n")
        done = run("export", LAB, "--for", "canvas", "--template", "theirs.csv", "--marks", "manual.csv", "--to", "out.csv")
        assert done.exit_code == 0, done.output
        found = as_canvas_imports((course / "out.csv").read_text(), "Week 3 lab (442)")
        assert (found[5003], found[5004], found[5001]) == ("23", "24", "")


class TestManualMarks:
    def test_a_wide_table_with_ids_that_only_the_class_list_knows(self, course):
        (course / "grades" / LAB / "manual.csv").write_text("Email;why_depth\njane.doe@uni.example;2,5\n")
        run("export", LAB, "--for", "csv", "--roster", "roster.csv", "--to", "out.csv")
        rows = {r["student"]: r for r in csv.DictReader((course / "out.csv").open(newline=""))}
        assert rows["jdoe"]["points"] == "24.5"

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("student,why_depth\njdoe,4\n", "it has 0 to 3 points"),
            ("student,why_depth\njdoe,-1\n", "it has 0 to 3 points"),
            ("student,why_depth\njdoe,nan\n", "is no mark"),
            ("student,why_depth\njdoe,good\n", "is no mark"),
            ("student,question,points\njdoe,why,2\n", "there is no question 'why'"),
            ("student,points\njdoe,2\n", "has no column for a question"),
        ],
    )
    def test_a_mark_that_cannot_be_is_refused(self, course, text, words):
        (course / "manual.csv").write_text(text)
        done = run("export", LAB, "--for", "csv", "--marks", "manual.csv")
        assert done.exit_code == 1 and words in done.output


class TestTheTerm:
    def rows(self, course, *more) -> dict[str, dict[str, str]]:
        done = run("marks", "--to", "marks.csv", *more)
        assert done.exit_code in (0, 3), done.output
        return {r["student"]: r for r in csv.DictReader((course / "marks.csv").open(newline="", encoding="utf-8"))}

    def test_late_days_are_spent_in_order_and_the_lowest_lab_is_dropped(self, course):
        text = (course / "course.toml").read_text()
        text = text.replace("late_days = 0", "late_days = 3").replace("\nlab = 0", "\nlab = 1")
        (course / "course.toml").write_text(text)
        shipped = load_course(course)
        plan = {"week01/lab": 2, "week04/lab": 2, "week05/lab": -1, "week05/homework": 1}
        for assignment, days in plan.items():
            after = dt.timedelta(days=days) - dt.timedelta(hours=2)
            store = Store(course / "grades" / assignment)
            store.save(handed_in(shipped, samples.perfect("jdoe"), after, assignment))
            (store.folder / "manual.csv").write_text(f"student,why_depth\njdoe,{0 if assignment == 'week05/lab' else 3}\n")
        (course / "grades" / LAB / "manual.csv").write_text("student,why_depth\njdoe,3\nzobrien,1.5\n")
        rows = self.rows(course, "--roster", "roster.csv")
        jane = rows["jdoe"]
        assert (jane["week01/lab"], jane["week04/lab"]) == ("25", "22.5"), "two days free, then one free and one paid"
        assert (jane["week05/lab"], jane["week05/homework"]) == ("22", "22.5")
        assert (jane["late_days_used"], jane["late_days_left"], jane["dropped"]) == ("3", "0", "week05/lab")
        assert (jane["total"], jane["of"]) == ("95", "100")
        assert rows["(full marks)"]["week03/lab"] == "25"
        kim = rows["klee1"]
        assert kim["total"] == "" and kim["pending"] == "week03/lab" and "week01/lab" in kim["missing"]
        assert "waits for a person" in kim["notes"]
        assert rows["mmuster"]["total"] == "0" and rows["mmuster"]["week03/lab"] == ""

    def test_an_excused_assignment_counts_nowhere(self, course):
        text = (course / "course.toml").read_text()
        (course / "course.toml").write_text(text + f'[[extension]]\nstudent = "mmuster"\nassignment = "{LAB}"\nexcused = true\n')
        row = self.rows(course, "--roster", "roster.csv")["mmuster"]
        assert (row["excused"], row["missing"], row["of"], row["total"]) == (LAB, "", "0", "0")

    def test_nothing_graded_yet(self, course):
        shutil.rmtree(course / "grades")
        done = run("marks")
        assert done.exit_code == 1 and "There are no results" in done.output

    def test_an_extension_for_nobody_is_told(self, course):
        text = (course / "course.toml").read_text()
        (course / "course.toml").write_text(text + f'[[extension]]\nstudent = "jdo"\nassignment = "{LAB}"\ndays = 1\n')
        assert "an extension for jdo, whom nobody knows" in run("marks").output


class TestSheets:
    @pytest.mark.parametrize(
        "data",
        [
            b"a,b\n1,2", b"a,b\r\n1,2\r\n", b'"a","b"\r\n"x ""y"" z",\r\n', b'a;b\n"multi\nline";2\n\n', b"\xef\xbb\xbfa,b\n",
            "a\tb\nZo\u00eb\t\n".encode("utf-16"), "Zo\u00eb;1\n".encode("latin-1"), b",,,\n,\n", b'"a" ,b\n', b"a,b\r1,2\r", b"",
        ],
    )  # fmt: skip
    def test_untouched_is_byte_for_byte(self, tmp_path, data):
        (tmp_path / "t.csv").write_bytes(data)
        assert read_sheet(tmp_path / "t.csv").data() == data

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
    @given(
        rows=st.lists(st.lists(st.text(alphabet='a"\n\r,;= é', max_size=6), min_size=2, max_size=4), min_size=1, max_size=5),
        end=st.sampled_from(["\n", "\r\n"]),
        quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    )
    def test_whatever_a_spreadsheet_writes(self, tmp_path, rows, end, quoting):
        out = io.StringIO()
        csv.writer(out, lineterminator=end, quoting=quoting).writerows([["x", "y"], *rows])
        (tmp_path / "t.csv").write_bytes(out.getvalue().encode())
        sheet = read_sheet(tmp_path / "t.csv")
        assert sheet.data() == out.getvalue().encode()
        read = [sheet.values(n) for n in range(len(sheet.rows))]
        assert read == [row or [""] for row in csv.reader(io.StringIO(out.getvalue(), newline=""))]
        before = [list(r) for r in sheet.rows]
        sheet.put(0, 1, "7")
        assert sheet.values(0) == ["x", "7"] and sheet.rows[1:] == before[1:]

    def test_values_are_what_a_reader_sees(self, tmp_path):
        data = 'a,"b ""c"", d",\r\n"x\ny",,z\r\n'
        (tmp_path / "t.csv").write_text(data, newline="")
        sheet = read_sheet(tmp_path / "t.csv")
        assert [sheet.values(n) for n in range(2)] == list(csv.reader(io.StringIO(data, newline="")))


def test_the_incomplete_sample_is_what_it_says():
    assert samples.everything("x").status is Status.INCOMPLETE
