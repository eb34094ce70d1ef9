"""A student's own files beside the notebook: found wherever they may lie, read within bounds, nobody else's ever."""

from __future__ import annotations

import io
import json
import os
import tarfile
import zipfile
from pathlib import Path

import pytest

from autograder.notebook import companions
from autograder.notebook.intake import Intake, collect
from autograder.notebook.submission import parse_submission

NOTEBOOK = json.dumps(
    {"cells": [{"cell_type": "code", "source": "import helper", "metadata": {}, "outputs": [], "execution_count": None}],
     "metadata": {"autograder": {"assignment": "week03/lab"}}, "nbformat": 4, "nbformat_minor": 5}
)  # fmt: skip
HELPER = {"helper.py": "one = 1\n", "mylib/__init__.py": "", "mylib/ops.py": "two = 2\n", "data/x.csv": "1,2\n"}


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def zipped(path: Path, files: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def brought(intake: Intake) -> dict[str, dict[str, str]]:
    """Student -> the files that go with the notebook."""
    read = {s.student: companions.read(s.companions).files for s in intake.submissions}
    return {student: {name: data.decode() for name, data in files.items()} for student, files in read.items()}


def below(folder: str, files: dict[str, str]) -> dict[str, str]:
    return {f"{folder}/{name}": text for name, text in files.items()}


def test_a_students_own_folder_and_archives(tmp_path):
    root = write(tmp_path / "in", below("ada/week03-lab", {"lab.ipynb": NOTEBOOK, "timestamp.txt": "2026-03-24", **HELPER}))
    zipped(root / "bob.zip", {"my work/lab.ipynb": NOTEBOOK, **below("my work", HELPER), "other/x.py": "no"})
    with tarfile.open(root / "eve.tar.gz", "w:gz") as archive:
        for name, text in {"lab.ipynb": NOTEBOOK, **HELPER}.items():
            info = tarfile.TarInfo(name)
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))
    intake = collect(root, "week03/lab")
    assert brought(intake) == {"ada": HELPER, "bob": HELPER, "eve": HELPER}
    assert not intake.problems


def test_what_lies_beside_several_students_is_nobodys(tmp_path):
    flat = write(tmp_path / "in", {"ada.ipynb": NOTEBOOK, "bob.ipynb": NOTEBOOK, "roster.csv": "secret"})
    write(flat, below("week03-lab", {"eve.ipynb": NOTEBOOK, "joe.ipynb": NOTEBOOK, "helper.py": "x = 1"}))
    alone = write(tmp_path / "alone", {"ada.ipynb": NOTEBOOK, "roster.csv": "secret"})
    for intake in (collect(flat, "week03/lab"), collect(alone, "week03/lab")):
        assert not any(brought(intake).values())
        assert any("put both into a folder named after the student" in line for _, line in intake.problems)


def test_one_students_folder_as_gradescope_and_nbgrader_hand_it_over(tmp_path):
    folder = write(tmp_path / "submission", {"lab.ipynb": NOTEBOOK, "submission_metadata.yml": "x", **HELPER})
    intake = collect(folder, "week03/lab", schemes=(lambda parts, assignment: "student",), bulk=False)
    assert brought(intake) == {"student": HELPER}


@pytest.mark.parametrize("unpacked", [False, True], ids=["the zip", "unpacked"])
@pytest.mark.parametrize("platform", ["canvas", "moodle", "gradescope"])
def test_downloads_of_platforms(tmp_path, platform, unpacked):
    other = {"helper.py": "three = 3\n"}
    files = {
        "canvas": {
            "doeada_11_101_lab-1.ipynb": NOTEBOOK, "doeada_11_100_helper.py": "old = 0\n",
            "doeada_11_102_helper-1.py": "one = 1\n",
            "roebob_LATE_12_103_lab.ipynb": NOTEBOOK, "roebob_LATE_12_104_helper.py": "three = 3\n",
        },
        "moodle": below("Ada Doe_21_assignsubmission_file_", {"lab.ipynb": NOTEBOOK, **HELPER})
        | below("Bob Roe_22_assignsubmission_file_", {"lab.ipynb": NOTEBOOK, **other}),
        "gradescope": below("export/submission_31", {"lab.ipynb": NOTEBOOK, **HELPER})
        | below("export/submission_32", {"lab.ipynb": NOTEBOOK, **other}),
    }[platform]  # fmt: skip
    source = write(tmp_path / "class", files) if unpacked else zipped(tmp_path / "class.zip", files)
    intake = collect(source, "week03/lab")
    ada = {"helper.py": "one = 1\n"} if platform == "canvas" else HELPER
    assert sorted(brought(intake).values(), key=str) == sorted([ada, other], key=str)
    assert not [path for path, _ in intake.problems if path.endswith((".py", ".csv")) and "_100_" not in path]


def test_a_zip_in_a_platforms_zip(tmp_path):
    inner = zipped(tmp_path / "work.zip", {"lab.ipynb": NOTEBOOK, **HELPER}).read_bytes()
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        archive.writestr("doeada_11_101_work.zip", inner)
        archive.writestr("roebob_12_103_lab.ipynb", NOTEBOOK)
    assert sorted(brought(collect(tmp_path / "class.zip", "week03/lab")).values(), key=len) == [{}, HELPER]


def test_names_links_and_sizes_are_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(companions, "MAX_FILE_BYTES", 1000)
    monkeypatch.setattr(companions, "MAX_BYTES", 1500)
    (tmp_path / "secret.py").write_text("secret = 1")
    folder = write(
        tmp_path / "in/ada",
        {"lab.ipynb": NOTEBOOK, "ok.py": "x" * 900, "numpy.py": "broken",
            "course_lib.py": "broken", "jax/__init__.py": "broken",
         "large.npy": "x" * 1001, "second.csv": "x" * 700, ".hidden.py": "x", "__pycache__/a.pyc": "x", "odd\u202ename.py": "x"},
    )  # fmt: skip
    os.symlink(tmp_path / "secret.py", folder / "link.py")
    os.symlink(tmp_path, folder / "up")
    intake = collect(tmp_path / "in", "week03/lab")
    assert list(brought(intake)["ada"]) == ["ok.py"]
    notes = " ".join(companions.read(intake.submissions[0].companions).notes)
    for name in ("`numpy.py`", "`course_lib.py`", "`large.npy`", "`second.csv`", "name of a library"):
        assert name in notes
    assert "\u202e" not in notes and "secret" not in notes
    hostile = zipped(
        tmp_path / "in/eve.zip", {"lab.ipynb": NOTEBOOK, "../up.py": "x", "/abs.py": "x", "a/../../b.py": "x", "ok.py": "y"}
    )
    assert brought(collect(hostile.parent, "week03/lab"))["eve"] == {"ok.py": "y"}


def test_a_changed_helper_is_another_submission(tmp_path):
    folder = write(tmp_path / "in/ada", {"lab.ipynb": NOTEBOOK, "helper.py": "x = 1"})
    hashes = [collect(tmp_path / "in", "week03/lab").submissions[0].sha256]
    for change in (lambda: (folder / "helper.py").write_text("x = 2"), lambda: (folder / "helper.py").unlink()):
        change()
        hashes.append(collect(tmp_path / "in", "week03/lab").submissions[0].sha256)
    assert len(set(hashes)) == 3 and hashes[2] == parse_submission(NOTEBOOK.encode(), "lab.ipynb").sha256


def test_files_that_a_notebook_carries_are_checked_like_others(tmp_path):
    content = json.loads(NOTEBOOK)
    content["metadata"]["autograder"]["files"] = {
        "helper.py": "b25lID0gMQo=", "../up.py": "eA==", "numpy.py": "eA==", "odd.py": "not base64!", "list.py": ["x"],
        "x.csv": "MQ==",
    }  # fmt: skip
    submitted = parse_submission(json.dumps(content).encode(), "lab.ipynb")
    folder = write(tmp_path / "in/ada", {"lab.ipynb": json.dumps(content), "x.csv": "newer"})
    found = companions.read(collect(folder.parent, "week03/lab").submissions[0].companions, submitted.carried)
    assert found.files == {"helper.py": b"one = 1\n", "x.csv": b"newer"}
