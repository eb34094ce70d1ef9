"""A notebook that lives on while its functions are replaced: the solution, then a mutant, then the next one, in one jail.

Defining a function anew takes milliseconds, a new jail a second, and compiled programs stay warm. After a crash or a hang
the next request finds a new jail with the version that is current. Only code of ours runs here, so one version need not be
walled off from the next; that none of them left a trace is checked at the end by running the solution again.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from autograder.grading.cases import Running, TestCase, seeds_for
from autograder.grading.engine import Engine
from autograder.grading.scoring import earned_share
from autograder.grading.target import Target
from autograder.model import Outcome, TestResult
from autograder.sandbox import wire
from autograder.sandbox.call_records import Recorder
from autograder.sandbox.errors import JailError
from autograder.sandbox.limits import Limits
from autograder.sandbox.remote import Student
from autograder.sandbox.workspace import Cell, Workspace
from autograder.verify.session import OpenSuite
from autograder.verify.tape import Request, map_references

EPOCH = "verify-0"  # of the seeds, where one set of inputs is enough

_UNLIMITED = 10**6
_CPU_SECONDS = 3600
_NO_MEMORY = ("MemoryError", "RESOURCE_EXHAUSTED", "bad_alloc", "Out of memory")


class LiveNotebook(Workspace):
    """A workspace whose cells may change while it lives, and which writes down requests while `tape` is a list."""

    def __init__(self, fork, cells: Sequence[Cell], limits: Limits):
        super().__init__(fork, list(cells), limits)
        self._solution = list(cells)
        self.tape: list[Request] | None = None
        # The solution may have to compile what no cache holds yet; that is no hang.
        self.call_seconds = self.patience = 3 * limits.call_seconds

    def request(self, op: str, arguments: dict[str, Any], keep: bool = False, seconds: float | None = None) -> dict:
        """As `Workspace.request`, within `call_seconds`."""
        began = time.monotonic()
        reply = super().request(op, arguments, keep, seconds or self.call_seconds)
        if self.tape is not None:
            self.tape.append(Request(op, arguments, keep, reply, time.monotonic() - began))
        return reply

    def define(self, changes: Mapping[int, str]) -> str:
        """Makes the notebook the solution with some cells changed.

        Args:
            changes: position of a code cell -> its source; all others are the solution's.

        Returns:
            Why a cell did not run, "" if all did.
        """
        wanted = [Cell(c.index, changes.get(i, c.source)) for i, c in enumerate(self._solution)]
        changed = [new for new, old in zip(wanted, self._cells, strict=True) if new.source != old.source]
        self._cells = wanted
        self._left_out.clear()
        self._fatal.clear()
        self._errors.clear()
        if self._jail is None:
            self.ready()
            return self.troubles[0].message if self.troubles else ""
        for cell in changed:
            trouble = self._run_cell(self._jail, cell)
            if not self._jail.alive:
                self._jail = None
                return self._fatal[cell.index].message
            if trouble is not None:
                return trouble.message
        return ""

    def execute(self, source: str) -> str:
        """Runs a piece of code beside the notebook's; the error that it raised, or how it ended the process; "" if neither."""
        try:
            reply = self.request("exec", {"cell": 9999, "source": source}, seconds=self.patience)
        except JailError as e:
            return str(e)
        answer = reply.get("ok")
        error = answer.get("error") if isinstance(answer, dict) else reply.get("error")
        return f"{error.get('type')}: {error.get('message')}" if isinstance(error, dict) else ""


class Bench:
    """One live notebook with the suite beside it. Close it when done.

    Args:
        engine, target: as for grading.
        suite: the open suite.
        cells: the solution's code cells.
    """

    def __init__(self, engine: Engine, target: Target, suite: OpenSuite, cells: Sequence[Cell]):
        limits = replace(target.limits, submission_seconds=_UNLIMITED, rebuilds=_UNLIMITED, cpu_seconds=_CPU_SECONDS)
        self.notebook = LiveNotebook(lambda: engine.fork(replace(target, limits=limits)), cells, limits)
        self._suite, self._target = suite, target
        self._recorder = Recorder()
        self._student = Student(self.notebook, self._recorder, target.signatures)

    def close(self) -> None:
        """Ends the jail."""
        self.notebook.close()

    @property
    def recorder(self) -> Recorder:
        """The calls of the test that ran last."""
        return self._recorder

    def be_patient(self) -> None:
        """Calls may take as long as the solution's first ones."""
        self.notebook.call_seconds = self.notebook.patience

    def be_quick(self, seconds: float) -> None:
        """Calls that take longer than this are hangs."""
        self.notebook.call_seconds = seconds

    def run(self, case: TestCase, epoch: str) -> TestResult:
        """One test on the current version, with the inputs of an epoch.

        A process that ran out of memory may have done so by what ran in it before: then the test gets a new one. So it does
        where the process had little left, whatever was raised: some libraries do not say that memory was the reason.
        """
        strains = self.notebook.strains
        running = Running(self._student, self._recorder, seeds_for(self._target.secret, self._target.id, epoch), self.notebook)
        result = self._suite.run(case, running)
        if result.outcome is Outcome.PASSED or not (self._exhausted(result) or self.notebook.strains > strains):
            return result
        self.notebook.restart()
        if self.notebook.tape is not None:
            self.notebook.tape.clear()
        return self._suite.run(case, running)

    def _exhausted(self, result: TestResult) -> bool:
        broken = self._recorder.broken
        if broken is not None:
            return broken.kind in ("memory", "crash")
        return any(word in result.message for word in _NO_MEMORY)

    def run_all(self, cases: Sequence[TestCase], epoch: str) -> list[TestResult]:
        """Several tests, in order; each by itself."""
        return [self.run(case, epoch) for case in cases]

    def taped(self, case: TestCase, epoch: str) -> tuple[TestResult, list[Request]]:
        """One test, with everything that it sent and got."""
        self.notebook.tape = tape = []
        try:
            return self.run(case, epoch), tape
        finally:
            self.notebook.tape = None

    def replay(self, tape: Sequence[Request]) -> list[dict]:
        """The replies of the current version to recorded requests.

        Raises:
            JailError: it hung or crashed.
        """
        known: dict[int, wire.Reference] = {0: wire.Reference(0)}
        replies = []
        for request in tape:
            arguments = map_references(request.arguments, lambda r: known.get(r.key, r))
            reply = self.notebook.request(request.op, arguments, request.keep)
            _match_references(request.reply.get("ok"), reply.get("ok"), known)
            replies.append(reply)
        return replies

    def ask(self, op: str, arguments: dict[str, Any]) -> dict:
        """One request; a hang or crash is an answer too."""
        try:
            return self.notebook.request(op, arguments)
        except JailError as e:
            return {"error": {"type": e.kind, "message": str(e)}}


def _match_references(old: Any, new: Any, known: dict[int, wire.Reference]) -> None:
    """Notes which handle of this replay stands for which recorded one."""
    if isinstance(old, wire.Reference) and isinstance(new, wire.Reference):
        known[old.key] = new
    elif isinstance(old, list | tuple) and isinstance(new, list | tuple):
        for a, b in zip(old, new, strict=False):
            _match_references(a, b, known)
    elif isinstance(old, dict) and isinstance(new, dict):
        for key in old:
            _match_references(old[key], new.get(key), known)


def share(results: Sequence[TestResult]) -> float:
    """The part of the question's points that these results give."""
    return earned_share(results) if results else 0.0


def failed(results: Sequence[TestResult]) -> list[str]:
    """Ids of the tests that did not pass."""
    return [r.id for r in results if r.outcome is not Outcome.PASSED]
