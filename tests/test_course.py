"""course.toml: the shipped one is right, and every mistake is named with file, key and remedy."""

import datetime as dt
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.course import Limits, find_root, load_course, parse_assignment_id
from autograder.errors import CourseError

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def shipped():
    return load_course(ROOT)


@pytest.fixture
def copy(tmp_path):
    """A copy of the shipped file; returns a function that edits it and loads the course."""
    text = (ROOT / "course.toml").read_text()

    def load(*edits: tuple[str, str]):
        edited = text
        for old, new in edits:
            assert edited.count(old) >= 1, old
            edited = edited.replace(old, new, 1)
        (tmp_path / "course.toml").write_text(edited)
        return load_course(tmp_path)

    return load


def test_twelve_weeks_of_two_lectures_in_the_term(shipped):
    assert [w.number for w in shipped.weeks] == list(range(1, 13))
    assert len({w.folder for w in shipped.weeks}) == 12
    for week in shipped.weeks:
        days = [(start.strftime("%A %H:%M"), end.strftime("%H:%M")) for start, end in week.lectures]
        assert days == [("Monday 13:30", "15:05"), ("Friday 13:30", "15:05")]
        assert dt.date(2026, 3, 9) <= week.lectures[0][0].date() and week.lectures[1][1].date() <= dt.date(2026, 7, 3)
        for schedule in week.schedule.values():
            assert schedule.released < schedule.due
            assert schedule.released.utcoffset() in (dt.timedelta(hours=1), dt.timedelta(hours=2))
    mondays = [w.monday for w in shipped.weeks]
    assert mondays == sorted(set(mondays)) and all(m.weekday() == 0 for m in mondays)


def test_release_follows_the_lecture_and_due_dates_are_local_time(shipped):
    week = shipped.week(3)
    assert shipped.schedule("week03/homework").released == week.lectures[0][1]
    assert shipped.schedule("week03/lab").released == week.lectures[1][1]
    due = shipped.schedule("week03/lab").due
    assert (due.date() - week.lectures[1][1].date()).days == 7
    # Summer time begins on 29 March 2026, between the two: the due time stays 23:59 on the clock.
    assert due.strftime("%H:%M %z") == "23:59 +0200"
    assert shipped.schedule("week03/lab").released.strftime("%z") == "+0100"


def test_paths_of_an_assignment(shipped):
    paths = shipped.assignment_paths("week03/lab")
    assert paths.source == ROOT / "solutions/week03_multilayer_perceptrons/lab.py"
    assert paths.suite == ROOT / "solutions/week03_multilayer_perceptrons/hidden/test_lab.py"
    assert paths.answers == ROOT / "solutions/week03_multilayer_perceptrons/answers/lab"
    assert paths.student == ROOT / "assignments/week03_multilayer_perceptrons/lab.ipynb"


@pytest.mark.parametrize("wrong", ["week3/lab", "week03", "week03/exam", "week03/lab/x", "../week03/lab", "week03/lab\n"])
def test_ids_are_checked(shipped, wrong):
    with pytest.raises(CourseError, match="is no assignment id"):
        shipped.assignment_paths(wrong)
    assert parse_assignment_id("week11/homework") == (11, "homework")


def test_select_understands_what_people_type(copy, tmp_path):
    course = copy()
    for kind in ("lab", "homework"):
        path = course.assignment_paths(f"week03/{kind}").source
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    course.assignment_paths("week05/lab").source.parent.mkdir()
    course.assignment_paths("week05/lab").source.write_text("")
    both = ("week03/homework", "week03/lab")
    assert course.assignments() == (*both, "week05/lab") == course.select()
    assert course.select("3") == course.select("03") == course.select("week03") == course.select("week03/") == both
    assert course.select("week03/lab") == course.select("3/lab") == ("week03/lab",)
    for wrong in ("4", "13", "week05/homework", "lab", ""):
        with pytest.raises(CourseError, match=r"There are: week03/homework|has no week"):
            course.select(wrong)


MISTAKES = {
    "no TOML": ("[course]", "[course", "cannot be read as TOML"),
    "a date that does not exist": ("2026-07-03", "2026-06-31", "cannot be read as TOML"),
    "a date as text": ("first_day = 2026-03-09", 'first_day = "2026-03-09"', "[term] first_day: '2026-03-09' is no date"),
    "wrong weekday": ("first_day = 2026-03-09", "first_day = 2026-03-10", "first_day: 2026-03-10 is a Tuesday"),
    "wrong last weekday": ("2026-07-03", "2026-07-02", "last_day: 2026-07-02 is a Thursday"),
    "lecture day that is none": ('day = "Monday"', 'day = "Mon"', "[lecture 1] day: 'Mon' is no weekday"),
    "lecture that ends first": ("end = 15:05:00", "end = 13:05:00", "is not after the start"),
    "skip is no Monday": ("2026-03-30,", "2026-03-31,", "skip: 2026-03-31 is no Monday"),
    "skip twice": ("2026-04-06,", "2026-03-30,", "names a week twice"),
    "weeks do not fit": ("    2026-03-30, # Good Friday\n", "", "13 teaching weeks"),
    "unknown key": ("grace_minutes", "grace_minuets", "[late] grace_minuets: is no known key"),
    "unknown table": ("[late]", "[latte]", "[latte]: is no known key"),
    "missing key": ('title = "Statistical Learning"\n', "", "[week 1] title: is missing"),
    "time zone": ("Europe/Berlin", "Europe/Leipzig", "'Europe/Leipzig' is unknown"),
    "penalty": ("penalty_per_day = 0.1", "penalty_per_day = 10", "is no share of the score"),
    "penalty type": ("penalty_per_day = 0.1", "penalty_per_day = true", "True is no int or float"),
    "negative days": ("days = 5 ", "days = -5 ", "cannot be negative"),
    "grace of a day": ("grace_minutes = 30", "grace_minutes = 1440", "[late] grace_minutes: 1440 is a day or more"),
    "negative late days": ("late_days = 0", "late_days = -1", "[late] late_days: -1 is negative"),
    "negative drops": ("lab = 0", "lab = -2", "[drops] lab: -2 is negative"),
    "drops of no kind": ("lab = 0", "labs = 2", "[drops] labs: is no known key"),
    "roster type": ("[folders]", "[roster]\nfile = 3\n[folders]", "[roster] file: 3 is no str"),
    "blocked": ('blocked = "as_run"', 'blocked = "maybe"', "Write one of zero, as_run, manual"),
    "limit": ("memory_mb = 2048", "memory_mb = 0", "[limits] memory_mb: 0 leaves nothing"),
    "limit type": ("memory_mb = 2048", "memory_mb = 20.5", "20.5 is no int"),
    "follows no lecture": ("follows_lecture = 2", "follows_lecture = 3", "a week has 2 lectures"),
    "folder": ('folder = "week01_', 'folder = "week02_', "must begin with week01_"),
    "folder that escapes": ("week01_statistical_learning", "week01_../../x", "must begin with week01_"),
    "two weeks alike": (
        'number = 2\nfolder = "week02_generalized_linear_models"',
        'number = 1\nfolder = "week01_again"',
        "same number",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_names_file_key_and_remedy(copy, mistake):
    old, new, words = MISTAKES[mistake]
    with pytest.raises(CourseError) as caught:
        copy((old, new))
    assert "course.toml" in str(caught.value) and words in str(caught.value)


def test_a_week_overrides_dates_and_limits(copy):
    course = copy(
        (
            'title = "Multi-layer Perceptrons"\n',
            'title = "Multi-layer Perceptrons"\n[week.limits]\nmemory_mb = 3000\n[week.lab]\ndue = 2026-04-10T12:00:00\n'
            "[week.lab.limits]\ncell_seconds = 90\n",
        )
    )
    assert course.schedule("week03/lab").due.isoformat() == "2026-04-10T12:00:00+02:00"
    assert course.schedule("week03/homework").due.strftime("%H:%M") == "23:59"
    assert course.limits("week03/lab") == Limits(cell_seconds=90, memory_mb=3000)
    assert course.limits("week03/homework") == Limits(memory_mb=3000)
    assert course.limits("week04/lab") == Limits()


EXTENSION = '[[extension]]\nstudent = "alice"\nassignment = "week03/lab"\n'
WRONG_EXTENSIONS = {
    "nothing granted": (EXTENSION, "[extension 1] days: give one of"),
    "two things granted": (EXTENSION + "days = 1\nexcused = true\n", "[extension 1] days: give one of"),
    "an assignment that is none": (EXTENSION.replace("03", "13") + "days = 1\n", "assignment: 'week13/lab' is no assignment"),
    "nobody": (EXTENSION.replace("alice", " ") + "days = 1\n", "student: is empty"),
    "no days": (EXTENSION + "days = 0\n", "days: 0 is not between"),
    "before the due time": (EXTENSION + "until = 2026-04-03T23:59:00\n", "until: 2026-04-03 23:59 is not after the due time"),
    "an unknown key": (EXTENSION + "days = 1\nreasons = 'ill'\n", "reasons: is no known key"),
    "twice": (EXTENSION + "days = 1\n" + EXTENSION + "days = 2\n", "'alice' has an extension of week03/lab already"),
}


@pytest.mark.parametrize("mistake", WRONG_EXTENSIONS)
def test_an_extension_that_says_nothing_clear_is_refused(copy, mistake):
    text, words = WRONG_EXTENSIONS[mistake]
    with pytest.raises(CourseError) as caught:
        copy(("[folders]", text + "[folders]"))
    assert "course.toml: [extension" in str(caught.value) and words in str(caught.value)


def test_extensions_late_days_drops_and_roster(copy, tmp_path):
    more = (
        "days = 3\n" + EXTENSION.replace("alice", "bob") + "until = 2026-04-12\nreason = 'ill'\n"
        + EXTENSION.replace("alice", "carol") + "until = 2026-04-12T10:00:00Z\n"
        + EXTENSION.replace("alice", "dora") + "excused = true\n"
    )  # fmt: skip
    course = copy(("[folders]", EXTENSION + more + "[folders]"), ("late_days = 0", "late_days = 4"), ("lab = 0", "lab = 2"),
                  ("# [roster]\n# file", "[roster]\nfile"))  # fmt: skip
    due = {e.student: e.due.isoformat() for e in course.extensions}
    assert due["alice"] == "2026-04-06T23:59:00+02:00"
    assert due["bob"] == "2026-04-12T23:59:00+02:00", "a date alone keeps the time of day"
    assert due["carol"] == "2026-04-12T12:00:00+02:00"
    assert course.extension("dora", "week03/lab").excused and course.extension("dora", "week03/homework") is None
    assert course.late_policy.late_days == 4 and (course.drops.of("lab"), course.drops.of("homework")) == (2, 0)
    assert course.roster == tmp_path / "roster.csv"


def test_a_due_time_with_an_offset_is_the_courses_own_clock(copy):
    edit = ('title = "Multi-layer Perceptrons"\n', 'title = "X"\n[week.lab]\ndue = 2026-04-10T10:00:00Z\n')
    due = copy(edit).schedule("week03/lab").due
    assert due.isoformat() == "2026-04-10T12:00:00+02:00" and due.tzname() == "CEST"


def test_a_due_date_before_the_release_is_refused(copy):
    edit = ('title = "Multi-layer Perceptrons"\n', 'title = "X"\n[week.lab]\ndue = 2026-03-20T12:00:00\n')
    with pytest.raises(CourseError, match=r"\[week 3.lab\] due: 2026-03-20 12:00 is not after the release"):
        copy(edit)


def test_the_root_is_found_from_below(tmp_path):
    assert find_root(ROOT / "autograder" / "notebook") == ROOT
    with pytest.raises(CourseError, match=r"No course\.toml"):
        find_root(tmp_path)
    with pytest.raises(CourseError, match="does not exist"):
        load_course(tmp_path)


def test_the_secret_is_made_once_and_private(copy, tmp_path, monkeypatch):
    monkeypatch.delenv("AUTOGRADER_SECRET_FILE", raising=False)
    course = copy()
    secret = course.secret()
    assert len(secret) == 32 and course.secret() == secret == load_course(tmp_path).secret()
    path = tmp_path / ".autograder" / "secret"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in path.parent.iterdir()] in (["secret", ".gitignore"], [".gitignore", "secret"])
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    status = subprocess.run(
        ["git", "-C", str(tmp_path), "status", "--short", "-uall"], capture_output=True, text=True, check=True
    )
    assert "secret" not in status.stdout and "course.toml" in status.stdout
    assert secret.hex() not in (tmp_path / "course.toml").read_text()


def test_two_first_users_at_once_get_the_same_secret(copy, tmp_path):
    copy()
    code = "import sys; from autograder.course import load_course; print(load_course(sys.argv[1]).secret().hex())"
    env = {k: v for k, v in os.environ.items() if k != "AUTOGRADER_SECRET_FILE"} | {"PYTHONPATH": str(ROOT)}
    runs = [
        subprocess.Popen([sys.executable, "-c", code, tmp_path], stdout=subprocess.PIPE, text=True, env=env) for _ in range(4)
    ]
    assert len({run.communicate()[0] for run in runs}) == 1 and all(run.returncode == 0 for run in runs)


def test_a_secret_that_others_can_read_or_that_is_damaged_is_refused(copy, tmp_path, monkeypatch):
    path = tmp_path / "elsewhere"
    monkeypatch.setenv("AUTOGRADER_SECRET_FILE", str(path))
    course = copy()
    course.secret()
    path.chmod(0o644)
    with pytest.raises(CourseError, match=re.escape(f"chmod 600 {path}")):
        course.secret()
    path.chmod(0o600)
    path.write_text("short\n")
    with pytest.raises(CourseError, match="is damaged"):
        course.secret()
    monkeypatch.setenv("AUTOGRADER_SECRET_FILE", "/proc/nowhere/secret")
    with pytest.raises(CourseError, match="cannot be written"):
        course.secret()


def test_the_course_says_which_python_grades(copy):
    assert copy().python == "3.11"
    assert copy(('python = "3.11"', 'python = "3.13"')).python == "3.13"
    assert copy(('python = "3.11"\n', "")).python == "3.11"
    for nonsense in ("3.11", '"3.9"', '"3.14"', '"python3"', '"3.11.7"', "true", "[3]"):
        with pytest.raises(CourseError, match=r"course.toml: \[course\] python: .*3\.11, 3\.12, 3\.13"):
            copy(('python = "3.11"', f"python = {nonsense}"))
