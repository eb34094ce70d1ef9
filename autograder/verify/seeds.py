"""Right answers under many secret seeds: how often does one lose a mark by bad luck?"""

from __future__ import annotations

import time
from collections.abc import Sequence

import scipy.stats

from autograder.grading.cases import TestCase
from autograder.grading.engine import Engine
from autograder.model import Outcome
from autograder.notebook.answers import Answer
from autograder.verify.records import FalseFail, SeedRun
from autograder.verify.session import OpenSuite, with_suite
from autograder.verify.workshop import Workshop

SOLUTION = "the solution"
CONFIDENCE = 0.95
_MOST_REPORTED = 40


def run_seeds(engine: Engine, workshop: Workshop, name: str, epochs: Sequence[str], only: tuple[str, ...] = ()) -> SeedRun:
    """One right answer in one live jail, under many epochs.

    Args:
        name: of the answers file, or `SOLUTION`.
        epochs: one run of all its questions' tests for each.
        only: ids of the questions to ask; empty for all that the answer touches.
    """
    answer = next((a for a in workshop.answers if a.name == name), None)
    return with_suite(workshop.target.suite, lambda suite: _run(engine, workshop, suite, answer, epochs, only))


def _run(engine: Engine, workshop: Workshop, suite: OpenSuite, answer: Answer | None, epochs: Sequence[str],
         only: tuple[str, ...]) -> SeedRun:  # fmt: skip
    began, cpu = time.monotonic(), time.process_time()
    questions = [q.id for q in workshop.source.assignment.questions if not q.written]
    if answer is not None:
        questions = _concerned(workshop, answer)
    questions = [q for q in questions if not only or q in only]
    bench = workshop.bench(engine, suite)
    fails: list[FalseFail] = []
    name = answer.name if answer else SOLUTION
    try:
        trouble = bench.notebook.define(workshop.answered(answer) if answer else {})
        if trouble:
            fails.append(FalseFail(name, epochs[0] if epochs else "", "the cell", trouble))
        checks = [q for q in questions if bench.notebook.execute(workshop.public_check(q))]
        for epoch in epochs:
            for case in [c for q in questions for c in suite.of(q)]:
                fails += _lost(bench, name, case, epoch)
            if len(fails) > _MOST_REPORTED:
                break
    finally:
        bench.close()
    cpu = time.process_time() - cpu + bench.notebook.cpu_seconds
    return SeedRun(name, len(epochs), tuple(fails), tuple(checks), round(time.monotonic() - began, 1), round(cpu, 1))


def _concerned(workshop: Workshop, answer: Answer) -> list[str]:
    """The questions that it answers, and those that can notice."""
    touched = workshop.touched_by(answer)
    noticed = {other for q in touched for other in workshop.exposed_to(q)}
    return [q.id for q in workshop.source.assignment.questions if not q.written and (q.id in touched or q.id in noticed)]


def _lost(bench, name: str, case: TestCase, epoch: str) -> list[FalseFail]:
    result = bench.run(case, epoch)
    if result.outcome is Outcome.PASSED:
        return []
    bad = [c.detail for c in result.comparisons if not c.passed]
    detail = result.message or (bad[-1] if bad else "") or (result.staff_detail.strip().splitlines() or [""])[-1]
    return [FalseFail(name, epoch, case.id, detail[:300])]


def upper_bound(fails: int, seeds: int) -> float:
    """Upper end of the exact one-sided 95 % interval for the chance that a seed costs a right answer something.

    Source: Clopper and Pearson (1934). With no failure it is about 3 / seeds. The seeds are what is independent: all answers
    get the same inputs.
    """
    if fails >= seeds:
        return 1.0
    return float(scipy.stats.beta.ppf(CONFIDENCE, fails + 1, seeds - fails))
