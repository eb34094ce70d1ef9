"""`collect` on real folders: who handed in what, and nothing is dropped in silence."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat import v4

from autograder.errors import CourseError
from autograder.notebook.intake import collect, safe_name

LAB = "week03/lab"


@pytest.fixture
def put(tmp_path):
    def _put(name: str, when: int = 1000, assignment: str | None = LAB, content: bytes | None = None) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        nb = v4.new_notebook(cells=[v4.new_code_cell(f"x = {name!a}")])
        if assignment:
            nb.metadata["autograder"] = {"assignment": assignment}
        path.write_bytes(nbformat.writes(nb).encode() if content is None else content)
        os.utime(path, (when, when))
        return path

    return _put


def students(folder) -> list[str]:
    return [s.student for s in collect(folder, LAB).submissions]


def problems(folder) -> dict[str, str]:
    return {Path(path).name: line for path, line in collect(folder, LAB).problems}


class TestWhoseFileItIs:
    @pytest.mark.parametrize(
        "name",
        [
            "alice.ipynb",
            "alice.IPYNB",
            "alice (1).ipynb",
            "alice - Copy.ipynb",
            "alice - Copy (2).ipynb",
            "alice-Copy1.ipynb",
            "alice copy 2.ipynb",
            "alice_lab.ipynb",
            "alice-lab.ipynb",
            "alice_week03_lab.ipynb",
            "alice_week3-lab.ipynb",
            "alice-week03-lab.ipynb",
            "alice_w03_lab (3).ipynb",
            "alice (1)_lab.ipynb",
            "alice_lab-1.ipynb",
            "alice/lab.ipynb",
            "alice/some/depth/anything at all.ipynb",
            "alice/week03-lab/lab.ipynb",
            "week03-lab/alice.ipynb",
            "lab/alice/lab.ipynb",
        ],
    )
    def test_alices(self, put, tmp_path, name):
        put(name)
        assert students(tmp_path) == ["alice"] and problems(tmp_path) == {}

    @pytest.mark.parametrize("name", ["s-1", "team_12", "ab03", "labrador", "collab", "r2d2", "Müller, Jürgen", "copycat"])
    def test_ids_that_only_look_like_suffixes_stay_whole(self, put, tmp_path, name):
        put(f"{name}_lab.ipynb")
        put(f"{name}.ipynb", when=900)
        assert students(tmp_path) == [name]

    def test_one_file_instead_of_a_folder(self, put):
        intake = collect(put("alice_lab.ipynb"), LAB)
        assert [s.student for s in intake.submissions] == ["alice"]

    def test_files_that_name_nobody_are_not_taken_for_one_student(self, put, tmp_path):
        put("lab.ipynb"), put("lab (1).ipynb"), put("week03_lab (2).ipynb")
        assert len(students(tmp_path)) == 3
        assert all("does not say whose" in line for line in problems(tmp_path).values()) and len(problems(tmp_path)) == 3

    def test_ids_that_differ_only_in_case_are_reported(self, put, tmp_path):
        put("Alice.ipynb"), put("alice.ipynb")
        assert students(tmp_path) == ["Alice", "alice"]
        assert "differ only in case" in problems(tmp_path)["alice.ipynb"]

    def test_an_id_with_a_number_beside_the_bare_one_is_reported(self, put, tmp_path):
        put("alice.ipynb"), put("alice-1.ipynb")
        assert students(tmp_path) == ["alice", "alice-1"] and "second file of 'alice'" in problems(tmp_path)["alice-1.ipynb"]

    def test_composed_and_decomposed_accents_are_one_student(self, put, tmp_path):
        put("Ren\u00e9.ipynb", when=1), put("Rene\u0301 (1).ipynb", when=2)
        assert students(tmp_path) == ["Ren\u00e9"]


class TestWhichFileCounts:
    def test_the_newest_and_the_others_are_kept(self, put, tmp_path):
        put("alice.ipynb", when=100)
        newest = put("alice (1).ipynb", when=300)
        put("alice/lab.ipynb", when=200)
        (submission,) = collect(tmp_path, LAB).submissions
        assert submission.path == str(newest)
        assert [Path(p).name for p in submission.superseded] == ["lab.ipynb", "alice.ipynb"]
        assert submission.submitted_at == "1970-01-01T00:05:00+00:00" and len(submission.sha256) == 64

    def test_equally_old_ones_by_copy_number_and_told(self, put, tmp_path):
        put("alice.ipynb"), put("alice (10).ipynb"), put("alice (9).ipynb")
        (submission,) = collect(tmp_path, LAB).submissions
        assert Path(submission.path).name == "alice (10).ipynb"
        assert set(problems(tmp_path)) == {"alice.ipynb", "alice (9).ipynb"}

    def test_scratch_work_beside_the_assignment_does_not_count(self, put, tmp_path):
        put("alice/lab.ipynb", when=1), put("alice/scratch.ipynb", when=2, assignment=None)
        (submission,) = collect(tmp_path, LAB).submissions
        assert Path(submission.path).name == "lab.ipynb" and "set aside" in problems(tmp_path)["scratch.ipynb"]

    def test_without_metadata_the_newest_counts(self, put, tmp_path):
        put("alice/a.ipynb", when=1, assignment=None), put("alice/b.ipynb", when=2, assignment=None)
        assert Path(collect(tmp_path, LAB).submissions[0].path).name == "b.ipynb"

    def test_other_assignments_are_told_apart(self, put, tmp_path):
        put("alice_lab.ipynb", when=1), put("alice_homework.ipynb", when=2, assignment="week03/homework")
        put("bob/week03-lab/lab.ipynb", when=1)
        put("bob/week04-lab/lab.ipynb", when=2, assignment="week04/lab")
        put("bob/week02-lab/lab.ipynb", when=3, assignment=None)
        put("carol/week03-homework/homework.ipynb", assignment="week03/homework")
        intake = collect(tmp_path, LAB)
        assert [(s.student, Path(s.path).name) for s in intake.submissions] == [
            ("alice", "alice_lab.ipynb"),
            ("bob", "lab.ipynb"),
        ]
        assert "week03-lab" in intake.submissions[1].path and intake.submissions[1].superseded == ()
        told = [assignment for _, assignment in intake.elsewhere]
        assert told == ["week03/homework", "week02/lab", "week04/lab", "week03/homework"]

    def test_the_wrong_notebook_alone_is_a_submission_that_grading_refuses(self, put, tmp_path):
        put("alice.ipynb", assignment="week04/lab"), put("bob/week03-lab/lab.ipynb", assignment="week04/lab")
        assert students(tmp_path) == ["alice", "bob"]

    def test_a_broken_newest_file_is_reported_beside_the_readable_one(self, put, tmp_path):
        put("alice.ipynb", when=1, assignment=None), put("alice (1).ipynb", when=2, content=b"")
        (submission,) = collect(tmp_path, LAB).submissions
        assert Path(submission.path).name == "alice (1).ipynb"
        assert "the older" in problems(tmp_path)["alice (1).ipynb"]

    def test_nbgraders_timestamp_is_when_it_was_handed_in(self, put, tmp_path):
        put("alice/week03-lab/lab.ipynb", when=1)
        stamp = tmp_path / "alice/week03-lab/timestamp.txt"
        stamp.write_text("2026-03-30 21:14:05.123456 Asia/Shanghai\n")
        assert collect(tmp_path, LAB).submissions[0].submitted_at == "2026-03-30T13:14:05+00:00"
        for no_time in ("no time at all, Nowhere/Land", "0001-01-01 00:00:00 Asia/Tokyo", "9999-12-31 23:59:59 Etc/GMT+12"):
            stamp.write_text(no_time)
            assert collect(tmp_path, LAB).submissions[0].submitted_at == datetime.fromtimestamp(1, UTC).isoformat()
        assert problems(tmp_path) == {}


class TestNothingIsDroppedInSilence:
    def test_what_is_no_notebook_is_listed(self, put, tmp_path):
        put("alice.ipynb")
        for name in ("report.pdf", "bob.rar", "carol.ipynb.txt", "data.json"):
            put(name, content=b"x")
        (tmp_path / "dan").mkdir()
        (tmp_path / "eve").symlink_to(tmp_path)
        os.mkfifo(tmp_path / "queue")
        found = problems(tmp_path)
        assert set(found) == {"report.pdf", "bob.rar", "carol.ipynb.txt", "data.json", "dan", "eve", "queue"}
        assert "unpack" in found["bob.rar"] and "rename" in found["carol.ipynb.txt"] and "link" in found["eve"]
        assert students(tmp_path) == ["alice"]

    def test_unreadable_notebooks_are_submissions(self, put, tmp_path):
        put("empty.ipynb", content=b"")
        (tmp_path / "folder.ipynb").mkdir()
        (tmp_path / "gone.ipynb").symlink_to("nowhere")
        (tmp_path / "out.ipynb").symlink_to("/etc/passwd")
        os.mkfifo(tmp_path / "pipe.ipynb")
        assert students(tmp_path) == ["empty", "folder", "gone", "out", "pipe"]
        assert all(s.sha256 == "" for s in collect(tmp_path, LAB).submissions)

    def test_only_the_stated_names_are_passed_over(self, put, tmp_path):
        put(".ipynb_checkpoints/alice-checkpoint.ipynb"), put("alice/.ipynb_checkpoints/x.ipynb")
        put("__MACOSX/alice/._lab.ipynb"), put("._alice.ipynb"), put(".DS_Store", content=b""), put("alice/lab.ipynb")
        assert students(tmp_path) == ["alice"] and problems(tmp_path) == {}

    def test_many_files_of_one_student_are_reported(self, put, tmp_path):
        for i in range(10):
            put(f"downloads/student{i}.ipynb", when=i)
        assert students(tmp_path) == ["downloads"]
        assert "10 notebooks count as one student's" in problems(tmp_path)["student9.ipynb"]

    def test_every_file_is_accounted_for(self, put, tmp_path):
        for name in ("a.ipynb", "a (1).ipynb", "a/x.ipynb", "b/week03-lab/y.ipynb", "b/week04-lab/z.ipynb", "n.txt"):
            put(name, assignment=None, content=b"" if name == "n.txt" else None)
        intake = collect(tmp_path, LAB)
        seen = {s.path for s in intake.submissions} | {p for s in intake.submissions for p in s.superseded}
        seen |= {p for p, _ in intake.elsewhere} | {p for p, _ in intake.problems}
        assert seen == {str(p) for p in tmp_path.rglob("*") if p.is_file()}

    def test_a_folder_that_is_not_there(self, tmp_path):
        with pytest.raises(CourseError, match="no such folder"):
            collect(tmp_path / "gone", LAB)
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(CourseError, match="neither folder nor notebook"):
            collect(tmp_path / "pipe", LAB)


class TestNamesThatCannotBeTrusted:
    def test_a_name_that_is_no_utf8_can_be_printed_opened_and_written(self, put, tmp_path):
        real = put(os.fsdecode(b"al\xe9x \x1b[2J\xe2\x80\xae.ipynb"))
        intake = collect(tmp_path, LAB)
        (submission,) = intake.submissions
        assert submission.student == "al\\xe9x \\x1b[2J\\u202e" and submission.path.isprintable()
        assert intake.file_of(submission) == real and json.loads(intake.file_of(submission).read_bytes())["cells"]
        (tmp_path / safe_name(submission.student)).mkdir()

    def test_an_escaped_name_is_never_anothers(self, put, tmp_path):
        put(os.fsdecode(b"al\xe9x.ipynb")), put("al\\xe9x.ipynb"), put("al\u00e9x.ipynb")
        assert len(set(students(tmp_path))) == 3

    @pytest.mark.parametrize("name", ["alice", "s1234567", "Alice.B", "a@b.edu", "x-1_2+3"])
    def test_ordinary_ids_are_their_own_safe_names(self, name):
        assert safe_name(name) == name

    @given(st.text(max_size=400) | st.from_regex(r"[a-z./\\-]{0,20}(-[0-9a-f]{12})?", fullmatch=True))
    def test_safe_names_are_safe(self, student):
        name = safe_name(student)
        assert name.isascii() and name.isprintable() and 0 < len(name) <= 93
        assert not set(name) & set('/\\:*?"<>| ') and name[0] not in ".-" and name[-1] != "."
        assert Path("folder", name).resolve().parent == Path("folder").resolve()

    @given(st.text(max_size=50))
    def test_nobody_can_choose_anothers_safe_name(self, student):
        name = safe_name(student)
        assert name == student or safe_name(name) != name

    @pytest.mark.parametrize("student", ["..", ".", "", "a/b", "a\\b", "x" * 300, "con", "NUL.txt", "a\nb", "-rf", "trailing."])
    def test_awkward_ids_get_a_name_of_their_own(self, student):
        assert safe_name(student) != student and safe_name(student) != safe_name(student + "x")
