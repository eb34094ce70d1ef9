"""What lies beside the student notebooks: the page that says how to set up, work and hand in, and requirements-student.txt.

Generated, like everything in `assignments/`. PUBLIC. Reads course.toml and the list of packages; runs nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import jinja2

from autograder.course import Course
from autograder.course.weeks import Week
from autograder.lock import graded_with
from autograder.term import DAYS, WEEK
from course_lib.packages import wanted

REQUIREMENTS_FILE, README_FILE = "requirements-student.txt", "README.md"
_TEMPLATES = Path(__file__).parent / "templates"
_EDITOR = ("ipykernel>=6.29", "jupyterlab>=4.4")
_REQUIREMENTS = """\
# What the notebooks need on your computer:  python -m pip install -r requirements-student.txt
# Submissions are graded with Python {python}; 3.11 and newer do. Linux, Windows, or a Mac with Apple silicon. In Colab nothing
# has to be installed by hand.
# The course's own library is not here: every notebook carries it.
{packages}
"""


@dataclass(frozen=True)
class _Line:
    """One notebook in the table of dates."""

    name: str
    path: str
    released: str
    due: str


def requirements_text(course: Course) -> str:
    """requirements-student.txt: the notebooks' packages and an editor; neither nbgrader nor otter-grader is needed."""
    packages = sorted([*library_requirements(course), *_EDITOR])
    return _REQUIREMENTS.format(python=course.python, packages="\n".join(packages))


def library_requirements(course: Course) -> tuple[str, ...]:
    """What the wheel of the library asks pip for."""
    return tuple(sorted(wanted(graded_with(course)).values()))


def readme_text(course: Course, assignments: Iterable[str], *, wheel: str = "") -> str:
    """The students' page.

    Args:
        assignments: the notebooks in its table of dates.
        wheel: name of the library's wheel beside it: the page of one week's bundle, whose notebooks lie beside it too.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # Markdown from course.toml, which is the instructor's own
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    lines = [_line(course, assignment, flat=bool(wheel)) for assignment in assignments]
    template = environment.get_template("students.md.j2")
    return template.render(
        course=course, lines=lines, facts=_facts(course), wheel=wheel, zone=course.time_zone.key, late=course.late_policy
    )


def _facts(course: Course) -> list[tuple[str, str]]:
    """What the course file tells about the course, one line each; what it leaves out has none."""
    about, term = course.about, course.term
    place = [about.venue, ("(also online)" if about.venue else "online") if about.online else ""]
    times = ", ".join(f"{x.day} {x.start:%H:%M} to {x.end:%H:%M}" for x in course.lectures)
    facts = [
        ("Lecturer", about.lecturer),
        ("Lectures", f"{times} ({course.time_zone.key}), from {term.first_day} to {term.last_day}"),
        ("No lectures", _without(course)),
        ("Where", " ".join(filter(None, place))),
        ("Language", about.language),
        ("For whom", about.audience),
        ("Prerequisites", about.prerequisites),
        ("Themes", "; ".join(f"{t.title} ({_numbers(t.weeks)})" for t in about.themes)),
    ]
    return [(name, text) for name, text in facts if text]


def _without(course: Course) -> str:
    """Holidays and free weeks; a lecture on another day is named with it."""
    said = [f"{_day(h.day)} ({h.name}{', the whole week' if h.effect == WEEK else ''})" for h in course.term.holidays]
    said += [f"the week of {_day(m)}" for m in course.term.free]
    moved = [f"that of {_day(a)} is on {_day(b)}" for a, b in course.term.moved() if b]
    return ", ".join(said) + "".join(f"; {m}" for m in moved)


def _numbers(weeks: tuple[int, ...]) -> str:
    return f"week {weeks[0]}" if len(weeks) == 1 else f"weeks {', '.join(map(str, weeks[:-1]))} and {weeks[-1]}"


def _line(course: Course, assignment: str, *, flat: bool) -> _Line:
    path, schedule = course.assignment_paths(assignment).student, course.schedule(assignment)
    week = _week(course, assignment)
    return _Line(
        name=f"Week {week.number}, {path.stem}: {week.title}",
        path=path.name if flat else path.relative_to(course.assignments_folder).as_posix(),
        released=_moment(schedule.released),
        due=_moment(schedule.due),
    )


def _week(course: Course, assignment: str) -> Week:
    return next(w for w in course.weeks if assignment.startswith(f"{w.id}/"))


def _moment(when: dt.datetime) -> str:
    return f"{_day(when)} {when:%H:%M}"


def _day(day: dt.date) -> str:
    # No %a and %b: they speak the language of the machine that builds.
    return f"{DAYS[day.weekday()][:3]} {day:%Y-%m-%d}"
