"""A whole class as an archive of any platform, or of none: a class, or a refusal that says what to do; never one student."""

from __future__ import annotations

import io
import tarfile
import zipfile
import zoneinfo

import pytest
from downloads import LAB, notebook, unpacked, zip_of

from autograder.errors import CourseError
from autograder.notebook.intake import collect
from autograder.roster import read_roster

SHANGHAI = zoneinfo.ZoneInfo("Asia/Shanghai")
LIST = "student,name\njdoe,Jane Doe\nali,Ali Douik\nmmuster,Max Muster\n"
PLATFORMS = {
    "Brightspace": {
        "12345-678901 - Jane Doe - Apr 3, 2026 910 PM/lab.ipynb": "jane",
        "12346-678901 - Ali Douik - Apr 2, 2026 1205 AM/old.ipynb": "-",
        "12346-678901 - Ali Douik - Apr 3, 2026 911 AM/lab.ipynb": "ali",
        "index.html": None,
    },
    "Brightspace, flat and French": {
        "12345-678901 - Jane Doe - 3 avr. 2026 2110 - my - lab.ipynb": "jane",
        "12346-678901 - Ali Douik - 3 avr. 2026 911 - lab.ipynb": "ali",
    },
    "Brightspace, old": {"12345-678901 - Jane Doe - lab.ipynb": "jane", "12346-678901 - Ali Douik - lab.ipynb": "ali"},
    "Blackboard": {
        "Week 3 lab_jdoe_attempt_2026-04-03-21-10-00_my_lab.ipynb": "jane",
        "Week 3 lab_jdoe_attempt_2026-04-03-21-10-00.txt": None,
        "Week 3 lab_ali_attempt_2026-04-01-10-00-00_lab.ipynb": "-",
        "Week 3 lab_ali_attempt_2026-04-03-09-11-00_lab.ipynb": "ali",
    },
    "Blackboard, German": {
        "Woche_3_jdoe_Versuch_2026-04-03-21-10-00_lab.ipynb": "jane",
        "Woche_3_ali_Versuch_2026-04-03-09-11-00_lab.ipynb": "ali",
    },
    "ILIAS": {"Abgaben/Doe_Jane_jdoe_4711/lab.ipynb": "jane", "Abgaben/Douik_Ali_ali_99/Verspaetet_-_lab.ipynb": "ali"},
    "ILIAS with teams": {"W3/Team 7/Doe_Jane_jdoe_4711/lab.ipynb": "jane", "W3/Team 8/Douik_Ali_ali_99/lab.ipynb": "ali"},
    "Sakai": {
        "Week 3 lab/Doe, Jane(jdoe)/Submission attachment(s)/lab.ipynb": "jane",
        "Week 3 lab/Doe, Jane(jdoe)/timestamp.txt": None,
        "Week 3 lab/Douik, Ali(ali)/Submission attachment(s)/lab.ipynb": "ali",
        "Week 3 lab/grades.csv": None,
    },
    "Open edX": {
        "[1]Week 3, [2]Lab, [1]Hand in/[1] - jdoe - lab.ipynb": "jane",
        "[1]Week 3, [2]Lab, [1]Hand in/[1] - ali - lab.ipynb": "ali",
        "submissions.csv": None,
    },
    "Microsoft Teams": {
        "Eingereichte Dateien/Jane Doe/Woche 3/Version 1/lab.ipynb": "jane",
        "Eingereichte Dateien/Ali Douik/Woche 3/Version 1/lab.ipynb": "-",
        "Eingereichte Dateien/Ali Douik/Woche 3/Version 2/lab.ipynb": "ali",
    },
    "Google Classroom": {"Week 3 lab/Jane Doe - lab.ipynb": "jane", "Week 3 lab/Ali Douik - Copy of lab.ipynb": "ali"},
    "a plain zip": {"jdoe.ipynb": "jane", "ali.ipynb": "ali"},
    "one top folder": {"week 3/jdoe_week03_lab.ipynb": "jane", "week 3/ali_week03_lab.ipynb": "ali"},
    "a folder each": {"in/jdoe/lab.ipynb": "jane", "in/ali/work/lab.ipynb": "ali"},
}
TIMED = {"Brightspace", "Brightspace, flat and French", "Blackboard", "Blackboard, German"}


def packed(files: dict[str, str | None]) -> bytes:
    return zip_of({name: b"?" if text is None else notebook(text) for name, text in files.items()})


def tar_of(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


@pytest.fixture
def taken(tmp_path):
    """collect of one archive, by itself (or `inside` a folder), with or without the class list."""

    def _taken(name: str, data: bytes, listed: bool = True, inside: bool = False, beside: dict[str, bytes] | None = None):
        folder = tmp_path / "in"
        folder.mkdir(exist_ok=True)
        for other, content in {name: data, **(beside or {})}.items():
            (folder / other).write_bytes(content)
        (tmp_path / "roster.csv").write_text(LIST, encoding="utf-8")
        roster = read_roster(tmp_path / "roster.csv") if listed else None
        return collect(folder if inside else folder / name, LAB, roster=roster, zone=SHANGHAI)

    return _taken


def students(intake) -> list[str]:
    return [s.student for s in intake.submissions]


class TestPlatforms:
    @pytest.mark.parametrize("kind", PLATFORMS)
    def test_a_class_with_its_list(self, taken, kind):
        intake = taken("class.zip", packed(PLATFORMS[kind]))
        assert students(intake) == ["ali", "jdoe"] and intake.missing == ("mmuster",) and intake.problems == ()
        kept = [next(text for name, text in PLATFORMS[kind].items() if s.path.endswith(name)) for s in intake.submissions]
        assert kept == ["ali", "jane"]
        times = [s.submitted_at for s in intake.submissions]
        assert times == (["2026-04-03T09:11:00+08:00", "2026-04-03T21:10:00+08:00"] if kind in TIMED else ["", ""])

    @pytest.mark.parametrize("kind", PLATFORMS)
    def test_without_a_list_and_unpacked_and_in_one_more_zip(self, taken, tmp_path, kind):
        data = packed(PLATFORMS[kind])
        assert len(students(taken("class.zip", data, listed=False))) == 2
        assert len(students(taken("outer.zip", zip_of({"class.zip": data}), listed=False))) == 2
        intake = collect(unpacked(tmp_path / "unpacked", data), LAB, zone=SHANGHAI)
        # Of unpacked folders the first names the student, unless a platform is known: one more folder is not seen through.
        assert len(students(intake)) == (1 if kind in ("one top folder", "a folder each") else 2)


    def test_names_and_numbers_that_only_look_like_ilias(self, taken):
        files = {"anna_maria_meier_1234567/lab.ipynb": "a", "jan_peter_meier_7654321/lab.ipynb": "j"}
        assert students(taken("class.zip", packed(files), listed=False)) == [name.split("/")[0] for name in files]


class TestNoPlatform:
    def test_zips_in_a_zip_are_a_student_each(self, taken):
        inner = {"jdoe.zip": zip_of({"lab.ipynb": notebook("j")}), "ali - Copy.zip": zip_of({"lab.ipynb": notebook("a")})}
        assert students(taken("class.zip", zip_of(inner))) == ["ali", "jdoe"]

    def test_tar(self, taken):
        data = tar_of({"jdoe.ipynb": notebook("j"), "ali.ipynb": notebook("a")})
        assert students(taken("class.tar.gz", data)) == ["ali", "jdoe"]

    def test_it_says_what_it_took_the_zip_for(self, taken):
        intake = taken("class.zip", packed(PLATFORMS["a plain zip"]), listed=False)
        assert "taken for a class" in intake.notes[0] and "put it into a folder" in intake.notes[0]

    @pytest.mark.parametrize(
        "files",
        [
            {"lab.ipynb": LAB},
            {"lab.ipynb": LAB, "scratch.ipynb": None},
            {"lab.ipynb": LAB, "lab (1).ipynb": LAB, "Copy of lab.ipynb": LAB},
            {"my work.ipynb": LAB, "notes.ipynb": None, "old/try.ipynb": None},
            {"alice/lab.ipynb": LAB, "alice/more/scratch.ipynb": None},
        ],
    )
    def test_one_students_zip_stays_one_students(self, taken, files):
        data = zip_of({name: notebook(name, assignment) for name, assignment in files.items()})
        intake = taken("alice.zip", data, listed=False)
        assert students(intake) == ["alice"] and "my work" not in str(intake.submissions[0].superseded)

    def test_a_zip_called_like_somebody_on_the_list_is_theirs(self, taken):
        assert students(taken("jdoe (1).zip", packed({"ali.ipynb": "a", "jdoe.ipynb": "j"}))) == ["jdoe"]

    def test_one_notebook_of_somebody_on_the_list(self, taken):
        assert students(taken("class.zip", packed({"jdoe.ipynb": "j"}))) == ["jdoe"]

    def test_what_may_be_either_is_refused_with_what_to_do(self, taken):
        data = zip_of({"work.ipynb": notebook("a", None), "more.ipynb": notebook("b", None)})
        with pytest.raises(CourseError, match=r"work, more.*--roster.*put it into a folder"):
            taken("class.zip", data, listed=False)

    def test_a_class_in_a_folder_is_refused_or_told(self, taken):
        data = packed(PLATFORMS["a plain zip"])
        with pytest.raises(CourseError, match="give --from this file and not its folder"):
            taken("class.zip", data, inside=True)
        intake = taken("class.zip", data, inside=True, beside={"mmuster.ipynb": notebook("m")})
        assert any("give --from this file" in line for _, line in intake.problems)

    def test_a_students_own_timestamp_is_no_record(self, tmp_path):
        files = {"Jane Doe_71001_assignsubmission_file/lab.ipynb": notebook("j"),
                 "Jane Doe_71001_assignsubmission_file/timestamp.txt": b"2020-01-01 00:00:00 UTC"}  # fmt: skip
        folder = unpacked(tmp_path / "moodle", zip_of(files))
        own = {"jdoe/lab.ipynb": notebook("j"), "jdoe/timestamp.txt": b"2020-01-01 00:00:00 UTC"}
        plain = unpacked(tmp_path / "plain", zip_of(own))
        for place in (folder, plain):
            (submission,) = collect(place, LAB).submissions
            assert not submission.submitted_at.startswith("2020")

    def test_names_that_macs_and_old_tools_wrote_as_utf_8_without_saying_so(self, taken):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for name in ("Jürgen.ipynb", "Łukasz.ipynb"):
                archive.writestr(name, notebook(name))
        flagged = bytearray(out.getvalue())
        for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            place = -1
            while (place := flagged.find(mark, place + 1)) >= 0:
                flagged[place + at + 1] &= ~0x08
        assert students(taken("class.zip", bytes(flagged), listed=False)) == ["Jürgen", "Łukasz"]
