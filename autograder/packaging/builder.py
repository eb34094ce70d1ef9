"""`autograder package`: the zip that Gradescope builds a container from, with one assignment and nothing of any other.

    setup.sh run_autograder     what Gradescope runs (autograder/packaging/in_container)
    run.py engine/ course_lib/  the grader and the students' library
    requirements.txt            the versions that the class is graded with, hashes included
    target.json suite/suite.py  questions, points, limits; the hidden suite
    trusted/                    solution and right answers as notebooks, for setup, which removes them
    secret                      of this package alone
    not_graded.json             the results until there are any

PRIVATE: whoever has the zip has the hidden suite. The same course gives the same bytes.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Course
from autograder.errors import CourseError
from autograder.gradebook.gradescope import results, ungraded
from autograder.grading.preparing import target_of
from autograder.grading.target import PACKAGE_EPOCHS
from autograder.model import Report, Status, Submission, to_json
from autograder.notebook.answers import read_answers
from autograder.notebook.source import load_assignment
from autograder.notebook.student import solved_notebook, submission_notebook, to_text
from autograder.packaging.prepared import LIBRARY, SECRET, SUITE, TARGET, TRUSTED, Prepared
from autograder.packaging.requirements import runtime_requirements

# Gradescope's defaults (its "Autograder Settings"): 10 minutes, 768 MB.
MINUTES, MEMORY_MB = 10, 768
_ENGINE = Path(__file__).resolve().parents[1]
_OURS = _ENGINE / "packaging" / "in_container"
# Seconds between the shell's and Gradescope's end of a run.
_MARGIN = 15
_LONG_AGO = (2020, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Package:
    """A package that was written.

    Attributes:
        path: the zip.
        points: what its questions give together, i.e. what to set as "Autograder points".
        by_hand: points of the questions that a person marks.
    """

    path: Path
    points: float
    by_hand: float


def build_package(course: Course, assignment_id: str, path: Path, minutes: int = MINUTES, memory_mb: int = MEMORY_MB) -> Package:
    """Writes the package of an assignment.

    Args:
        path: the zip to write.
        minutes, memory_mb: what the Gradescope assignment's settings give its container.

    Raises:
        CourseError: there is no such assignment or no lock, or the zip cannot be written.
        AuthoringError: the assignment's notebook, suite or answers have a mistake.
    """
    files = dict(_files(course, assignment_id, minutes, memory_mb))
    draft = path.with_name(f".{path.name}.draft")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in sorted(files):
                mode, data = files[name]
                info = zipfile.ZipInfo(name, _LONG_AGO)
                info.external_attr = (0o100000 | mode) << 16
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, data)
        draft.chmod(0o600)
        draft.replace(path)
    except OSError as e:
        draft.unlink(missing_ok=True)
        raise CourseError(f"{path} cannot be written ({e.strerror}). Name another file by --to.") from None
    questions = json.loads(files[TARGET][1])["assignment"]["questions"]
    return Package(path, *(sum(q["points"] for q in questions if q["written"] is hand) for hand in (False, True)))


def _files(course: Course, assignment_id: str, minutes: int, memory_mb: int) -> Iterator[tuple[str, tuple[int, bytes]]]:
    """(name in the zip, (mode, contents))."""
    source = load_assignment(course, assignment_id)
    target = target_of(course, source, f"{PACKAGE_EPOCHS}setup")
    prepared = Prepared.of(target, minutes, memory_mb)
    assignment = target.assignment
    bare = Report(assignment.id, assignment.title, Submission("", ""), Status.INCOMPLETE, suite_sha256=target.suite.sha256)
    yield "setup.sh", (0o755, _script("setup.sh", PYTHON=course.python))
    yield "run_autograder", (0o755, _script("run_autograder", SECONDS=str(60 * minutes - _MARGIN)))
    yield "run.py", (0o644, (_OURS / "run.py").read_bytes())
    yield "requirements.txt", (0o644, runtime_requirements(course.root).encode())
    yield "not_graded.json", (0o644, json.dumps(results(ungraded(assignment, bare), assignment, ended=False), indent=1).encode())
    yield TARGET, (0o600, to_json(prepared).encode())
    yield SUITE, (0o600, target.suite.text)
    yield SECRET, (0o600, target.secret.hex().encode())
    yield f"{TRUSTED}/solution.ipynb", (0o600, to_text(solved_notebook(source)).encode())
    for answer in read_answers(course.assignment_paths(assignment_id).answers):
        if answer.accepted:
            notebook = submission_notebook(source, {answer.path.name: answer.code})
            yield f"{TRUSTED}/{answer.name}.ipynb", (0o600, to_text(notebook).encode())
    yield from _tree(course.root / "course_lib", LIBRARY)
    yield from _tree(_ENGINE, "engine/autograder")


def _script(name: str, **values: str) -> bytes:
    text = (_OURS / name).read_text(encoding="utf-8")
    for key, value in values.items():
        text = text.replace(f"@{key}@", value)
    return text.encode()


def _tree(folder: Path, name: str) -> Iterator[tuple[str, tuple[int, bytes]]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith("."):
            yield f"{name}/{path.relative_to(folder).as_posix()}", (0o644, path.read_bytes())
