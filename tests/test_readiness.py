"""What `autograder doctor` says of a course before its class is graded: each thing that a run needs, missing in turn."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from autograder import readiness
from autograder.lock import LOCK

NOW = dt.datetime(2026, 3, 14, tzinfo=dt.UTC)
SUITE = """
    @question("double", reference="2 x")
    class TestDouble:
        def test_it(self, student, rng):
            assert_close(student.double(2.0), 4.0)
"""


@pytest.fixture
def course(small_course):
    small_course.add(1, {"double": "def double(x):\n    return 2 * x"}, SUITE)
    return small_course


def edit(course, old: str, new: str) -> None:
    file = course.root / "course.toml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new, 1))


def told(course, now: dt.datetime = NOW) -> dict[str, tuple[bool, str]]:
    """about -> whether all of it is in order, and what was said."""
    found: dict[str, tuple[bool, str]] = {}
    for one in readiness.findings(course.load(), now):
        ok, text = found.get(one.about, (True, ""))
        found[one.about] = (ok and one.ok, f"{text} {one.text}".strip())
    return found


def test_a_course_that_is_ready(course):
    (course.root / "roster.csv").write_text("student\nada\nbob\n")
    edit(course, "[term]", '[roster]\nfile = "roster.csv"\n[term]')
    found = told(course)
    ours = "{}.{}".format(*sys.version_info)
    bad = {about: text for about, (ok, text) in found.items() if not ok}
    assert set(bad) <= ({"Python"} if ours != "3.11" else set()), bad
    assert found["class list"][1].startswith("2 people in ")
    assert "week01/lab is due next, on Friday, 2026-03-20 23:59 (Europe/Berlin)" in found["dates"][1]
    assert "worker" in found["workers"][1] and "GB" in found["disk"][1]


@pytest.mark.parametrize(
    ("about", "change", "says"),
    [
        ("class list", lambda c: edit(c, "[term]", '[roster]\nfile = "gone.csv"\n[term]'), "gone.csv"),
        ("workers", lambda c: edit(c, "memory_mb = 1500", "memory_mb = 99000000"), "too little even for one"),
        ("versions", lambda c: (c.root / LOCK).write_text("click==0.0.1 \\\n    --hash=sha256:00\n"), "(lock: 0.0.1). Run: make"),
    ],
)
def test_what_is_missing_is_said_with_a_remedy(course, about, change, says):
    change(course)
    ok, text = told(course)[about]
    assert not ok and says in text.lower() + text


def test_the_lock_may_tell_releases_of_one_series_apart(course):
    """As it does for Debian 12's 3.11.2."""
    here = platform.python_version()
    pin = "{0}=={1} ; python_full_version {2} '{3}' \\\n    --hash=sha256:00\n"
    click = importlib.metadata.version("click")
    (course.root / LOCK).write_text(pin.format("click", click, "<=", here) + pin.format("click", "99.0", ">", here))
    assert "99.0" not in told(course)["versions"][1]


def test_last_years_dates_and_an_extension_for_nobody(course):
    ok, text = told(course, NOW + dt.timedelta(days=300))["dates"]
    assert not ok and "are these last year's dates?" in text
    assert told(course, NOW + dt.timedelta(days=30))["dates"][0]
    (course.root / "roster.csv").write_text("student\nada\n")
    edit(course, "[term]", '[roster]\nfile = "roster.csv"\n[term]')
    with open(course.root / "course.toml", "a") as file:
        file.write('[[extension]]\nstudent = "adda"\nassignment = "week01/lab"\ndays = 1\n')
    ok, text = told(course)["class list"]
    assert not ok and "extensions for adda: not in" in text


def test_more_workers_than_cores(course):
    (found,) = (f for f in readiness.findings(course.load(), NOW, workers=4000) if f.about == "workers")
    assert not found.ok and "4000 workers would wait for each other: grade with --workers " in found.text


def test_a_disk_that_is_nearly_full(course, monkeypatch):
    monkeypatch.setattr(readiness, "LEAST_FREE_MB", 10**12)
    ok, text = told(course)["disk"]
    assert not ok and "Free some space there" in text and str(course.root / "grades") in text


def test_the_command_says_both_and_works_outside_of_a_course(course, tmp_path):
    def doctor(where: Path) -> subprocess.CompletedProcess:
        program = [sys.executable, "-m", "autograder.cli", "doctor"]
        return subprocess.run(program, cwd=where, capture_output=True, text=True, check=False, timeout=120)

    inside = doctor(course.root)
    assert "Isolation: " in inside.stdout and "What a run of A small course needs:" in inside.stdout, inside.stderr
    assert inside.returncode == 1 and " !  dates: " in inside.stdout, "the small course's term is long over"
    outside = doctor(tmp_path)
    assert "Isolation: " in outside.stdout and "needs:" not in outside.stdout and "Traceback" not in outside.stderr
