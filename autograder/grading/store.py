"""Results on disk: one folder per assignment, each file replaced whole or not at all.

    grades/week03/lab/
      reports/<student>.json     everything, staff only
      feedback/<student>.html    what the student gets
      class.html  grades.csv     for the staff
      aside/                     reports and pages of people who do not belong to the class any more
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import shutil
import tempfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from autograder.errors import CourseError
from autograder.locks import Held, locked
from autograder.model import Assignment, OtherSchema, Report, from_json, to_json
from autograder.report.class_report import feedback_link, render_class
from autograder.report.class_table import class_csv
from autograder.report.feedback import render_feedback
from autograder.report.printable import safe_name

_DRAFT = ".draft-"
_REPORT, _WORDS = Path(__file__).parents[1] / "report", (".py", ".html", ".css", ".js", ".j2")


class Store:
    """The results of one assignment below `folder` (made when first written to)."""

    def __init__(self, folder: Path):
        self.folder = folder

    def report_path(self, student: str) -> Path:
        return self.folder / "reports" / f"{safe_name(student)}.json"

    def feedback_path(self, report: Report) -> Path:
        return self.folder / feedback_link(report)

    def save(self, report: Report) -> None:
        """Writes a student's report and feedback page.

        Raises:
            CourseError: the disk refuses.
        """
        write_whole(self.feedback_path(report), render_feedback(report) + _wording())
        # Last, because it is what says that this student is done.
        write_whole(self.report_path(report.submission.student), to_json(report))

    def renew(self, report: Report, lying: Report | None = None) -> None:
        """Writes what is missing or differs of a report that was not graded again: a file renamed, a page deleted or worded anew.

        Args:
            lying: what lies here now, if it is known.
        """
        lying = lying or self.load_one(report.submission.student)
        if lying != report or not _as_worded_now(self.feedback_path(report)):
            self.save(report)

    def save_class(self, reports: Sequence[Report], assignment: Assignment) -> None:
        """Writes the pages over the whole class."""
        write_whole(self.folder / "class.html", render_class(reports, assignment))
        write_whole(self.folder / "grades.csv", class_csv(reports))

    def load(self) -> Iterator[Report]:
        """Every report there is, one after the other; files that are damaged are left out.

        Raises:
            CourseError: another version of the grader wrote one.
        """
        for path in sorted((self.folder / "reports").glob("*.json")):
            report = self._read(path)
            if report is not None:
                yield report

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Held by the one process that writes here; drafts that a killed one left behind are removed.

        Raises:
            CourseError: another process writes here.
        """
        with contextlib.ExitStack() as stack:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                stack.enter_context(locked(self.folder / ".lock", wait=False))
            except Held as e:
                removed = f" ({e.by}; if that process is gone, remove the file)" if e.by else ""
                raise CourseError(
                    f"Another run is writing to {self.folder}{removed}. Wait until it has ended, or name another folder by --to."
                ) from None
            except OSError as e:
                raise CourseError(f"{self.folder} cannot be written to ({e.strerror}). Name another folder by --to.") from None
            for draft in self.folder.rglob(f"{_DRAFT}*"):
                draft.unlink(missing_ok=True)
            yield

    def load_one(self, student: str) -> Report | None:
        """A student's report; None if there is none, or if it is damaged.

        Raises:
            CourseError: another version of the grader wrote it.
        """
        return self._read(self.report_path(student))

    @staticmethod
    def _read(path: Path) -> Report | None:
        try:
            return from_json(Report, path.read_text())
        except OtherSchema as e:
            remedy = f"Read it with that version; or move {path.parents[1]} away and grade again."
            raise CourseError(f"{path} was written by another version of the grader ({e}). {remedy}") from None
        except (OSError, ValueError, TypeError):
            return None

    def remove(self) -> None:
        """Removes everything below the folder, and the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def aside(self) -> Store:
        """Where the results of people lie who do not belong to the class any more."""
        return Store(self.folder / "aside")

    def set_aside(self, students: Collection[str]) -> tuple[str, ...]:
        """Moves what belongs to nobody of the class away from its results, page by page: nothing is lost, nothing stale is left.

        Args:
            students: the class.

        Returns:
            Whose reports were moved.

        Raises:
            CourseError: a file cannot be moved.
        """
        ours, moved = {safe_name(s) for s in students}, []
        for kind, suffix in (("feedback", "html"), ("reports", "json")):  # a report last: it is what says that a page is there
            for path in sorted((self.folder / kind).glob(f"*.{suffix}")):
                if path.stem in ours:
                    continue
                report = self._read(path) if kind == "reports" else None
                moved += [report.submission.student] if report else []
                self._move(path, self.aside().folder / kind / path.name)
        return tuple(moved)

    @staticmethod
    def _move(path: Path, target: Path) -> None:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(path, target)
        except OSError as e:
            raise CourseError(f"{path} cannot be moved to {target} ({e.strerror}). Make its folder writable.") from None

    def discard(self, student: str) -> None:
        """Removes one student's report and page."""
        for path in (self.folder / "feedback" / f"{safe_name(student)}.html", self.report_path(student)):
            path.unlink(missing_ok=True)


@functools.cache
def _wording() -> str:
    """The last line of a page: the state of the code that words it."""
    digest = hashlib.sha256()
    for path in (*sorted(p for p in _REPORT.rglob("*") if p.suffix in _WORDS), _REPORT.parent / "wording.py"):
        digest.update(path.read_bytes())
    return f"\n<!-- wording {digest.hexdigest()[:16]} -->\n"


def _as_worded_now(page: Path) -> bool:
    try:
        with open(page, "rb") as f:
            f.seek(-min(len(_wording()), page.stat().st_size), os.SEEK_END)
            return f.read() == _wording().encode()
    except OSError:
        return False


def brief(report: Report) -> Report:
    """The report without what only a student's own page shows: what pages over a whole class are made from."""
    return replace(
        report,
        questions=tuple(
            replace(q, tests=tuple(replace(t, calls=(), traceback="", comparisons=(), staff_detail="") for t in q.tests))
            for q in report.questions
        ),
    )


def write_whole(path: Path, text: str) -> None:
    """Replaces a file in one step: a reader, or a power cut, finds the old text or the new.

    Raises:
        CourseError: it cannot be written.
    """
    write_whole_bytes(path, text.encode("utf-8", "backslashreplace"))


def write_whole_bytes(path: Path, data: bytes) -> None:
    """`write_whole` of bytes.

    Raises:
        CourseError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fd, draft = tempfile.mkstemp(dir=path.parent, prefix=_DRAFT)
        try:
            with os.fdopen(fd, "wb") as f:
                f.write(data)
                f.flush()
                os.fsync(f.fileno())
            os.chmod(draft, 0o640)
            os.replace(draft, path)
            _sync(path.parent)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(draft)
            raise
    except OSError as e:
        raise CourseError(f"{path} cannot be written ({e.strerror}). Free some space or name another folder by --to.") from None


def _sync(folder: Path) -> None:
    """Until a folder itself is on the disk, a power cut may undo the renaming in it."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some network file systems know of no such thing
            os.fsync(fd)
    finally:
        os.close(fd)
