"""`autograder nbgrader init`: nbgrader's course directory made from ours, or brought up to date.

    nbgrader/
      nbgrader_config.py            a block of ours, everything else the instructor's
      gradebook.db                  nbgrader's database, unless course.toml names another
      source/week03-lab/lab.ipynb   the student notebook, generated; hidden suites and solutions never lie here
      release/ submitted/ autograded/ feedback/    nbgrader's own

Release, fetch, submit, collect, feedback and export are nbgrader's commands. Nothing that nbgrader or a person wrote is removed.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.course import Course
from autograder.errors import AuthoringError, CourseError
from autograder.gradebook_place import DATABASE_ENV, NBGRADER_CONFIG, GradebookPlace
from autograder.grading.store import write_whole
from autograder.notebook.source import load_assignment
from autograder.notebook.student import student_notebook, to_text
from autograder.platforms.nbgrader.names import assignment_of, nbgrader_assignment, nbgrader_notebook

_BEGIN = "# >>> autograder: `autograder nbgrader init` writes from here ..."
_END = "# <<< autograder: ... to here; what stands outside is yours, and what stands below wins"
_OWN = """\
# nbgrader's configuration for this course. Yours to edit outside the marked block; for example
#   c.Exchange.root = "/srv/nbgrader/exchange"
"""
_BLOCK = """\
import os
from pathlib import Path

c = get_config()
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.CourseDirectory.course_id = {course_id!r}
c.CourseDirectory.db_url = os.environ.get({variable!r}) or {url!r}

# Student notebooks are ready as they are: nbgrader's own preprocessors would take the stubs out.
c.GenerateAssignment.preprocessors = [
    "nbgrader.preprocessors.LockCells",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.CheckCellMetadata",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.SaveCells",
    "autograder.gradebook.sealed_kernel.SealKernel",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# Submissions are read, repaired and graded by the autograder: student code runs in its jail and in no kernel.
c.Autograde.exporter_class = "autograder.gradebook.external_grade.SubmissionExporter"
c.Autograde.pre_convert_hook = "autograder.gradebook.external_grade.find_renamed"
c.Autograde.sanitize_preprocessors = ["nbgrader.preprocessors.CheckCellMetadata"]
c.Autograde.autograde_preprocessors = [
    "autograder.gradebook.external_grade.ExternalGrade",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.SubmissionExporter.course_root = c.ExternalGrade.course_root = {root!r}
c.AssignLatePenalties.plugin_class = "autograder.gradebook.late_penalty.CourseLatePenalty"

# A mark given by hand changes what lateness costs: it is reckoned again when feedback is made.
c.GenerateFeedback.preprocessors = [
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.GetGrades",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]

# Raw HTML of an answer must not run in the browser of whoever marks it.
c.HTMLExporter.filters = {{"markdown2html": "autograder.gradebook.safe_markdown.markdown2html"}}
c.HTMLExporter.sanitize_html = True
c.ExportApp.plugin_class = "autograder.gradebook.mark_export.MarkExport"
"""


@dataclass(frozen=True)
class Initialised:
    """What `init` did.

    Attributes:
        written, fresh: source notebooks, by nbgrader's names, that were written or were up to date.
        kept: those that an author's mistake left as they were; a note says why.
        notes: lines that need a look.
    """

    place: GradebookPlace
    written: tuple[str, ...]
    fresh: tuple[str, ...]
    kept: tuple[str, ...]
    notes: tuple[str, ...]


def init(course: Course, place: GradebookPlace, assignments: Sequence[str]) -> Initialised:
    """Makes or updates the course directory at `place`.

    Args:
        assignments: our ids.

    Raises:
        CourseError: the folder is no place for it, cannot be written, or the database does not answer.
    """
    from autograder.platforms.nbgrader.book import open_book  # a database library and a web server

    check_place(course, place)
    written, fresh, kept, notes = [], [], [], []
    write_config(course, place)
    with open_book(place.url, course.id) as book:
        for assignment_id in assignments:
            name = nbgrader_assignment(assignment_id)
            try:
                released = student_notebook(load_assignment(course, assignment_id))
            except AuthoringError as e:
                kept.append(name)
                notes.append(f"{name} is left as it was. {e}")
                continue
            path = place.directory / "source" / name / f"{nbgrader_notebook(assignment_id)}.ipynb"
            text = to_text(released)
            changed = not path.is_file() or path.read_text(encoding="utf-8") != text
            if changed:
                write_whole(path, text)
                path.chmod(0o644)
            (written if changed else fresh).append(name)
            notes += book.register(assignment_id, released, course.schedule(assignment_id).due)
    notes += _left_over(course, place)
    return Initialised(place, tuple(written), tuple(fresh), tuple(kept), tuple(notes))


def check_place(course: Course, place: GradebookPlace) -> None:
    """Refuses a folder where students' notebooks and hidden suites would lie in one tree.

    Raises:
        CourseError: it is one.
    """
    directory = place.directory.resolve()
    for private in (course.solutions, course.assignments_folder):
        other = private.resolve()
        if directory.is_relative_to(other) or other.is_relative_to(directory / "source"):
            raise CourseError(f"{directory} and {other} must not lie in one another. Give another folder for nbgrader.")


def write_config(course: Course, place: GradebookPlace) -> None:
    """Writes our block of nbgrader_config.py; the rest of the file stays as it is."""
    path = place.directory / NBGRADER_CONFIG
    # What the environment says may hold a password, and is not written down.
    body = _BLOCK.format(course_id=course.id, variable=DATABASE_ENV, url=place.stored_url, root=str(course.root))
    block = f"{_BEGIN}\n{body}{_END}\n"
    old = path.read_text(encoding="utf-8") if path.is_file() else _OWN
    head, begin, rest = old.partition(_BEGIN)
    if begin:
        _, end, tail = rest.partition(_END)
        if not end:
            raise CourseError(f"{path} has lost the line {_END!r}. Put it back behind our block, or delete the block.")
        new = f"{head}{block}{tail.removeprefix(os.linesep)}"
    else:
        new = f"{old.rstrip()}\n\n{block}"
    if new != old or not path.is_file():
        write_whole(path, new)


def _left_over(course: Course, place: GradebookPlace) -> list[str]:
    there = {nbgrader_assignment(a) for a in course.assignments()}
    source = place.directory / "source"
    names = sorted(p.name for p in source.iterdir() if p.is_dir()) if source.is_dir() else []
    return [
        f"source/{name} has no solution notebook any more: delete it, or restore its week."
        for name in names
        if name not in there and assignment_of(name)
    ]
