"""The solution notebook of an assignment, read and held against every rule and its hidden suite."""

from __future__ import annotations

from dataclasses import replace

from autograder.course import Course
from autograder.lock import graded_with
from autograder.notebook import source_rules
from autograder.notebook.source_cells import SourceNotebook
from autograder.notebook.source_reader import read_source


def load_assignment(course: Course, assignment_id: str) -> SourceNotebook:
    """Read and check the solution notebook of an assignment, against its hidden suite.

    Raises:
        AuthoringError: the notebook or the suite has a mistake, or is missing.
        CourseError: no such assignment.
    """
    paths = course.assignment_paths(assignment_id)
    notebook, header_points = read_source(paths.source, assignment_id)
    source_rules.check(notebook, header_points, paths.suite)
    library = course.root / "course_lib"  # the same that submissions are graded with
    return replace(notebook, library=library if library.is_dir() else None, graded_with=graded_with(course))
