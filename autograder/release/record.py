"""What students were given: the points of each question, written down by `autograder release` beside the solutions.

`autograder build` compares: whoever has read "4 points" must not be marked out of 5. The file belongs into the repository.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path

from autograder.course import Course, parse_assignment_id
from autograder.errors import AuthoringError
from autograder.files import write_whole
from autograder.notebook.source_cells import Role, SourceNotebook

RECORD_FILE = "released.toml"
_HEAD = """\
# What students were given, by `autograder release`. Commit this file: `autograder build` refuses other points.
# When students have been told of new ones: autograder build WEEK --new-points
"""


def record_path(course: Course, assignment_id: str) -> Path:
    """Where the record of an assignment's week lies."""
    return course.assignment_paths(assignment_id).source.with_name(RECORD_FILE)


def is_released(course: Course, assignment_id: str) -> bool:
    """Whether there is a record of this assignment. Raises AuthoringError where it is damaged."""
    return parse_assignment_id(assignment_id)[1] in _read(record_path(course, assignment_id))


def write_record(course: Course, source: SourceNotebook) -> None:
    """Notes the points that a notebook is released with; nothing is written where they are noted already.

    Raises:
        AuthoringError: the record is damaged.
        CourseError: it cannot be written.
    """
    path, (_, kind) = record_path(course, source.assignment.id), parse_assignment_id(source.assignment.id)
    known, points = _read(path), {q.id: q.points for q in source.assignment.questions}
    if known.get(kind, {}).get("points") == points:
        return
    known[kind] = {"on": dt.datetime.now(course.time_zone).date(), "points": points}
    text = _HEAD
    for name, told in sorted(known.items()):
        text += f"\n[{name}]\non = {told['on']}\n\n[{name}.points]\n"
        text += "".join(f"{question} = {value:g}\n" for question, value in told["points"].items())
    write_whole(path, text.encode())


def check_points(course: Course, source: SourceNotebook) -> None:
    """Refuses points that differ from those that students were given.

    Raises:
        AuthoringError: a question's points differ, or a question was added or taken away; it names the heading's line.
    """
    path, (_, kind) = record_path(course, source.assignment.id), parse_assignment_id(source.assignment.id)
    told = _read(path).get(kind)
    if told is None:
        return
    headings = {c.question: c.index for c in source.cells if c.role is Role.HEADING}
    now = {q.id: q.points for q in source.assignment.questions}
    for question in (*now, *(q for q in told["points"] if q not in now)):
        before, after = told["points"].get(question), now.get(question)
        if before != after:
            was = f"with {before:g} points" if before is not None else "without this question"
            is_now = f"it has {after:g} points" if after is not None else "it is not there any more"
            problem = f"question {question!r} was released {was} (on {told['on']}), and now {is_now}."
            remedy = f"Put it back; or tell students, then run `autograder build {source.assignment.id} --new-points`."
            cell = headings.get(question)
            raise AuthoringError(source.path, problem, remedy, cell, source.lines.of(cell))


def _read(path: Path) -> dict[str, dict]:
    """By "lab" and "homework": `on`, a date, and `points`, by question."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise AuthoringError(path, f"the record of what was released cannot be read: {error}.", "Restore it from Git.") from None
    for kind, told in data.items():
        if not (isinstance(told, dict) and isinstance(told.get("points"), dict) and "on" in told):
            problem = f"[{kind}] is no record of a release."
            raise AuthoringError(path, problem, "Restore it from Git, or remove the file and release again.")
    return data
