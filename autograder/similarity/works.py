"""The code that students wrote, as text with line and cell numbers: read by the reader of submissions, never run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from autograder.errors import SubmissionError
from autograder.model import Submission
from autograder.notebook.submission import SubmittedNotebook, parse_submission, read_submission
from autograder.similarity.detection import Work

Read = tuple[list[Work], list[tuple[str, str]]]
# What is compared of one student: more is no answer, and would hold up the others.
MOST_CHARS = 200_000


def read_works(files: Iterable[tuple[Submission, Path]], assignment_id: str, max_mb: float, within: Path | None = None) -> Read:
    """The works that can be read, and (student, why) for those that cannot.

    Args:
        files: submissions and where each lies.
        within: nothing outside is read; by default the folder of each file.
    """
    works: list[Work] = []
    problems: list[tuple[str, str]] = []
    for submission, path in files:
        try:
            notebook = read_submission(path, max_mb, assignment=assignment_id, within=within)
        except SubmissionError as problem:
            problems.append((submission.student, str(problem)))
            continue
        work = work_of(submission.student, notebook)
        if len(work.code) > MOST_CHARS:
            problems.append((submission.student, f"more than {MOST_CHARS} characters of code: look at it by eye"))
        else:
            works.append(work)
    return works, problems


def work_of(student: str, notebook: SubmittedNotebook) -> Work:
    """A notebook's code."""
    lines: list[str] = []
    cells: list[int] = []
    for number, source in notebook.sources.items():
        here = [*source.rstrip("\n").split("\n"), ""]
        lines += here
        cells += [number] * len(here)
    return Work(student, "\n".join(lines), tuple(cells))


def starter_code(student_notebook: str, name: str) -> str:
    """The code that everybody was given."""
    return work_of("", parse_submission(student_notebook.encode(), name)).code


def by_file(submissions: Sequence[Submission]) -> list[tuple[Submission, Path]]:
    """Submissions of earlier reports, at the places that these name."""
    return [(s, Path(s.path)) for s in submissions]
