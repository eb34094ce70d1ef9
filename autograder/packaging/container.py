"""What runs in a Gradescope container: `setup` while its image is built, `grade` for each submission, both as root.

    /autograder/source/         the package (autograder/packaging/builder.py), closed to others
    /autograder/environment/    Python's environment, and what jails read: stage, compiled programs
    /autograder/submission/     what was handed in; results/results.json: what comes of it

Namespaces are refused there, so tier B of the jail is used: student code runs as a user of its own behind Landlock and seccomp.
"""

from __future__ import annotations

import contextlib
import shutil
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.errors import AutograderError, GraderFault, SubmissionError
from autograder.gradebook.gradescope import Metadata, read_metadata, results, ungraded, write_results
from autograder.model import Outcome, Report, Status, Submission
from autograder.packaging.prepared import TRUSTED, Prepared
from autograder.report.pages import number
from autograder.report.printable import one_line, printable

if TYPE_CHECKING:  # imported where they are used: the first results are written before JAX is
    from autograder.grading.engine import Engine
    from autograder.grading.target import Target
    from autograder.notebook.submission import SubmittedNotebook

# Of a container's memory, what is not the student's process (measured: docs/gradescope.md): 105 MB of the grader, 160 of the warm
# process and 120 of mapped files that are in use, less the 200 that the student's process is counted with and shares.
GRADER_MB = 190
LEAST_STUDENT_MB = 350
# Of a container's minutes: for imports before grading, and for ending in good order.
SPARE_SECONDS = 120
LISTED = 8  # files named in a message


def main(arguments: list[str], source: Path) -> int:
    """`run.py setup` or `run.py grade`.

    Args:
        source: the extracted package; /autograder is the folder that it lies in.
    """
    began = time.monotonic()
    if arguments == ["setup"]:
        return setup(source)
    if arguments == ["grade"]:
        return grade(source, began)
    print("use: run.py setup | grade", file=sys.stderr)
    return 2


def build_folder(source: Path) -> Path:
    """Where stages and compiled programs lie: beside the package, because others may not enter that."""
    return source.parent / "environment" / "build"


# ------------------------------------------------------------------------------------------------------- setup


def setup(source: Path) -> int:
    """Compiles what most submissions will, and grades the solution: an image in which that fails is none. Returns 0 or 1."""
    try:
        _close(source.parent)
        prepared = Prepared.read(source)
        notebooks = list(_trusted(source))
        if not notebooks:
            print("setup: done before; nothing to do")
            return 0
        _warm(prepared, source, notebooks)
        _try_out(prepared, source, source / TRUSTED / "solution.ipynb")
        shutil.rmtree(source / TRUSTED)  # what is not there cannot be stolen
        return 0
    except AutograderError as e:
        print(f"setup: {e}")
        return 1


def _trusted(source: Path) -> Iterator[SubmittedNotebook]:
    from autograder.notebook.submission import parse_submission

    for path in sorted((source / TRUSTED).glob("*.ipynb"), key=lambda p: (p.stem != "solution", p.name)):
        yield parse_submission(path.read_bytes(), path.name)


def _warm(prepared: Prepared, source: Path, notebooks: list[SubmittedNotebook]) -> None:
    from autograder.grading.warming import warm_cache

    def done(report: Report) -> None:
        print(f"setup: compiled {report.submission.student}: {_marks(report)}", flush=True)

    warm_cache(prepared.target(source, build_folder(source), "setup"), notebooks, done=done)


def _try_out(prepared: Prepared, source: Path, solution: Path) -> None:
    """Grades the solution as a submission will be.

    Raises:
        GraderFault: it does not get every point.
    """
    from autograder.grading.engine import Engine
    from autograder.grading.one import grade_one

    target = _fitted(prepared).target(source, build_folder(source), "setup")
    with Engine() as engine:
        report = grade_one(engine, target, Submission("solution", solution.name), solution)
    print(f"setup: the solution, graded like a submission: {_marks(report)}, isolation {report.isolation}")
    if report.status is not Status.GRADED or report.score < report.auto_points:
        bad = [f"{q.id} ({q.outcome}: {_first_message(q)})" for q in report.questions if not _settled_right(q)]
        why = report.reason or "; ".join(bad)
        raise GraderFault(
            f"the solution does not get full marks here ({why}), so no submission could. If it does on your own machine "
            f"(autograder verify {prepared.assignment.id}), give the container more memory or time, here and when packaging."
        )


def _settled_right(question) -> bool:
    return question.outcome in (Outcome.PASSED, Outcome.MANUAL)


def _first_message(question) -> str:
    return next((one_line(t.message or t.title, 200) for t in question.tests if t.outcome is not Outcome.PASSED), "no test")


def _marks(report: Report) -> str:
    return f"{number(report.score)} of {number(report.auto_points)} points in {report.seconds:.0f} s"


# ------------------------------------------------------------------------------------------------------- grade


@dataclass
class _Run:
    """One submission being graded."""

    source: Path
    prepared: Prepared
    metadata: Metadata
    began: float
    notices: tuple[str, ...] = ()

    @property
    def top(self) -> Path:
        return self.source.parent

    def save(self, report: Report, ended: bool = False) -> None:
        """Writes results.json as it would have to stand if this were the last word."""
        content = results(
            report, self.prepared.assignment, self.notices, self.metadata.earlier, ended=ended,
            seconds=time.monotonic() - self.began,
        )  # fmt: skip
        write_results(self.top / "results" / "results.json", content)

    def blank(self, status: Status = Status.INCOMPLETE, reason: str = "") -> Report:
        """A report without any result."""
        assignment = self.prepared.assignment
        submission = Submission(f"submission {self.metadata.id}".strip(), "", submitted_at=self.metadata.created_at)
        bare = Report(assignment.id, assignment.title, submission, status, reason=reason)
        return ungraded(assignment, bare) if status is Status.INCOMPLETE else bare

    def seconds_left(self) -> float:
        return 60 * self.prepared.minutes - SPARE_SECONDS - (time.monotonic() - self.began)


def grade(source: Path, began: float) -> int:
    """Grades what lies in submission/ and writes results/results.json, again and again while it goes on. Returns 0, or 1 when the
    grader failed on something: the results say so, and so does what is printed, which the staff see.
    """
    try:
        _close(source.parent)
        run = _Run(source, Prepared.read(source), read_metadata(source.parent / "submission_metadata.json"), began)
        run.save(run.blank())
    except Exception:  # the results that the shell put there say that it is our fault
        traceback.print_exc(file=sys.stdout)
        return 1
    try:
        report = _graded(run)
    except Exception as e:
        # Whatever it is, it is no fault of the student's; what has been saved so far says that it is not final.
        print("For the staff: the grader failed, and this submission has no final result. Run it again when this is mended.")
        print(one_line(e, 1000) if isinstance(e, AutograderError) else printable(traceback.format_exc()))
        return 1
    run.save(report, ended=True)
    _tell_staff(report)
    return 0 if report.status is not Status.INCOMPLETE else 1


def _graded(run: _Run) -> Report:
    from autograder.grading.engine import Engine
    from autograder.grading.target import PACKAGE_EPOCHS

    with Engine() as engine:
        # Its imports and ours (JAX on both sides) take as long as grading a right answer: they are made at the same time.
        engine.start(_fitted(run.prepared).target(run.source, build_folder(run.source), "starting"))
        try:
            file, submission, run.notices = _handed_in(run)
        except SubmissionError as e:
            return run.blank(Status.UNREADABLE, str(e))
        # Where students may hand in again and again, knowing the inputs of one submission must not help with the next.
        epoch = PACKAGE_EPOCHS + (run.metadata.id or submission.sha256[:16] or "unreadable")
        target = _fitted(run.prepared, run.seconds_left()).target(run.source, build_folder(run.source), epoch)
        return _in_two_tries(run, engine, target, submission, file)


def _in_two_tries(run: _Run, engine: Engine, target: Target, submission: Submission, file: Path) -> Report:
    """What the grader failed on is run once more, if there is time."""
    from autograder.grading.one import grade_one

    within = run.top / "submission"
    report = grade_one(engine, target, submission, file, within, progress=run.save)
    left = run.seconds_left()
    if report.status is not Status.INCOMPLETE or left < 60:
        return report
    print(f"For the staff: tried a second time, because {one_line(report.reason, 1000)}")
    kept = tuple(q for q in report.questions if q.outcome not in (Outcome.GRADER_FAULT, Outcome.MANUAL))
    again = replace(target, limits=replace(target.limits, submission_seconds=min(target.limits.submission_seconds, left)))
    return grade_one(engine, again, submission, file, within, kept, progress=run.save)


def _handed_in(run: _Run) -> tuple[Path, Submission, tuple[str, ...]]:
    """The notebook to grade, and paragraphs about what else was handed in.

    Raises:
        SubmissionError: there is no notebook; one paragraph.
    """
    from autograder.grading.target import SUBMISSION_MB
    from autograder.notebook.intake import collect

    folder, assignment = run.top / "submission", run.prepared.assignment.id
    folder.mkdir(exist_ok=True)
    # Whatever it is called and wherever it lies: everything here is of one student (or one group).
    everyone = (lambda parts, assignment_id: "student",)
    intake = collect(folder, assignment, max_mb=SUBMISSION_MB, schemes=everyone, bulk=False)
    near: Callable[[str], str] = lambda shown: one_line(shown.removeprefix(f"{folder}/"), 120)
    if not intake.submissions:
        raise SubmissionError(_nothing(assignment, [(near(p), line) for p, line in intake.problems + intake.elsewhere]))
    chosen, file = intake.submissions[0], intake.files[0]
    others = [near(p) for p in (*chosen.superseded, *(p for p, _ in intake.elsewhere))]
    notices: tuple[str, ...] = ()
    if others:
        notices = (
            f"You handed in {len(others) + 1} notebooks. Graded was {near(chosen.path)}; not looked at: {_listed(others)}. If "
            f"that is the wrong one, hand in only the notebook of {assignment} that counts.",
        )
    submission = replace(run.blank().submission, path=near(chosen.path), sha256=chosen.sha256, companions=chosen.companions)
    return file, submission, notices


def _nothing(assignment: str, found: list[tuple[str, str]]) -> str:
    wanted = f"Hand in the notebook of {assignment}, a file whose name ends in .ipynb."
    if not found:
        return f"There is no file in what you handed in. {wanted}"
    return f"There is no notebook in what you handed in: {_listed([f'{path} ({line})' for path, line in found])}. {wanted}"


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more


def _tell_staff(report: Report) -> None:
    """Printed: Gradescope shows it to instructors only. No expected value and no line of the suite is in it."""
    if report.status is Status.UNREADABLE:
        print(f"{report.assignment}: {report.status}. {one_line(report.reason, 1000)}")
        return
    print(f"{report.assignment}: {report.status}, {_marks(report)}, isolation {report.isolation}, epoch {report.epoch}")
    for q in report.questions:
        score = "-" if q.score is None else number(q.score)
        review = f"  REVIEW: {'; '.join(one_line(r, 200) for r in q.needs_review)}" if q.needs_review else ""
        print(f"  {q.id:24} {score:>6} / {number(q.points):6} {q.outcome}{review}")
    for reason in report.needs_review:
        print(f"REVIEW: {one_line(reason, 300)}")
    if report.reason:
        print(f"For the staff: {one_line(report.reason, 1000)}")


# ------------------------------------------------------------------------------------------------ the container


def _fitted(prepared: Prepared, seconds_left: float | None = None) -> Prepared:
    """With limits that this container's memory and time can hold."""
    memory = min(prepared.memory_mb, _container_mb() or prepared.memory_mb)
    resident = max(LEAST_STUDENT_MB, memory - GRADER_MB)
    seconds = 60 * prepared.minutes - SPARE_SECONDS if seconds_left is None else seconds_left
    return prepared.within(submission_seconds=seconds, resident_mb=resident)


def _container_mb() -> int:
    """The memory limit of this process's control group, in MB of 2^20 bytes; 0 where none is found."""
    found = []
    with contextlib.suppress(OSError):
        lines = Path("/proc/self/cgroup").read_text().splitlines()
        own = {kinds: path for _, kinds, path in (line.split(":", 2) for line in lines)}
        for base, name, path in (
            ("/sys/fs/cgroup", "memory.max", own.get("", "/")),
            ("/sys/fs/cgroup/memory", "memory.limit_in_bytes", own.get("memory", "/")),
        ):
            for place in (base, base + path):  # inside a container its own group is the root of what it sees
                with contextlib.suppress(OSError, ValueError):
                    found.append(int(Path(place, name).read_text()) >> 20)
    return min((n for n in found if n > 0), default=0)


def _close(top: Path) -> None:
    """Nobody but root enters package, submission and results; others may pass through to the environment."""
    for name, mode in (("source", 0o700), ("submission", 0o700), ("results", 0o700), ("submission_metadata.json", 0o600)):
        with contextlib.suppress(OSError):
            (top / name).chmod(mode)
    with contextlib.suppress(OSError):
        top.chmod(top.stat().st_mode | 0o011)
