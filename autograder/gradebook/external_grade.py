"""Our engine under nbgrader's `autograde`, from the command line and from formgrader's button: named in nbgrader_config.py.

nbgrader reads a submission with `SubmissionExporter` (bounded, repaired, nothing run), then asks `ExternalGrade` for its marks:
they come from our suites and jail, by the file as it was handed in, and go into the gradebook with the comments.
"""

from __future__ import annotations

import os
from pathlib import Path

from nbconvert.exporters import NotebookExporter
from nbgrader.converters import NbGraderException
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Unicode

from autograder.course import Course, load_course
from autograder.errors import AutograderError, SubmissionError
from autograder.gradebook.class_entries import extension_of
from autograder.gradebook.grading_desk import desk
from autograder.gradebook.hand_in_folder import find, stamp
from autograder.gradebook.repaired_notebook import repair, unreadable_notebook
from autograder.grading.target import SUBMISSION_MB
from autograder.model import Report, Status, Submission
from autograder.notebook.companions import read
from autograder.notebook.intake import collect
from autograder.notebook.source import load_assignment
from autograder.notebook.student import student_notebook
from autograder.notebook.submission import read_submission
from autograder.platforms.nbgrader.book import Entry, open_book
from autograder.platforms.nbgrader.names import assignment_of, nbgrader_notebook
from autograder.report.printable import printable


def find_renamed(assignment: str, student: str, notebooks: list[str]) -> None:
    """nbgrader's `pre_convert_hook`: a notebook that the student renamed gets its name back, or nbgrader would pass it over.

    Args:
        assignment, student: as nbgrader calls hooks; globs, so the paths decide.
        notebooks: paths of one submission; changed in place.
    """
    if not notebooks:
        return
    folder = Path(notebooks[0]).parent
    assignment_id = assignment_of(folder.name)
    if assignment_id is None:
        return
    wanted = folder / f"{nbgrader_notebook(assignment_id)}.ipynb"
    if not os.path.lexists(wanted):
        notebook = _only(folder, assignment_id)
        if notebook is not None:
            notebook.rename(wanted)
    notebooks[:] = [str(wanted)]


def _only(folder: Path, assignment_id: str) -> Path | None:
    """The notebook that counts among those in a folder, none of which has its proper name."""
    intake = collect(folder, assignment_id, max_mb=SUBMISSION_MB, schemes=(lambda parts, assignment: "one",))
    return next((file for file in intake.files if file.parent == folder), None)


class SubmissionExporter(NotebookExporter):
    """Reads a submission whatever its state; every grade id of the released notebook is there once."""

    course_root = Unicode("", help="The folder that holds course.toml.").tag(config=True)

    def from_filename(self, filename, resources=None, **kw):
        """The notebook that people mark; for files other than submissions of ours, what they hold."""
        resources = resources or {}
        coursedir, names = self.parent.coursedir, resources["nbgrader"]
        folder = coursedir.format_path(coursedir.submitted_directory, names["student"], names["assignment"])
        if Path(filename).parent.resolve() != Path(folder).resolve():
            return super().from_filename(filename, resources=resources, **kw)
        assignment_id = _ours(names["assignment"])
        course = load_course(Path(self.course_root))
        released = student_notebook(load_assignment(course, assignment_id))
        try:
            submission, file, _ = find(course, Path(folder), names["student"], assignment_id)
            submitted = read_submission(file, SUBMISSION_MB, assignment=assignment_id, within=Path(folder))
            brought = read(submission.companions, submitted.carried)
        except SubmissionError as e:
            self.log.error("%s: %s", printable(names["student"]), e)
            return self.from_notebook_node(unreadable_notebook(released, str(e)), resources=resources, **kw)
        repaired = repair(released, submitted, brought)
        for note in repaired.notes:
            self.log.warning("%s: %s", printable(names["student"]), note)
        return self.from_notebook_node(repaired.notebook, resources=resources, **kw)


class ExternalGrade(NbGraderPreprocessor):
    """Grades the submission that the notebook was made from, and writes marks and comments into the gradebook."""

    course_root = Unicode("", help="The folder that holds course.toml.").tag(config=True)
    unsafe_no_sandbox = Bool(False, help="Grade even where submissions cannot be isolated; reports say so.").tag(config=True)

    def preprocess(self, nb, resources):
        """Leaves the notebook as it is.

        Raises:
            NbGraderException: it cannot be graded here; one line says why and what to do.
        """
        names, coursedir = resources["nbgrader"], self.parent.parent.coursedir
        folder = Path(coursedir.format_path(coursedir.submitted_directory, names["student"], names["assignment"]))
        try:
            self._grade(nb, load_course(Path(self.course_root)), folder.resolve(), names)
        except AutograderError as e:
            self.log.error("%s", e)
            raise NbGraderException(str(e)) from None
        return nb, resources

    def _grade(self, nb, course: Course, folder: Path, names: dict) -> None:
        assignment_id = _ours(names["assignment"])
        student, source = printable(names["student"]), load_assignment(course, assignment_id)
        try:
            submission, file, said = find(course, folder, names["student"], assignment_id)
            for line in said:
                self.log.warning("%s: %s", student, printable(line))
            report = desk.grade(course, assignment_id, submission, file, self.unsafe_no_sandbox)
        except SubmissionError as e:  # nothing there: nbgrader has written zeros for that
            nobody = Submission(student, str(folder))
            report = Report(assignment_id, source.assignment.title, nobody, Status.UNREADABLE, reason=str(e))
        if report.status is not Status.GRADED:
            self.log.error("%s: %s (%s)", student, report.reason, report.status)
        released = student_notebook(source)
        with open_book(names["db_url"], course.id) as book:
            for line in book.register(assignment_id, released, course.schedule(assignment_id).due):
                self.log.warning("%s", line)
            waits = book.write(Entry(report, nb, stamp(folder), names["student"], extension_of(course, report)))
        more = "; something in it waits for a person" if waits else ""
        self.log.info("%s: %g of %g points that the machine marks%s", student, report.score, report.auto_points, more)


def _ours(name: str) -> str:
    """Our id of an assignment by nbgrader's name.

    Raises:
        NbGraderException: it has none.
    """
    assignment_id = assignment_of(name)
    if assignment_id is None:
        raise NbGraderException(
            f"{name!r} is no assignment of course.toml (week03-lab would be). Grade it in a course directory of its own, "
            "whose nbgrader_config.py has not our block."
        )
    return assignment_id
