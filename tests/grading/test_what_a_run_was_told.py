"""The class of the last run, what that run was told, and marks that would become lower: as a TA meets them in a week."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from grading_commands import SUITE, autograder, reports, score, week_of

from autograder.cli import main

LAB = "week01/lab"
STRICTER = SUITE.replace("assert_close(student.triple(x), 3 * x)", "assert_close(student.triple(x), 3 * x + 1)")


@pytest.fixture
def week(small_course, monkeypatch):
    monkeypatch.chdir(small_course.root)
    return week_of(small_course)


def grade(week, folder, *more: object, answer: str = "") -> subprocess.CompletedProcess:
    done = autograder(week, "grade", LAB, "--from", folder, "--workers", "1", *more, answer=answer)
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    return done


def quickly(*words: object) -> subprocess.CompletedProcess:
    """A command that grades nothing, in this process."""
    done = CliRunner().invoke(main, [str(w) for w in words])
    return subprocess.CompletedProcess(words, done.exit_code, done.output, "")


def said(done: subprocess.CompletedProcess) -> str:
    return " ".join((done.stdout + done.stderr).split())


def hand_in(week, folder: Path, *students: str) -> Path:
    folder.mkdir(exist_ok=True)
    before_due = week.load().schedule(LAB).due.timestamp() - 60
    for student in students:
        (folder / f"{student}.ipynb").write_text(week.solved(LAB))
        os.utime(folder / f"{student}.ipynb", (before_due, before_due))
    return folder


def exported(week, *more: object) -> tuple[subprocess.CompletedProcess, dict[str, str]]:
    done = quickly("export", LAB, "--for", "csv", *more)
    rows = csv.DictReader((week.root / "grades/week01/lab/csv.csv").read_text().splitlines())
    return done, {r["student"]: r["points"] for r in rows}


def counted(week) -> dict[str, float | None]:
    return {s: r["mark"]["counted"] for s, r in reports(week).items()}


def test_only_the_last_runs_class_is_exported_and_who_left_it_is_moved_aside(week, tmp_path):
    results = week.root / "grades/week01/lab"
    everybody = hand_in(week, tmp_path / "everybody", "ada", "bob", "cy", "dot")
    assert grade(week, everybody).returncode == 0
    before = reports(week)
    roster = tmp_path / "roster.csv"
    roster.write_text("student,name\nada,Ada L\nbob,Bob M\neve,Eve N\n")
    two = hand_in(week, tmp_path / "two", "ada", "bob")
    done = grade(week, two, "--roster", roster)
    assert "moved to grades/week01/lab/aside/: cy, dot" in said(done)
    assert set(reports(week)) == {"ada", "bob"}
    assert {p.stem for p in (results / "feedback").iterdir()} == {"ada", "bob"}
    assert {p.stem for p in (results / "aside/feedback").iterdir()} == {"cy", "dot"}
    assert {r["student"] for r in csv.DictReader((results / "grades.csv").open(newline=""))} == {"ada", "bob"}
    # The class list of the run holds for the export, too, without being named again.
    done, marks = exported(week)
    assert marks == {"ada": "4", "bob": "4", "eve": ""} and "eve: no mark: handed in nothing" in done.stdout
    quickly("marks")
    term = {r["student"] for r in csv.DictReader((week.root / "grades/marks.csv").read_text().splitlines())}
    assert term == {"(full marks)", "ada", "bob", "eve"}
    # Whoever comes back is not graded again.
    back = grade(week, everybody, "--roster", "none")
    assert "the last run was told --roster" in said(back) and "0 submissions to grade, 4 unchanged" in said(back)
    assert reports(week) == before and not list((results / "aside").rglob("*.html"))


def test_after_a_run_that_was_stopped_the_export_says_so(week, tmp_path):
    folder = hand_in(week, tmp_path / "in", "ada", "bob")
    assert grade(week, folder).returncode == 0
    slow = "import time\ndef double(x):\n    time.sleep(2.5)\n    return 2 * x"
    for student in ("bob", "cy"):
        (folder / f"{student}.ipynb").write_text(week.with_code(LAB, slow))
    (folder / "ada.ipynb").unlink()
    program = [sys.executable, "-m", "autograder.cli", "grade", LAB, "--from", str(folder), "--workers", "1"]
    running = subprocess.Popen(program, cwd=week.root, stdout=subprocess.PIPE, text=True)
    run = week.root / "grades/week01/lab/run.json"
    while json.loads(run.read_text())["finished"]:
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    assert running.wait(60) == 130, running.stdout.read()
    done, marks = exported(week)
    assert "was stopped, 1 of 2 have results" in said(done) and set(marks) == {"bob"}, said(done)
    assert "moved to" in said(grade(week, folder, "--yes")) and "was stopped" not in said(exported(week)[0])


def test_what_a_run_was_told_holds_until_it_is_told_otherwise(week, tmp_path):
    folder = hand_in(week, tmp_path / "in", "ada", "bob")
    due = week.load().schedule(LAB).due
    times = tmp_path / "times.csv"
    times.write_text(f"student,submitted at\nada,{due:%Y-%m-%d} 12:00\nbob,{due.replace(day=due.day + 2):%Y-%m-%d} 12:00\n")
    assert grade(week, folder, "--times", times).returncode == 0
    late = {"ada": 4.0, "bob": 3.2}
    assert counted(week) == late
    again = grade(week, folder)
    assert counted(week) == late and f"as in the last run: --times {times}" in said(again)
    gone = grade(week, folder, "--times", "none")
    assert counted(week) == {"ada": 4.0, "bob": 4.0}
    assert "bob: 20% was taken for lateness, nothing now" in said(gone) and "ada: " not in said(gone).partition("graded.")[0]

    # Their coming back lowers a mark that is published: it is asked for, by name.
    refused = grade(week, folder, "--times", times, answer="n\n")
    assert refused.returncode == 3 and counted(week) == {"ada": 4.0, "bob": 4.0}
    assert "counts 4 → 3.2" in said(refused) and "results of bob stay as they were" in said(refused)
    assert grade(week, folder, "--yes").returncode == 0 and counted(week) == late

    ignoring = grade(week, folder, "--ignore-late")
    assert counted(week)["bob"] == 4.0 and "the last run counted lateness, this one ignores it" in said(ignoring)
    assert "--ignore-late" in said(grade(week, folder)) and exported(week)[1] == {"ada": "4", "bob": "4"}
    assert grade(week, folder, "--count-late", "--yes").returncode == 0 and exported(week)[1] == {"ada": "4", "bob": "3.2"}

    times.unlink()
    lost = grade(week, folder)
    assert lost.returncode == 1 and "`--times none` to do without" in said(lost) and counted(week) == late
    run = week.root / "grades/week01/lab/run.json"
    run.write_text("{")
    damaged = grade(week, folder)
    assert damaged.returncode == 1 and "run.json" in said(damaged) and "name --roster, --times" in said(damaged)


def test_a_mark_that_would_become_lower_is_shown_and_asked_for(week, tmp_path):
    folder = hand_in(week, tmp_path / "in", "ada")
    (folder / "bob.ipynb").write_text(week.with_code(LAB, "def triple(x): return 1 + 3 * x"))
    grade(week, folder, "--ignore-late")
    page = (week.root / "grades/week01/lab/feedback/ada.html").read_bytes()
    week.write_suite(1, STRICTER)
    nobody_to_ask = grade(week, folder)
    assert nobody_to_ask.returncode == 3 and "results of ada stay as they were" in said(nobody_to_ask)
    assert {s: score(r) for s, r in reports(week).items()} == {"ada": 4.0, "bob": 4.0}, "what rises needs no question"
    assert (week.root / "grades/week01/lab/feedback/ada.html").read_bytes() == page
    table = {r["student"]: r["score"] for r in csv.DictReader((week.root / "grades/week01/lab/grades.csv").open(newline=""))}
    assert table == {"ada": "4", "bob": "4"}
    agreed = grade(week, folder, answer="y\n")
    assert agreed.returncode == 0 and "0 submissions to grade" in said(agreed), "what was graded is kept until somebody decides"
    assert {s: score(r) for s, r in reports(week).items()} == {"ada": 2.0, "bob": 4.0}
    # A suite that was mended in the meantime: the held-back results are not taken for current ones.
    week.write_suite(1, SUITE)
    grade(week, folder, answer="n\n")
    assert {s: score(r) for s, r in reports(week).items()} == {"ada": 4.0, "bob": 4.0}
    (folder / "ada.ipynb").write_text("{")
    broken = grade(week, folder)
    assert broken.returncode == 3 and reports(week)["ada"]["status"] == "graded" and "graded → unreadable" in said(broken)
