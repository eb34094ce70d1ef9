"""Downloads of Canvas, Moodle and Gradescope, as zip and unpacked: every id comes back, nothing is dropped, times are honest."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
import zoneinfo
from pathlib import Path

import downloads
import pytest
from downloads import CLASS, JANE, KIM1, KIM2, LAB, MAX, ZOE, notebook, unpacked, zip_of

from autograder.errors import CourseError, SubmissionError
from autograder.model import FILE_DATE
from autograder.notebook import archive, archive_entries
from autograder.notebook.intake import Intake, collect
from autograder.notebook.submission import read_submission
from autograder.roster import read_roster

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
IN_CLASS = ["jdoe", "klee1", "klee2", "zobrien"]
MAKERS = {
    "canvas": downloads.canvas_zip,
    "moodle": downloads.moodle_zip,
    "moodle-flat": lambda: downloads.moodle_zip(folders=False),
    "gradescope": downloads.gradescope_zip,
}


def roster_of(tmp_path: Path, text: str = downloads.ROSTER):
    (tmp_path / "roster.csv").write_text(text, encoding="utf-8")
    return read_roster(tmp_path / "roster.csv", BERLIN)


def download(tmp_path: Path, kind: str, shape: str) -> Path:
    data = MAKERS[kind]()
    if shape == "zip":
        (tmp_path / "submissions.zip").write_bytes(data)
        return tmp_path / "submissions.zip"
    inner = tmp_path / "in" / ("wrapped" if shape == "wrapped" else "")
    unpacked(inner, data)
    return tmp_path / "in"


def read(intake: Intake, folder: Path) -> dict[str, str]:
    """What the grader would read for each student."""
    within = folder if folder.is_dir() else folder.parent
    pairs = zip(intake.submissions, intake.files, strict=True)
    return {s.student: read_submission(f, 20.0, assignment=LAB, within=within).code[0].source for s, f in pairs}


WORK = {
    "canvas": {"jdoe": "jane", "zobrien": "zoe", "klee1": "kim1", "klee2": "kim2 second"},
    "moodle": {"jdoe": "jane", "zobrien": "zoe", "klee1": "kim1", "klee2": "kim2"},
    "gradescope": {"jdoe": "jane", "zobrien": "zoe", "klee1": "kims", "klee2": "kims"},
}


class TestIdsComeBack:
    @pytest.mark.parametrize(
        ("kind", "shape"),
        [*(("canvas", shape) for shape in ("zip", "folder", "wrapped")), ("gradescope", "zip"), ("gradescope", "folder")],
    )
    def test_with_a_class_list(self, tmp_path, kind, shape):
        place = download(tmp_path, kind, shape)
        intake = collect(place, LAB, roster=roster_of(tmp_path), zone=BERLIN)
        assert [s.student for s in intake.submissions] == IN_CLASS
        assert read(intake, place) == {s: f"x = {text!a}" for s, text in WORK[kind].items()}
        assert intake.missing == (MAX.id,) and intake.platform.lower() == kind
        assert [line for _, line in intake.problems if "matches nobody" in line] == []

    @pytest.mark.parametrize("shape", ["zip", "folder", "wrapped"])
    @pytest.mark.parametrize("kind", ["moodle", "moodle-flat"])
    def test_moodle_knows_names_and_the_worksheet_numbers(self, tmp_path, kind, shape):
        place = download(tmp_path, kind, shape)
        intake = collect(place, LAB, roster=roster_of(tmp_path), zone=BERLIN)
        # Two people are called Kim Lee: neither gets the other's work.
        unmatched = [f"Kim Lee_{s.participant}" for s in (KIM1, KIM2)]
        assert [s.student for s in intake.submissions] == [*unmatched, "jdoe", "zobrien"]
        assert sum("matches nobody" in line for _, line in intake.problems) == 2
        assert set(intake.missing) == {"klee1", "klee2", "mmuster"}

        worksheet = roster_of(tmp_path, downloads.MOODLE_WORKSHEET)
        intake = collect(place, LAB, roster=worksheet, times=worksheet.times_in(worksheet), zone=BERLIN)
        by_sis = {s.sis: s.id for s in CLASS}
        assert {by_sis[s.student] for s in intake.submissions} == set(IN_CLASS)
        assert {by_sis[s]: t for s, t in read(intake, place).items()} == {s: f"x = {t!a}" for s, t in WORK["moodle"].items()}
        assert intake.missing == (MAX.sis,)
        times = {by_sis[s.student]: s.submitted_at for s in intake.submissions}
        assert times["zobrien"] == "2026-04-05T01:59:00+02:00" and times["klee1"] == "2026-04-03T23:59:00+02:00"

    def test_without_a_class_list_nobody_is_taken_for_another(self, tmp_path):
        canvas = collect(download(tmp_path, "canvas", "zip"), LAB)
        assert [s.student for s in canvas.submissions] == [
            "doejane_5001", "leekim_5003", "leekim_5004", f"{ZOE.canvas_name}_5002"]  # fmt: skip
        moodle = collect(download(tmp_path, "moodle", "zip"), LAB)
        assert [s.student for s in moodle.submissions] == sorted(f"{s.name}_{s.participant}" for s in CLASS[:4])
        gradescope = collect(download(tmp_path, "gradescope", "zip"), LAB)
        assert [s.student for s in gradescope.submissions] == ["0000007", "1000001", "1000003", "1000004"]

    @pytest.mark.parametrize("text", [downloads.CANVAS_GRADEBOOK, downloads.GRADESCOPE_ROSTER, downloads.MOODLE_PARTICIPANTS])
    def test_the_platforms_own_lists_are_class_lists(self, tmp_path, text):
        roster = roster_of(tmp_path, text)
        assert len(roster.people) == len(CLASS)
        ids = {s.id if text is downloads.CANVAS_GRADEBOOK else s.sis for s in CLASS[:4]}
        for kind in ("canvas", "gradescope"):
            intake = collect(download(tmp_path, kind, "zip"), LAB, roster=roster)
            found = {s.student for s in intake.submissions}
            if kind == "canvas" and text is not downloads.CANVAS_GRADEBOOK:  # Canvas's numbers are in no other list
                found -= {"leekim_5003", "leekim_5004"}
                assert found == ids - {KIM1.sis, KIM2.sis}
            else:
                assert found == ids

    def test_a_namesakes_file_is_not_taken_for_a_students_own(self, tmp_path):
        alone = "".join(line for line in downloads.ROSTER.splitlines(keepends=True) if "klee1" not in line)
        intake = collect(download(tmp_path, "canvas", "zip"), LAB, roster=roster_of(tmp_path, alone))
        assert [s.student for s in intake.submissions] == ["jdoe", "klee2", "leekim_5003", "zobrien"]

    def test_two_accounts_that_count_as_one_student_are_told(self, tmp_path):
        names = "student,name\njdoe,Jane Doe\n"
        files = {f"doejane_{n}_{n}_lab.ipynb": notebook(str(n)) for n in (1, 2)}
        (tmp_path / "s.zip").write_bytes(zip_of(files))
        intake = collect(tmp_path / "s.zip", LAB, roster=roster_of(tmp_path, names))
        assert any("doejane_1 and doejane_2 count as one student" in line for _, line in intake.problems)

    def test_anonymous_marking(self, tmp_path):
        files = {"anon_x7Kq2_901_lab.ipynb": notebook("a"), "LATE_anon_b2B2b_902_lab.ipynb": notebook("b")}
        (tmp_path / "s.zip").write_bytes(zip_of(files))
        intake = collect(tmp_path / "s.zip", LAB)
        assert {s.student: s.marked_late for s in intake.submissions} == {"anon_x7Kq2": False, "anon_b2B2b": True}

    @pytest.mark.parametrize("original", ["lab_12_34_x.ipynb", "a_LATE_1_2_b.ipynb", "_.ipynb", "doejane_5001_90001_lab.ipynb"])
    def test_what_a_student_calls_the_file_never_makes_it_anothers(self, tmp_path, original):
        name = downloads.canvas_name(ZOE, 90002, original)
        (tmp_path / "s.zip").write_bytes(zip_of({name: notebook("z")}))
        (submission,) = collect(tmp_path / "s.zip", LAB, roster=roster_of(tmp_path)).submissions
        assert submission.student == "zobrien" and submission.marked_late is False


class TestTimes:
    def when(self, intake: Intake) -> dict[str, tuple[str, str, bool | None]]:
        return {s.student: (s.submitted_at, s.time_source, s.marked_late) for s in intake.submissions}

    @pytest.mark.parametrize("shape", ["zip", "folder"])
    def test_canvas_says_late_or_not_and_no_time_is_made_up(self, tmp_path, shape):
        found = self.when(collect(download(tmp_path, "canvas", shape), LAB, roster=roster_of(tmp_path)))
        assert found == {s: ("", "Canvas", s == "zobrien") for s in IN_CLASS}

    @pytest.mark.parametrize("shape", ["zip", "folder"])
    def test_gradescope_says_when_to_the_second(self, tmp_path, shape):
        found = self.when(collect(download(tmp_path, "gradescope", shape), LAB, roster=roster_of(tmp_path)))
        assert found["jdoe"] == ("2026-04-03T21:10:05+00:00", "Gradescope", None)
        assert found["zobrien"][0] == "2026-04-05T01:59:00+02:00"
        assert found["klee1"] == found["klee2"]

    def test_moodles_moment_of_the_download_is_no_hand_in_time(self, tmp_path):
        intake = collect(download(tmp_path, "moodle", "zip"), LAB, zone=BERLIN)
        assert {s.submitted_at for s in intake.submissions} == {""}
        assert any("date of the download" in line and "--times" in line for line in intake.notes)

    def test_older_moodles_dates_are_hand_in_times_and_named_as_such(self, tmp_path):
        (tmp_path / "m.zip").write_bytes(downloads.moodle_zip(dated=True))
        found = self.when(collect(tmp_path / "m.zip", LAB, zone=BERLIN))
        assert found["Jane Doe_71001"] == ("2026-04-01T12:00:00+02:00", "the date in the zip", None)
        assert found["Kim Lee_71004"][0] == "2026-04-04T12:00:00+02:00"

    def test_a_flat_folder_says_that_it_knows_file_dates_only(self, tmp_path):
        (tmp_path / "in").mkdir()
        (tmp_path / "in" / "jdoe.ipynb").write_bytes(notebook("jane"))
        (submission,) = collect(tmp_path / "in", LAB).submissions
        assert submission.time_source == FILE_DATE and submission.marked_late is None

    def test_a_list_of_times_goes_before_everything(self, tmp_path):
        told = {"zobrien": dt.datetime(2026, 4, 4, 12, tzinfo=BERLIN)}
        found = self.when(collect(download(tmp_path, "canvas", "zip"), LAB, roster=roster_of(tmp_path), times=told))
        assert found["zobrien"] == ("2026-04-04T12:00:00+02:00", "the list of hand-in times", None)


class TestNothingIsDropped:
    def test_resubmissions_are_kept_and_named(self, tmp_path):
        intake = collect(download(tmp_path, "canvas", "zip"), LAB, roster=roster_of(tmp_path))
        kim = next(s for s in intake.submissions if s.student == "klee2")
        assert kim.path.endswith("_90012_lab-1.ipynb")
        assert [Path(p).name for p in kim.superseded] == ["leekim_5004_90004_lab.ipynb"]

    def test_typed_answers_and_other_files_are_listed(self, tmp_path):
        for kind, name in (("canvas", "doejane_5001_text.html"), ("moodle", "onlinetext.html")):
            for shape in ("zip", "folder"):
                lines = {Path(p).name: line for p, line in collect(download(tmp_path, kind, shape), LAB).problems}
                assert "not a notebook" in lines[name], (kind, shape)

    def test_a_file_that_somebody_put_into_the_folder(self, tmp_path):
        place = download(tmp_path, "canvas", "folder")
        (place / "mmuster.ipynb").write_bytes(notebook("by mail"))
        (place / "stranger.zip").write_bytes(zip_of({"lab.ipynb": notebook("?")}))
        intake = collect(place, LAB, roster=roster_of(tmp_path))
        assert {"mmuster", "stranger"} <= {s.student for s in intake.submissions} and intake.missing == ()
        said = [line for path, line in intake.problems if "stranger.zip" in path]
        assert any("not named as Canvas" in s for s in said) and any("matches nobody on roster.csv" in s for s in said)

    def test_broken_zips_in_the_zip_are_each_students_own_trouble(self, tmp_path):
        files = {
            downloads.canvas_name(JANE, 1, "a.zip"): b"PK\x03\x04 not really",
            downloads.canvas_name(ZOE, 2, "b.zip"): zip_of({"essay.docx": b"x"}),
            downloads.canvas_name(KIM1, 3, "c.zip"): zip_of({"in.zip": zip_of({"deep.tar": b"x", "lab.ipynb": notebook("kim")})}),
            downloads.canvas_name(KIM2, 4, "d.ipynb"): b"",
        }
        (tmp_path / "s.zip").write_bytes(zip_of(files))
        intake = collect(tmp_path / "s.zip", LAB, roster=roster_of(tmp_path))
        assert [s.student for s in intake.submissions] == IN_CLASS
        for submission, file in zip(intake.submissions, intake.files, strict=True):
            if submission.student == "klee1":
                assert read_submission(file, 1.0, assignment=LAB, within=tmp_path).code[0].source == "x = 'kim'"
            else:
                with pytest.raises(Exception, match=r"damaged|no notebook|there is no|is empty") as caught:
                    read_submission(file, 1.0, assignment=LAB, within=tmp_path)
                assert len(str(caught.value).splitlines()) == 1

    def test_gradescope_without_its_data_or_with_damaged_data(self, tmp_path):
        for metadata in (None, "{{{", "just text", "[1, 2]", "submission_200001: &a [*a, *a]\n: :"):
            (tmp_path / "g.zip").write_bytes(downloads.gradescope_zip(metadata))
            intake = collect(tmp_path / "g.zip", LAB)
            assert [s.student for s in intake.submissions] == ["submission_200001", "submission_200002", "submission_200003"]
            assert any("whose the submissions are" in line for _, line in intake.problems)


class TestHostileArchives:
    def test_a_students_zip_cannot_hand_in_for_others(self, tmp_path):
        (tmp_path / "in").mkdir()
        (tmp_path / "in" / "jdoe.ipynb").write_bytes(notebook("jane's own"))
        (tmp_path / "in" / "mallory.zip").write_bytes(downloads.canvas_zip())
        intake = collect(tmp_path / "in", LAB, roster=roster_of(tmp_path))
        assert [s.student for s in intake.submissions] == ["jdoe", "mallory"]
        assert any("looks like a download of a whole class from Canvas" in line for _, line in intake.problems)
        inner = zip_of({downloads.canvas_name(JANE, 99999, "lab.ipynb"): notebook("forged"), "submission_metadata.yml": b"{}"})
        outer = {downloads.canvas_name(ZOE, 1, "x.zip"): inner, downloads.canvas_name(JANE, 2, "lab.ipynb"): notebook("true")}
        (tmp_path / "s.zip").write_bytes(zip_of(outer))
        found = read(collect(tmp_path / "s.zip", LAB, roster=roster_of(tmp_path)), tmp_path / "s.zip")
        assert found == {"jdoe": "x = 'true'", "zobrien": "x = 'forged'"}

    def test_a_bomb_costs_who_sent_it_and_nobody_else(self, tmp_path, monkeypatch):
        monkeypatch.setattr(archive_entries, "MAX_UNPACKED", 3_000_000)
        bomb = zip_of({f"{n}.ipynb": b"0" * 900_000 for n in range(8)})
        files = {downloads.canvas_name(ZOE, 1, "bomb.zip"): bomb, downloads.canvas_name(JANE, 2, "lab.ipynb"): notebook("j")}
        (tmp_path / "s.zip").write_bytes(zip_of(files))
        intake = collect(tmp_path / "s.zip", LAB, max_mb=1.0, roster=roster_of(tmp_path))
        assert {"jdoe", "zobrien"} == {s.student for s in intake.submissions}
        assert next(s for s in intake.submissions if s.student == "jdoe").sha256

    def test_archives_in_archives_end_somewhere(self, tmp_path):
        data = notebook("deep")
        for n in range(12):
            data = zip_of({f"{n}.zip" if n else "lab.ipynb": data})
        files = {downloads.canvas_name(ZOE, 1, "x.zip"): data, downloads.canvas_name(JANE, 2, "lab.ipynb"): notebook("j")}
        (tmp_path / "s.zip").write_bytes(zip_of(files))
        assert len(collect(tmp_path / "s.zip", LAB).submissions) == 2

    def test_paths_that_lead_out_and_links_are_listed(self, tmp_path):
        link = zipfile.ZipInfo(downloads.canvas_name(KIM1, 3, "lab.ipynb"))
        link.external_attr = 0o120777 << 16
        out = io.BytesIO(zip_of({downloads.canvas_name(JANE, 2, "lab.ipynb"): notebook("j")}))
        with zipfile.ZipFile(out, "a") as z:
            z.writestr("../" + downloads.canvas_name(ZOE, 1, "lab.ipynb"), notebook("out"))
            z.writestr(link, "/etc/passwd")
        (tmp_path / "s.zip").write_bytes(out.getvalue())
        intake = collect(tmp_path / "s.zip", LAB)
        assert [s.student for s in intake.submissions] == ["doejane_5001"]
        assert {"leads out" in line or "a link" in line for _, line in intake.problems} == {True}
        assert list(tmp_path.iterdir()) == [tmp_path / "s.zip"], "nothing is unpacked"

    def test_a_damaged_download_is_one_sentence(self, tmp_path):
        data = bytearray(downloads.canvas_zip())
        data[40:200] = bytes(160)
        (tmp_path / "s.zip").write_bytes(bytes(data))
        with pytest.raises(CourseError, match=r"damaged .*Download it again"):
            collect(tmp_path / "s.zip", LAB)

    def test_an_endless_list_of_files_is_not_read(self, tmp_path, monkeypatch):
        monkeypatch.setattr(archive_entries, "MAX_DIRECTORY", 50_000)
        many = zip_of({f"doejane_1_{n}_lab.ipynb": b"x" for n in range(900)})
        (tmp_path / "s.zip").write_bytes(many)
        assert archive.bulk_names(tmp_path / "s.zip") == ()
        with pytest.raises(SubmissionError, match="more files in the archive"):
            list(archive.read_bulk(tmp_path / "s.zip", 1.0))

    def test_a_class_larger_than_one_notebook_may_be(self, tmp_path):
        big = json.dumps({"pad": "x" * 700_000}).encode()
        files = {downloads.canvas_name(s, n, "lab.ipynb"): notebook(s.id) for n, s in enumerate(CLASS)}
        archive_file = io.BytesIO()
        with zipfile.ZipFile(archive_file, "w", zipfile.ZIP_STORED) as z:
            for name, data in files.items():
                z.writestr(name, data)
            z.writestr("padding_1_2_x.json", big)
            z.writestr("padding_1_3_x.json", big)
        (tmp_path / "s.zip").write_bytes(archive_file.getvalue())
        intake = collect(tmp_path / "s.zip", LAB, max_mb=1.0, roster=roster_of(tmp_path))
        pairs = zip(intake.submissions, intake.files, strict=True)
        read_back = {s.student: read_submission(f, 1.0, assignment=LAB, within=tmp_path).code[0].source for s, f in pairs}
        assert read_back == {s.id: f"x = {s.id!r}" for s in CLASS}
