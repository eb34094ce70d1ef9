"""course.toml: the shipped one is right, and every mistake is named with file, key and remedy."""

import datetime as dt
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.course import find_root, load_course, parse_assignment_id
from autograder.course.weeks import Limits
from autograder.errors import CourseError
from autograder.release.course_pages import readme_text

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
    mondays = [w.monday for w in shipped.weeks]
    assert mondays == sorted(set(mondays)) and all(m.weekday() == 0 for m in mondays)


def test_every_date_of_the_shipped_term(shipped):
    """Computed here from a calendar of days: China's holidays of 2026 that fall on a lecture's day, and one week left free."""
    holidays = {dt.date(2026, 4, 6), dt.date(2026, 5, 1), dt.date(2026, 5, 4), dt.date(2026, 6, 19)}
    term = [dt.date(2026, 3, 9) + dt.timedelta(days=n) for n in range((dt.date(2026, 7, 3) - dt.date(2026, 3, 9)).days + 1)]
    weeks = {}
    for day in term:
        weeks.setdefault(day.isocalendar().week, []).append(day)
    teaching = [days for days in weeks.values() if not holidays & set(days)][:12]
    assert len(weeks) == 17 and [w.monday for w in shipped.weeks] == [days[0] for days in teaching]
    working = [d for d in term if d.weekday() < 5 and d not in holidays]
    for week, days in zip(shipped.weeks, teaching, strict=True):
        for kind, day in (("homework", days[0]), ("lab", days[4])):
            friday = days[4] + dt.timedelta(days=7)
            due = friday if friday not in holidays else min(d for d in working if d > friday)
            schedule = week.schedule[kind]
            assert schedule.released.isoformat() == f"{day}T15:05:00+08:00"
            assert schedule.due.isoformat() == f"{due}T23:59:00+08:00"
    assert shipped.schedule("week06/lab").due.date() == dt.date(2026, 5, 5), "not on Labour Day, nor on the day off after it"
    assert shipped.weeks[-1].schedule["lab"].due.date() == dt.date(2026, 7, 3)


def test_the_course_says_who_where_and_for_whom(shipped):
    about = shipped.about
    assert about.lecturer == "Shailesh Lal" and "room A3-2a-201" in about.venue and about.online
    assert len(about.themes) == 6 and [w for t in about.themes for w in t.weeks] == list(range(1, 13))
    page = readme_text(shipped, ["week03/lab"])
    for words in (
        "**Lecturer**: Shailesh Lal", "room A3-2a-201 (also online)", "**Prerequisites**: Linear algebra",
        "Primer on neural networks (weeks 3 and 4)", "Generative models (week 11)", "Monday 13:30 to 15:05",
        "due (Asia/Shanghai)", "Fri 2026-05-01 (Labour Day, the whole week)", "the week of Mon 2026-06-29",
    ):  # fmt: skip
        assert words in page, words
    assert "Lecturer" not in readme_text(shipped, ["week03/lab"], wheel="x.whl"), "a bundle's page is about its notebooks"


BERLIN = [("Asia/Shanghai", "Europe/Berlin")]


def test_release_follows_the_lecture_and_due_dates_are_local_time(copy):
    course = copy(*BERLIN)
    week = course.week(3)
    assert course.schedule("week03/homework").released == week.lectures[0][1]
    assert course.schedule("week03/lab").released == week.lectures[1][1]
    due = course.schedule("week03/lab").due
    assert (due.date() - week.lectures[1][1].date()).days == 7
    # Summer time begins on 29 March 2026, between the two: the due time stays 23:59 on the clock.
    assert due.strftime("%H:%M %z") == "23:59 +0200"
    assert course.schedule("week03/lab").released.strftime("%z") == "+0100"


def one_holiday(day: str, effect: str) -> tuple[tuple[str, str], ...]:
    """Edits that leave one holiday in the term; its week takes part again, so another one is left free."""
    return (
        ('day = 2026-04-06\nname = "Qingming Festival"\neffect = "week"', f'day = {day}\nname = "H"\neffect = "{effect}"'),
        ("skip = [2026-06-29]", "skip = [2026-06-29, 2026-06-22]"),
    )


MOVED = {  # holiday, effect -> the week it is in, its lectures, when homework and lab are out
    ("2026-03-16", "move"): (2, "Tue 17, Fri 20", "Tue 17", "Fri 20"),
    ("2026-03-20", "move"): (2, "Mon 16, Thu 19", "Mon 16", "Thu 19"),
    ("2026-03-16", "cancel"): (2, "Fri 20", "Fri 20", "Fri 20"),
    ("2026-03-20", "cancel"): (2, "Mon 16", "Mon 16", "Mon 16"),
}


@pytest.mark.parametrize("how", MOVED, ids=" ".join)
def test_a_holiday_moves_a_lecture_and_what_hangs_on_it(copy, how):
    number, lectures, homework, lab = MOVED[how]
    week = copy(*one_holiday(*how)).week(number)
    assert ", ".join(f"{start:%a %d}" for start, _ in week.lectures) == lectures
    assert f"{week.schedule['homework'].released:%a %d}" == homework and f"{week.schedule['lab'].released:%a %d}" == lab
    assert f"{week.schedule['lab'].released:%H:%M}" == "15:05"


def test_two_holidays_with_a_weekend_between_them_move_two_lectures_in_order(copy):
    """Friday 1 May and Monday 4 May: the next working days are Tuesday and Wednesday."""
    keep = [(f'day = {day}\nname = "{name}"\neffect = "week"', f'day = {day}\nname = "{name}"')
            for day, name in (("2026-05-01", "Labour Day"), ("2026-05-04", "Labour Day holiday"))]  # fmt: skip
    course = copy(*keep, ("skip = [2026-06-29]", "skip = [2026-06-29, 2026-06-08, 2026-06-22]"))
    april, may = (next(w for w in course.weeks if w.monday == dt.date(2026, *day)) for day in ((4, 27), (5, 4)))
    assert [str(start.date()) for start, _ in (*april.lectures, *may.lectures)] == [
        "2026-04-27", "2026-05-05", "2026-05-06", "2026-05-08"]  # fmt: skip
    assert "that of Fri 2026-05-01 is on Tue 2026-05-05" in readme_text(course, [])


def test_a_week_whose_lectures_are_all_cancelled_is_refused(copy):
    more = '[[holiday]]\nday = 2026-03-20\nname = "I"\neffect = "cancel"\n\n[[holiday]]\nday = 2026-05-01'
    with pytest.raises(CourseError, match=r'week 2 has no lecture left\. Write effect = "week"'):
        copy(*one_holiday("2026-03-16", "cancel"), ("[[holiday]]\nday = 2026-05-01", more))


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
    "a holiday outside the term": ("day = 2026-05-01", "day = 2026-08-01", "[holiday 2] day: 2026-08-01 is not in the term"),
    "a holiday twice": ("day = 2026-05-04", "day = 2026-05-01", "[holiday 3] day: 2026-05-01 is a holiday already"),
    "a holiday's effect": ('effect = "week"', 'effect = "weak"', "effect: 'weak' is unknown. Write one of week, move, cancel"),
    "a theme of an unknown week": ("weeks = [11]", "weeks = [13]", "[theme 5] weeks: 13 is no week of this course"),
    "a week of two themes": ("weeks = [11]", "weeks = [10, 11]", "[theme 5] weeks: names a week that a theme has already"),
    "a theme without weeks": ("weeks = [11]", "weeks = []", "[theme 5] weeks: is empty"),
    "online as text": ("online = true", 'online = "yes"', "[about] online: 'yes' is no bool"),
    "wrong weekday": ("first_day = 2026-03-09", "first_day = 2026-03-10", "first_day: 2026-03-10 is a Tuesday"),
    "wrong last weekday": ("2026-07-03", "2026-07-02", "last_day: 2026-07-02 is a Thursday"),
    "lecture day that is none": ('day = "Monday"', 'day = "Mon"', "[lecture 1] day: 'Mon' is no weekday"),
    "lecture that ends first": ("end = 15:05:00", "end = 13:05:00", "is not after the start"),
    "skip is no Monday": ("[2026-06-29]", "[2026-06-30]", "skip: 2026-06-30 is no Monday"),
    "skip twice": ("[2026-06-29]", "[2026-06-29, 2026-06-29]", "names a week twice"),
    "weeks do not fit": ("[2026-06-29]", "[]", "13 teaching weeks"),
    "unknown key": ("grace_minutes", "grace_minuets", "[late] grace_minuets: is no known key"),
    "unknown table": ("[late]", "[latte]", "[latte]: is no known key"),
    "missing key": ('title = "Statistical Learning"\n', "", "[week 1] title: is missing"),
    "time zone": ("Asia/Shanghai", "Europe/Leipzig", "'Europe/Leipzig' is unknown"),
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
        *BERLIN,
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
    assert re.search(r"course\.toml:\d+: \[extension", str(caught.value)) and words in str(caught.value)


def test_extensions_late_days_drops_and_roster(copy, tmp_path):
    more = (
        "days = 3\n" + EXTENSION.replace("alice", "bob") + "until = 2026-04-12\nreason = 'ill'\n"
        + EXTENSION.replace("alice", "carol") + "until = 2026-04-12T10:00:00Z\n"
        + EXTENSION.replace("alice", "dora") + "excused = true\n"
    )  # fmt: skip
    course = copy(*BERLIN, ("[folders]", EXTENSION + more + "[folders]"), ("late_days = 0", "late_days = 4"),
                  ("lab = 0", "lab = 2"), ("# [roster]\n# file", "[roster]\nfile"))  # fmt: skip
    due = {e.student: e.due.isoformat() for e in course.extensions}
    assert due["alice"] == "2026-04-06T23:59:00+02:00"
    assert due["bob"] == "2026-04-12T23:59:00+02:00", "a date alone keeps the time of day"
    assert due["carol"] == "2026-04-12T12:00:00+02:00"
    assert course.extension("dora", "week03/lab").excused and course.extension("dora", "week03/homework") is None
    assert course.late_policy.late_days == 4 and (course.drops.of("lab"), course.drops.of("homework")) == (2, 0)
    assert course.roster == tmp_path / "roster.csv"


def test_a_due_time_with_an_offset_is_the_courses_own_clock(copy):
    edit = ('title = "Multi-layer Perceptrons"\n', 'title = "X"\n[week.lab]\ndue = 2026-04-10T10:00:00Z\n')
    due = copy(*BERLIN, edit).schedule("week03/lab").due
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
        with pytest.raises(CourseError, match=r"course.toml:\d+: \[course\] python: .*3\.11, 3\.12, 3\.13"):
            copy(('python = "3.11"', f"python = {nonsense}"))
