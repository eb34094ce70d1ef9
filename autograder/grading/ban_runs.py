"""Bans as facts: tests of a question that forbids something are run where it is not there. What passes there is clean.

Reading source finds `jax.grad` under its own name; Python has a hundred others for it. So a question's tests first run while
the machinery is away (sandbox/without.py). Those that pass are done with, at no cost. Those that fail run again with everything
there, and one that passes only then goes before the staff. Tests that need the machinery themselves, say to differentiate what
the student wrote, are known by the solution failing them, and are left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from autograder.grading.cases import Attempt, Running, TestCase, seeds_for
from autograder.grading.engine import Engine, passes_without
from autograder.grading.suite import run_suite
from autograder.grading.target import Target
from autograder.model import Outcome, TestResult
from autograder.sandbox.call_records import Recorder
from autograder.sandbox.remote import Student
from autograder.sandbox.workspace import Cell, Workspace


@dataclass
class Examination:
    """What became of tests where forbidden machinery was not there.

    Attributes:
        passed: results that count as they are, by test id.
        failed: by test id, how it ended and what was not there.
    """

    passed: dict[str, TestResult] = field(default_factory=dict)
    failed: dict[str, tuple[TestResult, str]] = field(default_factory=dict)

    def together(self, results: Sequence[TestResult], order: Sequence[str]) -> list[TestResult]:
        """What was examined and passed, and `results` of the other tests with everything there, in the suite's order."""
        place = {test: n for n, test in enumerate(order)}
        every = [*self.passed.values(), *(self.judged(result) for result in results)]
        return sorted(every, key=lambda result: place.get(result.id, len(place)))

    def judged(self, result: TestResult) -> TestResult:
        """The result of the same test with everything there; a pass that needed forbidden machinery is for a person."""
        if result.outcome is not Outcome.PASSED or result.id not in self.failed:
            return result
        there, bans = self.failed[result.id]
        return replace(
            result,
            review=f"passes, but not where {bans} is not available, which the question forbids; there: "
            f"{there.message or there.outcome.value}",
        )


def examine(target: Target, running: Running, questions: Collection[str], attempt: Attempt) -> Examination:
    """Runs the tests of `questions` while what they forbid is away.

    Args:
        target: what is graded against.
        running: the notebook, in a jail where the machinery of `all_bans` can be taken away; nothing of it has run yet.
        questions: ids of those that are to be examined.
        attempt: runs tests of the suite.

    Returns:
        What became of the tests that the solution passes so.
    """
    known = passes_without(target)
    workspace, done = running.workspace, Examination()
    workspace.cells_without = all_bans(target, questions)
    # The most forbidding first: what a test with more at hand compiles would be there for the others.
    for bans, ids in sorted(_ban_sets(target, questions).items(), key=lambda pair: -len(pair[0])):
        tests = known.get(_key(bans), frozenset())
        for result in _run(attempt, running, bans, lambda c, ids=ids, tests=tests: c.question in ids and c.id in tests):
            if result.outcome is Outcome.PASSED:
                done.passed[result.id] = result
            else:
                done.failed[result.id] = (result, " or ".join(bans))
    workspace.cells_without = ()
    if any(remark.kind == "forbidden" and remark.cell is not None for remark in workspace.remarks):
        workspace.restart()  # a cell asked for it, to check an answer by, perhaps: it gets it now
    return done


def all_bans(target: Target, questions: Collection[str]) -> tuple[str, ...]:
    """Everything that some of `questions` forbid; nothing where the cache was never filled, and so no test is known to tell."""
    known = passes_without(target)
    sets = [bans for bans in _ban_sets(target, questions) if known.get(_key(bans))]
    return tuple(sorted(set().union(*sets)))


def solution_without(engine: Engine, target: Target, cells: Sequence[Cell]) -> Mapping[str, list[str]]:
    """For each set of bans, the tests that the solution passes without the machinery: those that can tell something.

    Args:
        cells: the solution's.

    Returns:
        Ids of tests by the bans, joined by commas.
    """
    found: dict[str, list[str]] = {}
    for bans, ids in _ban_sets(target, [q.id for q in target.assignment.questions]).items():
        workspace = Workspace(lambda: engine.fork(target), list(cells), target.limits)
        workspace.cells_without = workspace.without = bans
        recorder = Recorder()
        student = Student(workspace, recorder, target.signatures)
        seeds = seeds_for(target.secret, target.id, target.epoch)
        running = Running(student, recorder, seeds, workspace, target.assignment.x64)
        try:
            results = run_suite(target.suite, running, lambda case, ids=ids: case.question in ids)
        finally:
            workspace.close()
        found[_key(bans)] = [r.id for r in results if r.outcome is Outcome.PASSED]
    return found


def _run(attempt: Attempt, running: Running, bans: tuple[str, ...], only: Callable[[TestCase], bool]) -> list[TestResult]:
    running.workspace.without = bans
    try:
        return attempt(only, replace(running, results=[], order=[], lost={}, ended=lambda question: None))
    finally:
        running.workspace.without = ()


def _ban_sets(target: Target, questions: Collection[str]) -> dict[tuple[str, ...], frozenset[str]]:
    """Questions by what they forbid; those that forbid nothing are left out."""
    found: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for question in target.assignment.questions:
        if question.bans and not question.written and question.id in questions:
            found[tuple(sorted(question.bans))].add(question.id)
    return {bans: frozenset(ids) for bans, ids in found.items()}


def _key(bans: tuple[str, ...]) -> str:
    return ",".join(bans)
