"""Archives as submissions: what is read of them, what is left out and said, and what it may cost."""

from __future__ import annotations

import io
import json
import os
import tarfile
import zipfile

import pytest

from autograder.errors import SubmissionError
from autograder.notebook import archive as archives
from autograder.notebook import archive_entries
from autograder.notebook.archive import read_archive
from autograder.notebook.intake import collect
from autograder.notebook.submission import read_submission

LAB = "week03/lab"
NOTEBOOK = json.dumps(
    {"nbformat": 4, "nbformat_minor": 4, "metadata": {"autograder": {"assignment": LAB}},
     "cells": [{"cell_type": "code", "source": "x = 1", "metadata": {}, "outputs": [], "execution_count": None}]}
).encode()  # fmt: skip


def zip_of(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, data in entries:
            z.writestr(name, data)
    return out.getvalue()


def tar_of(*entries: tuple[str, bytes], mode: str = "w:gz", kind: bytes = tarfile.REGTYPE) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as t:
        for name, data in entries:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            info.size = len(data) if kind == tarfile.REGTYPE else 0
            t.addfile(info, io.BytesIO(data))
    return out.getvalue()


@pytest.mark.parametrize("name", ["alice.zip", "alice_week03_lab.zip", "alice (1).ZIP", "alice/handed-in.zip"])
def test_an_archive_is_the_students_whose_name_it_bears(tmp_path, name):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(zip_of(("deep/down/work.ipynb", NOTEBOOK), ("notes.txt", b"x")))
    intake = collect(tmp_path, LAB)
    assert [s.student for s in intake.submissions] == ["alice"] and intake.problems == ()
    assert read_submission(intake.files[0], 1.0, assignment=LAB, within=tmp_path).code[0].source == "x = 1"


@pytest.mark.parametrize(
    ("suffix", "mode"), [(".tar", "w"), (".tar.gz", "w:gz"), (".tgz", "w:gz"), (".tar.bz2", "w:bz2"), (".tar.xz", "w:xz")]
)
def test_every_kind_of_tar(tmp_path, suffix, mode):
    (tmp_path / f"bob{suffix}").write_bytes(tar_of(("work.ipynb", NOTEBOOK), mode=mode))
    intake = collect(tmp_path, LAB)
    assert [s.student for s in intake.submissions] == ["bob"]
    assert intake.submissions[0].sha256 and read_submission(intake.files[0], 1.0, within=tmp_path).assignment_id == LAB


@pytest.mark.parametrize(
    "path", ["../x.ipynb", "a/../../x.ipynb", "/x.ipynb", "C:\\x.ipynb", "a\\..\\..\\x.ipynb", "x" * 400 + ".ipynb"]
)
def test_a_path_that_leads_out_is_left_out_and_said(path):
    members, notes = read_archive(zip_of(("work.ipynb", NOTEBOOK), (path, NOTEBOOK)), "a.zip", 1.0)
    assert [m.parts for m in members] == [("work.ipynb",)] and len(notes) == 1 and "leads out" in notes[0]


def test_links_and_special_files_are_left_out():
    entry = zipfile.ZipInfo("link.ipynb")
    entry.create_system, entry.external_attr = 3, 0o120777 << 16
    members, notes = read_archive(zip_of(("work.ipynb", NOTEBOOK), (entry, b"/etc/passwd")), "a.zip", 1.0)
    assert len(members) == 1 and "link" in notes[0]
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE):
        with pytest.raises(SubmissionError, match="no notebook"):
            read_archive(tar_of(("x.ipynb", b""), kind=kind), "a.tar.gz", 1.0)


@pytest.mark.parametrize("make", [zip_of, tar_of])
def test_a_bomb_is_refused_before_it_is_large(make, monkeypatch):
    monkeypatch.setattr(archive_entries, "MAX_UNPACKED", 3_000_000)
    entries = [(f"{i}.ipynb", bytes(900_000)) for i in range(20)]
    with pytest.raises(SubmissionError, match="unpacks to more than"):
        read_archive(make(*entries), "a.zip" if make is zip_of else "a.tar.gz", 1.0)


def test_a_notebook_that_is_too_large_is_left_out_and_the_crowd_refused():
    with pytest.raises(SubmissionError, match="no notebook"):
        read_archive(zip_of(("work.ipynb", bytes(2_000_000))), "a.zip", 1.0)
    with pytest.raises(SubmissionError, match="more than"):
        read_archive(zip_of(*((f"{i}", b"") for i in range(2100))), "a.zip", 1.0)


@pytest.mark.parametrize("data", [b"", b"PK", b"PK\x03\x04" + bytes(50), b"\x1f\x8b" + bytes(20), b"BZh9" + bytes(20)])
@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz"])
def test_a_damaged_archive_is_one_line(tmp_path, data, name):
    with pytest.raises(SubmissionError) as caught:
        read_archive(data, name, 1.0)
    assert str(caught.value).startswith(f"{name}: ") and "\n" not in str(caught.value)
    (tmp_path / name).write_bytes(data)
    intake = collect(tmp_path, LAB)
    assert [s.student for s in intake.submissions] == ["a"], "it is somebody's submission, readable or not"
    with pytest.raises(SubmissionError):
        read_submission(intake.files[0], 1.0, within=tmp_path)


def test_a_password_is_told():
    data = bytearray(zip_of(("work.ipynb", NOTEBOOK)))
    for mark, at in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        data[data.index(mark) + at] |= 1
    with pytest.raises(SubmissionError, match="password"):
        read_archive(bytes(data), "a.zip", 1.0)


def test_nothing_is_written(tmp_path):
    folder = tmp_path / "handed-in"
    folder.mkdir()
    (folder / "mallory.zip").write_bytes(zip_of(("work.ipynb", NOTEBOOK), ("../../evil.ipynb", NOTEBOOK)))
    before = sorted(p for p in tmp_path.rglob("*"))
    intake = collect(folder, LAB)
    assert len(intake.problems) == 1 and sorted(tmp_path.rglob("*")) == before


def test_what_an_archive_says_about_its_files_is_bounded():
    """tarfile searches such words in quadratic time: a hundred kilobytes took it six seconds, ten megabytes a day."""
    data = bytearray(tar_of(("x", b"1" * 600_000), ("work.ipynb", NOTEBOOK), mode="w"))
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 600_000
    data[:512] = header.tobuf()
    with pytest.raises(SubmissionError, match="says too much about its files"):
        read_archive(bytes(data), "a.tar", 20.0)
    long_name = "f/" + "n" * 200 + ".ipynb"
    members, _ = read_archive(tar_of((long_name, NOTEBOOK), mode="w"), "a.tar", 20.0)
    assert members[0].parts[-1].startswith("nnn"), "honest long names need such words"


def test_a_method_that_asks_for_gigabytes_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as z:
        z.writestr("work.ipynb", NOTEBOOK)
    with pytest.raises(SubmissionError, match="uncommon method"):
        read_archive(out.getvalue(), "a.zip", 20.0)


def test_reading_ends_when_its_time_is_used_up(monkeypatch):
    monkeypatch.setattr(archives, "MAX_CPU_SECONDS", 0.2)
    data = tar_of(("data.csv", os.urandom(12_000_000)), ("work.ipynb", NOTEBOOK), mode="w:bz2")
    with pytest.raises(SubmissionError, match="seconds of processor time"):
        read_archive(data, "a.tar.bz2", 20.0)
