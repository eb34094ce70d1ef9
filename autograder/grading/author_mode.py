"""`pytest solutions/week03_... --submission some.ipynb`: a hidden suite as ordinary pytest, for the author who debugs it.

Loaded by solutions/conftest.py. Without --submission the solution itself is tested; `--answer right_x.py` takes an answers file.
Same jail, same proxy, same inputs as grading; verdicts, tracebacks and options are pytest's own.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course import find_root, load_course
from autograder.grading.cases import Running, seeds_for
from autograder.grading.engine import Engine
from autograder.grading.one import graded_cells
from autograder.grading.preparing import target_of
from autograder.grading.suite import Fixtures, case_of
from autograder.grading.target import CLASS_EPOCH, SUBMISSION_MB
from autograder.notebook.answers import answered_notebook, read_answers
from autograder.notebook.source import load_assignment
from autograder.notebook.student import solved_notebook, to_text
from autograder.notebook.submission import SubmittedNotebook, parse_submission, read_submission
from autograder.sandbox.call_records import Recorder
from autograder.sandbox.remote import Student
from autograder.sandbox.workspace import Workspace


def add_options(parser) -> None:
    """The command-line options of this mode."""
    group = parser.getgroup("autograder")
    group.addoption("--submission", help="the notebook to test (default: the solution)")
    group.addoption("--answer", help="an answers file to test, e.g. wrong_overwrites.py")
    group.addoption("--epoch", default=CLASS_EPOCH, help="draw other inputs, e.g. --epoch 2")


class AuthorMode(Fixtures):
    """A pytest plugin: one jail per suite file, kept for all of its tests."""

    def __init__(self, config):
        self._config = config
        self._course = load_course(find_root(Path(config.rootpath)))
        self._engine: Engine | None = None
        self._open: dict[Path, Running] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item) -> None:
        path = Path(item.path)
        if path not in self._open:
            self._open[path] = self._start(path)
        self.running = self._open[path]
        self.running.recorder.begin()
        if case_of(item).mark.fresh_state:
            self.running.workspace.restart()

    def _start(self, suite: Path) -> Running:
        kind = suite.stem.removeprefix("test_")
        ids = [a for a in self._course.assignments() if self._course.assignment_paths(a).suite.resolve() == suite.resolve()]
        if not ids:
            raise pytest.UsageError(f"{suite} is the suite of no assignment: it should be hidden/test_{kind}.py of a week")
        source = load_assignment(self._course, ids[0])
        target = target_of(self._course, source, self._config.getoption("--epoch"))
        self._engine = self._engine or Engine()
        engine = self._engine
        workspace = Workspace(lambda: engine.fork(target), graded_cells(self._notebook(source, ids[0]), target), target.limits)
        recorder = Recorder()
        student = Student(workspace, recorder, target.signatures)
        return Running(student, recorder, seeds_for(target.secret, target.id, target.epoch), workspace)

    def _notebook(self, source, assignment_id: str) -> SubmittedNotebook:
        named, answer = self._config.getoption("--submission"), self._config.getoption("--answer")
        if named:
            return read_submission(named, SUBMISSION_MB, assignment=assignment_id)
        if answer:
            known = read_answers(self._course.assignment_paths(assignment_id).answers)
            chosen = [a for a in known if a.path.name == Path(answer).name or a.name == answer]
            if not chosen:
                raise pytest.UsageError(f"no answers file {answer} beside the suite of {assignment_id}")
            return answered_notebook(source, chosen[0])
        return parse_submission(to_text(solved_notebook(source)).encode(), "solution")

    def pytest_unconfigure(self) -> None:
        for running in self._open.values():
            running.workspace.close()
        if self._engine is not None:
            self._engine.close()
